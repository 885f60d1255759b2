"""The thread of the window while the main job runs: it waits for no engine and no network."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from studio.media.registry import MEDIA
from studio.state.adaptation import StyleState
from studio.state.session import Session
from studio.views.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
SAMPLES = Path(__file__).resolve().parents[2] / "assets" / "samples" / "images"
PATIENCE_MS = 60_000
LONGEST_SHARE = 0.2  # of the whole time: who waits for one job of the engine takes far more


class Heartbeat:
    """The longest time between two turns of the event loop."""

    def __init__(self) -> None:
        self.longest_s, self._last = 0.0, time.perf_counter()
        self._timer = QTimer(interval=2)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start()

    def _on_beat(self) -> None:
        now = time.perf_counter()
        self.longest_s, self._last = max(self.longest_s, now - self._last), now


@pytest.fixture
def window(qtbot: QtBot, session: Session) -> MainWindow:
    shown = MainWindow(session, MEDIA, lambda: None)
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def test_the_window_never_waits_for_the_engine(qtbot: QtBot, window: MainWindow) -> None:
    session, begun = window.session, time.perf_counter()
    heart = Heartbeat()
    session.add_sources(sorted(SAMPLES.glob("*.jpg")))
    ready = StyleState.READY
    qtbot.waitUntil(lambda: session.adaptation.state is ready, timeout=PATIENCE_MS)
    session.workspace.show_brief(replace(session.workspace.brief, width_px=192, height_px=132))
    with qtbot.waitSignal(session.maker.works_added, timeout=PATIENCE_MS):
        session.maker.make()
    assert 0 < heart.longest_s < LONGEST_SHARE * (time.perf_counter() - begun)


OPENED = """
import sys
from studio.app import application
qt = application.make_qt(["maquette"])
opened = application.App(qt)
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
        timeout=600,
        check=False,
    )
    loaded = set(done.stdout.split())
    assert "PySide6.QtNetwork" not in loaded, done.stderr
    assert "PySide6.QtWidgets" in loaded, done.stderr
