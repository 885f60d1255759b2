"""Where a composition begins: pieces of one reference, moved and mirrored, side by side.

A work's window is as high as a part of its reference, so that what was level stays level; its
pieces are cut from that part of the reference, at any place from left to right, and meet where they
differ least (minimum error boundary cut, Efros and Freeman 2001).

Legend: layout (3, h, w) in [-1, 1] of a work, strip (3, h, W) the part of the reference that its
pieces are cut from, draws (DRAWS,) numbers from 0 to 1 that decide everything.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.pyramid import resize

MOST_PIECES = 3
OFFERS = 8  # places that are tried for a further piece
_CHOICES = 5
DRAWS = _CHOICES + MOST_PIECES + OFFERS * MOST_PIECES
SHOWN = (0.6, 1.0)  # of the reference's height
BENT = 0.8  # how far the power of heights is from 1, as its logarithm
LEAST_PIECE = 0.3  # of the layout's width
OVERLAP = 0.25  # of the layout's width, where a piece may meet the next
JUMP = 0.2  # of the layout's width: a piece goes on at least so far from where the last one ended
FREE_FROM = 0.4  # of invention: from here pieces come from anywhere


def draws_of(seeds: Sequence[int]) -> Tensor:
    """(N, DRAWS) of the works' seeds."""
    return torch.stack(
        [torch.rand(DRAWS, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    )


def arranged(
    reference: Tensor, size: tuple[int, int], draws: Tensor, invention: float
) -> tuple[Tensor, Tensor]:
    """The layout (3, *size) that `draws` make of a reference (3, H, W), and how far down in the
    reference each row is, (h,), 0 … 1. invention: at 0 the reference as it is, in the middle."""
    freedom = min(1.0, invention / FREE_FROM)
    several, mirrored, *window = draws[:_CHOICES].tolist()
    strip, heights = _strip(reference, size, window, freedom)
    if mirrored < 0.5 * freedom:  # all pieces: two of a pair would meet as in a kaleidoscope
        strip = strip.flip(2)
    count = 1 + int(several * freedom * MOST_PIECES * 0.999)
    offers = draws[_CHOICES + MOST_PIECES :].reshape(MOST_PIECES, OFFERS).tolist()
    return _pieced(strip, _ends(size[1], count, draws[_CHOICES:]), offers, freedom), heights


def _strip(
    reference: Tensor, size: tuple[int, int], draws: Sequence[float], freedom: float
) -> tuple[Tensor, Tensor]:
    """(3, h, W) of the reference, W ≥ w, and the heights of its rows: a part of its height, in
    which what is above or what is below has more room than it had (a power of the height)."""
    zoomed, where, bent = draws
    rows, columns = reference.shape[1:]
    shown = 1 - freedom * (1 - SHOWN[0] - (SHOWN[1] - SHOWN[0]) * zoomed)
    shown = min(shown, columns * size[0] / (rows * size[1]))
    height = max(size[0], round(size[0] / shown))
    whole = resize(reference[None], (height, max(size[1], round(height * columns / rows))))
    top = (1 - shown) * (0.5 + freedom * (where - 0.5))
    power = math.exp(freedom * BENT * (2 * bent - 1))
    heights = top + shown * torch.linspace(0, 1, size[0]) ** power
    width = whole.shape[3]
    grid = torch.stack(
        [
            torch.linspace(-1, 1, width).expand(size[0], width),
            (2 * heights - 1)[:, None].expand(size[0], width),
        ],
        -1,
    )
    return F.grid_sample(whole, grid[None], align_corners=True)[0], heights


def _ends(width: int, count: int, draws: Tensor) -> list[int]:
    """Where pieces end, from left to right."""
    lengths = LEAST_PIECE + (1 - LEAST_PIECE) * draws[:count]
    ends = (width * lengths.cumsum(0) / lengths.sum()).round().int().tolist()
    return [*ends[:-1], width]


def _pieced(strip: Tensor, ends: list[int], offers: list[list[float]], freedom: float) -> Tensor:
    """(3, h, w): pieces of the strip side by side. Of the places that are offered for one, that
    where it meets the last one best; the first piece is the first that is offered."""
    width = ends[-1]
    overlap, jump = max(2, round(OVERLAP * width)), round(JUMP * width)
    spare = strip.shape[2] - ends[0]
    left = round(spare * (0.5 + freedom * (offers[0][0] - 0.5)))
    canvas, reached = strip[:, :, left : left + ends[0]], left + ends[0]
    for end, places in zip(ends[1:], offers[1:], strict=False):
        need = end - canvas.shape[2]
        lap = min(overlap, canvas.shape[2], strip.shape[2] - need)
        lefts = [lap + round(place * (strip.shape[2] - need - lap)) for place in places]
        far = [left for left in lefts if abs(left - reached) >= jump]
        far = far or [max(lefts, key=lambda left: abs(left - reached))]
        cuts = [_cut(canvas, strip[:, :, left - lap : left + need], lap) for left in far]
        best = min(range(len(cuts)), key=lambda n: cuts[n][1])
        canvas, reached = cuts[best][0], far[best] + need
    return canvas


def _cut(left: Tensor, right: Tensor, overlap: int) -> tuple[Tensor, float]:
    """(3, h, a + b - overlap): both, cut from top to bottom where they differ least; and by how
    much they do there."""
    old, new = left[:, :, -overlap:], right[:, :, :overlap]
    gaps = (old - new).square().sum(0).numpy()
    total = gaps.copy()
    for i in range(1, len(gaps)):
        above = np.pad(total[i - 1], 1, constant_values=np.inf)
        total[i] += np.minimum(np.minimum(above[:-2], above[2:]), above[1:-1])
    column = int(total[-1].argmin())
    cost, seam = float(total[-1, column]), np.empty(len(gaps), int)
    for i in range(len(gaps) - 1, -1, -1):
        if i < len(gaps) - 1:
            near = slice(max(0, column - 1), column + 2)
            column = near.start + int(total[i, near].argmin())
        seam[i] = column
    is_new = torch.from_numpy(np.arange(overlap)[None] > seam[:, None])
    both = torch.where(is_new, new, old)
    return torch.cat([left[:, :, :-overlap], both, right[:, :, overlap:]], 2), cost
