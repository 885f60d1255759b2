"""A studio without a window that works until it is killed, and says what the artist was shown.

python -m tests.soak.actor PROJECT FOLDER ENGINE SEED

One JSON object a line: {"begin": what is done now}, and what is in the project since then:
reference, style, work, rating, export. ENGINE is "real" or "fake".
"""

import json
import random
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from engine.protocol import Medium, PictureBrief
from studio.app.application import make_qt
from studio.client.engine_client import EngineClient
from studio.client.job_queue import JobQueue
from studio.media.registry import MEDIA
from studio.project import opening
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.timings import Timings

ROOT = Path(__file__).parents[2]
FAKE = (sys.executable, str(ROOT / "tests" / "studio" / "fake_engine.py"), "normal")
SAMPLES = sorted((ROOT / "assets" / "samples" / "images").glob("*.jpg"))
TICK_MS = 10
MOST_REFERENCES = 4
PATIENCE_TICKS = 6000  # what an engine that was killed has left undone is given up


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Actor:
    """One action at a time; what came of it is told when it is in the project."""

    def __init__(self, session: Session, folder: Path, seed: int) -> None:
        self._session, self._folder = session, folder
        self._chance = random.Random(seed)
        self._project = session.workspace.project
        self._known = self._state()
        self._is_done = lambda: True
        self._ticks = 0
        session.exporter.exported.connect(self._on_exported)
        session.workspace.problem_raised.connect(lambda problem: say(told=problem.key))
        session.exporter.failed.connect(lambda problem: say(failed=problem.key))
        self._timer = QTimer(session, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()

    def _state(self) -> dict[str, set]:
        project = self._project
        styles = [style for medium in Medium for style in project.styles.all(medium)]
        return {
            "reference": {row.digest for row in project.references.all()},
            "style": {(row.id, row.digest) for row in styles},
            "work": {(row.id, row.digest) for row in project.works.all()},
            "rating": {(row.id, row.work_id, row.value) for row in project.works.rating_log()},
        }

    def tick(self) -> None:
        state = self._state()
        for kind, rows in state.items():
            for row in rows - self._known[kind]:
                say(**{kind: row})
        self._known = state
        self._ticks += 1
        if self._is_done() or self._ticks > PATIENCE_TICKS:
            self._ticks = 0
            self._act(state)

    def _act(self, state: dict[str, set]) -> None:
        """Whatever is possible now."""
        choices = ["drop"] * (len(state["reference"]) < MOST_REFERENCES)
        choices += ["generate"] * 2 if self._session.adaptation.style is not None else []
        choices += ["rate", "rate", "export"] if state["work"] else []
        name = self._chance.choice(choices or ["adapt"])
        say(begin=name)
        self._is_done = getattr(self, f"_{name}")(state)

    def _adapt(self, _state: dict[str, set]):
        return lambda: not self._session.adaptation.is_busy

    def _drop(self, state: dict[str, set]):
        """The next sample; its style is learned next."""
        before = len(state["reference"])
        self._session.add_sources([SAMPLES[before % len(SAMPLES)]])
        return lambda: len(self._known["reference"]) > before and not self._adapts()

    def _adapts(self) -> bool:
        if self._session.adaptation.is_busy:
            say(begin="adapt")
            self._is_done = lambda: not self._session.adaptation.is_busy
        return False

    def _generate(self, _state: dict[str, set]):
        size = 48 if self._session.client.hello is None else 96
        brief = PictureBrief(count=2, width_px=size, height_px=size, candidates=1)
        self._session.workspace.set_brief(brief)
        self._session.maker.make()
        return lambda: not (self._session.generation.is_busy or self._session.maker.waits_for_style)

    def _rate(self, state: dict[str, set]):
        work_id, _ = self._chance.choice(sorted(state["work"]))
        self._session.edits.rate(work_id, self._chance.randint(1, 5))
        return lambda: True

    def _export(self, state: dict[str, set]):
        ids = sorted(work_id for work_id, _ in state["work"])[-3:]
        is_zip = self._chance.random() < 0.5
        target = self._folder / "exports" / ("all.zip" if is_zip else "works")
        self._exporting = True
        self._session.exporter.start(ids, target, ExportOptions(ExportFormat.PNG))
        return lambda: not self._exporting

    def _on_exported(self, paths: tuple[Path, ...]) -> None:
        self._exporting = False
        say(export=[str(path) for path in paths])


def main(path: Path, folder: Path, engine: str, seed: int) -> None:
    say(begin="open")
    qt = make_qt(["actor"])
    client = EngineClient(() if engine == "real" else FAKE)
    settings = SettingsStore(folder / "settings.json")
    project = opening.open_project(path, folder)
    if project.notice is not None:
        say(notice=project.notice.key)
    timings = Timings(folder / "timings.json")
    session = Session(settings, client, JobQueue(client), timings, project, MEDIA)
    actor = Actor(session, folder, seed)
    client.start()
    say(ready=True)
    qt.exec()
    del actor


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    QCoreApplication.quit()
