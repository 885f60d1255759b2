"""Style and brief → works: one snapshot a click; works are in the project before they are shown."""

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.messages import (
    Brief,
    BriefT,
    Copied,
    GenerateRequest,
    Medium,
    Preview,
    Use,
    WorkFile,
    WorksResult,
    brief_from_json,
)
from studio import music, problems
from studio.background import Background
from studio.jobs import Job, JobQueue, JobState
from studio.problems import Problem
from studio.project import Project, StyleRow, WorkRow
from studio.taught import StyleSource
from studio.timings import Timings

MAX_SEED = 2**31 - 1
KEPT = ("content", "mask", "sound")  # fields of a brief: digests here, paths for the engine


def new_seed() -> int:
    return random.randint(0, 9999)


def brief_of(sidecar: Mapping[str, Any], fallback: BriefT) -> BriefT:
    """The brief that a work was made from, as its sidecar tells; of the fallback's medium."""
    try:
        brief = brief_from_json(sidecar["brief"])
    except (KeyError, ValueError):
        return fallback
    return brief if isinstance(brief, type(fallback)) else fallback


@dataclass(frozen=True, slots=True)
class Order:
    """One job as the artist gave it: where its works belong, the style, the brief."""

    project: Project
    style_id: int  # 0 until the style is in the project
    brief: Brief  # with digests where the engine is given paths
    taught: bool = False  # the style follows ratings


class Making(QObject):
    """The jobs that make works, and what has become of them."""

    changed = Signal()
    preview_arrived = Signal(object, object)  # Job, Preview
    works_added = Signal(object)  # tuple[WorkRow, ...], newest last

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        timings: Timings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._background, self._timings = jobs, background, timings
        self._project: Project | None = None
        self._mine: dict[str, Order] = {}  # by job id
        self.device = ""
        self.job: Job | None = None
        self.problem: Problem | None = None
        self._failed_id = ""
        self._failed: Order | None = None
        jobs.job_changed.connect(self._on_job_changed)
        jobs.job_finished.connect(self._on_job_finished)
        jobs.preview_arrived.connect(self._on_preview)

    def attach(self, project: Project) -> None:
        """Serve this project; what runs for another one is cancelled."""
        self.cancel_all()
        self._project, self.problem, self._failed_id = project, None, ""
        self.changed.emit()

    @property
    def is_busy(self) -> bool:
        return bool(self._mine)

    @property
    def waiting(self) -> int:
        """Jobs behind the one that is shown."""
        return max(0, len(self._mine) - 1)

    def estimate_s(self, brief: Brief, taught: bool = False) -> float | None:
        return self._timings.estimate_s(self.device, brief, taught)

    def start(self, style: StyleRow | StyleSource, brief: Brief) -> None:
        """Make the works of one brief. The style goes to the engine as a file.

        A source of a style puts it into the project first.
        """
        assert self._project is not None
        project = self._project
        job_id, folder = self._jobs.open_job()
        self._mine[job_id] = Order(project, 0, brief)
        self.problem = None

        def prepare() -> tuple[StyleRow, str, Brief]:
            row = style if isinstance(style, StyleRow) else style(project)
            laid, sent = lay_down(project, row, brief, folder)
            return row, laid, sent

        self._background.run(
            prepare,
            lambda ready: self._submit(job_id, folder / "works", *ready),
            lambda error: self._lose(job_id, problems.of_error(error)),
        )
        self.changed.emit()

    def vary(self, row: WorkRow, brief: Brief) -> None:
        """As many pictures like this one as `brief` says, in the style it was made in."""
        start = {"use": Use.VARY, "content": row.digest, "mask": "", "strength": 1.0}
        self._start_like(row, brief, **start)

    def again(self, row: WorkRow, brief: Brief) -> None:
        """As many works as `brief` says, made as this one was, with new seeds."""
        self._start_like(row, brief)

    def _start_like(self, row: WorkRow, brief: Brief, **changes: Any) -> None:
        assert self._project is not None
        size = {"width_px": row.width_px, "height_px": row.height_px} if row.width_px else {}
        made = brief_of(self._project.sidecar(row.id), replace(brief, **size))
        again = replace(made, seed=new_seed(), count=brief.count, **changes)
        self.start(self._project.style(row.style_id), again)

    def asked(self, job_id: str) -> Brief | None:
        """The brief of the job that is shown; None for any other job."""
        job = self.job
        if job is None or job.id != job_id or not isinstance(job.request, GenerateRequest):
            return None
        return job.request.brief

    def cancel(self) -> None:
        """Cancel the job that is shown; those behind it go on."""
        if self.job is not None:
            self._jobs.cancel(self.job.id)
        elif self._mine:
            self._lose(next(iter(self._mine)), None)

    def cancel_all(self) -> None:
        mine, self._mine, self.job = list(self._mine), {}, None
        known = {job.id for job in self._jobs.jobs()}
        for job_id in mine:
            if job_id in known:
                self._jobs.cancel(job_id)

    def retry(self) -> None:
        """Send the failed job once more, exactly as it was."""
        if self._failed_id and self._failed is not None:
            self.problem = None
            job = self._jobs.retry(self._failed_id)
            self._mine[job.id] = self._failed
            self._failed_id = ""
            self._show(job)

    def dismiss(self) -> None:
        self.problem, self._failed_id = None, ""

    def _submit(self, job_id: str, out: Path, style: StyleRow, laid: str, brief: Brief) -> None:
        if job_id in self._mine:
            taught = style.parent_id is not None
            self._mine[job_id] = replace(self._mine[job_id], style_id=style.id, taught=taught)
            out.mkdir(exist_ok=True)
            previews = str(out.with_name("previews"))
            request = GenerateRequest(
                job_id=job_id, style=laid, out_dir=str(out), brief=brief, preview_dir=previews
            )
            job = self._jobs.submit(request)
            if self.job is None:
                self._show(job)

    def _show(self, job: Job | None) -> None:
        self.job = job
        self.changed.emit()

    def _lose(self, job_id: str, problem: Problem | None) -> None:
        """This job is over without works; show the next one that runs."""
        self._mine.pop(job_id, None)
        self.problem = problem or self.problem
        self._show(self._shown_next())

    def _shown_next(self) -> Job | None:
        open_jobs = (job for job in self._jobs.jobs() if job.id in self._mine and not job.is_over)
        return next(open_jobs, None)

    def _on_preview(self, job: Job, preview: Preview) -> None:
        if job.id in self._mine:
            self.preview_arrived.emit(job, preview)

    def _on_job_changed(self, job: Job) -> None:
        if job.id in self._mine and not job.is_over and (self.job is None or self.job.id == job.id):
            self._show(job)

    def _on_job_finished(self, job: Job) -> None:
        if job.id not in self._mine:
            return
        if job.state is JobState.DONE and isinstance(job.result, WorksResult):
            self._keep(job, job.result)
        elif job.state is JobState.FAILED:
            self._failed_id, self._failed = job.id, self._mine[job.id]
            self._lose(job.id, problems.of_job(job))
        else:
            self._lose(job.id, None)

    def _keep(self, job: Job, result: WorksResult) -> None:
        """Bytes and sidecars into the project first; only then is anybody told."""
        assert isinstance(job.request, GenerateRequest)
        order = self._mine[job.id]
        self._timings.learn(self.device, order.brief, result.seconds, order.taught)

        def kept(rows: tuple[WorkRow, ...]) -> None:
            if order.project is self._project:
                self.works_added.emit(rows)
            self._lose(job.id, None)

        self._background.run(
            lambda: store(order, result),
            kept,
            lambda error: self._lose(job.id, problems.of_error(error)),
        )


