"""Style and brief → works: one snapshot a click; works are in the project before they are shown."""

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.protocol import (
    Brief,
    BriefT,
    Copied,
    GenerateRequest,
    Preview,
    WorkFile,
    WorksResult,
    brief_from_json,
)
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.project.project import Project
from studio.project.rows import StyleRow, WorkRow
from studio.state.course import Course
from studio.state.digests import is_digest
from studio.state.job_controller import JobController, Task
from studio.state.learned_style import StyleSource
from studio.state.medium import Media, MediumRules
from studio.state.problems import Problem, read_only
from studio.state.timings import Timings

MAX_SEED = 2**31 - 1


def new_seed() -> int:
    return random.randint(0, 9999)


def brief_of(sidecar: Mapping[str, Any], fallback: BriefT) -> BriefT:
    """The brief that a work was made from, as its sidecar tells; of the fallback's medium."""
    try:
        brief = brief_from_json(sidecar["brief"])
    except (KeyError, ValueError):
        return fallback
    return brief if isinstance(brief, type(fallback)) else fallback


@dataclass(slots=True)
class GenerateOrder:
    """What the artist asked for with one click: where the works belong, the style, the brief."""

    project: Project
    brief: Brief  # with digests where the engine is given paths
    style: StyleRow | StyleSource  # a source puts its style into the project first
    row: StyleRow | None = None  # the style, once it is in the project
    repeats: int = 0  # works that are, to the byte, what was made before

    @property
    def follows_ratings(self) -> bool:
        return self.row is not None and self.row.parent_id is not None


class Generation(JobController[GenerateOrder]):
    """The jobs that make works, and what has become of them. One of them is shown."""

    preview_arrived = Signal(object, object)  # Job, Preview
    works_added = Signal(object)  # tuple[WorkRow, ...], newest last

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        media: Media,
        timings: Timings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._media, self._timings = media, timings
        self._project: Project | None = None
        self.device = ""
        self.job: Job | None = None
        self._courses: dict[str, Course] = {}  # by job id
        self.problem: Problem | None = None

    def attach(self, project: Project) -> None:
        """Serve this project; what runs for another one is cancelled."""
        self.cancel_all()
        self._project = project
        self.dismiss()
        self.changed.emit()

    # ---- facts ---------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks)

    @property
    def waiting(self) -> int:
        """Jobs behind the one that is shown."""
        return max(0, len(self._tasks) - 1)

    def estimate_s(self, brief: Brief, follows_ratings: bool = False) -> float | None:
        """How long that will take; None until something of its medium was made.

        It takes longer when ratings are followed, as more works are made than shown."""
        rules = self._media[brief.medium]
        key = timing_key(rules, self.device, brief, follows_ratings)
        return self._timings.estimate_s(key, rules.effort(brief), f" {brief.medium.value}: ")

    @property
    def course(self) -> Course | None:
        """Of the job that is shown."""
        return self._courses.get(self.job.id) if self.job is not None else None

    def asked(self, job_id: str) -> Brief | None:
        """The brief of the job that is shown; None for any other job."""
        job = self.job
        if job is None or job.id != job_id or not isinstance(job.request, GenerateRequest):
            return None
        return job.request.brief

    # ---- verbs ---------------------------------------------------------------------------------

    def start(self, style: StyleRow | StyleSource, brief: Brief) -> None:
        """Make the works of one brief. The style goes to the engine as a file."""
        assert self._project is not None
        order, rules = GenerateOrder(self._project, brief, style), self._media[brief.medium]
        self.problem = read_only(self._project) if self._project.is_read_only else None
        if self.problem is None:
            self._start(order, lambda job_id, folder: request_of(order, rules, job_id, folder))
        self.changed.emit()

    def again(self, row: WorkRow, brief: Brief, **changes: Any) -> None:
        """As many works as `brief` says, made as this one was but for `changes`, with new seeds."""
        assert self._project is not None
        size = {"width_px": row.width_px, "height_px": row.height_px} if row.width_px else {}
        made = brief_of(self._project.works.sidecar(row.id), replace(brief, **size))
        again = replace(made, seed=new_seed(), count=brief.count, **changes)
        self.start(self._project.styles.get(row.style_id), again)

    def cancel(self) -> None:
        """Cancel the job that is shown; those behind it go on."""
        if self.job is not None:
            self._jobs.cancel(self.job.id)
        elif self._tasks:
            self._cancel(next(iter(self._tasks.values())))

    def cancel_all(self) -> None:
        self.job = None
        self._drop()

    def retry(self) -> None:
        """Make once more what failed, exactly as it was asked for."""
        self.problem = None
        self._retry()
        self.changed.emit()

    def dismiss(self) -> None:
        """The artist has read what failed, and will not try again."""
        self.problem = self._failed_task = None

    # ---- the jobs ------------------------------------------------------------------------------

    def _show(self, job: Job | None) -> None:
        self.job = job
        self.changed.emit()

    def _show_next(self) -> None:
        """A job is over; show the next one that runs."""
        self._courses = {key: one for key, one in self._courses.items() if key in self._tasks}
        jobs = (self._jobs.find(job_id) for job_id in self._tasks)
        self._show(next((job for job in jobs if job is not None and not job.is_over), None))

    def _on_progress(self, task: Task[GenerateOrder], job: Job) -> None:
        if job.progress is not None:
            self._course_of(task).take(job.progress)
        if self.job is None or self.job.id == job.id:
            self._show(job)

    def _course_of(self, task: Task[GenerateOrder]) -> Course:
        if task.id not in self._courses:
            self._courses[task.id] = Course({})
        return self._courses[task.id]

    def _on_preview(self, task: Task[GenerateOrder], job: Job, preview: Preview) -> None:
        self.preview_arrived.emit(job, preview)

    def _on_done(self, task: Task[GenerateOrder], job: Job) -> None:
        """Bytes and sidecars into the project first; only then is anybody told."""
        order, result = task.asked, job.result
        assert isinstance(result, WorksResult)
        rules = self._media[order.brief.medium]
        key = timing_key(rules, self.device, order.brief, order.follows_ratings)
        self._timings.learn(key, rules.effort(order.brief), result.seconds)
        self._in_background(
            task, lambda: store(order, rules, result), lambda rows: self._stored(task, rows)
        )

    def _stored(self, task: Task[GenerateOrder], rows: tuple[WorkRow, ...]) -> None:
        if task.asked.repeats:
            self.problem = Problem("make.repeats", {"n": task.asked.repeats})
        self.works_added.emit(rows)
        self._end(task)
        self._show_next()

    def _on_failed(self, task: Task[GenerateOrder], problem: Problem) -> None:
        self.problem = problem
        self._show_next()

    def _on_cancelled(self, task: Task[GenerateOrder]) -> None:
        self._show_next()


