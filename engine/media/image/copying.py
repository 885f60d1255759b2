"""What of a picture stands in its references, patch by patch.

Legend: pictures (3, H, W) in [-1, 1], M patches.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.pyramid import resize, size_at

SCALE_PX = 256.0
PATCH_PX = 32
COPIED_BELOW = 0.3  # of a patch's own contrast
_FLAT_BELOW = 0.05  # a patch of less contrast says nothing about copying


def at_scale(picture: Tensor) -> Tensor:
    """The picture at SCALE_PX."""
    return resize(picture[None], size_at(picture.shape[1], picture.shape[2], SCALE_PX))[0]


def nearest_patches(
    work: Tensor, references: Sequence[Tensor], patch_px: int = PATCH_PX, shrink: int = 2
) -> Tensor:
    """Of each patch with some contrast, how far the nearest reference patch is, as a share of that
    contrast: 0 is a copy, 1 as far as its own mean colour. (M,), possibly empty.

    At 1 / `shrink` of SCALE_PX, every patch of the references, either way round.
    """
    side = patch_px // shrink
    ours = F.unfold(_shrunk(work, shrink), side, stride=side // 2)[0].T
    contrast = (ours.view(len(ours), 3, -1) - ours.view(len(ours), 3, -1).mean(2, True)).flatten(1)
    deviation = contrast.square().mean(1).sqrt()
    ours, deviation = ours[deviation > _FLAT_BELOW], deviation[deviation > _FLAT_BELOW]
    nearest = torch.full((len(ours),), torch.inf)
    for reference in references:
        small = _shrunk(reference, shrink)
        for seen in (small, small.flip(3)):
            theirs = F.unfold(seen, side)[0].T
            nearest = torch.minimum(nearest, torch.cdist(ours, theirs).amin(1))
    return nearest / (ours.shape[1] ** 0.5) / deviation


def _shrunk(picture: Tensor, shrink: int) -> Tensor:
    return F.avg_pool2d(at_scale(picture)[None], shrink)
