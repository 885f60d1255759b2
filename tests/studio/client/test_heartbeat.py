"""An engine that hangs, floods or swells is noticed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.client import job_queue
from studio.client.engine_client import EngineClient, EngineState
from studio.client.heartbeat import HOPELESS, MOST_SILENT, MOST_STILL, Heartbeat
from studio.client.job_queue import JobQueue, JobState
from studio.client.lines import LineReader
from studio.state.session import Session
from tests.studio.client.test_jobs import generate, wait_state

Maker = Callable[..., EngineClient]


def test_silence_is_told_once_and_any_word_ends_it(qtbot: QtBot) -> None:
    asked: list[int] = []
    heart = Heartbeat(lambda: asked.append(1))
    told: list[str] = []
    heart.lost.connect(lambda: told.append("lost"))
    heart.found.connect(lambda: told.append("found"))
    for _ in range(MOST_SILENT):
        heart.beat()
    heart.heard()
    assert told == []
    for _ in range(MOST_SILENT + 5):
        heart.beat()
    assert (told, len(asked)) == (["lost"], 2 * MOST_SILENT)  # who is lost is not asked again
    heart.heard()
    heart.heard()
    assert told == ["lost", "found"]


def beat(client: EngineClient, qtbot: QtBot, times: int) -> None:
    """So many beats, each after the answer to the one before."""
    heart = client._heartbeat
    answers: list[int] = []

    def answered(still: int) -> None:
        answers.append(still)
        Heartbeat.answered(heart, still)

    heart.answered = answered
    for number in range(times):
        heart.beat()
        qtbot.waitUntil(partial(has, answers, number + 1), timeout=60_000)


def has(answers: list[int], count: int) -> bool:
    return len(answers) >= count


def test_an_engine_that_answers_is_not_lost(make_client: Maker, qtbot: QtBot) -> None:
    client = make_client("normal")
    client.start()
    qtbot.waitUntil(lambda: client.state is EngineState.READY, timeout=60_000)
    beat(client, qtbot, 2 * MOST_STILL)
    assert not client._heartbeat.is_lost


def test_an_engine_that_hangs_is_told_and_can_be_restarted(
    make_client: Maker, qtbot: QtBot
) -> None:
    client = make_client("hanging", beat_ms=10)
    told: list[bool] = []
    client.hung.connect(told.append)
    client.start()
    qtbot.waitUntil(lambda: told == [True], timeout=20_000)
    client.restart()
    assert told == [True, False]
    qtbot.waitUntil(lambda: client.state is EngineState.READY, timeout=20_000)


def test_a_job_that_stands_still_is_told_and_what_it_says_ends_it() -> None:
    heart = Heartbeat(lambda: None)
    told: list[str] = []
    for signal, word in ((heart.lost, "lost"), (heart.found, "found"), (heart.hopeless, "end")):
        signal.connect(lambda word=word: told.append(word))
    for still in range(1, HOPELESS + 1):  # it answers all the time
        heart.beat()
        heart.answered(still)
        heart.heard()
        assert told == ["lost"] * (still > MOST_STILL)
    heart.answered(0)
    assert told == ["lost", "found"]
    heart.answered(HOPELESS + 1)
    heart.beat()
    assert told == ["lost", "found", "lost", "end"]


def test_an_engine_that_is_silent_for_ever_is_given_up() -> None:
    heart = Heartbeat(lambda: None)
    ends: list[int] = []
    heart.hopeless.connect(lambda: ends.append(1))
    for _ in range(HOPELESS):
        heart.beat()
    assert ends == []
    heart.beat()
    assert ends == [1]


def test_a_job_that_hangs_fails_and_the_next_goes_on(
    make_client: Maker, qtbot: QtBot, tmp_path: Path
) -> None:
    client = make_client("still", str(tmp_path / "once"))
    queue = JobQueue(client, tmp_path / "scratch")
    told: list[bool] = []
    client.hung.connect(told.append)
    client.start()
    first, second = generate(queue), generate(queue)
    qtbot.waitUntil((tmp_path / "once").exists, timeout=60_000)
    beat(client, qtbot, MOST_STILL + 2)
    assert told == [True]
    assert queue.job(first.id).state is JobState.RUNNING  # the artist may wait
    client.replace_hung()
    assert told == [True, False]
    failed = queue.job(first.id)
    assert failed.state is JobState.FAILED
    assert failed.error is not None and failed.error.key == "engine_hung"
    wait_state(qtbot, queue, second, JobState.DONE)
    wait_state(qtbot, queue, generate(queue), JobState.DONE)  # tried once more


def test_one_that_nobody_restarts_is_replaced_in_the_end(
    make_client: Maker, qtbot: QtBot, tmp_path: Path
) -> None:
    client = make_client("still", str(tmp_path / "once"))
    queue = JobQueue(client, tmp_path / "scratch")
    client.start()
    first = generate(queue)
    qtbot.waitUntil((tmp_path / "once").exists, timeout=60_000)
    client._heartbeat.answered(HOPELESS + 1)
    client._heartbeat.beat()
    assert queue.job(first.id).state is JobState.FAILED
    qtbot.waitUntil(lambda: client.state is EngineState.READY, timeout=60_000)


def test_the_artist_is_offered_a_restart(make_session: Callable[..., Session]) -> None:
    session = make_session()
    told: list[str] = []
    session.workspace.problem_raised.connect(lambda problem: told.append(problem.way_out))
    session.workspace.problem_over.connect(lambda problem: told.append("over"))
    session.client.hung.emit(True)
    session.client.hung.emit(False)
    assert told == ["restart_engine", "over"]


def test_lines_come_whole_from_any_pieces() -> None:
    data = b"one\n\ntwo\nthree"
    for size in range(1, len(data) + 1):
        reader = LineReader()
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        assert [line for piece in pieces for line in reader.feed(piece)] == [b"one", b"", b"two"]
        assert reader.feed(b"\n") == [b"three"]


def test_an_endless_line_is_passed_over_and_the_next_is_read() -> None:
    reader = LineReader(limit=10)
    assert reader.feed(b"good\n" + b"x" * 9) == [b"good"]
    for _ in range(1000):
        assert reader.feed(b"x" * 100) == []
    assert len(reader._begun) == 0
    assert reader.feed(b"xx\nnext\n") == [b"next"]
    assert reader.dropped == 1
    assert reader.feed(b"0123456789\n0123456789a\nz\n") == [b"0123456789", b"z"]


def test_an_engine_that_has_grown_is_begun_anew_before_the_next_job(
    make_queue: Callable[..., JobQueue], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = make_queue("normal")
    first = generate(queue)
    wait_state(qtbot, queue, first, JobState.DONE)
    states: list[EngineState] = []
    queue._client.state_changed.connect(states.append)
    limit = [1]  # a byte: it has grown; then as usual
    monkeypatch.setattr(job_queue, "most_memory", lambda: limit.pop() if limit else 1 << 40)
    second = generate(queue)
    done = wait_state(qtbot, queue, second, JobState.DONE)
    assert done.failure is None
    assert states == [EngineState.STARTING, EngineState.READY]
