"""A scene with its horizon higher or lower: rows beyond what there is are cropped, and where there
is too little, the rows in which nothing stands out are shown longer (as in resizing that follows
the content: Avidan and Shamir 2007, Wolf et al. 2007). Rows in which something stands out keep
their height, so that what is there can be found again.

Legend: strip (7, h, w) as in `arranging`; lengths in rows.
"""

import numpy as np
import torch
from torch import Tensor

LONGER = 1.9  # times what there is above and below
MARGIN = 0.15  # of the strip: the horizon is not so near its border
STANDING_ROW = 0.9  # the quantile of a row's places that says how much it stands out
_EVEN = 0.02  # how much longer rows get where something stands out in all of them
_POWER = 3.0


def horizon_of(strip: Tensor) -> int:
    """The row at which what is above differs most from what is below: the mean colours of rows
    fall into two groups with the least spread within (least squares, as a change point)."""
    rows = strip[:3].mean(2).double().numpy()  # (3, h)
    height = rows.shape[1]
    total, squares = rows.cumsum(1), (rows**2).cumsum(1)
    counts = np.arange(1, height + 1)
    above = (squares - total**2 / counts).sum(0)[:-1]
    left = counts[-1] - counts[:-1]
    rest = squares[:, -1:] - squares[:, :-1] - (total[:, -1:] - total[:, :-1]) ** 2 / left
    spread = above + rest.sum(0)
    first = min(max(1, round(MARGIN * height)), height - 1)
    last = max(first + 1, height - first)
    return first + int(np.argmin(spread[first - 1 : last - 1]))


def within_reach(at: int, height: int, length: int, wanted: float) -> float:
    """Where a horizon at row `at` of `height` can lie on a canvas of `length` rows, the nearest to
    what is wanted."""
    least, most = length - LONGER * (height - at), LONGER * at
    return min(max(wanted, least), most) if least <= most else at + (length - height) / 2


def with_horizon(strip: Tensor, at: int, length: int, target: float) -> Tensor:
    """(C, length, w): the strip (C, h, w) with its row `at` at `target`, which may be outside."""
    standing = torch.quantile(strip[4], STANDING_ROW, 1).double().numpy()
    weights = (1 - standing).clip(0, 1) ** _POWER + _EVEN
    target_row = min(max(round(target), 0), length)
    shift = target_row - round(target)
    at = min(max(at + shift, 0), strip.shape[1])
    above = _spread(weights[:at][::-1], target_row)[::-1]
    below = _spread(weights[at:], length - target_row)
    rows = np.concatenate([at - 1 - above, at + below])
    rows = torch.from_numpy(rows.copy()).float().clamp(0, strip.shape[1] - 1)
    low = rows.floor().long()
    high = (low + 1).clamp(max=strip.shape[1] - 1)
    return torch.lerp(strip[:, low], strip[:, high], (rows - low)[None, :, None])


def _spread(weights: np.ndarray, length: int) -> np.ndarray:
    """(length,): of which row each of so many rows is shown, beginning with the first; where there
    are too few, those with large weights are longer."""
    count = len(weights)
    if length <= count:
        return np.arange(length, dtype=float)
    if not count:
        return np.zeros(length)
    longer = 1 + (length - count) * weights / weights.sum()
    ends = np.concatenate([[0.0], longer.cumsum()])
    return np.interp(np.arange(length) + 0.5, ends, np.arange(count + 1)) - 0.5
