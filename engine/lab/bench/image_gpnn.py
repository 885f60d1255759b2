"""Exact patch nearest neighbours from coarse to fine: Granot et al. 2022, Drop the GAN (GPNN).

Legend: D numbers of a 7 px patch, Q patches of the canvas, K those of the references, α how freely
reference patches may come again. Every patch is looked for among all; at finer scales the patches
of every second row and column stand for all (another quarter each turn), which keeps it exact for
them and affordable.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image import pyramid
from engine.protocol import PictureBrief

ALPHA = 0.005
TURNS = ((60.0, 5), (130.0, 2))  # below so many px so many rounds, then one
_DENSE_BELOW_PX = 80
_NOISE = 0.75  # the paper's σ, of pixels in [-1, 1]
_ROWS = 1024  # patches compared at once
_BLURRED = 0.75  # keys are the reference as it looked a scale coarser (section 3.3)


@torch.no_grad()
def collaged(references: Sequence[Tensor], brief: PictureBrief) -> Tensor:
    """(3, H, W) out of patches of references (3, H', W')."""
    generator = torch.Generator().manual_seed(brief.seed)
    size = brief.height_px, brief.width_px
    plan = pyramid.schedule(*size, list(pyramid.LEVELS), brief.invention)
    canvas = None
    for scale, _ in plan:
        here = pyramid.size_at(*size, scale)
        values = [pyramid.resize(r[None], _size_of(r, scale)) for r in references]
        if canvas is None:
            canvas = pyramid.resize(references[0][None], here)
            canvas = canvas + _NOISE * torch.randn(canvas.shape, generator=generator)
            keys = values
        else:
            canvas = F.interpolate(canvas, here, mode="bicubic", align_corners=False)
            keys = [_softened(v) for v in values]
        stride = 1 if scale < _DENSE_BELOW_PX else 2
        for turn in range(next((n for px, n in TURNS if scale < px), 1)):
            canvas = _round(canvas, keys if turn == 0 else values, values, stride)
    assert canvas is not None
    return canvas[0].clamp(-1, 1)


def _round(canvas: Tensor, keys: list[Tensor], values: list[Tensor], stride: int) -> Tensor:
    """Every patch becomes its nearest one by S_ij = d_ij / (α + min over i of d_ij), eq. 1; where
    patches overlap their mean is taken."""
    margin = pyramid.PATCH_PX - 1
    padded = F.pad(canvas, (margin,) * 4, mode="replicate")
    queries = _patches(padded, stride)
    known = torch.cat([_patches(key, stride) for key in keys])
    found = torch.cat([_patches(value, stride) for value in values])
    nearest = found[_nearest(queries, known)]
    size = padded.shape[2:]
    summed = _folded(nearest, size, stride)
    counts = _folded(torch.ones_like(nearest), size, stride)
    whole = torch.where(counts > 0, summed / counts.clamp(min=1), padded)
    return whole[:, :, margin:-margin, margin:-margin]


def _nearest(queries: Tensor, keys: Tensor) -> Tensor:
    """(Q,) indices of keys."""
    least = torch.full((len(keys),), torch.inf)
    for rows in queries.split(_ROWS):
        least = torch.minimum(least, _distances(rows, keys).amin(0))
    return torch.cat(
        [(_distances(rows, keys) / (ALPHA + least)).argmin(1) for rows in queries.split(_ROWS)]
    )


def _distances(rows: Tensor, keys: Tensor) -> Tensor:
    """Mean squared differences (R, K)."""
    squares = rows.square().sum(1)[:, None] + keys.square().sum(1)
    return torch.addmm(squares, rows, keys.T, alpha=-2).clamp(min=0) / rows.shape[1]


def _patches(picture: Tensor, stride: int) -> Tensor:
    """(1, 3, H, W) → (M, D)."""
    return F.unfold(picture, pyramid.PATCH_PX, stride=stride)[0].T


def _folded(patches: Tensor, size: Sequence[int], stride: int) -> Tensor:
    return F.fold(patches.T[None], tuple(size), pyramid.PATCH_PX, stride=stride)


def _softened(picture: Tensor) -> Tensor:
    """As it looks after a scale coarser."""
    size = picture.shape[2], picture.shape[3]
    small = max(1, round(size[0] * _BLURRED)), max(1, round(size[1] * _BLURRED))
    return pyramid.resize(pyramid.resize(picture, small), size)


def _size_of(picture: Tensor, scale: float) -> tuple[int, int]:
    height, width = pyramid.size_at(picture.shape[1], picture.shape[2], scale)
    return max(height, pyramid.PATCH_PX), max(width, pyramid.PATCH_PX)
