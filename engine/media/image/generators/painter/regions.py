"""What was taken from where: regions that come whole from one place, kept small, and told.

Legend: field (H', W', 3) and active (H', W') as in `nearest`. The displacement of a patch is where
it was taken from, less where it stands. A region is a set of neighbouring patches of one source
whose displacements differ from neighbour to neighbour by at most TOLERANCE_PX.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numba import njit
from scipy.ndimage import uniform_filter
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from torch import Tensor

from engine.media.image.generators.painter.margins import Margins
from engine.media.image.generators.painter.nearest import ALL_GROUNDS, PATCH_PX, TOLERANCE_PX

SLOTS = 4  # bans that a patch remembers
NO_BAN = -1
_EVEN = 0.02  # the cost of a step where there is no edge
_STANDS_OUT = 0.5  # from here a region keeps first what stands out
_TOGETHER, _AROUND = 0.9, 0.1  # how much less a step costs inside of it, and more around it
MAP_PX = 64  # the longer side of the map that a sidecar holds


class Limit(NamedTuple):
    """What may be recognised. side: of a region from one place; known: the side of a region that is
    not recognised yet; both as shares of the work's shorter side. share: 0 … 1, of the work that
    may lie in regions larger than `known`."""

    side: float
    known: float = 1.0
    share: float = 1.0

    def of_part(self, shorter: float) -> "Limit":
        """The same for a part of a work: `shorter` is how many times longer the work's shorter side
        is than the part's."""
        return self._replace(side=min(1.0, self.side * shorter), known=self.known * shorter)


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

    def of_references(self, figures: Sequence[int]) -> "Taken":
        """The same with what was taken from a figure, of which the last sources are, told as taken
        from its reference; figures: the numbers of these."""
        count = len(self.shares) - len(figures)
        shares, places = list(self.shares[:count]), self.places.copy()
        for n, k in enumerate(figures, start=count):
            shares[k] += self.shares[n]
            places[..., 0][self.places[..., 0] == n] = k
        return replace(self, shares=tuple(shares), places=places)

    def without(self, margins: Sequence[Margins]) -> "Taken":
        """The same with places in the references as they were before they had these."""
        places = self.places.copy()
        for k, each in enumerate(margins):
            own = places[..., 0] == k
            for axis in (0, 1):
                places[own, 1 + axis] = each.without(places[own, 1 + axis], axis)
        return replace(self, places=places)


@njit(cache=True, nogil=True)
def _root(parents, n):
    while parents[n] != n:
        parents[n] = parents[parents[n]]
        n = parents[n]
    return n


@njit(cache=True, nogil=True)
def regions_of(field, active, wrap):
    """(H', W') of int32: one number for all patches of a region, -1 where none is active. wrap: the
    canvas goes on across its borders."""
    rows, columns = field.shape[0], field.shape[1]
    parents = np.arange(rows * columns).astype(np.int32)
    for i in range(rows):
        for j in range(columns):
            if not active[i, j]:
                continue
            for down in range(2):
                a, b = i + down, j + 1 - down
                if wrap:
                    a, b = a % rows, b % columns
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


def edges_of(pixels: Tensor) -> np.ndarray:
    """(3, H, W) → (H, W): how much each pixel differs from those below and to the right."""
    steps = torch.zeros(pixels.shape[1:])
    steps[:-1] += (pixels[:, 1:] - pixels[:, :-1]).abs().sum(0)
    steps[:, :-1] += (pixels[:, :, 1:] - pixels[:, :, :-1]).abs().sum(0)
    return steps.numpy()


def excess(
    field: np.ndarray,
    active: np.ndarray,
    edges: np.ndarray,
    limit: Limit,
    side_px: int,
    rng: np.random.Generator,
    stands_out: np.ndarray | None = None,
    figures: int = ALL_GROUNDS,
    wrap: bool = False,
) -> np.ndarray:
    """(H', W') of bool: the patches that must be taken from elsewhere. Of each region so many stay
    as `limit` lets, those that are reached first without crossing `edges` (H', W') from where it
    stands out most (0 … 1), or from a place at random: what stays ends at a contour. The regions
    that stand out stay first; of the sources from number `figures` on, which are figures, all.
    side_px: the shorter side of the work; wrap: it goes on across its borders."""
    labels = regions_of(field, active, wrap)
    labels[field[..., 0] >= figures] = -1
    counts = np.bincount(labels[labels >= 0], minlength=1)
    most, known = ((max(0.0, side * side_px - PATCH_PX + 1)) ** 2 for side in limit[:2])
    left = limit.share * float(active.sum())
    over = np.zeros(active.shape, bool)
    names = rng.permutation(np.flatnonzero(counts > min(most, known)))
    if stands_out is not None and len(names):
        standing = np.bincount(labels[labels >= 0], stands_out[labels >= 0], len(counts))
        names = names[np.argsort(-standing[names], kind="stable")]
    for name in names:
        stay = min(float(counts[name]), most, left)
        if stay <= known:
            stay = min(known, most)
        else:
            left -= stay
        if stay < counts[name]:
            over |= _beyond(labels == name, edges, round(stay), rng, stands_out)
    return over


