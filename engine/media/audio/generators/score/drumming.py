"""What a drum kit plays in a new work: the bars of the references' kits, put together anew.

A bar that the plan brings back has the drums that it had, where the reference does so too. Each new
bar is drawn by a chain of the first order over the references' bars (which bar followed one that
sounds alike, and which stood at this place of a phrase), and then one limb, as a drummer has four,
plays what it plays in another bar at the same place: the bass drum of one, the cymbals of another.
Times are in steps of the grid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.media.audio.codec.score import HIT, Score, hits_of
from engine.media.audio.generators.score.form import Form
from engine.media.audio.theory.grid import STEP_TICKS, quantise

Hit = tuple[int, int, int]  # step, key, velocity
DrumBar = tuple[Hit, ...]
HITS, LENGTHS = "drum_hits", "drum_bars"
PHRASE = 4  # bars
FOLLOWS = 4.0  # times more for a bar that followed one like the last
FOLLOWED = 3.0  # times as much for a bar of the followed reference
EXCHANGED = 0.7  # chance that a new bar of new music has limbs of another
_FEET, _SNARES = frozenset((35, 36, 44)), frozenset((37, 38, 39, 40))
_TOMS = frozenset((41, 43, 45, 47, 48, 50))


def limb_of(key: int) -> int:
    """Feet, snare, toms, and all that is struck with the other hand."""
    return next((i for i, keys in enumerate((_FEET, _SNARES, _TOMS)) if key in keys), 3)


@dataclass(frozen=True, slots=True, eq=False)
class Drums:
    """bars: of each tune, with the steps that a bar has; none of a tune without drums."""

    bars: tuple[tuple[DrumBar, ...], ...]
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, tunes: Sequence[Score]) -> "Drums":
        found = [_bars_of(quantise(tune)) for tune in tunes]
        return cls(tuple(bars for bars, _ in found), tuple(length for _, length in found))

    def to_tensors(self) -> dict[str, Tensor]:
        """drum_hits (H, 5): tune, bar, step, key, velocity; drum_bars (K, 2): how many bars each
        tune has, and their steps; nothing where no tune has drums."""
        if not any(self.bars):
            return {}
        rows = [
            (tune, bar, *hit)
            for tune, bars in enumerate(self.bars)
            for bar, hits in enumerate(bars)
            for hit in hits
        ]
        counts = [(len(bars), length) for bars, length in zip(self.bars, self.lengths, strict=True)]
        return {
            HITS: torch.tensor(rows, dtype=torch.int32),
            LENGTHS: torch.tensor(counts, dtype=torch.int32),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor], tunes: int) -> "Drums":
        if HITS not in tensors:
            return cls(((),) * tunes, (0,) * tunes)
        about = tensors[LENGTHS].tolist()
        found: list[list[list[Hit]]] = [[[] for _ in range(count)] for count, _ in about]
        for tune, bar, step, key, velocity in tensors[HITS].tolist():
            found[tune][bar].append((step, key, velocity))
        bars = tuple(tuple(tuple(bar) for bar in tune) for tune in found)
        return cls(bars, tuple(length for _, length in about))

    def joined(self, other: "Drums") -> "Drums":
        return Drums(self.bars + other.bars, self.lengths + other.lengths)

    def played(
        self, followed: int, form: Form, bars: int, steps: int, seed: int, nearness: float
    ) -> tuple[DrumBar, ...]:
        """Of `bars` bars of so many steps, after the reference `followed`, none where it has no
        drums. nearness: 0 new, 1 as theirs."""
        pool = [
            (tune, place)
            for tune, theirs in enumerate(self.bars)
            if self.lengths[tune] == steps
            for place in range(len(theirs))
        ]
        if not pool or not self.bars[followed]:
            return ()
        rng, made = np.random.default_rng((seed, 31)), []
        chosen: list[tuple[int, int]] = []
        for i in range(bars):
            plan = form[i] if i < len(form) else None
            if plan is not None and plan.of >= 0 and self._returns(followed, form, i):
                chosen.append(chosen[plan.of])
                made.append(made[plan.of])
                continue
            chosen.append(self._drawn(pool, chosen, followed, i, bars - i, rng, nearness))
            made.append(self._exchanged(chosen[-1], pool, i, rng, nearness))
        return tuple(made)

    def _returns(self, followed: int, form: Form, i: int) -> bool:
        """Whether the reference's drums come back where its bar does."""
        theirs = self.bars[followed]
        here, there = form[i].place, form[form[i].of].place
        return max(here, there) >= len(theirs) or theirs[here] == theirs[there]

    def _drawn(
        self,
        pool: Sequence[tuple[int, int]],
        before: Sequence[tuple[int, int]],
        followed: int,
        i: int,
        left: int,
        rng: np.random.Generator,
        nearness: float,
    ) -> tuple[int, int]:
        """(tune, bar) for bar i of a work, of which `left` are left with this one."""
        weights = np.empty(len(pool))
        for n, (tune, place) in enumerate(pool):
            theirs = self.bars[tune]
            ends = len(theirs) - place == left == 1
            at_place = (place - i) % PHRASE == 0 and (len(theirs) - place > 1 or left == 1)
            follows = bool(before and place) and theirs[place - 1] == self._bar(before[-1])
            weight = (0.02 + at_place) * (1 + FOLLOWS * follows) + 50 * ends
            weight *= FOLLOWED if tune == followed else 1.0
            same = tune == followed and place == i
            weights[n] = weight * (1 + 20 * max(0.0, 2 * nearness - 1) * same)
        return pool[int(rng.choice(len(pool), p=weights / weights.sum()))]

    def _bar(self, place: tuple[int, int]) -> DrumBar:
        return self.bars[place[0]][place[1]]

    def _exchanged(
        self,
        place: tuple[int, int],
        pool: Sequence[tuple[int, int]],
        i: int,
        rng: np.random.Generator,
        nearness: float,
    ) -> DrumBar:
        """The bar, perhaps with what one limb plays in another at the same place of its phrase."""
        bar = self._bar(place)
        others = [at for at in pool if (at[1] - i) % PHRASE == 0 and self._bar(at) != bar]
        if not others or rng.random() >= EXCHANGED * (1 - nearness):
            return bar
        other = self._bar(others[int(rng.integers(len(others)))])
        limb = int(rng.integers(4))
        kept = [hit for hit in bar if limb_of(hit[1]) != limb]
        return tuple(sorted([*kept, *(hit for hit in other if limb_of(hit[1]) == limb)])) or bar


