"""How loud a work is: its phrases rise and fall, and what returns is not as loud as it was.

A reference that says how loud its notes are, as recordings and played MIDI files do, gives each bar
of its plan its own loudness. Beside it each phrase has a level by the work's seed; one that returns
is softer or louder than it was, at once softer (an echo), at the end louder. Within a phrase
loudness swells to where about three fifths of it are over (after Todd 1992, who has tempo and
loudness rise and fall with the phrase), beside the accents of the metre.
Legend: B bars, K tunes, N notes; velocities 0 to 1 unless they are said to be MIDI's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from engine.media.audio.codec.score import VELOCITY, Score
from engine.media.audio.generators.score.approach import cadences_of
from engine.media.audio.generators.score.form import Form, bar_notes
from engine.media.audio.playing.perform import accents
from engine.media.audio.theory.grid import quantise

LOUDNESS, COUNTS = "bar_loudness", "bar_loudness_counts"
SWELL, TOP = 0.16, 0.6  # of velocity, from the beginning of a phrase to its top; where it is
LEVELS = 0.05  # velocities up or down, by chance
CHANGE = (0.05, 0.09)  # of what returns, up or down; an echo is softer, the last phrase louder
MOST_LEVEL = 0.12
MOST = 0.2  # velocities that a bar of a reference may be above or below its mean
SHORTEST, LONGEST, USUAL = 2, 8, 4  # bars of a phrase; of those that no long note ends
SOFTEST, LOUDEST = 25, 122  # MIDI velocities

BarLoudness = tuple[int, ...]  # mean MIDI velocity of each bar, 0 of an empty one


@dataclass(frozen=True, slots=True)
class Dynamics:
    """bars: of each tune; none of a tune that says nothing of loudness."""

    bars: tuple[BarLoudness, ...]

    @classmethod
    def of(cls, tunes: Sequence[Score]) -> "Dynamics":
        return cls(tuple(map(_loudness, tunes)))

    def to_tensors(self) -> dict[str, Tensor]:
        """bar_loudness (B,) of all tunes, one after the other; bar_loudness_counts (K,): the bars
        of each; nothing where no tune says anything."""
        if not any(self.bars):
            return {}
        return {
            LOUDNESS: torch.tensor([v for bars in self.bars for v in bars], dtype=torch.uint8),
            COUNTS: torch.tensor([len(bars) for bars in self.bars], dtype=torch.int32),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor], tunes: int) -> "Dynamics":
        if LOUDNESS not in tensors:
            return cls(((),) * tunes)
        each = torch.split(tensors[LOUDNESS], tensors[COUNTS].tolist())
        return cls(tuple(tuple(bars.tolist()) for bars in each))

    def joined(self, other: "Dynamics") -> "Dynamics":
        return Dynamics(self.bars + other.bars)


def _loudness(tune: Score) -> BarLoudness:
    bars = tune.bars()
    velocities = tune.notes["velocity"]
    if len(np.unique(velocities)) < 2 or len(bars) != len(quantise(tune).bars()):
        return ()
    index = np.searchsorted([b.tick for b in bars], tune.notes["onset"], side="right") - 1
    counts = np.bincount(index, minlength=len(bars))
    sums = np.bincount(index, weights=velocities, minlength=len(bars))
    return tuple(np.round(sums / np.maximum(counts, 1)).astype(int).tolist())


def shaped(score: Score, form: Form, given: int, theirs: BarLoudness, seed: int) -> Score:
    """The score with velocities. form: of its bars behind the first `given`; theirs: of the
    reference that it follows."""
    if not len(score):
        return score
    starts = [bar.tick for bar in score.bars()]
    ends = [*starts[1:], starts[-1] + score.bars()[-1].bar_ticks]
    loud, onsets = accents(score), score.notes["onset"]
    phrases = phrases_of(score)
    levels = _levels(phrases, form, given, np.random.default_rng((seed, 81)))
    bars = _of_bars(len(starts), form, given, theirs)
    for (first, last), level in zip(phrases, levels, strict=True):
        inside = (onsets >= starts[first]) & (onsets < ends[last])
        over = (onsets[inside] - starts[first]) / (ends[last] - starts[first])
        rising = np.where(over < TOP, over / TOP, (1 - over) / (1 - TOP))
        loud[inside] += SWELL * (rising - 0.5) + level
    loud += bars[np.searchsorted(starts, onsets, side="right") - 1]
    notes = score.notes.copy()
    found = np.round(127 * loud).clip(SOFTEST, LOUDEST).astype(int)
    notes["velocity"] = found + (found == VELOCITY)  # which says nothing
    return replace(score, notes=notes)


def phrases_of(score: Score) -> list[tuple[int, int]]:
    """The first and the last bar of each phrase: one ends with a long note of the first part, else
    after USUAL bars."""
    bars, lengths = bar_notes(quantise(score))
    cadences, first = cadences_of(bars, lengths), 0
    found: list[tuple[int, int]] = []
    for i in range(len(bars)):
        size, is_last = i - first + 1, i == len(bars) - 1
        if is_last and size < SHORTEST and found:
            found[-1] = found[-1][0], i
        elif is_last or (i in cadences and size >= SHORTEST):
            found.append((first, i))
            first = i + 1
        elif size == LONGEST:
            found.append((first, first + USUAL - 1))
            first += USUAL
    return found


def _levels(
    phrases: Sequence[tuple[int, int]], form: Form, given: int, rng: np.random.Generator
) -> list[float]:
    """Of each phrase, above or below the mean."""
    of_bar: list[float] = []
    found: list[float] = []
    for first, last in phrases:
        level = float(rng.uniform(-LEVELS, LEVELS))
        change, up = float(rng.uniform(*CHANGE)), bool(rng.random() < 0.5)
        place, is_last = first - given, last == phrases[-1][1]
        if 0 <= place < len(form) and form[place].of >= 0:
            before = of_bar[given + form[place].of]
            is_echo = place - form[place].of == last - first + 1
            up = (is_last or (up and not is_echo)) and before + change <= MOST_LEVEL
            level = before + change if up else before - change
        found.append(level)
        of_bar += [level] * (last - first + 1)
    return found


def _of_bars(count: int, form: Form, given: int, theirs: BarLoudness) -> np.ndarray:
    """(B,) velocities above or below the mean of the reference, 0 where it says nothing."""
    found = np.zeros(count)
    said = [velocity for velocity in theirs if velocity]
    for place, plan in enumerate(form[: max(0, count - given)]):
        if 0 <= plan.place < len(theirs) and theirs[plan.place]:
            found[given + place] = (theirs[plan.place] - np.mean(said)) / 127
    return found.clip(-MOST, MOST)
