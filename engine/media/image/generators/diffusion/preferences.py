"""Ratings move a style over a diffusion model by gradient steps, within a trust region.

Pairs of rated works, the better and the worse, in Diffusion-DPO (Wallace et al. 2024, equation 14):
the denoiser should err less on the better than it did before, and more on the worse. How far it
goes is bounded: the mean squared change of its predictions is at most TRUST of their size.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from engine.core.pretrained import learned as core
from engine.core.pretrained.learned import Learned, Lesson, Pace
from engine.core.progress import Advance
from engine.media.image.generators.diffusion import learning
from engine.media.image.generators.diffusion.base import Base
from engine.media.image.generators.diffusion.learning import Example
from engine.media.image.generators.diffusion.style import DiffusionStyle

STEPS, BETA = 60, 100.0
RATES = (0.005, 2e-4)  # of tokens, in their own size, and of the adapter
TRUST = 0.03
MOST_WORKS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """latents (1, C, h, w)."""

    latents: Tensor
    utility: float
    prompt: str = ""


def preferred(
    base: Base, style: DiffusionStyle, works: Sequence[Rated], seed: int
) -> Generator[Advance, None, DiffusionStyle | None]:
    """The style, moved; None where nothing is liked better than anything else. Yields after each
    step."""
    for work in works:
        base.told(work.prompt)  # before the denoiser takes the device

    def error(learned: Learned, work: Rated, random: torch.Generator) -> Tensor:
        t = base.schedule.times(1, random)
        example = Example.of(base, work.latents, t, random, work.prompt)
        return learning.errors(base, style.holding(learned), example).mean()

    def changed(before: Learned, after: Learned, seen: Sequence[Rated]) -> float:
        latents, prompts = [each.latents for each in seen], [each.prompt for each in seen]
        fixed = learning.spread(base, latents, seed, prompts)
        return change(base, style.holding(before), style.holding(after), fixed)

    lesson = Lesson(error, changed, TRUST, BETA, partial(learning.gradients, base))
    pace = Pace(STEPS, RATES[0] * learning.size_of(style.tokens), RATES[1], MOST_WORKS)
    rated = [core.Rated(work, work.utility) for work in works]
    moved = yield from core.preferred(style.learned, lesson, rated, pace, seed)
    return style.holding(moved) if moved is not None else None


def change(
    base: Base, before: DiffusionStyle, after: DiffusionStyle, fixed: Sequence[Example]
) -> float:
    """The mean squared change of predictions, as a share of their mean square."""
    with torch.no_grad(), base.using("denoiser"):
        moved, size = 0.0, 0.0
        for example in fixed:
            usual = learning.predictions(base, before, example)
            now = learning.predictions(base, after, example)
            moved += float((now - usual).square().mean())
            size += float(usual.square().mean())
    return moved / max(size, 1e-12)
