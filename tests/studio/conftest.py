"""Qt without a screen, a scripted engine, and projects in temporary folders."""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.protocol import PictureBrief
from studio import i18n
from studio.client.engine_client import EngineClient
from studio.client.job_queue import JobQueue
from studio.media.registry import MEDIA
from studio.project.project import Project
from studio.state.adaptation import StyleState
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.timings import Timings
from studio.views.main_window import MainWindow
from studio.widgets import theme
from tests.studio.fake_sound import FakeOutput
from tests.studio.windows import drop, files, picture_wall

POEM = "息夫人\n莫以今時寵，難忘舊日恩。\n看花滿眼淚，不共楚王言。\n"
FAKE_ENGINE = Path(__file__).with_name("fake_engine.py")

EngineMaker = Callable[..., EngineClient]
SessionMaker = Callable[..., Session]
WindowMaker = Callable[..., MainWindow]


@pytest.fixture(autouse=True)
def outputs(monkeypatch: pytest.MonkeyPatch) -> list[FakeOutput]:
    """The sound devices that were opened, none of them real."""
    opened: list[FakeOutput] = []

    def open_output() -> FakeOutput:
        opened.append(FakeOutput())
        return opened[-1]

    monkeypatch.setattr("studio.media.audio.sound_output.DeviceOutput", open_output)
    monkeypatch.setattr("studio.media.audio.sound_output.load", lambda: None)
    return opened


@pytest.fixture(scope="session")
def png() -> Callable[[int, int, int], bytes]:
    """`png(width, height, seed)`: a plain picture's bytes."""
    spec = importlib.util.spec_from_file_location("fake_engine", FAKE_ENGINE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.png


@pytest.fixture
def make_client(qtbot: QtBot) -> Iterator[EngineMaker]:
    """`make_client("crash", ...)`: a client of the fake engine, shut down after the test."""
    clients: list[EngineClient] = []

    def make(behaviour: str, *arguments: str, **options: object) -> EngineClient:
        command = (sys.executable, str(FAKE_ENGINE), behaviour, *arguments)
        client = EngineClient(command, **{"backoff_ms": (10, 20)} | options)  # pyright: ignore
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.shutdown(300)
        client.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def make_queue(make_client: EngineMaker, tmp_path: Path) -> Iterator[Callable[..., JobQueue]]:
    """`make_queue("normal")`: a queue on a started client."""
    queues: list[JobQueue] = []

    def make(behaviour: str, *arguments: str) -> JobQueue:
        client = make_client(behaviour, *arguments)
        queue = JobQueue(client, tmp_path / "scratch", client)
        queues.append(queue)
        client.start()
        return queue

    yield make
    for queue in queues:
        queue.close()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    one = Project.create(tmp_path / "Study.maquette")
    yield one
    one.close()


@pytest.fixture
def make_session(
    qtbot: QtBot, tmp_path: Path, make_client: Callable, project: Project
) -> Iterator[SessionMaker]:
    """`make_session("normal")`: a session on a fake engine and the project Study.maquette."""
    sessions: list[Session] = []

    def make(behaviour: str = "normal", *arguments: str) -> Session:
        client = make_client(behaviour, *arguments)
        queue = JobQueue(client, tmp_path / "scratch", client)
        settings = SettingsStore(tmp_path / "settings.json")
        timings = Timings(tmp_path / "timings.json")
        session = Session(settings, client, queue, timings, project, MEDIA)
        sessions.append(session)
        client.start()
        return session

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def pictures(tmp_path: Path, png: Callable[[int, int, int], bytes]) -> list[Path]:
    """Three pictures of one folder, one of them with a name that needs care."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    names = ("wave.png", "Ejiri 🌊 two.png", "kazusa.png")
    for seed, name in enumerate(names, 1):
        (folder / name).write_bytes(png(60, 40, seed))
    return [folder / name for name in names]


@pytest.fixture
def texts(tmp_path: Path) -> list[Path]:
    """Three poems."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(3):
        (folder / f"wang-wei-{number}.txt").write_text(POEM + str(number), "utf-8")
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def fonts(qapp: QApplication) -> None:
    """The bundled faces, which an application loads once."""
    theme.load_fonts(qapp)


@pytest.fixture
def make_window(
    qtbot: QtBot,
    qapp: QApplication,
    fonts: None,
    tmp_path: Path,
    make_client: Callable,
    project: Project,
) -> Iterator[WindowMaker]:
    """`make_window("normal")`: a shown window on a fake engine."""
    windows: list[MainWindow] = []

    def make(behaviour: str = "normal", *arguments: str) -> MainWindow:
        client = make_client(behaviour, *arguments)
        queue = JobQueue(client, tmp_path / "scratch", client)
        settings = SettingsStore(tmp_path / "settings.json")
        settings.update(reduced_motion=True)
        timings = Timings(tmp_path / "timings.json")
        session = Session(settings, client, queue, timings, project, MEDIA)
        qapp.setStyleSheet("")  # it follows the widgets, as in the application
        theme.tint(qapp, "dark")
        window = MainWindow(session, MEDIA, lambda: None)
        theme.dress(qapp, "dark")
        session.setParent(window)
        windows.append(window)
        window.resize(1440, 900)  # the screen of tests is small
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=4000)
        client.start()
        return window

    yield make
    i18n.set_language("en")
    for window in windows:
        window.close()
        window.deleteLater()


@pytest.fixture
def folder(tmp_path: Path, png: Callable[[int, int, int], bytes]) -> Path:
    place = tmp_path / "pictures"
    place.mkdir()
    for seed in range(3):
        (place / f"picture {seed}.png").write_bytes(png(60, 40, seed))
    return place


@pytest.fixture
def made(qtbot: QtBot, make_window: WindowMaker, folder: Path) -> MainWindow:
    """A window with three works in its gallery; the newest one hangs on the easel."""
    window = make_window()
    drop(window, files(folder))
    session = window.session
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    session.workspace.set_brief(PictureBrief(count=3, width_px=48, height_px=32, seed=7))
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.gallery.model.rowCount() == 3, timeout=8000)
    qtbot.waitUntil(
        lambda: not session.generation.is_busy and session.workspace.current == 3, timeout=8000
    )
    qtbot.waitUntil(lambda: len(picture_wall(window).easel.sheets()) == 1, timeout=8000)
    picture_wall(window).easel.setFocus()
    return window
