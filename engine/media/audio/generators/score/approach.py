"""Where a part is on its way to: a bar that returns, the note of a cadence, the piece's close.

A bar that the plan brings back begins on a note that is settled before the bar in front of it is
written. So each pitch on the way gains log P(target | pitch, n notes on), with P a random walk by
the references' own intervals: the walk is conditioned on where it ends (a bridge; Rabiner 1989,
eq. 25, is the same backward variable). A cadence is where the plan's bar holds a note for longer
than its neighbours: there the walk ends on that note's degree.
Legend: V vocabulary, pitches 0..127 in the common key, times in steps from the bar's beginning.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.media.audio.generators.score.balance import WIDEST
from engine.media.audio.generators.score.form import BarNote

PITCHES = 128
FURTHEST = 6  # notes to go: from further away every pitch is as good
EVEN = 0.02  # of an interval that the references do not have
LOST = 0.004  # share of arriving by chance, so that no pitch is out of the question
HELD = 2.0  # times the usual step from onset to onset: a note that ends a phrase
WEIGHT = 1.5  # of the walk beside the votes, which know nothing of what comes
CADENCE = 0.75  # trust in the degree of the plan's cadence
_RANGE = 2 * WIDEST  # semitones of the widest walk


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """pitches (128,): shares of where a part arrives, at a time from the beginning of the bar that
    is written. trust: how surely it does."""

    pitches: np.ndarray
    at: int
    trust: float = 1.0

    @classmethod
    def of_note(cls, pitch: int, at: int) -> "Target":
        return cls(np.eye(1, PITCHES, pitch)[0], at)

    @classmethod
    def among(cls, allowed: np.ndarray, at: int, trust: float = 1.0) -> "Target | None":
        """Of (128,) bool, each as likely; None of none."""
        return cls(allowed / allowed.sum(), at, trust) if allowed.any() else None


@dataclass(slots=True)
class Walk:
    """intervals (2, I): shares of one part's steps, within a bar and over a bar line, of which the
    last one may be."""

    intervals: np.ndarray
    _after: dict[tuple[int, bool], np.ndarray] = field(default_factory=dict)

    def arriving(self, target: Target, between: int, *, over: bool) -> np.ndarray:
        """(128,) nats of each pitch, with so many notes between it and the target. over: whether
        the target lies beyond the bar line."""
        if between > FURTHEST or not self.intervals.any():
            return np.zeros(PITCHES)
        reached = np.convolve(target.pitches, self._steps(between, over=over)[::-1])
        shares = reached[_RANGE : _RANGE + PITCHES]
        likely = target.trust * shares / max(shares.max(), 1e-9) + (1 - target.trust)
        return WEIGHT * np.log(likely + LOST)

    def _steps(self, between: int, *, over: bool) -> np.ndarray:
        """(2 _RANGE + 1,) shares of where the steps lead: all within the bar but the last."""
        if (between, over) not in self._after:
            one = np.zeros(2 * _RANGE + 1)
            even = self.intervals[int(over and not between)] + EVEN / self.intervals.shape[1]
            one[_RANGE - WIDEST : _RANGE + WIDEST + 1] = even / even.sum()
            if between:
                one = np.convolve(one, self._steps(between - 1, over=over), "same")
            self._after[between, over] = one / one.sum()
        return self._after[between, over]


def notes_between(bar: Sequence[BarNote], part: int, position: int, at: int) -> int:
    """How many notes a part of the plan's bar begins after a position, and before a time."""
    return len({o for o, p, *_ in bar if p == part and position < o < at})


def cadences_of(bars: Sequence[Sequence[BarNote]], lengths: Sequence[int]) -> dict[int, BarNote]:
    """Of the bars of a reference in which its first part ends a phrase: the note that ends it."""
    starts = np.concatenate([[0], np.cumsum(lengths)]).tolist()
    onsets = [
        (starts[i] + note[0], i, note)
        for i, bar in enumerate(bars)
        for note in sorted(bar, key=lambda n: (n[0], -n[2]))
        if note[1] == 0
    ]
    heads = [one for i, one in enumerate(onsets) if i == 0 or onsets[i - 1][0] != one[0]]
    if len(heads) < 2:
        return {}
    steps = np.diff([at for at, *_ in heads])
    ends = [
        one for one, step in zip(heads, steps.tolist(), strict=False) if step > HELD * steps.mean()
    ]
    return {place: note for _, place, note in (*ends, heads[-1])}
