"""Thousands of generations in one window with the real engine, and how much memory both hold.

    python -m tests.soak.long_run [--generations N] [--folder DIR] [--report docs/reliability.md]

Small works of all three media in turn, one a generation; the window shows each. At the end the
engine counts as grown, so that its last generations are made by a new one.
"""

import argparse
import math
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from engine.protocol import Medium
from studio.app.application import make_qt
from studio.client import job_queue
from studio.client.engine_client import EngineClient, EngineState
from studio.client.job_queue import JobQueue
from studio.media.registry import MEDIA
from studio.project.project import Project
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.timings import Timings
from studio.views.main_window import MainWindow
from tests.soak.actor import SAMPLES, small_brief
from tests.soak.report import machine, write_between

TICK_MS = 5
REFERENCES = 2  # of each medium
ROWS = 10  # of the table
AFTER_RESTART = 10  # generations
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """Megabytes that each process holds after so many generations."""

    generations: int
    studio: float
    engine: float


class LongRun(QObject):
    """One thing after the other, each when the one before is done."""

    def __init__(self, session: Session, most: int, turn: int, until: float) -> None:
        """Ends after `most` generations, or a few after `until`, of time.monotonic.

        turn: generations of one medium after the other."""
        super().__init__(session)
        self._session, self._most, self._every = session, most, max(1, most // ROWS)
        self._turn, self._until = turn, until
        self._own = psutil.Process()
        self.readings: list[Reading] = []
        self.done = self.failed = self.restarts = 0
        self._media = list(Medium)
        self._to_learn = list(Medium)
        self._asked = False
        session.client.state_changed.connect(self._on_state)
        session.jobs.job_finished.connect(self._on_finished)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        session = self._session
        busy = session.adaptation.is_busy or session.generation.is_busy
        if busy or session.client.state is not EngineState.READY or not session.inspector.is_idle:
            return
        if self._to_learn:
            self._learn()
        elif self.done >= self._most:
            self._timer.stop()
            QApplication.exit()
        elif not self._asked:
            if time.monotonic() > self._until:
                self._most = min(self._most, self.done + AFTER_RESTART)
                self._until = math.inf
            self._make()

    def _learn(self) -> None:
        medium = self._to_learn[0]
        have = self._session.workspace.project.references.all(medium)
        if len(have) >= REFERENCES:
            if self._session.adaptation.style is not None:
                self._to_learn.pop(0)
            return
        if not self._asked:
            self._asked = True
            self._session.add_sources([SAMPLES[medium][len(have)]])
            self._session.workspace.references_changed.connect(self._on_taken)

    def _on_taken(self) -> None:
        self._asked = False
        self._session.workspace.references_changed.disconnect(self._on_taken)

    def _make(self) -> None:
        self._asked = True
        medium = self._media[self.done // self._turn % len(self._media)]
        self._session.workspace.show_medium(medium)
        self._session.workspace.set_brief(small_brief(medium, count=1))
        if self.done == self._most - AFTER_RESTART:
            job_queue.most_memory = lambda: 1
        self._session.maker.make()

    def _on_state(self, state: EngineState) -> None:
        if state is EngineState.STARTING and self.done:
            self.restarts += 1
            job_queue.most_memory = lambda: job_queue.LEAST_GROWN

    def _on_finished(self, job: job_queue.Job) -> None:
        if job.request.__class__.__name__ != "GenerateRequest":
            return
        self._asked = False
        self.done += 1
        self.failed += job.state is not job_queue.JobState.DONE
        if self.done % self._every == 0 or self.done == self._most:
            engine, own = self._session.client.memory_bytes, self._own.memory_info().rss
            self.readings.append(Reading(self.done, own / MB, engine / MB))
            sys.stderr.write(f"{self.readings[-1]}\n")


def report(path: Path, run: LongRun, minutes: float) -> None:
    rows = [f"| {r.generations:,} | {r.studio:.0f} | {r.engine:.0f} |" for r in run.readings]
    head = (
        f"{datetime.now(UTC):%Y-%m-%d}, {minutes:.0f} minutes, {machine()}: {run.done:,}"
        f" generations, {run.failed} failed. The engine was begun anew {run.restarts} times:"
        f" before its last {AFTER_RESTART} generations it was taken for grown."
    )
    table = ["| generations | studio, MB | engine, MB |", "|---:|---:|---:|"]
    write_between(path, "long run", "\n".join([head, "", *table, *rows]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--turn", type=int, default=20, help="of one medium after the other")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="long-run-"))
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    qt = make_qt(["long run"])
    client = EngineClient()
    settings = SettingsStore(folder / "settings.json")
    project = Project.create(folder / f"Study {time.time_ns()}.maquette")
    timings = Timings(folder / "timings.json")
    session = Session(settings, client, JobQueue(client), timings, project, MEDIA)
    window = MainWindow(session, MEDIA, lambda: None)
    window.show()
    run = LongRun(session, options.generations, options.turn, begun + 60 * options.minutes)
    client.start()
    qt.exec()
    if options.report:
        report(options.report, run, (time.monotonic() - begun) / 60)
    session.close()
    delete(window)  # before the session, whose undo stack it listens to
    sys.stdout.write(f"{run.done} generations, {run.failed} failed\n")
    return int(run.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
