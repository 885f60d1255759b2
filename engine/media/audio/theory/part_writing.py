"""How several voices move against each other: what a teacher of counterpoint would mark.

A sonority is what the parts sound at one moment at which any of them begins a note; a change is a
step from one sonority to another. Counted are parallels (two parts that both move, in one
direction, from a fifth, octave or unison to the same interval) and crossings (a part that sounds
above one that stands before it in the score).
Legend: M moments, P parts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.theory.keys import estimated_key

PERFECT = (0, 7)  # semitones, without octaves
SILENT = -1
SHAPES = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11))
SHAPES += ((0, 3, 6, 10), (0, 3, 6, 9))  # of triads and chords of the seventh
DOUBLED, LEAST_DOUBLED = 0.6, 8  # of the notes that two parts begin together; of them at least


def classes_of(pitches: Iterable[int]) -> int:
    """Pitch classes as a set of twelve bits."""
    found = 0
    for pitch in pitches:
        found |= 1 << pitch % 12
    return found


def _known() -> np.ndarray:
    """(4096,) bool: whether a set of pitch classes lies within a triad or chord of the seventh."""
    chords = [classes_of(root + tone for tone in shape) for shape in SHAPES for root in range(12)]
    sets = np.arange(1 << 12)
    return np.any([sets & ~chord == 0 for chord in chords], axis=0)


KNOWN = _known()


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
    fifths, octaves = parallels(sounding, doubled_parts(score))
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


def doubled_parts(score: Score) -> frozenset[tuple[int, int]]:
    """The pairs of parts, the earlier first, of which the later mostly plays the notes of the
    earlier, in unison or octaves, when both begin one."""
    notes = score.notes
    places: list[dict[int, int]] = [{} for _ in score.parts]
    columns = (notes[name].tolist() for name in ("onset", "part", "pitch"))
    for onset, part, pitch in zip(*columns, strict=True):
        places[part][onset] = pitch
    found = set()
    for a, b in combinations(range(len(places)), 2):
        both = places[a].keys() & places[b].keys()
        alike = sum((places[a][onset] - places[b][onset]) % 12 == 0 for onset in both)
        if len(both) >= LEAST_DOUBLED and alike >= DOUBLED * len(both):
            found.add((a, b))
    return frozenset(found)


def parallels(
    sounding: np.ndarray, doubled: frozenset[tuple[int, int]] = frozenset()
) -> tuple[int, int]:
    """(M, P) -> how many parallel fifths, and octaves and unisons, of parts that do not double each
    other."""
    counts = [0, 0]
    for i, j in combinations(range(sounding.shape[1]), 2):
        if (i, j) in doubled:
            continue
        a, b = sounding.T[i], sounding.T[j]
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
