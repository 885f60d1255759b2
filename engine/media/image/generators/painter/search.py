"""The nearest patches of a work at one scale: carried over from the scale before, searched for, and
sought again elsewhere where too much came from one place."""

import math
from collections.abc import Iterator

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.painter.bands import meanwhile, over_bands
from engine.media.image.generators.painter.nearest import (
    ALL_GROUNDS,
    FIGURE,
    PATCH_PX,
    Search,
    measure,
    part,
    sweep,
)
from engine.media.image.generators.painter.regions import (
    SLOTS,
    ban,
    edges_of,
    excess,
    grown_bans,
    no_bans,
)
from engine.media.image.generators.painter.scales import RepaintSettings, Scale, Work, wrapped
from engine.media.image.generators.painter.sources import Atlas, with_guide

SWEEPS = (6, 3)  # of the first search, and of those that go on from a coarser one
BEGUN_FROM = 0.4  # of what stands out
AS_LARGE = 0.03  # how much larger or smaller is still that
NEAR_PX = 16  # how far around its best place such a search looks
REACH = 1 / 8  # of a scale: nearer than this to where it was a region may not be taken again
LEAST_LIMIT_PX = PATCH_PX + 3  # smaller regions are no regions yet
LIMIT_TURNS = 8  # at the last scale


def carry(work: Work, atlas: Atlas, scale: Scale, seed: int) -> None:
    """The field and the bans of the scale before, on the canvas of this one; at the first, places
    at random."""
    if not work.field.size or work.sizes is None:
        rng = np.random.default_rng(seed)
        work.field = atlas.places[rng.integers(0, len(atlas.places), scale.shape)].copy()
        work.bans = no_bans(scale.shape)
        _begin(work, atlas, scale)
        return
    ratio = scale.size[0] / scale.old_size[0], scale.size[1] / scale.old_size[1]
    work.field = grown_field(work.field, scale.shape, ratio, work.sizes, atlas.sizes)
    work.bans = grown_bans(work.bans, scale.shape, math.sqrt(ratio[0] * ratio[1]))
    if _stay_whole(work, atlas, scale):
        _begin(work, atlas, scale, figures_only=True)


def _stay_whole(work: Work, atlas: Atlas, scale: Scale) -> bool:
    """Whether the work's figures can stay exactly where they are placed: the canvas is all of it,
    and the figures are as large in their sources as in the work."""
    shows = work.shows
    if shows.begun is None or shows.zooms is None or not shows.is_whole:
        return False
    shown = [int(k) for k in shows.begun[0].unique() if k >= shows.figures]
    sides = [math.sqrt(atlas.sizes[k].prod()) / (shows.zooms[k] * scale.px) for k in shown]
    return bool(shown) and all(abs(side - 1) < AS_LARGE for side in sides)


def _begin(work: Work, atlas: Atlas, scale: Scale, figures_only: bool = False) -> None:
    """The patches that the work begins with, where figures are or something stands out."""
    begun, standing = work.shows.begun, work.shows.stands_out
    if begun is None or standing is None:
        return
    which, down, right = _begun_at(begun, scale)
    i, j = np.meshgrid(*_middles(scale), indexing="ij")
    k = which.astype(np.int32)
    y = i - PATCH_PX // 2 + np.round(down * scale.size[0]).astype(np.int32)
    x = j - PATCH_PX // 2 + np.round(right * scale.size[1]).astype(np.int32)
    held = k >= work.shows.figures
    for at, axis in ((y, 0), (x, 1)):
        np.clip(at, 0, atlas.sizes[k, axis] - PATCH_PX, out=at)
    places = np.stack([k, y, x], -1).astype(work.field.dtype)
    if not figures_only:
        held |= (_at_patches(standing, scale) > BEGUN_FROM) & (k < work.shows.figures)
    work.field = np.where(held[..., None], places, work.field)


def grown_field(
    field: np.ndarray,
    shape: tuple[int, int],
    ratio: tuple[float, float],
    old: np.ndarray,
    new: np.ndarray,
) -> np.ndarray:
    """A field (H', W', 3) on a canvas of `ratio` times the size, and on sources of sizes `new`
    (K, 2) instead of `old`."""
    return grown_at(field, np.arange(shape[0]), np.arange(shape[1]), ratio, old, new)


def grown_at(
    field: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    ratio: tuple[float, float],
    old: np.ndarray,
    new: np.ndarray,
) -> np.ndarray:
    """The same at some rows and columns of the larger canvas."""
    i = np.minimum((rows / ratio[0]).astype(int), field.shape[0] - 1)
    j = np.minimum((columns / ratio[1]).astype(int), field.shape[1] - 1)
    coarse = field[i[:, None], j[None]]
    k = coarse[..., 0]
    past = (rows - i * ratio[0])[:, None], (columns - j * ratio[1])[None]
    grown = np.empty_like(coarse)
    grown[..., 0] = k
    for axis in (0, 1):
        place = coarse[..., 1 + axis] * (new[k, axis] / old[k, axis]) + past[axis]
        grown[..., 1 + axis] = np.clip(np.round(place), 0, new[k, axis] - PATCH_PX)
    return grown


