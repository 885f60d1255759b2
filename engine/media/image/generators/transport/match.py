"""Steps of transport at one scale: the canvas moves to the patch distributions it is drawn towards.

Legend: N pictures, canvas (N, 3, H', W'), tables (N, S, n, Q) for S sets of n filters.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.device import working_bytes
from engine.media.image.generators.transport.memory import Memory
from engine.media.image.generators.transport.plan import Phase
from engine.media.image.generators.transport.projections import FILTERS
from engine.media.image.generators.transport.transport import Lattice, displacement

CALM = (1 / 6, 4 / 6, 1 / 6)
_BYTES_A_PROJECTION = 28  # its value, order, target and move, and what sorting takes


@dataclass(frozen=True, slots=True)
class Matching:
    """tables, filters (S, n, 3, p, p): what is matched; free (H', W'), where not everything is.
    settle: what a canvas becomes after each step (colours in bounds, parts that are kept)."""

    tables: Tensor
    filters: Tensor
    stride: int
    wrap: bool
    free: Tensor | None
    memory: Memory
    settle: Callable[[Tensor], Tensor]

    def steps(self, canvas: Tensor, phase: Phase, first: int) -> Generator[float, None, None]:
        """Moves the canvas, in place, another set of filters each step. Yields the share done."""
        velocity = torch.zeros_like(canvas)
        for i in range(phase.steps):
            for group, move in self._moves(canvas, first + i):
                if phase.momentum:
                    velocity[group] = phase.momentum * velocity[group] + move
                else:
                    velocity[group] = 0.5 * move
                canvas[group] = self.settle(canvas[group] + velocity[group])
                yield (i + group.stop / len(canvas)) / phase.steps

    def _moves(self, canvas: Tensor, step: int) -> Iterator[tuple[slice, Tensor]]:
        """The displacements of one step, of as many pictures together as memory allows."""
        k, stride = step % len(self.filters), self.stride
        lattice = Lattice(stride, step % stride, step // stride % stride, self.wrap)
        done = 0
        while done < len(canvas):
            group = slice(done, min(done + self._together(canvas), len(canvas)))
            move = self.memory.attempt(lambda g=group: self._move(canvas[g], g, k, lattice))
            if move is None:
                continue
            yield group, move
            done = group.stop

    def _move(self, pictures: Tensor, group: slice, k: int, lattice: Lattice) -> Tensor:
        tables, parts = self.tables[group, k], self.memory.parts
        move = displacement(pictures, self.filters[k], tables, lattice, self.free, parts)
        return _calmed(move, self.wrap) if self.stride > 1 else move

    def _together(self, canvas: Tensor) -> int:
        """How many pictures' intermediate tensors fit in memory."""
        patches = canvas.shape[2] * canvas.shape[3] / self.stride**2
        each = patches * FILTERS * _BYTES_A_PROJECTION
        return min(self.memory.pictures, max(1, int(working_bytes(canvas.device) // each)))


def _calmed(move: Tensor, wrap: bool) -> Tensor:
    """(N, 3, H, W) a little smoothed: what few patches ask for alternates from pixel to pixel, and
    would be seen as a weave."""
    row = move.new_tensor(CALM)
    kernel = (row[:, None] * row).expand(3, 1, 3, 3)
    around = F.pad(move, (1, 1, 1, 1), mode="circular" if wrap else "replicate")
    return F.conv2d(around, kernel, groups=3)
