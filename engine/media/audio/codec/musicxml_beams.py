"""Beams over the short notes of a beat, so that engraved parts can be read.

Programs that draw MusicXML as it is written draw flags where it says no beams.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from lxml import etree

from engine.media.audio.codec.musicxml_elements import put
from engine.media.audio.codec.musicxml_spelling import TYPES
from engine.media.audio.codec.score import TICKS, Metre

_LEVELS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}


class BeamedNote(NamedTuple):
    """A note, or the first of a chord; ticks from the bar's beginning."""

    element: etree._Element
    onset: int
    ticks: int

    @property
    def level(self) -> int:
        """How many beams it has."""
        return _LEVELS.get(TYPES[self.ticks][0], 0) if self.ticks in TYPES else 0


def beat_of(bar: Metre) -> int:
    """Ticks that a beam goes over: a quarter note, three eighths in compound metres."""
    if bar.is_compound:
        return 3 * 4 * TICKS // bar.unit
    return max(TICKS, 4 * TICKS // bar.unit // 2)


def write_beams(notes: Sequence[BeamedNote], bar: Metre) -> None:
    """Of one voice of a bar, in order of time."""
    beat = beat_of(bar)
    for _, inside in groupby(notes, key=lambda note: note.onset // beat):
        group: list[BeamedNote] = []
        for note in inside:
            apart = group and group[-1].onset + group[-1].ticks != note.onset
            if apart or not note.level:
                _write_group(group)
                group = []
            if note.level:
                group.append(note)
        _write_group(group)


def _write_group(group: Sequence[BeamedNote]) -> None:
    if len(group) < 2:
        return
    padded = [0, *(note.level for note in group), 0]
    for place, note in enumerate(group, start=1):
        for level in range(1, note.level + 1):
            before, after = padded[place - 1] >= level, padded[place + 1] >= level
            _put_beam(note.element, level, _word(before, after, first=place == 1))


def _word(before: bool, after: bool, *, first: bool) -> str:
    if before and after:
        return "continue"
    if before or after:
        return "end" if before else "begin"
    return "forward hook" if first else "backward hook"


def _put_beam(note: etree._Element, level: int, word: str) -> None:
    """In front of the notations, which come last in a note."""
    beam = put(note, "beam", word, number=str(level))
    notations = note.find("notations")
    if notations is not None:
        notations.addprevious(beam)
