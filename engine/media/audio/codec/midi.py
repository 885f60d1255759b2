"""MIDI ↔ scores. A part is what one channel of one track plays; percussion is left out.

Written with TICKS to a quarter note and a track for each part, so that a score comes back with the
same notes. Notes stay as they were played: `engine.media.audio.theory.grid` brings them to a grid.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.core.errors import BadInput
from engine.media.audio.codec.midi_events import (
    KEY_SIGNATURE,
    META,
    NOTE_OFF,
    NOTE_ON,
    PROGRAM,
    SET_TEMPO,
    TIME_SIGNATURE,
    TRACK_NAME,
    Broken,
    Event,
    read_tracks,
    write_tracks,
)
from engine.media.audio.codec.score import (
    MAX_PARTS,
    MAX_TICK,
    TICKS,
    Key,
    Metre,
    Part,
    Score,
    Tempo,
    notes_of,
    score_of,
)

PERCUSSION = 9  # the channel of General MIDI
HUNG_TICKS = 4 * TICKS  # how long a note lasts that nobody ends
_CHANNELS = [channel for channel in range(16) if channel != PERCUSSION]


@dataclass(slots=True)
class _Found:
    """What the tracks hold, in ticks of ours."""

    rows: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    places: dict[tuple[int, int], int] = field(default_factory=dict)  # (track, channel): part
    programs: dict[tuple[int, int], int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)  # by track
    metres: list[Metre] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)


def read_midi(data: bytes, name: str) -> Score:
    """Raises BadInput: "damaged_notes", "timed_notes"."""
    try:
        division, tracks = read_tracks(data)
    except Broken as error:
        raise BadInput("damaged_notes", name=name) from error
    if division == 0 or division & 0x8000:
        raise BadInput("timed_notes", name=name)
    found = _Found()
    for number, events in enumerate(tracks):
        _read_track(found, number, events, division)
    parts = [Part()] * len(found.places)
    for (track, channel), part in found.places.items():
        label = found.names.get(track, "")
        parts[part] = Part(label, found.programs.get((track, channel), 0))
    playing = {track for track, _ in found.places}
    title = found.names.get(0, "") if 0 not in playing or len(playing) == 1 else ""
    return score_of(notes_of(found.rows), found.metres, found.keys, found.tempos, parts, title)


def has_percussion(data: bytes) -> bool:
    """Whether a file that can be read is MIDI with notes of percussion, which are left out."""
    if data[:4] not in (b"MThd", b"RIFF"):
        return False
    _, tracks = read_tracks(data)
    return any(
        event.kind == NOTE_ON and event.channel == PERCUSSION and event.second
        for events in tracks
        for event in events
    )


def _read_track(found: _Found, number: int, events: list[Event], division: int) -> None:
    sounding: dict[tuple[int, int], tuple[int, int]] = {}  # (channel, pitch): (onset, velocity)
    for event in events:
        tick = round(event.tick * TICKS / division)
        if tick >= MAX_TICK:
            break
        place = event.channel, event.first
        if event.kind == META:
            _read_meta(found, number, event, tick)
        elif event.kind == PROGRAM:
            found.programs.setdefault((number, event.channel), event.first)
        elif event.kind in (NOTE_ON, NOTE_OFF) and event.channel != PERCUSSION:
            if place in sounding:
                _add(found, number, place, sounding.pop(place), tick)
            if event.kind == NOTE_ON and event.second:
                sounding[place] = tick, event.second
    for place, begun in sounding.items():
        _add(found, number, place, begun, begun[0] + HUNG_TICKS)


def _add(
    found: _Found, number: int, place: tuple[int, int], begun: tuple[int, int], end: int
) -> None:
    """The note that sounded on a (channel, pitch) until now."""
    part = found.places.setdefault((number, place[0]), len(found.places))
    if part < MAX_PARTS:
        onset, velocity = begun
        found.rows.append((onset, max(1, end - onset), place[1], part, velocity))


def _read_meta(found: _Found, number: int, event: Event, tick: int) -> None:
    """What makes no sense is passed over."""
    data = event.data
    if event.first == TRACK_NAME:
        found.names.setdefault(number, _text(data))
    elif event.first == TIME_SIGNATURE and len(data) >= 2 and data[1] <= 6:
        found.metres.append(Metre(tick, data[0], 2 ** data[1]))
    elif event.first == KEY_SIGNATURE and len(data) >= 2:
        fifths = int.from_bytes(data[:1], "big", signed=True)
        if -7 <= fifths <= 7:
            found.keys.append(Key(tick, fifths, data[1] == 1))
    elif event.first == SET_TEMPO and len(data) == 3 and any(data):
        found.tempos.append(Tempo(tick, 60e6 / int.from_bytes(data, "big")))


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def write_midi(score: Score) -> bytes:
    """The bytes of a MIDI file: a track of what holds for all, then one a part."""
    tracks = [sorted(_common(score), key=lambda event: event.tick)]
    tracks += [_track(score, part) for part in range(len(score.parts))]
    return write_tracks(TICKS, tracks)


def _common(score: Score) -> Iterator[Event]:
    yield _meta(0, TRACK_NAME, score.title.encode())
    for metre in score.metres:
        unit = metre.unit.bit_length() - 1
        yield _meta(metre.tick, TIME_SIGNATURE, bytes([metre.beats, unit, 24, 8]))
    for key in score.keys:
        yield _meta(key.tick, KEY_SIGNATURE, bytes([key.fifths % 256, key.minor]))
    for tempo in score.tempos:
        micros = min(max(round(60e6 / tempo.quarters), 1), 2**24 - 1)
        yield _meta(tempo.tick, SET_TEMPO, micros.to_bytes(3, "big"))


def _track(score: Score, part: int) -> list[Event]:
    channel = _CHANNELS[part % len(_CHANNELS)]
    about = score.parts[part]
    events = []
    for note in score.notes[score.notes["part"] == part]:
        onset, pitch = int(note["onset"]), int(note["pitch"])
        end, velocity = onset + int(note["duration"]), max(1, min(127, int(note["velocity"])))
        events.append(Event(onset, NOTE_ON, channel, pitch, velocity))
        events.append(Event(end, NOTE_OFF, channel, pitch, 64))
    events.sort(key=lambda event: (event.tick, event.kind))  # ends before beginnings
    head = [
        _meta(0, TRACK_NAME, about.name.encode()),
        Event(0, PROGRAM, channel, min(127, about.program), 0),
    ]
    return head + events


def _meta(tick: int, kind: int, data: bytes) -> Event:
    return Event(tick, META, 0, kind, 0, data)
