"""Style and brief → pictures, painted with the references' patches.

Legend: N works, K references, sources: the references and, where an artist's own picture is the
start, that picture first.

    use       layout                                   painted with
    compose   transport at coarse scales               the references
    restyle   the content in their colours             the references, guided by what it shows
    sketch    the content, halfway to their colours    the references
    vary      the content, displaced at a coarse scale the content and the references
    fill      the content, its hole filled evenly      the content, then the references
    extend    the content, gone on beyond its borders  the content, then the references
    enlarge   the content                              the references and the content
"""

import logging
import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from engine.core.preference_tensors import weights_of
from engine.core.progress import Advance, Result, placed, shares as shares_of_whole
from engine.interfaces import brief_of_one
from engine.media.image.generators.painter import kept_pictures, restyle, tiles
from engine.media.image.generators.painter.arranging import MOST_ZOOM
from engine.media.image.generators.painter.bands import waited
from engine.media.image.generators.painter.features import shipped_features
from engine.media.image.generators.painter.frames import unframed
from engine.media.image.generators.painter.from_content import (
    PLANS,
    RepaintPlan,
    content_of,
    settings_of,
    size_of,
)
from engine.media.image.generators.painter.hole import window_around
from engine.media.image.generators.painter.layout import (
    Beginnings,
    beginnings,
    begun_with,
    ground_of,
    layouts,
    zooms_of,
)
from engine.media.image.generators.painter.margins import Margins, with_margins
from engine.media.image.generators.painter.recolouring import recoloured
from engine.media.image.generators.painter.regions import Limit, Taken
from engine.media.image.generators.painter.repaint import repaint
from engine.media.image.generators.painter.scales import Shows
from engine.media.image.generators.painter.sources import Source, shrunk
from engine.media.image.generators.transport import chance, mixture
from engine.media.image.generators.transport.draw import Steps
from engine.media.image.generators.transport.finish import Finish
from engine.media.image.generators.transport.memory import is_shortage
from engine.media.image.generators.transport.start import StartingPicture, read_start
from engine.media.image.generators.transport.weights import Prior
from engine.protocol import PictureBrief, Symmetry, Use

log = logging.getLogger(__name__)

BEGIN_PX = (90.0, 24.0)  # where composing begins to be repainted: new … collage
LIMITS = (0.14, 0.9)  # the side of a region from one place, as a share of the work's shorter side
KNOWN = 0.25  # the side of a region by which a reference may be recognised
MORE_KNOWN = 2.3  # the share of the work in such regions is this power of `collage`
LEAN = 0.25  # of `RepaintSettings`: a place stays with one reference
HEIGHT = 2.0  # the weight of the guide of heights at no invention
_LAYOUT_COST = 0.3  # of composing, as a share of repainting


@dataclass(frozen=True, slots=True)
class Painted:
    """pictures (N, 3, H, W) in [-1, 1]; taken: of each, what came from where. has_content: the
    first source is the artist's own picture, the others are the references."""

    pictures: Tensor
    taken: tuple[Taken, ...]
    has_content: bool


def draw(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    prior: Prior,
    device: torch.device,
    steps: Steps | None = None,
) -> Generator[Advance, None, Painted]:
    """Yields after each slice of work, with the pictures after each scale. Picture i depends on
    seed + i alone. steps: of the layouts' transport. Where memory does not last for all together
    they are painted one by one, where it does not for one either in small tiles, and every slice
    says so. Raises BadInput for a start that does not serve."""
    try:
        return (yield from _together(tensors, brief, prior, device, steps, tiles.USUAL))
    except (MemoryError, RuntimeError) as error:
        if not is_shortage(error):
            raise
    painted = []
    for i in range(brief.count):
        one = brief_of_one(brief, i)
        tilings = (tiles.SCARCE,) if brief.count == 1 else (tiles.USUAL, tiles.SCARCE)
        slices = _with_less(tensors, one, prior, device, steps, tilings)
        told = shares_of_whole(slices, i, brief.count)
        painted.append((yield from placed(told, _in_parts)))
    return Painted(
        torch.cat([each.pictures for each in painted]),
        tuple(taken for each in painted for taken in each.taken),
        painted[0].has_content,
    )


def _with_less(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    prior: Prior,
    device: torch.device,
    steps: Steps | None,
    tilings: tuple[tiles.Tiling, ...],
) -> Generator[Advance, None, Painted]:
    """By the first of the tilings that memory lasts for."""
    for tiling in tilings:
        log.warning("memory is short: one by one, whole up to %d px", tiling.whole)
        try:
            return (yield from _together(tensors, brief, prior, device, steps, tiling))
        except (MemoryError, RuntimeError) as error:
            if tiling == tilings[-1] or not is_shortage(error):
                raise
    raise AssertionError("the last tiling returns or raises")


