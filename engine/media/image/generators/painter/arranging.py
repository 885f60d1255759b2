"""Where a composition begins: pieces of one reference, none of which cuts through what stands out.

A scene is cut into pieces side by side, which meet where they differ least and where nothing stands
out (minimum error boundary cut, Efros and Freeman 2001). A figure that stands free is taken out of
its ground, which is a scene then, and put back into it elsewhere, as large as what may be
recognised. One that its picture's border cuts, as a portrait, stays in its place.

Legend: size (h, w) of a layout; strip (7, h, w) a reference at the layout's scale: its colours; how
far down in the reference each place is, and how much it stands out, both 0 … 1; its row and its
column; draws (DRAWS,)
numbers from 0 to 1 that decide everything. Pieces go on to the right; for the other directions the
strip is turned before and after.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.painter.salience import AT_BORDER, Figure
from engine.media.image.generators.transport.ground import evenly_filled
from engine.media.image.pyramid import resize, size_at

OFFERS = 8  # places that are tried for a further piece
MOST_PIECES = 4
_CHOICES = 5
DRAWS = _CHOICES + OFFERS * MOST_PIECES * 4 + 2
ZOOMED = (1.0, 1.35)  # how large a scene is shown, at freedom 1
NEARER = (1.0, 1.15)  # … and where there is a figure
MOST_ZOOM = 1.5  # of what is wider than the layout, so that it reaches from above to below
FITS = 1.0  # of the side that may be recognised: a figure's
LEAST_ZOOM = 0.4  # a figure that would have to be smaller is not shown whole
OVERLAP = 0.25  # of the length of the layout, where a piece may meet the next
LEAST_PIECE = 0.3  # of the length of the layout
JUMP = 0.15  # of the length of the strip: a piece goes on at least so far from where the last ended
OUTER = 0.45  # of the reference's height: what goes on above it and below it comes from there
STANDING = 2.0  # how much worse a cut is through what stands out
REPEATED = 1.0  # how much worse a piece is that repeats what stands out
JOINED = (0.35, 0.6)  # how far down a second reference begins …
JOIN = 0.3  # … and how much of the height there is for the cut
FREE_FROM = 0.4  # of invention: from here pieces come from anywhere


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A reference (3, H, W) in [-1, 1], how much its places stand out (h, w), and its figure."""

    pixels: Tensor
    salience: Tensor
    figure: Figure | None

    def figure_zoom(self, side: float) -> float | None:
        """How large a figure that stands free is shown, where what may be recognised has this side;
        None where there is none, or it would be too small."""
        if self.figure is None or not self.figure.is_free:
            return None
        zoom = min(1.0, FITS * side / self.figure.side)
        return zoom if zoom >= LEAST_ZOOM else None


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """picture (3, h, w) in [-1, 1]; heights, how far down in the reference each place is, and
    stands_out, (h, w) and 0 … 1; zoom: how large the reference is shown, its figure aside; moved
    (2, h, w): how much farther down and right each place was, as shares of h and w; in_figure
    (h, w): 1 where a figure is that was taken out of its ground (None: it was not)."""

    picture: Tensor
    heights: Tensor
    stands_out: Tensor
    zoom: float
    moved: Tensor
    in_figure: Tensor | None = None

    @property
    def planes(self) -> Tensor:
        """(7, h, w)."""
        singles = torch.stack([self.heights, self.stands_out])
        return torch.cat([self.picture, singles, self.moved])


