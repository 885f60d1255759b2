"""Style and brief → pictures: from noise at a coarse scale to the output, transport at every scale
and a denoiser's strokes between.

Legend: N pictures drawn together, canvas (N, 3, H, W), n filters, Q quantiles, σ noise taken away.
Heavy-ball momentum on the closed-form steps, then a few without it after each stroke.
"""

from collections.abc import Generator
from dataclasses import dataclass

import torch

from engine.device import working_bytes
from engine.image import gamut, mixture, pyramid
from engine.image.canvas import crop, grow, margin_px, noise
from engine.image.paint import Brush, added_noise, noise_share, sigmas_at
from engine.image.projections import FILTERS
from engine.image.transport import Lattice, displacement
from engine.image.weights import Prior
from engine.messages import Brief
from engine.progress import Advance

SPARSE_FROM_PX = 96  # from here every second patch each way, another quarter of them each step
_BYTES_A_PROJECTION = 28  # its value, order, target and move, and what sorting takes
LAST_SIGMA = 0.05  # of the stroke that ends a work: it takes away the weave that steps leave
_FIXED_COST = 500  # what a step takes however small the picture, in patches
_STROKE_COST = 3.0  # of a stroke at half the picture's patches, in steps


@dataclass(frozen=True, slots=True)
class Steps:
    """How long to move at each scale: `moving` steps with momentum, half of them where strokes
    follow, then `settling` ones at half the rate without it, which calm the grain that momentum
    leaves; as many after each stroke."""

    moving: int = 20
    settling: int = 4
    momentum: float = 0.85


@dataclass(frozen=True, slots=True)
class Phase:
    """A stroke that takes away noise of deviation σ (0: none), and steps after it."""

    steps: int
    momentum: float = 0.0
    sigma: float = 0.0

    @property
    def cost(self) -> float:
        return self.steps + _STROKE_COST * (self.sigma > 0)


@dataclass(frozen=True, slots=True)
class Scale:
    """What happens at one scale of the pyramid. level: of the style. cost: in patches."""

    px: float
    level: int
    size: tuple[int, int]
    phases: tuple[Phase, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Aim:
    """What the works of a job are drawn towards. shares: (N, K) of the references in each work."""

    style: dict[str, torch.Tensor]
    filters: torch.Tensor
    bounds: torch.Tensor
    shares: torch.Tensor
    brush: Brush
    seeds: range
    brief: Brief


def draw(
    tensors: dict[str, torch.Tensor],
    brief: Brief,
    prior: Prior,
    device: torch.device,
    steps: Steps | None = None,
) -> Generator[Advance, None, torch.Tensor]:
    """(count, 3, height_px, width_px) in [-1, 1].

    Yields after each step, with the pictures after each scale. Picture i depends on seed + i
    alone, not on its neighbours in the batch.
    """
    aim = _aim(tensors, brief, prior, device)
    scales = _scales(aim, steps or Steps())
    total = sum(scale.cost for scale in scales)
    mean, deviation = mixture.colours(aim.style, aim.shares)
    size = scales[0].size
    canvas = mean + deviation * noise(aim.seeds, size, brief.tile).to(device)
    done = 0.0
    for scale in scales:
        canvas = grow(canvas, size, scale.size, brief.tile)
        for part in _at_scale(canvas, aim, scale):
            yield Advance(done + part * scale.cost, total)
        done, size = done + scale.cost, scale.size
        yield Advance(done, total, crop(canvas, size))
    return crop(canvas, size)


def _aim(tensors: dict[str, torch.Tensor], brief: Brief, prior: Prior, device: torch.device) -> Aim:
    style = {name: tensor.to(device) for name, tensor in tensors.items()}
    seeds = range(brief.seed, brief.seed + brief.count)
    shares = mixture.shares(style["weights"], seeds).to(device)
    untold = shares.new_zeros(shares.shape[1], prior.denoiser.config.style)
    told = style.get("told", untold).float()  # untold: a style from before there were strokes
    brush = Brush(prior.denoiser, shares @ told, brief.tile)
    bounds = gamut.union(style["gamuts"])
    return Aim(style, style["filters"].float(), bounds, shares, brush, seeds, brief)


def _scales(aim: Aim, steps: Steps) -> list[Scale]:
    brief, levels = aim.brief, aim.style["levels"].tolist()
    scales = []
    plan = pyramid.schedule(brief.height_px, brief.width_px, levels, brief.invention)
    for px, level in plan:
        size = pyramid.size_at(brief.height_px, brief.width_px, px)
        phases = _phases(px, brief, steps)
        if brief.boldness and px == plan[-1][0]:
            phases += (Phase(0, sigma=LAST_SIGMA),)
        cost = _cost(size, px, brief.tile) * sum(phase.cost for phase in phases)
        scales.append(Scale(px, level, size, phases, cost))
    return scales


def _phases(px: float, brief: Brief, steps: Steps) -> tuple[Phase, ...]:
    sigmas = sigmas_at(px, brief.boldness, brief.detail)
    if not sigmas:
        return Phase(steps.moving, steps.momentum), Phase(steps.settling)
    first = Phase(-(-steps.moving // 2), steps.momentum)
    return first, *(Phase(steps.settling, sigma=sigma) for sigma in sigmas)


def _at_scale(canvas: torch.Tensor, aim: Aim, scale: Scale) -> Generator[float, None, None]:
    """All phases of one scale, in place. Yields the share that is done."""
    tables = mixture.tables_at(aim.style, scale.level, aim.shares)
    total, done, step = max(1.0, sum(phase.cost for phase in scale.phases)), 0.0, 0
    for turn, phase in enumerate(scale.phases):
        if phase.sigma:
            if share := noise_share(aim.brief.boldness):
                canvas += added_noise(canvas, share * phase.sigma, aim.seeds, turn)
            painted = aim.brush.stroke(canvas, phase.sigma, scale.px)
            canvas.copy_(gamut.into(painted, aim.bounds))
            yield (done + _STROKE_COST) / total
        for part in _match(canvas, aim, tables, phase, scale.px, step):
            yield (done + phase.cost - phase.steps + part * phase.steps) / total
        done, step = done + phase.cost, step + phase.steps


def _match(
    canvas: torch.Tensor, aim: Aim, tables: torch.Tensor, phase: Phase, px: float, first: int
) -> Generator[float, None, None]:
    """Moves the canvas, in place, to the patch distributions of one scale: tables (N, S, n, Q),
    another set of filters each step. Yields the share that is done."""
    stride, wrap = _stride(px), aim.brief.tile
    groups = _groups(canvas, stride)
    velocity = torch.zeros_like(canvas)
    for i in range(phase.steps):
        step = first + i
        k = step % len(aim.filters)
        lattice = Lattice(stride, step % stride, step // stride % stride, wrap)
        for part, group in enumerate(groups):
            move = displacement(canvas[group], aim.filters[k], tables[group, k], lattice)
            if phase.momentum:
                velocity[group] = phase.momentum * velocity[group] + move
            else:
                velocity[group] = 0.5 * move
            canvas[group] = gamut.into(canvas[group] + velocity[group], aim.bounds)
            yield (i + (part + 1) / len(groups)) / phase.steps


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
