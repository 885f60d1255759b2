"""Keeps what a work plays, on the whole, to the proportions of its references.

A model that goes on from its own notes drifts to what is likeliest: it turns on a few pitches and
repeats notes. So while a part is written, each interval and each pitch gains log q / r nats, with q
its share in the references and r its share in the work so far, counted with PRIOR notes as the
references have them; a posterior whose marginals are theirs (posterior regularisation: Ganchev et
al. 2010, by one step of its dual for every note).
Intervals over a bar line are counted apart from those within bars, where most leaps are.
Legend: V vocabulary; I = 2 WIDEST + 1 intervals; 2 places, within a bar and over a bar line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.score_tokens import VOCABULARY, span

PITCHES, WIDEST = 128, 12  # wider intervals count as this
PRIOR = 8.0  # notes
FOLLOWED = 0.5  # of the proportions are the followed reference's own
LEAST = 0.004  # a share below which nothing is rarer
MOST_NATS = 4.0
STEP_WEIGHT = 2.0  # of the intervals' gains: a repeated note is heard before a rare one is missed
_PITCH = span("pitch")
BarredLine = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Proportions:
    """pitches (128,), intervals (2, I): shares of one part; each row of the intervals sums to 1."""

    pitches: np.ndarray
    intervals: np.ndarray

    @classmethod
    def of(cls, lines: Sequence[BarredLine]) -> "Proportions":
        """Of all lines together."""
        pitches = [pitch for line in lines for pitch, _ in line]
        pairs = [(b[0] - a[0], b[1] > a[1]) for line in lines for a, b in pairwise(line)]
        rows = [[step for step, over in pairs if over == wanted] for wanted in (False, True)]
        shares = [_shares(_classes(np.array(row, int)), 2 * WIDEST + 1) for row in rows]
        whole = _shares(_classes(np.array([step for step, _ in pairs], int)), 2 * WIDEST + 1)
        few = [PRIOR / (PRIOR + len(row)) for row in rows]  # a few bar lines tell little
        both = [(1 - f) * one + f * whole for f, one in zip(few, shares, strict=True)]
        return cls(_shares(pitches, PITCHES), np.stack(both))


def proportions(scores: Sequence[Score], followed: int, parts: int) -> list[Proportions]:
    """Of each part of a work: half of them the followed reference's, half those of all."""
    found = []
    for part in range(parts):
        own = Proportions.of([line_of(scores[followed], part)])
        whole = Proportions.of([line_of(score, part) for score in scores])
        found.append(
            Proportions(
                FOLLOWED * own.pitches + (1 - FOLLOWED) * whole.pitches,
                FOLLOWED * own.intervals + (1 - FOLLOWED) * whole.intervals,
            )
        )
    return found


def line_of(score: Score, part: int) -> BarredLine:
    """The pitches of a part, and in which bar each begins."""
    notes = score.notes[score.notes["part"] == part]
    starts = [bar.tick for bar in score.bars()]
    bars = np.searchsorted(starts, notes["onset"], side="right")
    return list(zip(notes["pitch"].tolist(), bars.tolist(), strict=True))


def _classes(steps: np.ndarray) -> np.ndarray:
    return np.clip(steps, -WIDEST, WIDEST) + WIDEST


def _shares(values: Sequence[int] | np.ndarray, size: int) -> np.ndarray:
    counts = np.bincount(np.array(values, int), minlength=size)
    return counts / max(1, counts.sum())


@dataclass(slots=True)
class Balance:
    """What one part has played, against what its references play."""

    theirs: Proportions
    pitches: np.ndarray = field(default_factory=lambda: np.zeros(PITCHES))
    intervals: np.ndarray = field(default_factory=lambda: np.zeros((2, 2 * WIDEST + 1)))
    last: int = -1
    bar: int = -1

    def take(self, pitch: int, bar: int) -> None:
        """A note was played in a bar."""
        self.pitches[pitch] += 1
        if self.last >= 0:
            self.intervals[int(bar > self.bar), int(_classes(np.array(pitch - self.last)))] += 1
        self.last, self.bar = pitch, bar

    def nats(self, bar: int) -> np.ndarray:
        """(V,) to add before the next pitch, which is played in a bar."""
        found = np.zeros(VOCABULARY)
        if not self.theirs.pitches.any():
            return found
        gains = _gains(self.theirs.pitches, self.pitches)
        if self.last >= 0 and self.theirs.intervals.any():
            steps, row = _classes(np.arange(PITCHES) - self.last), int(bar > self.bar)
            by_step = _gains(self.theirs.intervals[row], self.intervals[row])
            gains = gains + STEP_WEIGHT * by_step[steps]
        found[_PITCH.start : _PITCH.stop] = np.clip(gains, -MOST_NATS, MOST_NATS)
        return found

    @property
    def distance(self) -> float:
        """0 where the part has the proportions of its references, to 3: the sum of the total
        variations of its pitches and its intervals."""
        pairs = [(self.theirs.pitches, self.pitches)]
        pairs += zip(self.theirs.intervals, self.intervals, strict=True)
        return sum(float(np.abs(a - b / max(1.0, b.sum())).sum()) / 2 for a, b in pairs)


def _gains(theirs: np.ndarray, counts: np.ndarray) -> np.ndarray:
    shares = (counts + PRIOR * theirs) / (counts.sum() + PRIOR)
    return np.log((theirs + LEAST) / (shares + LEAST))
