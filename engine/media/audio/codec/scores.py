"""Scores: bytes ↔ notes, with limits.

Read: MIDI, MusicXML (plain and packed), ABC. Of a score at most KEPT_NOTES notes are kept, from its
beginning. Nothing in a file is run, fetched or unpickled.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

import numpy as np

from engine.core import input_files as guard
from engine.core.errors import BadInput
from engine.media.audio.codec.abc import read_book
from engine.media.audio.codec.midi import is_midi, read_midi_all, write_midi
from engine.media.audio.codec.musicxml import is_musicxml, read_packed, read_xml
from engine.media.audio.codec.musicxml_write import write_xml
from engine.media.audio.codec.score import FORMATS, ReadScores, Score, score_of
from engine.protocol import SCORES

__all__ = ["decode", "decode_all", "read", "write_midi", "write_xml"]

LIMIT_MB = SCORES.max_bytes // 2**20
LEAST_NOTES = 4
KEPT_NOTES = 20_000
_MIDI_SUFFIXES = (".mid", ".midi", ".kar", ".rmi")


def read(path: Path) -> Score:
    """The score in a file. Raises BadInput, naming the file."""
    return decode(guard.read_bytes(path, LIMIT_MB * 2**20), path.name)


def decode(data: bytes, name: str) -> Score:
    """The score in a file's bytes; of a book of tunes the first. Raises as `decode_all`."""
    return decode_all(data, name).scores[0]


def decode_all(data: bytes, name: str) -> ReadScores:
    """The scores in a file's bytes: several where it is a book of tunes in ABC, or MIDI of type 2.

    Raises BadInput, naming the file: "empty_file", "large_file", "not_notes", "damaged_notes",
    "timed_notes", "swollen_notes", "no_notes", "few_notes".
    """
    if not data:
        raise BadInput("empty_file", name=name)
    if len(data) > LIMIT_MB * 2**20:
        raise BadInput("large_file", name=name, size_mb=-(-len(data) // 2**20), limit_mb=LIMIT_MB)
    found = _reader(data, name)(data, name)
    most = max((len(score) for score in found.scores), default=0)
    if most < LEAST_NOTES and "truncated" in found.remarks:
        raise BadInput("damaged_notes", name=name)
    if most == 0:
        if "drums" in found.remarks or any(len(score.hits) for score in found.scores):
            raise BadInput("only_drums", name=name)
        raise BadInput("no_notes", name=name)
    if most < LEAST_NOTES:
        raise BadInput("few_notes", name=name, count=most, least=LEAST_NOTES)
    kept = tuple(_beginning(score) for score in found.scores if len(score) >= LEAST_NOTES)
    long = any(len(score) > KEPT_NOTES for score in found.scores)
    return ReadScores(kept, (*found.remarks, *(("trimmed",) if long else ())))


def _reader(data: bytes, name: str) -> Callable[[bytes, str], ReadScores]:
    """By what the bytes say they are, then by the suffix. Raises BadInput."""
    suffix = PurePath(name).suffix.lower()
    if is_midi(data):
        return read_midi_all
    if data[:4] == b"PK\x03\x04":
        return read_packed
    if is_musicxml(data):
        return read_xml
    if suffix in _MIDI_SUFFIXES or suffix == ".mxl":
        raise BadInput("damaged_notes", name=name)
    if suffix == ".abc":
        return read_book
    if suffix in SCORES.suffixes:
        return read_xml
    raise BadInput("not_notes", name=name, formats=FORMATS)


def _beginning(score: Score) -> Score:
    """At most KEPT_NOTES of it."""
    if len(score) <= KEPT_NOTES:
        return score
    notes = np.ascontiguousarray(score.notes[:KEPT_NOTES].copy())
    kept = score_of(notes, score.metres, score.keys, score.tempos, score.parts, score.title)
    chords = tuple(chord for chord in score.chords if chord.tick < kept.end)
    return replace(kept, chords=chords, hits=score.hits[score.hits["onset"] < kept.end])
