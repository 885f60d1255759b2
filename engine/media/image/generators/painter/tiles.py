"""Large works: painted whole up to a size that memory and patience allow, then finer in tiles.

A tile is painted with a margin around it. Of the margin, what a tile before has painted is held and
joined to without a seam, as a hole's surroundings are; and every tile keeps the look of the whole
work where that is seen from further away, so that tiles do not drift apart.
Legend: as in `repaint`; H, W of a work at one scale, h, w of a tile with its margin.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.memory import give_back
from engine.core.progress import Advance, Result, placed
from engine.media.image.generators.painter.bands import waited
from engine.media.image.generators.painter.from_content import RepaintPlan, scale_of, size_of
from engine.media.image.generators.painter.regions import MAP_PX, Taken, no_bans
from engine.media.image.generators.painter.repaint import bias_of, paint_round, repaint
from engine.media.image.generators.painter.scales import (
    FLAT_SCREENS,
    Hold,
    RepaintSettings,
    Scale,
    Work,
    active_patches,
    scales,
)
from engine.media.image.generators.painter.search import grown_at
from engine.media.image.generators.painter.sources import Atlas, are_flat, atlas_at, shown
from engine.media.image.generators.transport.symmetry import fold
from engine.media.image.pyramid import RATIO, resize, size_at
from engine.protocol import Symmetry

EDGE_PX = 4  # of a margin, beside what its tile has not seen: painted, but not kept
LIKE_WHOLE = 0.5  # of the whole's scale: down to there a tile keeps its look
TILE_COST = 1.6  # of a pixel, against one of the whole: margins are painted twice
_SEEN_PX = 1024  # the longer side of what is shown meanwhile
_SEED_STEP = 104_729


@dataclass(frozen=True, slots=True)
class Tiling:
    """In px: the longer side up to which works are painted whole, the sides of tiles, and the
    margins around these."""

    whole: int
    tile: int
    margin: int


USUAL, SCARCE = Tiling(1024, 416, 48), Tiling(448, 208, 32)


@dataclass(frozen=True, slots=True)
class Box:
    """A tile with its margins: rows (h,) and columns (w,) of its canvas, in order; past the border
    of a canvas without borders they begin anew. kept (h, w): without what lies at an edge that is
    none of the canvas."""

    rows: Tensor
    columns: Tensor
    kept: Tensor

    @property
    def size(self) -> tuple[int, int]:
        return len(self.rows), len(self.columns)

    def of(self, plane: Tensor) -> Tensor:
        """(…, H, W) → (…, h, w)."""
        return plane[..., self.rows[:, None], self.columns]

    def put(self, plane: Tensor, part: Tensor, where: Tensor) -> None:
        """Into (…, H, W), in place, where `where` (h, w) is true."""
        i, j = where.nonzero(as_tuple=True)
        plane[..., self.rows[i], self.columns[j]] = part[..., i, j]


@dataclass(frozen=True, slots=True)
class Carried:
    """The nearest patches of a canvas of `size` (h, w): field (h', w', 3), and sizes (K, 2) of the
    sources there."""

    field: np.ndarray
    sizes: np.ndarray
    size: tuple[int, int]

    def to(self, box: Box, shape: tuple[int, int], scale: "Finer") -> np.ndarray:
        """(*shape, 3): of a tile on the canvas of a finer scale."""
        ratio = scale.size[0] / self.size[0], scale.size[1] / self.size[1]
        rows, columns = box.rows[: shape[0]].numpy(), box.columns[: shape[1]].numpy()
        return grown_at(self.field, rows, columns, ratio, self.sizes, scale.atlas.sizes)


@dataclass(slots=True)
class Finer:
    """One scale that is painted in tiles. pixels (3, H, W): what stands there so far; looks
    (3, H, W): what it looks like from further away, down to own_px; free (H, W): what is still to
    be painted; places (3, H, W): as in `Taken`; counts (K,): patches from each source; largest: the
    side of the largest region, in px. before: the nearest patches of the coarser scale; field
    (3, H, W): those of this one, unless it is the last."""

    px: float
    pixels: Tensor
    looks: Tensor
    own_px: float
    free: Tensor
    atlas: Atlas
    settings: RepaintSettings
    is_last: bool
    counts: Tensor
    places: Tensor
    before: Carried
    field: Tensor | None
    largest: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        return size_of(self.pixels)

    def carried(self) -> Carried:
        """For the next scale."""
        assert self.field is not None
        return Carried(self.field.permute(1, 2, 0).numpy(), self.atlas.sizes, self.size)


def is_large(size: tuple[int, int], tiling: Tiling = USUAL) -> bool:
    return max(size) > tiling.whole


def tile_boxes(size: tuple[int, int], tiling: Tiling, wrap: bool) -> list[Box]:
    """Tiles of about one size that cover a canvas (H, W), row by row."""
    spans = [_spans(side, tiling, wrap) for side in size]
    return [
        Box(rows, columns, kept_rows[:, None] & kept_columns)
        for rows, kept_rows in spans[0]
        for columns, kept_columns in spans[1]
    ]


def _spans(side: int, tiling: Tiling, wrap: bool) -> list[tuple[Tensor, Tensor]]:
    """(places, which of them are kept) along one side."""
    count = -(-side // tiling.tile)
    spans = []
    for n in range(count):
        first = round(side * n / count) - tiling.margin
        last = round(side * (n + 1) / count) + tiling.margin
        if not wrap:
            first, last = max(0, first), min(side, last)
        places = torch.arange(first, last)
        kept = torch.ones(len(places), dtype=torch.bool)
        kept[:EDGE_PX] = first == 0 and not wrap
        kept[-EDGE_PX:] = last == side and not wrap
        spans.append((places % side, kept))
    return spans


def repaint_in_tiles(
    plan: RepaintPlan, size: tuple[int, int], seeds: Sequence[int], tiling: Tiling
) -> Generator[Advance, None, tuple[Tensor, list[Taken]]]:
    """As `repaint`, of works that are too large for it, one after the other. What is shown
    meanwhile is smaller than the works."""
    works: list[Tensor] = []
    told: list[Taken] = []
    for n, seed in enumerate(seeds):
        rows = None if plan.shares is None else plan.shares[n : n + 1]
        guides = None if plan.guides is None else plan.guides[n : n + 1]
        shows = None if plan.shows is None else plan.shows[n : n + 1]
        alone = replace(plan, layouts=[plan.layouts[n]], shares=rows, guides=guides, shows=shows)
        before = [_seen(work) for work in works]

        def part_of_all(part: Advance, n: int = n, before: list[Tensor] = before) -> Advance:
            seen = part.pictures
            if seen is not None:
                own = resize(seen, size_of(before[0])) if before else seen
                seen = torch.cat([*(each[None] for each in before), own])
            done = n + part.done / part.total
            return replace(part, done=done, total=len(seeds), pictures=seen)

        work, taken = yield from placed(_one(alone, size, seed, tiling), part_of_all)
        works.append(work)
        told.append(taken)
    return torch.stack(works), told


def _one(
    plan: RepaintPlan, size: tuple[int, int], seed: int, tiling: Tiling
) -> Generator[Advance, None, tuple[Tensor, Taken]]:
    """(3, *size): the whole, then each finer scale of it."""
    px, whole_px = math.sqrt(size[0] * size[1]), math.sqrt(size[0] * size[1])
    whole_px *= tiling.whole / max(size)
    settings = replace(plan.settings, kept=0.0)
    finer = scales(size, whole_px / math.sqrt(RATIO))
    finer = [each for each in finer if each > whole_px * 1.01] or [px]
    cost = sum(each**2 for each in scales(size_at(*size, whole_px), settings.begin_px))
    total, done = cost + TILE_COST * sum(each**2 for each in finer), cost
    slices = repaint(
        plan.layouts, size_at(*size, whole_px), plan.sources, plan.shares, [seed], settings,
        plan.hold, plan.guides, plan.shows,
    )  # fmt: skip
    pictures, [taken] = yield from _from(slices, 0.0, cost, total)
    canvas = pictures[0]
    before = Carried(taken.field, taken.sizes, size_of(canvas))
    if are_flat(plan.sources):
        settings = replace(settings, screens=FLAT_SCREENS)
    for each in finer:
        here = size if each == finer[-1] else size_at(*size, each)
        cost = TILE_COST * each**2
        is_last = each == finer[-1]
        slices = _at_scale(plan, canvas, before, settings, here, each, seed, tiling, is_last)
        scale = yield from _from(slices, done, cost, total)
        canvas = fold(scale.pixels[None], settings.symmetry)[0]
        if is_last:
            taken = _taken(scale, taken)
        else:
            before = scale.carried()
        done += cost
    last = waited(lambda: _with_layout(canvas, plan))
    return (yield from placed(last, lambda _: Advance(total, total))), taken


def _from(
    slices: Generator[Advance, None, Result], before: float, cost: float, total: float
) -> Generator[Advance, None, Result]:
    """Of work that costs `cost` after `before` of `total`."""

    def moved(part: Advance) -> Advance:
        return replace(part, done=before + cost * part.done / part.total, total=total)

    return placed(slices, moved)


def _at_scale(
    plan: RepaintPlan,
    whole: Tensor,
    before: Carried,
    settings: RepaintSettings,
    size: tuple[int, int],
    px: float,
    seed: int,
    tiling: Tiling,
    is_last: bool,
) -> Generator[Advance, None, Finer]:
    """A canvas of `size` from a coarser one (3, h, w). Advances are counted in tiles."""
    boxes = tile_boxes(size, tiling, settings.wrap)
    give_back()  # what the scale before has left
    yield Advance(0.0, len(boxes))
    begin = waited(lambda: _begun(plan, whole, before, settings, size, px, is_last))
    scale = yield from placed(begin, lambda part: replace(part, total=len(boxes)))
    shares = None if plan.shares is None else plan.shares[0]
    bias = bias_of(plan.sources, shares, settings.lean)
    shows = None if plan.shows is None else plan.shows[0].at(size)
    for n, box in enumerate(boxes):
        pixels = box.of(scale.pixels)
        work = Work(pixels, pixels, seed + _SEED_STEP * (n + 1), bias)
        if shows is not None:
            work.shows = shows.cut(box.of)
        for part in _tile(scale, box, work):
            yield Advance(n + part, len(boxes))
        yield Advance(n + 1, len(boxes), _seen(scale.pixels)[None])
    return scale


def _begun(
    plan: RepaintPlan,
    whole: Tensor,
    before: Carried,
    settings: RepaintSettings,
    size: tuple[int, int],
    px: float,
    is_last: bool,
) -> Finer:
    """The whole at `size`, and of what its tiles are painted."""
    grown = F.interpolate(whole[None], size, mode="bicubic", align_corners=False)[0].clamp(-1, 1)
    free = torch.ones(size, dtype=torch.bool)
    if settings.symmetry is not Symmetry.NONE:  # what the other half is a copy of
        order = torch.arange(size[0] * size[1], dtype=torch.float32).view(1, 1, *size)
        free = (fold(order, settings.symmetry) == order)[0, 0]
    looks, own_px, hold = grown, LIKE_WHOLE * scale_of(whole), plan.hold
    if hold is not None and hold.own_px:
        looks, own_px = resize(hold.content[None], size)[0], hold.own_px
    if hold is not None and hold.free is not None:
        free &= F.adaptive_max_pool2d(hold.free[None, None], size)[0, 0] > 0
        grown = torch.where(free, grown, resize(hold.content[None], size)[0])
    there = px * settings.brush
    zooms = None if plan.shows is None else plan.shows[0].zooms
    sources = [replace(source, guide=None) for source in shown(plan.sources, zooms)]
    return Finer(
        px=px,
        pixels=grown.clone(),
        looks=looks,
        own_px=own_px,
        free=free,
        atlas=atlas_at(sources, there, there * RATIO, descriptors=settings.descriptors),
        settings=settings,
        is_last=is_last,
        counts=torch.zeros(len(plan.sources)),
        places=torch.full((3, *size), -1, dtype=torch.int16),
        before=before,
        field=None if is_last else torch.zeros(3, *size, dtype=torch.int32),
    )


def _tile(scale: Finer, box: Box, work: Work) -> Generator[float, None, None]:
    """Painted, and put in its place. Yields the share that is done."""
    free = box.of(scale.free)
    if not free.any():
        return
    shorter = min(scale.pixels.shape[1:]) / min(box.size)
    limit = scale.settings.limit
    settings = replace(
        scale.settings,
        limit=None if limit is None else limit.of_part(shorter),
        wrap=False,
        symmetry=Symmetry.NONE,
    )
    here = Scale(
        px=scale.px,
        size=box.size,
        is_last=True,
        active=active_patches(free.float(), box.size, wrap=False),
        content=torch.where(free, box.of(scale.looks), work.canvas),
        free=free.float(),
        screen=settings.screens[1],
        guided=0.0,
        old_size=box.size,
    )
    work.sizes = scale.atlas.sizes
    work.field, work.bans = scale.before.to(box, here.shape, scale), no_bans(here.shape)
    own_px = scale.own_px * math.sqrt(box.size[0] * box.size[1]) / scale.px
    hold = Hold(work.canvas, here.free, own_px)
    yield from paint_round(work, scale.atlas, 0, here, settings, hold)
    done = free & box.kept
    box.put(scale.pixels, work.canvas, done)
    box.put(scale.free, torch.zeros_like(free), done)
    if scale.field is not None:
        found = torch.from_numpy(work.field.astype(np.int32)).permute(2, 0, 1)
        box.put(scale.field, found, done[: here.shape[0], : here.shape[1]])
    elif work.took is not None:
        _count(scale, box, work.took, done)


def _count(scale: Finer, box: Box, took: Taken, done: Tensor) -> None:
    """Adds what a tile took from where."""
    scale.counts += done.sum() * torch.tensor(took.shares)
    scale.largest = max(scale.largest, took.largest * min(box.size))
    grid = torch.from_numpy(took.places).permute(2, 0, 1).float()
    there = F.interpolate(grid[None], box.size)[0].to(torch.int16)
    box.put(scale.places, there, done & (there[0] >= 0))


def _taken(scale: Finer, before: Taken) -> Taken:
    """Of all tiles. A region across two of them is measured where it was coarser."""
    size = scale.size
    step = max(1, -(-max(size) // MAP_PX))
    places = scale.places[:, ::step, ::step].permute(1, 2, 0).numpy().copy()
    shares = scale.counts / scale.counts.sum().clamp(min=1)
    largest = max(before.largest, min(1.0, scale.largest / min(size)))
    return replace(before, shares=tuple(shares.tolist()), largest=largest, places=places)


def _with_layout(canvas: Tensor, plan: RepaintPlan) -> Tensor:
    """What of its layout stays in a work, and what was not to be painted."""
    if plan.settings.kept:
        layout = F.interpolate(plan.layouts[0][None], canvas.shape[1:], mode="bicubic")[0]
        canvas = torch.lerp(canvas, layout.clamp(-1, 1), plan.settings.kept)
        canvas = fold(canvas[None], plan.settings.symmetry)[0]
    hold = plan.hold
    if hold is None or hold.free is None:
        return canvas
    size = size_of(canvas)
    free = F.adaptive_max_pool2d(hold.free[None, None], size)[0, 0] > 0
    return torch.where(free, canvas, resize(hold.content[None], size)[0])


def _seen(pixels: Tensor) -> Tensor:
    """(3, h, w): as large as it need be to be shown."""
    height, width = pixels.shape[1:]
    shrink = min(1.0, _SEEN_PX / max(height, width))
    return resize(pixels[None], (round(height * shrink), round(width * shrink)))[0]
