"""A picture drawn on beyond its borders: where what stands at a border is found once more in the
picture, it goes on as it does there, so that lines which cross the border do not end at it.

Legend: picture (3, H, W) in [-1, 1], inner (3, h, w) the part of it that is kept; a band is what
stands at a border, B px wide.
"""

import numpy as np
import torch
from torch import Tensor

BAND = 0.08  # of the inner picture's width
LEAST_BAND_PX = 4
JUMP = 0.2  # of the inner picture's width: how far from its border a continuation begins at least
CHANCE = 0.5  # of the places are looked at, others by each seed
SHIFTS_PX = (-1, 0, 1)  # down, of what is gone on with


def continued(picture: Tensor, free: Tensor, seed: int) -> Tensor:
    """(3, H, W): what is free (H, W), 1 around a rectangle that is kept, becomes what the rectangle
    goes on with: to the right and left, then down and up."""
    rows, columns = (torch.nonzero(free.amin(dim) < 1)[:, 0] for dim in (1, 0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    rng = np.random.default_rng(seed)
    inner = picture[:, top:bottom, left:right]
    wide = _to_the_right(inner, picture.shape[2] - right, rng)
    wide = _to_the_right(wide.flip(2), left, rng).flip(2)
    high = _to_the_right(wide.transpose(1, 2), picture.shape[1] - bottom, rng)
    high = _to_the_right(high.flip(2), top, rng).flip(2)
    return high.transpose(1, 2).contiguous()


def _to_the_right(inner: Tensor, room: int, rng: np.random.Generator) -> Tensor:
    """(3, h, w + room)."""
    canvas = inner
    while room > 0:
        piece = _continuation(inner, canvas, rng)[:, :, :room]
        canvas = torch.cat([canvas, piece], 2)
        room -= piece.shape[2]
    return canvas


def _continuation(inner: Tensor, canvas: Tensor, rng: np.random.Generator) -> Tensor:
    """(3, h, ·): what follows the band of `inner`, as it is or mirrored, that is most like the last
    band of the canvas."""
    width = inner.shape[2]
    band = min(max(LEAST_BAND_PX, round(BAND * width)), max(1, width // 2))
    end = canvas[:, :, -band:]
    last = max(band, width - max(1, round(JUMP * width)))  # a place leaves so much to go on with
    found, least = inner.flip(2), np.inf
    for strip in (inner, inner.flip(2)):
        for place in range(band, last + 1):
            if rng.random() > CHANCE:
                continue
            for shift in SHIFTS_PX:
                moved = _moved(strip, shift)
                gap = float((moved[:, :, place - band : place] - end).square().mean())
                if gap < least:
                    found, least = moved[:, :, place:], gap
    return found


def _moved(strip: Tensor, down: int) -> Tensor:
    """(3, h, w) moved down, its border row repeated."""
    rows = (torch.arange(strip.shape[1]) - down).clamp(0, strip.shape[1] - 1)
    return strip[:, rows]
