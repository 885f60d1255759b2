"""Nearest patches by PatchMatch: propagation and random search (Barnes et al. 2009, section 3).

What is minimised is the distance of each patch, times 1 + κ (1 - a): a is the share of its four
neighbours that were taken from the same place, so that pieces of the sources stay whole unless
another patch is clearly nearer (the coherence of Image Analogies: Hertzmann et al. 2001, 3.2).

Legend: K sources, C channels, patches of P × P px named by their upper left corner; canvas
(H, W·C) and keys (K, H_k, W_k·C) with the channels of a pixel side by side. field (H', W', 3): for
each patch of the canvas the source k and the corner (y, x) there that is nearest so far; cost
(H', W') its cost. Where the canvas wraps it comes with P - 1 more rows and columns from the start.

The canvas is swept in bands of rows of one height. A band sees of the others what they held before
the sweep, and chance is a hash of seed and place: so the result depends neither on the number of
threads nor on their order.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

PATCH_PX = 7
BAND_ROWS = 32
FIGURE = 2  # of active patches
AWAY = 2.5  # how many times farther another source seems than the one that a patch is at home in
ALL_GROUNDS = 1_000_000  # no source is a figure
TOLERANCE_PX = 1  # neighbours whose displacements differ by no more are of one region
_DRAWS = 64  # until a valid place is found


class Search(NamedTuple):
    """What is compared. canvas (H, W·C) and keys (K, H_k, W_k·C) of float32, channels C; active
    (H', W'): not 0 where there is a patch, FIGURE where it may be one of a figure; sought (H', W'):
    1 where one is looked for now; valid (K, H_k, W_k): 1 where one may be taken from; places (M, 3)
    all of those; bias (K,): how many
    times farther a source seems; bans (H', W', S, 3): source and displacement that a patch may not
    be taken from, within `reach`; loose: κ, how many times farther, less one, a patch seems that
    agrees with no neighbour; span: the side in px of what is compared, 1 where the numbers of a
    corner say all of its patch; figures: the number of the first source that is one; home (H', W')
    of int32, or empty: the source that a patch had better be of; wrap: whether the canvas does."""

    canvas: np.ndarray
    keys: np.ndarray
    channels: int
    active: np.ndarray
    sought: np.ndarray
    valid: np.ndarray
    places: np.ndarray
    bias: np.ndarray
    bans: np.ndarray
    reach: int
    loose: float = 0.0
    span: int = PATCH_PX
    figures: int = ALL_GROUNDS
    home: np.ndarray = np.zeros((0, 0), np.int32)
    wrap: bool = False


@njit(cache=True, nogil=True)
def _hashed(a, b, c, d):
    """32 bits of four integers."""
    h = np.uint32(a) * np.uint32(0x9E3779B1)
    h ^= np.uint32(b) * np.uint32(0x85EBCA77)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0xC2B2AE3D)
    h ^= np.uint32(c) * np.uint32(0x27D4EB2F)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0x165667B1)
    h ^= np.uint32(d) * np.uint32(0x2C1B3C6D)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x297A2D39)
    return h ^ (h >> np.uint32(15))


@njit(cache=True, nogil=True, fastmath=True)
def _distance(s, i, j, k, y, x, most):
    """Sum of squared differences, or something above `most` where it is more than that."""
    total = np.float32(0)
    first, start, width = j * s.channels, x * s.channels, s.span * s.channels
    for a in range(s.span):
        row = np.float32(0)
        for b in range(width):
            gap = s.canvas[i + a, first + b] - s.keys[k, y + a, start + b]
            row += gap * gap
        total += row
        if total > most:
            break
    return total


@njit(cache=True, nogil=True)
def _bias(s, i, j, k):
    """How many times farther than it is a patch of source k seems at (i, j)."""
    if s.home.shape[0] == 0 or k >= s.figures or s.home[i, j] == k:
        return s.bias[k]
    return s.bias[k] * np.float32(AWAY)


@njit(cache=True, nogil=True)
def _allowed(s, i, j, k, y, x):
    if k < 0 or y < 0 or x < 0 or y >= s.valid.shape[1] or x >= s.valid.shape[2]:
        return False
    if not s.valid[k, y, x]:
        return False
    if k >= s.figures and s.active[i, j] != FIGURE:
        return False
    for n in range(s.bans.shape[2]):
        ban = s.bans[i, j, n]
        if ban[0] == k and abs(y - i - ban[1]) <= s.reach and abs(x - j - ban[2]) <= s.reach:
            return False
    return True


@njit(cache=True, nogil=True)
def measure(s, field, cost, seed, first, last):
    """The costs of the rows first … last - 1, in place; what may not be taken is drawn anew."""
    for i in range(first, last):
        for j in range(field.shape[1]):
            if not s.sought[i, j]:
                continue
            k, y, x = field[i, j, 0], field[i, j, 1], field[i, j, 2]
            for attempt in range(_DRAWS):
                if _allowed(s, i, j, k, y, x):
                    break
                n = _hashed(seed, i, j, attempt) % np.uint32(len(s.places))
                k, y, x = s.places[n, 0], s.places[n, 1], s.places[n, 2]
            field[i, j, 0], field[i, j, 1], field[i, j, 2] = k, y, x
            cost[i, j] = _distance(s, i, j, k, y, x, np.float32(np.inf)) * _bias(s, i, j, k)


@njit(cache=True, nogil=True)
def part(s, field, cost, over, seed):
    """The patches that are `over` (H', W') are taken from places at random that join no region, the
    nearest of some, in place. Whatever the sources hold, no region grows."""
    rows, columns = field.shape[0], field.shape[1]
    for i in range(rows):
        for j in range(columns):
            if not over[i, j]:
                continue
            least = np.float32(np.inf)
            for attempt in range(_DRAWS):
                n = _hashed(seed, i, j, attempt) % np.uint32(len(s.places))
                k, y, x = s.places[n, 0], s.places[n, 1], s.places[n, 2]
                if not _allowed(s, i, j, k, y, x) or _joins(s, field, i, j, k, y, x):
                    continue
                bias = _bias(s, i, j, k)
                found = _distance(s, i, j, k, y, x, least / bias) * bias
                if found < least:
                    least = found
                    field[i, j, 0], field[i, j, 1], field[i, j, 2] = k, y, x
                    cost[i, j] = found


@njit(cache=True, nogil=True)
def _joins(s, field, i, j, k, y, x):
    """Whether the patch (k, y, x) at (i, j) is of one region with a neighbour."""
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        a, b = i + down, j + right
        if s.wrap:
            a, b = a % field.shape[0], b % field.shape[1]
        if a < 0 or b < 0 or a >= field.shape[0] or b >= field.shape[1] or not s.active[a, b]:
            continue
        near = field[a, b]
        far = abs(near[1] - y - down) > TOLERANCE_PX or abs(near[2] - x - right) > TOLERANCE_PX
        if near[0] == k and not far:
            return True
    return False


@njit(cache=True, nogil=True)
def _seam(s, before, field, rows, i, j, k, y, x):
    """How many times farther than it is the patch (k, y, x) seems at (i, j), for its neighbours;
    rows (first, last): those of `field` that are known, the others are as they were `before`."""
    if s.loose == 0:
        return np.float32(1)
    count = agreeing = 0
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        a, b = i + down, j + right
        if a < 0 or b < 0 or a >= field.shape[0] or b >= field.shape[1] or not s.active[a, b]:
            continue
        count += 1
        near = field[a, b] if rows[0] <= a < rows[1] else before[a, b]
        agreeing += near[0] == k and near[1] == y + down and near[2] == x + right
    return np.float32(1 + s.loose * (1 - agreeing / max(1, count)))


@njit(cache=True, nogil=True)
def _try(s, before, field, cost, rows, i, j, k, y, x):
    """Takes the patch (k, y, x) for (i, j) where that is nearer."""
    if not _allowed(s, i, j, k, y, x):
        return
    own = _seam(s, before, field, rows, i, j, field[i, j, 0], field[i, j, 1], field[i, j, 2])
    bias = _bias(s, i, j, k)
    most = cost[i, j] * own / (bias * _seam(s, before, field, rows, i, j, k, y, x))
    found = _distance(s, i, j, k, y, x, most)
    if found < most:
        cost[i, j] = found * bias
        field[i, j, 0], field[i, j, 1], field[i, j, 2] = k, y, x


@njit(cache=True, nogil=True)
def sweep(s, before, field, cost, seed, turn, radius, first, last):
    """One sweep over the rows first … last - 1, in place; `before` is the field as it was. Even
    turns go right and down, odd ones left and up; the random search begins with a place anywhere
    and goes on around the best one, from `radius` px on, halved each time."""
    rows, columns, known = field.shape[0], field.shape[1], (first, last)
    step = 1 if turn % 2 == 0 else -1
    for n in range(last - first):
        i = first + n if step > 0 else last - 1 - n
        for m in range(columns):
            j = m if step > 0 else columns - 1 - m
            if not s.sought[i, j]:
                continue
            above, side = i - step, j - step
            if 0 <= above < rows and s.active[above, j]:
                near = field[above, j] if first <= above < last else before[above, j]
                _try(s, before, field, cost, known, i, j, near[0], near[1] + step, near[2])
            if 0 <= side < columns and s.active[i, side]:
                near = field[i, side]
                _try(s, before, field, cost, known, i, j, near[0], near[1], near[2] + step)
            drawn = _hashed(seed, turn, i, j)
            place = s.places[drawn % np.uint32(len(s.places))]
            _try(s, before, field, cost, known, i, j, place[0], place[1], place[2])
            reach, count = radius, 0
            while reach >= 1:
                count += 1
                bits, span = _hashed(drawn, count, i, j), np.uint32(2 * reach + 1)
                y = field[i, j, 1] + np.int64((bits & np.uint32(0xFFFF)) % span) - reach
                x = field[i, j, 2] + np.int64((bits >> np.uint32(16)) % span) - reach
                _try(s, before, field, cost, known, i, j, field[i, j, 0], y, x)
                reach //= 2
