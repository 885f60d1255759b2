"""The sound of this machine: a stream to its device, through Qt Multimedia.

Qt Multimedia is loaded with the first sound, not with the window; where it is missing, or no
device is there, NoSoundError says so in the artist's words and everything else goes on.
"""

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QIODevice, QLoggingCategory

from studio.i18n.errors import MaquetteError
from studio.widgets.file_decoder import FileDecoder

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioFormat, QAudioSink

RATES = (44_100, 48_000)
CHANNELS = 2
QUEUED_S = 0.12  # what is written ahead: the longest wait between a wish and its sound
_QUIET = "qt.multimedia.*.info=false\nqt.multimedia.symbolsresolver.warning=false"


class NoSoundError(MaquetteError):
    """Nothing can be played on this machine, now."""


def load() -> None:
    """Have Qt Multimedia in memory; that takes a moment. Raises nothing."""
    QLoggingCategory.setFilterRules(_QUIET)
    with suppress(ImportError):
        import_module("PySide6.QtMultimedia")


class Stoppable(Protocol):
    def stop(self) -> None: ...


class AudioOutput(Protocol):
    """What a player needs of a device; tests bring another one."""

    rate: int
    channels: int
    frame_bytes: int
    typecode: str

    def decode(
        self, data: bytes, arrived: Callable[[bytes], None], done: Callable[[bool], None]
    ) -> Stoppable: ...
    def set_volume(self, share: float) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def room(self) -> int: ...
    def queued(self) -> int: ...
    def write(self, samples: bytes) -> None: ...


class DeviceOutput:
    """The default device, with samples as it takes them. Times are in frames: one of each channel.

    Raises NoSoundError when there is none.
    """

    def __init__(self) -> None:
        load()
        try:
            from PySide6.QtMultimedia import QMediaDevices
        except ImportError as error:
            raise NoSoundError("sound_library", detail=error) from error
        self._device = QMediaDevices.defaultAudioOutput()
        if self._device.isNull():
            raise NoSoundError("sound_device")
        self._format = self._choose()
        self.rate = self._format.sampleRate()
        self.channels = self._format.channelCount()
        self.frame_bytes = self._format.bytesPerFrame()
        self.typecode = self._typecode()
        self._volume = 1.0
        self._sink: QAudioSink | None = None
        self._io: QIODevice | None = None

    def _choose(self) -> "QAudioFormat":
        from PySide6.QtMultimedia import QAudioFormat

        form = QAudioFormat()
        form.setChannelCount(CHANNELS)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        for rate in RATES:
            form.setSampleRate(rate)
            if self._device.isFormatSupported(form):
                return form
        return self._device.preferredFormat()

    def _typecode(self) -> str:
        """Of one sample, for the module array."""
        from PySide6.QtMultimedia import QAudioFormat

        kinds = QAudioFormat.SampleFormat
        codes = {kinds.UInt8: "B", kinds.Int16: "h", kinds.Int32: "i", kinds.Float: "f"}
        return codes[self._format.sampleFormat()]

    def decode(
        self, data: bytes, arrived: Callable[[bytes], None], done: Callable[[bool], None]
    ) -> FileDecoder:
        """Begin to decode a file into samples of this output."""
        return FileDecoder(data, self._format, arrived, done)

    # ---- the stream ----------------------------------------------------------------------------

    def set_volume(self, share: float) -> None:
        """share: of the amplitude, 0 … 1; heard at once, and from then on."""
        self._volume = share
        if self._sink is not None:
            self._sink.setVolume(share)

    def start(self) -> None:
        from PySide6.QtMultimedia import QAudioSink

        self.stop()
        self._sink = QAudioSink(self._device, self._format)
        self._sink.setBufferSize(int(QUEUED_S * self.rate) * self.frame_bytes)
        self._sink.setVolume(self._volume)
        self._io = self._sink.start()

    def stop(self) -> None:
        """At once: what is queued is not heard."""
        if self._sink is not None:
            self._sink.reset()
            self._sink.deleteLater()
        self._sink = self._io = None

    def room(self) -> int:
        """Frames that may be written now."""
        return self._sink.bytesFree() // self.frame_bytes if self._sink else 0

    def queued(self) -> int:
        """Frames that are written and not heard yet, as far as the device tells."""
        if self._sink is None:
            return 0
        return max(0, self._sink.bufferSize() - self._sink.bytesFree()) // self.frame_bytes

    def write(self, samples: bytes) -> None:
        if self._io is not None:
            self._io.write(samples)
