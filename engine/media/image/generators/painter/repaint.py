"""A layout repainted from coarse to fine with the patches of the sources.

At each scale the canvas is compared with the sources as they looked at the scale before, and takes
what they look like at this one (Kwatra et al. 2005, Granot et al. 2022): what is compared is as
soft as the canvas, what is taken is sharp. A second round compares sharp with sharp.
Legend: N works of one size (H, W), K sources, s the scale in px; the rest as in `nearest`.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.progress import Advance, placed
from engine.media.image.generators.painter.bands import meanwhile, over_bands, waited
from engine.media.image.generators.painter.blending import blended, gradients
from engine.media.image.generators.painter.regions import Taken, taken
from engine.media.image.generators.painter.scales import (
    FLAT_SCREENS,
    Hold,
    RepaintSettings,
    Scale,
    Shows,
    Work,
    enlarged,
    scale_at,
    scales,
)
from engine.media.image.generators.painter.search import SWEEPS, carry, find, keep_limit, search_of
from engine.media.image.generators.painter.sources import (
    Atlas,
    Source,
    are_flat,
    atlas_at,
    picture_of,
    rows_of,
    shown,
)
from engine.media.image.generators.painter.voting import Votes, centred_window, vote
from engine.media.image.generators.transport.symmetry import fold
from engine.media.image.pyramid import RATIO, size_at

FINE_PX = 200.0  # from here one round a scale
SPREAD = 0.35  # of the votes' kernel, in pixels of [-1, 1]
HOLDING_TURNS = 6
SMALL_STEP = 0.06  # at a seam: about up to here it is dissolved over FAR_PX, a larger one near it
FAR_PX = 24.0
_SEED_STEP = 7919


def repaint(
    layouts: Sequence[Tensor],
    size: tuple[int, int],
    sources: Sequence[Source],
    shares: Tensor | None,
    seeds: Sequence[int],
    settings: RepaintSettings,
    hold: Hold | None = None,
    guides: Sequence[Tensor] | None = None,
    shows: Sequence[Shows] | None = None,
) -> Generator[Advance, None, tuple[Tensor, list[Taken]]]:
    """Layouts (3, h, w) each → works (N, 3, *size) in [-1, 1], and what each took from where.

    shares (N, K): how much each work leans on each source (None: on all alike). guides
    (G, h, w): of the works, where all sources have one. shows: what of the sources each work shows
    (None: all as they are). Yields after each slice of work, with the
    pictures after each scale. Work i depends on layout and seed i alone.
    """
    plan = scales(size, settings.begin_px)
    if are_flat(sources if shows is None else sources[: shows[0].figures]):
        settings = replace(settings, screens=FLAT_SCREENS)
    works = _begun(layouts, sources, shares, seeds, settings.lean, guides, shows)
    turns = [2 if px < FINE_PX and n < len(plan) - 1 else 1 for n, px in enumerate(plan)]
    costs = [px * px * count for px, count in zip(plan, turns, strict=True)]
    total, done = sum(costs) * len(works), 0.0
    before: Scale | None = None
    for n, px in enumerate(plan):
        begun = waited(partial(scale_at, plan, n, size, settings, hold))
        scale = yield from placed(begun, lambda _, d=done: Advance(d, total))
        if before is not None:
            scale.old_size = before.size
        zooms: tuple[float, ...] | None = ()
        atlases: list[Atlas] = []
        for work in works:
            if work.shows.zooms != zooms:
                zooms = work.shows.zooms
                made = _atlases(shown(sources, zooms), px, settings, turns[n], scale.guided)
                atlases = yield from placed(made, lambda _, d=done: Advance(d, total))
            for atlas_turn, atlas in enumerate(atlases):
                for part in paint_round(work, atlas, atlas_turn, scale, settings, hold):
                    yield Advance(done + part * costs[n] / turns[n], total)
                done += costs[n] / turns[n]
        before = scale
        yield Advance(done, total, torch.stack([work.canvas for work in works]))
    return torch.stack([work.canvas for work in works]), [
        work.took for work in works if work.took is not None
    ]


def _begun(
    layouts: Sequence[Tensor],
    sources: Sequence[Source],
    shares: Tensor | None,
    seeds: Sequence[int],
    lean: float,
    guides: Sequence[Tensor] | None,
    shows: Sequence[Shows] | None,
) -> list[Work]:
    """The works as they stand before the first scale: their layouts."""
    return [
        Work(
            layout,
            layout,
            seed,
            bias_of(sources, None if shares is None else shares[n], lean),
            None if guides is None else guides[n],
            shows=Shows() if shows is None else shows[n],
        )
        for n, (layout, seed) in enumerate(zip(layouts, seeds, strict=True))
    ]


def bias_of(sources: Sequence[Source], shares: Tensor | None, power: float) -> np.ndarray:
    """(K,): sources that a work leans less on seem farther."""
    own = np.array([source.bias for source in sources], np.float32)
    if shares is None:
        return own
    lean = (shares.max() / shares.clamp(min=1e-3)).clamp(max=100) ** power
    return own * lean.cpu().numpy().astype(np.float32)


def _atlases(
    sources: Sequence[Source], px: float, settings: RepaintSettings, turns: int, guided: float
) -> Generator[Advance, None, list[Atlas]]:
    """Soft keys, then sharp ones; both have sharp values."""
    there = px * settings.brush
    made = partial(atlas_at, sources, there, guided=guided, descriptors=settings.descriptors)
    soft = yield from waited(partial(made, seen_px=there * RATIO))
    if turns == 1:
        return [soft]
    return [soft, (yield from waited(partial(made, seen_px=None)))]


def paint_round(
    work: Work, atlas: Atlas, turn: int, scale: Scale, settings: RepaintSettings, hold: Hold | None
) -> Iterator[float]:
    """The canvas at this scale, searched for and voted on once. Yields the share that is done."""
    is_first = not work.field.size
    if turn == 0:
        work.canvas = enlarged(work.canvas, scale, settings)
        if scale.pull and not is_first:
            again = enlarged(work.layout, scale, settings)
            work.canvas = torch.lerp(work.canvas, again, scale.pull)
    seed = (work.seed * _SEED_STEP + round(scale.px) * 31 + turn) & 0x7FFFFFFF
    if turn == 0:
        for _ in meanwhile(lambda: carry(work, atlas, scale, seed)):
            yield 0.0
    work.sizes = atlas.sizes
    search = search_of(work, atlas, scale, settings)
    cost = np.zeros(scale.shape, np.float32)
    yield from (0.1 * p for p in find(work, search, cost, scale, seed, SWEEPS[not is_first]))
    yield 0.5
    for _ in keep_limit(work, search, cost, scale, settings, seed):
        yield 0.6
    for _ in _take(work, atlas, cost, scale, settings, turn):
        yield 0.8

    def end() -> None:
        _hold(work, scale, settings, hold)
        if scale.is_last:
            work.took = taken(work.field, scale.active, atlas.sizes, settings.wrap)

    for _ in meanwhile(end):
        yield 0.9


def _take(
    work: Work, atlas: Atlas, cost: np.ndarray, scale: Scale, settings: RepaintSettings, turn: int
) -> Iterator[None]:
    """The canvas becomes what its patches vote for, seams dissolved."""
    typical = np.quantile(cost[scale.active > 0], 0.75) + 1e-4
    weights = (scale.active / (1 + cost / typical)).astype(np.float32)
    before = rows_of(work.canvas)
    steps, theirs = yield from meanwhile(lambda: (gradients(before, 3), gradients(atlas.values, 3)))
    colours = before.copy()
    window = centred_window()
    rows, columns = scale.size
    for plane, values, channels in (
        (colours, atlas.values, 3),
        (steps, theirs, 6),
    ):
        votes = Votes(
            values, channels, work.field, weights, window, settings.wrap, SPREAD, settings.rounds
        )
        for _ in over_bands(rows, columns, lambda a, b, v=votes, p=plane: vote(v, p, a, b)):
            yield
    mixed = yield from meanwhile(lambda: joined(colours, steps, before, scale, settings.wrap))
    work.canvas = picture_of(mixed)


def joined(
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
    near = _held(aim, steps.reshape(shape), target, held, scale.screen, wrap)
    own = gradients(near.reshape(len(before), -1), near.shape[2]).reshape(*shape[:2], -1)
    seams = own - steps.reshape(shape)
    large = np.abs(seams).max(-1, keepdims=True) / SMALL_STEP
    far = _held(near.copy(), own - seams / (1 + large**4), target, held, FAR_PX**-2, wrap)
    return far.reshape(len(before), -1).clip(-1, 1)


def _held(
    aim: np.ndarray,
    steps: np.ndarray,
    target: np.ndarray,
    held: np.ndarray,
    weight: float,
    wrap: bool,
) -> np.ndarray:
    """`blended`, as `target` (H, W, 3) where that is `held` (H, W): what the solution is off by
    there is given back to it, a few times. Changes `aim`."""
    aim[held] = target[held]
    mixed = aim
    for _ in range(HOLDING_TURNS):
        mixed = blended(aim, steps, weight, wrap)
        aim[held] += target[held] - mixed[held]
    return mixed


def _hold(work: Work, scale: Scale, settings: RepaintSettings, hold: Hold | None) -> None:
    """What of layout and content stays, and symmetry."""
    canvas = work.canvas
    if scale.is_last and settings.kept:
        canvas = torch.lerp(canvas, enlarged(work.layout, scale, settings), settings.kept)
    canvas = fold(canvas[None], settings.symmetry)[0]
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
