"""The artist's taste as it is carried between projects: a small file beside the settings.

A profile holds what was learned, not what it was learned from: for each kind of works the told
tastes with their strengths, which another project can pin.
"""

import json
import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.i18n.errors import MaquetteError
from studio.project.atomic_write import replacing
from studio.state.feedback import Held, held_of, kept

FORMAT = 1
_log = logging.getLogger(__name__)


class ProfileError(MaquetteError): ...


class Profiles(QObject):
    """Tastes by kind of works: image, zh, en, audio. `keep` and `forget` raise ProfileError."""

    changed = Signal()

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._may_save = True
        self._by_kind = self._load()

    def of(self, kind: str) -> tuple[Held, ...]:
        """Empty where none was kept."""
        return self._by_kind.get(kind, ())

    def keep(self, kind: str, tastes: tuple[Held, ...]) -> None:
        """In place of what was kept before."""
        self._by_kind[kind] = tastes
        self._save()

    def forget(self, kind: str) -> None:
        self._by_kind.pop(kind, None)
        self._save()

    def _load(self) -> dict[str, tuple[Held, ...]]:
        """A file that is damaged is no taste; a newer one is left alone."""
        try:
            stored = json.loads(self._path.read_text("utf-8"))
            if int(stored["format"]) > FORMAT:
                self._may_save = False
                return {}
            return {
                kind: tuple(held_of(f"{kind} {code}", about) for code, about in tastes.items())
                for kind, tastes in stored["tastes"].items()
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
            kind: {held.code: kept(held) for held in tastes}
            for kind, tastes in self._by_kind.items()
        }
        text = json.dumps({"format": FORMAT, "tastes": tastes}, ensure_ascii=False, indent=2)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path) as part:
                part.write_text(text, "utf-8")
        except OSError as error:
            detail = error.strerror or error
            raise ProfileError(
                "profile_unwritable", detail=detail, folder=self._path.parent
            ) from error
