"""The application: settings, engine, project and window are wired here and nowhere else."""

import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal
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
from studio.project.shelf import glance, glance_at
from studio.state import problems
from studio.state.problems import Problem
from studio.state.session import Session, notice_of
from studio.state.settings import SettingsStore, config_folder, log_file
from studio.state.timings import Timings
from studio.views.main_window import MainWindow
from studio.widgets import icons, theme

SCALE = "QT_SCALE_FACTOR"
LARGE_PX = 1400  # the height of a screen on which signs of the usual size are small
_log = logging.getLogger(__name__)


class _Messenger(QObject):
    """Carries an error from whichever thread failed into the thread of the window."""

    failed = Signal(object)  # MaquetteError


class App:
    """Everything that lives as long as the window does."""

    def __init__(self, qt: QApplication, project_path: Path | None = None) -> None:
        self._qt = qt
        self.settings = SettingsStore()
        self._speak()
        theme.tint(qt, self.settings.settings.theme)  # the style sheet follows the widgets
        self._messenger = _Messenger()
        self._hook = ErrorHook(log_file().parent, self._messenger.failed.emit)
        self._hook.install()
        self.client = EngineClient(self.settings.settings.engine_command)
        self.jobs = JobQueue(self.client)
        folder, recent = self.settings.projects_folder(), self.settings.recent()
        project, problem = first_project(project_path, folder, recent)
        timings = Timings(config_folder() / "timings.json")
        self.session = Session(self.settings, self.client, self.jobs, timings, project, MEDIA)
        self.window = MainWindow(self.session, MEDIA, self.apply)
        theme.dress(qt, self.settings.settings.theme)
        qt.setProperty("dressed", self.settings.settings.theme)
        self._messenger.failed.connect(self._on_error)
        found = (problem, self.settings.notice, self.session.profiles.notice)
        told = [problems.of_error(error) for error in found if error is not None]
        more = [notice_of(project), self.session.opening.problem, self._hint()]
        self.window.tell(*told, *filter(None, more))

    def start(self) -> None:
        """Show the window; the engine starts beside it."""
        self.window.show()
        self.client.start()
        if self._is_first_run():
            self.window.tour.begin()

    def close(self) -> None:
        self._hook.uninstall()

    def apply(self) -> None:
        """Language, theme, motion and engine as the settings say now."""
        settings = self.settings.settings
        self._dress()
        self.window.set_motion(theme.motion_ms(settings.reduced_motion))
        self.window.update()

    @property
    def last_project(self) -> Path:
        return self.session.workspace.project.path

    def _is_first_run(self) -> bool:
        """Whether nobody worked here before. It is noted at once: the tour never comes unasked a
        second time, nor where that cannot be noted."""
        if self.settings.settings.saw_tour:
            return False
        with suppress(MaquetteError):
            self.settings.update(saw_tour=True)
            return glance_at(self.session.workspace.project).is_empty
        return False

    def _hint(self) -> Problem | None:
        """Once, on a large screen that asks for no larger signs: that they can be had."""
        settings, screen = self.settings.settings, self._qt.primaryScreen()
        small = screen.size().height() >= LARGE_PX and screen.devicePixelRatio() == 1
        if settings.scale or settings.was_told_of_scale or not small:
            return None
        with suppress(MaquetteError):
            self.settings.update(was_told_of_scale=True)
        return Problem("settings.small", way_out="settings", calm=True)

    def _speak(self) -> None:
        language = self.settings.settings.language
        if i18n.resolve(language) != i18n.language():
            i18n.set_language(language)

    def _dress(self) -> None:
        self._speak()
        settings = self.settings.settings
        if self._qt.property("dressed") != settings.theme:
            theme.apply(self._qt, settings.theme)
            self._qt.setProperty("dressed", settings.theme)

    def _on_error(self, error: MaquetteError) -> None:
        self.window.tell(problems.of_error(error))


def first_project(
    path: Path | None, folder: Path, recent: Sequence[Path] = ()
) -> tuple[Project, MaquetteError | None]:
    """The project that was asked for, else the one that was open last; when it cannot be opened,
    an untitled one in `folder` and why. The last one is left to another window that has it open."""
    problem: MaquetteError | None = None
    if path is not None:
        try:
            return opening.open_project(path, folder), None
        except MaquetteError as error:
            problem = error
    elif recent:
        last = next((one for one in recent if _has_something(one)), recent[0])
        try:
            return Project.open(last), None
        except ProjectInUseError:
            return opening.fresh(folder), None
        except MaquetteError:
            with suppress(MaquetteError):
                return opening.open_project(last, folder), None
    folders = [folder]
    with suppress(OSError):  # not a folder of this process: what is there must outlive it
        folders.append(Path(tempfile.gettempdir()) / "Maquette untitled")
    return opening.untitled(folders), problem


def scale_interface(percent: int) -> None:
    """How large Qt draws everything, before it begins; 0, or what the environment says, stays."""
    if percent:
        os.environ.setdefault(SCALE, f"{percent / 100:g}")


def start_anew(project: Path) -> None:
    """Another Maquette after this one, with its settings and its project."""
    frozen = getattr(sys, "frozen", False)
    arguments = [] if frozen else ["-m", "studio"]
    os.environ.pop(SCALE, None)  # it was this one's
    QProcess.startDetached(sys.executable, [*arguments, str(project)], str(Path.cwd()))


def _has_something(path: Path) -> bool:
    """Whether a project is worth opening: a new one that was left at once is not."""
    seen = glance(path)
    return seen is not None and not seen.is_empty


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
    scale_interface(SettingsStore().settings.scale)
    qt = make_qt(sys.argv[:1])
    app = App(qt, project_path)
    app.start()
    code = qt.exec()
    app.close()
    if app.window.property("restart"):
        start_anew(app.last_project)
    return code