def timing_key(rules: MediumRules, device: str, brief: Brief, follows_ratings: bool) -> str:
    """Under which the time of such works is kept."""
    taught = ", taught" if follows_ratings else ""
    return f"{device}{taught} {brief.medium.value}: {rules.timing_key(brief)}"


def request_of(
    order: GenerateOrder, rules: MediumRules, job_id: str, folder: Path
) -> GenerateRequest:
    """Write what the engine reads as files into the job's folder, and ask for works. Slow."""
    source = order.style
    order.row = source if isinstance(source, StyleRow) else source(order.project)
    used, out = folder / "used.style", folder / "works"
    used.write_bytes(order.project.blob(order.row.digest))
    out.mkdir(exist_ok=True)
    return GenerateRequest(
        job_id=job_id,
        style=str(used),
        out_dir=str(out),
        brief=with_files(order.project, rules, order.brief, folder),
        preview_dir=str(folder / "previews"),
    )


def with_files(project: Project, rules: MediumRules, brief: Brief, folder: Path) -> Brief:
    """The brief as it is sent: files in `folder` in place of digests."""
    paths = {}
    for name in rules.blob_fields:
        if is_digest(kept := getattr(brief, name, "")):
            data = project.blob(kept)
            path = folder / f"{name}{rules.file_suffix(data)}"
            path.write_bytes(data)
            paths[name] = str(path)
    return replace(brief, **paths)


def store(order: GenerateOrder, rules: MediumRules, result: WorksResult) -> tuple[WorkRow, ...]:
    """Write the works of one job into the project, sidecars with them."""
    assert order.row is not None
    works = order.project.works.all(order.brief.medium, include_hidden=True)
    before = {row.digest for row in works}
    asked = {"batch": {"id": result.job_id, "brief": asdict(order.brief)}}
    rows = tuple(
        order.project.works.add(
            Path(work.path).read_bytes(),
            sidecar_of(work, rules, order.brief) | asked,
            style_id=order.row.id,
            seed=work.seed,
            width_px=work.width_px,
            height_px=work.height_px,
        )
        for work in result.works
    )
    order.repeats = sum(row.digest in before for row in rows)
    return rows


def sidecar_of(work: WorkFile, rules: MediumRules, brief: Brief) -> dict[str, Any]:
    """What the engine wrote beside the work, with what it said of copying.

    Files are named by their digests again, as in `brief`: the job's folder will be gone.
    """
    sidecar = json.loads(Path(work.sidecar).read_text("utf-8"))
    if isinstance(sidecar.get("brief"), dict):
        sidecar["brief"] |= {name: getattr(brief, name) for name in rules.blob_fields}
    if work.sketch is not None:
        sidecar.setdefault("sketch", asdict(work.sketch))
    return sidecar | {"copied": asdict(work.copied)} if work.copied is not None else sidecar


def copied_of(sidecar: Mapping[str, Any]) -> Copied | None:
    """How much of a work is not new; None when nobody has looked."""
    try:
        return msgspec.convert(sidecar["copied"], Copied)
    except (KeyError, ValueError):
        return None
