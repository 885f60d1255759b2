"""The events of MIDI tracks that sound together → a score: what they make heard.

A note sounds until its key, the sustain pedal and the sostenuto pedal let it go (MIDI 1.0, control
change 64 and 66: on from 64). Of tempo, metre and key there is one line for all tracks: where two
tracks speak of the same moment, the first of them holds.
"""

from collections.abc import Iterable
from dataclasses import replace
from heapq import merge
from typing import TypeVar

from engine.media.audio.codec import chords
from engine.media.audio.codec.midi_events import (
    CHORD,
    CONTROL,
    INSTRUMENT_NAME,
    KEY_SIGNATURE,
    META,
    NOTE_OFF,
    NOTE_ON,
    PORT,
    PROGRAM,
    SET_TEMPO,
    TEXT,
    TIME_SIGNATURE,
    TRACK_NAME,
    Event,
)
from engine.media.audio.codec.midi_names import decoded
from engine.media.audio.codec.score import (
    MAX_PARTS,
    MAX_TICK,
    TICKS,
    Key,
    Metre,
    Part,
    Score,
    Tempo,
    hits_of,
    notes_of,
    score_of,
)

PERCUSSION = 9  # the channel of General MIDI
HUNG_TICKS = 4 * TICKS  # how long a note lasts that nobody ends
_BANK, _SUSTAIN, _SOSTENUTO = 0, 64, 66
_ALL_SOUND_OFF, _RESET, _ALL_NOTES_OFF = 120, 121, 123
_DRUM_BANKS = (120, 126, 127)  # of General MIDI 2 and XG
_DOWN = 64  # from which value a pedal is down

Mark = TypeVar("Mark", Metre, Key, Tempo)
Channel = tuple[int, int]  # (port, channel): what a pedal or a bank holds for
Voice = tuple[int, int]  # (track, channel): a part
Place = tuple[int, int, int]  # (track, channel, pitch)


