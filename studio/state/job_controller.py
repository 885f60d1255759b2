"""What all controllers that ask the engine share: prepare, queue, follow; fail, cancel, retry."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from engine.protocol import Job as JobRequest, Preview
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue, JobState
from studio.state import problems
from studio.state.problems import Problem

T = TypeVar("T")
Prepare = Callable[[str, Path], JobRequest]  # job id and its folder → the request; slow


@dataclass(frozen=True, slots=True, eq=False)
class Task(Generic[T]):
    """One thing that was asked, from then until it is over."""

    id: str  # of its job
    folder: Path  # of its job
    asked: T
    prepare: Prepare | None = None


class JobController(QObject, Generic[T]):
    """Runs tasks on the engine, in the order in which they were asked for; subclasses say what is
    asked, and keep what comes of it.

    A task is prepared on another thread (its files are written), queued, and followed until it is
    done, has failed, or was cancelled. A crash of the engine is a failure that can be tried again.
    A task that was dropped is not heard of any more, whatever becomes of its job.
    """

    changed = Signal()

    def __init__(self, jobs: JobQueue, background: Background, parent: QObject | None = None):
        super().__init__(parent)
        self._jobs, self._background = jobs, background
        self._tasks: dict[str, Task[T]] = {}  # by job id, oldest first
        self._failed_task: Task[T] | None = None  # the newest, for `_retry`
        jobs.job_changed.connect(self._on_job_changed)
        jobs.job_finished.connect(self._on_job_finished)
        jobs.preview_arrived.connect(self._on_preview_arrived)

    # ---- what subclasses do --------------------------------------------------------------------

    def _start(self, asked: T, prepare: Prepare) -> Task[T]:
        """Ask the engine. `prepare` writes the files and returns the request, on another thread."""
        task = self._open(asked, prepare)
        work = partial(prepare, task.id, task.folder)
        self._in_background(task, work, self._submitter(task), in_order=True)
        return task

    def _open(self, asked: T, prepare: Prepare | None = None) -> Task[T]:
        """A task that stands; nothing is done for it yet."""
        task = Task(*self._jobs.open_job(), asked, prepare)
        self._tasks[task.id] = task
        return task

    def _in_background(
        self,
        task: Task[T],
        work: Callable[[], Any],
        then: Callable[[Any], None],
        *,
        in_order: bool = False,
    ) -> None:
        """Do `work` on another thread; `then(result)` follows if the task still stands."""

        def failed(error: Exception) -> None:
            if self._stands(task):
                self._fail(task, problems.of_error(error, retry=True))

        def stands(result: Any) -> None:
            if self._stands(task):
                then(result)

        self._background.run(work, stands, failed, in_order=in_order)

    def _stands(self, task: Task[T]) -> bool:
        return task.id in self._tasks

    def _end(self, task: Task[T]) -> None:
        """The task is over, and what came of it is kept."""
        self._tasks.pop(task.id, None)

    def _cancel(self, task: Task[T]) -> None:
        """Cancel one task; `_on_cancelled` follows."""
        if self._jobs.find(task.id) is None:
            self._end(task)
            self._on_cancelled(task)
        else:
            self._jobs.cancel(task.id)

    def _drop(self, *, running: bool = True) -> None:
        """Let go of all tasks. What waits is cancelled; what runs too, or it ends unheard."""
        dropped, self._tasks = list(self._tasks), {}
        for job_id in dropped:
            job = self._jobs.find(job_id)
            if job is not None and (running or job.state is JobState.WAITING):
                self._jobs.cancel(job_id)

    def _drop_waiting(self) -> None:
        """Let go of the tasks whose jobs do not run yet."""
        for task in list(self._tasks.values()):
            job = self._jobs.find(task.id)
            if job is None or job.state is JobState.WAITING:
                self._end(task)
                if job is not None:
                    self._jobs.cancel(task.id)

    def _forget(self, task: Task[T]) -> None:
        """Its files are of no more use."""
        job = self._jobs.find(task.id)
        if job is not None and job.is_over:
            self._jobs.forget(task.id)

    def _retry(self) -> Task[T] | None:
        """Ask once more for what failed last, exactly as it was."""
        failed, self._failed_task = self._failed_task, None
        if failed is None or failed.prepare is None:
            return None
        return self._start(failed.asked, failed.prepare)

    # ---- what becomes of a task: for subclasses ------------------------------------------------

    def _on_submitted(self, task: Task[T], job: Job) -> None:
        """Its job is in the queue, and may run already."""

    def _on_progress(self, task: Task[T], job: Job) -> None:
        """Its job waits, begins or gets on."""

    def _on_preview(self, task: Task[T], job: Job, preview: Preview) -> None:
        """Something of the result can be seen."""

    def _on_done(self, task: Task[T], job: Job) -> None:
        """`job.result` is there. The task stands until `_end`."""
        raise NotImplementedError

    def _on_failed(self, task: Task[T], problem: Problem) -> None:
        """The task is over: preparing, the engine, or keeping failed."""
        raise NotImplementedError

    def _on_cancelled(self, task: Task[T]) -> None:
        """The task is over: it was cancelled, or lost with an engine that had to be restarted."""
        raise NotImplementedError

    # ---- signals of the queue ------------------------------------------------------------------

    def _submitter(self, task: Task[T]) -> Callable[[JobRequest], None]:
        return lambda request: self._on_submitted(task, self._jobs.submit(request))

    def _fail(self, task: Task[T], problem: Problem) -> None:
        self._end(task)
        self._failed_task = task
        self._on_failed(task, problem)

    def _on_job_changed(self, job: Job) -> None:
        if not job.is_over and (task := self._tasks.get(job.id)) is not None:
            self._on_progress(task, job)

    def _on_preview_arrived(self, job: Job, preview: Preview) -> None:
        if (task := self._tasks.get(job.id)) is not None:
            self._on_preview(task, job, preview)

    def _on_job_finished(self, job: Job) -> None:
        task = self._tasks.get(job.id)
        if task is None:
            return
        if job.state is JobState.DONE:
            self._on_done(task, job)
        elif job.state is JobState.FAILED:
            self._fail(task, problems.of_job(job))
        else:
            self._end(task)
            self._on_cancelled(task)
