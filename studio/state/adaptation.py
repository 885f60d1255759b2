"""References → style, by itself: soon after the tray changed, the engine is asked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from engine.protocol import AdaptRequest, Medium, Preview, Reference, StyleResult, Suitability
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.project.project import Project
from studio.project.rows import DEFAULT_MEDIUM, ReferenceRow, StyleRow
from studio.state import problems
from studio.state.course import Course
from studio.state.job_controller import JobController, Task
from studio.state.problems import Problem, read_only
from studio.state.timings import Timings

SETTLE_MS = 400  # several drops, or a slider that is still moving, become one adaptation
UNKNOWN_MANNER = "engine_says.text_unknown_manner"
_STAGES = {"reading": 0.3, "adapting": 2.0, "drawing": 2.0}  # seconds, before any was measured
CANCELLED = Problem("style.cancelled", retry=True)


class StyleState(Enum):
    EMPTY = "empty"  # no references
    WAITING = "waiting"  # the tray has just changed
    ADAPTING = "adapting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AdaptOrder:
    """The tray as it was when the engine was asked."""

    project: Project
    medium: Medium
    rows: tuple[ReferenceRow, ...]
    generator: str = ""  # that the artist has named

    @property
    def weights(self) -> dict[int, float]:
        return {row.id: row.weight for row in self.rows}


@dataclass(frozen=True, slots=True)
class Choice:
    """Why a generator was taken: the artist has named it, or how well each one expects the
    references, the chosen one first."""

    generator: str
    is_named: bool
    suitability: tuple[Suitability, ...]
    is_unknown: bool  # none of them knows such works
    model: str = ""  # the name of the added model that the generator stands on
    licence: str = ""  # of that model: the style is derived from it

    def of(self, generator: str) -> Suitability | None:
        return next((each for each in self.suitability if each.generator == generator), None)


def choice_in(lineage: Mapping[str, Any]) -> Choice | None:
    """As a style keeps it; None of styles from before generators were told."""
    generator = str(lineage.get("generator", ""))
    if not generator:
        return None
    measured = msgspec.convert(lineage.get("suitability", ()), tuple[Suitability, ...])
    keys = {kept.get("key") for kept in lineage.get("remarks", ())}
    model, licence = str(lineage.get("model", "")), str(lineage.get("licence", ""))
    is_named, is_unknown = bool(lineage.get("wish")), UNKNOWN_MANNER in keys
    return Choice(generator, is_named, measured, is_unknown, model, licence)


class Adaptation(JobController[AdaptOrder]):
    """Keeps the style in step with the tray; the old style is in use until the new one stands."""

    progressed = Signal()
    preview_arrived = Signal(object, object)  # Job, Preview: the first look
    resumed = Signal()  # references that rest shall be read all the same

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        timings: Timings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._timings = timings
        self.course: Course | None = None  # of the job that runs
        self._project: Project | None = None
        self._medium = DEFAULT_MEDIUM
        self._weights: dict[int, float] = {}
        self.wish = ""  # the generator that the artist has named for this medium
        self.state = StyleState.EMPTY
        self.job: Job | None = None
        self.style: StyleRow | None = None
        self.problem: Problem | None = None
        self.refusals: dict[int, Problem] = {}
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self.rests: Problem | None = None  # why references are left alone
        self._soon.timeout.connect(self._on_settled)

    def attach(self, project: Project, medium: Medium) -> None:
        """Serve this medium of this project from now on."""
        self.stop()
        self._project, self._medium, self.style, self.refusals = project, medium, None, {}
        self.state, self.problem = StyleState.EMPTY, None
        latest = project.styles.latest(medium)
        self.wish = str(latest.lineage.get("wish", "")) if latest else ""
        self.update()

    # ---- facts ---------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return self.state in (StyleState.WAITING, StyleState.ADAPTING)

    @property
    def seconds(self) -> float:
        return float(self.style.lineage.get("seconds", 0.0)) if self.style else 0.0

    @property
    def parents(self) -> int:
        """Of how many styles this one is a blend; 0 when it was learned."""
        return len(self.style.lineage.get("blend", ())) if self.style else 0

    @property
    def brought(self) -> str:
        """What the library calls the style; "" where it is none of the library's."""
        return name_in_library(self.style) if self.style else ""

    @property
    def weights(self) -> dict[int, float]:
        """The tray that the style is for, by reference id."""
        return dict(self._weights)

    @property
    def caution(self) -> Problem | None:
        """What to know of this style: that it only recombines its references."""
        language = self.style.lineage.get("memory_only", "") if self.style else ""
        return Problem("style.memory_only", {"language": language}) if language else None

    @property
    def remarks(self) -> tuple[Problem, ...]:
        """How references were read that were not as they should be."""
        kept = self.style.lineage.get("remarks", ()) if self.style else ()
        return tuple(one for one in map(problems.unpack, kept) if one.key != UNKNOWN_MANNER)

    @property
    def choice(self) -> Choice | None:
        """Which generator learned the style, and why that one; None of a blend."""
        if self.style is None or self.parents or self.brought:
            return None
        return choice_in(self.style.lineage)

    # ---- verbs ---------------------------------------------------------------------------------

    def update(self) -> None:
        """The tray may have changed: use the style that fits it, or adapt soon."""
        assert self._project is not None
        weights = {row.id: row.weight for row in self._project.references.all(self._medium)}
        if self.is_busy and weights == self._weights:
            return
        self.stop()
        self._weights = weights
        latest = self._project.styles.latest(self._medium)
        if latest is not None and fits(latest, weights):
            self._use(latest)
        elif not weights:
            self.style, self.refusals = None, {}
            self._set(StyleState.EMPTY)
        elif self.rests is not None:
            self._set(StyleState.FAILED, self.rests)
        elif self._project.is_read_only:
            self._set(StyleState.FAILED, read_only(self._project))
        else:
            self.refusals = {key: line for key, line in self.refusals.items() if key in weights}
            self._soon.start()
            self._set(StyleState.WAITING)

    def use(self, style: StyleRow) -> None:
        """Another style for the tray as it is, until the tray changes."""
        if not self.is_busy and tray_of(style) == self._weights:
            self._use(style)

    def bring(self, style: StyleRow) -> None:
        """A style from the library, in place of whatever stands or is being learned, until the tray
        changes."""
        if tray_of(style) == self._weights:
            self.stop()
            self._use(style)

    def retry(self) -> None:
        if self.rests is not None:
            self.resumed.emit()
            return
        self._set(StyleState.WAITING)
        self._on_settled()

    def choose(self, generator: str) -> None:
        """Learn with this generator from now on; "": with the one that suits best."""
        if generator != self.wish and self._weights:
            self.wish = generator
            self.stop()
            self.retry()

    def stop(self) -> None:
        """Cancel what runs; the last good style stays."""
        self._soon.stop()
        self.job = None
        self._drop()

    def cancel(self) -> None:
        if self.is_busy:
            self.stop()
            self._set(self._rest_state(), CANCELLED)

    def _rest_state(self) -> StyleState:
        return StyleState.READY if self.style else StyleState.FAILED

    def _set(self, state: StyleState, problem: Problem | None = None) -> None:
        self.state, self.problem = state, problem
        self.changed.emit()

    def _use(self, style: StyleRow) -> None:
        self.style = style
        refused = style.lineage.get("refused", {})
        self.refusals = {int(key): problems.unpack(kept) for key, kept in refused.items()}
        self._set(StyleState.READY)

    # ---- the job -------------------------------------------------------------------------------

    def _on_settled(self) -> None:
        assert self._project is not None
        rows = self._project.references.all(self._medium)
        order = AdaptOrder(self._project, self._medium, rows, self.wish)
        self._start(order, lambda job_id, folder: request_of(order, job_id, folder))

    def _on_submitted(self, task: Task[AdaptOrder], job: Job) -> None:
        self.job = None if job.is_over else self._jobs.find(job.id)
        self.course = Course(self._usual(task.asked))
        self._set(StyleState.ADAPTING)

    def _usual(self, order: AdaptOrder) -> dict[str, float]:
        """What each stage of such a job takes here, as far as that is known."""
        known = {
            stage: self._timings.estimate_s(_key(order, stage), len(order.rows), f"/{stage}")
            for stage in _STAGES
        }
        return {
            stage: guess if (took := known[stage]) is None else took
            for stage, guess in _STAGES.items()
        }

    def _on_progress(self, task: Task[AdaptOrder], job: Job) -> None:
        self.job = job
        if job.progress is not None and self.course is not None:
            self.course.take(job.progress)
        self.progressed.emit()

    def _on_preview(self, task: Task[AdaptOrder], job: Job, preview: Preview) -> None:
        self.preview_arrived.emit(job, preview)

    def _on_done(self, task: Task[AdaptOrder], job: Job) -> None:
        """Into the project before anything is made with it."""
        if self.course is not None:
            self.course.finish()
            for stage, seconds in self.course.took.items():
                self._timings.learn(_key(task.asked, stage), len(task.asked.rows), seconds)
        self.job, result, order = None, job.result, task.asked
        assert isinstance(result, StyleResult)
        ids = dict(zip(paths_of(order, task.folder), (row.id for row in order.rows), strict=True))
        lineage = lineage_of(result, {str(path): key for path, key in ids.items()})
        lineage["wish"] = order.generator
        styles, weights = order.project.styles, order.weights
        self._in_background(
            task,
            lambda: styles.add(Path(result.path).read_bytes(), lineage, weights, order.medium),
            lambda style: self._kept(task, style),
        )

    def _kept(self, task: Task[AdaptOrder], style: StyleRow) -> None:
        self._end(task)
        self._use(style)

    def _on_failed(self, task: Task[AdaptOrder], problem: Problem) -> None:
        self.job = None
        self._set(StyleState.FAILED, problem)

    def _on_cancelled(self, task: Task[AdaptOrder]) -> None:
        self.job = None
        self._set(self._rest_state(), CANCELLED)


