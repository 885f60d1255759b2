"""What was taken from where: regions that come whole from one place, kept small, and told.

Legend: field (H', W', 3) and active (H', W') as in `nearest`. The displacement of a patch is where
it was taken from, less where it stands. A region is a set of neighbouring patches of one source
whose displacements differ from neighbour to neighbour by at most TOLERANCE_PX.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from engine.media.image.generators.painter.nearest import PATCH_PX

TOLERANCE_PX = 1
SLOTS = 3  # bans that a patch remembers
NO_BAN = -1
MAP_PX = 64  # the longer side of the map that a sidecar holds


@dataclass(frozen=True, slots=True)
class Taken:
    """shares (K,): of the work, from each source. largest: the side of the largest region, as a
    share of the work's shorter side. places (h, w, 3): source, and how far down and right in it,
    0 … 255, of a grid over the work; source -1 where nothing was painted. field (H', W', 3) and
    sizes (K, 2) of the sources: as they were in the end, to go on from."""

    shares: tuple[float, ...]
    largest: float
    places: np.ndarray
    field: np.ndarray
    sizes: np.ndarray


@njit(cache=True, nogil=True)
def _root(parents, n):
    while parents[n] != n:
        parents[n] = parents[parents[n]]
        n = parents[n]
    return n


@njit(cache=True, nogil=True)
def regions_of(field, active):
    """(H', W') of int32: one number for all patches of a region, -1 where none is active."""
    rows, columns = field.shape[0], field.shape[1]
    parents = np.arange(rows * columns).astype(np.int32)
    for i in range(rows):
        for j in range(columns):
            if not active[i, j]:
                continue
            for down in range(2):
                a, b = i + down, j + 1 - down
                if a >= rows or b >= columns or not active[a, b]:
                    continue
                gap_y = field[a, b, 1] - field[i, j, 1] - down
                gap_x = field[a, b, 2] - field[i, j, 2] - 1 + down
                if field[a, b, 0] != field[i, j, 0]:
                    continue
                if abs(gap_y) > TOLERANCE_PX or abs(gap_x) > TOLERANCE_PX:
                    continue
                one = _root(parents, i * columns + j)
                other = _root(parents, a * columns + b)
                parents[max(one, other)] = min(one, other)
    labels = np.full((rows, columns), -1, np.int32)
    for i in range(rows):
        for j in range(columns):
            if active[i, j]:
                labels[i, j] = _root(parents, i * columns + j)
    return labels


def no_bans(shape: tuple[int, int]) -> np.ndarray:
    """(H', W', SLOTS, 3) of int16: source, and displacement down and right."""
    return np.full((*shape, SLOTS, 3), NO_BAN, np.int16)


def ban_excess(
    field: np.ndarray,
    active: np.ndarray,
    bans: np.ndarray,
    limit: int,
    slot: int,
    rng: np.random.Generator,
) -> int:
    """Of each region of more than `limit` patches, so many stay, around a place at random; the
    others may not be taken from there again (in place). Returns how many these are."""
    labels = regions_of(field, active)
    counts = np.bincount(labels[labels >= 0], minlength=1)
    total = 0
    for name in np.flatnonzero(counts > limit):
        down, right = np.nonzero(labels == name)
        one = rng.integers(len(down))  # halfway to the middle, so that what stays is in one piece
        middle = (down[one] + down.mean()) / 2, (right[one] + right.mean()) / 2
        far = (down - middle[0]) ** 2 + (right - middle[1]) ** 2
        over = np.argpartition(far, limit)[limit:]
        i, j = down[over], right[over]
        bans[i, j, slot, 0] = field[i, j, 0]
        bans[i, j, slot, 1] = field[i, j, 1] - i
        bans[i, j, slot, 2] = field[i, j, 2] - j
        total += len(over)
    return total


def grown_bans(bans: np.ndarray, shape: tuple[int, int], ratio: float) -> np.ndarray:
    """The bans on a canvas of `ratio` times the size: (*shape, SLOTS, 3)."""
    rows = np.minimum((np.arange(shape[0]) / ratio).astype(int), bans.shape[0] - 1)
    columns = np.minimum((np.arange(shape[1]) / ratio).astype(int), bans.shape[1] - 1)
    grown = bans[rows[:, None], columns[None]].copy()
    held = grown[..., :1] != NO_BAN
    grown[..., 1:] = np.where(held, np.round(grown[..., 1:] * ratio), grown[..., 1:])
    return grown


def taken(field: np.ndarray, active: np.ndarray, sizes: np.ndarray) -> Taken:
    """Of a finished work. sizes (K, 2): of the sources at the last scale."""
    chosen = field[active > 0]
    counts = np.bincount(chosen[:, 0], minlength=len(sizes)) / max(1, len(chosen))
    labels = regions_of(field, active)
    most = np.bincount(labels[labels >= 0], minlength=1).max()
    side = (most**0.5 + PATCH_PX - 1) / (min(field.shape[:2]) + PATCH_PX - 1)
    step = max(1, -(-max(field.shape[:2]) // MAP_PX))
    some, seen = field[::step, ::step], active[::step, ::step]
    places = np.full((*some.shape[:2], 3), -1, np.int16)
    places[..., 0] = np.where(seen > 0, some[..., 0], -1)
    for axis in (0, 1):
        places[..., 1 + axis] = 255 * some[..., 1 + axis] / sizes[some[..., 0], axis]
    return Taken(tuple(counts.tolist()), float(min(1.0, side)), places, field, sizes)
