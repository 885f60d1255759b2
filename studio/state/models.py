"""The language models that texts can be written with: looked at, added, fetched, removed.

They have an engine of their own, so that works are made while a model is loaded. It is started when
it is first asked, and ends when nobody looks any more.
"""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.protocol import ModelAction, ModelInfo, ModelsRequest, ModelsResult
from studio.client.background import Background
from studio.client.engine_client import EngineClient, EngineState
from studio.client.job_queue import Job, JobQueue
from studio.state import problems
from studio.state.job_controller import JobController, Task
from studio.state.problems import Problem

STOPPED = Problem("models.stopped")
_MEMORY = "engine_says.model_memory"
_CHANGING = (ModelAction.ADD, ModelAction.FETCH, ModelAction.PREFER, ModelAction.REMOVE)


class Models(JobController[ModelsRequest]):
    """One thing at a time. Nothing is fetched but by `read_terms` and `fetch`."""

    came = Signal()  # a model was added, removed or preferred: texts may be written differently

    def __init__(
        self,
        client: EngineClient,
        jobs: JobQueue,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._client = client
        self._is_looked_at = False
        self.result: ModelsResult | None = None
        self.found: ModelInfo | None = None  # what was inspected, until it is added or put away
        self.terms: dict[str, str] = {}  # licences that were read, by package
        self.asked: ModelsRequest | None = None  # what is being done
        self.job: Job | None = None
        self.problem: Problem | None = None
        self._failed: ModelsRequest | None = None
        client.state_changed.connect(self._on_engine_state)

    # ---- facts ---------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return self.asked is not None

    @property
    def is_long(self) -> bool:
        """Whether what is done takes longer than a moment, and may be stopped."""
        return self.asked is not None and self.asked.action in (ModelAction.ADD, ModelAction.FETCH)

    def is_too_large(self, model: ModelInfo) -> bool:
        """Whether it needs more memory than was free when it was looked at."""
        return self.result is not None and model.memory_bytes > self.result.free_memory_bytes

    @property
    def environment(self) -> dict[str, str]:
        return self._client.environment

    @environment.setter
    def environment(self, environment: dict[str, str]) -> None:
        """Of its engine, from the next start."""
        self._client.environment = environment

    # ---- verbs ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Somebody looks: ask how things stand."""
        self._is_looked_at = True
        self._ask(ModelsRequest(job_id=""))

    def refresh(self) -> None:
        """Ask once how things stand; the engine ends after it, unless somebody looks."""
        self._ask(ModelsRequest(job_id=""))

    def look_away(self) -> None:
        """Nobody looks any more: what runs goes on, then the engine ends."""
        self._is_looked_at = False
        self.found, self.problem = None, None
        self._rest()

    def inspect(self, path: Path) -> None:
        self._ask(ModelsRequest(job_id="", action=ModelAction.INSPECT, path=str(path)))

    def add(self, model: ModelInfo) -> None:
        """One that was inspected: the artist knows what it needs, and wants it all the same."""
        request = ModelsRequest(job_id="", action=ModelAction.ADD, path=model.source)
        self._ask(replace(request, anyway=self.is_too_large(model)))

    def put_away(self) -> None:
        """What was inspected is not added."""
        self.found = None
        self.changed.emit()

    def read_terms(self, package: str) -> None:
        self._ask(ModelsRequest(job_id="", action=ModelAction.TERMS, package=package))

    def fetch(self, package: str) -> None:
        """After the artist has read the terms and accepted them."""
        request = ModelsRequest(job_id="", action=ModelAction.FETCH, package=package)
        self._ask(replace(request, accepted=True))

    def prefer(self, model: str) -> None:
        self._ask(ModelsRequest(job_id="", action=ModelAction.PREFER, model=model))

    def remove(self, model: str) -> None:
        self._ask(ModelsRequest(job_id="", action=ModelAction.REMOVE, model=model))

    def stop(self) -> None:
        for task in list(self._tasks.values()):
            self._cancel(task)

    def retry(self) -> None:
        """What failed once more; where memory was short, all the same."""
        failed, problem = self._failed, self.problem
        if failed is not None:
            anyway = problem is not None and problem.key == _MEMORY
            self._ask(replace(failed, anyway=failed.anyway or anyway))

    def dismiss(self) -> None:
        self.problem = None
        self.changed.emit()

    def close(self) -> None:
        self._drop()
        self._client.shutdown()
        self._jobs.close()

    def _ask(self, request: ModelsRequest) -> None:
        if self.is_busy:
            return
        self.asked, self.job, self.problem, self._failed = request, None, None, None
        self.changed.emit()
        self._client.start()
        self._start(request, lambda job_id, _folder: replace(request, job_id=job_id))

    # ---- what happens --------------------------------------------------------------------------

    def _on_progress(self, task: Task[ModelsRequest], job: Job) -> None:
        self.job = job
        self.changed.emit()

    def _on_done(self, task: Task[ModelsRequest], job: Job) -> None:
        result, request = job.result, task.asked
        assert isinstance(result, ModelsResult)
        self._end(task)
        self.result = result
        self.found = result.found if request.action is ModelAction.INSPECT else None
        if request.action is ModelAction.TERMS:
            self.terms[request.package] = result.terms
        self._over(self.problem)
        if request.action in _CHANGING:
            self.came.emit()

    def _on_failed(self, task: Task[ModelsRequest], problem: Problem) -> None:
        self._failed = task.asked
        self._over(problem)

    def _on_cancelled(self, task: Task[ModelsRequest]) -> None:
        """What was loaded so far is kept: ask how much that is."""
        self._over(STOPPED)
        if self._is_looked_at:
            self._ask(ModelsRequest(job_id=""))
            self.problem = STOPPED
            self.changed.emit()

    def _over(self, problem: Problem | None) -> None:
        self.asked, self.job, self.problem = None, None, problem
        self.changed.emit()
        self._rest()

    def _rest(self) -> None:
        if not self._is_looked_at and not self.is_busy:
            self._client.shutdown()

    def _on_engine_state(self, state: EngineState) -> None:
        """An engine that does not start answers nobody."""
        if state is not EngineState.FAILED or self._client.failure is None:
            return
        problem = problems.of_error(self._client.failure, retry=True)
        for task in list(self._tasks.values()):
            self._fail(task, problem)
            if self._jobs.find(task.id) is not None:
                self._jobs.cancel(task.id)
