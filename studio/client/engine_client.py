"""The engine's process: started, greeted, watched, restarted after a crash and ended here.

Lines of JSON go in and out; an engine that says nothing any more is noticed. What is no message of
the protocol (a library that prints) is logged and skipped; the last lines of standard error are
kept, to say why an engine stopped.
"""

import logging
import sys
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from time import monotonic

import psutil
from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from engine.protocol import (
    PROTOCOL,
    Hello,
    PingRequest,
    Pong,
    ProtocolError,
    Request,
    ShutdownRequest,
    decode,
    encode,
)
from studio.client.environment import SOURCE_ROOT, environment
from studio.client.heartbeat import BEAT_MS, Heartbeat
from studio.client.lines import LineReader
from studio.i18n.errors import MaquetteError

MAX_CRASHES, CRASH_WINDOW_S = 3, 60.0
BACKOFF_MS = (200, 1500)  # before the first and the second new try
HELLO_TIMEOUT_MS = 90_000  # a cold disk may need a minute to load the libraries
STDERR_LINES = 50
_log = logging.getLogger(__name__)


class EngineError(MaquetteError):
    """The engine could not be started, stopped by itself, or is not there yet."""


class EngineState(Enum):
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"  # after a crash, before the next try
    FAILED = "failed"  # given up; `start()` tries again


