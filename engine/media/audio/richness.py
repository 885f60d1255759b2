"""How rich a melody is, and how far that lies outside of what its references have.

A piece is compared with as many bars of each reference as it has, so that lengths do not count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.features import melody
from engine.media.audio.theory.grid import passage

NARROW = 0.1  # of its mean: the width of a range that is narrower, as of one reference
NARROW_REPEATED = 2.0  # the same of repeated notes, whose mean may be 0


def entropy(values: np.ndarray) -> float:
    """Bits of a histogram of integers."""
    if not len(values):
        return 0.0
    counts = np.unique(values, return_counts=True)[1]
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def steps(score: Score) -> np.ndarray:
    """Semitones from each note of the melody to the next."""
    return np.diff(melody(score)["pitch"].astype(int))


def repeated(score: Score) -> float:
    """Per cent of the melody's notes that have the pitch of the one before."""
    found = steps(score)
    return 100 * float((found == 0).mean()) if len(found) else 0.0


MEASURES: Mapping[str, Callable[[Score], float]] = {
    "notes": len,
    "distinct pitches": lambda score: len(np.unique(melody(score)["pitch"])),
    "pitch entropy, bits": lambda score: entropy(melody(score)["pitch"]),
    "interval entropy, bits": lambda score: entropy(steps(score)),
    "repeated notes, %": repeated,
}


@dataclass(frozen=True, slots=True, eq=False)
class RichnessRange:
    """low, high (M,): the least and the most of MEASURES that a reference has."""

    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, scores: Sequence[Score], bars: int) -> "RichnessRange":
        """Of the first `bars` bars of each, which all have notes."""
        rows = np.array([_measured(passage(score, 0, bars)) for score in scores])
        return cls(rows.min(0), rows.max(0))

    def outside(self, score: Score) -> float:
        """0 where every measure is inside the range, else the sum of the distances to it, each in
        widths of its range."""
        if not len(score):
            return float(len(MEASURES))
        found = _measured(score)
        narrow = NARROW * (self.low + self.high) / 2
        narrow[list(MEASURES).index("repeated notes, %")] = NARROW_REPEATED
        width = np.maximum(self.high - self.low, narrow)
        beyond = np.maximum(self.low - found, found - self.high)
        return float((np.maximum(beyond, 0) / width).sum())


def _measured(score: Score) -> np.ndarray:
    """(M,); zeros of no notes."""
    if not len(score):
        return np.zeros(len(MEASURES))
    return np.array([measure(score) for measure in MEASURES.values()], float)
