"""Works as they are written: the engine writes their MusicXML, which is read and kept."""

import json
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.protocol import ExportRequest
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.media.audio.notation.written import WrittenScore, read_written
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.job_controller import JobController, Task
from studio.state.problems import Problem
from studio.state.recent import Recent

KEPT = 24  # scores
NOTHING = WrittenScore((), 1)


class WrittenScores(JobController[str]):
    """What is asked is the digest of a work."""

    ready = Signal(str)  # digest

    def __init__(
        self, jobs: JobQueue, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(jobs, background, parent)
        self._known: Recent[str, WrittenScore] = Recent(KEPT)
        self._wanted: set[str] = set()

    def attach(self) -> None:
        """Another project is open: what was asked before comes too late."""
        self._wanted.clear()
        self._drop()

    def of_work(self, project: Project, work: WorkRow) -> WrittenScore | None:
        """What lies at hand; otherwise the engine is asked and `ready` follows. Without staves
        where it cannot be written."""
        known = self._known.get(work.digest)
        if known is None and work.digest not in self._wanted:
            self._wanted.add(work.digest)
            self._ask(project, work)
        return known

    def _ask(self, project: Project, work: WorkRow) -> None:
        def prepare(job_id: str, folder: Path) -> ExportRequest:
            sidecar = folder / "work.json"
            about = json.dumps(project.works.sidecar(work.id), ensure_ascii=False)
            sidecar.write_text(about, "utf-8")
            return ExportRequest(
                job_id=job_id,
                work=str(folder / "work.flac"),  # its notes are in the sidecar
                sidecar=str(sidecar),
                style="",
                out=str(folder / "work.musicxml"),
            )

        self._start(work.digest, prepare)

    def _on_done(self, task: Task[str], job: Job) -> None:
        assert isinstance(job.request, ExportRequest)
        out = Path(job.request.out)
        self._in_background(
            task, lambda: read_written(out.read_bytes()), lambda score: self._read(task, score)
        )

    def _read(self, task: Task[str], score: WrittenScore) -> None:
        self._end(task)
        self._arrived(task.asked, score)
        self._forget(task)

    def _on_failed(self, task: Task[str], problem: Problem) -> None:
        self._arrived(task.asked, NOTHING)
        self._forget(task)

    def _on_cancelled(self, task: Task[str]) -> None:
        """The engine was restarted for another job: whoever looks next asks again."""
        self._wanted.discard(task.asked)
        self._forget(task)

    def _arrived(self, digest: str, score: WrittenScore) -> None:
        self._wanted.discard(digest)
        self._known.put(digest, score)
        self.ready.emit(digest)
