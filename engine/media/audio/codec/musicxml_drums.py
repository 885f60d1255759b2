"""A drum kit as a part of MusicXML: one voice of hits on a percussion staff."""

from collections import defaultdict
from collections.abc import Sequence

from lxml import etree

from engine.media.audio.codec.musicxml_beams import BeamedNote, write_beams
from engine.media.audio.codec.musicxml_elements import put, write_type
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
        at_once: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for onset, key, velocity in hits.tolist():
            at_once[onset - bar.tick].append((key, velocity))
        _write_measure(measure, at_once, bar)
        before = bar


def _write_attributes(measure: etree._Element, bar: Metre, *, first: bool) -> None:
    attributes = put(measure, "attributes")
    if first:
        put(attributes, "divisions", TICKS)
    time = put(attributes, "time")
    put(time, "beats", bar.beats)
    put(time, "beat-type", bar.unit)
    if first:
        put(put(attributes, "clef"), "sign", "percussion")


def _write_measure(
    measure: etree._Element, at_once: dict[int, list[tuple[int, int]]], bar: Metre
) -> None:
    if not at_once:
        note = put(measure, "note")
        put(note, "rest", measure="yes")
        put(note, "duration", bar.bar_ticks)
        return
    onsets, beamed = sorted(at_once), []
    _write_rests(measure, onsets[0])
    for onset, after in zip(onsets, [*onsets[1:], bar.bar_ticks], strict=True):
        lasts = values(min(_LONGEST, after - onset))[0]
        for place, (key, velocity) in enumerate(at_once[onset]):
            note = _write_hit(measure, key, velocity, lasts, in_chord=place > 0)
            if place == 0:
                beamed.append(BeamedNote(note, onset, lasts))
        _write_rests(measure, after - onset - lasts)
    write_beams(beamed, bar)


def _write_rests(measure: etree._Element, ticks: int) -> None:
    for each in reversed(values(ticks)):
        note = put(measure, "note")
        put(note, "rest")
        put(note, "duration", each)
        write_type(note, each)


def _write_hit(
    measure: etree._Element, key: int, velocity: int, ticks: int, *, in_chord: bool
) -> etree._Element:
    piece = piece_of(key)
    note = put(measure, "note", dynamics=f"{velocity / 0.9:.2f}")
    if in_chord:
        put(note, "chord")
    place = put(note, "unpitched")
    put(place, "display-step", piece.step)
    put(place, "display-octave", piece.octave)
    put(note, "duration", ticks)
    put(note, "instrument", id=f"Drums-{key}")
    write_type(note, ticks)
    if piece.cross:
        put(note, "notehead", "x")
    return note
