"""One closed-form step of sliced optimal transport between patch distributions.

Legend: N pictures (N, 3, H, W), n orthonormal filters of D = 3p² = 147 values, M patches a
picture, Q quantiles. Pitié et al. 2007 for the step (each projection moves to the quantile of its
rank), Elnekave and Weiss 2022 for patches; no gradient is needed.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from engine.media.image.generators.transport.projections import PATCH_DIM, at_ranks
from engine.media.image.generators.transport.sorting import order
from engine.media.image.pyramid import PATCH_PX


@dataclass(frozen=True, slots=True)
class Lattice:
    """Which patches are looked at: every `stride`-th each way from (`down`, `right`) on.

    `wrap`: patches run across the borders, as on a picture that tiles.
    """

    stride: int = 1
    down: int = 0
    right: int = 0
    wrap: bool = False


def displacement(
    pictures: torch.Tensor,
    filters: torch.Tensor,
    quantiles: torch.Tensor,
    lattice: Lattice,
    free: torch.Tensor | None = None,
    parts: int = 1,
) -> torch.Tensor:
    """Where every pixel wants to go: (N, 3, H, W), to be added to the pictures.

    filters (n, 3, p, p) orthonormal, quantiles (N, n, Q). The n moves of a patch go back through
    the transposed filters, are averaged over the patches that cover a pixel, and are scaled by
    D/n for the directions that were not looked at. free (H, W), 0 or 1: only patches that touch a
    1 are ranked and moved. parts: the filters are taken in so many groups, to need less memory.
    """
    rows = _Side.of(pictures.shape[2], lattice.stride, lattice.down, lattice.wrap)
    columns = _Side.of(pictures.shape[3], lattice.stride, lattice.right, lattice.wrap)
    seen = columns.take(rows.take(pictures, 2), 3)
    touched = None
    if free is not None:
        there = columns.take(rows.take(free, 0), 1)[None]
        touched = F.max_pool2d(there, PATCH_PX, lattice.stride).flatten() > 0  # (M,)
        if not touched.any():
            return torch.zeros_like(pictures)
    back = torch.zeros_like(seen)
    for some, tables in zip(filters.chunk(parts), quantiles.chunk(parts, dim=1), strict=True):
        projected = F.conv2d(seen, some, stride=lattice.stride)
        moves = _moves(projected.flatten(2), tables, touched).reshape(projected.shape)
        back += F.conv_transpose2d(moves, some, stride=lattice.stride)
    back = columns.put(rows.put(back, 2), 3)
    cover = rows.cover(back.device)[:, None] * columns.cover(back.device)
    return back * (PATCH_DIM / len(filters)) / cover


def _moves(
    projected: torch.Tensor, quantiles: torch.Tensor, touched: torch.Tensor | None
) -> torch.Tensor:
    """(N, n, M) → (N, n, M): how far each patch goes along each filter; 0 if it is not touched."""
    if touched is None or touched.all():
        return _to_ranks(projected, quantiles)
    moves = torch.zeros_like(projected)
    moves[:, :, touched] = _to_ranks(projected[:, :, touched], quantiles)
    return moves


def _to_ranks(projected: torch.Tensor, quantiles: torch.Tensor) -> torch.Tensor:
    """(N, n, M) → (N, n, M): from each projection to the quantile of its rank."""
    targets = at_ranks(quantiles, projected.shape[2])
    moved = torch.empty_like(projected).scatter_(2, order(projected), targets)
    return moved.sub_(projected)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the picture as the patches see it: `seen` pixels from `offset` on, which come
    round again past the border where it wraps."""

    length: int
    stride: int
    offset: int
    seen: int

    @classmethod
    def of(cls, length: int, stride: int, offset: int, wrap: bool) -> "_Side":
        reach = length + PATCH_PX - 1 if wrap else length - offset
        count = (reach - PATCH_PX) // stride + 1
        return cls(length, stride, offset, (count - 1) * stride + PATCH_PX)

    @property
    def _inside(self) -> int:
        return min(self.seen, self.length - self.offset)

    def take(self, field: torch.Tensor, dim: int) -> torch.Tensor:
        """The pixels that are seen, in their order."""
        if self._inside == self.seen:
            return field.narrow(dim, self.offset, self.seen)
        places = (torch.arange(self.seen, device=field.device) + self.offset) % self.length
        return field.index_select(dim, places)

    def put(self, field: torch.Tensor, dim: int) -> torch.Tensor:
        """Back to the whole side: what came round is added, what was not seen is 0."""
        shape = list(field.shape)
        shape[dim] = self.length
        whole = field.new_zeros(shape)
        start, position = 0, self.offset
        while start < self.seen:
            run = min(self.seen - start, self.length - position)
            whole.narrow(dim, position, run).add_(field.narrow(dim, start, run))
            start, position = start + run, 0
        return whole

    def cover(self, device: torch.device) -> torch.Tensor:
        """(length,) by how many patches each pixel is covered; at least 1, to divide by."""
        count = (self.seen - PATCH_PX) // self.stride + 1
        covered = torch.zeros(self.seen, device=device)
        for k in range(PATCH_PX):
            covered[k : k + count * self.stride : self.stride] += 1
        return self.put(covered, 0).clamp(min=1)
