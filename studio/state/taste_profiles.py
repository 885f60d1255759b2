"""The artist's taste as it is carried between projects: a small file beside the settings.

A profile holds what was learned, not what it was learned from: for each feature space the learned
tastes with their strengths, which another project can pin.
"""

import json
import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.i18n.errors import MaquetteError
from studio.state import json_file
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
        self.notice: MaquetteError | None = None
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
        except OSError as error:  # perhaps whole, only not readable now: never save over it
            _log.warning("the kept taste cannot be read: %s", error)
            self._may_save = False
            return {}
        except json_file.NOT_UNDERSTOOD as error:
            _log.warning("the kept taste is not understood: %s", error)
            kept = json_file.set_aside(self._path)
            self._may_save = kept is not None
            self.notice = ProfileError("profile_damaged", kept=(kept or self._path).name)
            return {}

    def _save(self) -> None:
        self.changed.emit()
        if not self._may_save:
            raise ProfileError("profile_too_new")
        tastes = {
            space: {taste.code: pack(taste) for taste in tastes}
            for space, tastes in self._by_space.items()
        }
        try:
            json_file.save(self._path, {"format": FORMAT, "tastes": tastes})
        except OSError as error:
            detail = error.strerror or error
            raise ProfileError(
                "profile_unwritable", detail=detail, folder=self._path.parent
            ) from error
