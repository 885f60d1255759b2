"""Ratings move a style over a diffusion model by gradient steps, within a trust region.

Pairs of rated works, the better and the worse, in Diffusion-DPO (Wallace et al. 2024, equation 14):
the denoiser should err less on the better than it did before, and more on the worse. How far it
goes is bounded: the mean squared change of its predictions is at most TRUST of their size.

Legend: N works with utilities u, latents (1, C, h, w), σ the logistic function.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.pretrained.low_rank import Pair
from engine.core.progress import Advance
from engine.media.image.generators.diffusion import learning
from engine.media.image.generators.diffusion.base import Base
from engine.media.image.generators.diffusion.learning import Example
from engine.media.image.generators.diffusion.style import DiffusionStyle

STEPS, BETA = 60, 200.0
RATES = (0.005, 2e-4)
TRUST = 0.03
MOST_WORKS = 12  # the best liked and the least
LEAST_GAP = 0.25  # of utilities, between the works of a pair
HALVINGS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    latents: Tensor
    utility: float
    prompt: str = ""


def preferred(
    base: Base, style: DiffusionStyle, works: Sequence[Rated], seed: int
) -> Generator[Advance, None, DiffusionStyle | None]:
    """The style, moved; None where nothing is liked better than anything else. Yields after each
    step."""
    chosen = sorted(works, key=lambda work: work.utility)
    if len(chosen) > MOST_WORKS:
        chosen = chosen[: MOST_WORKS // 2] + chosen[-MOST_WORKS // 2 :]
    pairs = [
        (a, b) for a in chosen for b in chosen if a.utility - b.utility >= LEAST_GAP
    ]  # better, worse
    if not pairs:
        return None
    before = learning.frozen(style)
    moving = learning.learnable(style)
    optimiser = learning.optimiser(moving, *RATES)
    random = torch.Generator().manual_seed(seed)
    for work in chosen:
        base.told(work.prompt)
    for step in range(STEPS):
        pair = pairs[int(torch.randint(len(pairs), (1,), generator=random))]
        optimiser.zero_grad()
        _step(base, moving, before, pair, random)
        optimiser.step()
        yield Advance(step + 1, STEPS + 1)
    fixed = learning.spread(base, [work.latents for work in chosen], seed)
    found = within_trust_region(base, before, learning.frozen(moving), fixed)
    yield Advance(STEPS + 1, STEPS + 1)
    return found


def _step(
    base: Base,
    moving: DiffusionStyle,
    before: DiffusionStyle,
    pair: tuple[Rated, Rated],
    random: torch.Generator,
) -> None:
    """Gradients of -log σ(-β/2 ((e_w - e_w⁰) - (e_l - e_l⁰))): e errors at one time and noise,
    w the better work, l the worse, ⁰ as the style was."""
    t = base.schedule.times(1, random)
    state = random.get_state()
    gaps: list[Tensor] = []
    with learning.gradients(base):
        for work in pair:
            random.set_state(state)  # the same noise for both
            example = Example.of(base, work.latents, t, random, work.prompt)
            with torch.no_grad():
                usual = learning.errors(base, before, example)
            gaps.append(learning.errors(base, moving, example) - usual)
        (-F.logsigmoid(-BETA / 2 * (gaps[0] - gaps[1]))).mean().backward()


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


def within_trust_region(
    base: Base, before: DiffusionStyle, after: DiffusionStyle, fixed: Sequence[Example]
) -> DiffusionStyle:
    """As far towards `after` as TRUST allows: halved until it does."""
    share = 1.0
    for _ in range(HALVINGS):
        found = _between(before, after, share)
        if change(base, before, found, fixed) <= TRUST:
            return found
        share /= 2
    return _between(before, after, 0.0)


def _between(before: DiffusionStyle, after: DiffusionStyle, share: float) -> DiffusionStyle:
    """`share` of the way; adapters of one shape, number by number."""
    pairs = {
        name: Pair(
            torch.lerp(old.down, after.adapter[name].down, share),
            torch.lerp(old.up, after.adapter[name].up, share),
        )
        for name, old in before.adapter.items()
    }
    tokens = torch.lerp(before.tokens, after.tokens, share)
    return replace(before, tokens=tokens, adapter=pairs)