def lay_down(project: Project, style: StyleRow, brief: BriefT, folder: Path) -> tuple[str, BriefT]:
    """What the engine reads, as files in the job's folder: the style, and what the brief names.

    Returns the style's path and the brief as it is sent, with paths in place of digests.
    """
    used = folder / "used.style"
    used.write_bytes(project.blob(style.digest))
    paths = {}
    for name in KEPT:
        if music.is_digest(kept := getattr(brief, name, "")):
            data = project.blob(kept)
            # Readers of pictures look at the bytes; those of music are chosen by the suffix.
            suffix = music.suffix_of(data) if brief.medium is Medium.AUDIO else ".png"
            path = folder / f"{name}{suffix}"
            path.write_bytes(data)
            paths[name] = str(path)
    return str(used), replace(brief, **paths)


def store(order: Order, result: WorksResult) -> tuple[WorkRow, ...]:
    """Write the works of one job into the project, sidecars with them."""
    return tuple(
        order.project.add_work(
            Path(work.path).read_bytes(),
            sidecar_of(work, order.brief),
            style_id=order.style_id,
            seed=work.seed,
            width_px=work.width_px,
            height_px=work.height_px,
        )
        for work in result.works
    )


def sidecar_of(work: WorkFile, brief: Brief) -> dict[str, Any]:
    """What the engine wrote beside the work, with what it said of copying.

    Files are named by their digests again, as in `brief`: the job's folder will be gone.
    """
    told = json.loads(Path(work.sidecar).read_text("utf-8"))
    if isinstance(told.get("brief"), dict):
        told["brief"] |= {name: getattr(brief, name) for name in KEPT if hasattr(brief, name)}
    if work.sketch is not None:
        told.setdefault("sketch", asdict(work.sketch))
    return told | {"copied": asdict(work.copied)} if work.copied is not None else told


def copied_of(sidecar: Mapping[str, Any]) -> Copied | None:
    """How much of a work is not new; None when nobody has looked."""
    try:
        return msgspec.convert(sidecar["copied"], Copied)
    except (KeyError, ValueError):
        return None
