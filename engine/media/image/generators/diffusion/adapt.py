"""References → style: style tokens first, then a low-rank adapter beside them.

Where an IP-Adapter was added, references are read by it in one pass, and nothing is learned unless
the artist gives time for it. Where a model that describes pictures was added, each reference is
learned from under its own words.

Tokens that follow every prompt are learned as in textual inversion (Gal et al. 2023), but in the
space that the text encoder ends in, so that the encoder is needed once; then an adapter (Hu et al.
2022) learns together with them. What lies lowest on fixed examples is kept: the best so far.
"""

import math
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.core.progress import Advance
from engine.media.image.generators.diffusion import base as bases, learning
from engine.media.image.generators.diffusion.base import Base
from engine.media.image.generators.diffusion.beside import Offered
from engine.media.image.generators.diffusion.draw import draw
from engine.media.image.generators.diffusion.learning import Example
from engine.media.image.generators.diffusion.reading import read_at_once
from engine.media.image.generators.diffusion.style import DiffusionStyle
from engine.media.image.generators.transport.adapt import WeightedPicture
from engine.media.image.generators.transport.memory import is_shortage
from engine.media.image.pyramid import resize
from engine.protocol import PictureBrief

TOKENS = 8
STEPS, TOKENS_ALONE = 200, 60
SECONDS = 180.0  # at most, where the artist has said nothing
CROPS = 4  # of each reference
MEASURED, MEASURE_EVERY = 12, 20  # fixed examples, and after how many steps they are looked at
RATES = (0.02, 5e-4)  # of tokens, in their own size, and of the adapter
SHOWN = (0.5, 1.0)  # at which shares of the work the best so far is shown
SHOWN_STEPS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    style: DiffusionStyle
    error: float


def adapt(
    pictures: Sequence[WeightedPicture],
    base: Base,
    seed: int,
    *,
    seconds: float | None = None,
    near: Offered | None = None,
) -> Generator[Advance, None, DiffusionStyle]:
    """Yields after each step, twice with a picture in the style so far. seconds: at most. near:
    what was added that fits beside the model; the style names what it takes of it.

    Where memory does not last, it begins once more with less. Raises as `torch` does where even
    that is too much."""
    until = time.perf_counter() + (SECONDS if seconds is None else seconds)
    near, aspect = near or Offered(), aspect_of(pictures)
    began = yield from read_at_once(pictures, base, seed, aspect, near)
    if began.image is not None and seconds is None:
        return began
    while True:
        try:
            return (yield from _adapt(pictures, base, seed, until, began))
        except (MemoryError, RuntimeError) as error:
            if not is_shortage(error) or not base.spare():
                raise


@dataclass(frozen=True, slots=True, eq=False)
class _Crop:
    """latents (1, C, h, w) of a piece of a reference; words: what that shows."""

    latents: Tensor
    words: str
    weight: float


def _adapt(
    pictures: Sequence[WeightedPicture],
    base: Base,
    seed: int,
    until: float,
    began: DiffusionStyle,
) -> Generator[Advance, None, DiffusionStyle]:
    total, crops = STEPS + len(pictures), list[_Crop]()
    for k, picture in enumerate(pictures):
        words, weight = began.motif(k), picture.weight / CROPS
        base.told(words)  # before the denoiser takes the device
        crops += [_Crop(x, words, weight) for x in _crops(base, picture.pixels, seed + k)]
        yield Advance(k + 1, total)
    weights = torch.tensor([each.weight for each in crops])
    seen = [crops[i % len(crops)] for i in range(MEASURED)]
    fixed = learning.spread(base, [c.latents for c in seen], seed, [c.words for c in seen])
    style = replace(began, tokens=learning.tokens_near(base, seed, TOKENS))
    best = Best(style, learning.measured(base, style, fixed))
    moving = style.holding(style.learned.learnable(adapter=False))
    rates = RATES[0] * learning.size_of(style.tokens), RATES[1]
    optimiser = moving.learned.optimiser(*rates)
    random = torch.Generator().manual_seed(seed)
    shown = [share for share in SHOWN if share < 1]
    for step in range(STEPS):
        if step == TOKENS_ALONE:
            moving = moving.holding(moving.learned.learnable())
            optimiser = moving.learned.optimiser(*rates)
        crop = crops[int(torch.multinomial(weights, 1, generator=random))]
        _step(base, moving, optimiser, crop, random)
        is_over = time.perf_counter() > until
        if (step + 1) % MEASURE_EVERY == 0 or is_over or step + 1 == STEPS:
            error = learning.measured(base, moving, fixed)
            if error < best.error:
                best = Best(moving.holding(moving.learned.frozen()), error)
        done = len(pictures) + step + 1
        if shown and step + 1 >= shown[0] * STEPS:
            shown.pop(0)
            yield Advance(
                done, total, pictures=(yield from _picture(base, best.style, done, total))
            )
        if is_over:
            break
        yield Advance(done, total)
    return best.style


def _step(
    base: Base,
    moving: DiffusionStyle,
    optimiser: torch.optim.Optimizer,
    crop: _Crop,
    random: torch.Generator,
) -> None:
    t = base.schedule.times(1, random)
    example = Example.of(base, crop.latents, t, random, crop.words)
    with learning.gradients(base):
        optimiser.zero_grad()
        learning.errors(base, moving, example).mean().backward()
        optimiser.step()


def _picture(
    base: Base, style: DiffusionStyle, done: float, total: float
) -> Generator[Advance, None, Tensor]:
    """(1, 3, H, W), as the style draws now, in few steps."""
    side = base.side_px or bases.LEARNED_SIDE_PX
    brief = PictureBrief(count=1, seed=0, width_px=side, height_px=side)
    slices = draw(base, style, brief, steps=SHOWN_STEPS)
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return torch.stack(end.value)
        yield Advance(done, total)


def aspect_of(pictures: Sequence[WeightedPicture]) -> float:
    """Width / height, the geometric mean."""
    logs = [math.log(each.pixels.shape[2] / each.pixels.shape[1]) for each in pictures]
    return math.exp(sum(logs) / len(logs))


def _crops(base: Base, pixels: Tensor, seed: int) -> list[Tensor]:
    """Latents (1, C, h, w) of CROPS squares: the first of the middle, the others of chance, at up
    to a third more than the size at which the whole picture just covers them."""
    side = base.side_px or bases.LEARNED_SIDE_PX
    side = max(base.multiple * 2, side // base.multiple * base.multiple)
    random = torch.Generator().manual_seed(seed)
    found: list[Tensor] = []
    for n in range(CROPS):
        across, down, grow = (0.5, 0.5, 0.0) if n == 0 else torch.rand(3, generator=random).tolist()
        ratio = side * (1 + grow / 3) / min(pixels.shape[1:])
        height, width = (max(side, round(ratio * each)) for each in pixels.shape[1:])
        scaled = resize(pixels[None], (height, width))
        top, left = round(down * (height - side)), round(across * (width - side))
        found.append(base.to_latents(scaled[:, :, top : top + side, left : left + side]))
    return found
