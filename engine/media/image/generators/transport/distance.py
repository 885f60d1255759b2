"""How far the patches of pictures are from those of the references, on filters nobody trained on.

The sliced Wasserstein-1 distance of patches (Rabin et al. 2011), with fresh random filters and
patch sizes that the generator does not use (it uses 7 px), so that it cannot have been fitted.
"""

import torch
import torch.nn.functional as F

from engine.media.image.generators.transport.projections import at_ranks
from engine.media.image.generators.transport.sorting import ascending
from engine.media.image.pyramid import resize, size_at

_FILTERS = 256
_RANKS = 2048


def patch_distance(
    picture: torch.Tensor,
    references: list[torch.Tensor],
    patch_px: int,
    scale_px: float,
    seed: int = 99,
) -> float:
    """Of a picture (3, H, W) from references (3, H', W'), all brought to `scale_px`.

    In units of the full range of a pixel, black to white: 0 is equal, 0.01 is close.
    """
    generator = torch.Generator().manual_seed(seed)
    filters = torch.randn(_FILTERS, 3, patch_px, patch_px, generator=generator)
    filters = filters / filters.flatten(1).norm(dim=1)[:, None, None, None]
    ours = _projections([picture], filters, scale_px)
    theirs = _projections(references, filters, scale_px)
    return (ours - theirs).abs().mean().item() / 2


def _projections(pictures: list[torch.Tensor], filters: torch.Tensor, scale: float) -> torch.Tensor:
    """Their values at evenly spread ranks, pooled over the pictures: (filters, ranks)."""
    parts = []
    for pixels in pictures:
        at_scale = resize(pixels[None], size_at(pixels.shape[1], pixels.shape[2], scale))
        parts.append(F.conv2d(at_scale, filters)[0].flatten(1))
    return at_ranks(ascending(torch.cat(parts, 1)), _RANKS)
