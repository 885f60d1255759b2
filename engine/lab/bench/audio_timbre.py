"""`bench audio`, the timbre part: unseen notes of reserved presets, from a few others.

Two distances of what an arm plays from the real notes, means over presets with 95 % intervals;
and how fast sounds are learned and made.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from engine.core.device import one_thread
from engine.lab.bench import audio_sound_judge
from engine.lab.bench.audio_timbre_arms import (
    LEARNED,
    META,
    Player,
    Task,
    learned,
    nearest_preset,
    repitched,
)
from engine.lab.bench.audio_timbre_metrics import mel_distance, stft_distance
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row, kept
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
STUDIO = "meta-learned, recorded notes played again"  # what the studio does


@dataclass(frozen=True, slots=True)
class TimbreBenchPlan:
    """presets: how many; seconds: of each number of references."""

    presets: int
    seconds: Mapping[int, Sequence[float]]


FULL = TimbreBenchPlan(16, {1: (1, 3, 10), 3: (0.5, 1, 2, 5, 10, 30, 60), 5: (1, 3, 10)})
QUICK = TimbreBenchPlan(4, {3: (0.5, 1)})
QUICK_JUDGED, FULL_JUDGED = 8, 24  # presets among which the judge of sound gives notes


def rows(quick: bool, folder: Path | None = None) -> list[Row]:
    """All rows of the timbre bench. quick: a few presets and seconds, within about 90 s; folder:
    where each preset's are kept, so that a bench that was stopped goes on."""
    with one_thread():
        judged = audio_sound_judge.rows(
            spread(read_sample(), QUICK_JUDGED if quick else FULL_JUDGED)
        )
        return [*distances(QUICK if quick else FULL, folder), *judged, *speeds()]


def distances(plan: TimbreBenchPlan, folder: Path | None = None) -> list[Row]:
    """Of each arm after each time, from each number of references: means over presets."""
    prior, trained = shipped(), trained_timbres()
    each = [
        kept(
            folder and folder / f"{one.name}.json",
            lambda one=one: Report(rows=list(of_preset(one, plan, prior, trained))),
        )
        for one in spread(read_sample(), plan.presets)
    ]
    return list(means([report.rows for report in each]))


def means(presets: Sequence[Sequence[Row]]) -> Iterator[Row]:
    """The same rows of several presets -> their means, with intervals."""
    for same in zip(*presets, strict=True):
        middle, low, high = mean_interval(torch.tensor([row.value for row in same]))
        yield replace(same[0], value=middle, low=low, high=high, styles=len(same))


def spread(presets: Sequence[SamplePreset], count: int) -> list[SamplePreset]:
    """So many of them, evenly over their names."""
    places = np.linspace(0, len(presets) - 1, min(count, len(presets)))
    return [presets[round(place)] for place in places]


def of_preset(
    one: SamplePreset, plan: TimbreBenchPlan, prior: TimbrePrior, trained: Mapping[str, Timbre]
) -> Iterator[Row]:
    """One preset, by all arms, each metric a mean over the notes that are asked for."""
    for references, seconds in plan.seconds.items():
        task = Task.of(one, references)
        for arm, spent, player in played(task, seconds, prior, trained):
            made = [(player(note), note.samples) for note in one.query]
            for name, metric in METRICS.items():
                yield Row(
                    bench=BENCH,
                    arm=arm,
                    metric=name,
                    value=mean(metric(sound, real) for sound, real in made),
                    references=references,
                    seconds=spent,
                )


def played(
    task: Task, seconds: Sequence[float], prior: TimbrePrior, trained: Mapping[str, Timbre]
) -> Iterator[tuple[str, float | None, Player]]:
    """(arm, seconds, what plays the notes)."""
    recorded = task.recorded()
    for arm, start in LEARNED.items():
        for spent, own, timbre in learned(start, prior, task, seconds):
            yield arm, spent, task.player(own, timbre)
            if arm == META:
                yield STUDIO, spent, task.player(own, replace(timbre, recorded=recorded))
    yield "nearest training preset", None, nearest_preset(prior, task, trained)
    yield "nearest note re-pitched", None, repitched(task)


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
