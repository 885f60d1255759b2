"""Files become samples in memory, one at a time, and stay there as long as there is room."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from studio.client.background import Background
from studio.i18n.errors import MaquetteError
from studio.media.audio.files import is_plain_sound
from studio.media.audio.sound_output import AudioOutput, Stoppable

KEPT_BYTES = 240_000_000  # some twenty minutes


@dataclass(slots=True)
class Sound:
    """Samples as the output takes them; `whole` when there are no more to come."""

    data: bytearray = field(default_factory=bytearray)
    whole: bool = False


class DecodedSounds(QObject):
    """What is heard, by key. A file that cannot be played is told by `failed`."""

    failed = Signal(str, object)  # key, Exception

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._sounds: OrderedDict[str, Sound] = OrderedDict()
        self._decoding: Stoppable | None = None
        self._wanted = ""  # what is read or decoded now

    def get(self, key: str) -> Sound | None:
        """As far as it is decoded."""
        return self._sounds.get(key)

    def fetch(self, key: str, read: Callable[[], bytes], output: AudioOutput) -> None:
        """Begin to decode, unless it is there or on its way; `read` runs on another thread."""
        if key in self._sounds:
            self._sounds.move_to_end(key)
            if self._sounds[key].whole or self._wanted == key:
                return
        self._stop()
        self._wanted = key
        self._sounds[key] = Sound()
        self._background.run(
            read,
            lambda data: self._decode(key, data, output),
            lambda error: self._lose(key, error),
        )

    def clear(self) -> None:
        self._stop()
        self._sounds.clear()

    def _stop(self) -> None:
        """What was half decoded is of no use."""
        if self._decoding is not None:
            self._decoding.stop()
        if self._wanted:
            self._sounds.pop(self._wanted, None)
        self._decoding, self._wanted = None, ""

    def _decode(self, key: str, data: bytes, output: AudioOutput) -> None:
        if self._wanted != key:
            return
        if not is_plain_sound(data):
            self._lose(key, MaquetteError("sound_unreadable"))
            return
        sound = self._sounds[key]

        def done(well: bool) -> None:
            if well and sound.data:
                self._decoding, self._wanted, sound.whole = None, "", True
                self._forget_some()
            else:
                self._lose(key, MaquetteError("sound_unreadable"))

        self._decoding = output.decode(data, sound.data.extend, done)

    def _lose(self, key: str, error: Exception) -> None:
        if self._wanted == key:
            self._sounds.pop(key, None)
            self._decoding, self._wanted = None, ""
            self.failed.emit(key, error)

    def _forget_some(self) -> None:
        """The oldest go first; what came last stays."""
        kept = sum(len(sound.data) for sound in self._sounds.values())
        while kept > KEPT_BYTES and len(self._sounds) > 1:
            kept -= len(self._sounds.popitem(last=False)[1].data)
