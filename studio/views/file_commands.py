"""What the menu does with projects, files and the small windows."""

from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.project.shelf import glance, projects
from studio.state import intake
from studio.state.project_names import project_name
from studio.state.session import Session
from studio.state.settings import data_folder
from studio.views.about_dialog import AboutDialog
from studio.views.actions import Actions
from studio.views.file_choice import choose_file, choose_files
from studio.views.projects_dialog import ProjectsDialog, cover_of
from studio.views.settings_dialog import SettingsDialog
from studio.views.shortcuts_sheet import ShortcutsSheet

_IN_MENU = 10  # of the projects that were used last


class FileCommands(QObject):
    def __init__(self, session: Session, actions: Actions, apply, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._workspace = session, session.workspace
        self._window = window
        self._actions, self._apply = actions, apply
        for name in ("new", "open", "save_as", "add", "paste", "settings", "about"):
            actions[name].triggered.connect(getattr(self, f"_on_{name}"))
        actions["shortcuts"].triggered.connect(self._on_shortcuts)
        actions["quit"].triggered.connect(window.close)

    def drop(self, mime) -> None:
        """Works that were dropped or pasted anywhere in the window."""
        found, problems = intake.sources(mime)
        self._session.add_sources(found, problems)

    def fill_recent(self, menu: QMenu) -> None:
        """The projects that were used last, and the way to all of them."""
        menu.clear()
        open_now = self._workspace.project.path.resolve()
        recent = (path for path in self._session.settings.recent() if path.resolve() != open_now)
        seen = (one for one in map(glance, recent) if one is not None and not one.is_empty)
        for one in islice(seen, _IN_MENU):
            action = menu.addAction(QIcon(cover_of(one)), project_name(one))
            action.setToolTip(str(one.path))
            action.triggered.connect(lambda _on=False, one=one: self._session.open(one.path))
        menu.addSeparator()
        menu.addAction(t("projects.all")).triggered.connect(self._on_projects)

    def _on_projects(self) -> None:
        open_now = self._workspace.project.path.resolve()
        found = projects(data_folder(), self._session.settings.recent())
        others = [one for one in found if one.path.resolve() != open_now]
        dialog = ProjectsDialog(others, self._window)
        self._run(dialog)
        if dialog.choice is not None:
            self._session.open(dialog.choice)

    def load_samples(self, medium: Medium) -> None:
        """The shipped samples of one artist: one manner, not a medley."""
        self._session.add_sources(self._workspace.media[medium].samples())

    def _on_new(self) -> None:
        self._session.new()

    def _on_open(self) -> None:
        project, settings = self._workspace.project, self._session.settings
        if not project.is_untitled:
            settings.remember_folder("project", project.path.parent)
        path = choose_file(self._window, settings, "project", t("action.open"), t("project.files"))
        if path is not None:
            self._session.open(path)

    def _on_save_as(self) -> None:
        project = self._workspace.project
        settings = self._session.settings
        start = settings.folder("project") if project.is_untitled else project.path.parent
        name, _ = QFileDialog.getSaveFileName(
            self._window, t("action.save_as"), str(start), t("project.files")
        )
        if name:
            settings.remember_folder("project", Path(name).parent)
            self._session.save_as(Path(name).with_suffix(".maquette"))

    def _on_add(self) -> None:
        known = [each for rules in self._workspace.media.values() for each in rules.suffixes]
        patterns = " ".join(f"*{suffix}" for suffix in known)
        settings, purpose = self._session.settings, f"references.{self._workspace.medium}"
        names = f"{t('tray.files')} ({patterns})"
        if paths := choose_files(self._window, settings, purpose, t("action.add"), names):
            self._session.add_sources(paths)

    def _on_paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None and intake.accepts(mime):
            self.drop(mime)

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
