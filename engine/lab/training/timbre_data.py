"""Tasks of the timbre synthesiser: notes of a preset to be told by, others of it to be played.

Legend: B presets a step, S support notes at most, Q query notes. Seed, step and rank alone decide a
batch. Every preset is brought to one level, so that loudness is the notes' own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from engine.lab.training.corpus.instruments import HELD, RATE, InstrumentNote, InstrumentNotes
from engine.lab.training.corpus.works import Part
from engine.lab.training.timbre_change import SAME, Change, any_change, changed
from engine.media.audio.timbre.hearing import FEATURES, Heard, hear, shared_ratios
from engine.media.audio.timbre.loss import Looks, gathered, look

PRESETS_A_STEP, QUERIES, MOST_SUPPORT = 10, 3, 5
LEVEL, LOUD = 0.1, 0.8  # root mean square of loud notes; from which velocity on a note is loud
DRUMS = 0.15  # of the presets of a step
GAIN_DB = 2.0  # the support's level may be off by so much (standard deviation)


@dataclass(frozen=True, slots=True)
class TimbreTasks:
    """heard (B, S, E), there (B, S), ratios (B, M), notes (B·Q, 3) with their looks."""

    heard: Tensor
    there: Tensor
    ratios: Tensor
    notes: Tensor
    looks: Looks


class Instruments:
    """Draws tasks from the presets of one part of the corpus."""

    def __init__(self, corpus: InstrumentNotes, part: Part, changed: float = 0.0) -> None:
        """changed: the share of melodic tasks whose instrument is made another one."""
        self.corpus, self.changed = corpus, changed
        groups = corpus.by_preset(part)
        self.presets: Mapping[str, Sequence[InstrumentNote]] = {
            name: notes for name, notes in groups.items() if len(notes) >= 3
        }
        self._gains = {name: self._gain(notes) for name, notes in self.presets.items()}
        kinds = {name: notes[0].kind for name, notes in self.presets.items()}
        self._melodic = [name for name, kind in kinds.items() if kind == "melodic"]
        self._drums = [name for name, kind in kinds.items() if kind == "drum"]
        self._heard = lru_cache(maxsize=20_000)(self._hear)

    def samples(self, note: InstrumentNote) -> np.ndarray:
        """(N,) float32 at the common level."""
        return self.corpus.samples(note) * self._gains[note.preset]

    def batch(self, seed: int, step: int, rank: int, presets: int = PRESETS_A_STEP) -> TimbreTasks:
        rng = np.random.default_rng((seed, step, rank))
        tasks = [self._task(rng) for _ in range(presets)]
        heard = np.zeros((presets, MOST_SUPPORT, FEATURES), np.float32)
        there = np.zeros((presets, MOST_SUPPORT), np.float32)
        for place, (support, *_) in enumerate(tasks):
            heard[place, : len(support)] = [h.features for h in support]
            there[place, : len(support)] = 1
        ratios = torch.stack([shared_ratios([h.peaks for h in t[0]]) for t in tasks])
        notes = torch.tensor([note for task in tasks for note in task[1]])
        looks = gathered([seen for task in tasks for seen in task[2]])
        return TimbreTasks(torch.from_numpy(heard), torch.from_numpy(there), ratios, notes, looks)

    def _task(self, rng: np.random.Generator) -> tuple[list[Heard], list[tuple], list[tuple]]:
        drums = bool(self._drums) and rng.random() < DRUMS
        names = self._drums if drums or not self._melodic else self._melodic
        notes = self.presets[names[int(rng.integers(len(names)))]]
        count = min(int(rng.integers(1, MOST_SUPPORT + 1)), len(notes) - 1)
        order = [notes[int(i)] for i in rng.permutation(len(notes))]
        pitch = int(rng.integers(36, 85)) if drums else None  # a drum's says nothing
        change = any_change(rng) if rng.random() < self.changed and not drums else SAME
        support = [self._support(note, pitch, change, rng) for note in order[:count]]
        queries = [order[count + i % (len(order) - count)] for i in range(QUERIES)]
        held = HELD / change.faster
        conditioning = [
            (float(pitch or note.pitch) + change.semitones, note.velocity, held) for note in queries
        ]
        return (
            support,
            conditioning,
            [look(self._whole(note, change), held, rng) for note in queries],
        )

    def _support(
        self, note: InstrumentNote, pitch: int | None, change: Change, rng: np.random.Generator
    ) -> Heard:
        """Half of them whole, the others cut as a recording cuts them."""
        variant = int(rng.integers(4))
        variant = variant if rng.random() < 0.5 else -1
        hear_it = self._heard if change is SAME else self._hear
        return hear_it(note, pitch, variant, change)

    def _hear(self, note: InstrumentNote, pitch: int | None, variant: int, change: Change) -> Heard:
        rng = np.random.default_rng((note.start, variant + 1))
        samples = self._whole(note, change)
        samples = samples * np.float32(10 ** (GAIN_DB * rng.standard_normal() / 20))
        held = HELD / change.faster
        if variant >= 0:
            held = float(0.15 * (held / 0.15) ** rng.random())
            samples = samples[: round(held * RATE)]
        return hear(samples, float(pitch or note.pitch) + change.semitones, note.velocity, held)

    def _whole(self, note: InstrumentNote, change: Change = SAME) -> np.ndarray:
        """With the silence that its end was cut from."""
        samples = self.samples(note)
        least = round((HELD + 0.6) * RATE)
        return changed(np.pad(samples, (0, max(0, least - len(samples)))), change)

    def _gain(self, notes: Sequence[InstrumentNote]) -> float:
        loud = [note for note in notes if note.velocity >= LOUD] or list(notes)
        levels = [level_of(self.corpus.samples(note)) for note in loud]
        return LEVEL / max(float(np.median(levels)), 1e-5)


def level_of(samples: np.ndarray) -> float:
    """The root mean square of the loudest 50 ms."""
    size = round(0.05 * RATE)
    sums = np.cumsum(samples.astype(np.float64) ** 2)
    if len(sums) <= size:
        return float(np.sqrt(sums[-1] / size)) if len(sums) else 0.0
    return float(np.sqrt((sums[size:] - sums[:-size]).max() / size))