def _in_parts(part: Advance) -> Advance:
    """Without its picture, which would be shown in the first one's place."""
    return replace(part, pictures=None, in_parts=True)


def _together(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    prior: Prior,
    device: torch.device,
    steps: Steps | None,
    tiling: tiles.Tiling,
) -> Generator[Advance, None, Painted]:
    """All works of the brief, scale by scale; of a hole in a large picture, what surrounds it."""
    start = yield from waited(partial(read_start, brief, torch.device("cpu")))
    size = brief.height_px, brief.width_px
    plain = Symmetry(brief.symmetry) is Symmetry.NONE and not brief.tile
    window = None
    if brief.use is Use.FILL and start.free is not None and tiles.is_large(size, tiling) and plain:
        window = window_around(start.free)
    if window is None or start.content is None or start.free is None:
        return (yield from _of_start(tensors, brief, start, prior, device, steps, tiling))
    inside = replace(brief, height_px=window.size[0], width_px=window.size[1])
    hole = replace(start, content=window.of(start.content), free=window.of(start.free))
    content = start.content

    def shown(part: Advance) -> Advance:
        seen = part.pictures
        return part if seen is None else replace(part, pictures=window.put(seen, content))

    slices = _of_start(tensors, inside, hole, prior, device, steps, tiling)
    painted = yield from placed(slices, shown)
    told = tuple(window.taken(each, size) for each in painted.taken)
    return Painted(window.put(painted.pictures, content), told, painted.has_content)


def _of_start(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    start: StartingPicture,
    prior: Prior,
    device: torch.device,
    steps: Steps | None,
    tiling: tiles.Tiling,
) -> Generator[Advance, None, Painted]:
    """All works of the brief from its start, scale by scale."""
    finest_px = math.sqrt(brief.height_px * brief.width_px) * brief.brush
    finest_px *= MOST_ZOOM if brief.use is Use.COMPOSE else 1.0
    references, margins = yield from waited(partial(_references, tensors, brief, finest_px))
    shares = yield from waited(partial(_shares, tensors, start, brief))
    if brief.use is Use.COMPOSE or start.content is None:
        plan = yield from composition(tensors, brief, references, shares, prior, device, steps)
        before = _LAYOUT_COST
    elif brief.use is Use.RESTYLE:
        plan = yield from _restyled(tensors, brief, start, references, shares)
        before = _LAYOUT_COST
    else:
        made = partial(PLANS[brief.use], brief, start, references, shares)
        plan, before = (yield from waited(made)), 0.0
    size = brief.height_px, brief.width_px
    seeds = chance.own_seeds(brief)
    if tiles.is_large(size, tiling):
        slices = tiles.repaint_in_tiles(plan, size, seeds, tiling)
    else:
        slices = repaint(
            *(plan.layouts, size, plan.sources, plan.shares, seeds),
            *(plan.settings, plan.hold, plan.guides, plan.shows),
        )
    finish = Finish(brief, start)
    pictures, taken = yield from _finishing(slices, finish, before)
    count = len(plan.sources) - len(plan.figures)
    told = tuple(each.of_references(plan.figures).without(margins) for each in taken)
    return Painted(pictures, told, count > len(references))


def _references(
    tensors: Mapping[str, Tensor], brief: PictureBrief, finest_px: float
) -> tuple[list[Source], list[Margins]]:
    """Of the style; where composed from, without frames, and the margins that they were given."""
    kept = kept_pictures.pictures_in(tensors)
    references = [shrunk(Source(pixels, opaque), finest_px) for pixels, opaque in kept]
    if brief.use is not Use.COMPOSE:
        return references, []
    prepared = [with_margins(unframed(each)) for each in references]
    return [each for each, _ in prepared], [each for _, each in prepared]


def _finishing(
    slices: Generator[Advance, None, tuple[Tensor, list[Taken]]], finish: Finish, before: float
) -> Generator[Advance, None, tuple[Tensor, list[Taken]]]:
    """Previews and works in their last colours; `before` of a whole of 1 + before was done."""
    total = 1 + before
    while True:
        try:
            part = next(slices)
        except StopIteration as ended:
            pictures, taken = ended.value
            break
        done = before + part.done / part.total
        if part.pictures is not None:
            seen = yield from _meanwhile_at(done, total, partial(finish, part.pictures))
            part = replace(part, pictures=seen)
        yield replace(part, done=done, total=total)
    return (yield from _meanwhile_at(total, total, partial(finish, pictures))), taken


def _meanwhile_at(
    done: float, total: float, act: Callable[[], Tensor]
) -> Generator[Advance, None, Tensor]:
    """A step that is one piece, where `done` of `total` was done."""
    return placed(waited(act), lambda _: Advance(done, total))


