"""What the artist's own picture becomes before it is repainted: sketched over, varied, filled,
extended, enlarged. Restyling has a module of its own (`restyle`).

Legend: as in `draw`; content (3, H, W), layouts (3, h, w) each.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.painter import restyle
from engine.media.image.generators.painter.alternatives import (
    Alternative,
    alternatives,
    shown_from,
)
from engine.media.image.generators.painter.continuing import continued
from engine.media.image.generators.painter.features import shipped_features
from engine.media.image.generators.painter.recolouring import recoloured
from engine.media.image.generators.painter.salience import salience_of
from engine.media.image.generators.painter.scales import Hold, RepaintSettings, Shows
from engine.media.image.generators.painter.sources import Source
from engine.media.image.generators.transport import chance
from engine.media.image.generators.transport.ground import ScaleStart
from engine.media.image.generators.transport.start import HOLE_PX, StartingPicture
from engine.media.image.pyramid import resize, size_at
from engine.protocol import PictureBrief, Symmetry, Use

SKETCH_PX = (120.0, 48.0, 24.0)  # where a sketch begins to be repainted, at strength 0, 1, 2
VARY_PX = (90.0, 44.0, 20.0)  # where a work that is varied is displaced, at strength 0, 1, 2
VARY_SHARE = 0.16  # how far, as a share of its sides, at strength 1
VARY_CELLS = 3
VARY_STRANGE = 1.8  # how many times farther a reference seems than the work that is varied
STRANGE = (2.5, 1.3)  # how many times farther a reference seems than what is around a hole, by …
LEAST_FILL_PX = 20.0
EXTEND_PX = 120.0  # where what a picture goes on with begins to be repainted
SKETCH_PULL = 0.6  # of the sketch at strength 0
SKETCH_NOISE = 0.06
ELSEWHERE_FROM = 0.4  # … how much more than this is invented: up to here a hole is filled evenly
IN_ITS_LIGHT = 0.45  # how far a reference of which a thing is taken gets the content's colours
LIGHT_PX = 120.0  # the scale at which they are moved


@dataclass(frozen=True, slots=True)
class RepaintPlan:
    """What repainting needs. shares (N, K) of the sources; guides of the works, and what they
    show; figures: of the last sources, the numbers of those that they are the figures of."""

    layouts: Sequence[Tensor]
    sources: Sequence[Source]
    shares: Tensor
    settings: RepaintSettings
    hold: Hold | None = None
    guides: Sequence[Tensor] | None = None
    shows: Sequence[Shows] | None = None
    figures: tuple[int, ...] = ()


def _sketched(
    brief: PictureBrief, start: StartingPicture, references: list[Source], shares: Tensor
) -> RepaintPlan:
    """Flat colours become the material that has them (Hertzmann et al. 2001, texture by numbers:
    the numbers are the colours that both have where they are seen from far away)."""
    content = content_of(start)
    pictures = [source.pixels for source in references]
    begin_px = restyle.between(SKETCH_PX, brief.strength)
    size = size_at(*size_of(content), min(begin_px, scale_of(content)))
    small = resize(content[None], size)[0]
    layouts = []
    for row, seed in zip(shares, chance.own_seeds(brief), strict=True):
        noise = torch.randn(3, *size, generator=torch.Generator().manual_seed(seed))
        near = torch.lerp(small, recoloured(small, pictures, row), 0.5)
        layouts.append((near + SKETCH_NOISE * noise).clamp(-1, 1))
    pull = SKETCH_PULL * (1 - brief.strength / 2)
    return RepaintPlan(
        layouts, references, shares, replace(settings_of(brief, begin_px), pull=pull)
    )


def _varied(
    brief: PictureBrief, start: StartingPicture, references: list[Source], shares: Tensor
) -> RepaintPlan:
    content = content_of(start)
    begin_px = restyle.between(VARY_PX, brief.strength)
    small = resize(content[None], size_at(*size_of(content), min(begin_px, scale_of(content))))[0]
    moved = [_displaced(small, brief, seed) for seed in chance.own_seeds(brief)]
    return _with_content(brief, content, None, references, shares, moved, begin_px, VARY_STRANGE)


def _displaced(small: Tensor, brief: PictureBrief, seed: int) -> Tensor:
    """(3, h, w), each place taken from not far away: a smooth field of displacements at random."""
    generator = torch.Generator().manual_seed(seed)
    field = torch.randn(1, 2, VARY_CELLS, VARY_CELLS, generator=generator)
    size = small.shape[1:]
    smooth = F.interpolate(field, size, mode="bicubic", align_corners=True)[0]
    rows = torch.linspace(-1, 1, size[0])[:, None].expand(*size)
    columns = torch.linspace(-1, 1, size[1]).expand(*size)
    reach = VARY_SHARE * brief.strength
    there = torch.stack([columns, rows], -1) + reach * smooth.permute(1, 2, 0)
    return F.grid_sample(
        small[None], there[None], mode="bilinear", padding_mode="reflection", align_corners=True
    )[0]


def _filled(
    brief: PictureBrief, start: StartingPicture, references: list[Source], shares: Tensor
) -> RepaintPlan:
    content = content_of(start)
    assert start.free is not None
    free = start.free.cpu()
    hole_px = math.sqrt(float(free.sum()))
    begin_px = min(scale_of(content), max(LEAST_FILL_PX, scale_of(content) * HOLE_PX / hole_px))
    size = size_at(*size_of(content), begin_px)
    ground = ScaleStart.at(start, replace(brief, tile=False), begin_px, size, cropped=True)
    even = ground.without_hole()[0]
    plan = _around(brief, content, free, references, shares, [even] * brief.count, begin_px)
    if not _elsewhere(brief):
        return plan
    own = Source(content, 1 - free)
    theirs = [_in_its_light(source, content) for source in references]
    found = alternatives(own, theirs, free, scale_of(content))
    if not found:
        return plan
    things = [found[seed % len(found)] for seed in chance.own_seeds(brief)]
    return _with_things(plan, things, own, theirs)


def _in_its_light(source: Source, content: Tensor) -> Source:
    """A reference in colours on the way to the content's."""
    moved = recoloured(source.pixels, [content], torch.ones(1), LIGHT_PX)
    return replace(source, pixels=torch.lerp(source.pixels, moved, IN_ITS_LIGHT))