def _beyond(
    region: np.ndarray,
    edges: np.ndarray,
    stay: int,
    rng: np.random.Generator,
    stands_out: np.ndarray | None,
) -> np.ndarray:
    """Of a region (H', W'), all but the `stay` patches that are reached first."""
    down, right = np.nonzero(region)
    first, last = (down.min(), right.min()), (down.max() + 1, right.max() + 1)
    box = slice(first[0], last[0]), slice(first[1], last[1])
    inside, steps = region[box], edges[box]
    weights = uniform_filter(steps, PATCH_PX)[inside] + _EVEN
    begin, costs = rng.choice(len(weights), p=weights / weights.sum()), steps + _EVEN
    if stands_out is not None and stands_out[box][inside].max() > _STANDS_OUT:
        standing = stands_out[box]
        begin = np.argmax(uniform_filter(standing, 2 * PATCH_PX)[inside])
        costs = costs * (1 - _TOGETHER * standing) + _AROUND * (1 - standing)
    numbers = np.full(inside.shape, -1)
    numbers[inside] = np.arange(len(weights))
    graph = _neighbours(numbers, costs)
    reached = dijkstra(graph, indices=begin)
    out = np.zeros_like(region)
    far = np.zeros(len(weights), bool)
    far[np.argsort(reached, kind="stable")[stay:]] = True
    out[box][inside] = far
    return out


def _neighbours(numbers: np.ndarray, costs: np.ndarray) -> csr_array:
    """The graph of neighbouring patches of a region; numbers (h, w), -1 outside it."""
    parts = []
    for one, other in (((slice(None), slice(1, None)), (slice(None), slice(-1))),
                       ((slice(1, None),), (slice(-1),))):  # fmt: skip
        a, b = numbers[one], numbers[other]
        both = (a >= 0) & (b >= 0)
        price = ((costs[one] + costs[other]) / 2)[both]
        parts += [(a[both], b[both], price), (b[both], a[both], price)]
    rows, columns, prices = (np.concatenate(each) for each in zip(*parts, strict=True))
    count = int(numbers.max()) + 1
    return coo_array((prices, (rows, columns)), (count, count)).tocsr()


def ban(bans: np.ndarray, field: np.ndarray, over: np.ndarray, slot: int) -> None:
    """The patches that are `over` (H', W') may not be taken from there again, in place."""
    i, j = np.nonzero(over)
    bans[i, j, slot, 0] = field[i, j, 0]
    bans[i, j, slot, 1] = field[i, j, 1] - i
    bans[i, j, slot, 2] = field[i, j, 2] - j


def grown_bans(bans: np.ndarray, shape: tuple[int, int], ratio: float) -> np.ndarray:
    """The bans on a canvas of `ratio` times the size: (*shape, SLOTS, 3)."""
    rows = np.minimum((np.arange(shape[0]) / ratio).astype(int), bans.shape[0] - 1)
    columns = np.minimum((np.arange(shape[1]) / ratio).astype(int), bans.shape[1] - 1)
    grown = bans[rows[:, None], columns[None]].copy()
    held = grown[..., :1] != NO_BAN
    grown[..., 1:] = np.where(held, np.round(grown[..., 1:] * ratio), grown[..., 1:])
    return grown


def taken(field: np.ndarray, active: np.ndarray, sizes: np.ndarray, wrap: bool = False) -> Taken:
    """Of a finished work. sizes (K, 2): of the sources at the last scale; wrap: the work goes on
    across its borders."""
    chosen = field[active > 0]
    counts = np.bincount(chosen[:, 0], minlength=len(sizes)) / max(1, len(chosen))
    labels = regions_of(field, active, wrap)
    most = np.bincount(labels[labels >= 0], minlength=1).max()
    shorter = min(field.shape[:2]) + (0 if wrap else PATCH_PX - 1)
    side = (most**0.5 + PATCH_PX - 1) / shorter
    step = max(1, -(-max(field.shape[:2]) // MAP_PX))
    some, seen = field[::step, ::step], active[::step, ::step]
    places = np.full((*some.shape[:2], 3), -1, np.int16)
    places[..., 0] = np.where(seen > 0, some[..., 0], -1)
    for axis in (0, 1):
        places[..., 1 + axis] = 255 * some[..., 1 + axis] / sizes[some[..., 0], axis]
    return Taken(tuple(counts.tolist()), float(min(1.0, side)), places, field, sizes)
