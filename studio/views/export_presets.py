"""Choices of the export dialog under names, for every project: a button with a menu."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.state.presets import MAX_NAME
from studio.state.settings import ExportChoice, SettingsError, SettingsStore
from studio.state.workspace import Workspace
from studio.views.preset_dialog import PresetDialog
from studio.views.preset_menu import PresetEntry, fill_presets
from studio.widgets.buttons import FIELD_GAP, TextButton


class ExportPresets(QObject):
    """Those of one medium. recall: shows a preset's choices; chosen: those that are shown now."""

    def __init__(
        self,
        settings: SettingsStore,
        workspace: Workspace,
        recall: Callable[[ExportChoice], None],
        chosen: Callable[[], ExportChoice],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._settings, self._workspace, self._window = settings, workspace, parent
        self._medium: Medium = workspace.medium
        self._recall, self._chosen = recall, chosen
        self.button, self.menu = TextButton("field"), QMenu(parent)
        self.button.set_words(t("export.presets"), t("export.presets_hint"))
        self.button.setText(f"{FIELD_GAP}{self.button.text()}{FIELD_GAP}")
        self.button.setMenu(self.menu)
        self.menu.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        entries = [
            PresetEntry(name, partial(self._recall, choice), partial(self._delete, name))
            for name, choice in self._presets().items()
        ]
        fill_presets(self.menu, entries, t("export.preset_save"), self.save, self._window)

    def save(self) -> None:
        choice = self._chosen()
        dialog = PresetDialog(_suggested(choice), t("export.preset_words"), self._window)
        if dialog.exec():
            self._keep(self._presets() | {dialog.name[:MAX_NAME]: choice})
        dialog.deleteLater()

    def _presets(self) -> dict[str, ExportChoice]:
        return self._settings.settings.export_presets.get(self._medium, {})

    def _delete(self, name: str) -> None:
        self._keep({key: kept for key, kept in self._presets().items() if key != name})

    def _keep(self, presets: dict[str, ExportChoice]) -> None:
        every = self._settings.settings.export_presets | {str(self._medium): presets}
        try:
            self._settings.update(export_presets=every)
        except SettingsError as error:
            self._workspace.report(error)


def _suggested(choice: ExportChoice) -> str:
    """The format, and the size where one is asked for."""
    size = f" {choice.side_px} px" if choice.side_px else ""
    return t(f"export.format_{choice.format}").partition(",")[0].partition("，")[0] + size