def _with_things(
    plan: RepaintPlan, things: Sequence[Alternative], content: Source, references: list[Source]
) -> RepaintPlan:
    """Each work with a thing in its hole, which is painted as it is; around the thing the hole is
    painted with the content."""
    sources = [content, *references, content]
    last = len(sources) - 1
    shows, layouts = [], []
    for thing, layout in zip(things, plan.layouts, strict=True):
        number = thing.source or last
        zooms = [1.0, *[0.0] * last]
        zooms[number] = thing.zoom / plan.settings.brush
        moved = torch.tensor(thing.moved)[:, None, None] * thing.mask
        begun = torch.cat([number * thing.mask[None], moved])
        shows.append(Shows(tuple(zooms), torch.zeros_like(thing.mask), 1, begun))
        layouts.append(_laid_over(layout, thing, sources[number]))
    leaned = torch.cat([plan.shares, plan.shares[:, :1]], 1)
    return replace(plan, layouts=layouts, sources=sources, shares=leaned, shows=shows, figures=(0,))


def _laid_over(layout: Tensor, thing: Alternative, source: Source) -> Tensor:
    """(3, h, w): the layout with a thing of the source on it."""
    size = size_of(layout)
    own = size_at(*size_of(source.pixels), scale_of(layout) * thing.zoom)
    pixels = resize(source.pixels[None], own)[0].numpy()
    shown = torch.from_numpy(shown_from(pixels, size, thing.moved))
    mask = F.interpolate(thing.mask[None, None], size, mode="area")[0]
    return torch.lerp(layout, shown, mask)


