"""The queue of jobs for the engine: one runs, the others wait. (signatures; body follows)"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.messages import Failure, Preview, Progress, StyleResult, WorksResult
from engine.messages import Job as JobRequest
from studio.client import EngineClient
from studio.errors import MaquetteError


class JobState(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A snapshot of one job; the queue replaces it at every change."""

    id: str
    request: JobRequest
    folder: Path
    state: JobState = JobState.WAITING
    cancelling: bool = False
    progress: Progress | None = None  # done, total, seconds_left, stage
    previews: tuple[Preview, ...] = ()  # the newest of each index
    result: StyleResult | WorksResult | None = None
    failure: Failure | None = None
    error: MaquetteError | None = None  # beside `failure` when the studio found it: has a key

    @property
    def is_over(self) -> bool: ...
    @property
    def fraction(self) -> float: ...


class JobQueue(QObject):
    job_changed = Signal(object)  # Job, at every change
    job_finished = Signal(object)  # Job, once: DONE, FAILED or CANCELLED
    preview_arrived = Signal(object, object)  # Job, Preview

    def __init__(
        self, client: EngineClient, scratch: Path | None = None, parent: QObject | None = None
    ) -> None: ...
    @property
    def scratch(self) -> Path: ...
    def open_job(self) -> tuple[str, Path]:
        """A fresh job id and its empty folder: build the request's paths inside it."""
        ...

    def submit(self, request: JobRequest) -> Job: ...
    def cancel(self, job_id: str) -> None: ...
    def retry(self, job_id: str) -> Job: ...
    def forget(self, job_id: str) -> None: ...
    def job(self, job_id: str) -> Job: ...
    def jobs(self) -> tuple[Job, ...]: ...
    @property
    def running(self) -> Job | None: ...
    def close(self) -> None: ...
