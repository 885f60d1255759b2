"""Briefs with names, for every project: one small file beside the library of styles.

A preset has no files of a project in it: what a brief begins from is the artist's choice there.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.protocol import Brief, Medium, brief_from_json
from studio.i18n.errors import MaquetteError
from studio.state import json_file
from studio.state.digests import is_digest
from studio.state.medium import MediumRules

FORMAT = 1
MAX_NAME = 60  # characters
_log = logging.getLogger(__name__)


class PresetError(MaquetteError): ...


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    brief: Brief


class Presets(QObject):
    """In the order of their names. `keep` and `delete` raise PresetError, and have then changed
    nothing. `notice` says that a damaged file was found, and set aside."""

    changed = Signal()

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self.notice: MaquetteError | None = None
        self._may_save = True
        self._presets: tuple[Preset, ...] = ()
        self.look()

    def of(self, medium: Medium) -> tuple[Preset, ...]:
        return tuple(each for each in self._presets if each.brief.medium is medium)

    def look(self) -> None:
        """Another window may have written meanwhile."""
        self._presets = self._load()

    def keep(self, name: str, brief: Brief, rules: MediumRules) -> Preset:
        """In place of the medium's preset of that name, if there is one."""
        preset = Preset(" ".join(name.split())[:MAX_NAME], portable(brief, rules))
        self.look()
        self._save((*self._without(preset.name, brief.medium), preset))
        return preset

    def delete(self, preset: Preset) -> None:
        self.look()
        self._save(self._without(preset.name, preset.brief.medium))

    def _without(self, name: str, medium: Medium) -> tuple[Preset, ...]:
        gone = name, medium
        return tuple(one for one in self._presets if (one.name, one.brief.medium) != gone)

    def _load(self) -> tuple[Preset, ...]:
        """A file that is damaged holds no presets; a newer one is left alone."""
        try:
            stored = json.loads(self._path.read_text("utf-8"))
            if int(stored["format"]) > FORMAT:
                self._may_save = False
                return ()
            return tuple(
                Preset(str(each["name"]), brief_from_json(each["brief"]))
                for each in stored["presets"]
            )
        except FileNotFoundError:
            return ()
        except OSError as error:  # perhaps whole, only not readable now: never save over it
            _log.warning("the presets cannot be read: %s", error)
            self._may_save = False
            return ()
        except json_file.NOT_UNDERSTOOD as error:
            _log.warning("the presets are not understood: %s", error)
            kept = json_file.set_aside(self._path)
            self._may_save = kept is not None
            self.notice = PresetError("presets_damaged", kept=(kept or self._path).name)
            return ()

    def _save(self, presets: tuple[Preset, ...]) -> None:
        if not self._may_save:
            raise PresetError("presets_too_new")
        ordered = tuple(sorted(presets, key=lambda one: one.name.casefold()))
        content = [{"name": one.name, "brief": asdict(one.brief)} for one in ordered]
        try:
            json_file.save(self._path, {"format": FORMAT, "presets": content})
        except OSError as error:
            detail, folder = error.strerror or str(error), str(self._path.parent)
            raise PresetError("presets_unwritable", detail=detail, folder=folder) from error
        self._presets = ordered
        self.changed.emit()


def portable(brief: Brief, rules: MediumRules) -> Brief:
    """Without what belongs to one project alone: its files, its seed."""
    usual = rules.new_brief(0)
    return replace(brief, seed=0, **{name: getattr(usual, name) for name in files_of(brief, rules)})


def taken_up(brief: Brief, now: Brief, rules: MediumRules) -> Brief:
    """A portable brief in a project: with the files and the seed of the one that stands there."""
    files: Mapping[str, Any] = {name: getattr(now, name) for name in files_of(now, rules)}
    return rules.without_missing(replace(brief, seed=now.seed, **files))


def files_of(brief: Brief, rules: MediumRules) -> list[str]:
    """The fields that name bytes in a project."""
    return [name for name in rules.blob_fields if is_digest(getattr(brief, name, ""))]
