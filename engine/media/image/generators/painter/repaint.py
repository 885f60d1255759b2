"""A layout repainted from coarse to fine with the patches of the sources.

At each scale the canvas is compared with the sources as they looked at the scale before, and takes
what they look like at this one (Kwatra et al. 2005, Granot et al. 2022): what is compared is as
soft as the canvas, what is taken is sharp. A second round compares sharp with sharp.
Legend: N works of one size (H, W), K sources, s the scale in px; the rest as in `nearest`.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field as field_of

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.progress import Advance
from engine.media.image.generators.painter.bands import over_bands
from engine.media.image.generators.painter.blending import blended, gradients
from engine.media.image.generators.painter.nearest import PATCH_PX, Search, measure, sweep
from engine.media.image.generators.painter.regions import (
    SLOTS,
    Taken,
    ban_excess,
    grown_bans,
    no_bans,
    taken,
)
from engine.media.image.generators.painter.sources import (
    Atlas,
    Source,
    atlas_at,
    picture_of,
    rows_of,
    with_guide,
)
from engine.media.image.generators.painter.voting import Votes, centred_window, vote
from engine.media.image.generators.transport.symmetry import fold
from engine.media.image.pyramid import RATIO, resize, size_at
from engine.messages import Symmetry

SWEEPS = (6, 3)  # of the first search, and of those that go on from a coarser one
NEAR_PX = 16  # how far around its best place such a search looks
FINE_PX = 200.0  # from here one round a scale
SPREAD = 0.35  # of the votes' kernel, in pixels of [-1, 1]
SCREENS = (4.0, 0.1)  # λ of the first and the last scale: how much voted colours count
REACH = 1 / 8  # of a scale: nearer than this to where it was a region may not be taken again
LEAN = 0.12  # how much farther a source seems that a work leans less on: a power of the shares
LEAST_LIMIT_PX = PATCH_PX + 3  # smaller regions are no regions yet
HOLDING_TURNS = 6
LIMIT_TURNS = 4  # at the last scale
_SEED_STEP = 7919


@dataclass(frozen=True, slots=True)
class Manner:
    """How works are repainted. begin_px: the scale at which it begins. limit: the side that a
    region from one place may have, as a share of the work's shorter side (None: any). guided: the
    weight of guides at the first and the last scale. rounds: of the votes' mode, 0 is their mean.
    pull: 0 … 1, how far every scale begins with the layout. brush: the size of marks against the
    sources'."""

    begin_px: float
    limit: float | None = None
    guided: tuple[float, float] = (1.0, 1.0)
    pull: float = 0.0
    rounds: int = 2
    brush: float = 1.0
    wrap: bool = False
    symmetry: Symmetry = Symmetry.NONE


@dataclass(frozen=True, slots=True)
class Hold:
    """What of a content (3, H, W) stays: free (H, W), 1 where it is painted anew (None: all of
    it). own_px: down to which scale its look is kept (0: none)."""

    content: Tensor
    free: Tensor | None = None
    own_px: float = 0.0


@dataclass(slots=True)
class Work:
    """One work on its way: canvas (3, h, w), and its nearest patches."""

    layout: Tensor
    canvas: Tensor
    seed: int
    bias: np.ndarray
    field: np.ndarray = field_of(default_factory=lambda: np.empty(0))
    bans: np.ndarray = field_of(default_factory=lambda: np.empty(0))
    took: Taken | None = None


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
    guide: Tensor | None
    guided: float
    old_size: tuple[int, int] = (0, 0)
    old_sources: np.ndarray | None = None
    shape: tuple[int, int] = field_of(init=False)

    def __post_init__(self) -> None:
        self.shape = self.active.shape[0], self.active.shape[1]


def scales(size: tuple[int, int], begin_px: float) -> list[float]:
    """From about `begin_px` to the work's own scale."""
    final = math.sqrt(size[0] * size[1])
    count = max(0, round(math.log(begin_px / final) / math.log(RATIO))) if begin_px < final else 0
    return [final * RATIO**n for n in range(count, -1, -1)]


