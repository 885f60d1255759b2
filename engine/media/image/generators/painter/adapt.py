"""References → style: what the coarse layouts need, and the references themselves, compressed."""

from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from engine.core.progress import Advance
from engine.media.image.generators.painter import kept_pictures
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt as adapt_layout
from engine.media.image.generators.transport.blend import blend as blend_layout
from engine.media.image.generators.transport.projections import at_ranks
from engine.media.image.generators.transport.weights import Prior

OPAQUE_FROM = 0.99
FINEST_PX = 104.0  # of the tables: layouts are drawn at coarse scales only
QUANTILES = 32  # of each projection: a layout has few patches


def adapt(
    pictures: Sequence[WeightedPicture],
    seed: int,
    device: torch.device,
    prior: Prior,
    *,
    steps: int = 0,
    seconds: float | None = None,
) -> Generator[Advance, None, dict[str, Tensor]]:
    """The tensors of a style. What is transparent in a picture is never painted with."""
    tensors = yield from adapt_layout(
        pictures, seed, device, prior, steps=steps, seconds=seconds, finest_px=FINEST_PX
    )
    tensors["quantiles"] = at_ranks(tensors["quantiles"].float(), QUANTILES).half()
    pixels, weights = [p.pixels for p in pictures], [p.weight for p in pictures]
    opaque = [None if p.alpha is None else (p.alpha > OPAQUE_FROM).float() for p in pictures]
    return {**tensors, **kept_pictures.kept(pixels, weights, opaque)}


def blend(styles: Sequence[dict[str, Tensor]], weights: Sequence[float]) -> dict[str, Tensor]:
    """The layouts of the style between them, painted with the pictures of all."""
    between = blend_layout(list(styles), list(weights))
    return {**between, **kept_pictures.joined(styles, weights)}