def search_of(work: Work, atlas: Atlas, scale: Scale, settings: RepaintSettings) -> Search:
    guide, canvas = work.guide, work.canvas
    if settings.wrap:
        canvas = wrapped(with_guide(canvas, guide, 1.0))
        canvas, guide = canvas[:3], None if guide is None else canvas[3:]
    seen = atlas.seen(canvas, guide, scale.guided)
    reach = max(2, round(scale.px * REACH))
    span = PATCH_PX if atlas.describe is None else 1
    active = _active(work, scale)
    sought = scale.active
    if _stay_whole(work, atlas, scale):
        is_placed = (active == FIGURE) & (work.field[..., 0] >= work.shows.figures)
        sought = np.where(is_placed, 0, sought).astype(np.uint8)
    return Search(
        seen, atlas.keys, atlas.channels, active, sought, atlas.valid,
        atlas.places, work.bias, work.bans, reach, settings.loose, span, work.shows.figures,
        _home(work, scale), settings.wrap,
    )  # fmt: skip


def _home(work: Work, scale: Scale) -> np.ndarray:
    """(H', W') of int32: the source that the work begins with at each patch; empty, where it began
    with none."""
    if work.shows.begun is None:
        return np.zeros((0, 0), np.int32)
    return _begun_at(work.shows.begun[:1], scale)[0].astype(np.int32)


def _active(work: Work, scale: Scale) -> np.ndarray:
    """With those patches that are in the midst of a figure."""
    shows = work.shows
    if shows.begun is None or shows.figures == ALL_GROUNDS:
        return scale.active
    is_figure = _at_patches((shows.begun[0] >= shows.figures).float(), scale)
    return np.where((is_figure > 0.5) & (scale.active > 0), FIGURE, scale.active).astype(np.uint8)


def find(
    work: Work, search: Search, cost: np.ndarray, scale: Scale, seed: int, sweeps: int
) -> Iterator[float]:
    """The nearest patches, in place."""
    field = work.field
    rows, columns = scale.shape
    for _ in over_bands(rows, columns, lambda a, b: measure(search, field, cost, seed, a, b)):
        yield 0.0
    whole = max(search.valid.shape[1:]) // 2
    radius = whole if sweeps == SWEEPS[0] else min(NEAR_PX, whole)
    for turn in range(sweeps):
        before = field.copy()

        def act(first: int, last: int, turn: int = turn, before: np.ndarray = before) -> None:
            sweep(search, before, field, cost, seed, turn, radius, first, last)

        for _ in over_bands(rows, columns, act):
            yield turn / sweeps


def keep_limit(
    work: Work, search: Search, cost: np.ndarray, scale: Scale, settings: RepaintSettings, seed: int
) -> Iterator[None]:
    """What exceeds the limit is sought again elsewhere; at the last scale until nothing does, or
    what still does is taken to pieces."""
    limit = settings.limit
    if limit is None or limit.side * min(scale.size) < LEAST_LIMIT_PX:
        return
    edges = edges_of(work.canvas)[: scale.shape[0], : scale.shape[1]]
    if not scale.is_last:
        limit = limit._replace(share=1.0)
    rng = np.random.default_rng(seed)
    standing, figures = work.shows.stands_out, work.shows.figures
    standing = None if standing is None else _at_patches(standing, scale)

    def what_is_over() -> np.ndarray:
        field, side = work.field, min(scale.size)
        return excess(
            field, scale.active, edges, limit, side, rng, standing, figures, settings.wrap
        )

    for turn in range(LIMIT_TURNS if scale.is_last else 1):
        over = yield from meanwhile(what_is_over)
        if not over.any():
            break
        ban(work.bans, work.field, over, (turn + seed) % SLOTS)
        again = search._replace(sought=over.astype(np.uint8))
        for _ in find(work, again, cost, scale, seed + 1 + turn, SWEEPS[1]):
            yield
    if scale.is_last:
        over = yield from meanwhile(what_is_over)
        yield from meanwhile(lambda: part(search, work.field, cost, over, seed))


def _middles(scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """The rows (H',) and columns (W',) of the canvas where the middles of patches are; of a canvas
    without borders the last are at its begin."""
    sides = zip(scale.shape, scale.size, strict=True)
    rows, columns = ((np.arange(count) + PATCH_PX // 2) % side for count, side in sides)
    return rows, columns


def _begun_at(planes: Tensor, scale: Scale) -> np.ndarray:
    """(C, h, w) of a work, in the middle of each patch of the canvas, not mixed: (C, H', W')."""
    whole, (rows, columns) = (
        F.interpolate(planes[None], scale.size, mode="nearest"),
        _middles(scale),
    )
    return whole[0].numpy()[:, rows[:, None], columns]


def _at_patches(plane: Tensor, scale: Scale) -> np.ndarray:
    """(h, w) of a work, in the middle of each patch of the canvas: (H', W')."""
    rows, columns = _middles(scale)
    whole = F.interpolate(plane[None, None], scale.size, mode="bilinear")[0, 0].numpy()
    return whole[rows[:, None], columns]
