"""A few notes of an instrument -> its timbre: heard by the encoder, then refined in a few steps.

The steps descend the spectral loss on the references themselves (CAVIA, Zintgraf et al. 2019, moves
the context alone; here the tensors that have a rate move too, each at its own).
Legend: S notes, T frames, Z context.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import soxr
import torch
from torch import Tensor
from torch.func import functional_call

from engine.media.audio.timbre.bands import heard_noise, heard_tone
from engine.media.audio.timbre.decay import learned_fall, measured_fall
from engine.media.audio.timbre.decoder import TimbreDecoder
from engine.media.audio.timbre.hearing import hear, shared_ratios
from engine.media.audio.timbre.loss import Looks, gathered, look, spectral_losses
from engine.media.audio.timbre.pitch import steadied
from engine.media.audio.timbre.recorded import ALONE, RecordedNote, recorded_note
from engine.media.audio.timbre.sounds import NoteSegment, Timbre, expected_level, level
from engine.media.audio.timbre.spectra import RATE
from engine.media.audio.timbre.synthesis import synthesise
from engine.media.audio.timbre.weights import TimbrePrior, shipped
from engine.meta.errors import EmptySupportError
from engine.meta.inner_loop import LearnedAdam, Parameters, UpdateRule, descend

CONTEXT = "context"  # its name among the parameters that move
LONGEST, SHORTEST = 3.0, 0.03  # seconds of a segment
EARLY, BEGUN = 0.03, 0.03  # seconds it may have been cut too early; share of its peak
MOST_NOTES, NOTES_A_STEP = 32, 8
STEPS = 40
TRUST = 0.5  # of what the encoder says where the decoder moves too: chosen on validation presets
STRETCHES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)  # natural logarithms over the decoder's own stretch
STRETCH_GAIN = 0.01  # share of the loss that another stretch must save
LEAST_ALONE = 4  # notes, the most alone, that tell partials' levels where fewer sound alone

Progress = Callable[[float], None]  # the share that is done, 0..1


@dataclass(frozen=True, slots=True)
class Reference:
    """A note as it is learned from: (N,) samples at `RATE` and the common level."""

    samples: np.ndarray
    pitch: float
    velocity: float
    held: float
    alone: float = 1.0


@dataclass(frozen=True, slots=True)
class StepBatch:
    """notes: (S, 4) pitch, velocity, seconds held, share of time alone; ratios: (M,)."""

    notes: Tensor
    looks: Looks
    ratios: Tensor


def learn_timbre(
    segments: Sequence[NoteSegment],
    model: TimbrePrior | None = None,
    *,
    seconds: float = 10.0,
    steps: int = STEPS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Timbre:
    """The timbre of some notes: as many steps as asked, fewer where `seconds` are over before.

    Within the seconds the same notes and seed give the same timbre. Raises `EmptySupportError`
    where no segment sounds.
    """
    found = learning(segments, model, steps=steps, seed=seed, seconds=seconds)
    timbre = next(found)
    for step, better in enumerate(found, 1):
        timbre = better
        if progress is not None:
            progress(step / max(1, steps))
    return timbre


def learning(
    segments: Sequence[NoteSegment],
    model: TimbrePrior | None = None,
    *,
    seconds: float = 10.0,
    steps: int = STEPS,
    seed: int = 0,
) -> Iterator[Timbre]:
    """The timbre as it is heard at once, then after each step. Raises `EmptySupportError`."""
    ends = time.monotonic() + seconds
    model = model or shipped()
    references = prepared(segments)
    if not references:
        raise EmptySupportError("the notes to learn a sound from")
    conditioning, ratios = heard_timbre(references, model)
    fall = measured_fall([(r.samples, r.pitch, r.alone) for r in references])
    heard = Timbre(conditioning, ratios)
    heard = _falling(heard, model.decoder, references, fall)
    recorded = recorded_notes(references, fall > 0)
    yield replace(_measured(heard, model, references), recorded=recorded)
    if steps < 1 or time.monotonic() > ends:
        return
    decoder, rates = model.decoder, model.rates
    moving = {k: p for k, p in decoder.named_parameters() if k in rates}
    start = {CONTEXT: TRUST * conditioning if moving else conditioning, **moving}
    start = stretched(decoder, start, references, ratios, seed)
    rule = LearnedAdam(start, 1.0)
    rule.set_rates(rates)
    for step, moved in enumerate(descended(decoder, start, references, ratios, rule, seed), 1):
        adapted = {k: t for k, t in moved.items() if k != CONTEXT}
        better = _falling(Timbre(moved[CONTEXT], ratios, adapted), decoder, references, fall)
        if step >= steps or time.monotonic() > ends:
            yield replace(_measured(better, model, references), recorded=recorded)
            return
        yield better


def _falling(
    timbre: Timbre, decoder: TimbreDecoder, references: Sequence[Reference], fall: float
) -> Timbre:
    """The timbre, made to fall as fast as was measured; as it is where nothing falls."""
    if not fall:
        return timbre
    pitches = torch.tensor([r.pitch for r in references]).to(timbre.context)
    loud = torch.tensor([r.velocity for r in references]).to(timbre.context)
    adapted = dict(timbre.adapted)
    own = learned_fall(decoder, adapted, pitches, loud, timbre.context, timbre.ratios)
    return replace(timbre, decay=max(0.0, fall - own))


def _measured(timbre: Timbre, model: TimbrePrior, references: Sequence[Reference]) -> Timbre:
    """The timbre without noise that was not heard between the partials, which are as loud as they
    were heard."""
    decoder = model.decoder

    @torch.no_grad()
    def learned(pitch: float, velocity: float, moments: np.ndarray) -> Tensor:
        def row(value: float) -> Tensor:
            return torch.tensor([value]).to(timbre.context)

        times = torch.from_numpy(moments).float().to(timbre.context)
        given = (row(pitch), row(velocity), times[None], timbre.context[None], timbre.ratios[None])
        sounding = functional_call(decoder, dict(timbre.adapted), given)
        return (sounding.log_noise[0] - 2 * timbre.decay * times[:, None]).cpu()

    rows = [(r.samples, r.pitch, r.velocity) for r in references]
    timbre = replace(timbre, noise=heard_noise(rows, learned))

    def played(pitch: float, velocity: float, seconds: float) -> np.ndarray:
        return synthesise([(0.0, seconds, pitch, velocity)], timbre, model=model)

    alone = [r for r in references if r.alone >= ALONE]
    few = sorted(references, key=lambda r: -r.alone)[:LEAST_ALONE]
    clear = [(r.samples, r.pitch, r.velocity) for r in (alone if len(alone) > len(few) else few)]
    return replace(timbre, tone=heard_tone(clear, played))


def recorded_notes(references: Sequence[Reference], falls: bool) -> tuple[RecordedNote, ...]:
    """Those that sound alone. falls: whether the instrument dies away by itself."""
    alone = [r for r in references if r.alone >= ALONE]
    found = [recorded_note(r.samples, r.pitch, r.velocity, falls) for r in alone]
    return tuple(note for note in found if note is not None)


def prepared(segments: Sequence[NoteSegment]) -> list[Reference]:
    """Those that sound, at `RATE`, one level and a steady pitch; of very many an even choice
    over pitch."""
    usable = [s for s in segments if s.seconds >= SHORTEST and level(s.samples, s.rate) > 1e-4]
    usable.sort(key=lambda s: s.pitch)
    if len(usable) > MOST_NOTES:
        usable = [usable[int(i)] for i in np.linspace(0, len(usable) - 1, MOST_NOTES)]
    if not usable:
        return []
    over = [level(s.samples, s.rate) / expected_level(s.velocity) for s in usable]
    gain = np.float32(1 / max(float(np.median(over)), 1e-6))
    return [_prepared(segment, gain) for segment in usable]


def _prepared(segment: NoteSegment, gain: np.float32) -> Reference:
    samples = np.nan_to_num(segment.samples.astype(np.float32))[: int(LONGEST * segment.rate)]
    if segment.rate != RATE:
        samples = soxr.resample(samples, segment.rate, RATE)
    before = _silence_before(samples)
    held = min(segment.held_seconds, LONGEST) - before / RATE
    steady, pitch = steadied(samples[before:] * gain, float(segment.pitch))
    about = (pitch, float(segment.velocity), held, float(segment.alone))
    return Reference(steady, *about)


def _silence_before(samples: np.ndarray) -> int:
    """Samples until the note begins, where it was cut out a little early."""
    size = round(0.002 * RATE)
    early = samples[: round(EARLY * RATE)]
    count = len(early) // size
    levels = np.abs(early[: count * size].reshape(count, size)).max(1, initial=0)
    sounds = levels > BEGUN * np.abs(samples).max(initial=0)
    return int(sounds.argmax()) * size if sounds.any() else 0


@torch.no_grad()
def heard_timbre(references: Sequence[Reference], model: TimbrePrior) -> tuple[Tensor, Tensor]:
    """(Z,) context and (M,) ratios, without a step."""
    heard = [hear(r.samples, r.pitch, r.velocity, r.held) for r in references]
    numbers = torch.from_numpy(np.stack([h.features for h in heard]))[None].to(model.device)
    trust = torch.tensor([[0.2 + 0.8 * r.alone for r in references]], device=model.device)
    conditioning = model.encoder(numbers, trust)[0]
    return conditioning, shared_ratios([h.peaks for h in heard]).to(model.device)


def batches(
    references: Sequence[Reference], ratios: Tensor, seed: int, most: int = NOTES_A_STEP
) -> Iterator[StepBatch]:
    """Chance frames of chance notes, without end."""
    rng = np.random.default_rng(seed)
    while True:
        chosen = [references[int(i)] for i in rng.permutation(len(references))[:most]]
        notes = torch.tensor([[r.pitch, r.velocity, r.held, r.alone] for r in chosen])
        looks = gathered([look(r.samples, r.held, rng) for r in chosen])
        yield StepBatch(notes.to(ratios.device), looks.to(ratios.device), ratios)


def support_loss(decoder: TimbreDecoder, parameters: Parameters, batch: StepBatch) -> Tensor:
    """() of a batch; the parameters are the context and any of the decoder's own."""
    pitch, velocity, held, alone = batch.notes.unbind(-1)
    conditioning, ratios = (t.expand(len(pitch), -1) for t in (parameters[CONTEXT], batch.ratios))
    own = {k: p for k, p in parameters.items() if k != CONTEXT}
    moments = batch.looks.moments
    sounding = functional_call(decoder, own, (pitch, velocity, moments, conditioning, ratios))
    after = (moments - held[:, None]).clamp_min(0)
    return spectral_losses(sounding.let_go(after), batch.looks, alone).mean()