def _key(order: AdaptOrder, stage: str) -> str:
    """Under which the time of a stage is kept."""
    return f"learning/{order.medium.value}/{stage}"


def name_in_library(style: StyleRow) -> str:
    """What the library calls a style that was brought from there; "" of all others."""
    return str(style.lineage.get("library", ""))


def fits(style: StyleRow, tray: Mapping[int, float]) -> bool:
    """Whether the style is that of the tray; an empty one has only what was brought into it."""
    return tray_of(style) == tray and bool(tray or name_in_library(style))


def tray_of(style: StyleRow) -> dict[int, float]:
    """The tray that a style belongs to: what it was learned from, or where it was blended."""
    tray = style.lineage.get("tray")
    if not isinstance(tray, dict):
        return style.reference_weights
    return {int(key): float(weight) for key, weight in tray.items()}


def adapted_styles(project: Project, medium: Medium) -> tuple[StyleRow, ...]:
    """Of each set of references the style that was learned last, the newest first; no blends."""
    found: dict[frozenset[int], StyleRow] = {}
    for style in project.styles.all(medium):
        if style.reference_weights and "blend" not in style.lineage:
            found.setdefault(frozenset(style.reference_weights), style)
    return tuple(found.values())


def paths_of(order: AdaptOrder, folder: Path) -> list[Path]:
    """The references under their own names, as the engine's sentences will call them."""
    return [
        folder / "references" / str(row.id) / (Path(row.name).name or "reference")
        for row in order.rows
    ]


