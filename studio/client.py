"""The engine's process: started, greeted, watched, restarted and ended here. (signatures; body follows)"""

from collections.abc import Sequence
from enum import Enum

from PySide6.QtCore import QObject, Signal

from engine.messages import Hello, Request
from studio.errors import MaquetteError


class EngineState(Enum):
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"  # after a crash, before the next try
    FAILED = "failed"  # given up; `start()` tries again


class EngineClient(QObject):
    ready = Signal(object)  # Hello
    event_received = Signal(object)  # engine.messages.Event, never Hello
    crashed = Signal(object)  # MaquetteError; the running job is lost, a restart follows
    state_changed = Signal(object)  # EngineState

    def __init__(self, command: Sequence[str] = (), parent: QObject | None = None) -> None: ...
    @property
    def state(self) -> EngineState: ...
    @property
    def hello(self) -> Hello | None: ...
    @property
    def failure(self) -> MaquetteError | None: ...
    def start(self) -> None: ...
    def send(self, request: Request) -> None: ...
    def restart(self) -> None: ...
    def shutdown(self, timeout_ms: int = 1500) -> None: ...
