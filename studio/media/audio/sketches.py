"""What music looks like: of references the engine is asked, of works their sidecars tell.

Both are kept in memory by the digest of the bytes. Nothing here waits for anything.
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.messages import SketchRequest, SketchResult
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue, JobState
from studio.media.audio.music import NOTHING, Music, music_of
from studio.project.project import Project, ReferenceRow, WorkRow

KEPT = 600


class Sketches(QObject):
    ready = Signal(str)  # digest

    def __init__(self, jobs: JobQueue, background: Background, parent: QObject | None = None):
        super().__init__(parent)
        self._jobs, self._background = jobs, background
        self._project: Project | None = None
        self._known: OrderedDict[str, Music] = OrderedDict()
        self._wanted: set[str] = set()
        self._asked: dict[str, str] = {}  # job id → digest
        jobs.job_finished.connect(self._on_job_finished)

    def attach(self, project: Project) -> None:
        """Read from this project; what was asked of another one comes too late."""
        self._project = project
        self._wanted.clear()
        asked, self._asked = self._asked, {}
        known = {job.id for job in self._jobs.jobs()}
        for job_id in asked.keys() & known:
            self._jobs.cancel(job_id)

    def of_work(self, work: WorkRow) -> Music | None:
        """What lies at hand; otherwise it is read and `ready` follows."""
        project = self._project
        if project is None:
            return None
        return self._get(work.digest, lambda: self._read(project, work))

    def of_reference(self, reference: ReferenceRow) -> Music | None:
        """What lies at hand; otherwise the engine is asked and `ready` follows."""
        project = self._project
        if project is None:
            return None
        return self._get(reference.digest, lambda: self._ask(project, reference))

    def _get(self, digest: str, fetch: Callable[[], None]) -> Music | None:
        if digest in self._known:
            self._known.move_to_end(digest)
            return self._known[digest]
        if digest not in self._wanted:
            self._wanted.add(digest)
            fetch()
        return None

    def _read(self, project: Project, work: WorkRow) -> None:
        self._background.run(
            lambda: music_of(project.sidecar(work.id)),
            lambda music: self._arrived(work.digest, music),
            lambda _error: self._arrived(work.digest, Music(NOTHING)),
        )

    def _ask(self, project: Project, reference: ReferenceRow) -> None:
        job_id, folder = self._jobs.open_job()
        self._asked[job_id] = reference.digest
        path = folder / (Path(reference.name).name or "reference")

        def laid(_written: int) -> None:
            if job_id in self._asked:
                self._jobs.submit(SketchRequest(job_id=job_id, path=str(path)))

        self._background.run(
            lambda: path.write_bytes(project.blob(reference.digest)),
            laid,
            lambda _error: self._end(job_id, Music(NOTHING)),
        )

    def _on_job_finished(self, job: Job) -> None:
        if job.id not in self._asked:
            return
        if job.state is JobState.DONE and isinstance(job.result, SketchResult):
            self._end(job.id, Music(job.result.sketch))
        elif job.state is JobState.FAILED:
            self._end(job.id, Music(NOTHING))  # adapting tells why: it reads the same file
        else:  # the engine was restarted for another job: whoever looks next asks again
            self._wanted.discard(self._asked.pop(job.id))
        self._jobs.forget(job.id)

    def _end(self, job_id: str, music: Music) -> None:
        if (digest := self._asked.pop(job_id, None)) is not None:
            self._arrived(digest, music)

    def _arrived(self, digest: str, music: Music) -> None:
        self._wanted.discard(digest)
        self._known[digest] = music
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        self.ready.emit(digest)
