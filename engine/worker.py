"""The service over stdin and stdout, one JSON object a line; the process that the studio starts.

Jobs run one after the other in the main thread; a second thread reads requests, so that a cancel
is heard while a job runs. It answers pings, too, and counts those that come while a job says
nothing: a job that hangs is seen from outside. The process ends when its standard input does, that
is, with its parent.
"""

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, TextIO

import psutil

from engine import __version__
from engine.media import decoders
from engine.protocol import (
    JOBS,
    PROTOCOL,
    Cancelled,
    CancelRequest,
    Event,
    Failure,
    FailureKind,
    Hello,
    InspectRequest,
    Job,
    PingRequest,
    Pong,
    ProtocolError,
    ShutdownRequest,
    decode,
    encode,
)

log = logging.getLogger(__name__)

SWITCH_S = 5e-4  # between threads: an inspection is many short steps, the job beside it one long
MAX_LINE_BYTES = 16_000_000  # far beyond any request
MOST_CANCELLED = 256  # ids that are remembered; few jobs run or wait at a time


def main() -> int:
    out = _private_stdout()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    decoders.start()
    import torch  # takes a second: streams come first

    from engine.core.device import cores, describe, devices, wished_device
    from engine.core.memory import give_back
    from engine.inspections import Inspections, service_beside
    from engine.registry import compile_ahead
    from engine.service import Service

    device = wished_device()
    speak = Speaker(out)
    service = Service(device)
    speak(
        Hello(
            protocol=PROTOCOL,
            engine_version=__version__,
            device=describe(device),
            devices=devices(),
            chosen=device.type,
            threads=torch.get_num_threads(),
            cores=cores(),
            generators=service.catalogue.generators(),
        )
    )
    _children = compile_ahead()
    inbox = Inbox(speak)
    beside = Inspections(service_beside(service), speak, inbox.is_cancelled)
    inbox.inspect = beside.put
    sys.setswitchinterval(SWITCH_S)
    threading.Thread(target=beside.work, name="inspections", daemon=True).start()
    threading.Thread(target=inbox.listen, args=(sys.stdin.buffer,), daemon=True).start()
    for job in inbox.jobs():
        events = service.run(job)
        for event in events:
            inbox.moved()
            if inbox.is_cancelled(job.job_id):
                events.close()
                speak(Cancelled(job_id=job.job_id))
                break
            speak(event)
        if inbox.is_empty():
            give_back()
    return 0


def _private_stdout() -> TextIO:
    """The protocol's own copy of standard output; what native libraries print goes to stderr."""
    sys.stdout.flush()
    private = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return private


def end_children() -> None:
    """What this process has started, such as a download, ends with it."""
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()


def _pass_over(lines: BinaryIO) -> None:
    """To the end of a line that is too long to be a request."""
    while (rest := lines.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass


class Speaker:
    """Writes whole lines, from any thread."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._out.write(encode(event) + "\n")
            self._out.flush()


class Inbox:
    """What has been asked for: jobs in their order, which of them are cancelled, and how often the
    studio has asked since the running one last said anything."""

    def __init__(self, speak: Speaker) -> None:
        self._speak = speak
        self._waiting: deque[Job] = deque()
        self._cancelled: deque[str] = deque(maxlen=MOST_CANCELLED)
        self._still = 0
        self._is_running = False
        self._changed = threading.Condition()
        self.inspect: Callable[[InspectRequest], None] = self._waiting.append

    def listen(self, lines: BinaryIO) -> None:
        """Takes requests until the input ends; then the process ends at once, whatever it does."""
        while line := lines.readline(MAX_LINE_BYTES):
            if not line.endswith(b"\n") and len(line) == MAX_LINE_BYTES:
                _pass_over(lines)
                line = b"an endless line"
            try:
                request = decode(line)
            except ProtocolError as error:
                self._speak(Failure(job_id="", kind=FailureKind.ENGINE, message=str(error)))
                continue
            if isinstance(request, ShutdownRequest):
                break
            self._take(request)
        end_children()
        os._exit(0)  # a parent that is gone wants no result; files are only ever replaced whole

    def _take(self, request: object) -> None:
        if isinstance(request, PingRequest):
            self._still += self._is_running
            self._speak(Pong(still=self._still))
            return
        with self._changed:
            if isinstance(request, CancelRequest):
                self._cancel(request.job_id)
            elif isinstance(request, InspectRequest):
                self.inspect(request)
            elif isinstance(request, JOBS):
                self._waiting.append(request)
            self._changed.notify()

    def _cancel(self, job_id: str) -> None:
        waiting = [job for job in self._waiting if job.job_id == job_id]
        for job in waiting:
            self._waiting.remove(job)
            self._speak(Cancelled(job_id=job_id))
        if not waiting:
            self._cancelled.append(job_id)

    def is_cancelled(self, job_id: str) -> bool:
        with self._changed:
            return job_id in self._cancelled

    def moved(self) -> None:
        """The running job has said something."""
        self._still = 0

    def is_empty(self) -> bool:
        """Whether no job waits."""
        with self._changed:
            return not self._waiting

    def jobs(self) -> Iterator[Job]:
        """Waits for the next job, for ever."""
        while True:
            self._is_running = False
            self.moved()
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                job = self._waiting.popleft()
            self._is_running = True
            yield job


if __name__ == "__main__":
    sys.exit(main())
