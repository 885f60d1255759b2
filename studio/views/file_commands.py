"""What the menu does with projects, files and the small windows.

The small windows are imported when they are first opened: the window is painted sooner.
"""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.project.document import SUFFIX
from studio.project.shelf import glance, projects
from studio.state import intake
from studio.state.project_names import project_name
from studio.state.session import Session
from studio.state.settings import data_folder
from studio.views.actions import Actions
from studio.views.file_choice import choose_file, choose_files
from studio.views.page_opener import PageOpener
from studio.views.whats_this import WhatsThis

if TYPE_CHECKING:
    from studio.views.models_dialog import ModelsDialog
    from studio.views.settings_dialog import SettingsDialog

_IN_MENU = 10  # of the projects that were used last


class FileCommands(QObject):
    def __init__(self, session: Session, actions: Actions, apply, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._workspace = session, session.workspace
        self._window = window
        self._actions, self._apply = actions, apply
        self.models: ModelsDialog | None = None  # while it is open
        self.settings: SettingsDialog | None = None  # the same
        self.library = PageOpener(actions["library"], self._make_library, window)
        self.suite = PageOpener(actions["suite"], self._make_suite, window)
        for name in ("new", "open", "save_as", "add", "paste", "settings", "about"):
            actions[name].triggered.connect(getattr(self, f"_on_{name}"))
        self._whats_this = WhatsThis(self)
        actions["whats_this"].triggered.connect(self._whats_this.enter)
        actions["error_report"].triggered.connect(self._on_error_report)
        actions["models"].triggered.connect(self.show_models)
        actions["shortcuts"].triggered.connect(self._on_shortcuts)
        actions["quit"].triggered.connect(window.close)

    def drop(self, mime) -> None:
        """Works that were dropped or pasted anywhere in the window."""
        found, problems = intake.sources(mime)
        self._session.add_sources(found, problems)

    def fill_recent(self, menu: QMenu) -> None:
        """The projects that were used last, and the way to all of them."""
        from studio.views.projects_dialog import cover_of

        menu.clear()
        open_now = self._workspace.project.path.resolve()
        recent = (path for path in self._session.settings.recent() if path.resolve() != open_now)
        seen = (one for one in map(glance, recent) if one is not None and not one.is_empty)
        for one in islice(seen, _IN_MENU):
            action = menu.addAction(QIcon(cover_of(one.cover)), project_name(one))
            action.setToolTip(str(one.path))
            action.triggered.connect(lambda _on=False, one=one: self._session.open(one.path))
        menu.addSeparator()
        menu.addAction(t("projects.all")).triggered.connect(self._on_projects)

    def _on_projects(self) -> None:
        from studio.views.projects_dialog import ProjectsDialog

        open_now = self._workspace.project.path.resolve()
        settings = self._session.settings
        usual = data_folder().glob(f"*{SUFFIX}")  # those from before another folder was chosen
        found = projects(settings.projects_folder(), (*settings.recent(), *usual))
        others = [one for one in found if one.path.resolve() != open_now]
        dialog = ProjectsDialog(others, self._window)
        self._run(dialog)
        if dialog.choice is not None:
            self._session.open(dialog.choice)

    def choose_of(self, medium: Medium) -> list[Path]:
        """Files of one medium for references; empty when it was cancelled."""
        return self._choose(medium, self._workspace.media[medium].suffixes)

    def _choose(self, medium: Medium, suffixes: Iterable[str]) -> list[Path]:
        patterns = " ".join(f"*{suffix}" for suffix in suffixes)
        settings, purpose = self._session.settings, f"references.{medium}"
        names = f"{t('tray.files')} ({patterns})"
        return choose_files(self._window, settings, purpose, t("action.add"), names)

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
        if paths := self._choose(self._workspace.medium, known):
            self._session.add_sources(paths)

    def _on_paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None and intake.accepts(mime):
            self.drop(mime)

    def _on_settings(self) -> None:
        """Beside the window: what is changed there is seen at once."""
        from studio.views.settings_dialog import SettingsDialog

        if self.settings is None:
            self.settings = SettingsDialog(self._session, self._apply, self._window)
            self.settings.models_asked.connect(self.show_models)
            self.settings.restart_asked.connect(self._on_restart)
            self.settings.finished.connect(self._on_settings_closed)
            self.settings.show()
        else:
            self.settings.raise_()
        self.settings.activateWindow()

    def _on_settings_closed(self) -> None:
        if self.settings is not None:
            self.settings.deleteLater()
        self.settings = None

    def _on_restart(self) -> None:
        """What the application does when its window is closed: see `app.application.run`."""
        self._window.setProperty("restart", True)
        self._window.close()

    def show_models(self, package: object = "") -> None:
        """The page of models, beside the window; with the terms of a package, if it is named."""
        from studio.views.models_dialog import ModelsDialog

        if self.models is None:
            self.models = ModelsDialog(self._session, self._window)
            self.models.finished.connect(self._on_models_closed)
            self.models.show()
        else:
            self.models.raise_()
        self.models.activateWindow()
        if isinstance(package, str) and package:
            self.models.ask_consent(package)

    def close_pages(self) -> None:
        """With the window its pages close: none may keep the application alive."""
        for page in (self.models, self.settings):
            if page is not None:
                page.close()
        self.library.close()
        self.suite.close()

    def _make_suite(self) -> QDialog:
        from studio.views.suite_dialog import SuiteDialog

        return SuiteDialog(self._session, self._window)

    def _make_library(self) -> QDialog:
        from studio.views.library_dialog import LibraryDialog

        return LibraryDialog(self._session, self._window)

    def _on_models_closed(self) -> None:
        if self.models is not None:
            self.models.deleteLater()
        self.models = None

    def _on_shortcuts(self) -> None:
        from studio.views.shortcuts_sheet import ShortcutsSheet

        self._run(ShortcutsSheet(self._actions, self._window))

    def _on_error_report(self) -> None:
        from studio.views.report_dialog import ReportDialog

        self._run(ReportDialog(self._session, self._window))

    def _on_about(self) -> None:
        from studio.views.about_dialog import AboutDialog

        self._run(AboutDialog(self._session, self._window))

    @staticmethod
    def _run(dialog) -> None:
        dialog.exec()
        dialog.deleteLater()
