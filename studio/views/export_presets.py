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
from studio.views.dialogs import Question
from studio.views.preset_dialog import PresetDialog
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
        self.menu.clear()
        found = self._presets()
        for name in sorted(found, key=str.casefold):
            action = self.menu.addAction(name.replace("&", "&&"))
            action.triggered.connect(partial(self._apply, found[name]))
        if not found:
            self.menu.addAction(t("presets.none")).setEnabled(False)
        self.menu.addSeparator()
        self.menu.addAction(t("export.preset_save")).triggered.connect(self.save)
        if found:
            delete = self.menu.addMenu(t("presets.delete"))
            for name in sorted(found, key=str.casefold):
                action = delete.addAction(name.replace("&", "&&"))
                action.triggered.connect(partial(self._delete, name))

    def save(self) -> None:
        choice = self._chosen()
        dialog = PresetDialog(_suggested(choice), t("export.preset_words"), self._window)
        if dialog.exec():
            self._keep(self._presets() | {dialog.name[:MAX_NAME]: choice})
        dialog.deleteLater()

    def _presets(self) -> dict[str, ExportChoice]:
        return self._settings.settings.export_presets.get(self._medium, {})

    def _apply(self, choice: ExportChoice, _on: bool = False) -> None:
        self._recall(choice)

    def _delete(self, name: str, _on: bool = False) -> None:
        title = t("presets.question", name=name)
        question = Question(title, t("presets.warning"), t("presets.yes"), self._window)
        if question.exec():
            self._keep({key: kept for key, kept in self._presets().items() if key != name})
        question.deleteLater()

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
