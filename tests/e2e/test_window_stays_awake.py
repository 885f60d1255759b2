"""The thread of the window while the main job runs: it waits for no engine and no network."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from studio.adapting import StyleState
from studio.session import Session
from studio.views.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
SAMPLES = Path(__file__).resolve().parents[2] / "assets" / "samples" / "images"
PATIENCE_MS = 60_000
FEWEST_TURNS = 20  # while the engine makes a work; a window that waits for it has none


class Heartbeat:
    """Counts turns of the event loop."""

    def __init__(self) -> None:
        self.turns = 0
        self._timer = QTimer(interval=2)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start()

    def _on_beat(self) -> None:
        self.turns += 1


@pytest.fixture
def window(qtbot: QtBot, session: Session) -> MainWindow:
    shown = MainWindow(session, lambda: None)
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def test_the_window_never_waits_for_the_engine(qtbot: QtBot, window: MainWindow) -> None:
    session = window.session
    heart = Heartbeat()
    session.add_sources(sorted(SAMPLES.glob("*.jpg")))
    ready = StyleState.READY
    qtbot.waitUntil(lambda: session.adaptation.state is ready, timeout=PATIENCE_MS)
    adapting, heart.turns = heart.turns, 0
    session.show_brief(replace(session.brief, width_px=192, height_px=132))
    with qtbot.waitSignal(session.works_added, timeout=PATIENCE_MS):
        session.make()
    assert min(adapting, heart.turns) > FEWEST_TURNS


OPENED = """
import sys
from studio import app
qt = app.make_qt(["maquette"])
opened = app.App(qt)
opened.window.show()
qt.processEvents()
assert opened.window.isVisible()
print(*(name for name in sys.modules if name.startswith("PySide6.")))
opened.close()
"""


def test_the_window_loads_no_network(tmp_path: Path) -> None:
    """In a process of its own: what other tests have loaded is not the window's."""
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", OPENED],
        cwd=SAMPLES.parents[2],
        env=os.environ | home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    loaded = set(done.stdout.split())
    assert "PySide6.QtNetwork" not in loaded, done.stderr
    assert "PySide6.QtWidgets" in loaded, done.stderr
