"""The application: settings, engine, project and window are wired here and nowhere else."""

import logging
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from studio import __version__, i18n
from studio.app.error_hook import ErrorHook
from studio.client.engine_client import EngineClient
from studio.client.job_queue import JobQueue
from studio.i18n.errors import MaquetteError
from studio.media.registry import MEDIA
from studio.project import opening
from studio.project.database import ProjectInUseError
from studio.project.project import Project
from studio.state import problems
from studio.state.session import Session, notice_of
from studio.state.settings import SettingsStore, config_folder, data_folder
from studio.state.timings import Timings
from studio.views.main_window import MainWindow
from studio.widgets import icons, theme

_log = logging.getLogger(__name__)


class _Messenger(QObject):
    """Carries an error from whichever thread failed into the thread of the window."""

    failed = Signal(object)  # MaquetteError


class App:
    """Everything that lives as long as the window does."""

    def __init__(self, qt: QApplication, project_path: Path | None = None) -> None:
        self._qt = qt
        self.settings = SettingsStore()
        self._dress()
        self._messenger = _Messenger()
        self._hook = ErrorHook(data_folder() / "logs", self._messenger.failed.emit)
        self._hook.install()
        self.client = EngineClient(self.settings.settings.engine_command)
        self.jobs = JobQueue(self.client)
        project, problem = first_project(project_path, self.settings.recent())
        timings = Timings(config_folder() / "timings.json")
        self.session = Session(self.settings, self.client, self.jobs, timings, project, MEDIA)
        self.window = MainWindow(self.session, MEDIA, self.apply)
        self._messenger.failed.connect(self._on_error)
        found = (problem, self.settings.notice, self.session.profiles.notice)
        told = [problems.of_error(error) for error in found if error is not None]
        self.window.tell(*told, *filter(None, [notice_of(project), self.session.opening.problem]))

    def start(self) -> None:
        """Show the window first; the engine starts once it is painted."""
        self.window.show()
        self.client.start()

    def close(self) -> None:
        self._hook.uninstall()

    def apply(self) -> None:
        """Language, theme, motion and engine as the settings say now."""
        settings = self.settings.settings
        self._dress()
        self.window.set_motion(theme.motion_ms(settings.reduced_motion))
        self.window.update()

    def _dress(self) -> None:
        settings = self.settings.settings
        if i18n.resolve(settings.language) != i18n.language():
            i18n.set_language(settings.language)
        if self._qt.property("dressed") != settings.theme:
            theme.apply(self._qt, settings.theme)
            self._qt.setProperty("dressed", settings.theme)

    def _on_error(self, error: MaquetteError) -> None:
        self.window.tell(problems.of_error(error))


def first_project(
    path: Path | None, recent: Sequence[Path] = ()
) -> tuple[Project, MaquetteError | None]:
    """The project that was asked for, else the one that was open last; when it cannot be opened,
    an untitled one and why. The last one is left to another window that has it open."""
    problem: MaquetteError | None = None
    if path is not None:
        try:
            return opening.open_project(path, data_folder()), None
        except MaquetteError as error:
            problem = error
    elif recent:
        try:
            return Project.open(recent[0]), None
        except ProjectInUseError:
            return opening.fresh(data_folder()), None
        except MaquetteError:
            with suppress(MaquetteError):
                return opening.open_project(recent[0], data_folder()), None
    folders = [data_folder()]
    with suppress(OSError):  # not a folder of this process: what is there must outlive it
        folders.append(Path(tempfile.gettempdir()) / "Maquette untitled")
    return opening.untitled(folders), problem


def make_qt(arguments: list[str]) -> QApplication:
    """The one QApplication, with the bundled faces."""
    qt = QApplication(arguments)
    qt.setApplicationName("Maquette")
    qt.setApplicationVersion(__version__)
    qt.setDesktopFileName("maquette")
    theme.load_fonts(qt)
    qt.setWindowIcon(icons.application_icon())
    return qt


def run(project_path: Path | None = None) -> int:
    """Open the studio and stay until it is closed."""
    qt = make_qt(sys.argv[:1])
    app = App(qt, project_path)
    app.start()
    code = qt.exec()
    app.close()
    return code
