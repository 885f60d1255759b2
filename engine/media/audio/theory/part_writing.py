"""How several voices move against each other: what a teacher of counterpoint would mark.

A sonority is what the parts sound at one moment at which any of them begins a note; a change is a
step from one sonority to another. Counted are parallels (two parts that both move, in one
direction, from a fifth, octave or unison to the same interval) and crossings (a part that sounds
above one that stands before it in the score).
Legend: M moments, P parts.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.theory.keys import estimated_key

PERFECT = (0, 7)  # semitones, without octaves
SILENT = -1


@dataclass(frozen=True, slots=True)
class PartWriting:
    """Counts of one work. crossed: moments at which any part crosses another. closes: it ends on
    the chord of its key, the root in the bass; from_dominant: coming from the fifth degree."""

    changes: int
    moments: int
    fifths: int
    octaves: int
    crossed: int
    closes: bool
    from_dominant: bool

    @property
    def parallels(self) -> int:
        return self.fifths + self.octaves


def part_writing(score: Score) -> PartWriting:
    """Of a work of at least two parts that play one note at a time."""
    sounding = sonorities(score)
    fifths, octaves = parallels(sounding)
    crossed = np.zeros(len(sounding), bool)
    for high, low in combinations(sounding.T, 2):
        crossed |= (high != SILENT) & (low != SILENT) & (low > high)
    changed = (sounding[1:] != sounding[:-1]).any(1)
    closes, dominant = _close(score, sounding)
    return PartWriting(
        int(changed.sum()), len(sounding), fifths, octaves, int(crossed.sum()), closes, dominant
    )


def sonorities(score: Score) -> np.ndarray:
    """(M, P) pitches, SILENT where a part rests; of a chord its highest note."""
    notes = score.notes
    moments = np.unique(notes["onset"])
    sounding = np.full((len(moments), max(1, len(score.parts))), SILENT, int)
    ends = notes["onset"] + notes["duration"]
    firsts, stops = np.searchsorted(moments, notes["onset"]), np.searchsorted(moments, ends)
    for first, stop, part, pitch in zip(firsts, stops, notes["part"], notes["pitch"], strict=True):
        cell = sounding[first:stop, part]
        np.maximum(cell, int(pitch), out=cell)
    return sounding


def parallels(sounding: np.ndarray) -> tuple[int, int]:
    """(M, P) -> how many parallel fifths, and octaves and unisons."""
    counts = [0, 0]
    for a, b in combinations(sounding.T, 2):
        both = (a[1:] != SILENT) & (a[:-1] != SILENT) & (b[1:] != SILENT) & (b[:-1] != SILENT)
        moves = np.diff(a)
        together = both & (np.sign(moves) == np.sign(np.diff(b))) & (moves != 0)
        intervals = np.abs(a - b) % 12
        for place, perfect in enumerate((7, 0)):
            counts[place] += int(
                (together & (intervals[1:] == perfect) & (intervals[:-1] == perfect)).sum()
            )
    return counts[0], counts[1]


def _close(score: Score, sounding: np.ndarray) -> tuple[bool, bool]:
    """Whether it ends on its own chord, and whether the fifth degree leads there."""
    last = sounding[-1:][sounding[-1:] != SILENT]
    if not len(last):
        return False, False
    home = estimated_key(score)
    tonic = (home.pitch_class + 9 * home.minor) % 12
    degrees = set(((last - tonic) % 12).tolist())
    closes = (last.min() - tonic) % 12 == 0 and degrees <= {0, 3, 4, 7} and len(degrees) > 1
    for before in sounding[-2::-1]:
        lower = before[before != SILENT]
        if len(lower) and lower.min() != last.min():
            return bool(closes), bool(closes and (lower.min() - tonic) % 12 == 7)
    return bool(closes), False
