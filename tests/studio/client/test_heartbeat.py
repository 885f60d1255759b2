"""An engine that hangs, floods or swells is noticed."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from studio.client import job_queue
from studio.client.engine_client import EngineClient, EngineState
from studio.client.heartbeat import MOST_SILENT, Heartbeat
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


def test_an_engine_that_answers_is_not_lost(make_client: Maker, qtbot: QtBot) -> None:
    client = make_client("normal", beat_ms=10)
    heard: list[int] = []
    client.start()
    qtbot.waitUntil(lambda: client.state is EngineState.READY, timeout=20_000)
    whole = client._heartbeat.heard
    client._heartbeat.heard = lambda: (heard.append(1), whole())[1]  # pyright: ignore
    qtbot.waitUntil(lambda: len(heard) > 2 * MOST_SILENT, timeout=20_000)
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
