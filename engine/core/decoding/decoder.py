"""The engine's side of the decoding child: it is started, spoken to, watched, ended and replaced.

A decoder that crashes, takes too long or too much memory ends its child, and refuses that one file
with one sentence; the next file finds a new child. Cancelling ends the child too, at once.
"""

import atexit
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, Generic, Protocol, TypeVar, get_type_hints

import psutil

from engine.core.decoding import wire
from engine.core.decoding.confinement import MEMORY_BYTES
from engine.core.decoding.messages import (
    Call,
    Failed,
    Option,
    Ready,
    Refused,
    Reply,
    Returned,
    TooLarge,
)
from engine.core.errors import BadInput
from engine.core.names import readable
from engine.core.progress import Advance, finished

SECONDS = 20.0  # for one file
_START_S = 60.0  # a cold disk is slow
_SLICE_S = 0.1
_PIPE_BYTES = 2**20
_ROOT = Path(__file__).resolve().parents[3]

Content = TypeVar("Content")
Function = Callable[..., Content]  # (bytes, file name, options) -> what is in it


class DecoderFault(RuntimeError):
    """The decoder itself failed, or its process could not be started; reason: in a word."""

    def __init__(self, reason: str, trace: str = "") -> None:
        super().__init__(f"{reason}\n{trace}".strip())
        self.reason = reason


class Decoder(Protocol):
    """Decodes foreign files, in slices that can be closed."""

    def decoding(
        self,
        function: Function[Content],
        data: bytes,
        name: str,
        *,
        seconds: float = SECONDS,
        **options: Option,
    ) -> Generator[Advance, None, Content]:
        """What `function(data, name, **options)` returns, by its annotation.

        function: of a module of a medium that imports no torch. Raises the BadInput that it raises,
        or one with the code "slow_file", "decoder_memory" or "decoder_crashed"; DecoderFault for
        whatever else it raises.
        """
        ...


