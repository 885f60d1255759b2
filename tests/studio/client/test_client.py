"""The engine's process: greeting, noise, crashes, and ends in bounded time."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from engine.protocol import BlendRequest, Hello, Progress, StyleResult, WeightedStyle
from studio.client.engine_client import EngineClient, EngineError, EngineState

Maker = Callable[..., EngineClient]


def start(client: EngineClient, qtbot: QtBot) -> None:
    client.start()
    qtbot.waitUntil(lambda: client.state is EngineState.READY, timeout=10_000)


def test_greeting_makes_it_ready(make_client: Maker, qtbot: QtBot) -> None:
    client = make_client("normal")
    heard: list[object] = []
    client.ready.connect(heard.append)
    start(client, qtbot)
    (hello,) = heard
    assert isinstance(hello, Hello)
    assert hello.device == "fake"
    assert client.state is EngineState.READY
    assert client.hello == hello


def test_sending_before_the_greeting_is_refused(make_client: Maker) -> None:
    client = make_client("normal")
    try:
        client.send(BlendRequest(job_id="a", styles=(), out="x"))
    except EngineError as error:
        assert error.key == "engine_not_ready"
    else:
        raise AssertionError("was sent")


def test_noise_and_pieces_of_lines_do_no_harm(make_client: Maker, qtbot: QtBot, tmp_path) -> None:
    client = make_client("noisy")
    events: list[object] = []
    client.event_received.connect(events.append)
    start(client, qtbot)
    styles = (WeightedStyle(path="a"),)
    client.send(BlendRequest(job_id="a", styles=styles, out=str(tmp_path / "风 格.style")))
    qtbot.waitUntil(lambda: any(isinstance(e, StyleResult) for e in events), timeout=5000)
    assert [type(e) for e in events] == [Progress, Progress, Progress, StyleResult]


def test_another_protocol_is_a_clear_failure(make_client: Maker, qtbot: QtBot) -> None:
    client = make_client("stranger")
    client.start()
    qtbot.waitUntil(lambda: client.state is EngineState.FAILED, timeout=5000)
    assert client.failure is not None
    assert client.failure.key == "engine_mismatch"


@pytest.mark.process
def test_a_missing_program_is_a_clear_failure(qtbot: QtBot) -> None:
    client = EngineClient(("/nowhere/engine",))
    client.start()
    qtbot.waitUntil(lambda: client.state is EngineState.FAILED, timeout=5000)
    assert client.failure is not None
    assert client.failure.key == "engine_missing"
    client.shutdown()


def test_three_crashes_in_a_minute_are_enough(make_client: Maker, qtbot: QtBot) -> None:
    client = make_client("stillborn")
    errors: list[EngineError] = []
    client.crashed.connect(errors.append)
    client.start()
    qtbot.waitUntil(lambda: client.state is EngineState.FAILED, timeout=10_000)
    assert [error.key for error in errors] == ["engine_crashed"] * 2 + ["engine_gave_up"]
    assert "no libraries here" in str(errors[-1])
    client.start()  # the artist may try again
    assert client.state is EngineState.STARTING
    qtbot.waitUntil(lambda: client.state is EngineState.RESTARTING, timeout=5000)


def test_an_engine_that_never_greets_is_restarted(make_client: Maker, qtbot: QtBot) -> None:
    client = make_client("silent", hello_timeout_ms=100)
    client.start()
    qtbot.waitUntil(lambda: client.state is EngineState.RESTARTING, timeout=5000)
    assert client.failure is not None
    assert client.failure.key == "engine_silent"


def test_shutdown_is_bounded_for_a_stubborn_engine(make_client: Maker, qtbot: QtBot) -> None:
    client = make_client("stubborn")
    start(client, qtbot)
    client.shutdown(200)
    assert client.state is EngineState.STOPPED


def test_shutdown_of_a_willing_engine_can_be_repeated(make_client: Maker, qtbot: QtBot) -> None:
    client = make_client("normal")
    start(client, qtbot)
    client.shutdown()
    client.shutdown()
    assert client.state is EngineState.STOPPED
    start(client, qtbot)
