"""The queue of jobs for the engine: one runs, the others wait, and a crash loses only the one.

Cancelling is answered within half a second: an engine that does not react is killed and started
again, and the queue goes on.
"""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psutil
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.protocol import (
    AdaptRequest,
    Cancelled,
    CancelRequest,
    Event,
    ExportResult,
    Failure,
    FailureKind,
    InspectStyleResult,
    Job as JobRequest,
    JudgeResult,
    ModelsResult,
    Preview,
    Progress,
    SketchResult,
    StyleResult,
    WorksResult,
)
from studio.client.engine_client import EngineClient, EngineState
from studio.client.job import Job as Job, JobState as JobState, turn
from studio.i18n.errors import MaquetteError

CANCEL_GRACE_MS = 400
PROGRESS_MS = 50  # an engine that writes reports progress far oftener than anybody can see
SCRATCH_PREFIX = "maquette-"
LEAST_GROWN = 3 << 30
_RESULTS = (StyleResult, WorksResult, SketchResult, ExportResult, JudgeResult, ModelsResult)
_RESULTS += (InspectStyleResult,)


class JobQueue(QObject):
    """Runs jobs one by one on an EngineClient. Unknown job ids raise KeyError."""

    job_changed = Signal(object)  # Job, at every change but a preview; progress: the newest
    job_finished = Signal(object)  # Job, once: DONE, FAILED or CANCELLED
    preview_arrived = Signal(object, object)  # Job, Preview

    def __init__(
        self, client: EngineClient, scratch: Path | None = None, parent: QObject | None = None
    ) -> None:
        """`scratch` is made; by default a new temporary folder, which `close` removes."""
        super().__init__(parent)
        self._client = client
        self._scratch = scratch or _session_folder()
        self._jobs: dict[str, Job] = {}
        self._waiting: list[str] = []
        self._running: str | None = None
        self._grace = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._grace.setInterval(CANCEL_GRACE_MS)
        self._grace.timeout.connect(self._on_grace_over)
        self._progress_timer = QTimer(self, singleShot=True, interval=PROGRESS_MS)
        self._progress_timer.timeout.connect(self._on_progress_timer)
        self._has_news = False
        client.event_received.connect(self._on_event)
        client.ready.connect(self._advance)
        client.crashed.connect(self._on_crashed)
        client.state_changed.connect(self._on_engine_state)

    @property
    def scratch(self) -> Path:
        """The session's temporary folder."""
        return self._scratch

    @property
    def running(self) -> Job | None:
        return self._jobs[self._running] if self._running else None

    def job(self, job_id: str) -> Job:
        return self._jobs[job_id]

    def find(self, job_id: str) -> Job | None:
        """None for a job that was not submitted, or was forgotten."""
        return self._jobs.get(job_id)

    def jobs(self) -> tuple[Job, ...]:
        """All that were submitted and not forgotten, oldest first."""
        return tuple(self._jobs.values())

    def open_job(self) -> tuple[str, Path]:
        """A fresh job id and its empty folder: build the request's outputs inside it."""
        job_id = uuid4().hex[:12]
        folder = self._scratch / job_id
        folder.mkdir(parents=True)
        return job_id, folder

    def submit(self, request: JobRequest) -> Job:
        """Queue a request made with `open_job`.

        An adapt goes before all that waits, and takes the place of an adapt that waits; learning
        from ratings comes next, then what is made, then what is judged, and sketches last.
        """
        job = Job(id=request.job_id, request=request, folder=self._scratch / request.job_id)
        if job.id in self._jobs:
            raise ValueError(f"job {job.id} was submitted before")
        self._jobs[job.id] = job
        superseded = [
            one
            for one in self._waiting
            if isinstance(request, AdaptRequest)
            and isinstance(self._jobs[one].request, AdaptRequest)
        ]
        self._waiting.insert(self._place_of(request), job.id)
        self.job_changed.emit(job)
        for job_id in superseded:
            self._finish(job_id, state=JobState.CANCELLED)
        self._advance()
        return self._jobs[job.id]

    def _place_of(self, request: JobRequest) -> int:
        """Behind those that wait and come before it, or with it."""
        turns = [turn(self._jobs[one].request) for one in self._waiting]
        return sum(one <= turn(request) for one in turns)

    def cancel(self, job_id: str) -> None:
        """End a job within half a second; does nothing when it is over."""
        job = self._jobs[job_id]
        if job.state is JobState.WAITING:
            self._finish(job_id, state=JobState.CANCELLED)
        elif job.state is JobState.RUNNING and not job.cancelling:
            self._update(job_id, cancelling=True)
            self._grace.start()
            self._client.send(CancelRequest(job_id=job_id))

    def forget(self, job_id: str) -> None:
        """Drop a job that is over, and its folder."""
        job = self._jobs[job_id]
        if not job.is_over:
            raise ValueError(f"job {job_id} is not over")
        del self._jobs[job_id]
        shutil.rmtree(job.folder, ignore_errors=True)

    def close(self) -> None:
        """Drop what waits and remove the scratch folder. Shut the client down first."""
        self._grace.stop()
        self._waiting.clear()
        self._running = None
        shutil.rmtree(self._scratch, ignore_errors=True)

    # ---- what happens --------------------------------------------------------------------------

    def _advance(self) -> None:
        if self._running or not self._waiting or self._client.state is not EngineState.READY:
            return
        if self._client.memory_bytes > most_memory():
            self._client.restart()  # between two jobs nobody notices; `ready` comes here again
            return
        job_id = self._waiting.pop(0)
        self._running = job_id
        job = self._update(job_id, state=JobState.RUNNING)
        self._client.send(job.request)

    def _on_event(self, event: Event) -> None:
        if event.job_id != self._running:  # a late word of a job that is over
            return
        cancelling = self._jobs[event.job_id].cancelling
        if isinstance(event, Progress):
            self._on_progress(event)
        elif isinstance(event, Preview):
            self._on_preview(event)
        elif isinstance(event, _RESULTS):
            self._finish(event.job_id, state=JobState.DONE, result=event)
        elif isinstance(event, Cancelled) or (isinstance(event, Failure) and cancelling):
            self._finish(event.job_id, state=JobState.CANCELLED)
        elif isinstance(event, Failure):
            self._finish(event.job_id, state=JobState.FAILED, failure=event)

    def _on_progress(self, progress: Progress) -> None:
        """Known at once, told at most twenty times a second."""
        self._jobs[progress.job_id] = replace(self._jobs[progress.job_id], progress=progress)
        self._has_news = True
        if not self._progress_timer.isActive():
            self._on_progress_timer()

    def _on_progress_timer(self) -> None:
        if self._has_news and self._running:
            self._progress_timer.start()
            self.job_changed.emit(self._jobs[self._running])
        self._has_news = False

    def _on_preview(self, preview: Preview) -> None:
        newest = {one.index: one for one in self._jobs[preview.job_id].previews}
        newest[preview.index] = preview
        previews = tuple(newest[index] for index in sorted(newest))
        job = replace(self._jobs[preview.job_id], previews=previews)
        self._jobs[job.id] = job  # many come in a second: they have a signal of their own
        self.preview_arrived.emit(job, preview)

    def _on_crashed(self, error: MaquetteError) -> None:
        if self._running is None:
            return
        if self._jobs[self._running].cancelling:
            self._finish(self._running, state=JobState.CANCELLED)
            return
        failure = Failure(
            job_id=self._running, kind=FailureKind.ENGINE, message=str(error), remedy="retry"
        )
        self._finish(self._running, state=JobState.FAILED, failure=failure, error=error)

    def _on_grace_over(self) -> None:
        if self._running and self._jobs[self._running].cancelling:
            self._client.restart()  # `_on_engine_state` ends the job

    def _on_engine_state(self, state: EngineState) -> None:
        """An engine that was restarted or ended on purpose takes its job along."""
        if self._running and state in (EngineState.STARTING, EngineState.STOPPED):
            self._finish(self._running, state=JobState.CANCELLED)

    def _finish(self, job_id: str, **changes: object) -> None:
        if job_id == self._running:
            self._running, self._has_news = None, False
            self._grace.stop()
        elif job_id in self._waiting:
            self._waiting.remove(job_id)
        job = self._update(job_id, cancelling=False, **changes)
        self.job_finished.emit(job)
        self._advance()

    def _update(self, job_id: str, **changes: object) -> Job:
        job = replace(self._jobs[job_id], **changes)  # pyright: ignore[reportArgumentType]
        self._jobs[job_id] = job
        self.job_changed.emit(job)
        return job


def most_memory() -> int:
    """Bytes: an engine that has grown beyond is begun anew before its next job."""
    return max(LEAST_GROWN, psutil.virtual_memory().total // 2)


def _session_folder() -> Path:
    """A new temporary folder named by this process; those of dead processes are removed.

    On a disk that takes no folder it is not there: each job then says so, and the studio starts."""
    name = f"{SCRATCH_PREFIX}{os.getpid()}-"
    try:
        for old in Path(tempfile.gettempdir()).glob(f"{SCRATCH_PREFIX}*-*"):
            pid = old.name.removeprefix(SCRATCH_PREFIX).split("-")[0]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=name))
    except OSError:
        return Path.home() / ".cache" / f"{name}{uuid4().hex[:8]}"
