"""Pieces of one strip side by side, which meet where they differ least and where nothing stands out
(minimum error boundary cut, Efros and Freeman 2001).

Legend: strip (7, h, w) as in `arranging`: its fifth plane says how much a place stands out. Pieces
go on to the right; for the other direction the strip is turned before and after.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

OVERLAP = 0.25  # of the length of the layout, where a piece may meet the next
JUMP = 0.15  # of the length of the strip: a piece goes on at least so far from where the last ended
STANDING = 2.0  # how much worse a cut is through what stands out
REPEATED = 1.0  # how much worse a piece is that repeats what stands out


def side_by_side(
    strip: Tensor,
    length: int,
    span: tuple[float, float],
    where: float,
    shortest: float,
    offers: Sequence[Sequence[Sequence[float]]],
) -> Tensor:
    """(C, h, length): a piece of the strip (C, h, w) that holds the `span` of its figure whole, as
    far as that fits, at `where` (0 … 1) of the room; then what goes on from it on either side.
    shortest: of the piece, as a share of the length."""
    whole = strip.shape[2]
    first, last = round(span[0] * whole), round(span[1] * whole)
    need = min(whole, length, max(last - first, round(shortest * length), 2))
    least, most = max(0, last - need), min(whole - need, first)
    if last == first:  # no figure
        least, most = 0, whole - need
    elif least > most:  # it is longer than the layout: its middle
        least = most = min(whole - need, max(0, (first + last - need) // 2))
    left = round(least + where * (most - least))
    before = round(where * (length - need))
    ends = left + need, whole - left
    canvas = strip[:, :, left : left + need]
    after = length - need - before
    canvas = _going_on(canvas, strip, ends[0], after, offers[0], length)
    turned = canvas.flip(2), strip.flip(2)
    return _going_on(*turned, ends[1], before, offers[1], length).flip(2)


def _going_on(
    canvas: Tensor,
    strip: Tensor,
    reached: int,
    room: int,
    offers: Sequence[Sequence[float]],
    length: int,
) -> Tensor:
    """(C, h, w + room): the canvas, and pieces of the strip after it; of the places that are
    offered for one, that where it meets the last one best. reached: the place in the strip where
    the canvas ends."""
    whole, turn = strip.shape[2], 0
    while room > 0:
        lap = min(max(2, round(OVERLAP * length)), canvas.shape[2] // 2, whole // 3)
        if lap < 1:
            return torch.cat([canvas, canvas[:, :, -1:].expand(-1, -1, room)], 2)
        need = min(room, max(1, whole - lap))
        last = whole - need
        lefts = {min(lap, last) + round(place * abs(last - lap)) for place in offers[turn]}
        far = sorted(x for x in lefts if abs(x - reached) >= JUMP * whole) or sorted(lefts)
        cuts = [cut(canvas, strip[:, :, left - lap : left + need], lap) for left in far]
        best = min(range(len(cuts)), key=lambda n: cuts[n][1])
        canvas, reached = cuts[best][0], far[best] + need
        room, turn = room - need, (turn + 1) % len(offers)
    return canvas


def cut(left: Tensor, right: Tensor, overlap: int) -> tuple[Tensor, float]:
    """(C, h, a + b - overlap): both, cut from top to bottom where they differ least and nothing
    stands out; and how bad the piece on the right is."""
    old, new = left[:, :, -overlap:], right[:, :, :overlap]
    standing = torch.maximum(old[4], new[4]).square()
    gaps = ((old - new)[:4].square().sum(0) + STANDING * standing).numpy()
    total = gaps.copy()
    for i in range(1, len(gaps)):
        above = np.pad(total[i - 1], 1, constant_values=np.inf)
        total[i] += np.minimum(np.minimum(above[:-2], above[2:]), above[1:-1])
    column = int(total[-1].argmin())
    cost, seam = float(total[-1, column]) / len(gaps), np.empty(len(gaps), int)
    for i in range(len(gaps) - 1, -1, -1):
        if i < len(gaps) - 1:
            near = slice(max(0, column - 1), column + 2)
            column = near.start + int(total[i, near].argmin())
        seam[i] = column
    is_new = torch.from_numpy(np.arange(overlap)[None] > seam[:, None])
    joined = [left[:, :, :-overlap], torch.where(is_new, new, old), right[:, :, overlap:]]
    return torch.cat(joined, 2), cost + REPEATED * float(right[4].square().mean())
