"""The artist's preferences in one small JSON file. (signatures; body follows)"""

from dataclasses import dataclass
from pathlib import Path

from studio.errors import MaquetteError


def config_folder() -> Path: ...
def data_folder() -> Path: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    language: str = "system"  # "system" | "en" | "zh"
    theme: str = "dark"  # "dark" | "light"
    reduced_motion: bool = False
    engine_command: tuple[str, ...] = ()  # empty: the engine beside this studio
    recent: tuple[str, ...] = ()  # newest first
    geometry: str = ""  # base64 of QWidget.saveGeometry
    window_state: str = ""  # base64, for panels


class SettingsStore:
    """`store.settings` is the snapshot; `store.update(theme="light")` saves at once."""

    notice: MaquetteError | None  # a corrupt or newer file was found

    def __init__(self, path: Path | None = None) -> None: ...
    @property
    def settings(self) -> Settings: ...
    def update(self, **changes: object) -> Settings: ...
    def add_recent(self, path: Path) -> None: ...
    def recent(self) -> tuple[Path, ...]: ...