def as_hits(bars: Sequence[DrumBar], score: Score) -> np.ndarray:
    """(H,) of HIT: the bars of drums in those of a score."""
    starts = [bar.tick for bar in score.bars()]
    rows = [
        (start + step * STEP_TICKS, key, velocity)
        for start, bar in zip(starts, bars, strict=False)
        for step, key, velocity in bar
    ]
    return hits_of(rows) if rows else np.zeros(0, HIT)


def _bars_of(score: Score) -> tuple[tuple[DrumBar, ...], int]:
    """The bars of a quantised score, and the steps of its usual one; bars of others are empty."""
    bars = score.bars()
    if not len(score.hits):
        return (), 0
    lengths = [bar.bar_ticks // STEP_TICKS for bar in bars]
    usual = max(set(lengths), key=lengths.count)
    found: list[DrumBar] = []
    for bar, length in zip(bars, lengths, strict=True):
        inside = score.hits["onset"] - bar.tick
        hits = score.hits[(inside >= 0) & (inside < bar.bar_ticks) & (length == usual)]
        rows = ((o - bar.tick) // STEP_TICKS for o in hits["onset"].tolist())
        keys, loud = hits["key"].tolist(), hits["velocity"].tolist()
        found.append(tuple(zip(rows, keys, loud, strict=True)))
    return tuple(found), usual
