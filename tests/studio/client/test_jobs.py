"""The queue: progress, order, cancel within half a second, crash and restart, late words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.protocol import (
    AdaptRequest,
    FailureKind,
    GenerateRequest,
    JudgeRequest,
    LearnRequest,
    PictureBrief,
    Reference,
    SketchRequest,
    StyleResult,
    WorksResult,
)
from studio.client.engine_client import EngineState
from studio.client.job_queue import Job, JobQueue, JobState
from studio.i18n.errors import MaquetteError

Maker = Callable[..., JobQueue]


def adapt(queue: JobQueue) -> Job:
    job_id, folder = queue.open_job()
    return queue.submit(
        AdaptRequest(
            job_id=job_id,
            references=(Reference(path="a.png"),),
            out=str(folder / "a.style"),
            preview_dir=str(folder),
        )
    )


def generate(queue: JobQueue, count: int = 1) -> Job:
    job_id, folder = queue.open_job()
    brief = PictureBrief(count=count, seed=7, width_px=48, height_px=32)
    return queue.submit(
        GenerateRequest(job_id=job_id, style="a.style", out_dir=str(folder), brief=brief)
    )


def wait_state(qtbot: QtBot, queue: JobQueue, job: Job, state: JobState) -> Job:
    qtbot.waitUntil(lambda: queue.job(job.id).state is state, timeout=10_000)
    return queue.job(job.id)


def test_a_job_brings_progress_previews_and_works(make_queue: Maker, qtbot: QtBot) -> None:
    queue = make_queue("normal")
    fractions: list[float] = []
    previews: list[Path] = []
    finished: list[Job] = []
    queue.job_changed.connect(lambda job: fractions.append(job.fraction))
    queue.preview_arrived.connect(lambda _job, preview: previews.append(Path(preview.path)))
    queue.job_finished.connect(finished.append)
    job = generate(queue, count=2)
    assert job.state is JobState.WAITING  # the engine has not greeted yet
    done = wait_state(qtbot, queue, job, JobState.DONE)
    assert isinstance(done.result, WorksResult)
    assert [work.seed for work in done.result.works] == [7, 8]
    assert all(Path(work.path).is_file() for work in done.result.works)
    assert len(previews) == 3
    assert all(path.is_file() for path in previews)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert finished == [done]
    assert done.progress is not None
    assert (done.progress.seconds_left, done.progress.stage) == (1.0, "drawing")
    assert [preview.width_px for preview in done.previews] == [24]


def test_one_runs_at_a_time_and_an_adapt_goes_first(make_queue: Maker, qtbot: QtBot) -> None:
    queue = make_queue("normal")
    order: list[str] = []
    queue.job_finished.connect(lambda job: order.append(job.id))
    works = [generate(queue), generate(queue)]
    first, second = adapt(queue), adapt(queue)
    assert queue.job(first.id).state is JobState.CANCELLED
    for job in (*works, second):
        wait_state(qtbot, queue, job, JobState.DONE)
    assert order == [first.id, second.id, works[0].id, works[1].id]
    assert isinstance(queue.job(second.id).result, StyleResult)
    assert queue.running is None


@pytest.mark.parametrize("behaviour", ["slow", "deaf"])
def test_cancel_is_answered_and_the_rest_of_the_queue_is_kept(
    make_queue: Maker, qtbot: QtBot, behaviour: str
) -> None:
    queue = make_queue(behaviour)
    job, waiting = generate(queue), generate(queue)
    wait_state(qtbot, queue, job, JobState.RUNNING)
    queue.cancel(job.id)
    assert queue.job(job.id).cancelling
    queue.cancel(job.id)  # a second click changes nothing
    wait_state(qtbot, queue, job, JobState.CANCELLED)
    assert not queue.job(job.id).cancelling
    wait_state(qtbot, queue, waiting, JobState.RUNNING)  # the rest of the queue is kept


def test_a_waiting_job_is_cancelled_at_once(make_queue: Maker, qtbot: QtBot) -> None:
    queue = make_queue("slow")
    job, waiting = generate(queue), generate(queue)
    wait_state(qtbot, queue, job, JobState.RUNNING)
    queue.cancel(waiting.id)
    assert queue.job(waiting.id).state is JobState.CANCELLED
    assert queue.running is not None
    assert queue.running.id == job.id


def test_a_crash_fails_one_job_and_the_queue_goes_on(
    make_queue: Maker, qtbot: QtBot, tmp_path: Path
) -> None:
    queue = make_queue("crash-once", str(tmp_path / "crashed"))
    job, waiting = generate(queue), generate(queue)
    failed = wait_state(qtbot, queue, job, JobState.FAILED)
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.ENGINE
    assert failed.failure.remedy == "retry"
    assert "a fault in native code" in failed.failure.message
    assert isinstance(failed.error, MaquetteError)
    done = wait_state(qtbot, queue, waiting, JobState.DONE)
    assert isinstance(done.result, WorksResult)
    assert Path(done.result.works[0].path).parent == done.folder != failed.folder


def test_an_engine_given_up_keeps_the_queue(make_queue: Maker, qtbot: QtBot) -> None:
    queue = make_queue("crash")
    jobs = [generate(queue) for _ in range(4)]
    for job in jobs[:3]:
        wait_state(qtbot, queue, job, JobState.FAILED)
    assert queue.job(jobs[3].id).state is JobState.WAITING
    assert queue._client.state is EngineState.FAILED


def test_late_words_of_a_job_that_is_over_are_dropped(make_queue: Maker, qtbot: QtBot) -> None:
    queue = make_queue("late")
    first = wait_state(qtbot, queue, generate(queue), JobState.DONE)
    wait_state(qtbot, queue, generate(queue), JobState.DONE)
    assert queue.job(first.id) == first


def test_bad_input_keeps_the_engines_own_words(make_queue: Maker, qtbot: QtBot) -> None:
    queue = make_queue("failing")
    job = wait_state(qtbot, queue, adapt(queue), JobState.FAILED)
    assert job.failure is not None
    assert (job.failure.kind, job.failure.message) == (FailureKind.BAD_INPUT, "no picture")
    assert job.error is None


def test_ending_the_engine_ends_its_job(make_queue: Maker, qtbot: QtBot) -> None:
    queue = make_queue("slow")
    job = generate(queue)
    wait_state(qtbot, queue, job, JobState.RUNNING)
    queue._client.shutdown()
    assert queue.job(job.id).state is JobState.CANCELLED


def test_folders_are_cleaned(make_queue: Maker, qtbot: QtBot) -> None:
    queue = make_queue("normal")
    job = wait_state(qtbot, queue, generate(queue), JobState.DONE)
    assert job.folder.is_dir()
    queue.forget(job.id)
    assert not job.folder.exists()
    assert queue.jobs() == ()
    with pytest.raises(KeyError):
        queue.job(job.id)
    scratch = queue.scratch
    queue.close()
    assert not scratch.exists()


def test_learning_goes_before_works_judging_after_and_sketches_last(
    make_queue: Maker, qtbot: QtBot
) -> None:
    queue = make_queue("slow")
    first = generate(queue)
    wait_state(qtbot, queue, first, JobState.RUNNING)
    requests = (
        SketchRequest(job_id=queue.open_job()[0], path="a.mid"),
        JudgeRequest(job_id=queue.open_job()[0], references=(), works=()),
    )
    sketch, judge = (queue.submit(request) for request in requests)
    made = generate(queue)
    job_id, folder = queue.open_job()
    learn = queue.submit(LearnRequest(job_id=job_id, style="a", out=str(folder / "b.style")))
    other = generate(queue)
    tray = adapt(queue)
    assert queue._waiting == [one.id for one in (tray, learn, made, other, judge, sketch)]
    assert queue.job(first.id).state is JobState.RUNNING, "what runs is not disturbed"
