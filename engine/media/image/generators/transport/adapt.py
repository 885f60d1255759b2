"""References → style: quantile tables of their patches at every scale, in closed form; what the
denoiser is told of them; and, where seconds are given for it, a denoiser moved towards them.

Legend: K references, L levels, S sets of n filters, Q quantiles.
Tensors of a picture style: filters (S, n, 3, p, p), quantiles (K, L, S, n, Q), serves (K, L) which
reference has that much detail, levels (L,) in px, weights (K,), means and deviations (K, 3) of the
colours, gamuts (K, 2, 3) their bounds, told (K, E) what the denoiser is told of each, denoiser/…
its weights. The tables hold distributions of single projections: no picture can be read back.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from engine.core.progress import Advance, shifted
from engine.core.references import ReadReference
from engine.media.image import pyramid
from engine.media.image.codec.raster import Picture, to_picture
from engine.media.image.crops import small
from engine.media.image.generators.transport import gamut
from engine.media.image.generators.transport.fit import fit, minibatches
from engine.media.image.generators.transport.projections import (
    FILTERS,
    QUANTILES,
    SETS,
    at_ranks,
    filter_bank,
    sample_patches,
)
from engine.media.image.generators.transport.sorting import ascending
from engine.media.image.generators.transport.weights import FITTED, Prior
from engine.media.image.style_embedding import embedding
from engine.meta.inner_loop import Parameters

PATCHES = 16_384  # looked at, of all references together at one level …
LEAST_PATCHES = 2_048  # … and of each of them
OPAQUE = 0.98  # alpha from which a pixel is learned
_STEP_COST = 6  # of the denoiser's, in tables
_UPSCALE_LIMIT = 1.1  # a picture serves a level that is at most this much finer than itself


@dataclass(frozen=True, slots=True)
class WeightedPicture:
    """pixels (3, H, W) in [-1, 1]; weight > 0, relative to the others'. alpha (H, W) in 0 … 1: only
    what is opaque is learned; None where all is."""

    pixels: torch.Tensor
    weight: float = 1.0
    alpha: torch.Tensor | None = None

    @property
    def colours(self) -> torch.Tensor:
        """(3, M) of the pixels that are learned."""
        opaque = None if self.alpha is None else self.alpha >= OPAQUE
        if opaque is None or not opaque.any():
            return self.pixels.flatten(1)
        return self.pixels[:, opaque]


def weighted_pictures(references: Sequence[ReadReference[Picture]]) -> list[WeightedPicture]:
    """References as they were read, with their weights."""
    return [WeightedPicture(r.content.pixels, r.weight, r.content.alpha) for r in references]


def adapt(
    pictures: Sequence[WeightedPicture],
    seed: int,
    device: torch.device,
    prior: Prior,
    *,
    steps: int = 0,
    seconds: float | None = None,
    finest_px: float = math.inf,
) -> Generator[Advance, None, dict[str, torch.Tensor]]:
    """The tensors of a style. Yields after each level of each reference, and after each step.

    finest_px: of the levels. steps: of the denoiser, which so far bring nothing that the bench
    could see; fewer where `seconds` end.
    """
    serves = torch.tensor(
        [[s <= finest_px and _serves(p, s) for s in pyramid.LEVELS] for p in pictures]
    )
    used = serves.any(0)
    levels = torch.tensor(pyramid.LEVELS)[used]
    serves = serves[:, used]
    tables, total = int(serves.sum()), int(serves.sum()) + _STEP_COST * steps
    bank = filter_bank().to(device)
    measured = _tables(pictures, serves, levels, bank, seed, device)
    quantiles = yield from shifted(measured, 0, total)
    small_ones = [small(to_picture(p.pixels)) for p in pictures]
    said = torch.stack([embedding(p, prior.encoder, seed + k) for k, p in enumerate(small_ones)])
    moved: Parameters = {}
    if steps:
        batches = minibatches(small_ones, [p.weight for p in pictures], said, seed)
        moving = fit(prior.denoiser, prior.start, batches, steps=steps, seconds=seconds)
        moved = yield from shifted(moving, tables, total, _STEP_COST)
    return {
        "filters": bank.half(),
        "quantiles": quantiles,
        "serves": serves,
        "levels": levels,
        "weights": torch.tensor([p.weight for p in pictures]),
        "told": said.half(),
        **{FITTED + name: tensor.half() for name, tensor in moved.items()},
        "means": torch.stack([p.colours.mean(1) for p in pictures]),
        "gamuts": torch.stack([gamut.box(p.colours) for p in pictures]),
        "deviations": torch.stack([p.colours.std(1) for p in pictures]),
    }


def _tables(
    pictures: Sequence[WeightedPicture],
    serves: torch.Tensor,
    levels: torch.Tensor,
    bank: torch.Tensor,
    seed: int,
    device: torch.device,
) -> Generator[Advance, None, torch.Tensor]:
    """(K, L, S, n, Q), zeros where a reference does not serve a level."""
    quantiles = torch.zeros(*serves.shape, SETS, FILTERS, QUANTILES, dtype=torch.half)
    todo = serves.nonzero().tolist()
    count = max(LEAST_PATCHES, PATCHES // len(pictures))
    for done, (k, level) in enumerate(todo):
        picture, opaque = _at(pictures[k], levels[level].item(), device)
        quantiles[k, level] = _table(sample_patches(picture, count, seed + k, opaque), bank)
        yield Advance(done + 1, len(todo))
    return quantiles


def _serves(picture: WeightedPicture, scale: float) -> bool:
    """Whether the picture has that much detail, and still room for a patch."""
    height, width = picture.pixels.shape[1:]
    fine_enough = scale <= (height * width) ** 0.5 * _UPSCALE_LIMIT
    return fine_enough and min(pyramid.size_at(height, width, scale)) >= pyramid.PATCH_PX


def _at(
    picture: WeightedPicture, scale: float, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """(pixels, what of them is opaque) at a scale."""
    pixels = picture.pixels.to(device)
    size = pyramid.size_at(pixels.shape[1], pixels.shape[2], scale)
    scaled = pyramid.resize(pixels[None], size)[0]
    if picture.alpha is None:
        return scaled, None
    alpha = F.interpolate(picture.alpha[None, None], size, mode="area")[0, 0]
    return scaled, (alpha >= OPAQUE).float()


def _table(patches: torch.Tensor, bank: torch.Tensor) -> torch.Tensor:
    """Patches (M, D) → (S, n, Q) quantiles of their projections."""
    projections = bank.flatten(2).flatten(0, 1) @ patches.T  # (S·n, M)
    return at_ranks(ascending(projections), QUANTILES).reshape(SETS, FILTERS, QUANTILES)
