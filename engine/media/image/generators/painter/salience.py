"""What of a picture stands out: figures, faces, a lone tree. A place stands out where even the
places most like it, among those nearby most of all, are unlike it (Goferman et al. 2010,
context-aware saliency; here of descriptors instead of colours).

Legend: picture (3, H, W) in [-1, 1], P = h · w places of a coarse grid, descriptors (P, D).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import label
from torch import Tensor

from engine.media.image.generators.painter.features import FeatureNet, principal_axes
from engine.media.image.pyramid import resize, size_at

SEEN_PX = (144.0, 104.0)  # the scale at which descriptors are made; where there is less time
AXES = 24
COLOUR = 0.3  # the weight of a colour beside the descriptor, in its deviations
CELL = 3  # descriptors a side of one place
ALIKE = 1 / 16  # of the places: those that are compared, the most alike
FAR = 3.0  # how much less a place counts at the other end of the picture
RANGE = (0.05, 0.98)  # the quantiles that become 0 and 1
STANDS_OUT, MASK, AROUND = 0.5, 0.35, 0.3  # of a figure's middle, of it, and of all that is its
SIDES = 0.35, 0.8  # of a figure: what is smaller is a detail, what is larger the scene
CUT_OFF = 0.4  # of its width: a figure that has more of it at the upper border is cut off there
CUT_AT_SIDE = 0.55  # the same of the others, where what surrounds a figure is wider
LOWEST = 0.08  # of its rows: those that say how a figure ends below …
NEAR_BELOW = 0.9  # … where it reaches down so far in its picture
AT_BORDER = 0.06  # what ends so near to a border goes on beyond it
PLAIN_PX = 160.0  # the scale at which a plain ground is looked for
PLAIN = 0.06  # of [-1, 1]: how much a plain ground may differ from its colour
PLAIN_BORDER, PLAIN_SHARE = 0.72, 0.2  # of the border, and of the picture: the least that is plain


class Cut(NamedTuple):
    """The borders of its picture that cut a figure off."""

    below: bool
    left: bool
    right: bool


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """What stands out most. rows, columns: where it begins and ends, 0 … 1; side: the root of its
    area, as a share of the picture's shorter side; is_free: it ends before the upper border, so
    that its ground goes on behind it; mask and around (h, w): 1 where it is, and
    where anything of it may be; on_plain: its ground is one plain colour."""

    rows: tuple[float, float]
    columns: tuple[float, float]
    side: float
    is_free: bool
    mask: Tensor
    around: Tensor
    on_plain: bool = False

    @property
    def cut(self) -> Cut:
        down, right = self.mask.sum(1), self.mask.sum(0)
        return Cut(
            bool(down[-1] > CUT_AT_SIDE * down.max()),
            bool(right[0] > CUT_AT_SIDE * right.max()),
            bool(right[-1] > CUT_AT_SIDE * right.max()),
        )

    @property
    def ends_level(self) -> bool:
        """Whether it ends near the lower border and there is as wide as it is, as a bust does that
        a frame goes around, and does not stand on feet."""
        down = self.mask.sum(1)
        own = down[down > 0]
        lowest = own[-max(1, round(LOWEST * len(own))) :]
        is_wide = bool(lowest.median() > CUT_AT_SIDE * down.max())
        return is_wide and self.rows[1] > NEAR_BELOW and not self.on_plain

    @property
    def is_cut(self) -> bool:
        return any(self.cut)


@torch.no_grad()
def salience_of(picture: Tensor, net: FeatureNet, seen_px: float = SEEN_PX[0]) -> Tensor:
    """(h, w), 0 … 1: how much each place stands out."""
    small = resize(picture[None], size_at(picture.shape[1], picture.shape[2], seen_px))[0]
    found = net(small)
    told = principal_axes([found], AXES).of(found)
    colours = F.interpolate(small[None], told.shape[1:], mode="area")[0]
    colours = (colours - colours.mean((1, 2), keepdim=True)) / colours.std().clamp(min=0.05)
    both = torch.cat([told, COLOUR * colours])
    cells = F.avg_pool2d(both[None], CELL, ceil_mode=True)[0]
    height, width = cells.shape[1:]
    rows = cells.flatten(1).T
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    places = torch.stack([y.flatten(), x.flatten()], 1).float() / max(height, width)
    gaps = torch.cdist(rows, rows) / (1 + FAR * torch.cdist(places, places))
    count = max(2, round(len(rows) * ALIKE))
    rare = gaps.topk(count, 1, largest=False).values.mean(1).reshape(1, 1, height, width)
    smooth = F.avg_pool2d(F.pad(rare, (1, 1, 1, 1), mode="replicate"), 3, 1)[0, 0]
    low, high = torch.quantile(smooth, torch.tensor(RANGE)).tolist()
    return ((smooth - low) / max(high - low, 1e-6)).clamp(0, 1)


def figure_in(salience: Tensor) -> Figure | None:
    """The largest connected part that stands out; none where nothing does, or where it reaches from
    the left border to the right: then it is a part of the ground."""
    parts = parts_of(salience > STANDS_OUT)
    areas = torch.bincount(parts.flatten())
    areas[0] = 0
    if not areas.any():
        return None
    part = parts == int(areas.argmax())
    area, shorter = int(part.sum()), min(salience.shape)
    rows, columns = span_of(part.any(1)), span_of(part.any(0))
    side = area**0.5 / shorter
    if not SIDES[0] <= side <= SIDES[1]:
        return None
    if spans(columns):
        return None
    mask, around = (_grown(part, salience > least) for least in (MASK, AROUND))
    around = F.max_pool2d(around[None, None], 3, 1, 1)[0, 0]
    return Figure(rows, columns, side, _ends_below_top(part), mask, around)


def spans(columns: tuple[float, float]) -> bool:
    """Whether what has these columns reaches from the left border to the right."""
    return columns[0] < AT_BORDER and columns[1] > 1 - AT_BORDER


def drawn_on_plain(picture: Tensor) -> Figure | None:
    """All that is drawn on a ground of one plain colour, as one figure; none where there is no such
    ground around it."""
    small, colour = _at_plain_px(picture), plain_around(picture)
    if colour is None:
        return None
    parts = parts_of((small - colour[:, :, None]).abs().amax(0) < PLAIN)
    around = torch.cat([parts[0], parts[-1], parts[:, 0], parts[:, -1]]).unique()
    drawn = ~torch.isin(parts, around[around > 0])
    if not drawn.any() or float(drawn.float().mean()) > 1 - PLAIN_SHARE:
        return None
    rows, columns = span_of(drawn.any(1)), span_of(drawn.any(0))
    side = int(drawn.sum()) ** 0.5 / min(drawn.shape)
    mask = F.max_pool2d(drawn.float()[None, None], 3, 1, 1)[0, 0]
    return Figure(rows, columns, side, _ends_below_top(drawn), mask, mask, on_plain=True)


def plain_around(picture: Tensor) -> Tensor | None:
    """(3, 1): the colour of most of its border, if there is one."""
    small = _at_plain_px(picture)
    border = torch.cat([small[:, 0], small[:, -1], small[:, :, 0], small[:, :, -1]], 1)
    colour = border.median(1).values[:, None]
    is_plain = (border - colour).abs().amax(0) < PLAIN
    return colour if float(is_plain.float().mean()) >= PLAIN_BORDER else None


def _at_plain_px(picture: Tensor) -> Tensor:
    return resize(picture[None], size_at(picture.shape[1], picture.shape[2], PLAIN_PX))[0]


def _ends_below_top(part: Tensor) -> bool:
    """Whether a part (h, w) of a picture is not cut off by its upper border."""
    return int(part[0].sum()) <= CUT_OFF * int(part.sum(1).max())


def _grown(part: Tensor, allowed: Tensor) -> Tensor:
    """(h, w), 1 in the connected part of what is allowed that holds `part`."""
    parts = parts_of(allowed)
    return (parts == int(parts[part][0])).float()


def parts_of(mask: Tensor) -> Tensor:
    """(h, w): a number from 1 on for each connected part, 0 elsewhere."""
    parts = np.zeros(tuple(mask.shape), np.int32)
    label(mask.numpy(), output=parts)
    return torch.from_numpy(parts).long()


def span_of(found: Tensor) -> tuple[float, float]:
    places = found.nonzero()[:, 0]
    return int(places[0]) / len(found), (int(places[-1]) + 1) / len(found)
