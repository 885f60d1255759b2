"""The canvas that pictures are drawn on: larger than the picture, or without borders at all.

Legend: N pictures drawn together, canvases (N, 3, H, W). A canvas has a margin on every side that
is cropped at the end, since patches cover a border too rarely to shape it; one that tiles has no
margin, since its patches run across the borders. The margin is a share of the picture, so that a
coarse canvas still is the picture's composition and not that of a larger scene.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F

from engine.media.image.pyramid import PATCH_PX

MARGIN_PX = 8
MARGIN_SHARE = 0.12  # of the mean side, up to MARGIN_PX


def margin_px(size: tuple[int, int], tile: bool) -> int:
    """The margin of a picture of `size` (H, W)."""
    return 0 if tile else max(2, min(MARGIN_PX, round(MARGIN_SHARE * math.sqrt(size[0] * size[1]))))


def full_size(size: tuple[int, int], tile: bool) -> tuple[int, int]:
    """(H, W) of the canvas of a picture of `size`, with its margin and with room for a patch."""
    margin = margin_px(size, tile)
    return max(size[0] + 2 * margin, PATCH_PX), max(size[1] + 2 * margin, PATCH_PX)


def lay(pictures: torch.Tensor, tile: bool) -> torch.Tensor:
    """Pictures on canvases: their margins are their own mirror image, or go round a tile."""
    size = (pictures.shape[2], pictures.shape[3])
    for dim, full in zip((2, 3), full_size(size, tile), strict=True):
        side = pictures.shape[dim]
        places = torch.arange(full, device=pictures.device) - (full - side) // 2
        if tile:
            places = places % side
        else:
            places = places % (2 * side)
            places = torch.minimum(places, 2 * side - 1 - places)
        pictures = pictures.index_select(dim, places)
    return pictures


def noise(seeds: Sequence[int], size: tuple[int, int], tile: bool) -> torch.Tensor:
    """Unit white noise for pictures of `size`, one seed a picture: (N, 3, H, W)."""
    shape = (3, *full_size(size, tile))
    return torch.stack(
        [torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    )


def grow(
    canvas: torch.Tensor, old: tuple[int, int], size: tuple[int, int], tile: bool
) -> torch.Tensor:
    """From pictures of size `old` to `size`: enlarged by the true ratio, then cut to the margin."""
    needed = full_size(size, tile)
    if tile:
        plane = canvas.repeat(1, 1, 3, 3)  # its own neighbours, so that the seams stay seamless
        target = tuple(3 * side for side in needed)
    else:
        plane = canvas
        scaled = (round(canvas.shape[2 + d] * size[d] / old[d]) for d in (0, 1))
        target = tuple(max(side, least) for side, least in zip(scaled, needed, strict=True))
    grown = F.interpolate(plane, target, mode="bicubic", align_corners=False)
    return centre(grown, needed).clone()


def crop(canvas: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """The pictures: (N, 3, *size) in [-1, 1]."""
    return centre(canvas, size).clamp(-1, 1)


def centre(plane: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    """A canvas without its margin: (N, 3, *size), of any range."""
    top, left = ((plane.shape[2 + d] - size[d]) // 2 for d in (0, 1))
    return plane[:, :, top : top + size[0], left : left + size[1]]
