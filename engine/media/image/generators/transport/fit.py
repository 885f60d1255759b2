"""Gradient steps of the denoiser on crops of the references, for those who give them seconds.

Each step takes noise from crops of the references at chance scales and moves the weights as Adam
does, with a rate for each tensor. Where the steps begin and how far they go is meta-learned
(`engine.lab.training.image_steps`). The denoiser is told what it is told when it paints, so that it
learns which reference looks like what.
Legend: K references, E numbers told of each, N crops a step of P px, θ the denoiser's weights.
"""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.func import functional_call

from engine.core.progress import Advance
from engine.media.image.crops import any_cut, stacked
from engine.media.image.generators.transport.denoiser import Denoiser, denoising_loss, draw_sigmas
from engine.meta.inner_loop import LearnedAdam, Parameters, descend

MOST_STEPS = 200
PLAIN_RATE = 1e-4  # of every tensor, where none is learned
SIDES = (16, 32, 24, 48)  # P, another each step
PIXELS_A_STEP = 16_000  # of all crops together


@dataclass(frozen=True, slots=True)
class FineTuningStart:
    """Where the steps begin, θ_0, and the rate of each tensor."""

    weights: Parameters
    rates: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Minibatch:
    """crops (N, 3, P, P) in [-1, 1], noise like them, sigma and scale_px (N,), style (N, E)."""

    crops: Tensor
    noise: Tensor
    sigma: Tensor
    scale_px: Tensor
    style: Tensor

    @classmethod
    def of(
        cls, cuts: Sequence[tuple[Image.Image, float]], style: Tensor, generator: torch.Generator
    ) -> "Minibatch":
        """Crops with their scales, told `style` (N, E), under noise of every strength."""
        crops, scales = stacked(cuts)
        noise = torch.randn(crops.shape, generator=generator).to(style)
        sigmas = draw_sigmas(len(cuts), generator).to(style)
        return cls(crops.to(style), noise, sigmas, scales.to(style), style)


def minibatches(
    pictures: Sequence[Image.Image], shares: Sequence[float], styles: Tensor, seed: int
) -> Iterator[Minibatch]:
    """Without end. shares: of the crops that come from each picture; styles (K, E)."""
    rng, device = np.random.default_rng(seed), styles.device
    generator = torch.Generator().manual_seed(seed)
    chances = np.array(shares, float) / np.sum(shares)
    step = 0
    while True:
        side = SIDES[step % len(SIDES)]
        count = max(1, PIXELS_A_STEP // side**2)
        whose = rng.choice(len(pictures), count, p=chances)
        cuts = [any_cut(pictures[k], side, rng) for k in whose]
        yield Minibatch.of(cuts, styles[torch.from_numpy(whose).to(device)], generator)
        step += 1


def loss_of(denoiser: Denoiser, weights: Parameters, batch: Minibatch) -> Tensor:
    """The mean denoising loss under θ: ()."""
    noisy = batch.crops + batch.sigma[:, None, None, None] * batch.noise
    told = noisy, batch.sigma, batch.scale_px, batch.style
    denoised = functional_call(denoiser, weights, told)
    return denoising_loss(denoised, batch.crops, batch.sigma).mean()


def fit(
    denoiser: Denoiser,
    start: FineTuningStart,
    batches: Iterator[Minibatch],
    *,
    steps: int,
    seconds: float | None = None,
) -> Generator[Advance, None, Parameters]:
    """θ after `steps`, or fewer where `seconds` end. Yields after each: the share that is done of
    the steps or of the seconds, whichever is nearer its end; all of it at the last."""
    begun = time.monotonic()
    rule = LearnedAdam(start.rates, 1.0)
    rule.set_rates(start.rates)
    weights = start.weights

    def loss(parameters: Parameters, batch: Minibatch) -> Tensor:
        return loss_of(denoiser, parameters, batch)

    taken = descend(loss, weights, islice(batches, steps), rule, first_order=True)
    for done, moved in enumerate(taken):
        weights = {name: tensor.detach() for name, tensor in moved.items()}
        spent = _spent(time.monotonic() - begun, seconds)
        yield Advance(min(steps, max(done + 1, steps * spent)), steps)
        if spent >= 1:
            break
    return weights


def _spent(elapsed: float, seconds: float | None) -> float:
    """The share of `seconds` that is over; 0 where they are not counted."""
    if seconds is None:
        return 0.0
    return elapsed / seconds if seconds > 0 else 1.0