def draws_of(seeds: Sequence[int]) -> Tensor:
    """(N, DRAWS) of the works' seeds."""
    return torch.stack(
        [torch.rand(DRAWS, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    )


def arranged(
    seen: Seen,
    size: tuple[int, int],
    draws: Tensor,
    invention: float,
    side: float,
    zoom: float | None = None,
) -> Arrangement:
    """The layout that `draws` make of a reference. side: how large a figure may be, as a share of
    the layout's shorter side. invention: at 0 the reference as it is, in the middle. zoom: instead
    of that of `zoom_of`."""
    freedom = freedom_of(invention)
    _, down, right, length, across = draws[:_CHOICES].tolist()
    zoom = zoom_of(seen, size, draws, invention) if zoom is None else zoom
    figure, figure_zoom = seen.figure, seen.figure_zoom(side)
    if not freedom:
        figure_zoom = None
    strip = _strip(seen, size, zoom)
    if figure is not None and figure_zoom is not None:
        strip = _without(strip, figure)
    rows, columns = (0.5, 0.5), (0.5, 0.5)
    if figure is not None and figure_zoom is None:
        rows, columns = figure.rows, figure.columns
    offers = draws[_CHOICES:-2].reshape(4, MOST_PIECES, OFFERS).tolist()
    down, right = (0.5 + freedom * (each - 0.5) for each in (down, right))
    high = _placed(strip.transpose(1, 2), size[0], rows, down, 1.0, offers[:2], True)
    shortest = 1 - freedom * (1 - LEAST_PIECE) * length
    wide = _placed(high.transpose(1, 2), size[1], columns, right, shortest, offers[2:], False)
    inside = None
    if figure is not None and figure_zoom is not None:
        strip = _strip(seen, size, zoom * figure_zoom)
        wide, inside = _with_figure(wide, strip, figure, across)
    picture, heights, standing = wide[:3].clamp(-1, 1), wide[3].clamp(0, 1), wide[4].clamp(0, 1)
    moved = torch.stack(
        [
            (wide[5] - torch.arange(size[0])[:, None]) / size[0],
            (wide[6] - torch.arange(size[1])) / size[1],
        ]
    )
    return Arrangement(picture, heights, standing, zoom, moved, inside)


def freedom_of(invention: float) -> float:
    """0 … 1."""
    return min(1.0, invention / FREE_FROM)


def zoom_of(seen: Seen, size: tuple[int, int], draws: Tensor, invention: float) -> float:
    """How large a reference is shown."""
    nearest = ZOOMED if seen.figure is None else NEARER
    zoom = (nearest[0] * (nearest[1] / nearest[0]) ** draws[0].item()) ** freedom_of(invention)
    return max(zoom, min(MOST_ZOOM, _covering(seen.pixels, size)))


def joined(upper: Arrangement, lower: Arrangement, draws: Tensor) -> tuple[Arrangement, Tensor]:
    """Two layouts of one size and zoom, without figures, one above the other, as a sky above a sea;
    and where it is the lower one (h, w)."""
    height = upper.heights.shape[0]
    down = JOINED[0] + (JOINED[1] - JOINED[0]) * draws[_CHOICES - 1].item()
    lap = max(2, round(JOIN * height))
    first = min(max(0, round(down * height) - lap // 2), height - lap)
    above, below = (
        torch.cat([each.planes, torch.full_like(each.heights, n)[None]]).transpose(1, 2)
        for n, each in enumerate((upper, lower))
    )
    both = _cut(above[:, :, : first + lap], below[:, :, first:], lap)[0].transpose(1, 2)
    moved = Arrangement(both[:3], both[3], both[4], upper.zoom, both[5:7])
    return moved, both[7]


def _covering(pixels: Tensor, size: tuple[int, int]) -> float:
    """How large a reference reaches from above to below."""
    height, width = pixels.shape[1:]
    return size[0] / math.sqrt(size[0] * size[1] * height / width)


def _strip(seen: Seen, size: tuple[int, int], zoom: float) -> Tensor:
    """(7, h, w)."""
    shape = seen.pixels.shape[1], seen.pixels.shape[2]
    there = size_at(*shape, zoom * math.sqrt(size[0] * size[1]))
    small = resize(seen.pixels[None], there)[0]
    heights = torch.linspace(0, 1, there[0])[None, :, None].expand(1, *there)
    rows = torch.arange(there[0], dtype=torch.float32)[None, :, None].expand(1, *there)
    columns = torch.arange(there[1], dtype=torch.float32).expand(1, *there)
    return torch.cat([small, heights, _at(seen.salience, there), rows, columns])


def _at(plane: Tensor, size: tuple[int, int]) -> Tensor:
    """(h, w) → (1, *size)."""
    return F.interpolate(plane[None, None], size, mode="bilinear", align_corners=False)[0]


def _without(strip: Tensor, figure: Figure) -> Tensor:
    """The ground of a figure, evenly gone on behind it; nothing of it stands out."""
    free = (_at(figure.around, (strip.shape[1], strip.shape[2]))[0] > 0.1).float()
    ground = strip[None, :3] if bool(free.all()) else evenly_filled(strip[None, :3], free)
    return torch.cat([ground[0], strip[3:4], torch.zeros_like(strip[4:5]), strip[5:]])


def _with_figure(
    canvas: Tensor, strip: Tensor, figure: Figure, across: float
) -> tuple[Tensor, Tensor]:
    """The canvas (7, h, w) with the figure of the strip, on the height that it has there, `across`
    (0 … 1) of the room from left to right; and where it is (h, w)."""
    mask = (_at(figure.mask, (strip.shape[1], strip.shape[2]))[0] > 0.5).float()
    down, right = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
    box = slice(int(down[0]), int(down[-1]) + 1), slice(int(right[0]), int(right[-1]) + 1)
    piece, inside = strip[:, box[0], box[1]], mask[box[0], box[1]]
    height, width = min(piece.shape[1], canvas.shape[1]), min(piece.shape[2], canvas.shape[2])
    piece, inside = piece[:, :height, :width], inside[:height, :width]
    foot = (
        canvas.shape[1]
        if figure.rows[1] > 1 - AT_BORDER
        else round((int(down[-1]) + 1) / strip.shape[1] * canvas.shape[1])
    )
    top = min(canvas.shape[1] - height, max(0, foot - height))
    across = 0.0 if figure.columns[0] < AT_BORDER else across  # what a border cuts stays at it
    across = 1.0 if figure.columns[1] > 1 - AT_BORDER else across
    left = round(across * (canvas.shape[2] - width))
    where = torch.zeros(canvas.shape[1:])
    where[top : top + height, left : left + width] = inside
    out = canvas.clone()
    there = out[:, top : top + height, left : left + width]
    there.copy_(torch.where(inside > 0, piece, there))
    out[4] = where
    return out, where


def _placed(
    strip: Tensor,
    length: int,
    span: tuple[float, float],
    where: float,
    shortest: float,
    offers: Sequence[Sequence[Sequence[float]]],
    is_upright: bool,
) -> Tensor:
    """(C, h, length): a piece of the strip (C, h, w) that holds the `span` of its figure whole, as
    far as that fits, at `where` (0 … 1) of the room; then what goes on from it on either side.
    shortest: of the piece, as a share of the length. is_upright: turned, from above to below."""
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
    canvas = _going_on(canvas, strip, ends[0], after, offers[0], length, is_upright)
    turned = canvas.flip(2), strip.flip(2)
    return _going_on(*turned, ends[1], before, offers[1], length, is_upright).flip(2)


def _going_on(
    canvas: Tensor,
    strip: Tensor,
    reached: int,
    room: int,
    offers: Sequence[Sequence[float]],
    length: int,
    is_upright: bool,
) -> Tensor:
    """(C, h, w + room): the canvas, and pieces of the strip after it; of the places that are
    offered for one, that where it meets the last one best. reached: the place in the strip where
    the canvas ends."""
    whole, turn = strip.shape[2], 0
    while room > 0:
        lap = min(max(2, round(OVERLAP * length)), canvas.shape[2] // 2, whole // 3)
        if lap < 1:
            return torch.cat([canvas, canvas[:, :, -1:].expand(-1, -1, room)], 2)
        span = round(OUTER * whole) if is_upright else whole  # what is above comes from above
        need = min(room, max(1, span - lap))
        first, last = max(lap, whole - span), whole - need
        lefts = {min(first, last) + round(place * abs(last - first)) for place in offers[turn]}
        far = sorted(x for x in lefts if abs(x - reached) >= JUMP * whole) or sorted(lefts)
        cuts = [_cut(canvas, strip[:, :, left - lap : left + need], lap) for left in far]
        best = min(range(len(cuts)), key=lambda n: cuts[n][1])
        canvas, reached = cuts[best][0], far[best] + need
        room, turn = room - need, (turn + 1) % len(offers)
    return canvas


def _cut(left: Tensor, right: Tensor, overlap: int) -> tuple[Tensor, float]:
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
