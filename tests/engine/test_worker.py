"""The engine as a process: greeting, order, cancelling, noise, and an end with its parent."""

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import psutil
import pytest

from engine.protocol import (
    PROTOCOL,
    Cancelled,
    CancelRequest,
    Event,
    Failure,
    FailureKind,
    GenerateRequest,
    Hello,
    Job,
    PictureBrief,
    PingRequest,
    Pong,
    Preview,
    Progress,
    Request,
    ShutdownRequest,
    StyleResult,
    WorksResult,
    decode,
    encode,
)
from engine.service import Service
from engine.worker import MAX_LINE_BYTES, MOST_CANCELLED, Inbox, Speaker
from tests.engine.handmade import CPU, adapt_request, reference_file

pytestmark = [pytest.mark.process, pytest.mark.weights]
PATIENCE_S = 120.0  # a busy machine; nothing here waits that long when it works
WORKER = (sys.executable, "-m", "engine.worker")
NOISY = """
import os
from engine import service
whole = service.Service.run
def run(self, job):
    os.write(1, b"native noise\\n")
    print("python noise")
    yield from whole(self, job)
service.Service.run = run
from engine.worker import main
main()
"""


class Worker:
    """A worker process, and what it says."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONIOENCODING": "utf-8:strict"},  # as on a desktop
        )
        self._lines: Queue[bytes] = Queue()
        self.noise: list[bytes] = []
        self._readers = [
            threading.Thread(target=self._read_lines),
            threading.Thread(target=self._read_noise),
        ]
        for reader in self._readers:
            reader.start()

    def send(self, request: Request) -> None:
        self.write(encode(request).encode() + b"\n")

    def write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def next(self) -> Event:
        line = self._lines.get(timeout=PATIENCE_S)
        assert line, "the worker has ended"
        event = decode(line)
        assert isinstance(event, Event)
        return event

    def until(self, *kinds: type[Event]) -> Event:
        """The next event of these kinds; others are passed over."""
        while True:
            event = self.next()
            if isinstance(event, kinds):
                return event

    def close_input(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()

    def _read_lines(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _read_noise(self) -> None:
        assert self.process.stderr
        self.noise.extend(self.process.stderr)


Starter = Callable[..., Worker]


@pytest.fixture
def start() -> Iterator[Starter]:
    workers: list[Worker] = []

    def begin(*command: str) -> Worker:
        workers.append(Worker(*(command or WORKER)))
        assert isinstance(workers[-1].next(), Hello)
        return workers[-1]

    yield begin
    for worker in workers:
        worker.stop()


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """One that has said hello and lives through the tests: each of them leaves it idle."""
    worker = Worker(*WORKER)
    hello = worker.next()
    assert isinstance(hello, Hello)
    assert hello.protocol == PROTOCOL
    assert hello.device
    assert hello.engine_version
    yield worker
    assert worker.process.poll() is None
    worker.stop()


@pytest.fixture(scope="module")
def style_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("style")
    path = folder / "s.style"
    list(Service(CPU).run(adapt_request(path, reference_file(folder))))
    return path


def generate(job_id: str, style_file: Path, folder: Path, *, long: bool = False) -> Job:
    """A job of a moment, or one that would take much longer than any test."""
    brief = (
        PictureBrief(count=16, width_px=256, height_px=256)
        if long
        else PictureBrief(count=1, width_px=32, height_px=32)
    )
    return GenerateRequest(
        job_id=job_id, style=str(style_file), out_dir=str(folder / job_id), brief=brief
    )


def test_jobs_run_in_their_order(worker: Worker, style_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.style"
    worker.send(adapt_request(out, reference_file(tmp_path, "große 🎨.png"), job_id="1"))
    worker.send(generate("2", style_file, tmp_path))
    seen = [worker.next()]
    while not isinstance(seen[-1], WorksResult):
        seen.append(worker.next())
    ids = [event.job_id for event in seen]
    assert ids == sorted(ids)
    kinds = (Progress, Preview, StyleResult, WorksResult)
    assert all(isinstance(event, kinds) for event in seen)
    assert [type(e) for e in seen if not isinstance(e, Progress)] == [StyleResult, WorksResult]
    assert out.exists()
    assert len(list((tmp_path / "2").iterdir())) == 2


def test_noise_stays_out_of_the_protocol(start: Starter, style_file: Path, tmp_path: Path) -> None:
    worker = start(sys.executable, "-c", NOISY)
    worker.send(generate("1", style_file, tmp_path))
    assert isinstance(worker.until(WorksResult, Failure), WorksResult)  # each line was a message
    worker.send(ShutdownRequest())
    assert worker.process.wait(PATIENCE_S) == 0
    worker.stop()
    assert {b"native noise", b"python noise"} <= {line.strip() for line in worker.noise}


def test_garbage_is_answered_and_the_worker_lives(
    worker: Worker, style_file: Path, tmp_path: Path
) -> None:
    for line in (b"garbage", b"{}", b"\xff\xfe\x80", b"", b'{"type": "Hello"}'):
        worker.write(line + b"\n")
        failure = worker.next()
        assert isinstance(failure, Failure)
        assert (failure.job_id, failure.kind) == ("", FailureKind.ENGINE)
    worker.send(generate("after garbage", style_file, tmp_path))
    assert isinstance(worker.until(WorksResult, Failure), WorksResult)


def test_an_endless_line_is_answered_and_passed_over(worker: Worker) -> None:
    worker.write(b"x" * (2 * MAX_LINE_BYTES) + b"x\n")
    failure = worker.next()
    assert isinstance(failure, Failure)
    assert "endless line" in failure.message
    worker.send(PingRequest())
    assert isinstance(worker.next(), Pong)


def test_it_answers_while_it_works(worker: Worker, style_file: Path, tmp_path: Path) -> None:
    worker.send(generate("busy", style_file, tmp_path, long=True))
    worker.until(Progress)
    worker.send(PingRequest())
    assert isinstance(worker.until(Pong, WorksResult), Pong)
    worker.send(CancelRequest(job_id="busy"))
    worker.until(Cancelled)


def test_pings_are_counted_while_a_job_says_nothing() -> None:
    out = io.StringIO()
    inbox = Inbox(Speaker(out))

    def still() -> int:
        inbox._take(PingRequest())
        pong = decode(out.getvalue().splitlines()[-1])
        assert isinstance(pong, Pong)
        return pong.still

    assert [still(), still()] == [0, 0]  # nothing runs
    inbox._take(adapt_request(Path("a.style")))
    inbox._take(adapt_request(Path("b.style")))
    jobs = inbox.jobs()
    next(jobs)
    assert [still(), still()] == [1, 2]
    inbox.moved()
    assert [still(), still()] == [1, 2]
    next(jobs)
    assert still() == 1


def test_few_cancelled_ids_are_remembered() -> None:
    inbox = Inbox(Speaker(io.StringIO()))
    for number in range(10 * MOST_CANCELLED):
        inbox._take(CancelRequest(job_id=str(number)))
    assert len(inbox._cancelled) == MOST_CANCELLED
    assert inbox.is_cancelled(str(10 * MOST_CANCELLED - 1))


def test_a_failing_job_leaves_the_next_alone(
    worker: Worker, style_file: Path, tmp_path: Path
) -> None:
    worker.send(generate("failing", tmp_path / "absent.style", tmp_path))
    worker.send(generate("after failing", style_file, tmp_path))
    failure = worker.next()
    assert isinstance(failure, Failure)
    assert (failure.job_id, failure.kind) == ("failing", FailureKind.BAD_INPUT)
    assert isinstance(worker.until(WorksResult, Failure), WorksResult)


def test_cancelling_a_running_job_ends_it_before_its_result(
    worker: Worker, style_file: Path, tmp_path: Path
) -> None:
    worker.send(generate("long", style_file, tmp_path, long=True))
    worker.until(Progress)
    worker.send(CancelRequest(job_id="long"))
    assert worker.until(Cancelled) == Cancelled(job_id="long")
    worker.send(generate("next", style_file, tmp_path))
    event = worker.next()
    assert event.job_id == "next", "nothing more is heard of the cancelled job"
    assert isinstance(worker.until(WorksResult, Failure), WorksResult)
    assert not (tmp_path / "long").exists()


def test_cancelling_a_waiting_job(worker: Worker, style_file: Path, tmp_path: Path) -> None:
    worker.send(generate("first", style_file, tmp_path, long=True))
    worker.until(Progress)
    worker.send(generate("waiting", style_file, tmp_path))
    worker.send(CancelRequest(job_id="waiting"))
    assert worker.until(Cancelled) == Cancelled(job_id="waiting")
    worker.send(generate("other", style_file, tmp_path))
    worker.send(CancelRequest(job_id="first"))
    assert worker.until(Cancelled) == Cancelled(job_id="first")
    result = worker.until(WorksResult, Failure)
    assert isinstance(result, WorksResult)
    assert result.job_id == "other"
    assert not (tmp_path / "waiting").exists()


def test_it_ends_with_its_input_even_in_a_job(
    start: Starter, style_file: Path, tmp_path: Path
) -> None:
    worker = start()
    worker.send(generate("long", style_file, tmp_path, long=True))
    worker.until(Progress)
    worker.close_input()
    assert worker.process.wait(PATIENCE_S) == 0
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no kill -9")
def test_it_ends_when_its_parent_is_killed(style_file: Path, tmp_path: Path) -> None:
    request = encode(generate("long", style_file, tmp_path, long=True))
    code = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen({WORKER!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        f"child.stdin.write({request.encode()!r} + b'\\n')\n"
        "child.stdin.flush()\n"
        "child.stdout.readline()\n"  # hello
        "child.stdout.readline()\n"  # the first progress
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
    try:
        child.wait(5)
    except psutil.TimeoutExpired:
        child.kill()
        raise
    assert not child.is_running()


def test_what_the_engine_has_started_ends_with_it() -> None:
    """A download must not go on after the window is closed."""
    code = (
        "import subprocess, sys\n"
        "from engine.worker import end_children\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "end_children()\n"
        "assert child.wait(60) != 0\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=120, check=False)
    assert done.returncode == 0
