"""Dialogs that choose files: each opens where files of its purpose were chosen last."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from studio.state.settings import SettingsStore


def choose_files(
    parent: QWidget, settings: SettingsStore, purpose: str, title: str, names: str
) -> list[Path]:
    """`purpose`: see `SettingsStore.folder`. `names`: Qt's filter. Empty when it was cancelled."""
    folder = str(settings.folder(purpose))
    found, _ = QFileDialog.getOpenFileNames(parent, title, folder, names)
    return _remembered(settings, purpose, found)


def choose_file(
    parent: QWidget, settings: SettingsStore, purpose: str, title: str, names: str
) -> Path | None:
    folder = str(settings.folder(purpose))
    found, _ = QFileDialog.getOpenFileName(parent, title, folder, names)
    return next(iter(_remembered(settings, purpose, [found] if found else [])), None)


def _remembered(settings: SettingsStore, purpose: str, names: list[str]) -> list[Path]:
    paths = [Path(name) for name in names]
    if paths:
        settings.remember_folder(purpose, paths[0].parent)
    return paths
