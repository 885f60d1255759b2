"""A device that nobody hears: takes samples in real time and remembers them."""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QTimer

HEADER = 44  # bytes of a WAV file before its samples
QUEUE_S = 0.06


class FakeDecoding:
    def __init__(
        self, data: bytes, arrived: Callable[[bytes], None], done: Callable[[bool], None]
    ) -> None:
        self.stopped = False
        self._data, self._arrived, self._done = data, arrived, done
        QTimer.singleShot(0, self._go)

    def stop(self) -> None:
        self.stopped = True

    def _go(self) -> None:
        if self.stopped:
            return
        well = self._data.startswith(b"RIFF")
        if well:
            self._arrived(self._data[HEADER:])
        self._done(well)


class FakeOutput:
    """8 kHz, one channel: as `fake_music.wav` writes."""

    rate, channels, frame_bytes, typecode = 8000, 1, 2, "h"

    def __init__(self) -> None:
        self.heard = bytearray()
        self.starts = 0
        self.volume = 1.0
        self.is_running = False
        self._since = 0.0
        self._written = 0

    def decode(
        self, data: bytes, arrived: Callable[[bytes], None], done: Callable[[bool], None]
    ) -> FakeDecoding:
        return FakeDecoding(data, arrived, done)

    def set_volume(self, share: float) -> None:
        self.volume = share

    def start(self) -> None:
        self.starts += 1
        self.is_running, self._since, self._written = True, 0.0, 0

    def stop(self) -> None:
        self.is_running = False

    def queued(self) -> int:
        taken = int((monotonic() - self._since) * self.rate) if self._since else 0
        return max(0, self._written - taken)

    def room(self) -> int:
        return max(0, int(QUEUE_S * self.rate) - self.queued()) if self.is_running else 0

    def write(self, samples: bytes) -> None:
        self._since = self._since or monotonic()
        self._written += len(samples) // self.frame_bytes
        self.heard += samples