def _shares(tensors: dict[str, Tensor], start: StartingPicture, brief: PictureBrief) -> Tensor:
    """(N, K): on which reference each work leans."""
    weights = tensors[kept_pictures.WEIGHTS]
    moved = weights_of(tensors, brief.follow)
    weights = moved if len(moved) == len(weights) else weights  # a blend's layout has one table
    if (
        start.leans_on_content
        and start.content is not None
        and len(tensors["means"]) == len(weights)
    ):
        one = mixture.leaning(weights, mixture.likest(tensors, start.content[0]))
        return one.expand(brief.count, -1)
    return chance.strayed_shares(brief, lambda seeds: mixture.shares(weights, seeds))


def begin_of(brief: PictureBrief) -> float:
    """The scale at which a composition begins to be repainted, in px."""
    return BEGIN_PX[0] * (BEGIN_PX[1] / BEGIN_PX[0]) ** brief.collage


def composition(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    references: list[Source],
    shares: Tensor,
    prior: Prior,
    device: torch.device,
    steps: Steps | None = None,
) -> Generator[Advance, None, RepaintPlan]:
    """How works that start from nothing are laid out, and what they are painted from."""
    begin = beginnings(brief, references, shares, begin_of(brief), limit_of(brief).side)
    begun = yield from _shares_of_a_whole(begin, 0.0, 1 + _LAYOUT_COST)
    layout = layouts(tensors, brief, prior, device, begun, begin_of(brief), steps)
    return (yield from _composed(layout, brief, references, shares, begun))


def _composed(
    slices: Generator[Advance, None, Tensor],
    brief: PictureBrief,
    references: list[Source],
    shares: Tensor,
    begun: Beginnings | None,
) -> Generator[Advance, None, RepaintPlan]:
    total = 1 + _LAYOUT_COST
    drawn = yield from _shares_of_a_whole(slices, _LAYOUT_COST, total)
    settings = settings_of(brief, begin_of(brief))
    settings = replace(settings, limit=limit_of(brief), lean=LEAN)
    height = 0.0 if brief.tile else HEIGHT * (1 - brief.invention)
    if begun is None:
        return RepaintPlan(list(drawn.cpu()), references, shares, settings)
    grounds = []
    for source in references:
        rows, columns = size_of(source.pixels)
        guide = height * torch.linspace(0, 1, rows)[None, :, None].expand(1, rows, columns)
        grounds.append(replace(source, guide=guide))
    of_figures, count = begun.of_figures(), len(grounds)
    figures = [grounds[k] for k in of_figures]
    for k, figure in begun.figures().items():
        grounds[k] = ground_of(grounds[k], figure)
    shows = [
        Shows(
            zooms_of(work, which, of_figures, count), work.stands_out, count,
            begun_with(work, which, of_figures, count),
        )
        for work, which in zip(begun.works, begun.which, strict=True)
    ]  # fmt: skip
    shares = torch.cat([begun.shares, begun.shares[:, of_figures]], 1)
    own = [height * work.heights[None] for work in begun.works]
    layouts, sources = list(drawn.cpu()), [*grounds, *figures]
    return RepaintPlan(
        layouts, sources, shares, settings, guides=own, shows=shows, figures=tuple(of_figures)
    )


def limit_of(brief: PictureBrief) -> Limit:
    """What may be recognised of a composition's references."""
    side = LIMITS[0] * (LIMITS[1] / LIMITS[0]) ** brief.collage
    return Limit(side, KNOWN, brief.collage**MORE_KNOWN)


def _shares_of_a_whole(
    slices: Generator[Advance, None, Result], share: float, total: float
) -> Generator[Advance, None, Result]:
    """`share` of `total`, without the pictures of the slices."""
    return placed(
        slices,
        lambda part: Advance(share * part.done / part.total, total, in_parts=part.in_parts),
    )


def _restyled(
    tensors: Mapping[str, Tensor],
    brief: PictureBrief,
    start: StartingPicture,
    references: list[Source],
    shares: Tensor,
) -> Generator[Advance, None, RepaintPlan]:
    """The guide has the colours of all references by their weights, whichever of them a work leans
    on, so that a work is the same in any batch."""
    content = content_of(start)
    pictures = [source.pixels for source in references]
    coloured = []
    for row in shares:
        one = yield from waited(partial(recoloured, content, pictures, row))
        coloured.append(one)
    net = shipped_features(torch.device("cpu"))
    weights = tensors[kept_pictures.WEIGHTS]
    shown = partial(recoloured, content, pictures, weights / weights.sum())
    in_all_colours = yield from waited(shown)
    slices = restyle.guided(content, in_all_colours, references, net)
    sources, guide = yield from _shares_of_a_whole(slices, _LAYOUT_COST, 1 + _LAYOUT_COST)
    settings = restyle.manner_of(settings_of(brief, 0.0), brief.strength)
    return RepaintPlan(coloured, sources, shares, settings, guides=[guide] * brief.count)
