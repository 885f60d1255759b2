"""Works leave the project through the engine: each as it is asked for, one after the other.

The engine writes into the job's folder; what is whole is then put in its place, with its sidecar.
"""

import json
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.core.files import part_beside
from engine.protocol import ExportRequest
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.project.atomic_write import atomic_write
from studio.project.project import Project
from studio.state.export import put
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.export_names import file_stem
from studio.state.job_controller import JobController, Task
from studio.state.medium import Media
from studio.state.problems import Problem


@dataclass(slots=True)
class EngineExportOrder:
    """Several works in one format; `folder` is where they go one by one."""

    project: Project
    works: tuple[int, ...]
    target: Path
    options: ExportOptions
    folder: Path
    written: list[Path] = field(default_factory=list)

    @property
    def is_zip(self) -> bool:
        return self.folder != self.target


class EngineExport(JobController[EngineExportOrder]):
    """One export at a time. What was written before a failure or a cancel stays, whole."""

    progressed = Signal(int, int)  # works done, of how many
    exported = Signal(object)  # tuple[Path, ...]
    failed = Signal(object)  # Problem
    cancelled = Signal(int)  # works that are whole

    def __init__(
        self, jobs: JobQueue, background: Background, media: Media, parent: QObject | None = None
    ) -> None:
        super().__init__(jobs, background, parent)
        self._media = media

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks)

    def start(
        self, project: Project, work_ids: Sequence[int], target: Path, options: ExportOptions
    ) -> None:
        """Into the folder `target`, or, when it ends in .zip, into one archive."""
        if self.is_busy or not work_ids:
            return
        zipped = target.suffix.lower() == ".zip"
        folder = self._jobs.open_job()[1] if zipped else target
        self._next(EngineExportOrder(project, tuple(work_ids), target, options, folder))

    def cancel(self) -> None:
        for task in list(self._tasks.values()):
            self._drop()
            self.cancelled.emit(len(task.asked.written))

    def _next(self, order: EngineExportOrder) -> None:
        """The next work of the order, or its end."""
        done, total = len(order.written), len(order.works)
        if done == total:
            self._finish(order)
            return
        self.progressed.emit(done, total)
        self._start(
            order,
            lambda job_id, folder: request_of(
                order, self._media, order.works[done], job_id, folder
            ),
        )

    def _on_done(self, task: Task[EngineExportOrder], job: Job) -> None:
        order = task.asked
        assert isinstance(job.request, ExportRequest)
        out, work_id = Path(job.request.out), order.works[len(order.written)]
        self._in_background(
            task,
            lambda: place(order, self._media, work_id, out),
            lambda path: self._placed(task, path),
        )

    def _placed(self, task: Task[EngineExportOrder], path: Path) -> None:
        task.asked.written.append(path)
        self._end(task)
        self._next(task.asked)

    def _finish(self, order: EngineExportOrder) -> None:
        if not order.is_zip:
            self.exported.emit(tuple(order.written))
            return
        task = self._open(order)
        self._in_background(
            task, lambda: _zip(order.folder, order.target), lambda paths: self._zipped(task, paths)
        )

    def _zipped(self, task: Task[EngineExportOrder], paths: tuple[Path, ...]) -> None:
        self._end(task)
        self.exported.emit(paths)

    def _on_failed(self, task: Task[EngineExportOrder], problem: Problem) -> None:
        order = task.asked
        if order.is_zip or len(order.works) == 1:
            self.failed.emit(problem)
            return
        params = {"done": len(order.written), "total": len(order.works)}
        self.failed.emit(Problem("export.stopped", {"problem": problem.text, **params}))

    def _on_cancelled(self, task: Task[EngineExportOrder]) -> None:
        self.cancelled.emit(len(task.asked.written))


def request_of(
    order: EngineExportOrder, media: Media, work_id: int, job_id: str, folder: Path
) -> ExportRequest:
    """Write the work, its sidecar and its style as files into the job's folder. Slow."""
    project = order.project
    row = project.works.get(work_id)
    data = project.blob(row.digest)
    work = folder / f"work{media[row.medium].file_suffix(data)}"
    sidecar, style = folder / "work.json", folder / "used.style"
    work.write_bytes(data)
    about = json.dumps(project.works.sidecar(work_id), ensure_ascii=False)
    sidecar.write_text(about, "utf-8")
    style.write_bytes(project.blob(project.styles.get(row.style_id).digest))
    wanted = order.options.format
    stems = wanted is ExportFormat.STEMS
    made = wanted if wanted.is_by_engine else ExportFormat.PNG  # the studio goes on from there
    out = folder / "out" / ("stems" if stems else f"work.{made}")
    (out if stems else out.parent).mkdir(parents=True)
    return ExportRequest(
        job_id=job_id,
        work=str(work),
        sidecar=str(sidecar),
        style=str(style),
        out=str(out),
        stems=stems,
        clear_ground=order.options.clear_paper and wanted.has_alpha,
    )


def place(order: EngineExportOrder, media: Media, work_id: int, out: Path) -> Path:
    """Put what the engine wrote into the artist's folder, beside what is there. Slow."""
    project, folder, options = order.project, order.folder, order.options
    work = project.works.get(work_id)
    folder.mkdir(parents=True, exist_ok=True)
    if options.format is ExportFormat.STEMS:
        stem = file_stem(options.pattern, project, media[work.medium], work)
        return _place_stems(out, folder / _free_folder(stem, folder))
    data = out.read_bytes()
    if not options.format.is_by_engine:
        data = media[work.medium].encode(data, options)
    return put(data, project, media, work, folder, options)


def _free_folder(stem: str, folder: Path) -> str:
    taken = {path.name.casefold() for path in folder.iterdir()}
    free, number = f"{stem} stems", 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem} stems ({number})"
    return free


def _place_stems(out: Path, folder: Path) -> Path:
    """All stems or none: they are gathered beside their place and then named."""
    part = part_beside(folder)
    try:
        shutil.copytree(out, part)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _zip(folder: Path, target: Path) -> tuple[Path, ...]:
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return (target,)
