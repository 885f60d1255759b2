"""Keeps what a work plays, on the whole, to the proportions of its references.

A model that goes on from its own notes drifts to what is likeliest: it turns on a few pitches and
repeats notes. So while a part is written, each interval, pitch and length gains log q / r nats, q
its share in the references and r its share in the work so far, counted with PRIOR notes as the
references (of intervals: as tunes of many styles) have them; a posterior whose marginals are theirs
(posterior regularisation: Ganchev et al. 2010, by one step of its dual for every note).
A note counts as often as the plan brings its bar back: what is written once is heard four times.
Intervals over a bar line are counted apart from those within bars, where most leaps are.
Legend: V vocabulary; D lengths; I = 2 WIDEST + 1 intervals; 2 places: in a bar, over a bar line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.score_tokens import VOCABULARY, span
from engine.media.audio.theory.grid import DURATIONS, STEP_TICKS

PITCHES, WIDEST = 128, 12  # wider intervals count as this
PRIOR = 8.0  # notes
FOLLOWED = 0.5  # of the proportions are the followed reference's own
LEAST = 0.004  # a share below which nothing is rarer
MOST_NATS = 4.0
STEP_WEIGHT = 2.0  # of the intervals' gains: a repeated note is heard before a rare one is missed
AMONG_PARTS = 4.0  # the same among several parts, whose chords would have each stay where it is
USUAL = np.array(
    [
        [
            *(0.006, 0.001, 0.005, 0.009, 0.007, 0.011, 0.002, 0.019, 0.05, 0.079, 0.208, 0.093),
            *(0.099, 0.063, 0.152, 0.052, 0.051, 0.038, 0.007, 0.016, 0.01, 0.007, 0.003, 0.001),
            0.013,
        ],
        [
            *(0.029, 0.004, 0.004, 0.009, 0.007, 0.022, 0.004, 0.027, 0.03, 0.057, 0.171, 0.071),
            *(0.087, 0.122, 0.123, 0.041, 0.031, 0.083, 0.001, 0.02, 0.009, 0.017, 0.007, 0.001),
            0.021,
        ],
    ]
)  # (2, I) shares of the intervals, from -WIDEST up: means of the 12 validation styles
_PITCH, _DURATION = span("pitch"), span("duration")
BarredLine = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Proportions:
    """pitches (128,), intervals (2, I), lengths (D,): shares of one part; each row of the
    intervals sums to 1."""

    pitches: np.ndarray
    intervals: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, lines: Sequence[BarredLine], lengths: Sequence[int] = ()) -> "Proportions":
        """Of all lines together. lengths: of their notes, in steps of the grid."""
        pitches = [pitch for line in lines for pitch, _ in line]
        pairs = [(b[0] - a[0], b[1] > a[1]) for line in lines for a, b in pairwise(line)]
        rows = [[step for step, over in pairs if over == wanted] for wanted in (False, True)]
        shares = [_shares(_classes(np.array(row, int)), 2 * WIDEST + 1) for row in rows]
        whole = _shares(_classes(np.array([step for step, _ in pairs], int)), 2 * WIDEST + 1)
        few = [PRIOR / (PRIOR + len(row)) for row in rows]  # a few bar lines tell little
        both = [(1 - f) * one + f * whole for f, one in zip(few, shares, strict=True)]
        places = np.searchsorted(DURATIONS, lengths)
        return cls(_shares(pitches, PITCHES), np.stack(both), _shares(places, len(DURATIONS)))


def proportions(scores: Sequence[Score], followed: int, parts: int) -> list[Proportions]:
    """Of each part of a work: half of them the followed reference's, half those of all."""
    found = []
    for part in range(parts):
        own = Proportions.of([line_of(scores[followed], part)], _lengths(scores[followed], part))
        lengths = [length for score in scores for length in _lengths(score, part)]
        whole = Proportions.of([line_of(score, part) for score in scores], lengths)
        pairs = ((getattr(own, name), getattr(whole, name)) for name in Proportions.__slots__)
        found.append(Proportions(*(FOLLOWED * a + (1 - FOLLOWED) * b for a, b in pairs)))
    return found


