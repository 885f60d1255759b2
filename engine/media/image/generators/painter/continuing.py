"""A picture drawn on beyond its borders. Where what stands at a border is found once more in the
picture, it goes on as it does there, so that lines which cross the border do not end at it; what
stands out, as a face does, is not shown again.

Legend: picture (3, H, W) in [-1, 1], inner (3, h, w) the part of it that is kept, standing (h, w)
how much its places stand out, 0 … 1; a band is what stands at a border, B px wide.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

BAND = (0.08, 0.03)  # of the inner picture's width, of its height
LEAST_BAND_PX = 4
CHANCE = 0.5  # of the places are looked at, others by each seed
SHIFTS_PX = (-2, -1, 0, 1, 2)  # down, of what is gone on with
SHORTEST = (0.1, 0.03)  # of the same: a piece, where it does not fill the room
JOIN = 0.15  # of the width: as long a piece with no fault at all is as bad as a join of one
OFF = 0.15  # how much an even difference of colours counts, which is taken out of the piece …
MOST_OFF = 0.12  # … where it is no larger
FADES = 0.5  # of the width: over so much it comes back
SMOOTH_PX = 9  # along the border
STANDING = (1.0, 1.7)  # how bad it is to show again what stands out, beside it and above it …
CALM, MOST = 0.3, 0.9  # up to here nothing does; of a column that quantile counts
USED = 0.02  # … or what was gone on with already
MIRRORED = 0.01  # … or the picture's own border, mirrored
UPSIDE_DOWN = 0.05  # … or anything upside down
NEVER = 100.0
OUTER = 0.3  # of the height: what goes on above it and below it comes from there


def continued(picture: Tensor, free: Tensor, stands_out: Tensor, seed: int) -> Tensor:
    """(3, H, W): what is free (H, W), 1 around a rectangle that is kept, becomes what the rectangle
    goes on with: to the right and left, then down and up. stands_out (H, W), 0 … 1."""
    rows, columns = (torch.nonzero(free.amin(dim) < 1)[:, 0] for dim in (1, 0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    rng = np.random.default_rng(seed)
    planes = torch.cat([picture, stands_out[None]])
    canvas = planes[:, top:bottom, left:right]
    for turned, before, after in (
        (False, left, planes.shape[2] - right),
        (True, top, planes.shape[1] - bottom),
    ):
        canvas = canvas.transpose(1, 2) if turned else canvas
        canvas = _to_the_right(canvas, after, turned, rng)
        canvas = _to_the_right(canvas.flip(2), before, turned, rng).flip(2)
        canvas = canvas.transpose(1, 2) if turned else canvas
    return canvas[:3].contiguous()


@dataclass(slots=True)
class _Piece:
    """planes (4, h, ·); columns: of the inner picture, first to last; cost: a px of it."""

    planes: Tensor
    columns: tuple[int, int]
    cost: float


def _to_the_right(inner: Tensor, room: int, turned: bool, rng: np.random.Generator) -> Tensor:
    """(4, h, w + room). turned: the right was above or below."""
    canvas, used = inner, torch.zeros(inner.shape[2])
    most = inner[3].quantile(MOST, 0)  # of a column
    bad = STANDING[turned] * ((most - CALM) / (1 - CALM)).clamp(min=0).square()
    if turned:
        bad[: round((1 - OUTER) * len(bad))] = NEVER
    while room > 0:
        piece = _continuation(inner, canvas, room, bad + USED * used, turned, rng)
        used[piece.columns[0] : piece.columns[1]] += 1
        canvas = torch.cat([canvas, piece.planes], 2)
        room -= piece.planes.shape[2]
    return canvas


def _continuation(
    inner: Tensor,
    canvas: Tensor,
    room: int,
    bad: Tensor,
    turned: bool,
    rng: np.random.Generator,
) -> _Piece:
    """What follows the band of `inner`, as it is or mirrored, that is most like the last band of
    the canvas; at most `room` px of it. bad (w,): how bad it is to show each column again."""
    width = inner.shape[2]
    band = min(max(LEAST_BAND_PX, round(BAND[turned] * width)), max(1, width // 2))
    shortest = min(room, max(1, round(SHORTEST[turned] * width)))
    best = _Piece(inner.flip(2)[:, :, :room], (max(0, width - room), width), np.inf)
    for is_mirrored, strip in ((False, inner), (True, inner.flip(2))):
        badness = torch.cat([bad.new_zeros(1), (bad.flip(0) if is_mirrored else bad).cumsum(0)])
        for place in range(band, width - shortest + 1):
            if rng.random() > CHANCE:
                continue
            for shift in SHIFTS_PX:
                start = _moved(strip[:, :, place - band : place], shift)
                gap, off = _gap(start[:3], canvas[:3, :, -band:])
                if is_mirrored:
                    gap += UPSIDE_DOWN if turned else MIRRORED * (place < 2 * band)
                for length in _lengths(shortest, min(room, width - place)):
                    shown = float(badness[place + length] - badness[place])
                    cost = (JOIN * width * gap + shown) / length
                    if cost < best.cost:
                        best = _cut(strip, place, length, shift, off, is_mirrored, cost)
    return best


def _lengths(shortest: int, most: int) -> list[int]:
    """Of pieces: as long as may be, and less and less."""
    lengths = [most]
    while lengths[-1] // 2 >= shortest:
        lengths.append(lengths[-1] // 2)
    return lengths


def _gap(start: Tensor, end: Tensor) -> tuple[float, Tensor]:
    """How unlike two bands (3, h, B) are; and how the second differs evenly across, (3, h, 1)."""
    gaps = end - start
    side = min(SMOOTH_PX, 2 * ((gaps.shape[1] - 1) // 2) + 1)
    across = gaps.mean(2)[None]
    smooth = F.avg_pool1d(F.pad(across, (side // 2, side // 2), mode="replicate"), side, 1)
    off = smooth[0, :, :, None].clamp(-MOST_OFF, MOST_OFF)
    return float((gaps - off).square().mean() + OFF * off.square().mean()), off


def _cut(
    strip: Tensor, place: int, length: int, shift: int, off: Tensor, is_mirrored: bool, cost: float
) -> _Piece:
    """A piece of the strip, in the colours of what it follows."""
    width = strip.shape[2]
    piece = _moved(strip[:, :, place : place + length], shift).clone()
    fading = torch.exp(-torch.arange(length) / (FADES * width))
    piece[:3] = (piece[:3] + off * fading).clamp(-1, 1)
    first, last = place, place + length
    columns = (width - last, width - first) if is_mirrored else (first, last)
    return _Piece(piece, columns, cost)


def _moved(strip: Tensor, down: int) -> Tensor:
    """(C, h, w) moved down, its border row repeated."""
    rows = (torch.arange(strip.shape[1]) - down).clamp(0, strip.shape[1] - 1)
    return strip[:, rows]
