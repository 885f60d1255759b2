"""A studio that ended while it showed references starts without them, says so, can try again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.protocol import Medium
from studio.project import opening
from studio.project.project import Project
from studio.state.adaptation import StyleState
from studio.state.settings import SettingsStore
from studio.views.main_window import MainWindow
from tests.studio.conftest import FAKE_ENGINE, POEM

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def kept(project: Project, tmp_path: Path) -> Path:
    """A project with a poem in it, closed."""
    path = project.path
    project.references.add("poem.txt", POEM.encode(), Medium.TEXT)
    project.working_state.save_medium(Medium.TEXT)
    project.close()
    return path


def marks(home: Path) -> list[Path]:
    return sorted((home / "Maquette" / "opening").glob("*.json"))


def started(home: Path, project: Path, behaviour: str) -> subprocess.Popen[bytes]:
    store = SettingsStore(home / "Maquette" / "settings.json")
    store.update(engine_command=(sys.executable, str(FAKE_ENGINE), behaviour))
    variables = {"XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    return subprocess.Popen(
        [sys.executable, "-m", "studio", str(project)],
        cwd=ROOT,
        env=os.environ | variables | {"QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.DEVNULL,
    )


def killed_while_opening(home: Path, project: Path) -> None:
    """With an engine that never greets, so that its references are never shown."""
    studio = started(home, project, "silent")
    until = time.monotonic() + PATIENCE_S
    while not marks(home) and time.monotonic() < until:
        time.sleep(0.05)
    studio.send_signal(signal.SIGKILL)
    studio.wait()
    assert marks(home)


@pytest.fixture
def window(
    qtbot, kept: Path, home: Path, tmp_path: Path, make_client, monkeypatch: pytest.MonkeyPatch
):
    """The next start of a studio that was killed while it opened the project."""
    from studio.client.job_queue import JobQueue
    from studio.media.registry import MEDIA
    from studio.state.session import Session
    from studio.state.timings import Timings

    killed_while_opening(home, kept)
    client = make_client("normal")
    queue = JobQueue(client, tmp_path / "scratch", client)
    settings = SettingsStore(home / "Maquette" / "settings.json")
    timings = Timings(tmp_path / "timings.json")
    project = opening.open_project(kept, tmp_path)
    session = Session(settings, client, queue, timings, project, MEDIA)
    window = MainWindow(session, MEDIA, lambda: None)
    session.setParent(window)
    window.show()
    client.start()
    yield window
    window.close()
    window.deleteLater()


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_the_next_start_leaves_the_references_alone_until_it_is_asked(
    qtbot, window: MainWindow, home: Path
) -> None:
    session = window.session
    problem = session.opening.problem
    assert problem is not None
    assert "Study" in problem.text
    window.tell(problem)
    qtbot.waitUntil(lambda: session.client.hello is not None)
    card = window.references.cards()[0]
    assert card.row.name == "poem.txt"
    assert "息夫人" not in card.accessibleDescription()
    assert session.adaptation.state is StyleState.FAILED
    assert session.inspector.is_idle
    window.notice.act()
    assert session.opening.problem is None
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY)
    qtbot.waitUntil(lambda: "息夫人" in card.accessibleDescription())
    qtbot.waitUntil(lambda: not marks(home))


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_references_that_were_not_tried_again_rest_the_next_time_too(
    window: MainWindow, home: Path
) -> None:
    window.close()
    assert marks(home)


@pytest.mark.process
def test_a_start_that_shows_everything_leaves_no_mark(qtbot, make_session, texts) -> None:
    session = make_session()
    folder = session.settings.path.with_name("opening")
    session.add_sources(texts)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY)
    qtbot.waitUntil(lambda: not list(folder.glob("*.json")))


@pytest.mark.process
def test_a_studio_that_is_still_opening_it_does_not_count(
    kept: Path, home: Path, make_client, tmp_path: Path
) -> None:
    """Its mark is there, and so is it."""
    from studio.state import opening_mark

    studio = started(home, kept, "silent")
    until = time.monotonic() + PATIENCE_S
    while not marks(home) and time.monotonic() < until:
        time.sleep(0.05)
    try:
        assert not opening_mark._is_left(marks(home)[0])
    finally:
        studio.kill()
        studio.wait()
    assert opening_mark._is_left(marks(home)[0])