def command(modules: Sequence[str]) -> list[str]:
    """How the child is started; in a frozen application it is the application itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--decode", *modules]
    return [sys.executable, "-m", "engine.core.decoding.child", *modules]


class ChildDecoder:
    """Decodes in a child process. One thread at a time is served, the others wait."""

    def __init__(self) -> None:
        self._modules: tuple[str, ...] = ()
        self._child: _Child | None = None
        self._turn = threading.Lock()

    def start(self, modules: Sequence[str] = ()) -> None:
        """Have a child ready, soon, that has imported `modules`. Returns at once."""
        self._modules = tuple(modules) or self._modules
        if self._child is None:
            with suppress(OSError):  # told to whoever decodes
                self._child = _Child(self._modules)

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def decoding(
        self,
        function: Function[Content],
        data: bytes,
        name: str,
        *,
        seconds: float = SECONDS,
        **options: Option,
    ) -> Generator[Advance, None, Content]:
        while not self._turn.acquire(timeout=_SLICE_S):
            yield Advance(0, seconds)
        try:
            call = Call(qualified(function), data, readable(name), seconds, options)
            return (yield from self._asking(call, get_type_hints(function)["return"]))
        finally:
            self._turn.release()

    def _asking(self, call: Call, kind: type[Content]) -> Generator[Advance, None, Content]:
        try:
            child = self._child = self._child or _Child(self._modules)
        except OSError as error:
            raise DecoderFault("no decoding process") from error
        exchange = Exchange(child, call, kind)
        sound = False
        try:
            yield from exchange.waiting()
            sound = exchange.is_over
            return exchange.outcome()
        finally:
            if not sound:  # crashed, too slow, too large, or closed by a cancel
                self.close()
                self.start()


class InProcessDecoder:
    """Decodes here, for tests of everything around it: the same calls, the same plain data."""

    def start(self, modules: Sequence[str] = ()) -> None:
        """Nothing is to be started."""

    def decoding(
        self,
        function: Function[Content],
        data: bytes,
        name: str,
        *,
        seconds: float = SECONDS,
        **options: Option,
    ) -> Generator[Advance, None, Content]:
        yield from ()
        return wire.copied(function(data, name, **options), get_type_hints(function)["return"])


class _Child:
    """One process."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command(modules),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        for pipe in (self._process.stdin, self._process.stdout):
            _widen(pipe)
        self._is_ready = False

    @property
    def id(self) -> int:
        return self._process.pid

    def prepared(self) -> None:
        """Waits for its first words. Raises EOFError where it ends instead."""
        if not self._is_ready:
            wire.read(self._out(), Ready)
            self._is_ready = True

    def ask(self, call: Call) -> None:
        assert self._process.stdin is not None
        wire.write(self._process.stdin, call)

    def hear(self, kind: Any) -> Any:
        return wire.read(self._out(), kind)

    def memory_bytes(self) -> int:
        try:
            return psutil.Process(self.id).memory_info().rss
        except psutil.Error:
            return 0

    def end(self) -> None:
        """At once; returns when it is gone."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _out(self) -> Any:
        assert self._process.stdout is not None
        return self._process.stdout


class Exchange(Generic[Content]):
    """One call and what comes of it. A thread of its own speaks and listens, since both may block
    until the child is ended."""

    def __init__(self, child: _Child, call: Call, kind: type[Content]) -> None:
        self._child, self._call, self._kind = child, call, kind
        self._begun: float | None = None
        self._reply: Reply | None = None
        self._value: list[Content] = []
        self._error: Exception | None = None
        self._refusal: BadInput | None = None
        self._thread = threading.Thread(target=self._speak, name="decoding", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether the child has answered and may be asked again."""
        answered = self._reply is not None and not isinstance(self._reply, TooLarge)
        return answered and not self._thread.is_alive()

    def _speak(self) -> None:
        try:
            self._child.prepared()
            self._begun = time.monotonic()
            self._child.ask(self._call)
            reply: Reply = self._child.hear(Reply)
            if isinstance(reply, Returned):
                self._value.append(self._child.hear(self._kind))
            self._reply = reply
        except (EOFError, OSError, ValueError) as error:
            self._error = error

    def waiting(self) -> Generator[Advance, None, None]:
        """Until it is over, or has to be ended."""
        started, seconds, name = time.monotonic(), self._call.seconds, self._call.name
        while self._thread.is_alive():
            self._thread.join(_SLICE_S)
            took = time.monotonic() - (self._begun or started)
            if self._thread.is_alive():
                if took > (seconds if self._begun else _START_S):
                    self._refusal = BadInput("slow_file", name=name, seconds=round(seconds))
                    return
                if self._child.memory_bytes() > MEMORY_BYTES:
                    self._refusal = _too_large(name)
                    return
                yield Advance(min(took, seconds), seconds)

    def outcome(self) -> Content:
        """Raises what the decoder raised, and BadInput for what became of it."""
        reply, name = self._reply, self._call.name
        if self._refusal is not None:
            raise self._refusal
        match reply:
            case Returned():
                return self._value[0]
            case Refused(code=code, details=details):
                raise BadInput(code, **details)
            case TooLarge():
                raise _too_large(name)
            case Failed(reason=reason, trace=trace):
                raise DecoderFault(reason, trace)
            case _ if self._begun is None:
                raise DecoderFault("no decoding process") from self._error
            case _:
                raise BadInput("decoder_crashed", name=name) from self._error


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a pipe hold more, where that is possible: a recording has hundreds of MB."""
    if pipe is not None and sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _too_large(name: str) -> BadInput:
    return BadInput("decoder_memory", name=name, limit_gb=MEMORY_BYTES // 2**30)


def qualified(function: Callable[..., object]) -> str:
    """Its name in another process."""
    return f"{function.__module__}:{function.__name__}"


def _environment() -> dict[str, str]:
    """One thread, since several at once take memory for each; and this source, wherever it is."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    found = {**os.environ, **one, "PYTHONUTF8": "1"}
    if not getattr(sys, "frozen", False):
        inherited = os.environ.get("PYTHONPATH")
        found["PYTHONPATH"] = os.pathsep.join([str(_ROOT), *([inherited] if inherited else [])])
    return found


@cache
def of_this_process() -> ChildDecoder:
    """The child of the jobs that run here."""
    decoder = ChildDecoder()
    atexit.register(decoder.close)
    return decoder


def decoding(
    function: Function[Content],
    data: bytes,
    name: str,
    *,
    seconds: float = SECONDS,
    **options: Option,
) -> Generator[Advance, None, Content]:
    """By the child of this process; see `Decoder`."""
    return of_this_process().decoding(function, data, name, seconds=seconds, **options)


def decoded(
    function: Function[Content],
    data: bytes,
    name: str,
    *,
    seconds: float = SECONDS,
    **options: Option,
) -> Content:
    """The same, for those who only wait."""
    return finished(decoding(function, data, name, seconds=seconds, **options))
