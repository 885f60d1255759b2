"""Style and brief → pictures: from noise at a coarse scale to the output, transport at every scale.

Legend: N pictures drawn together, canvas (N, 3, H, W), n filters, Q quantiles.
Heavy-ball momentum on the closed-form steps, then a few without it.
"""

from collections.abc import Generator
from dataclasses import dataclass

import torch

from engine.device import working_bytes
from engine.image import gamut, mixture, pyramid
from engine.image.canvas import crop, grow, margin_px, noise
from engine.image.projections import FILTERS
from engine.image.transport import Lattice, displacement
from engine.messages import Brief
from engine.progress import Advance

SPARSE_FROM_PX = 96  # from here every second patch each way, another quarter of them each step
_BYTES_A_PROJECTION = 28  # its value, order, target and move, and what sorting takes
_FIXED_COST = 500  # what a step takes however small the picture, in patches


@dataclass(frozen=True, slots=True)
class Steps:
    """How long to move at each scale: `moving` steps with momentum, then `settling` ones at half
    the rate without it, which calm the grain that momentum leaves."""

    moving: int = 20
    settling: int = 4
    momentum: float = 0.85

    @property
    def count(self) -> int:
        return self.moving + self.settling


def draw(
    tensors: dict[str, torch.Tensor], brief: Brief, device: torch.device, steps: Steps | None = None
) -> Generator[Advance, None, torch.Tensor]:
    """(count, 3, height_px, width_px) in [-1, 1].

    Yields after each step, with the pictures after each scale. Picture i depends on seed + i
    alone, not on its neighbours in the batch.
    """
    steps = steps or Steps()
    style = {name: tensor.to(device) for name, tensor in tensors.items()}
    filters = style["filters"].float()
    levels = style["levels"].tolist()
    plan = pyramid.schedule(brief.height_px, brief.width_px, levels, brief.invention)
    sizes = [pyramid.size_at(brief.height_px, brief.width_px, scale) for scale, _ in plan]
    costs = [_cost(size, scale, brief.tile) for size, (scale, _) in zip(sizes, plan, strict=True)]
    seeds = range(brief.seed, brief.seed + brief.count)
    bounds = gamut.union(style["gamuts"])
    share = mixture.shares(style["weights"], seeds)
    mean, deviation = mixture.colours(style, share)
    canvas = mean + deviation * noise(seeds, sizes[0], brief.tile).to(device)
    done, previous = 0.0, sizes[0]
    for (scale, level), size, cost in zip(plan, sizes, costs, strict=True):
        canvas = grow(canvas, previous, size, brief.tile)
        stride = _stride(scale)
        tables = mixture.tables_at(style, level, share)
        for part in _match(canvas, filters, tables, bounds, steps, stride, brief.tile):
            yield Advance(done + part * cost, sum(costs))
        done, previous = done + cost, size
        yield Advance(done, sum(costs), crop(canvas, size))
    return crop(canvas, previous)


def _match(
    canvas: torch.Tensor,
    filters: torch.Tensor,
    quantiles: torch.Tensor,
    bounds: torch.Tensor,
    steps: Steps,
    stride: int,
    wrap: bool,
) -> Generator[float, None, None]:
    """Moves the canvas, in place, to the patch distributions of one scale: filters (S, n, 3, p, p),
    quantiles (N, S, n, Q), another set each step. Yields the share that is done."""
    groups = _groups(canvas, stride)
    velocity = torch.zeros_like(canvas)
    for step in range(steps.count):
        k = step % len(filters)
        lattice = Lattice(stride, step % stride, step // stride % stride, wrap)
        for part, group in enumerate(groups):
            move = displacement(canvas[group], filters[k], quantiles[group, k], lattice)
            if step < steps.moving:
                velocity[group] = steps.momentum * velocity[group] + move
            else:
                velocity[group] = 0.5 * move
            canvas[group] = gamut.into(canvas[group] + velocity[group], bounds)
            yield (step + (part + 1) / len(groups)) / steps.count


def _stride(scale: float) -> int:
    return 2 if scale >= SPARSE_FROM_PX else 1


def _groups(canvas: torch.Tensor, stride: int) -> list[slice]:
    """The batch in parts whose intermediate tensors fit in memory."""
    patches = canvas.shape[2] * canvas.shape[3] / stride**2
    each = patches * FILTERS * _BYTES_A_PROJECTION
    size = max(1, int(working_bytes(canvas.device) // each))
    return [slice(i, i + size) for i in range(0, len(canvas), size)]


def _cost(size: tuple[int, int], scale: float, tile: bool) -> float:
    """Of one scale for one picture, in patches: proportional to its time."""
    height, width = (side + 2 * margin_px(size, tile) for side in size)
    return height * width / _stride(scale) ** 2 + _FIXED_COST