def repaint(
    layouts: Sequence[Tensor],
    size: tuple[int, int],
    sources: Sequence[Source],
    shares: Tensor | None,
    seeds: Sequence[int],
    manner: Manner,
    hold: Hold | None = None,
    guide: Tensor | None = None,
) -> Generator[Advance, None, tuple[Tensor, list[Taken]]]:
    """Layouts (3, h, w) each → works (N, 3, *size) in [-1, 1], and what each took from where.

    shares (N, K): how much each work leans on each source (None: on all alike). guide (G, h, w):
    of the works, where all sources have one. Yields after each
    slice of work, with the pictures after each scale. Work i depends on layout and seed i alone.
    """
    plan = scales(size, manner.begin_px)
    works = [
        Work(layout, layout, seed, _bias(sources, None if shares is None else shares[n]))
        for n, (layout, seed) in enumerate(zip(layouts, seeds, strict=True))
    ]
    turns = [2 if px < FINE_PX and n < len(plan) - 1 else 1 for n, px in enumerate(plan)]
    costs = [px * px * count for px, count in zip(plan, turns, strict=True)]
    total, done = sum(costs) * len(works), 0.0
    before: Scale | None = None
    sizes = None
    for n, px in enumerate(plan):
        scale = _scale(plan, n, size, manner, hold, guide)
        if before is not None:
            scale.old_size, scale.old_sources = before.size, sizes
        atlases = _atlases(sources, px, manner, turns[n], scale.guided)
        for work in works:
            for atlas_turn, atlas in enumerate(atlases):
                for part in _round(work, atlas, atlas_turn, scale, manner, hold):
                    yield Advance(done + part * costs[n] / turns[n], total)
                done += costs[n] / turns[n]
        before, sizes = scale, atlases[-1].sizes
        yield Advance(done, total, torch.stack([work.canvas for work in works]))
    return torch.stack([work.canvas for work in works]), [
        work.took for work in works if work.took is not None
    ]


def _bias(sources: Sequence[Source], shares: Tensor | None) -> np.ndarray:
    """(K,): sources that a work leans less on seem farther."""
    own = np.array([source.bias for source in sources], np.float32)
    if shares is None:
        return own
    lean = (shares.max() / shares.clamp(min=1e-3)).clamp(max=100) ** LEAN
    return own * lean.cpu().numpy().astype(np.float32)


