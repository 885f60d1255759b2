"""The artist's preferences: one small JSON file, replaced whole at every change."""

import json
import logging
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import msgspec
from PySide6.QtCore import QStandardPaths

from studio.i18n.errors import MaquetteError
from studio.state import json_file
from studio.state.export_format import PATTERN

FORMAT = 1
MAX_RECENT = 200  # menus show the first few, the list of projects all
_APP = "Maquette"
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_log = logging.getLogger(__name__)


class SettingsError(MaquetteError): ...


def config_folder() -> Path:
    """Where the settings live on this system."""
    return _system(QStandardPaths.StandardLocation.GenericConfigLocation)


def data_folder() -> Path:
    """Where untitled projects and the log live on this system."""
    return _system(QStandardPaths.StandardLocation.GenericDataLocation)


def log_file() -> Path:
    """What the program writes of itself; see `app.error_hook`."""
    return data_folder() / "logs" / "maquette.log"


def usual_folder(purpose: str) -> Path:
    """The system's folder for pictures, music or documents, or else the artist's home."""
    places = QStandardPaths.StandardLocation
    kinds = {"image": places.PicturesLocation, "audio": places.MusicLocation}
    kind = kinds.get(purpose.rpartition(".")[2], places.DocumentsLocation)
    path = Path(QStandardPaths.writableLocation(kind))
    return path if path.is_dir() else Path.home()


def _system(location: QStandardPaths.StandardLocation) -> Path:
    return Path(QStandardPaths.writableLocation(location)) / _APP


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportChoice:
    """What was chosen in the export dialog; see `ExportOptions`. shape: see `ExportDialog`. folder:
    where to, of a preset; "" stays with the folder that was used last."""

    shape: str = "files"
    format: str = ""
    quality: int = 92
    percent: int = 100
    side_px: int = 0
    clear_paper: bool = False
    pattern: str = PATTERN
    sidecars: bool = True
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    language: str = "system"  # "system" | "en" | "zh"
    theme: str = "dark"  # "dark" | "light"
    reduced_motion: bool = False
    scale: int = 0  # percent of the interface; 0: as the system says
    threads: int = 0  # of the engine; 0: as many as it finds good
    device: str = ""  # of the engine: "cpu", "cuda", "mps"; "": the best
    projects: str = ""  # the folder of projects without a name of their own; "": the system's
    was_told_of_scale: bool = False  # that the interface can be made larger
    saw_tour: bool = False  # it is offered once; from then on it is in the menu
    vertical: bool = False  # Chinese texts on the wall
    engine_command: tuple[str, ...] = ()  # empty: the engine beside this studio
    recent: tuple[str, ...] = ()  # newest first
    geometry: str = ""  # base64 of QWidget.saveGeometry
    window_state: str = ""  # base64, for panels
    volume: int = 100  # of music, percent
    carry_sound: bool = False  # music is dragged and copied as sound, not as notes
    folders: dict[str, str] = field(default_factory=dict)  # by purpose: used last
    exports: dict[str, ExportChoice] = field(default_factory=dict)  # by medium: chosen last
    export_presets: dict[str, dict[str, ExportChoice]] = field(default_factory=dict)  # and by name


class SettingsStore:
    """`store.settings` is the snapshot; `store.update(theme="light")` saves at once.

    `notice` says that a damaged or newer file was found: the damaged one was set aside, the newer
    one is left alone and nothing is saved.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path`: by default settings.json in the system's configuration folder."""
        self.path = path or config_folder() / "settings.json"
        self._shared = path.parent if path else None
        self.notice: MaquetteError | None = None
        self._may_save = True
        self._settings = self._load()

    @property
    def settings(self) -> Settings:
        return self._settings

    def update(self, **changes: object) -> Settings:
        """Change fields by name. The change holds even when SettingsError says it is not saved."""
        self._settings = replace(self._settings, **changes)  # pyright: ignore[reportArgumentType]
        if self._may_save:
            self._save()
        return self._settings

    def add_recent(self, path: Path) -> None:
        """Put a project first among the recent ones."""
        text = str(path.resolve())
        others = tuple(one for one in self._settings.recent if one != text)
        self.update(recent=(text, *others)[:MAX_RECENT])

    def projects_folder(self) -> Path:
        """Where projects stand until they are saved elsewhere; the usual place where that of the
        artist's is gone."""
        own = Path(self._settings.projects)
        return own if self._settings.projects and own.is_dir() else data_folder()

    def shared_folder(self) -> Path:
        """Where stands what all projects share: styles, presets. Beside settings that were named,
        else in the system's folder for data."""
        return self._shared or data_folder()

    def engine_environment(self) -> dict[str, str]:
        """How the engine is told which device and how many threads to use."""
        chosen, found = self._settings, dict[str, str]()
        if chosen.device:
            found["MAQUETTE_DEVICE"] = chosen.device
        if chosen.threads:
            found |= dict.fromkeys(_THREADS, str(chosen.threads))
        return found

    def folder(self, purpose: str) -> Path:
        """Where the artist chose or put files of this purpose last; else where such files are.

        purpose: "image", "text", "audio", "project" or "style", perhaps with a dot and a word
        before it.
        """
        used = Path(self._settings.folders.get(purpose, ""))
        return used if used.is_dir() and used.is_absolute() else usual_folder(purpose)

    def remember_folder(self, purpose: str, folder: Path) -> None:
        self.update(folders=self._settings.folders | {purpose: str(folder)})

    def recent(self) -> tuple[Path, ...]:
        """Recent projects that are still there, newest first."""
        return tuple(path for path in map(Path, self._settings.recent) if _is_file(path))

    def _load(self) -> Settings:
        try:
            fields = json.loads(self.path.read_text(encoding="utf-8"))
            version = int(fields.pop("format"))
            if version > FORMAT:
                self._may_save = False
                self.notice = SettingsError("settings_too_new", format=version, known=FORMAT)
                return Settings()
            return msgspec.convert(fields, Settings)
        except FileNotFoundError:
            return Settings()
        except OSError as error:  # perhaps whole, only not readable now: never save over it
            self._may_save = False
            self.notice = SettingsError(
                "settings_unwritable", detail=error.strerror or error, folder=self.path.parent
            )
        except json_file.NOT_UNDERSTOOD as error:
            _log.warning("settings not understood: %s", error)
            self._set_aside()
        return Settings()

    def _set_aside(self) -> None:
        kept = json_file.set_aside(self.path)
        self._may_save = kept is not None
        self.notice = SettingsError("settings_damaged", kept=(kept or self.path).name)

    def _save(self) -> None:
        try:
            json_file.save(self.path, {"format": FORMAT, **asdict(self._settings)})
        except OSError as error:
            raise SettingsError(
                "settings_unwritable", detail=error.strerror or error, folder=self.path.parent
            ) from error


def _is_file(path: Path) -> bool:
    """Of any text at all, such as a name that no disk takes."""
    try:
        return path.is_file()
    except OSError:
        return False
