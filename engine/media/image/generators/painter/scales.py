"""What one scale of a work is: how it is painted, what is held of a content, which patches count.

Legend: N works of one size (H, W), K sources, px a scale as in `pyramid`; the rest as in `nearest`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field as field_of, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.painter.nearest import ALL_GROUNDS, PATCH_PX
from engine.media.image.generators.painter.regions import Limit, Taken
from engine.media.image.generators.painter.sources import Descriptors
from engine.media.image.pyramid import RATIO, resize, size_at
from engine.protocol import Symmetry

LOOSE = 1.0  # how much farther a patch may be that keeps a piece whole
PULL_FADES = 0.5  # by the last scale
SCREENS = (4.0, 0.5)  # λ of the first and the last scale: how much voted colours count …
FLAT_SCREENS = (8.0, 4.0)  # … and where the sources are flat colours, which have hard edges


@dataclass(frozen=True, slots=True)
class RepaintSettings:
    """How works are repainted. begin_px: the scale at which it begins. limit: how much may be taken
    whole from one place (None: any). guided: the weight of guides at the first and the last scale.
    rounds: of the votes' mode, 0 is their mean. pull: 0 … 1, how far the first scales begin with
    the layout, the last half as far. kept: the share of the layout in the finished work. brush: the
    size of marks against the sources'. loose: κ of `nearest`. lean: how much farther a source seems
    that a work leans less on, as a power of the shares. screens: λ of `blending` at the first and
    the last scale. descriptors: by what patches are compared (None: by their pixels)."""

    begin_px: float
    limit: Limit | None = None
    guided: tuple[float, float] = (1.0, 1.0)
    pull: float = 0.0
    kept: float = 0.0
    rounds: int = 2
    brush: float = 1.0
    loose: float = LOOSE
    lean: float = 0.12
    screens: tuple[float, float] = SCREENS
    wrap: bool = False
    symmetry: Symmetry = Symmetry.NONE
    descriptors: Descriptors | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """What of a content (3, H, W) stays: free (H, W), 1 where it is painted anew (None: all of
    it). own_px: down to which scale its look is kept (0: none)."""

    content: Tensor
    free: Tensor | None = None
    own_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Shows:
    """What a work shows of its sources: zooms, how large each (0: not at all, None: all as they
    are); stands_out (h, w), 0 … 1, of its places; figures: the number of the first source that is a
    figure, which are shown whole; begun (3, h, w): for each place the source that its search begins
    with, and how much farther down and right it is there, as shares of the work's height and width;
    is_whole: all of its canvas, not a part."""

    zooms: tuple[float, ...] | None = None
    stands_out: Tensor | None = None
    figures: int = ALL_GROUNDS
    begun: Tensor | None = None
    is_whole: bool = True

    def at(self, size: tuple[int, int]) -> "Shows":
        """On a canvas of this size."""
        standing, begun = self.stands_out, self.begun
        if standing is not None:
            standing = F.interpolate(standing[None, None], size, mode="bilinear")[0, 0]
        if begun is not None:
            begun = F.interpolate(begun[None], size, mode="nearest")[0]
        return replace(self, stands_out=standing, begun=begun)

    def cut(self, part: Callable[[Tensor], Tensor]) -> "Shows":
        """Of a part of the canvas."""
        standing, begun = (
            None if plane is None else part(plane) for plane in (self.stands_out, self.begun)
        )
        return replace(self, stands_out=standing, begun=begun, is_whole=False)


@dataclass(slots=True)
class Work:
    """One work on its way: canvas (3, h, w), its guide (G, h, w), how much its places stand out
    (h, w), and its nearest patches. shows: what of the sources; sizes (K, 2): theirs at the scale
    of the field."""

    layout: Tensor
    canvas: Tensor
    seed: int
    bias: np.ndarray
    guide: Tensor | None = None
    field: np.ndarray = field_of(default_factory=lambda: np.empty(0))
    bans: np.ndarray = field_of(default_factory=lambda: np.empty(0))
    took: Taken | None = None
    shows: Shows = field_of(default_factory=Shows)
    sizes: np.ndarray | None = None


@dataclass(slots=True)
class Scale:
    """One scale: (h, w) of the canvas, the patches that are looked for, and what is held there."""

    px: float
    size: tuple[int, int]
    is_last: bool
    active: np.ndarray
    content: Tensor | None
    free: Tensor | None
    screen: float
    guided: float
    pull: float = 0.0
    old_size: tuple[int, int] = (0, 0)
    shape: tuple[int, int] = field_of(init=False)

    def __post_init__(self) -> None:
        self.shape = self.active.shape[0], self.active.shape[1]


def scales(size: tuple[int, int], begin_px: float) -> list[float]:
    """From about `begin_px` to the work's own scale."""
    final = math.sqrt(size[0] * size[1])
    count = max(0, round(math.log(begin_px / final) / math.log(RATIO))) if begin_px < final else 0
    return [final * RATIO**n for n in range(count, -1, -1)]


def scale_at(
    plan: Sequence[float],
    n: int,
    size: tuple[int, int],
    settings: RepaintSettings,
    hold: Hold | None,
) -> Scale:
    px, is_last = plan[n], n == len(plan) - 1
    here = size if is_last else size_at(*size, px)
    here = max(PATCH_PX + 1, here[0]), max(PATCH_PX + 1, here[1])
    content = free = None
    if hold is not None:
        content = resize(hold.content[None], here)[0]
        if hold.free is not None:
            free = F.adaptive_max_pool2d(hold.free[None, None], here)[0, 0]
    share = (n + 1) / len(plan)
    first, last = settings.screens
    screen = first * (last / first) ** share
    guided = settings.guided[0] * (1 - share) + settings.guided[1] * share
    active = active_patches(free, here, settings.wrap)
    pull = settings.pull * (1 - PULL_FADES * share)
    return Scale(px, here, is_last, active, content, free, screen, guided, pull)


def active_patches(free: Tensor | None, size: tuple[int, int], wrap: bool) -> np.ndarray:
    """(H', W') of uint8: patches that touch what is free."""
    whole = torch.ones(size) if free is None else free
    whole = wrapped(whole[None])[0] if wrap else whole
    return (F.max_pool2d(whole[None, None], PATCH_PX, 1)[0, 0] > 0).to(torch.uint8).cpu().numpy()


def wrapped(pixels: Tensor) -> Tensor:
    """(C, H, W) with what comes next across the right and lower border."""
    return F.pad(pixels[None], (0, PATCH_PX - 1, 0, PATCH_PX - 1), mode="circular")[0]


def enlarged(canvas: Tensor, scale: Scale, settings: RepaintSettings) -> Tensor:
    """The canvas at the size of a scale, with what is held there."""
    if settings.wrap and canvas.shape[1] < scale.size[0]:
        around = canvas.repeat(1, 3, 3)[None]
        target = (3 * scale.size[0], 3 * scale.size[1])
        grown = F.interpolate(around, target, mode="bicubic", align_corners=False)[0]
        grown = grown[:, scale.size[0] : 2 * scale.size[0], scale.size[1] : 2 * scale.size[1]]
    else:
        smaller = canvas.shape[1] > scale.size[0]
        grown = F.interpolate(
            canvas[None], scale.size, mode="bicubic", align_corners=False, antialias=smaller
        )[0]
    grown = grown.clamp(-1, 1).contiguous()
    if scale.free is not None and scale.content is not None:
        return torch.where(scale.free > 0, grown, scale.content)
    return grown
