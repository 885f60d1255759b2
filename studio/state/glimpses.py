"""A style at a glance: one small work, made only to be seen, of a style that is in no project."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Signal

from engine.protocol import Brief, GenerateRequest, Medium, Preview, WorksResult
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.state import covers
from studio.state.job_controller import JobController, Task
from studio.state.medium import Media
from studio.state.problems import Problem

Served = Callable[[Brief, str], Brief]  # a brief without what the generator of that id lacks
_SEED = 1  # the same for all: what differs is the style


@dataclass(frozen=True, slots=True)
class Glimpse:
    """key: whose it is, for whoever asked. data: reads the style's bytes. Slow."""

    key: str
    medium: Medium
    generator: str
    data: Callable[[], bytes]


class Glimpses(JobController[Glimpse]):
    """Asked again under the same key, the one before is dropped."""

    grown = Signal(str, bytes)  # key, PNG: a picture while it is painted
    shown = Signal(str, bytes)  # key, PNG
    failed = Signal(str, object)  # key, Problem

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        media: Media,
        served: Served,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._media, self._served = media, served

    def ask(self, wanted: Glimpse) -> None:
        self.drop(wanted.key)
        brief = self._served(self._media[wanted.medium].glimpse(_SEED), wanted.generator)

        def prepare(job_id: str, folder: Path) -> GenerateRequest:
            style, out = folder / "glimpse.style", folder / "works"
            style.write_bytes(wanted.data())
            out.mkdir(exist_ok=True)
            return GenerateRequest(
                job_id=job_id,
                style=str(style),
                out_dir=str(out),
                brief=brief,
                preview_dir=str(folder / "previews"),
            )

        self._start(wanted, prepare)

    def drop(self, key: str) -> None:
        for task in [task for task in self._tasks.values() if task.asked.key == key]:
            self._end(task)
            if (job := self._jobs.find(task.id)) is not None:
                self._jobs.cancel(job.id)

    def stop(self) -> None:
        self._drop()

    def _on_preview(self, task: Task[Glimpse], job: Job, preview: Preview) -> None:
        if preview.path and self._media[task.asked.medium].shown_as == "picture":
            path = Path(preview.path)
            self._in_background(
                task, path.read_bytes, lambda data: self.grown.emit(task.asked.key, data)
            )

    def _on_done(self, task: Task[Glimpse], job: Job) -> None:
        assert isinstance(job.result, WorksResult)
        work, rules = job.result.works[0], self._media[task.asked.medium]
        size = QSize(work.width_px, work.height_px)

        def draw() -> bytes:
            about = json.loads(Path(work.sidecar).read_text("utf-8"))
            return covers.drawn(rules, Path(work.path).read_bytes(), about, size)

        self._in_background(task, draw, lambda png: self._drawn(task, png))

    def _drawn(self, task: Task[Glimpse], png: bytes) -> None:
        self._end(task)
        self._forget(task)
        self.shown.emit(task.asked.key, png)

    def _on_failed(self, task: Task[Glimpse], problem: Problem) -> None:
        self._forget(task)
        self.failed.emit(task.asked.key, problem)

    def _on_cancelled(self, task: Task[Glimpse]) -> None:
        self._forget(task)