def default_command() -> tuple[str, ...]:
    """The engine beside this studio: a module of the source tree, or the frozen program itself."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "--worker")
    return (sys.executable, "-m", "engine.worker")


class EngineClient(QObject):
    """Owns the engine. Starting, crashing and restarting are told by signals, never raised."""

    ready = Signal(object)  # Hello
    event_received = Signal(object)  # engine.protocol.Event, never Hello
    crashed = Signal(object)  # EngineError; the running job is lost, `state` says what follows
    state_changed = Signal(object)  # EngineState
    hung = Signal(bool)  # it, or its job, says nothing any more; False: it does, or was restarted

    def __init__(
        self,
        command: Sequence[str] = (),
        parent: QObject | None = None,
        *,
        backoff_ms: Sequence[int] = BACKOFF_MS,
        hello_timeout_ms: int = HELLO_TIMEOUT_MS,
        beat_ms: int = BEAT_MS,
    ) -> None:
        super().__init__(parent)
        self._command = tuple(command) or default_command()
        self._backoff_ms = tuple(backoff_ms)
        self.environment: dict[str, str] = {}  # beside the usual, from the next start
        self._state = EngineState.STOPPED
        self._hello: Hello | None = None
        self._failure: EngineError | None = None
        self._process: QProcess | None = None
        self._dying: list[QProcess] = []
        self._lines = LineReader()
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._crash_times: deque[float] = deque(maxlen=MAX_CRASHES)
        self._restart_timer = self._timer(self._launch)
        self._heartbeat = Heartbeat(lambda: self.send(PingRequest()), self, beat_ms=beat_ms)
        self._heartbeat.lost.connect(lambda: self.hung.emit(True))
        self._heartbeat.found.connect(lambda: self.hung.emit(False))
        self._heartbeat.hopeless.connect(self.replace_hung)
        self._hello_timer = self._timer(self._on_silence)
        self._hello_timer.setInterval(hello_timeout_ms)

    @property
    def state(self) -> EngineState:
        return self._state

    @property
    def hello(self) -> Hello | None:
        """The greeting of the engine that runs now."""
        return self._hello

    @property
    def failure(self) -> EngineError | None:
        """Why the engine last stopped by itself; None when it is ready."""
        return self._failure

    @property
    def stderr_tail(self) -> tuple[str, ...]:
        """The engine's last lines on standard error."""
        return tuple(self._stderr)

    @property
    def memory_bytes(self) -> int:
        """What the engine's process holds; 0 where that is not known."""
        pid = self._process.processId() if self._process is not None else 0
        try:
            return psutil.Process(pid).memory_info().rss if pid else 0
        except psutil.Error:
            return 0

    def sibling(self, parent: QObject | None = None) -> "EngineClient":
        """Another engine by the same command, not started yet: for long work beside this one."""
        timeout_ms = self._hello_timer.interval()
        other = EngineClient(
            self._command, parent, backoff_ms=self._backoff_ms, hello_timeout_ms=timeout_ms
        )
        other.environment = self.environment
        return other

    def start(self) -> None:
        """Start the engine, also after it was given up. Does nothing when it runs."""
        if self._state in (EngineState.STOPPED, EngineState.FAILED):
            self._crash_times.clear()
            self._launch()

    def send(self, request: Request) -> None:
        """Hand over one request. Raises EngineError while the engine is not ready."""
        if self._process is None or self._state is not EngineState.READY:
            raise EngineError("engine_not_ready")
        self._process.write(encode(request).encode() + b"\n")

    def restart(self) -> None:
        """Kill the engine and start a new one at once. Counts as no crash."""
        self._discard_process()
        self._launch()

    def replace_hung(self) -> None:
        """Begin anew with one that hangs: its job has failed, and can be tried once more."""
        self._on_crash(EngineError("engine_hung"))

    def shutdown(self, timeout_ms: int = 1500) -> None:
        """End the engine: asked first, killed after `timeout_ms`. Returns when it is gone."""
        self._restart_timer.stop()
        self._hello_timer.stop()
        self._heartbeat.stop()
        if process := self._process:
            self._process = None
            if self._state is EngineState.READY:
                process.write(encode(ShutdownRequest()).encode() + b"\n")
            process.closeWriteChannel()
            process.waitForFinished(timeout_ms)
            self._bury(process)
        for process in list(self._dying):
            process.waitForFinished(timeout_ms)
        self._set_state(EngineState.STOPPED)

    # ---- the process ---------------------------------------------------------------------------

    def _launch(self) -> None:
        self._restart_timer.stop()
        self._lines = LineReader()
        self._stderr.clear()
        self._hello = None
        process = QProcess(self)
        self._process = process
        process.setProcessEnvironment(environment(self.environment))
        if not getattr(sys, "frozen", False):
            process.setWorkingDirectory(str(SOURCE_ROOT))
        # A process that was replaced may still speak: every slot asks whose word it is.
        process.readyReadStandardOutput.connect(lambda: self._on_output(process))
        process.readyReadStandardError.connect(lambda: self._on_stderr(process))
        process.finished.connect(lambda code, _status: self._on_finished(process, code))
        process.errorOccurred.connect(lambda error: self._on_error(process, error))
        self._set_state(EngineState.STARTING)
        self._hello_timer.start()
        process.start(self._command[0], list(self._command[1:]))

    def _on_output(self, process: QProcess) -> None:
        if process is not self._process:
            return
        dropped = self._lines.dropped
        lines = self._lines.feed(bytes(process.readAllStandardOutput().data()))
        if self._lines.dropped > dropped:
            _log.warning("the engine sent an endless line; it is dropped")
        self._heartbeat.heard()
        for line in lines:
            if process is not self._process:  # a listener restarted or ended the engine
                return
            if line.strip():
                self._on_line(line)

    def _on_line(self, line: bytes) -> None:
        try:
            message = decode(line)
        except ProtocolError as error:
            _log.warning("skipped from the engine: %s", error)
            return
        if isinstance(message, Hello):
            self._on_hello(message)
        elif isinstance(message, Pong):
            self._heartbeat.answered(message.still)
        elif self._state is EngineState.READY:
            self.event_received.emit(message)
        else:
            _log.warning("skipped before the greeting: %s", type(message).__name__)

    def _on_hello(self, hello: Hello) -> None:
        self._hello_timer.stop()
        if hello.protocol != PROTOCOL:
            error = EngineError("engine_mismatch", theirs=hello.protocol, ours=PROTOCOL)
            self._discard_process()
            self._give_up(error)
            return
        self._hello = hello
        self._failure = None
        self._set_state(EngineState.READY)
        self._heartbeat.start()
        self.ready.emit(hello)

    def _on_stderr(self, process: QProcess) -> None:
        if process is self._process:
            text = bytes(process.readAllStandardError().data()).decode("utf-8", "replace")
            self._stderr.extend(line for line in text.splitlines() if line.strip())

    def _on_error(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if process is self._process and error is QProcess.ProcessError.FailedToStart:
            detail = f"{self._command[0]}: {process.errorString()}"
            self._discard_process()
            self._give_up(EngineError("engine_missing", detail=detail))

    def _on_finished(self, process: QProcess, code: int) -> None:
        self._on_output(process)  # what it said last
        self._on_stderr(process)
        if process is not self._process:  # replaced, perhaps by a listener to its last words
            return
        detail = self._stderr[-1] if self._stderr else f"exit {code}"
        self._on_crash(EngineError("engine_crashed", detail=detail))

    def _on_silence(self) -> None:
        seconds = self._hello_timer.interval() / 1000
        self._on_crash(EngineError("engine_silent", seconds=f"{seconds:g}"))

    def _on_crash(self, error: EngineError) -> None:
        _log.error("%s\n%s", error, "\n".join(self._stderr))
        self._discard_process()
        now = monotonic()
        self._crash_times.append(now)
        recent = sum(now - then < CRASH_WINDOW_S for then in self._crash_times)
        if recent >= MAX_CRASHES:
            detail = error.params.get("detail") or str(error)
            self._give_up(EngineError("engine_gave_up", count=recent, detail=detail))
            return
        self._failure = error
        self._restart_timer.start(self._backoff_ms[min(recent, len(self._backoff_ms)) - 1])
        self._set_state(EngineState.RESTARTING)
        self.crashed.emit(error)

    def _give_up(self, error: EngineError) -> None:
        self._failure = error
        self._set_state(EngineState.FAILED)
        self.crashed.emit(error)

    def _discard_process(self) -> None:
        """Kill without waiting: nothing more is heard from this process."""
        self._hello_timer.stop()
        self._heartbeat.stop()
        self._hello = None
        if process := self._process:
            self._process = None
            self._bury(process)

    def _bury(self, process: QProcess) -> None:
        if process.state() is QProcess.ProcessState.NotRunning:
            process.deleteLater()
            return
        self._dying.append(process)
        process.finished.connect(lambda *_: self._on_buried(process))
        process.kill()

    def _on_buried(self, process: QProcess) -> None:
        self._dying.remove(process)
        process.deleteLater()

    def _set_state(self, state: EngineState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True)
        timer.timeout.connect(slot)
        return timer
