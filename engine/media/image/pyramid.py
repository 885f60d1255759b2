"""Scales and sizes: the same scale means the same amount of scene in every picture.

Legend: s a scale in px, the geometric mean √(H·W) of a picture's sides at that scale.
"""

import math

import torch
import torch.nn.functional as F

PATCH_PX = 7
COARSEST_PX = 10.0
RATIO = 0.75
LEVELS = tuple(COARSEST_PX / RATIO**k for k in range(16))  # 10 … 749 px


def size_at(height_px: int, width_px: int, scale_px: float) -> tuple[int, int]:
    """(H, W) of a picture with this aspect at scale s; at least 1 px each."""
    shrink = scale_px / math.sqrt(height_px * width_px)
    return max(1, round(height_px * shrink)), max(1, round(width_px * shrink))


def resize(pictures: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """(N, 3, H, W) → (N, 3, *size), antialiased bicubic, clamped to [-1, 1]."""
    if tuple(pictures.shape[-2:]) == size:
        return pictures
    resized = F.interpolate(pictures, size, mode="bicubic", antialias=True, align_corners=False)
    return resized.clamp(-1, 1)


def start_scale_px(invention: float) -> float:
    """Where drawing starts: 10 px at invention 0 (a patch spans most of the picture, so the
    composition follows the references) to 60 px at 1 (only their textures and shapes do)."""
    return COARSEST_PX * 6.0**invention


def schedule(
    height_px: int,
    width_px: int,
    levels: list[float],
    invention: float,
    brush: float = 1.0,
    entry_px: float | None = None,
) -> list[tuple[float, int]]:
    """(scale, index of the style's level that serves it), coarse to fine.

    Ends exactly at the output's own scale. Past the style's finest level that level serves on:
    the references hold no finer detail. The first scale is the style's coarsest level at the
    earliest; `entry_px` begins elsewhere than `invention` says. A larger `brush` is served by
    finer levels, so that the references' marks are larger on the canvas.
    """
    final = math.sqrt(height_px * width_px)
    first = start_scale_px(invention) if entry_px is None else entry_px
    start = min(max(first, levels[0] / brush * math.sqrt(RATIO)), final)
    grid = [level / brush for level in levels]
    while grid[-1] < final:
        grid.append(grid[-1] / RATIO)
    inner = [s for s in grid if start * math.sqrt(RATIO) <= s < final * math.sqrt(RATIO)]
    return [(s, _nearest(levels, s * brush)) for s in [*inner, final]]


def _nearest(levels: list[float], scale: float) -> int:
    return min(range(len(levels)), key=lambda k: abs(math.log(levels[k] / scale)))
