"""A drum kit as a part of MusicXML: hits of hands and of feet, two voices on a percussion staff."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from lxml import etree

from engine.media.audio.codec.musicxml_beams import BeamedNote, write_beams
from engine.media.audio.codec.musicxml_elements import put, write_rests, write_type
from engine.media.audio.codec.musicxml_spelling import values
from engine.media.audio.codec.percussion import piece_of
from engine.media.audio.codec.score import TICKS, Metre, Score

PERCUSSION = 10  # the channel of General MIDI, from 1
_LONGEST = TICKS  # of a hit's note; behind it a rest stands


def list_kit(listing: etree._Element, score: Score) -> None:
    """The entry in the list of parts: an instrument for each key."""
    about = put(listing, "score-part", id="Drums")
    put(about, "part-name", "Drums")
    keys = sorted(set(score.hits["key"].tolist()))
    for key in keys:
        instrument = put(about, "score-instrument", id=f"Drums-{key}")
        put(instrument, "instrument-name", piece_of(key).name)
    for key in keys:
        midi = put(about, "midi-instrument", id=f"Drums-{key}")
        put(midi, "midi-channel", PERCUSSION)
        put(midi, "midi-unpitched", key + 1)


def write_kit(root: etree._Element, score: Score, bars: Sequence[Metre]) -> None:
    """The part, with a measure for each bar."""
    part = put(root, "part", id="Drums")
    before: Metre | None = None
    for index, bar in enumerate(bars):
        measure = put(part, "measure", number=str(index + 1))
        if before is None or (before.beats, before.unit) != (bar.beats, bar.unit):
            _write_attributes(measure, bar, first=before is None)
        inside = score.hits["onset"] - bar.tick
        hits = score.hits[(inside >= 0) & (inside < bar.bar_ticks)]
        _write_measure(measure, _voices(hits, bar), bar)
        before = bar


_Voice = dict[int, list[tuple[int, int]]]  # onset in the bar → keys and velocities


def _voices(hits: np.ndarray, bar: Metre) -> list[_Voice]:
    """What hands play, and what feet play; those of the two that play."""
    hands: _Voice = defaultdict(list)
    feet: _Voice = defaultdict(list)
    for onset, key, velocity in hits.tolist():
        voice = feet if piece_of(key).foot else hands
        voice[onset - bar.tick].append((key, velocity))
    return [voice for voice in (hands, feet) if voice]


def _write_attributes(measure: etree._Element, bar: Metre, *, first: bool) -> None:
    attributes = put(measure, "attributes")
    if first:
        put(attributes, "divisions", TICKS)
    time = put(attributes, "time")
    put(time, "beats", bar.beats)
    put(time, "beat-type", bar.unit)
    if first:
        put(put(attributes, "clef"), "sign", "percussion")


def _write_measure(measure: etree._Element, voices: Sequence[_Voice], bar: Metre) -> None:
    if not voices:
        note = put(measure, "note")
        put(note, "rest", measure="yes")
        put(note, "duration", bar.bar_ticks)
    for number, at_once in enumerate(voices, 1):
        if number > 1:
            put(put(measure, "backup"), "duration", bar.bar_ticks)
        _write_voice(measure, at_once, number, bar)


def _write_voice(measure: etree._Element, at_once: _Voice, voice: int, bar: Metre) -> None:
    onsets, beamed = sorted(at_once), []
    write_rests(measure, onsets[0], voice)
    for onset, after in zip(onsets, [*onsets[1:], bar.bar_ticks], strict=True):
        lasts = values(min(_LONGEST, after - onset))[0]
        for place, (key, velocity) in enumerate(at_once[onset]):
            note = _write_hit(measure, key, velocity, lasts, voice)
            if place == 0:
                beamed.append(BeamedNote(note, onset, lasts))
            else:
                note.insert(0, etree.Element("chord"))
        write_rests(measure, after - onset - lasts, voice)
    write_beams(beamed, bar)


def _write_hit(
    measure: etree._Element, key: int, velocity: int, ticks: int, voice: int
) -> etree._Element:
    piece = piece_of(key)
    note = put(measure, "note", dynamics=f"{velocity / 0.9:.2f}")
    place = put(note, "unpitched")
    put(place, "display-step", piece.step)
    put(place, "display-octave", piece.octave)
    put(note, "duration", ticks)
    put(note, "instrument", id=f"Drums-{key}")
    put(note, "voice", voice)
    write_type(note, ticks)
    if piece.cross:
        put(note, "notehead", "x")
    return note
