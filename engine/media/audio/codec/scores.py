"""Scores: bytes ↔ notes, with limits.

Read: MIDI, MusicXML (plain and packed), ABC. Of a score at most KEPT_NOTES notes are kept, from its
beginning. Nothing in a file is run, fetched or unpickled.
"""

from collections.abc import Callable
from pathlib import Path, PurePath

import numpy as np

from engine.core import input_files as guard
from engine.core.deadline import TooSlow, within
from engine.core.errors import BadInput
from engine.media.audio.codec.abc import FORMATS, read_book
from engine.media.audio.codec.midi import read_midi, write_midi
from engine.media.audio.codec.musicxml import read_packed, read_xml
from engine.media.audio.codec.musicxml_write import write_xml
from engine.media.audio.codec.score import Score, score_of
from engine.messages import SCORES

__all__ = ["decode", "decode_all", "read", "write_midi", "write_xml"]

LIMIT_MB = SCORES.max_bytes // 2**20
SECONDS = 20.0
LEAST_NOTES = 4
KEPT_NOTES = 20_000
_MIDI_SUFFIXES = (".mid", ".midi", ".kar", ".rmi")


def read(path: Path) -> Score:
    """The score in a file. Raises BadInput, naming the file."""
    return decode(guard.read_bytes(path, LIMIT_MB * 2**20), path.name)


def decode(data: bytes, name: str) -> Score:
    """The score in a file's bytes; of a book of tunes the first. Raises as `decode_all`."""
    return decode_all(data, name)[0]


def decode_all(data: bytes, name: str) -> list[Score]:
    """The scores in a file's bytes: several where it is a book of tunes in ABC.

    Raises BadInput, naming the file: "empty_file", "large_file", "not_notes", "damaged_notes",
    "timed_notes", "swollen_notes", "slow_notes", "no_notes", "few_notes".
    """
    if not data:
        raise BadInput("empty_file", name=name)
    if len(data) > LIMIT_MB * 2**20:
        raise BadInput("large_file", name=name, size_mb=-(-len(data) // 2**20), limit_mb=LIMIT_MB)
    try:
        found = within(SECONDS, lambda: _reader(data, name)(data, name))
    except TooSlow as error:
        raise BadInput("slow_notes", name=name, seconds=int(SECONDS)) from error
    most = max((len(score) for score in found), default=0)
    if most == 0:
        raise BadInput("no_notes", name=name)
    if most < LEAST_NOTES:
        raise BadInput("few_notes", name=name, count=most, least=LEAST_NOTES)
    return [_beginning(score) for score in found if len(score) >= LEAST_NOTES]


def _reader(data: bytes, name: str) -> Callable[[bytes, str], list[Score]]:
    """By what the bytes say they are, then by the suffix."""
    suffix = PurePath(name).suffix.lower()
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data[:4] == b"MThd" or (data[:4] == b"RIFF" and data[8:12] == b"RMID"):
        return lambda data, name: [read_midi(data, name)]
    if data[:4] == b"PK\x03\x04":
        return lambda data, name: [read_packed(data, name)]
    if suffix in _MIDI_SUFFIXES or suffix == ".mxl":
        raise BadInput("damaged_notes", name=name)
    if head.startswith(b"<") or data[:2] in (b"\xff\xfe", b"\xfe\xff") or suffix != ".abc":
        if suffix not in SCORES.suffixes:
            raise BadInput("not_notes", name=name, formats=FORMATS)
        return lambda data, name: [read_xml(data, name)]
    return read_book


def _beginning(score: Score) -> Score:
    """At most KEPT_NOTES of it."""
    if len(score) <= KEPT_NOTES:
        return score
    notes = score.notes[:KEPT_NOTES].copy()
    return score_of(
        np.ascontiguousarray(notes),
        score.metres,
        score.keys,
        score.tempos,
        score.parts,
        score.title,
    )