def line_of(score: Score, part: int) -> BarredLine:
    """The pitches of a part, and in which bar each begins."""
    notes = score.notes[score.notes["part"] == part]
    starts = [bar.tick for bar in score.bars()]
    bars = np.searchsorted(starts, notes["onset"], side="right")
    return list(zip(notes["pitch"].tolist(), bars.tolist(), strict=True))


def _lengths(score: Score, part: int) -> list[int]:
    """Of the notes of a part, in steps."""
    return (score.notes["duration"][score.notes["part"] == part] // STEP_TICKS).tolist()


def _classes(steps: np.ndarray) -> np.ndarray:
    return np.clip(steps, -WIDEST, WIDEST) + WIDEST


def _shares(values: Sequence[int] | np.ndarray, size: int) -> np.ndarray:
    counts = np.bincount(np.array(values, int), minlength=size)
    return counts / max(1, counts.sum())


@dataclass(slots=True)
class Balance:
    """What one part has played, against what its references play."""

    theirs: Proportions
    step_weight: float = STEP_WEIGHT
    pitches: np.ndarray = field(default_factory=lambda: np.zeros(PITCHES))
    intervals: np.ndarray = field(default_factory=lambda: np.zeros((2, 2 * WIDEST + 1)))
    lengths: np.ndarray = field(default_factory=lambda: np.zeros(len(DURATIONS)))
    last: int = -1
    bar: int = -1

    def take(self, pitch: int, bar: int, steps: int, times: float = 1) -> None:
        """A note of so many steps was played in a bar; times: how often it counts."""
        self.pitches[pitch] += times
        self.lengths[np.searchsorted(DURATIONS, steps)] += times
        if self.last >= 0:
            step = int(_classes(np.array(pitch - self.last)))
            self.intervals[int(bar > self.bar), step] += times
        self.last, self.bar = pitch, bar

    def nats(self, bar: int) -> np.ndarray:
        """(V,) to add before the next pitch, which is played in a bar."""
        found = np.zeros(VOCABULARY)
        if not self.theirs.pitches.any():
            return found
        gains = _gains(self.theirs.pitches, self.pitches, self.theirs.pitches)
        if self.last >= 0 and self.theirs.intervals.any():
            steps, row = _classes(np.arange(PITCHES) - self.last), int(bar > self.bar)
            by_step = _gains(self.theirs.intervals[row], self.intervals[row], USUAL[row])
            gains = gains + self.step_weight * by_step[steps]
        found[_PITCH.start : _PITCH.stop] = np.clip(gains, -MOST_NATS, MOST_NATS)
        return found

    def length_nats(self) -> np.ndarray:
        """(V,) to add before the next length."""
        found = np.zeros(VOCABULARY)
        if self.theirs.lengths.any():
            gains = _gains(self.theirs.lengths, self.lengths, self.theirs.lengths)
            found[_DURATION.start : _DURATION.stop] = np.clip(gains, -MOST_NATS, MOST_NATS)
        return found

    @property
    def distance(self) -> float:
        """0 where the part has the proportions of its references, to 4: the sum of the total
        variations of its pitches, lengths and intervals."""
        pairs = [(self.theirs.pitches, self.pitches), (self.theirs.lengths, self.lengths)]
        pairs += zip(self.theirs.intervals, self.intervals, strict=True)
        return sum(float(np.abs(a - b / max(1.0, b.sum())).sum()) / 2 for a, b in pairs)


def _gains(theirs: np.ndarray, counts: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """usual: shares of what a work is expected to have while little is counted."""
    shares = (counts + PRIOR * usual) / (counts.sum() + PRIOR)
    return np.log((theirs + LEAST) / (shares + LEAST))
