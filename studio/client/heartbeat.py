"""Whether the engine is still there: it is asked every few seconds, and any word is an answer.

The engine answers in a thread of its own, also while it works. One that holds its interpreter, or
has stopped, says nothing. Beats are counted, not seconds: while the machine sleeps none pass.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

BEAT_MS = 5000
MOST_SILENT = 8  # beats without a word


class Heartbeat(QObject):
    """`lost` once when too many beats passed in silence, `found` when there is a word after all."""

    lost = Signal()
    found = Signal()

    def __init__(
        self, ask: Callable[[], None], parent: QObject | None = None, *, beat_ms: int = BEAT_MS
    ) -> None:
        super().__init__(parent)
        self._ask = ask
        self._silent = 0
        self._timer = QTimer(self, interval=beat_ms)
        self._timer.timeout.connect(self.beat)

    @property
    def is_lost(self) -> bool:
        return self._silent > MOST_SILENT

    def start(self) -> None:
        self._silent = 0
        self._timer.start()

    def stop(self) -> None:
        """Nobody is asked any more; who was lost is not looked for."""
        self._timer.stop()
        self.heard()

    def heard(self) -> None:
        """Any word of the engine's."""
        was_lost, self._silent = self.is_lost, 0
        if was_lost:
            self.found.emit()

    def beat(self) -> None:
        was_lost = self.is_lost
        self._silent += 1
        if self.is_lost and not was_lost:
            self.lost.emit()
        elif not self.is_lost:
            self._ask()