class Playing:
    """Takes the events of all tracks in order of time."""

    def __init__(self, tracks: list[list[Event]], division: int) -> None:
        self._hits: list[tuple[int, int, int]] = []
        self._chords: dict[int, chords.Chord] = {}
        self._sounded: dict[Voice, list[tuple[int, int, int, int]]] = {}  # onset, length, …
        self._programs: dict[Voice, int] = {}  # of each part, when it began
        self._names: dict[tuple[int, int], bytes] = {}  # (track, kind of text)
        self._metres: dict[int, tuple[int, Metre]] = {}  # tick: (track, …)
        self._keys: dict[int, tuple[int, Key]] = {}
        self._tempos: dict[int, tuple[int, Tempo]] = {}
        self._ports: dict[int, int] = {}
        self._own: dict[Voice, int] = {}  # the program that a track named last
        self._shared: dict[Channel, int] = {}  # … or any other track, for that channel
        self._drums: set[Channel] = set()
        self._pedals: set[tuple[Channel, int]] = set()  # those that are down
        self._pressed: dict[Place, tuple[int, int]] = {}  # (onset, velocity)
        self._ringing: dict[Place, tuple[int, int]] = {}  # held by a pedal alone
        self._let_go: dict[Place, int] = {}  # since when
        self._caught: set[Place] = set()  # what the sostenuto pedal holds
        self._take_all(tracks, division)

    def score(self) -> Score:
        texts = dict(zip(self._names, decoded(list(self._names.values())), strict=True))
        kinds = (INSTRUMENT_NAME, TRACK_NAME)  # the latter goes before
        said = [(track, text) for kind in kinds for (track, k), text in texts.items() if k == kind]
        names = {track: text for track, text in said if text}
        voices = sorted(self._sounded, key=lambda voice: voice[0])[:MAX_PARTS]  # track by track
        tracks = {track for track, _ in voices}
        title = texts.get((0, TRACK_NAME), "") if 0 not in tracks or len(tracks) == 1 else ""
        title = next((t for (_, kind), t in texts.items() if kind == TEXT), title)
        if tracks == {0} and len(voices) > 1:  # the name is the piece's
            names = {}
        parts = [Part(names.get(voice[0], ""), self._programs.get(voice, 0)) for voice in voices]
        rows = [
            (onset, length, pitch, part, velocity)
            for part, voice in enumerate(voices)
            for onset, length, pitch, velocity in self._sounded[voice]
        ]
        metres = [mark for _, mark in self._metres.values()]
        keys = [mark for _, mark in self._keys.values()]
        tempos = [mark for _, mark in self._tempos.values()]
        score = score_of(notes_of(rows), metres, keys, tempos, parts, title)
        symbols = tuple(self._chords[tick] for tick in sorted(self._chords))
        return replace(score, chords=symbols, hits=hits_of(self._hits))

    def _take_all(self, tracks: list[list[Event]], division: int) -> None:
        last = 0
        for number, event in _in_time(tracks):
            tick = round(event.tick * TICKS / division)
            if tick >= MAX_TICK:
                break
            last = tick
            if event.kind == META:
                self._meta(number, event, tick)
            elif event.kind == PROGRAM:
                self._own[number, event.channel] = event.first
                self._shared[self._channel(number, event)] = event.first
            elif event.kind == CONTROL:
                self._control(self._channel(number, event), event, tick)
            elif event.kind in (NOTE_ON, NOTE_OFF):
                self._note(number, event, tick)
        for place, begun in self._pressed.items():
            self._add(place, begun, begun[0] + HUNG_TICKS)
        for place, begun in self._ringing.items():
            self._add(place, begun, min(last, self._let_go[place] + HUNG_TICKS))

    def _channel(self, track: int, event: Event) -> Channel:
        return self._ports.get(track, 0), event.channel

    def _note(self, track: int, event: Event, tick: int) -> None:
        channel = self._channel(track, event)
        begins = event.kind == NOTE_ON and event.second > 0
        if event.channel == PERCUSSION or channel in self._drums:
            if begins:
                self._hits.append((tick, event.first, event.second))
            return
        place = track, event.channel, event.first
        if place in self._ringing and begins:
            self._add(place, self._ringing.pop(place), tick)
        if place in self._pressed:
            begun = self._pressed.pop(place)
            if not begins and self._is_held(channel, place):
                self._ringing[place], self._let_go[place] = begun, tick
            else:
                self._add(place, begun, tick)
        if begins:
            self._pressed[place] = tick, event.second
            program = self._own.get(place[:2], self._shared.get(channel, 0))
            self._programs.setdefault(place[:2], program)

    def _is_held(self, channel: Channel, place: Place) -> bool:
        return (channel, _SUSTAIN) in self._pedals or place in self._caught

    def _control(self, channel: Channel, event: Event, tick: int) -> None:
        number, value = event.first, event.second
        if number == _BANK:
            (self._drums.add if value in _DRUM_BANKS else self._drums.discard)(channel)
        elif number in (_SUSTAIN, _SOSTENUTO):
            self._pedal(channel, number, tick, down=value >= _DOWN)
        elif number == _RESET:
            self._pedal(channel, _SUSTAIN, tick, down=False)
            self._pedal(channel, _SOSTENUTO, tick, down=False)
        elif number in (_ALL_SOUND_OFF, _ALL_NOTES_OFF):
            for held in (self._pressed, self._ringing):
                for place in self._of(channel, held):
                    self._add(place, held.pop(place), tick)

    def _pedal(self, channel: Channel, number: int, tick: int, *, down: bool) -> None:
        was_down = (channel, number) in self._pedals
        if down:
            self._pedals.add((channel, number))
            if number == _SOSTENUTO and not was_down:
                self._caught.update(self._of(channel, self._pressed))
            return
        self._pedals.discard((channel, number))
        if number == _SOSTENUTO:
            self._caught.difference_update(self._of(channel, self._caught))
        for place in self._of(channel, self._ringing):
            if not self._is_held(channel, place):
                self._add(place, self._ringing.pop(place), tick)

    def _of(self, channel: Channel, places: Iterable[Place]) -> list[Place]:
        return [p for p in places if (self._ports.get(p[0], 0), p[1]) == channel]

    def _add(self, place: Place, begun: tuple[int, int], end: int) -> None:
        """The note that sounded at a place until now."""
        onset, velocity = begun
        row = onset, max(1, end - onset), place[2], velocity
        self._sounded.setdefault(place[:2], []).append(row)

    def _meta(self, track: int, event: Event, tick: int) -> None:
        """What makes no sense is passed over."""
        kind, data = event.first, event.data
        if kind in (TRACK_NAME, INSTRUMENT_NAME) or (kind == TEXT and data.startswith(b"@T")):
            self._names.setdefault((track, kind), data.removeprefix(b"@T"))
        elif kind == TEXT and data.startswith(CHORD):
            found = chords.parsed(data.removeprefix(CHORD).decode("latin-1"), tick)
            if found is not None:
                self._chords.setdefault(tick, found)
        elif kind == PORT and len(data) == 1:
            self._ports.setdefault(track, data[0])
        elif kind == TIME_SIGNATURE and len(data) >= 2 and data[1] <= 6:
            _mark(self._metres, track, Metre(tick, data[0], 2 ** data[1]))
        elif kind == KEY_SIGNATURE and len(data) >= 2:
            fifths = int.from_bytes(data[:1], "big", signed=True)
            if -7 <= fifths <= 7:
                _mark(self._keys, track, Key(tick, fifths, data[1] == 1))
        elif kind == SET_TEMPO and len(data) == 3 and any(data):
            _mark(self._tempos, track, Tempo(tick, 60e6 / int.from_bytes(data, "big")))


def _in_time(tracks: list[list[Event]]) -> Iterable[tuple[int, Event]]:
    """(track, event), of one moment the first track's first."""
    lines = ([(number, event) for event in events] for number, events in enumerate(tracks))
    return merge(*lines, key=lambda numbered: numbered[1].tick)


def _mark(found: dict[int, tuple[int, Mark]], track: int, mark: Mark) -> None:
    """The first track to speak of a moment holds there, its last word counts."""
    if found.get(mark.tick, (track, mark))[0] == track:
        found[mark.tick] = track, mark
