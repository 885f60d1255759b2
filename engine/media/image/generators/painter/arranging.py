"""Where a composition begins: one reference framed anew, none of it cut through what stands out.

The ground is shown larger or smaller, with its horizon higher or lower (`horizon`), and in pieces
side by side (`pieces`). A figure that stands free is taken out of it and put back elsewhere, once
or several times, all together as large as what may be recognised. One that its picture's border
cuts, as a portrait, stays at that border.

Legend: size (h, w) of a layout; strip (7, h, w) a reference at the layout's scale: its colours; how
far down in the reference each place is, and how much it stands out, both 0 … 1; its row and its
column; draws (DRAWS,) numbers from 0 to 1 that decide everything (`schemes`).
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.painter.grounds import without
from engine.media.image.generators.painter.horizon import (
    horizon_of,
    with_horizon,
    within_reach,
)
from engine.media.image.generators.painter.pieces import cut, side_by_side
from engine.media.image.generators.painter.salience import Figure, parts_of
from engine.media.image.generators.painter.schemes import (
    CUT_OFF,
    FIGURES,
    MOST_FIGURES,
    ON_PLAIN,
    Draw,
    ground_seed,
    pieces_of,
    places_of,
    sides_of,
    third,
)
from engine.media.image.pyramid import resize, size_at

ZOOMED = (0.8, 2.0)  # how large a ground is shown; at 1 it just covers the layout …
OF_SEVERAL = (0.8, 1.25)  # … of several references, of which more is to be seen
MOST_ZOOM = 2.2  # of its own area: larger ones would need more memory
HORIZON = (-0.1, 1.1)  # how far down it lies, or just beyond
FITS = 1.0  # of the side that may be recognised: all figures'
LEAST_ZOOM = 0.4  # a figure that would have to be smaller is not shown whole …
LEAST_OF_SEVERAL = 0.22  # … unless there are others, or it is on a plain ground
LEAST_PIECE = 0.3  # of the length of the layout
JOINED = (0.3, 0.7)  # how far down a second reference begins …
JOIN = 0.3  # … how much of the height there is for the cut …
JOINS = 5  # … and of how many places that is taken where least is cut through
STANDING = 0.5  # from here something stands out: a join leaves it whole or takes it away
MOST_PASTED = 0.3  # of the layout: what is larger is no thing but the scene
FREE_FROM = 0.4  # of invention: from here pieces come from anywhere
OVERLAPS = 0.02  # of a figure's box: how much of it others may cover
BORDER = 0.04  # of a layout: so near to its border nothing stands that no border cut
BELOW_HORIZON = 0.1  # of a layout: so far below it a figure stands at least


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A reference (3, H, W) in [-1, 1], how much its places stand out (h, w), and its figure.
    zooms: how large it is shown, at least and at most, as in ZOOMED. most_zoom: shown larger than
    this it has no marks of its own, which matters where it repeats."""

    pixels: Tensor
    salience: Tensor
    figure: Figure | None
    zooms: tuple[float, float] = ZOOMED
    most_zoom: float = math.inf
    most_figures: int = MOST_FIGURES

    def figure_zoom(self, side: float) -> float | None:
        """How large a figure that stands free is shown, where what may be recognised has this side;
        None where there is none, or it would be too small."""
        if self.figure is None or not self.figure.is_free:
            return None
        zoom = min(1.0, FITS * side / self.figure.side)
        return zoom if zoom >= self._least_zoom else None

    @property
    def _least_zoom(self) -> float:
        is_plain = self.figure is not None and self.figure.on_plain
        return LEAST_OF_SEVERAL if is_plain else LEAST_ZOOM

    def figure_zooms(self, side: float, draws: Tensor) -> tuple[float, ...]:
        """Of the figures that a work shows: largest first."""
        zoom = self.figure_zoom(side)
        if zoom is None or self.figure is None:
            return ()
        kind = ON_PLAIN if self.figure.on_plain else CUT_OFF if self.figure.is_cut else FIGURES
        sides = sides_of(draws, kind)
        least = min(LEAST_OF_SEVERAL, zoom)
        shown = [max(least, zoom * each) for each in sides if zoom * each >= 0.7 * least]
        return tuple(shown[: self.most_figures])


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """picture (3, h, w) in [-1, 1]; heights, how far down in the reference each place is, and
    stands_out, (h, w) and 0 … 1; zoom: how large the reference is shown, its figures aside; moved
    (2, h, w): how much farther down and right each place was, as shares of h and w; in_figure
    (h, w): n where the nth figure is that was taken out of its ground, 0 elsewhere; figures: how
    large each is shown."""

    picture: Tensor
    heights: Tensor
    stands_out: Tensor
    zoom: float
    moved: Tensor
    in_figure: Tensor
    figures: tuple[float, ...] = ()

    @property
    def planes(self) -> Tensor:
        """(7, h, w)."""
        singles = torch.stack([self.heights, self.stands_out])
        return torch.cat([self.picture, singles, self.moved])


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
    zoom = zoom_of(seen, size, draws, invention) if zoom is None else zoom
    zooms = seen.figure_zooms(side, draws) if freedom else ()
    is_apart = freedom > 0 and seen.figure_zoom(side) is not None
    strip, columns = strip_of(seen, size, zoom), (0.5, 0.5)
    if is_apart and seen.figure is not None:
        strip = without(strip, seen.figure, ground_seed(draws))
    elif seen.figure is not None:
        columns = seen.figure.columns
    at = horizon_of(strip)
    middle = at + (size[0] - strip.shape[1]) / 2
    first, last = (size[0] * each for each in HORIZON)
    spare = strip.shape[1] - size[0]
    if spare > 0:
        first, last = (at - spare, at) if not is_apart else (min(first, at - spare), max(last, at))
    wanted = first + (last - first) * near_an_end(draws[Draw.HORIZON].item())
    target = middle + freedom * (within_reach(at, strip.shape[1], size[0], wanted) - middle)
    high = with_horizon(strip, at, size[0], target)
    right = 0.5 + freedom * (near_an_end(draws[Draw.ACROSS].item()) - 0.5)
    parted = max(0.0, 2 * draws[Draw.LENGTH].item() - 1)
    shortest = 1 - freedom * (1 - LEAST_PIECE) * parted
    wide = side_by_side(high, size[1], columns, right, shortest, pieces_of(draws))
    inside = torch.zeros(size)
    for number, each in enumerate(zooms):
        assert seen.figure is not None
        strip = strip_of(seen, size, each)
        wide, inside = _with_figure(wide, inside, strip, seen.figure, number, draws, target)
    picture, heights, standing = wide[:3].clamp(-1, 1), wide[3].clamp(0, 1), wide[4].clamp(0, 1)
    moved = torch.stack(
        [
            (wide[5] - torch.arange(size[0])[:, None]) / size[0],
            (wide[6] - torch.arange(size[1])) / size[1],
        ]
    )
    return Arrangement(picture, heights, standing, zoom, moved, inside, zooms)


