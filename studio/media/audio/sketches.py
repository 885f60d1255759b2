"""What music looks like: of references the engine is asked, of works their sidecars say it.

Both are kept in memory by the digest of the bytes. Nothing here waits for anything.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.protocol import Sketch, SketchRequest, SketchResult
from studio.client.background import Background
from studio.client.engine_client import EngineError
from studio.client.inspector import Inspector
from studio.client.job_queue import Job, JobQueue
from studio.media.audio import reading
from studio.media.audio.music import NOTHING, Music, music_of
from studio.project.project import Project
from studio.project.rows import ReferenceRow, WorkRow
from studio.state.foreign_files import foreign
from studio.state.job_controller import JobController, Task
from studio.state.problems import Problem
from studio.state.recent import Recent

KEPT = 40_000  # notes and peaks of recordings, of all pieces


class Sketches(JobController[str]):
    """What is asked is the digest of a reference."""

    ready = Signal(str)  # digest

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        inspector: Inspector,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._inspector = inspector
        self._project: Project | None = None
        self._known: Recent[str, Music] = Recent(KEPT, _marks)
        self._wanted: set[str] = set()

    def attach(self, project: Project) -> None:
        """Read from this project; what was asked of another one comes too late."""
        self._project = project
        self._wanted.clear()
        self._drop()

    def of_work(self, work: WorkRow) -> Music | None:
        """What lies at hand; otherwise it is read and `ready` follows."""
        project = self._project
        if project is None:
            return None
        return self._get(work.digest, lambda: self._read(project, work))

    def of_reference(self, reference: ReferenceRow) -> Music | None:
        """What lies at hand; otherwise the engine is asked and `ready` follows: first with what can
        be drawn at once, and of a recording again when it was listened to."""
        project = self._project
        if project is None:
            return None
        known = self._get(reference.digest, lambda: self._look(project, reference))
        if known is not None and not known.listened and reference.digest not in self._wanted:
            self._wanted.add(reference.digest)
            self._ask(project, reference)
        return known

    def _get(self, digest: str, fetch: Callable[[], None]) -> Music | None:
        if digest in self._known:
            return self._known.get(digest)
        if digest not in self._wanted:
            self._wanted.add(digest)
            fetch()
        return None

    def _read(self, project: Project, work: WorkRow) -> None:
        self._background.run(
            lambda: music_of(project.works.sidecar(work.id)),
            lambda music: self._arrived(work.digest, music),
            lambda _error: self._arrived(work.digest, Music(NOTHING)),
        )

    def _look(self, project: Project, reference: ReferenceRow) -> None:
        def drawn(sketch: Sketch) -> None:
            self._arrived(reference.digest, Music(sketch, listened=not sketch.peaks))

        def failed(error: Exception) -> None:
            if isinstance(error, EngineError):
                self._wanted.discard(reference.digest)  # whoever looks next asks again
            else:
                self._arrived(reference.digest, Music(NOTHING))

        self._inspector.threads.run(
            lambda: reading.sketch(self._inspector, foreign(project, reference.digest)),
            drawn,
            failed,
        )

    def _ask(self, project: Project, reference: ReferenceRow) -> None:
        def prepare(job_id: str, folder: Path) -> SketchRequest:
            path = folder / (Path(reference.name).name or "reference")
            path.write_bytes(project.blob(reference.digest))
            return SketchRequest(job_id=job_id, path=str(path))

        self._start(reference.digest, prepare)

    def _on_done(self, task: Task[str], job: Job) -> None:
        assert isinstance(job.result, SketchResult)
        self._end(task)
        self._arrived(task.asked, Music(job.result.sketch))
        self._forget(task)

    def _on_failed(self, task: Task[str], problem: Problem) -> None:
        """Adapting says why: it reads the same file. What is drawn stays."""
        drawn = self._known.get(task.asked) or Music(NOTHING)
        self._arrived(task.asked, replace(drawn, listened=True))
        self._forget(task)

    def _on_cancelled(self, task: Task[str]) -> None:
        """The engine was restarted for another job: whoever looks next asks again."""
        self._wanted.discard(task.asked)
        self._forget(task)

    def _arrived(self, digest: str, music: Music) -> None:
        self._wanted.discard(digest)
        self._known.put(digest, music)
        self.ready.emit(digest)


def _marks(music: Music) -> float:
    return 1 + len(music.sketch.notes) + len(music.sketch.peaks)
