"""How one part goes on from its last two notes, as it does in the references.

A line that climbs by step mostly climbs on, a leap is mostly answered by a step the other way, and
what is foreign to its chord goes on by step (Huron 2006, ch. 5). Shares of intervals alone say none
of it: a line that only keeps to them turns back at every other note. So the shares of the next
interval are counted apart by the way that the last one went, by whether the last note was of its
chord, and by whether the next one begins on a beat; what is seldom counted leans on coarser counts.
Legend: I = 2 WIDEST + 1 intervals; 2 of the chord or foreign; 2 on a beat or between two.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.media.audio.generators.score.balance import PITCHES, WIDEST

INTERVALS = 2 * WIDEST + 1
WAYS = 5  # a leap down, a step down, the same note, a step up, a leap up
STEP = 2  # semitones of the widest step
FEW = 12.0  # notes that a coarser count is worth
RATE, MOST_NATS = 0.6, 6.0  # of a note, and of all of them, that a way of going on gains
EVEN = 0.5  # of them that each interval has before any is counted, so that none is impossible


class LineNote(NamedTuple):
    """between: it begins between two beats; foreign: it is not of the chord of its beat."""

    pitch: int
    between: bool
    foreign: bool


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """shares (2, 2, WAYS, I) of the next interval: by foreign, between and way. plain (2, I): by
    between alone. ways (2, WAYS): of the next way, by between; after (WAYS, WAYS): by the last."""

    shares: np.ndarray
    plain: np.ndarray
    ways: np.ndarray
    after: np.ndarray

    @classmethod
    def of(cls, lines: Iterable[list[LineNote]]) -> "Motion":
        """Of one part of all references."""
        counts = np.zeros((2, 2, WAYS, INTERVALS))
        for line in lines:
            for a, b, c in zip(line, line[1:], line[2:], strict=False):
                step = int(np.clip(c.pitch - b.pitch, -WIDEST, WIDEST)) + WIDEST
                counts[int(b.foreign), int(c.between), way(b.pitch - a.pitch), step] += 1
        usual = _shares(counts.sum((0, 1, 2)) + EVEN, np.zeros(INTERVALS))
        by_way = _shares(counts.sum((0, 1)), usual)  # (WAYS, I)
        by_foreign = _shares(counts.sum(1), by_way)  # (2, WAYS, I)
        plain = _shares(counts.sum((0, 2)), usual)
        return cls(
            _shares(counts, by_foreign[:, None]), plain, plain @ _OF_WAY.T, by_way @ _OF_WAY.T
        )


@dataclass(slots=True)
class MovingPart:
    """What one part of a work played last, and before that; -1 of none.

    What chords and the model have to say adds up to too many notes that stay where they are. So
    each way of going on gains nats while it is rarer than in the references, and loses them while
    it is more frequent (posterior regularisation: Ganchev et al. 2010, by stochastic steps on its
    dual), by place and by the last way."""

    motion: Motion
    last: int = -1
    before: int = -1
    foreign: bool = False
    by_place: np.ndarray = field(default_factory=lambda: np.zeros((2, WAYS)))
    by_way: np.ndarray = field(default_factory=lambda: np.zeros((WAYS, WAYS)))

    def take(self, pitch: int, *, foreign: bool, between: bool, times: float) -> None:
        """times: how often the note counts."""
        if self.last >= 0:
            went = np.eye(WAYS)[way(pitch - self.last)]
            self.by_place[int(between)] += RATE * times * (self.motion.ways[int(between)] - went)
            if self.before >= 0:
                row = way(self.last - self.before)
                self.by_way[row] += RATE * times * (self.motion.after[row] - went)
        self.last, self.before, self.foreign = pitch, self.last, foreign

    def nats(self, *, between: bool) -> np.ndarray:
        """(128,) of each pitch that may come."""
        if self.last < 0:
            return np.zeros(PITCHES)
        row, gains = self.motion.plain[int(between)], self.by_place[int(between)]
        if self.before >= 0:
            last = way(self.last - self.before)
            row = self.motion.shares[int(self.foreign), int(between), last]
            gains = gains + self.by_way[last]
        gains = np.clip(gains, -MOST_NATS, MOST_NATS)
        around = np.clip(np.arange(PITCHES) - self.last, -WIDEST, WIDEST) + WIDEST
        return (np.log(row / row.max()) + gains @ _OF_WAY)[around]


def way(interval: int) -> int:
    """Which of WAYS."""
    size = 0 if interval == 0 else 1 if abs(interval) <= STEP else 2
    return 2 + (size if interval > 0 else -size)


def _shares(counts: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Along the last axis, with FEW notes as usual."""
    leaning = counts + FEW * usual
    return leaning / leaning.sum(-1, keepdims=True)


_OF_WAY = np.eye(WAYS)[[way(step) for step in range(-WIDEST, WIDEST + 1)]].T  # (WAYS, I)