def near_an_end(drawn: float) -> float:
    """0 … 1, more often near 0 and 1: what is seen at the two ends differs most."""
    return (1 - math.cos(math.pi * drawn)) / 2


def freedom_of(invention: float) -> float:
    """0 … 1."""
    return min(1.0, invention / FREE_FROM)


def zoom_of(seen: Seen, size: tuple[int, int], draws: Tensor, invention: float) -> float:
    """How large a reference is shown."""
    freedom, (least, most) = freedom_of(invention), seen.zooms
    whole = covering(seen.pixels, size)
    if not freedom:
        return max(1.0, min(MOST_ZOOM, whole))
    wide = max(whole, 1 / whole)
    drawn = wide * least * (most / least) ** draws[Draw.ZOOM].item()
    return min(MOST_ZOOM, drawn) ** freedom


def joined(upper: Arrangement, lower: Arrangement, draws: Tensor) -> tuple[Arrangement, Tensor]:
    """Two layouts of one size and zoom, without figures, one above the other, as a sky above a sea;
    and where it is the lower one (h, w)."""
    height = upper.heights.shape[0]
    lap = max(2, round(JOIN * height))
    above, below = (
        torch.cat([each.planes, torch.full_like(each.heights, n)[None]]).transpose(1, 2)
        for n, each in enumerate((upper, lower))
    )
    cuts = []
    for turn in range(JOINS):
        share = math.fmod(draws[Draw.JOIN].item() + turn / JOINS, 1.0)
        down = JOINED[0] + (JOINED[1] - JOINED[0]) * share
        first = min(max(0, round(down * height) - lap // 2), height - lap)
        cuts.append(cut(above[:, :, : first + lap], below[:, :, first:], lap))
    is_lower = min(cuts, key=lambda each: each[1])[0][7].T > 0.5
    kept, lost = _whole(lower, is_lower), _whole(upper, ~is_lower, severed=True)
    is_lower = is_lower | kept
    sky = _without(upper.planes, lost & ~is_lower)
    both = torch.where(is_lower, lower.planes, sky)
    moved = Arrangement(both[:3], both[3], both[4], upper.zoom, both[5:7], upper.in_figure)
    return moved, is_lower.float()


def _whole(part: Arrangement, shown: Tensor, severed: bool = False) -> Tensor:
    """(h, w) of bool: what stands out in a layout of which only a part is `shown` and is cut by its
    border: whole, where it is small enough and ends in the layout; `severed`: its shown part."""
    parts = parts_of(part.stands_out > STANDING)
    found = torch.zeros_like(shown)
    for number in range(1, int(parts.max()) + 1):
        own = parts == number
        if not (own & shown).any() or not (own & ~shown).any():
            continue
        if severed:
            found |= own & shown
        elif float(own.float().mean()) < MOST_PASTED and not own[0].any():
            found |= own
    return found


def _without(planes: Tensor, hole: Tensor) -> Tensor:
    """(7, h, w): the hole with the colours that its rows have elsewhere, as skies have them; where
    a row has none, those of the row above."""
    picture, colour = planes[:3].clone(), planes[:3].mean((1, 2))
    for row in range(len(hole)):
        free = ~hole[row] & (planes[4, row] < STANDING)
        if free.any():
            colour = planes[:3, row, free].mean(1)
        picture[:, row, hole[row]] = colour[:, None]
    standing = torch.where(hole, 0.0, planes[4])
    return torch.cat([picture, planes[3:4], standing[None], planes[5:]])


def covering(pixels: Tensor, size: tuple[int, int]) -> float:
    """How large a reference reaches from above to below."""
    height, width = pixels.shape[1:]
    return size[0] / math.sqrt(size[0] * size[1] * height / width)


def strip_of(seen: Seen, size: tuple[int, int], zoom: float) -> Tensor:
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


def _with_figure(
    canvas: Tensor,
    inside: Tensor,
    strip: Tensor,
    figure: Figure,
    number: int,
    draws: Tensor,
    horizon: float,
) -> tuple[Tensor, Tensor]:
    """The canvas (7, h, w) with the figure of the strip, at the place of its that overlaps the
    others least; and which figure is where (h, w)."""
    mask = mask_at(figure, (strip.shape[1], strip.shape[2]))
    down, right = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
    if not len(down):
        return canvas, inside
    box = slice(int(down[0]), int(down[-1]) + 1), slice(int(right[0]), int(right[-1]) + 1)
    piece, own = strip[:, box[0], box[1]], mask[box[0], box[1]]
    height, width = min(piece.shape[1], canvas.shape[1]), min(piece.shape[2], canvas.shape[2])
    piece, own = piece[:, :height, :width], own[:height, :width]
    lowest = canvas.shape[1]
    if inside.any() and not figure.on_plain:  # what is smaller is farther away
        lowest = int((inside == inside.max()).any(1).nonzero()[-1]) + 1
    best: tuple[float, int, int] | None = None
    for drawn in places_of(draws, number):
        room = lowest, canvas.shape[2]
        top, left = _place(drawn, figure, (height, width), room, number, horizon)
        near = slice(max(0, top - 1), top + height + 1), slice(max(0, left - 1), left + width + 1)
        covered = (inside[near] > 0).float().mean().item()
        if best is None or covered < best[0]:
            best = covered, top, left
        if covered <= OVERLAPS:
            break
    assert best is not None
    if number and best[0] > OVERLAPS:
        return canvas, inside
    _, top, left = best
    where = inside.clone()
    there = where[top : top + height, left : left + width]
    there.copy_(torch.where(own > 0, float(number + 1), there))
    out = canvas.clone()
    behind = out[:, top : top + height, left : left + width]
    behind.copy_(torch.where(own > 0, piece, behind))
    out[4] = (where > 0).float()
    return out, where


def mask_at(figure: Figure, size: tuple[int, int]) -> Tensor:
    """(*size): 1 where it is; on plain ground also where only little of a place is of it, since
    thin lines are, and there is nothing else around them."""
    if figure.on_plain:
        return (F.adaptive_max_pool2d(figure.mask[None, None], size)[0, 0] > 0).float()
    return (_at(figure.mask, size)[0] > 0.5).float()


def _place(
    drawn: tuple[float, float],
    figure: Figure,
    box: tuple[int, int],
    room: tuple[int, int],
    number: int,
    horizon: float,
) -> tuple[int, int]:
    """The upper left corner of a figure's box, in so many rows and columns. The first has its
    middle at a third. On plain ground figures stand anywhere, elsewhere below the horizon."""
    (height, width), (rows, columns) = box, room
    margin = round(BORDER * min(rows, columns))
    lowest = rows - height - margin
    highest = margin if figure.on_plain else round(horizon + BELOW_HORIZON * rows) - height
    highest = min(max(highest, margin), max(lowest, 0))
    top = round(highest + drawn[1] * (lowest - highest))
    left = round(drawn[0] * (columns - width))
    if not number:
        left = round(third(drawn[0]) * columns - width / 2)
    left = min(max(left, margin), columns - width - margin)
    if figure.cut.below or figure.ends_level:
        top = rows - height
    if figure.cut.left:
        left = 0
    if figure.cut.right:
        left = columns - width
    return max(0, min(top, rows - height)), max(0, min(left, columns - width))