def request_of(order: AdaptOrder, job_id: str, folder: Path) -> AdaptRequest:
    """Write the references as files, and ask for their style. Slow."""
    paths = paths_of(order, folder)
    for row, path in zip(order.rows, paths, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(order.project.blob(row.digest))
    return AdaptRequest(
        job_id=job_id,
        references=tuple(
            Reference(path=str(path), weight=row.weight)
            for path, row in zip(paths, order.rows, strict=True)
        ),
        out=str(folder / "new.style"),
        medium=order.medium,
        preview_dir=str(folder),
        generator=order.generator,
    )


def lineage_of(result: StyleResult, ids: dict[str, int]) -> dict[str, object]:
    """What is kept beside a style; `ids`: of references by the paths that the engine was given."""
    return {
        "digest": result.digest,
        "seconds": result.seconds,
        "refused": {
            str(ids[item.path]): problems.pack(problems.of_engine(item))
            for item in result.refused
            if item.path in ids
        },
        "generator": result.generator,
        "suitability": [asdict(each) for each in result.suitability],
        "memory_only": result.memory_only,
        "model": result.model,
        "licence": result.licence,
        "notes": result.notes,
        "sounds": result.sounds,
        "remarks": [problems.pack(problems.of_engine(each)) for each in result.remarks],
    }
