"""The arms of the timbre bench: each is given a few notes of an instrument and plays others.

Learned arms have the same decoder, see the same frames of the same notes in the same order and the
same search for stretched partials. Seconds are of the processor, the hearing of the notes included.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import soxr
import torch
from torch import Tensor

from engine.lab.training.corpus.instruments_sample import SECONDS, SampleNote, SamplePreset
from engine.media.audio.timbre.decay import measured_fall
from engine.media.audio.timbre.decoder import TimbreDecoder
from engine.media.audio.timbre.learn import (
    CONTEXT,
    TRUST,
    Reference,
    batches,
    descended,
    heard_timbre,
    prepared,
    recorded_notes,
    stretched,
    support_loss,
)
from engine.media.audio.timbre.recorded import RecordedNote
from engine.media.audio.timbre.sounds import NoteSegment, Timbre, expected_level
from engine.media.audio.timbre.spectra import RATE
from engine.media.audio.timbre.synthesis import synthesise
from engine.media.audio.timbre.weights import TimbrePrior
from engine.meta.inner_loop import LearnedAdam, Parameters

# rates of Adam, chosen on the validation presets
CONTEXT_RATE, JOINT_RATE, SCRATCH_RATE = 0.03, 1e-3, 1e-3
Player = Callable[[SampleNote], np.ndarray]  # a note asked for -> its sound, (N,)
Start = Callable[[TimbrePrior, Tensor], tuple[TimbrePrior, Parameters, Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Task:
    """An instrument: the notes that are given, at the common level, and that level's gain."""

    references: tuple[Reference, ...]
    gain: float

    @classmethod
    def of(cls, preset: SamplePreset, references: int) -> "Task":
        given = preset.support[:references]
        found = prepared([NoteSegment(n.samples, RATE, n.pitch, n.velocity) for n in given])
        before = max(float(np.abs(n.samples).max()) for n in given)
        after = max(float(np.abs(r.samples).max()) for r in found)
        return cls(tuple(found), before / after)

    def recorded(self) -> tuple[RecordedNote, ...]:
        """What the studio plays again of the notes that are given."""
        fall = measured_fall([(r.samples, r.pitch, r.alone) for r in self.references])
        return recorded_notes(self.references, fall > 0)

    def player(self, prior: TimbrePrior, timbre: Timbre) -> Player:
        """Notes as long as the sample's, at the level of the sample."""
        size = round(SECONDS * RATE)

        def play(note: SampleNote) -> np.ndarray:
            asked = [(0.0, SECONDS, note.pitch, note.velocity)]
            sound = synthesise(asked, timbre, model=prior)[:size]
            return np.pad(sound, (0, size - len(sound))) * self.gain

        return play


def meta(prior: TimbrePrior, told: Tensor) -> tuple[TimbrePrior, Parameters, Mapping[str, float]]:
    """Told by the encoder; the tensors that have a rate move."""
    moving = {k: p for k, p in prior.decoder.named_parameters() if k in prior.rates}
    return prior, {CONTEXT: TRUST * told, **moving}, prior.rates


def context_alone(
    prior: TimbrePrior, told: Tensor
) -> tuple[TimbrePrior, Parameters, Mapping[str, float]]:
    """Told by the encoder; the context alone moves."""
    return prior, {CONTEXT: told}, {CONTEXT: CONTEXT_RATE}


def joint(prior: TimbrePrior, told: Tensor) -> tuple[TimbrePrior, Parameters, Mapping[str, float]]:
    """The joint model, told of nobody; all of the decoder moves."""
    moving = dict(prior.decoder.named_parameters())
    rates = {CONTEXT: CONTEXT_RATE, **dict.fromkeys(moving, JOINT_RATE)}
    return prior, {CONTEXT: torch.zeros_like(told), **moving}, rates


def scratch(
    prior: TimbrePrior, told: Tensor
) -> tuple[TimbrePrior, Parameters, Mapping[str, float]]:
    """A decoder of random weights; all of it moves."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        decoder = TimbreDecoder(prior.decoder.config).eval().requires_grad_(False)
    moving = dict(decoder.named_parameters())
    rates = {CONTEXT: CONTEXT_RATE, **dict.fromkeys(moving, SCRATCH_RATE)}
    return replace(prior, decoder=decoder), {CONTEXT: torch.zeros_like(told), **moving}, rates


META = "meta-learned"
LEARNED: Mapping[str, Start] = {
    META: meta,
    "meta-learned, context alone": context_alone,
    "joint + fine-tuning": joint,
    "from scratch": scratch,
}


def learned(
    start: Start, prior: TimbrePrior, task: Task, seconds: Sequence[float], seed: int = 0
) -> Iterator[tuple[float, TimbrePrior, Timbre]]:
    """(seconds, what plays it, timbre) before any step (0 seconds) and when each of the seconds is
    over."""
    begun = time.process_time()
    told, ratios = heard_timbre(task.references, prior)
    own, parameters, rates = start(prior, told)
    yield 0.0, own, _timbre(parameters, ratios)
    spent = time.process_time() - begun
    begun = time.process_time()
    parameters = stretched(own.decoder, parameters, task.references, ratios, seed)
    rule = LearnedAdam(parameters, 1.0)
    rule.set_rates(rates)
    steps = descended(own.decoder, parameters, task.references, ratios, rule, seed)
    for wanted in seconds:
        while spent + time.process_time() - begun < wanted:
            parameters = next(steps)
        spent += time.process_time() - begun
        yield wanted, own, _timbre(parameters, ratios)
        begun = time.process_time()


def _timbre(parameters: Parameters, ratios: Tensor) -> Timbre:
    adapted = {k: t for k, t in parameters.items() if k != CONTEXT}
    return Timbre(parameters[CONTEXT], ratios, adapted)


@torch.no_grad()
def nearest_preset(prior: TimbrePrior, task: Task, trained: Mapping[str, Timbre]) -> Player:
    """Of the timbres of the training presets the one whose sound is nearest to the references."""
    batch = next(batches(task.references, torch.zeros(1), 0))
    losses = {
        name: float(
            support_loss(
                prior.decoder, {CONTEXT: timbre.context}, replace(batch, ratios=timbre.ratios)
            )
        )
        for name, timbre in trained.items()
    }
    return task.player(prior, trained[min(losses, key=lambda name: losses[name])])


def repitched(task: Task) -> Player:
    """The reference nearest in pitch, played faster or slower, its level as the velocity asks."""
    size = round(SECONDS * RATE)

    def play(note: SampleNote) -> np.ndarray:
        near = min(
            task.references,
            key=lambda r: (abs(r.pitch - note.pitch), abs(r.velocity - note.velocity)),
        )
        faster = 2 ** ((note.pitch - near.pitch) / 12)
        sound = soxr.resample(near.samples, RATE * faster, RATE)[:size]
        level = expected_level(note.velocity) / expected_level(near.velocity)
        return np.pad(sound, (0, size - len(sound))) * (level * task.gain)

    return play
