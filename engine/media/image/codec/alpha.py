"""Pictures with transparent parts: what of them is learned, and on which ground.

Legend: RGBA pictures of 8 bits; pixels (3, H, W) in [-1, 1], alpha (H, W) in 0 … 1. A cut-out has
whole areas with something in them, and nothing but those is learned. Strokes and flat shapes have
none: they need a ground to be seen on.
"""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from engine.media.image.codec.pixels import OPAQUE_LEVEL

WHOLE_PX = 7  # the side of a patch that is learned from
LEAST_WHOLE = 0.25  # of the opaque pixels of a cut-out lie in the middle of an opaque patch
OPAQUE = OPAQUE_LEVEL / 255
LEAST_INSIDE = 0.06  # deviation of the colours inside: flatter ones are shapes
LIGHT_INK = 0.7  # of white: ink that is lighter is shown on a dark ground
WHITE, DARK = (255, 255, 255), (32, 32, 32)


def is_cut_out(pixels: torch.Tensor, alpha: torch.Tensor) -> bool:
    """Whether enough is opaque in whole patches, and not flat, so that the rest can be left out."""
    opaque = (alpha >= OPAQUE).float()[None, None]
    if min(alpha.shape) < WHOLE_PX or not opaque.any():
        return False
    inner = 1 - F.max_pool2d(1 - opaque, WHOLE_PX, 1, WHOLE_PX // 2)
    whole = float(inner.sum())
    if whole < max(WHOLE_PX**2, LEAST_WHOLE * float(opaque.sum())):
        return False
    return float(pixels[:, inner[0, 0] > 0].std(1).max()) >= LEAST_INSIDE


def on_ground(picture: Image.Image) -> Image.Image:
    """An RGBA picture on white or, where its ink is light, on a dark ground."""
    ground = Image.new("RGBA", picture.size, (*ground_of(picture), 255))
    return Image.alpha_composite(ground, picture).convert("RGB")


def ground_of(picture: Image.Image) -> tuple[int, int, int]:
    """The colour that an RGBA picture is seen on."""
    pixels = np.asarray(picture, dtype=np.float32) / 255
    weight = pixels[..., 3]
    if weight.sum() < 1:
        return WHITE
    grey = pixels[..., :3] @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return DARK if float((grey * weight).sum() / weight.sum()) > LIGHT_INK else WHITE


def filled(pixels: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """(3, H, W) with the colours of the opaque parts spread over all the others, so that no ground
    is seen: coarser and coarser means of what is opaque, the finest that there is at each place."""
    weight = (alpha >= OPAQUE).float()[None, None]
    levels = [(pixels[None] * weight, weight)]
    while min(levels[-1][1].shape[2:]) > 1 and not levels[-1][1].all():
        colours, share = (F.avg_pool2d(each, 2, 2, ceil_mode=True) for each in levels[-1])
        levels.append((colours, share))
    colours, share = levels[-1]
    spread = colours.sum((2, 3), keepdim=True) / share.sum((2, 3), keepdim=True).clamp(min=1e-6)
    for colours, share in reversed(levels):
        size = (share.shape[2], share.shape[3])
        coarse = F.interpolate(spread, size, mode="bilinear")
        spread = torch.where(share > 0, colours / share.clamp(min=1e-6), coarse)
    return torch.lerp(spread[0], pixels, alpha)


def marked(picture: Image.Image) -> torch.Tensor:
    """A mask (H, W) in {0, 1} of an RGBA picture: where it is both visible and light; where all of
    what is visible is of one lightness, wherever it is visible."""
    pixels = torch.from_numpy(np.array(picture, dtype=np.float32)) / 255
    seen = pixels[..., 3] > 0.5
    light = pixels[..., :3].mean(-1) > 0.5
    if not seen.any() or seen.all():
        return (seen & light).float()
    of_one_kind = bool(light[seen].all() or not light[seen].any())
    return (seen if of_one_kind else seen & light).float()
