"""The nearest patches of a work at one scale: carried over from the scale before, searched for, and
sought again elsewhere where too much came from one place."""

import math
from collections.abc import Iterator

import numpy as np

from engine.media.image.generators.painter.bands import over_bands
from engine.media.image.generators.painter.nearest import PATCH_PX, Search, measure, sweep
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
NEAR_PX = 16  # how far around its best place such a search looks
REACH = 1 / 8  # of a scale: nearer than this to where it was a region may not be taken again
LEAST_LIMIT_PX = PATCH_PX + 3  # smaller regions are no regions yet
LIMIT_TURNS = 8  # at the last scale


def carry(work: Work, atlas: Atlas, scale: Scale, seed: int) -> None:
    """The field and the bans of the scale before, on the canvas of this one; at the first, places
    at random."""
    if not work.field.size or scale.old_sources is None:
        rng = np.random.default_rng(seed)
        work.field = atlas.places[rng.integers(0, len(atlas.places), scale.shape)].copy()
        work.bans = no_bans(scale.shape)
        return
    ratio = scale.size[0] / scale.old_size[0], scale.size[1] / scale.old_size[1]
    work.field = grown_field(work.field, scale.shape, ratio, scale.old_sources, atlas.sizes)
    work.bans = grown_bans(work.bans, scale.shape, math.sqrt(ratio[0] * ratio[1]))


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
    return Search(
        seen, atlas.keys, atlas.channels, scale.active, scale.active, atlas.valid, atlas.places,
        work.bias, work.bans, reach, settings.loose, span,
    )  # fmt: skip


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
    """What exceeds the limit is sought again elsewhere, at the last scale until nothing does."""
    limit = settings.limit
    if limit is None or limit.side * min(scale.size) < LEAST_LIMIT_PX:
        return
    edges = edges_of(work.canvas)[: scale.shape[0], : scale.shape[1]]
    if not scale.is_last:
        limit = limit._replace(share=1.0)
    rng = np.random.default_rng(seed)
    for turn in range(LIMIT_TURNS if scale.is_last else 1):
        over = excess(work.field, scale.active, edges, limit, min(scale.size), rng)
        if not over.any():
            return
        ban(work.bans, work.field, over, (turn + seed) % SLOTS)
        again = search._replace(sought=over.astype(np.uint8))
        for _ in find(work, again, cost, scale, seed + 1 + turn, SWEEPS[1]):
            yield
