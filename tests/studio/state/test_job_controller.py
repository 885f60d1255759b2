"""What all controllers that ask the engine share: prepared, queued, done; failed, cancelled."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.protocol import GenerateRequest, PictureBrief, WorksResult
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue, JobState
from studio.state.job_controller import JobController, Task
from studio.state.problems import Problem


class Recorder(JobController[str]):
    """Remembers what became of each thing that was asked."""

    def __init__(self, jobs: JobQueue, background: Background) -> None:
        super().__init__(jobs, background, jobs)
        self.heard: list[tuple[str, object]] = []

    def ask(self, asked: str, prepare: Callable[[], None] = lambda: None) -> Task[str]:
        def request(job_id: str, folder: Path) -> GenerateRequest:
            prepare()
            (folder / "used.style").write_bytes(b"style")
            brief, out = PictureBrief(count=1, width_px=8, height_px=8), folder / "works"
            out.mkdir()
            style = str(folder / "used.style")
            return GenerateRequest(job_id=job_id, style=style, out_dir=str(out), brief=brief)

        return self._start(asked, request)

    def _on_done(self, task: Task[str], job: Job) -> None:
        self._end(task)
        self.heard.append((task.asked, type(job.result)))

    def _on_failed(self, task: Task[str], problem: Problem) -> None:
        self.heard.append((task.asked, problem))

    def _on_cancelled(self, task: Task[str]) -> None:
        self.heard.append((task.asked, None))


@pytest.fixture
def make(make_queue) -> Iterator[Callable[..., Recorder]]:
    """`make("normal")`: a recorder on a queue with a fake engine."""
    open_threads: list[Background] = []

    def maker(*behaviour: str) -> Recorder:
        queue = make_queue(*behaviour)
        open_threads.append(Background(parent=queue))
        return Recorder(queue, open_threads[-1])

    yield maker
    for background in open_threads:
        background.close()


def test_what_is_asked_is_done(qtbot, make) -> None:
    recorder = make("normal")
    recorder.ask("one")
    recorder.ask("two")
    qtbot.waitUntil(lambda: len(recorder.heard) == 2, timeout=8000)
    # files are prepared on two threads, so that either may be first in the queue
    assert dict(recorder.heard) == {"one": WorksResult, "two": WorksResult}
    assert not recorder._tasks


def test_preparing_may_fail(qtbot, make) -> None:
    recorder = make("normal")

    def fail() -> None:
        raise OSError(28, "No space left on device")

    recorder.ask("one", fail)
    qtbot.waitUntil(lambda: len(recorder.heard) == 1, timeout=8000)
    problem = recorder.heard[0][1]
    assert isinstance(problem, Problem)
    assert problem.retry
    assert not recorder._jobs.jobs(), "nothing was queued"


def test_a_crash_is_a_failure_that_can_be_tried_again(qtbot, make, tmp_path: Path) -> None:
    recorder = make("crash-once", str(tmp_path / "crashed"))
    failed = recorder.ask("one")
    qtbot.waitUntil(lambda: len(recorder.heard) == 1, timeout=8000)
    assert isinstance(recorder.heard[0][1], Problem)
    again = recorder._retry()
    assert again is not None
    assert (again.asked, again.folder != failed.folder) == ("one", True)
    qtbot.waitUntil(lambda: len(recorder.heard) == 2, timeout=8000)
    assert recorder.heard[1] == ("one", WorksResult)
    assert recorder._retry() is None, "there is nothing left to try again"


def test_one_task_is_cancelled_and_the_others_go_on(qtbot, make) -> None:
    recorder = make("normal")
    first, second = recorder.ask("one"), recorder.ask("two")
    recorder._cancel(second)  # it is being prepared, or waits
    assert recorder.heard == [("two", None)]
    qtbot.waitUntil(lambda: ("one", WorksResult) in recorder.heard, timeout=8000)
    assert first.id not in recorder._tasks
    job = recorder._jobs.find(second.id)
    assert job is None or job.state is JobState.CANCELLED


def test_what_was_dropped_is_not_heard_of(qtbot, make) -> None:
    recorder = make("slow")
    task = recorder.ask("one")
    qtbot.waitUntil(lambda: recorder._jobs.running is not None, timeout=8000)
    recorder._drop()
    qtbot.waitUntil(lambda: recorder._jobs.running is None, timeout=8000)
    assert recorder._jobs.job(task.id).state is JobState.CANCELLED
    assert not recorder.heard


def test_only_what_waits_is_dropped(qtbot, make) -> None:
    recorder = make("slow")
    running = recorder.ask("one")
    qtbot.waitUntil(lambda: recorder._jobs.running is not None, timeout=20_000)
    waiting = recorder.ask("two")
    qtbot.waitUntil(lambda: len(recorder._jobs.jobs()) == 2, timeout=20_000)
    recorder._drop_waiting()
    assert list(recorder._tasks) == [running.id]
    assert recorder._jobs.job(waiting.id).state is JobState.CANCELLED
    assert not recorder.heard
    recorder._drop()
