"""A studio without a window that works until it is killed, and says what the artist was shown.

One JSON object a line: {"begin": what is done now}, and what is in the project since then:
reference, style, work, rating, judgement, kept, export.
"""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from engine.protocol import Brief, Medium, MusicBrief, PictureBrief, TextBrief
from studio.app.application import make_qt
from studio.client.engine_client import EngineClient, EngineState
from studio.client.job_queue import JobQueue
from studio.media.registry import MEDIA
from studio.project import opening
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.session import Session
from studio.state.settings import SettingsStore
from studio.state.timings import Timings

ROOT = Path(__file__).parents[2]
FAKE = (sys.executable, "-m", "tests.studio.fake_engine", "normal")
_IN = ROOT / "assets" / "samples"
SAMPLES = {
    Medium.IMAGE: sorted((_IN / "images").glob("*.jpg")),
    Medium.TEXT: sorted((_IN / "texts").glob("wang-wei*.txt")),
    Medium.AUDIO: sorted((_IN / "music").glob("*.mid")),
}
FORMATS = {
    Medium.IMAGE: (ExportFormat.PNG, ExportFormat.JPEG),
    Medium.TEXT: (ExportFormat.TXT, ExportFormat.DOCX),
    Medium.AUDIO: (ExportFormat.FLAC, ExportFormat.MID),
}
TICK_MS = 10
MOST_REFERENCES = 4
MOST_WORKS = 60  # then a project is large enough
PATIENCE_TICKS = 6000  # what an engine that was killed has left undone is given up
Done = Callable[[], bool]


def small_brief(medium: Medium, count: int = 2) -> Brief:
    match medium:
        case Medium.IMAGE:
            return PictureBrief(count=count, width_px=32, height_px=32, candidates=1)
        case Medium.TEXT:
            return TextBrief(count=count, candidates=1)
        case Medium.AUDIO:
            return MusicBrief(count=count, length=2, candidates=1)


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Actor:
    """One action at a time; what came of it is told when it is in the project."""

    def __init__(self, session: Session, folder: Path, medium: Medium, seed: int) -> None:
        self._session, self._folder, self._medium = session, folder, medium
        self._chance = random.Random(seed)
        self._known = self._state()
        self._is_done: Done = lambda: True
        self._ticks, self._exporting = 0, False
        session.exporter.exported.connect(self._on_exported)
        session.exporter.failed.connect(self._on_export_failed)
        session.workspace.problem_raised.connect(lambda problem: say(told=problem.key))
        session.client.state_changed.connect(self._on_engine)
        self._timer = QTimer(session, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()

    @property
    def _project(self) -> Any:
        return self._session.workspace.project

    def _state(self) -> dict[str, set[Any]]:
        project = self._project
        styles = [style for medium in Medium for style in project.styles.all(medium)]
        works = project.works.all()
        return {
            "reference": {row.digest for row in project.references.all()},
            "style": {(row.id, row.digest) for row in styles},
            "work": {(row.id, row.digest) for row in works},
            "rating": {(row.id, row.work_id, row.value) for row in project.works.rating_log()},
            "judgement": {(row.id, str(row.value)) for row in project.judgements.log()},
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
            self._act()

    def _on_engine(self, state: EngineState) -> None:
        """One that was given up is started again, as an artist would."""
        if state is EngineState.READY:
            say(engine=True)
        elif state is EngineState.FAILED:
            QTimer.singleShot(0, self._session.client.start)

    def _works(self) -> list[int]:
        return [row.id for row in self._project.works.all(self._medium)]

    def _act(self) -> None:
        """Whatever is possible now."""
        works, references = self._works(), self._project.references.all(self._medium)
        choices = ["drop"] * 3 * (len(references) < MOST_REFERENCES)
        can_make = self._session.adaptation.style is not None and len(works) < MOST_WORKS
        choices += ["generate"] * 3 if can_make else []
        choices += ["rate", "rate", "judge", "export", "export"] if works else []
        choices += ["adapt"] if len(references) > 1 else []
        name = self._chance.choice(choices or ["wait"])
        say(begin=name)
        self._is_done = getattr(self, f"_{name}")()

    def _wait(self) -> Done:
        return lambda: True

    def _adapt(self) -> Done:
        """Another weight: a reference counts more or less, and the style is learned anew."""
        one = self._chance.choice(self._project.references.all(self._medium))
        self._session.edits.set_weight(one.id, self._chance.choice((0.5, 1.0, 1.5, 2.0)))
        return lambda: not self._session.adaptation.is_busy

    def _drop(self) -> Done:
        """The next sample; its style is learned next."""
        samples, before = SAMPLES[self._medium], len(self._known["reference"])
        self._session.add_sources([samples[before % len(samples)]])
        return lambda: len(self._known["reference"]) > before and not self._adapts()

    def _adapts(self) -> bool:
        if self._session.adaptation.is_busy:
            say(begin="adapt")
            self._is_done = lambda: not self._session.adaptation.is_busy
        return False

    def _generate(self) -> Done:
        self._session.workspace.set_brief(small_brief(self._medium))
        self._session.maker.make()
        return lambda: not (self._session.generation.is_busy or self._session.maker.waits_for_style)

    def _rate(self) -> Done:
        self._session.edits.rate(self._chance.choice(self._works()), self._chance.randint(1, 5))
        return lambda: True

    def _judge(self) -> Done:
        """A like or a dislike, a star for keeping, a tag."""
        work, edits = self._chance.choice(self._works()), self._session.edits
        self._chance.choice(
            (
                lambda: edits.toggle_like(work, self._chance.random() < 0.5),
                lambda: edits.set_tags(work, (f"tag {self._chance.randrange(9)}",)),
            )
        )()
        return lambda: True

    def _export(self) -> Done:
        ids = sorted(self._works())[-3:]
        format_ = self._chance.choice(FORMATS[self._medium])
        is_zip = self._chance.random() < 0.5
        target = self._folder / "exports" / (f"all {format_}.zip" if is_zip else "works")
        self._exporting = True
        self._session.exporter.start(ids, target, ExportOptions(format_))
        return lambda: not self._exporting

    def _on_exported(self, paths: tuple[Path, ...]) -> None:
        self._exporting = False
        say(export=[str(path) for path in paths])

    def _on_export_failed(self, problem: Any) -> None:
        self._exporting = False
        say(failed=problem.key)


def live(path: Path, folder: Path, engine: str, medium: Medium, seed: int) -> None:
    """Until it is killed. engine: "real" or "fake"."""
    say(begin="open")
    qt = make_qt(["actor"])
    client = EngineClient(() if engine == "real" else FAKE)
    settings = SettingsStore(folder / "settings.json")
    project = opening.open_project(path, folder)
    say(begin="start")
    if project.notice is not None:
        say(notice=project.notice.key, path=str(project.path))
    timings = Timings(folder / "timings.json")
    session = Session(settings, client, JobQueue(client), timings, project, MEDIA)
    actor = Actor(session, folder, medium, seed)
    client.start()
    say(ready=True)
    qt.exec()
    del actor
