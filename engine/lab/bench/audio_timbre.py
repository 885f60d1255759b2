"""`bench audio`, the timbre part: unseen notes of reserved presets, from a few others.

Two distances of what an arm plays from the real notes, means over presets with 95 % intervals;
and how fast sounds are learned and made.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean

import numpy as np
import torch

from engine.core.device import one_thread
from engine.lab.bench import audio_sound_judge
from engine.lab.bench.audio_timbre_arms import (
    LEARNED,
    Player,
    Task,
    learned,
    nearest_preset,
    repitched,
)
from engine.lab.bench.audio_timbre_metrics import mel_distance, stft_distance
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Row
from engine.lab.training.corpus.instruments_sample import SamplePreset, read_sample
from engine.media.audio.timbre.learn import learn_timbre
from engine.media.audio.timbre.palette import preset
from engine.media.audio.timbre.sounds import NoteSegment, Timbre
from engine.media.audio.timbre.spectra import RATE
from engine.media.audio.timbre.synthesis import synthesise
from engine.media.audio.timbre.weights import TimbrePrior, shipped, trained_timbres

BENCH, SPEED_BENCH = "timbre", "timbre speed"
METRICS: Mapping[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "multi-resolution STFT": stft_distance,
    "log-mel dB": mel_distance,
}
Key = tuple[str, int, float | None]  # arm, references, seconds


@dataclass(frozen=True, slots=True)
class TimbreBenchPlan:
    """presets: how many; seconds: of each number of references."""

    presets: int
    seconds: Mapping[int, Sequence[float]]


FULL = TimbreBenchPlan(16, {1: (1, 3, 10), 3: (0.5, 1, 2, 5, 10, 30, 60), 5: (1, 3, 10)})
QUICK = TimbreBenchPlan(4, {3: (0.5, 1)})
QUICK_JUDGED, FULL_JUDGED = 8, 24  # presets among which the judge of sound gives notes


@dataclass(slots=True)
class Scores:
    """Of each arm, one list of distances a metric: one number a preset."""

    found: dict[Key, dict[str, list[float]]] = field(default_factory=dict)

    def add(self, key: Key, player: Player, preset: SamplePreset) -> None:
        played = [(player(note), note.samples) for note in preset.query]
        each = self.found.setdefault(key, {name: [] for name in METRICS})
        for name, metric in METRICS.items():
            each[name].append(mean(metric(made, real) for made, real in played))

    def rows(self) -> Iterator[Row]:
        for (arm, references, seconds), each in self.found.items():
            for metric, values in each.items():
                middle, low, high = mean_interval(torch.tensor(values))
                yield Row(
                    bench=BENCH,
                    arm=arm,
                    metric=metric,
                    value=middle,
                    styles=len(values),
                    references=references,
                    seconds=seconds,
                    low=low,
                    high=high,
                )


def rows(quick: bool) -> list[Row]:
    """All rows of the timbre bench. quick: a few presets and seconds, within about 90 s."""
    with one_thread():
        judged = audio_sound_judge.rows(
            spread(read_sample(), QUICK_JUDGED if quick else FULL_JUDGED)
        )
        return [*distances(QUICK if quick else FULL), *judged, *speeds()]


def distances(plan: TimbreBenchPlan) -> list[Row]:
    """Of each arm after each time, from each number of references."""
    prior, trained = shipped(), trained_timbres()
    scores = Scores()
    for one in spread(read_sample(), plan.presets):
        for references, seconds in plan.seconds.items():
            measure(scores, one, references, seconds, prior, trained)
    return list(scores.rows())


def spread(presets: Sequence[SamplePreset], count: int) -> list[SamplePreset]:
    """So many of them, evenly over their names."""
    places = np.linspace(0, len(presets) - 1, min(count, len(presets)))
    return [presets[round(place)] for place in places]


def measure(
    scores: Scores,
    one: SamplePreset,
    references: int,
    seconds: Sequence[float],
    prior: TimbrePrior,
    trained: Mapping[str, Timbre],
) -> None:
    """One preset from so many references, by all arms."""
    task = Task.of(one, references)
    for arm, start in LEARNED.items():
        for spent, player in learned(start, prior, task, seconds):
            scores.add((arm, references, spent), player, one)
    scores.add(
        ("nearest training preset", references, None), nearest_preset(prior, task, trained), one
    )
    scores.add(("nearest note re-pitched", references, None), repitched(task), one)


def speeds() -> Iterator[Row]:
    """How many seconds of sound one second of one thread makes, and what learning takes."""
    rng = np.random.default_rng(0)
    onsets = np.arange(64) / 4
    notes = np.stack([onsets, np.full(64, 0.5), rng.integers(48, 84, 64), np.full(64, 0.8)], 1)
    timbre = preset("violin")
    synthesise(notes[:4], timbre)
    begun = time.process_time()
    sound = synthesise(notes, timbre)
    spent = time.process_time() - begun
    yield Row(
        bench=SPEED_BENCH,
        arm="two voices of a violin, 44.1 kHz",
        metric="times real time",
        value=len(sound) / RATE / spent,
    )
    one = read_sample()[0]
    segments = [NoteSegment(n.samples, RATE, n.pitch, n.velocity) for n in one.support]
    begun = time.process_time()
    learn_timbre(segments)
    yield Row(
        bench=SPEED_BENCH,
        arm="a timbre learned from five notes",
        metric="seconds",
        value=time.process_time() - begun,
        references=len(segments),
    )