def _extended(
    brief: PictureBrief, start: StartingPicture, references: list[Source], shares: Tensor
) -> RepaintPlan:
    content = content_of(start)
    assert start.free is not None
    free = start.free.cpu()
    begin_px = min(scale_of(content), EXTEND_PX)
    size = size_at(*size_of(content), begin_px)
    small = resize(content[None], size)[0]
    outside = F.adaptive_max_pool2d(free[None, None], size)[0, 0]
    standing = _standing(content, free, size)
    layouts = [continued(small, outside, standing, seed) for seed in chance.own_seeds(brief)]
    return _around(brief, content, free, references, shares, layouts, begin_px)


def _standing(content: Tensor, free: Tensor, size: tuple[int, int]) -> Tensor:
    """(h, w), 0 … 1: how much of what is kept stands out; 0 around it."""
    rows, columns = (torch.nonzero(free.amin(dim) < 1)[:, 0] for dim in (1, 0))
    kept = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    found = salience_of(content[:, *kept], shipped_features(torch.device("cpu")))
    whole = torch.zeros_like(free)
    whole[kept] = F.interpolate(found[None, None], whole[kept].shape, mode="bilinear")[0, 0]
    return F.interpolate(whole[None, None], size, mode="area")[0, 0]


def _around(
    brief: PictureBrief,
    content: Tensor,
    free: Tensor,
    references: list[Source],
    shares: Tensor,
    layouts: Sequence[Tensor],
    begin_px: float,
) -> RepaintPlan:
    """Painted where it is free, and held elsewhere."""
    strange = STRANGE[0] + (STRANGE[1] - STRANGE[0]) * _elsewhere(brief)
    plan = _with_content(brief, content, 1 - free, references, shares, layouts, begin_px, strange)
    return replace(plan, hold=Hold(content, free))


def _elsewhere(brief: PictureBrief) -> float:
    """0 … 1: how far from its surroundings a hole is filled."""
    return max(0.0, brief.invention - ELSEWHERE_FROM) / (1 - ELSEWHERE_FROM)


def _enlarged(
    brief: PictureBrief, start: StartingPicture, references: list[Source], shares: Tensor
) -> RepaintPlan:
    content = content_of(start)
    own_px = start.own_px
    small = resize(content[None], size_at(*size_of(content), min(own_px, scale_of(content))))[0]
    layouts = [small] * brief.count
    plan = _with_content(brief, small, None, references, shares, layouts, own_px, 1.0)
    return replace(plan, hold=Hold(content, None, own_px))


def _with_content(
    brief: PictureBrief,
    content: Tensor,
    usable: Tensor | None,
    references: list[Source],
    shares: Tensor,
    layouts: Sequence[Tensor],
    begin_px: float,
    strange: float,
) -> RepaintPlan:
    """Painted with the content first, and with references that seem `strange` times farther."""
    theirs = [replace(source, bias=strange) for source in references]
    sources = [Source(content, usable), *theirs]
    leaned = torch.cat([shares.amax(1, keepdim=True), shares], 1)
    return RepaintPlan(layouts, sources, leaned, settings_of(brief, begin_px))


def settings_of(brief: PictureBrief, begin_px: float) -> RepaintSettings:
    """What every use has in common."""
    return RepaintSettings(
        begin_px=begin_px,
        rounds=round(8 * brief.detail),
        brush=brief.brush,
        wrap=brief.tile,
        symmetry=Symmetry(brief.symmetry),
    )


def content_of(start: StartingPicture) -> Tensor:
    assert start.content is not None
    return start.content[0].cpu()


def size_of(pixels: Tensor) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[2]


def scale_of(pixels: Tensor) -> float:
    return math.sqrt(pixels.shape[1] * pixels.shape[2])


PLANS = {
    Use.SKETCH: _sketched,
    Use.VARY: _varied,
    Use.FILL: _filled,
    Use.EXTEND: _extended,
    Use.ENLARGE: _enlarged,
}
