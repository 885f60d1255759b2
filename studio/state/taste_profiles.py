"""The artist's taste as it is carried between projects: a small file beside the settings.

A profile holds what was learned, not what it was learned from: for each feature space the learned
tastes with their strengths, which another project can pin.
"""

import json
import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.i18n.errors import MaquetteError
from studio.project.atomic_write import atomic_write
from studio.state.feedback import TasteOverride, pack, unpack

FORMAT = 1
_log = logging.getLogger(__name__)


class ProfileError(MaquetteError): ...


class TasteProfiles(QObject):
    """Tastes by feature space: image, zh, en, audio. `keep` and `forget` raise ProfileError."""

    changed = Signal()

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._may_save = True
        self._by_space = self._load()

    def of(self, feature_space: str) -> tuple[TasteOverride, ...]:
        """Empty where none was kept."""
        return self._by_space.get(feature_space, ())

    def keep(self, feature_space: str, tastes: tuple[TasteOverride, ...]) -> None:
        """In place of what was kept before."""
        self._by_space[feature_space] = tastes
        self._save()

    def forget(self, feature_space: str) -> None:
        self._by_space.pop(feature_space, None)
        self._save()

    def _load(self) -> dict[str, tuple[TasteOverride, ...]]:
        """A file that is damaged is no taste; a newer one is left alone."""
        try:
            stored = json.loads(self._path.read_text("utf-8"))
            if int(stored["format"]) > FORMAT:
                self._may_save = False
                return {}
            return {
                space: tuple(unpack(f"{space} {code}", about) for code, about in tastes.items())
                for space, tastes in stored["tastes"].items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("the kept taste is not understood: %s", error)
            return {}

    def _save(self) -> None:
        self.changed.emit()
        if not self._may_save:
            raise ProfileError("profile_too_new")
        tastes = {
            space: {taste.code: pack(taste) for taste in tastes}
            for space, tastes in self._by_space.items()
        }
        text = json.dumps({"format": FORMAT, "tastes": tastes}, ensure_ascii=False, indent=2)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(self._path) as part:
                part.write_text(text, "utf-8")
        except OSError as error:
            detail = error.strerror or error
            raise ProfileError(
                "profile_unwritable", detail=detail, folder=self._path.parent
            ) from error
