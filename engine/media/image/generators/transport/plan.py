"""What happens at every scale of the pyramid, in which order, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.media.image import pyramid
from engine.media.image.generators.transport.canvas import full_size
from engine.media.image.generators.transport.paint import sigmas_at
from engine.protocol import PictureBrief, Use

SPARSE_FROM_PX = 96  # from here every second patch each way, another quarter of them each step
BEFORE_STROKES = 0.6  # of the moving steps come before the strokes of a scale
_FIXED_COST = 500  # what a step takes however small the picture, in patches
_STROKE_COST = 3.0  # of a stroke at half the picture's patches, in steps


@dataclass(frozen=True, slots=True)
class Steps:
    """How long to move at a scale: `moving` steps with momentum, fewer where strokes follow; then
    `settling` ones at half the rate without it, which calm the grain that momentum leaves, half as
    many after each stroke; `closing` ones of these at the very end, on the picture alone: what is
    cropped took its share of the references' colours with it."""

    moving: int = 20
    settling: int = 4
    closing: int = 4
    momentum: float = 0.85


# Momentum would drive what is free away from what is kept.
CALM = Steps(moving=4, closing=0, momentum=0.0)


@dataclass(frozen=True, slots=True)
class Phase:
    """A stroke that takes away noise of deviation σ (0: none), and steps after it.

    added: the noise put in before it. left: what of the noise found comes back after the steps.
    """

    steps: int
    momentum: float = 0.0
    sigma: float = 0.0
    added: float = 0.0
    left: float = 0.0

    @property
    def stroke_cost(self) -> float:
        return _STROKE_COST * (self.sigma > 0)

    @property
    def cost(self) -> float:
        return self.steps + self.stroke_cost


@dataclass(frozen=True, slots=True)
class Scale:
    """What happens at one scale of the pyramid. level: of the style. told_px: the scale that the
    marks are of, which is what the denoiser is told. cost: in patches. cropped: on the picture
    itself, as the scale before left it, without the canvas's margin."""

    px: float
    level: int
    told_px: float
    size: tuple[int, int]
    stride: int
    phases: tuple[Phase, ...]
    cost: float
    cropped: bool = False


def scales(
    brief: PictureBrief, levels: list[float], entry_px: float | None, steps: Steps
) -> list[Scale]:
    """Coarse to fine, the last one that of the output; that one once more, cropped, to close."""
    shape = brief.height_px, brief.width_px
    if brief.use in (Use.RESTYLE, Use.VARY):  # the less of it, the less is painted anew
        brief = replace(brief, boldness=brief.boldness * min(1.0, brief.strength))
    plan = pyramid.schedule(*shape, levels, brief.invention, brief.brush, entry_px)
    found = []
    for px, level in plan:
        size = pyramid.size_at(*shape, px)
        phases = _phases(px, brief, steps)
        stride = 2 if px >= SPARSE_FROM_PX else 1
        cost = _cost(full_size(size, brief.tile), stride) * sum(phase.cost for phase in phases)
        found.append(Scale(px, level, px * brief.brush, size, stride, phases, cost))
    if steps.closing and not brief.tile and min(shape) >= pyramid.PATCH_PX:
        found.append(_closing(found[-1], steps.closing))
    return found


def _closing(last: Scale, steps: int) -> Scale:
    cost = steps * _cost(last.size, last.stride)
    return replace(last, phases=(Phase(steps),), cost=cost, cropped=True)


def _phases(px: float, brief: PictureBrief, steps: Steps) -> tuple[Phase, ...]:
    sigmas = sigmas_at(px, brief.boldness, brief.detail)
    if not sigmas:
        return Phase(steps.moving, steps.momentum), Phase(steps.settling)
    first = Phase(round(BEFORE_STROKES * steps.moving), steps.momentum)
    return first, *strokes(sigmas, steps.settling // 2)


def strokes(sigmas: tuple[float, ...], steps: int) -> Iterator[Phase]:
    """From noise of σ_1 down to none: each keeps the noise that the next takes away."""
    for i, (sigma, left) in enumerate(zip(sigmas, (*sigmas[1:], 0.0), strict=True)):
        yield Phase(steps, sigma=sigma, added=0.0 if i else sigma, left=left)


def _cost(size: tuple[int, int], stride: int) -> float:
    """Of one step on a canvas of `size`, in patches: proportional to its time."""
    height, width = size
    return height * width / stride**2 + _FIXED_COST
