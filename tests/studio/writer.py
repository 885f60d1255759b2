"""A studio in a process of its own that a test may kill: writes over a text, says so, and waits.

python writer.py PROJECT SETTINGS WORDS
"""

import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest

from studio.app.application import make_qt
from studio.client.engine_client import EngineClient
from studio.client.job_queue import JobQueue
from studio.media.registry import MEDIA
from studio.project.project import Project
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.timings import Timings
from studio.views.main_window import MainWindow
from tests.studio.windows import text_wall

FAKE_ENGINE = Path(__file__).with_name("fake_engine.py")
MAY_LOSE_MS = 1000


def main(path: Path, folder: Path, words: str) -> None:
    qt = make_qt(["writer"])
    client = EngineClient((sys.executable, str(FAKE_ENGINE), "normal"))
    settings = SettingsStore(folder / "settings.json")
    jobs = JobQueue(client, folder / "scratch")
    session = Session(settings, client, jobs, Timings(folder / "t.json"), Project.open(path), MEDIA)
    window = MainWindow(session, MEDIA, lambda: None)
    window.show()
    session.workspace.select(1)
    while not text_wall(window).pages.pages():
        qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    window.stage.edit()
    QTest.keyClicks(text_wall(window).writing, words)
    QTimer.singleShot(MAY_LOSE_MS, say)
    qt.exec()


def say() -> None:
    sys.stdout.write("written\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
