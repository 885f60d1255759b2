"""Scores → MusicXML 4.0, so that `engine.media.audio.codec.musicxml` reads the same notes again.

What sounds at once in a part goes to voices: chords where notes begin and end together, else as
many voices as it takes. A note over a bar line, or of a length that no note value has, is tied.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from lxml import etree

from engine import __version__
from engine.media.audio.codec.chords import IN_XML, name_of
from engine.media.audio.codec.musicxml_accidentals import write_accidentals
from engine.media.audio.codec.musicxml_beams import BeamedNote, write_beams
from engine.media.audio.codec.musicxml_drums import list_kit, write_kit
from engine.media.audio.codec.musicxml_elements import put, write_rests, write_type
from engine.media.audio.codec.musicxml_spelling import spelled, values
from engine.media.audio.codec.score import TICKS, Key, Metre, Part, Score, mark_at

DOCTYPE = (
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">'
)
_LOWEST_TREBLE = 57  # a part whose notes lie lower on the average is written in the bass clef


class _Piece(NamedTuple):
    """A note, or what of it is in one bar; ticks from the bar's beginning. after: the pitch that
    follows in its part."""

    onset: int
    duration: int
    pitch: int
    velocity: int
    from_before: bool
    goes_on: bool
    after: int | None


def write_xml(score: Score) -> bytes:
    """The bytes of a .musicxml file."""
    root = etree.Element("score-partwise", version="4.0")
    if score.title:
        put(put(root, "work"), "work-title", score.title)
    encoding = put(put(root, "identification"), "encoding")
    put(encoding, "software", f"Maquette {__version__}")
    listing = put(root, "part-list")
    for number, part in enumerate(score.parts):
        _list_part(listing, number, part)
    if len(score.hits):
        list_kit(listing, score)
    bars = score.bars()
    for number in range(len(score.parts)):
        _write_part(put(root, "part", id=f"P{number + 1}"), score, number, bars)
    if len(score.hits):
        write_kit(root, score, bars)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=DOCTYPE)


def _list_part(listing: etree._Element, number: int, part: Part) -> None:
    about = put(listing, "score-part", id=f"P{number + 1}")
    put(about, "part-name", part.name)
    put(put(about, "score-instrument", id=f"I{number + 1}"), "instrument-name", part.name)
    midi = put(about, "midi-instrument", id=f"I{number + 1}")
    channel = number % 15 + 1
    put(midi, "midi-channel", channel + (channel >= 10))
    put(midi, "midi-program", part.program + 1)


def _write_part(element: etree._Element, score: Score, number: int, bars: Sequence[Metre]) -> None:
    pieces = _by_bar(score.notes[score.notes["part"] == number], bars)
    mean = score.notes["pitch"][score.notes["part"] == number].mean()
    before: Metre | None = None
    for index, bar in enumerate(bars):
        measure = put(element, "measure", number=str(index + 1))
        key = mark_at(score.keys, bar.tick)
        _write_attributes(measure, bar, before, key, low=mean < _LOWEST_TREBLE)
        if number == 0:
            _write_tempos(measure, score, bar)
            _write_chords(measure, score, bar, key)
        voices = _voices(pieces[index])
        written: list[tuple[int, etree._Element]] = []
        for voice, chords in enumerate(voices or [[]]):
            if voice:
                put(put(measure, "backup"), "duration", bar.bar_ticks)
            written += _write_voice(measure, chords, voice + 1, bar, key)
        write_accidentals(written, key)
        before = bar
    end = put(element[-1], "barline", location="right")
    put(end, "bar-style", "light-heavy")


def _by_bar(notes, bars: Sequence[Metre]) -> dict[int, list[_Piece]]:
    """The notes of one part, cut at bar lines."""
    pieces: dict[int, list[_Piece]] = defaultdict(list)
    index = 0
    for note, after in zip_longest(notes, _following(notes)):
        start, length = int(note["onset"]), int(note["duration"])
        end = start + length
        while start >= bars[index].tick + bars[index].bar_ticks:
            index += 1
        at, begun = index, start
        while begun < end:
            line = bars[at].tick + bars[at].bar_ticks
            stop = min(end, line)
            piece = _Piece(
                begun - bars[at].tick,
                stop - begun,
                int(note["pitch"]),
                int(note["velocity"]),
                begun > start,
                stop < end,
                after,
            )
            pieces[at].append(piece)
            begun, at = stop, at + 1
    return pieces


def _following(notes: np.ndarray) -> list[int | None]:
    """For each note, by onset, the lowest pitch of the next moment."""
    onsets, pitches = notes["onset"], notes["pitch"].tolist()
    places = np.searchsorted(onsets, onsets, side="right").tolist()
    return [pitches[place] if place < len(pitches) else None for place in places]


def _voices(pieces: list[_Piece]) -> list[list[list[_Piece]]]:
    """Voices of chords, each in order of time and without overlaps."""
    chords: dict[tuple[int, int], list[_Piece]] = defaultdict(list)
    for piece in pieces:
        chords[piece.onset, piece.duration].append(piece)
    voices: list[list[list[_Piece]]] = []
    ends: list[int] = []
    for onset, duration in sorted(chords, key=lambda span: (span[0], -span[1])):
        chord = sorted(chords[onset, duration], key=lambda piece: -piece.pitch)
        for number, end in enumerate(ends):
            if end <= onset:
                voices[number].append(chord)
                ends[number] = onset + duration
                break
        else:
            voices.append([chord])
            ends.append(onset + duration)
    return voices


def _write_attributes(
    measure: etree._Element, bar: Metre, before: Metre | None, key: Key | None, *, low: bool
) -> None:
    changed = before is None or (before.beats, before.unit) != (bar.beats, bar.unit)
    new_key = key is not None and (before is None or key.tick > before.tick)
    if not (changed or new_key):
        return
    attributes = put(measure, "attributes")
    if before is None:
        put(attributes, "divisions", TICKS)
    if key is not None and new_key:
        signature = put(attributes, "key")
        put(signature, "fifths", key.fifths)
        put(signature, "mode", "minor" if key.minor else "major")
    if changed:
        time = put(attributes, "time")
        put(time, "beats", bar.beats)
        put(time, "beat-type", bar.unit)
    if before is None:
        clef = put(attributes, "clef")
        put(clef, "sign", "F" if low else "G")
        put(clef, "line", 4 if low else 2)


def _write_tempos(measure: etree._Element, score: Score, bar: Metre) -> None:
    """Those of a bar at its beginning."""
    held = [t for t in score.tempos if bar.tick <= t.tick < bar.tick + bar.bar_ticks]
    for tempo in held[-1:]:
        direction = put(measure, "direction", placement="above")
        metronome = put(put(direction, "direction-type"), "metronome")
        put(metronome, "beat-unit", "quarter")
        put(metronome, "per-minute", f"{tempo.quarters:g}")
        put(direction, "sound", tempo=f"{tempo.quarters:g}")


def _write_chords(measure: etree._Element, score: Score, bar: Metre, key: Key | None) -> None:
    """The symbols above a bar, each with how far from its beginning it stands."""
    fifths = key.fifths if key is not None else 0
    for chord in score.chords:
        if not bar.tick <= chord.tick < bar.tick + bar.bar_ticks:
            continue
        harmony = put(measure, "harmony")
        for what, pitch_class in (("root", chord.root), ("bass", chord.bass)):
            if what == "bass":
                put(harmony, "kind", IN_XML[chord.kind]).set("text", chord.kind)
            if pitch_class >= 0:
                name = name_of(pitch_class, fifths)
                about = put(harmony, what)
                put(about, f"{what}-step", name[0])
                if name[1:]:
                    put(about, f"{what}-alter", 1 if name[1:] == "#" else -1)
        if chord.tick > bar.tick:
            put(harmony, "offset", chord.tick - bar.tick)


def _write_voice(
    measure: etree._Element,
    chords: list[list[_Piece]],
    voice: int,
    bar: Metre,
    key: Key | None,
) -> list[tuple[int, etree._Element]]:
    """Chords with rests between, up to the end of the bar; the notes that were written, and when
    each begins."""
    at, length = 0, bar.bar_ticks
    beamed: list[BeamedNote] = []
    written: list[tuple[int, etree._Element]] = []
    if not chords:
        note = put(measure, "note")
        put(note, "rest", measure="yes")
        put(note, "duration", length)
        put(note, "voice", voice)
        return written
    for chord in chords:
        write_rests(measure, chord[0].onset - at, voice)
        lengths, at = values(chord[0].duration), chord[0].onset
        for number, ticks in enumerate(lengths):
            for place, piece in enumerate(chord):
                part = piece._replace(
                    duration=ticks,
                    from_before=piece.from_before or number > 0,
                    goes_on=piece.goes_on or number < len(lengths) - 1,
                )
                note = _write_note(measure, part, voice, key, in_chord=place > 0)
                written.append((at, note))
                if place == 0:
                    beamed.append(BeamedNote(note, at, ticks))
            at += ticks
    write_rests(measure, length - at, voice)
    write_beams(beamed, bar)
    return written


def _write_note(
    measure: etree._Element,
    piece: _Piece,
    voice: int,
    key: Key | None,
    *,
    in_chord: bool,
) -> etree._Element:
    note = put(measure, "note", dynamics=f"{piece.velocity / 0.9:.2f}")
    if in_chord:
        put(note, "chord")
    step, alter, octave = spelled(piece.pitch, key, piece.after)
    pitch = put(note, "pitch")
    put(pitch, "step", step)
    if alter:
        put(pitch, "alter", alter)
    put(pitch, "octave", octave)
    put(note, "duration", piece.duration)
    ties = [
        kind for kind, is_so in (("stop", piece.from_before), ("start", piece.goes_on)) if is_so
    ]
    for kind in ties:
        put(note, "tie", type=kind)
    put(note, "voice", voice)
    write_type(note, piece.duration)
    for kind in ties:
        put(put(note, "notations"), "tied", type=kind)
    return note
