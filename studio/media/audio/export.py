"""Music leaves the project through the engine: each work as it is asked for, one after the other.

The engine writes into the job's folder; what is whole is then put in its place, with its sidecar.
"""

import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.messages import ExportRequest, ExportResult
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue, JobState
from studio.project.atomic_write import replacing
from studio.project.project import Project
from studio.state import problems
from studio.state.export import Format, free_stem, sidecar_bytes, stem_of, write
from studio.state.problems import Problem

BY_THE_ENGINE = (Format.WAV, Format.OGG, Format.MP3, Format.MID, Format.MUSICXML, Format.STEMS)


class MusicExport(QObject):
    """One export at a time. What was written before a failure or a cancel stays, whole."""

    progressed = Signal(int, int)  # works done, of how many
    exported = Signal(object)  # tuple[Path, ...]
    failed = Signal(object)  # Problem
    cancelled = Signal(int)  # works that are whole

    def __init__(self, jobs: JobQueue, background: Background, parent: QObject | None = None):
        super().__init__(parent)
        self._jobs, self._background = jobs, background
        self._job_id, self._work_id = "", 0
        self._round = 0
        self._project: Project | None = None
        self._left: list[int] = []
        self._written: list[Path] = []
        self._total = 0
        self._format, self._target = Format.WAV, Path()
        self._folder = Path()  # where works go one by one
        jobs.job_finished.connect(self._on_job_finished)

    @property
    def is_busy(self) -> bool:
        return bool(self._total)

    def start(
        self, project: Project, work_ids: Sequence[int], target: Path, wanted: Format
    ) -> None:
        """Into the folder `target`, or, when it ends in .zip, into one archive."""
        if self.is_busy or not work_ids:
            return
        self._round += 1
        self._project, self._left, self._written = project, list(work_ids), []
        self._total, self._format, self._target = len(work_ids), wanted, target
        zipped = target.suffix.lower() == ".zip"
        self._folder = self._jobs.open_job()[1] if zipped else target
        self._next()

    def cancel(self) -> None:
        if self.is_busy:
            done = len(self._written)
            self._stop()
            self.cancelled.emit(done)

    def _stop(self) -> None:
        self._round += 1
        job_id, self._job_id, self._total = self._job_id, "", 0
        if job_id in {job.id for job in self._jobs.jobs()}:
            self._jobs.cancel(job_id)

    def _next(self) -> None:
        if not self._left:
            self._finish()
            return
        self.progressed.emit(len(self._written), self._total)
        project, work_id = self._project, self._left.pop(0)
        assert project is not None
        job_id, folder = self._jobs.open_job()
        self._job_id = job_id
        self._background.run(
            lambda: _lay_down(project, work_id, job_id, folder, self._format),
            lambda request: self._submit(request, work_id),
            lambda error: self._lose(job_id, problems.of_error(error)),
        )

    def _submit(self, request: ExportRequest, work_id: int) -> None:
        if request.job_id == self._job_id:
            self._work_id = work_id
            self._jobs.submit(request)

    def _on_job_finished(self, job: Job) -> None:
        if not job.id or job.id != self._job_id:
            return
        project, work_id, this_round = self._project, self._work_id, self._round
        assert project is not None
        if job.state is JobState.DONE and isinstance(job.result, ExportResult):
            out = Path(job.request.out) if isinstance(job.request, ExportRequest) else job.folder
            self._background.run(
                lambda: place(project, work_id, out, self._folder, self._format),
                lambda path: self._placed(path) if this_round == self._round else None,
                lambda error: self._lose(job.id, problems.of_error(error)),
            )
        elif job.state is JobState.FAILED:
            self._lose(job.id, problems.of_job(job))
        else:
            self.cancel()

    def _placed(self, path: Path) -> None:
        self._written.append(path)
        self._next()

    def _lose(self, job_id: str, problem: Problem) -> None:
        if job_id == self._job_id:
            params = {"problem": problem.text, "done": len(self._written), "total": self._total}
            whole = self._target.suffix.lower() != ".zip"
            self._stop()
            told = whole and params["total"] > 1
            self.failed.emit(Problem("export.stopped", params) if told else problem)

    def _finish(self) -> None:
        written, target, this_round = tuple(self._written), self._target, self._round

        def done(paths: tuple[Path, ...]) -> None:
            if this_round == self._round:
                self._job_id, self._total = "", 0
                self.exported.emit(paths)

        if self._folder == target:
            done(written)
        else:
            job_id = self._job_id
            self._background.run(
                lambda: _zip(self._folder, target),
                done,
                lambda error: self._lose(job_id, problems.of_error(error)),
            )


def _lay_down(
    project: Project, work_id: int, job_id: str, folder: Path, wanted: Format
) -> ExportRequest:
    """The work, its sidecar and its style as files in the job's folder."""
    work = project.work(work_id)
    flac, sidecar, style = folder / "work.flac", folder / "work.json", folder / "used.style"
    flac.write_bytes(project.blob(work.digest))
    sidecar.write_text(json.dumps(project.sidecar(work_id), ensure_ascii=False), "utf-8")
    style.write_bytes(project.blob(project.style(work.style_id).digest))
    stems = wanted is Format.STEMS
    out = folder / "out" / ("stems" if stems else f"work.{wanted}")
    (out if stems else out.parent).mkdir(parents=True)
    return ExportRequest(
        job_id=job_id,
        work=str(flac),
        sidecar=str(sidecar),
        style=str(style),
        out=str(out),
        stems=stems,
    )


def place(project: Project, work_id: int, out: Path, folder: Path, wanted: Format) -> Path:
    """Put what the engine wrote into the artist's folder, beside what is there. Slow."""
    work = project.work(work_id)
    folder.mkdir(parents=True, exist_ok=True)
    taken = {path.name.casefold() for path in folder.iterdir()}
    if wanted is Format.STEMS:
        return _place_stems(out, folder / _free_folder(stem_of(project.name, work), taken))
    stem = free_stem(stem_of(project.name, work), wanted, taken)
    path = folder / f"{stem}.{wanted}"
    write(folder / f"{stem}.json", sidecar_bytes(project, work, path.name))
    with replacing(path) as part:
        shutil.copyfile(out, part)
    return path


def _free_folder(stem: str, taken: set[str]) -> str:
    free, number = f"{stem} stems", 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem} stems ({number})"
    return free


def _place_stems(out: Path, folder: Path) -> Path:
    """All stems or none: they are gathered beside their place and then named."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        shutil.copytree(out, part)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _zip(folder: Path, target: Path) -> tuple[Path, ...]:
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return (target,)
