"""What the menu does with projects, files and the small windows."""

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.state import intake
from studio.state.export_format import ExportFormat
from studio.state.session import Session
from studio.views.about_dialog import AboutDialog
from studio.views.actions import Actions
from studio.views.export_dialog import ExportDialog
from studio.views.gallery_panel import GalleryPanel
from studio.views.settings_dialog import SettingsDialog
from studio.views.shortcuts_sheet import ShortcutsSheet


class FileCommands(QObject):
    def __init__(
        self, session: Session, actions: Actions, gallery: GalleryPanel, apply, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._workspace = session, session.workspace
        self._gallery, self._window = gallery, window
        self._actions, self._apply = actions, apply
        self._exported_to: Path | None = None
        for name in ("new", "open", "save_as", "add", "paste", "export", "settings", "about"):
            actions[name].triggered.connect(getattr(self, f"_on_{name}"))
        actions["shortcuts"].triggered.connect(self._on_shortcuts)
        actions["quit"].triggered.connect(window.close)
        session.exporter.exported.connect(self._on_exported)
        session.exporter.failed.connect(lambda problem: gallery.notice.show_text(problem.text))
        session.exporter.progressed.connect(self._on_progressed)
        session.exporter.cancelled.connect(self._on_cancelled)
        gallery.open_folder_asked.connect(self._on_way_out)
        gallery.export.clicked.connect(self._on_export)

    def drop(self, mime) -> None:
        """Works that were dropped or pasted anywhere in the window."""
        found, problems = intake.sources(mime)
        self._session.add_sources(found, problems)

    def fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in self._session.settings.recent():
            action = menu.addAction(path.stem)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _on=False, path=path: self._session.open(path))
        menu.setEnabled(not menu.isEmpty())

    def load_samples(self, medium: Medium) -> None:
        """The shipped samples of one artist: one manner, not a medley."""
        self._session.add_sources(self._workspace.media[medium].samples())

    def _on_new(self) -> None:
        self._session.new()

    def _on_open(self) -> None:
        folder = str(self._workspace.project.path.parent)
        name, _ = QFileDialog.getOpenFileName(
            self._window, t("action.open"), folder, t("project.files")
        )
        if name:
            self._session.open(Path(name))

    def _on_save_as(self) -> None:
        project = self._workspace.project
        start = Path.home() if project.is_untitled else project.path.parent
        name, _ = QFileDialog.getSaveFileName(
            self._window, t("action.save_as"), str(start), t("project.files")
        )
        if name:
            self._session.save_as(Path(name).with_suffix(".maquette"))

    def _on_add(self) -> None:
        known = [each for rules in self._workspace.media.values() for each in rules.suffixes]
        patterns = " ".join(f"*{suffix}" for suffix in known)
        names, _ = QFileDialog.getOpenFileNames(
            self._window, t("action.add"), "", f"{t('tray.files')} ({patterns})"
        )
        if names:
            self._session.add_sources([Path(name) for name in names])

    def _on_paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None and intake.accepts(mime):
            self.drop(mime)

    def _on_export(self) -> None:
        selected = self._gallery.selected()
        current = self._workspace.current
        choices = {
            "selected": selected if len(selected) > 1 else [],
            "this": [current] if current is not None else [],
            "kept": self._gallery.model.kept(),
        }
        if not any(choices.values()):
            self._gallery.notice.show_text(t("error.export_nothing"))
            return
        dialog = ExportDialog(choices, self._formats(choices), self._window)
        dialog.exec()
        if dialog.choice is not None:
            ids, target, wanted, quality = dialog.choice
            self._exported_to = target if target.suffix != ".zip" else target.parent
            self._session.exporter.start(ids, target, wanted, quality)
        dialog.deleteLater()

    def _formats(self, choices: dict[str, list[int]]) -> list[ExportFormat]:
        """What the works can be written as."""
        ids = {work_id for chosen in choices.values() for work_id in chosen}
        works = [self._workspace.project.works.get(work_id) for work_id in ids]
        medium = self._workspace.medium
        controller = self._session.controllers[medium]
        formats = self._workspace.media[medium].export_formats
        return [each for each in formats if controller.can_export(each, works)]

    def _on_progressed(self, done: int, total: int) -> None:
        words = t("export.working", n=done + 1, total=total)
        self._gallery.notice.show_text(words, t("dialog.cancel"))

    def _on_cancelled(self, done: int) -> None:
        self._gallery.notice.show_text(t("export.cancelled", n=done))

    def _on_exported(self, paths) -> None:
        where = self._exported_to.name if self._exported_to else ""
        words = t("export.done", n=len(paths), where=where)
        self._gallery.notice.show_text(words, t("export.open_folder"))

    def _on_way_out(self) -> None:
        """Of the line in the gallery: stop what is exported, or show where it went."""
        if self._session.exporter.is_busy:
            self._session.exporter.cancel()
        elif self._exported_to is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._exported_to)))

    def _on_settings(self) -> None:
        self._run(SettingsDialog(self._session.settings, self._apply, self._window))

    def _on_shortcuts(self) -> None:
        self._run(ShortcutsSheet(self._actions, self._window))

    def _on_about(self) -> None:
        self._run(AboutDialog(self._session, self._window))

    @staticmethod
    def _run(dialog) -> None:
        dialog.exec()
        dialog.deleteLater()
