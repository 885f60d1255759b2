"""A start on the canvas of one scale: what drawing begins with there, and what it must leave alone.

Legend: N pictures, canvas (N, 3, H', W'), content on it (1, 3, H', W'), free (H', W') in {0, 1}.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.transport.canvas import crop, lay
from engine.media.image.generators.transport.projections import QUANTILES, at_ranks, sample_patches
from engine.media.image.generators.transport.sorting import ascending, order
from engine.media.image.generators.transport.start import StartingPicture
from engine.media.image.generators.transport.symmetry import fold
from engine.media.image.pyramid import PATCH_PX, resize
from engine.protocol import PictureBrief, Symmetry

HUE_SPAN = 0.04  # of all pixels, in order of lightness, share their hue
TIES = 0.1  # of the canvas's own lightness decides between pixels that are equal in the content
RING = 0.5  # of a hole's size: how far its surroundings reach
WINDOW_PX = 8
_LEAST_PATCHES = 32
_PATCHES = 4096  # of the content, looked at to draw towards it


@dataclass(frozen=True, slots=True)
class ScaleStart:
    """A start at one scale. content (1, 3, H', W') and free (H', W') on its canvas."""

    start: StartingPicture
    symmetry: Symmetry
    tile: bool
    px: float
    size: tuple[int, int]
    content: Tensor | None
    free: Tensor | None

    @classmethod
    def at(
        cls,
        start: StartingPicture,
        brief: PictureBrief,
        px: float,
        size: tuple[int, int],
        cropped: bool,
    ) -> "ScaleStart":
        content = free = None
        if start.content is not None:
            content = resize(start.content, size)
        if start.free is not None:
            free = F.adaptive_max_pool2d(start.free[None, None], size)
        if not cropped:
            content, free = (None if x is None else lay(x, brief.tile) for x in (content, free))
        free = None if free is None else free[0, 0]
        return cls(start, Symmetry(brief.symmetry), brief.tile, px, size, content, free)

    def first(self, mean: Tensor, deviation: Tensor, noise: Tensor) -> Tensor:
        """What drawing begins with: (N, 3, H', W'). mean, deviation: of the style's colours."""
        base = mean if self.content is None else self.without_hole()
        return self.keep(base + self.start.noise * deviation * noise)

    def without_hole(self) -> Tensor:
        """The content, its free part filled evenly from its borders."""
        assert self.content is not None
        if self.free is None or self.free.all():  # so coarse that nothing of the content is whole
            return self.content
        return evenly_filled(self.content, self.free)

    def follow(self, canvas: Tensor) -> Tensor:
        """The canvas with the shapes of the content: a pixel moves towards the colours that have,
        among the canvas's greys, the rank that it has in the content's. So a work keeps its own
        tones, colours and contrasts, and has them where the content is as light or as dark; where
        that is even, its own marks stay."""
        share = self.start.shapes
        if not share or self.content is None:
            return canvas
        lightness = self.content.mean(1) + TIES * canvas.mean(1)
        places = order(lightness.flatten(1))[:, None]
        tones = order(canvas.mean(1).flatten(1))[:, None].expand(-1, 3, -1)
        ranked = canvas.flatten(2).gather(2, tones)
        grey = ranked.mean(1, keepdim=True)
        hues = _smoothed(
            ranked - grey, HUE_SPAN
        )  # many hues have one tone: what they have in common
        wanted = torch.empty_like(ranked).scatter_(2, places.expand(-1, 3, -1), grey + hues)
        return torch.lerp(canvas, wanted.reshape(canvas.shape), share)

    def keep(self, canvas: Tensor) -> Tensor:
        """The canvas with its symmetry, and with the content where nothing is painted anew."""
        canvas = fold(canvas, self.symmetry)
        if self.free is None or self.content is None:
            return canvas
        return torch.where(self.free > 0, canvas + self._seam(canvas), self.content)

    def _seam(self, canvas: Tensor) -> Tensor:
        """What the border of the free part is off by, fading inwards, so that it joins the rest
        (as Pérez et al. 2003 do over the whole of it)."""
        assert self.free is not None and self.content is not None
        kept = (1 - self.free)[None, None]
        near = F.avg_pool2d(kept, PATCH_PX, 1, PATCH_PX // 2)
        gap = F.avg_pool2d((self.content - canvas) * kept, PATCH_PX, 1, PATCH_PX // 2)
        return gap * torch.clamp(1 / near.clamp(min=1e-6), max=2)

    def recall(self, canvas: Tensor) -> Tensor:
        """An enlargement that looks like its original where that is seen from further away: the
        difference is projected back (Irani and Peleg 1991)."""
        if not self.start.own_px or self.content is None:
            return canvas
        shrink = min(1.0, self.start.own_px / self.px)
        small = tuple(max(1, round(side * shrink)) for side in canvas.shape[2:])
        gap = F.interpolate(self.content - canvas, small, mode="bicubic", antialias=True)
        return canvas + F.interpolate(gap, canvas.shape[2:], mode="bicubic")

    def towards(self, tables: Tensor, filters: Tensor) -> Tensor:
        """What is drawn towards, between the style's tables (N, S, n, Q) and the content's own
        (Wasserstein barycentres of each projection). filters (S, n, 3, p, p)."""
        share = self.start.towards
        if share == 1 or self.content is None:
            return tables
        if self.free is None:
            own = _table(sample_patches(self.content[0], _PATCHES, 0), filters)
            return torch.lerp(own, tables, share)
        return torch.lerp(_table(self._patches(self._surroundings()), filters), tables, share)

    def _inside(self) -> Tensor:
        """(1, 1, rows, columns): 1 for every patch that is kept whole."""
        assert self.free is not None
        return 1 - F.max_pool2d(self.free[None, None], PATCH_PX, 1)

    def _surroundings(self) -> Tensor:
        """The same, of those not far from the free part."""
        assert self.free is not None
        reach = max(PATCH_PX, round(RING * self.free.sum().sqrt().item()))
        around = self.free[None, None]
        for _ in range(-(-reach // WINDOW_PX)):  # in steps, since a large window is slow
            around = F.max_pool2d(around, 2 * WINDOW_PX + 1, 1, WINDOW_PX)
        middle = PATCH_PX // 2
        return around[:, :, middle:-middle, middle:-middle] * self._inside()

    def _patches(self, chosen: Tensor) -> Tensor:
        """(M, D) of the content, of those that are 1; of all, where too few are."""
        assert self.content is not None
        places = chosen.flatten().nonzero()[:, 0]
        if len(places) < _LEAST_PATCHES:
            return F.unfold(self.without_hole(), PATCH_PX)[0].T
        some = torch.randperm(len(places), generator=torch.Generator().manual_seed(0))[:_PATCHES]
        places = places[some.to(places.device)]
        rows, columns = places // chosen.shape[3], places % chosen.shape[3]
        windows = self.content[0].unfold(1, PATCH_PX, 1).unfold(2, PATCH_PX, 1)
        return windows[:, rows, columns].transpose(0, 1).flatten(1)

    def seen(self, canvas: Tensor) -> Tensor:
        return crop(canvas, self.size)


def evenly_filled(content: Tensor, free: Tensor) -> Tensor:
    """content (1, C, H, W) with what is 1 in free (H, W), which is not all, filled evenly from its
    borders: the Laplace equation, solved by as many sweeps as reach across the canvas."""
    kept, hole = content * (1 - free), free[None, None]
    share, filled = 1 - hole, kept
    while not share.all():  # nearest colours first, so that the sweeps begin near their end
        share, filled = (F.avg_pool2d(field, 3, 1, 1) for field in (share, filled))
        filled = torch.where(hole > 0, filled / share.clamp(min=1e-6), content)
        share = torch.where(hole > 0, (share > 0).float(), 1.0)
        filled = filled * share
    for _ in range(sum(filled.shape[2:])):
        filled = torch.where(hole > 0, F.avg_pool2d(_edged(filled), 3, 1), content)
    return filled


def _table(patches: Tensor, filters: Tensor) -> Tensor:
    """(M, D) → (S, n, Q) quantiles of their projections."""
    projected = filters.flatten(2).flatten(0, 1) @ patches.T
    return at_ranks(ascending(projected), QUANTILES).reshape(*filters.shape[:2], -1)


def _edged(canvas: Tensor) -> Tensor:
    return F.pad(canvas, (1, 1, 1, 1), mode="replicate")


def _smoothed(rows: Tensor, share: float) -> Tensor:
    """(N, C, M), each the mean over a window of so much of the row."""
    radius = int(rows.shape[2] * share / 2)
    return F.avg_pool1d(rows, 2 * radius + 1, 1, radius, count_include_pad=False)
