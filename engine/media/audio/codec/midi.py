"""MIDI ↔ scores. A part is what one channel of one track plays; percussion stands apart, as hits.

Written with TICKS to a quarter note and a track for each part, so that a score comes back with the
same notes. Notes stay as they were played: `engine.media.audio.theory.grid` brings them to a grid.
"""

from collections.abc import Iterator

import numpy as np

from engine.core.errors import BadInput
from engine.media.audio.codec.midi_events import (
    CHORD,
    KEY_SIGNATURE,
    META,
    NOTE_OFF,
    NOTE_ON,
    PROGRAM,
    SET_TEMPO,
    TEXT,
    TIME_SIGNATURE,
    TRACK_NAME,
    Broken,
    Event,
    is_midi,
    read_tracks,
    write_tracks,
)
from engine.media.audio.codec.midi_playing import PERCUSSION, Playing
from engine.media.audio.codec.score import TICKS, ReadScores, Remark, Score

__all__ = ["is_midi", "read_midi", "read_midi_all", "write_midi"]

_CHANNELS = [channel for channel in range(16) if channel != PERCUSSION]


def read_midi(data: bytes, name: str) -> Score:
    """The first piece of a file. Raises as `read_midi_all`."""
    return read_midi_all(data, name).scores[0]


def read_midi_all(data: bytes, name: str) -> ReadScores:
    """One piece, of type 2 as many as tracks play. Raises BadInput: "damaged_notes",
    "timed_notes"."""
    try:
        file = read_tracks(data)
    except Broken as error:
        raise BadInput("damaged_notes", name=name) from error
    if file.division == 0 or file.division & 0x8000:
        raise BadInput("timed_notes", name=name)
    pieces = [[track] for track in file.tracks] if file.form == 2 else [file.tracks]
    played = [Playing(tracks, file.division) for tracks in pieces]
    scores = [score for playing in played if len(score := playing.score())]
    remarks: tuple[Remark, ...] = () if file.whole else ("truncated",)
    return ReadScores(tuple(scores or [played[0].score()]), remarks)


def write_midi(score: Score) -> bytes:
    """The bytes of a MIDI file: a track of what holds for all, then one a part, and the drums."""
    tracks = [sorted(_common(score), key=lambda event: event.tick)]
    tracks += [_track(score, part) for part in range(len(score.parts))]
    tracks += [_kit(score)] if len(score.hits) else []
    return write_tracks(TICKS, tracks)


def _common(score: Score) -> Iterator[Event]:
    yield _meta(0, TRACK_NAME, score.title.encode())
    for metre in score.metres:
        unit = metre.unit.bit_length() - 1
        yield _meta(metre.tick, TIME_SIGNATURE, bytes([metre.beats, unit, 24, 8]))
    for chord in score.chords:
        yield _meta(chord.tick, TEXT, CHORD + chord.symbol().encode())
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


def _kit(score: Score) -> list[Event]:
    """The hits on the channel of percussion; a drum is let go after a 32nd, or before it is hit
    again."""
    events = []
    for key in np.unique(score.hits["key"]).tolist():
        hits = score.hits[score.hits["key"] == key]
        onsets, velocities = hits["onset"].tolist(), hits["velocity"].tolist()
        after = [*onsets[1:], onsets[-1] + TICKS]
        for onset, velocity, until in zip(onsets, velocities, after, strict=True):
            events.append(Event(onset, NOTE_ON, PERCUSSION, key, max(1, min(127, velocity))))
            events.append(Event(min(onset + TICKS // 8, until), NOTE_OFF, PERCUSSION, key, 64))
    events.sort(key=lambda event: (event.tick, event.kind))
    return [_meta(0, TRACK_NAME, b"Drums"), *events]


def _meta(tick: int, kind: int, data: bytes) -> Event:
    return Event(tick, META, 0, kind, 0, data)