def descended(
    decoder: TimbreDecoder,
    start: Parameters,
    references: Sequence[Reference],
    ratios: Tensor,
    rule: UpdateRule,
    seed: int,
) -> Iterator[Parameters]:
    """The parameters after each step, without end."""

    def loss(parameters: Parameters, batch: StepBatch) -> Tensor:
        return support_loss(decoder, parameters, batch)

    steps = descend(loss, start, batches(references, ratios, seed), rule, first_order=True)
    for moved in steps:
        yield {name: tensor.detach() for name, tensor in moved.items()}


@torch.no_grad()
def stretched(
    decoder: TimbreDecoder,
    start: Mapping[str, Tensor],
    references: Sequence[Reference],
    ratios: Tensor,
    seed: int,
) -> Parameters:
    """The start with the stretch of partials that suits best: steps alone do not find it, as a
    partial that lies wholly beside its place has no slope towards it."""
    name = "nature.bias"
    if name not in start:
        return dict(start)
    batch = next(batches(references, ratios, seed, MOST_NOTES))
    tried = []
    for more in STRETCHES:
        bias = start[name].clone()
        bias[0] += more
        tried.append({**start, name: bias})
    losses = [float(support_loss(decoder, one, batch)) for one in tried]
    best = int(np.argmin(losses))
    return tried[best] if losses[best] < (1 - STRETCH_GAIN) * losses[0] else tried[0]
