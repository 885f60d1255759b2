"""Whether the engine is still there, and its job still comes on: it is asked every few seconds.

Any word is an answer. The engine answers in a thread of its own, also while it works, and says how
often it was asked since the job last said anything; jobs speak several times a second. An engine
that holds its interpreter, or has stopped, says nothing; one whose job hangs says so. Beats are
counted, not seconds: while the machine sleeps none pass.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

BEAT_MS = 5000
MOST_SILENT = 8  # beats without a word
MOST_STILL = 12  # beats without a word of the job's: nothing that is made takes a minute of silence
HOPELESS = 120  # beats, of either


class Heartbeat(QObject):
    """`lost` once when too many beats passed in silence, `found` when there is a word after all,
    `hopeless` when there was none for ten minutes."""

    lost = Signal()
    found = Signal()
    hopeless = Signal()

    def __init__(
        self, ask: Callable[[], None], parent: QObject | None = None, *, beat_ms: int = BEAT_MS
    ) -> None:
        super().__init__(parent)
        self._ask = ask
        self._silent = self._still = 0
        self._timer = QTimer(self, interval=beat_ms)
        self._timer.timeout.connect(self.beat)

    @property
    def is_lost(self) -> bool:
        return self._silent > MOST_SILENT or self._still > MOST_STILL

    def start(self) -> None:
        self._silent = self._still = 0
        self._timer.start()

    def stop(self) -> None:
        """Nobody is asked any more; who was lost is not looked for."""
        self._timer.stop()
        self._listen(0)

    def heard(self) -> None:
        """Any word of the engine's: whether its job comes on is known from `answered`."""
        self._listen(self._still)

    def answered(self, still: int) -> None:
        """It was asked, and its job has been silent for so many beats."""
        self._listen(still)

    def _listen(self, still: int) -> None:
        was_lost = self.is_lost
        self._silent, self._still = 0, still
        self._tell(was_lost)

    def beat(self) -> None:
        """An engine is asked even when it is lost for a while: it may come back."""
        was_lost = self.is_lost
        self._silent += 1
        self._tell(was_lost)
        if max(self._silent, self._still) > HOPELESS:
            self._timer.stop()
            self.hopeless.emit()
        elif self._silent <= MOST_SILENT:
            self._ask()

    def _tell(self, was_lost: bool) -> None:
        if self.is_lost and not was_lost:
            self.lost.emit()
        elif was_lost and not self.is_lost:
            self.found.emit()
