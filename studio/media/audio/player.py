"""Plays one piece at a time: without a gap at the loop, without a click at a jump or a switch.

A file is decoded into memory once (a minute takes about a quarter of a second) and written to the
device a tenth of a second ahead. So a loop is sample-exact, and another track, or another place,
takes over by a short crossfade in the stream that goes on.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.client.background import Background
from studio.media.audio import mixing, sound_output
from studio.media.audio.decoded_sounds import DecodedSounds, Sound
from studio.media.audio.sound_output import AudioOutput, NoSoundError
from studio.state import problems
from studio.state.problems import Problem

FRAME_MS = 15
_WARM_MS = 400  # after the window has drawn what was asked for
FADE_S = 0.008
DRIFT_S = 0.15  # between the clock and the device, before the clock gives in


@dataclass(frozen=True, slots=True)
class Track:
    """One piece: what it is, how its file is read (off the window's thread), how loud it plays.

    begins: seconds of silence, a rest before an upbeat, that nobody who presses play waits for."""

    key: str
    read: Callable[[], bytes] = field(compare=False)
    seconds: float = field(compare=False)
    gain: float = field(default=1.0, compare=False)
    begins: float = field(default=0.0, compare=False)


class Player(QObject):
    """Facts, verbs and signals of what is heard."""

    changed = Signal()  # another track, playing or paused, looped or not
    moved = Signal()  # the position
    silent = Signal(object)  # Problem: why nothing is heard; the same one is told once

    def __init__(
        self,
        background: Background,
        open_output: Callable[[], AudioOutput] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._open = open_output or sound_output.DeviceOutput
        self._output: AudioOutput | None = None
        self._decoded = DecodedSounds(background, self)
        self._decoded.failed.connect(self._on_lost)
        self.track: Track | None = None
        self.is_playing = False
        self.loops = False
        self.volume = 1.0  # 0 … 1, as it is heard
        self.problem: Problem | None = None
        self._told: set[str] = set()
        self._next = 0  # the frame of the track that is written next
        self._place_s = 0.0  # where it stands or stood; while it plays, see `position_s`
        self._since: float | None = None  # when the frame at `_place_s` was, or will be, heard
        self._written = self._mark = 0  # frames since the start; before the place
        self._tail = b""  # of what was heard before a jump, to fade out
        self._beat = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._on_beat)

    # ---- facts ---------------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """How long the track is: as it was told, until it is decoded."""
        sound = self._heard()
        if sound is not None and sound.whole and self._output is not None:
            return len(sound.data) / self._output.frame_bytes / self._output.rate
        return self.track.seconds if self.track else 0.0

    @property
    def position_s(self) -> float:
        if not self.is_playing or self._since is None:
            return self._place_s
        place, end = self._place_s + max(0.0, monotonic() - self._since), self.seconds
        return place % end if self.loops and end > 0 else min(place, end)

    def plays(self, key: str) -> bool:
        return self.is_playing and self.track is not None and self.track.key == key

    # ---- verbs ---------------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Load what playing needs, while nobody waits for it, in two short steps."""
        if self._output is None:
            QTimer.singleShot(_WARM_MS, self, sound_output.load)
            QTimer.singleShot(2 * _WARM_MS, self, self._warm)

    def _warm(self) -> None:
        with suppress(NoSoundError):  # told when somebody wishes to hear something
            self._output = self._output or self._open()

    def cue(self, track: Track | None) -> None:
        """Have this track ready, silent and at its beginning; the one that is ready stays."""
        if track == self.track:
            self.track = track
            return
        self._rest()
        self.track, self._place_s = track, 0.0
        self.changed.emit()
        self.moved.emit()

    def play(self, track: Track | None = None) -> None:
        """Go on, or with another track from its beginning."""
        if track is not None and track != self.track:
            self.cue(track)
        if self.track is None or self.is_playing or not self._is_open():
            return
        assert self._output is not None
        self._output.set_volume(self.volume**2)
        if self._place_s >= self.seconds - 0.01:
            self._place_s = 0.0
        if self._place_s == 0.0 and not self.loops:
            self._place_s = self.track.begins
        self._output.start()
        self.is_playing, self._since, self._tail = True, None, b""
        self._written = self._mark = 0
        self._next = round(self._place_s * self._output.rate)
        self._beat.start()
        self._decoded.fetch(self.track.key, self.track.read, self._output)  # may end it at once
        self.changed.emit()

    def pause(self) -> None:
        if self.is_playing:
            self._place_s = self.position_s
            self._rest()
            self.changed.emit()

    def toggle(self, track: Track | None = None) -> None:
        if self.is_playing and track in (None, self.track):
            self.pause()
        else:
            self.play(track)

    def switch(self, track: Track) -> None:
        """Another track at the same place, without a pause: to compare the two."""
        if not self.is_playing:
            place, self.track = self.position_s, track
            self._place_s = min(place, track.seconds)
        else:
            self._jump(min(self.position_s, track.seconds), track)
            assert self._output is not None
            self._decoded.fetch(track.key, track.read, self._output)
        self.changed.emit()

    def seek(self, seconds: float) -> None:
        place = min(max(0.0, seconds), self.seconds)
        if self.is_playing and self.track is not None:
            self._jump(place, self.track)
        else:
            self._place_s = place
        self.moved.emit()

    def set_volume(self, volume: float) -> None:
        """0 … 1, as it is heard: half is about half as loud."""
        self.volume = volume
        if self._output is not None:
            self._output.set_volume(volume**2)

    def set_loop(self, loops: bool) -> None:
        if loops != self.loops:
            self._place_s, going = self.position_s, self._since is not None
            self._since = monotonic() if going else None
            self._mark = self._taken() if going else 0
            self.loops = loops
            self.changed.emit()

    def stop(self) -> None:
        """Silence, and nothing ready; what was decoded is forgotten."""
        self.cue(None)
        self._decoded.clear()

    # ---- the device ----------------------------------------------------------------------------

    def _is_open(self) -> bool:
        try:
            self._output = self._output or self._open()
        except NoSoundError as error:
            self._fail(error)
            return False
        self.problem = None
        return True

    def _fail(self, error: Exception) -> None:
        self.problem = problems.of_error(error)
        if self.problem.key not in self._told:
            self._told.add(self.problem.key)
            self.silent.emit(self.problem)
        self.changed.emit()

    def _rest(self) -> None:
        self._beat.stop()
        if self._output is not None and self.is_playing:
            self._output.stop()
        self.is_playing, self._since = False, None

    def _heard(self) -> Sound | None:
        return self._decoded.get(self.track.key) if self.track else None

    def _on_lost(self, key: str, error: Exception) -> None:
        if self.track is not None and self.track.key == key:
            self._rest()
            self._place_s = 0.0
            self._fail(error)

    # ---- samples become sound ------------------------------------------------------------------

    def _on_beat(self) -> None:
        output, sound = self._output, self._heard()
        if output is None or sound is None:
            return
        if written := self._chunk(output.room(), sound):
            output.write(written)
            self._written += self._count(written)
        self._keep_time()
        over = not self.loops and sound.whole and self._next >= self._frames(sound)
        if over and self.position_s >= self.seconds - 0.001:
            self._rest()
            self._place_s = 0.0
            self.changed.emit()
        self.moved.emit()

    def _taken(self) -> int:
        """Frames that the device has taken since it started."""
        return self._written - self._output.queued() if self._output else 0

    def _keep_time(self) -> None:
        """The clock says where it stands, as it runs smoothly; the device says when it is wrong."""
        assert self._output is not None
        done_s = (self._taken() - self._mark) / self._output.rate
        now = monotonic()
        if self._since is None:
            self._since = now - done_s if done_s > 0 else None
        elif abs(now - self._since - done_s) > DRIFT_S:
            self._since = now - done_s

    def _frames(self, sound: Sound) -> int:
        assert self._output is not None
        return len(sound.data) // self._output.frame_bytes

    def _chunk(self, room: int, sound: Sound) -> bytes:
        """The next `room` frames, from the beginning again where it loops; fewer at the end."""
        end = self._frames(sound)
        if self.loops and sound.whole and end:
            self._next %= end
        raw = self._raw(sound, self._next, room)
        self._next += self._count(raw)
        while self.loops and sound.whole and end and self._count(raw) < room:
            more = self._raw(sound, 0, room - self._count(raw))
            self._next = self._count(more)
            raw += more
        return self._shaped(raw)

    def _count(self, raw: bytes) -> int:
        assert self._output is not None
        return len(raw) // self._output.frame_bytes

    def _raw(self, sound: Sound, start: int, frames: int) -> bytes:
        assert self._output is not None
        size = self._output.frame_bytes
        return bytes(sound.data[start * size : (start + max(0, frames)) * size])

    def _shaped(self, raw: bytes) -> bytes:
        """As loud as the track plays, with the tail of what was before faded out under it."""
        assert self._output is not None
        raw = mixing.louder(raw, self._output.typecode, self.track.gain if self.track else 1.0)
        tail, self._tail = self._tail if raw else b"", b"" if raw else self._tail
        return mixing.faded(raw, tail, self._output.typecode)

    def _jump(self, place: float, track: Track) -> None:
        """While it plays: to another place, of another track perhaps, as soon as it is heard."""
        assert self._output is not None
        if (sound := self._heard()) is not None:
            frames = int(FADE_S * self._output.rate)
            self._tail = self._shaped(self._raw(sound, self._next, frames))
        self.track, self._place_s = track, place
        self._next = round(place * self._output.rate)
        queued, self._mark = self._output.queued() / self._output.rate, self._written
        self._since = monotonic() + queued if self._since is not None else None