def _scale(
    plan: Sequence[float],
    n: int,
    size: tuple[int, int],
    manner: Manner,
    hold: Hold | None,
    guide: Tensor | None,
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
    screen = SCREENS[0] * (SCREENS[1] / SCREENS[0]) ** share
    guided = manner.guided[0] * (1 - share) + manner.guided[1] * share
    active = _active(free, here, manner.wrap)
    return Scale(px, here, is_last, active, content, free, screen, guide, guided)


def _active(free: Tensor | None, size: tuple[int, int], wrap: bool) -> np.ndarray:
    """(H', W') of uint8: patches that touch what is free."""
    whole = torch.ones(size) if free is None else free
    whole = _wrapped(whole[None])[0] if wrap else whole
    return (F.max_pool2d(whole[None, None], PATCH_PX, 1)[0, 0] > 0).to(torch.uint8).cpu().numpy()


def _wrapped(pixels: Tensor) -> Tensor:
    """(C, H, W) with what comes next across the right and lower border."""
    return F.pad(pixels[None], (0, PATCH_PX - 1, 0, PATCH_PX - 1), mode="circular")[0]


def _atlases(
    sources: Sequence[Source], px: float, manner: Manner, turns: int, guided: float
) -> list[Atlas]:
    """Soft keys, then sharp ones; both have sharp values."""
    there = px * manner.brush
    seen = [there * RATIO, None][:turns]
    return [atlas_at(sources, there, each, guided) for each in seen]


def _round(
    work: Work, atlas: Atlas, turn: int, scale: Scale, manner: Manner, hold: Hold | None
) -> Iterator[float]:
    """The canvas at this scale, searched for and voted on once. Yields the share that is done."""
    is_first = not work.field.size
    if turn == 0:
        work.canvas = _enlarged(work.canvas, scale, manner)
        if manner.pull and not is_first:
            again = _enlarged(work.layout, scale, manner)
            work.canvas = torch.lerp(work.canvas, again, manner.pull)
    seed = (work.seed * _SEED_STEP + round(scale.px) * 31 + turn) & 0x7FFFFFFF
    if turn == 0:
        _carry(work, atlas, scale, seed)
    search = _search(work, atlas, scale, manner)
    cost = np.zeros(scale.shape, np.float32)
    yield from (0.1 * p for p in _find(work, search, cost, scale, seed, SWEEPS[not is_first]))
    yield 0.5
    for _ in _limit(work, search, cost, scale, manner, seed):
        yield 0.6
    for _ in _take(work, atlas, cost, scale, manner, turn):
        yield 0.8
    _hold(work, scale, manner, hold)
    if scale.is_last:
        work.took = taken(work.field, scale.active, atlas.sizes)


def _enlarged(canvas: Tensor, scale: Scale, manner: Manner) -> Tensor:
    """The canvas at the size of a scale, with what is held there."""
    if manner.wrap and canvas.shape[1] < scale.size[0]:
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


def _carry(work: Work, atlas: Atlas, scale: Scale, seed: int) -> None:
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
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
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


def _search(work: Work, atlas: Atlas, scale: Scale, manner: Manner) -> Search:
    seen = with_guide(work.canvas, scale.guide, scale.guided)
    canvas = rows_of(_wrapped(seen) if manner.wrap else seen)
    reach = max(2, round(scale.px * REACH))
    return Search(
        canvas, atlas.keys, atlas.channels, scale.active, atlas.valid, atlas.places,
        work.bias, work.bans, reach,
    )  # fmt: skip


def _find(
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


def _limit(
    work: Work, search: Search, cost: np.ndarray, scale: Scale, manner: Manner, seed: int
) -> Iterator[None]:
    """Regions over the limit are sought again elsewhere."""
    side = 0 if manner.limit is None else manner.limit * min(scale.size)
    if side < LEAST_LIMIT_PX:
        return
    most = round((side - PATCH_PX + 1) ** 2)
    rng = np.random.default_rng(seed)
    for turn in range(LIMIT_TURNS if scale.is_last else 1):
        slot = (turn + seed) % SLOTS
        if not ban_excess(work.field, scale.active, work.bans, most, slot, rng):
            return
        for _ in _find(work, search, cost, scale, seed + 1 + turn, SWEEPS[1]):
            yield


def _take(
    work: Work, atlas: Atlas, cost: np.ndarray, scale: Scale, manner: Manner, turn: int
) -> Iterator[None]:
    """The canvas becomes what its patches vote for, seams dissolved."""
    typical = np.quantile(cost[scale.active > 0], 0.75) + 1e-4
    weights = (scale.active / (1 + cost / typical)).astype(np.float32)
    before = rows_of(work.canvas)
    steps = gradients(before, 3)
    colours = before.copy()
    window = centred_window()
    rows, columns = scale.size
    for plane, values, channels in (
        (colours, atlas.values, 3),
        (steps, gradients(atlas.values, 3), 6),
    ):
        votes = Votes(
            values, channels, work.field, weights, window, manner.wrap, SPREAD, manner.rounds
        )
        for _ in over_bands(rows, columns, lambda a, b, v=votes, p=plane: vote(v, p, a, b)):
            yield
    work.canvas = picture_of(_joined(colours, steps, before, scale, manner.wrap))


def _joined(
    colours: np.ndarray, steps: np.ndarray, before: np.ndarray, scale: Scale, wrap: bool
) -> np.ndarray:
    """(H, W·3): voted colours (H, W·3) and steps (H, W·6) without seams. What is not free stays as
    it was `before`: what the solution is off by there is given back to it, a few times."""
    shape = (*scale.size, -1)
    aim, target = colours.reshape(shape).copy(), before.reshape(shape)
    if scale.free is None:
        mixed = blended(aim, steps.reshape(shape), scale.screen, wrap)
        return mixed.reshape(len(before), -1).clip(-1, 1)
    held = (scale.free <= 0).numpy()
    aim[held] = target[held]
    mixed = aim
    for _ in range(HOLDING_TURNS):
        mixed = blended(aim, steps.reshape(shape), scale.screen, wrap)
        aim[held] += target[held] - mixed[held]
    return mixed.reshape(len(before), -1).clip(-1, 1)


def _hold(work: Work, scale: Scale, manner: Manner, hold: Hold | None) -> None:
    """Symmetry, and what of the content stays."""
    canvas = fold(work.canvas[None], manner.symmetry)[0]
    if hold is not None and scale.content is not None:
        if hold.own_px:
            canvas = _recalled(canvas, scale, hold.own_px)
        if scale.free is not None:
            canvas = torch.where(scale.free > 0, canvas, scale.content)
    work.canvas = canvas


def _recalled(canvas: Tensor, scale: Scale, own_px: float) -> Tensor:
    """As the content looks where that is seen from further away: the difference is projected back
    (Irani and Peleg 1991)."""
    assert scale.content is not None
    small = size_at(*scale.size, min(own_px, scale.px))
    gap = F.interpolate((scale.content - canvas)[None], small, mode="bicubic", antialias=True)
    return (canvas + F.interpolate(gap, scale.size, mode="bicubic")[0]).clamp(-1, 1)
