"""The coarse layouts that are repainted: transport and denoiser at coarse scales only, begun with
pieces of the reference that a work leans on.

Legend: N works, K references, layouts (N, 3, h, w) in [-1, 1].
"""

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.progress import Advance
from engine.media.image.generators.painter.arranging import (
    OF_SEVERAL as OF_SEVERAL_ZOOMED,
    ZOOMED,
    Arrangement,
    Seen,
    arranged,
    freedom_of,
    joined,
    zoom_of,
)
from engine.media.image.generators.painter.bands import all_waited
from engine.media.image.generators.painter.features import shipped_features
from engine.media.image.generators.painter.outlining import outlined
from engine.media.image.generators.painter.repeating import has_motif, repeated
from engine.media.image.generators.painter.salience import (
    SEEN_PX,
    Figure,
    drawn_on_plain,
    figure_in,
    salience_of,
    spans,
)
from engine.media.image.generators.painter.schemes import MOST_FIGURES, Draw, draws_of
from engine.media.image.generators.painter.sources import Source
from engine.media.image.generators.transport import chance
from engine.media.image.generators.transport.draw import Steps, aim_of, drawn
from engine.media.image.generators.transport.plan import CALM
from engine.media.image.generators.transport.start import StartingPicture
from engine.media.image.generators.transport.weights import Prior
from engine.media.image.pyramid import size_at, start_scale_px
from engine.protocol import Palette, PictureBrief, Symmetry, Use

LEAST_PX = 16
USUAL_PX = 425.0  # the scale of a work: drafts and finished works of a seed have one layout
OF_SEVERAL = (1, 3)  # figures of one of several references, on a plain ground: each needs memory
NOISE = (0.2, 1.0)  # the share of noise in the start at invention 0 and 1
MOST_OF_PICTURE = 0.45  # a larger figure leaves too little ground to stand in: it is the scene
SECOND = 1.0  # of the works of several references have another one below the first
HELD, HELD_ELSEWHERE = 0.8, (0.5, 0.7)  # of its beginning: a layout, where that stands out
TILE_ENTRY_PX = 24.0  # coarser patches of a scene make bands, which repeat
ENTRY_PX = 26.0  # coarser patches span so much of a picture that every work is laid out alike


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What layouts begin with, one for each work. which (h, w) each: of which reference it is.
    shares (N, K): how much works lean on each. seen: references by their number. side: of what may
    be recognised, as a share of a work's shorter side."""

    works: Sequence[Arrangement]
    which: Sequence[Tensor]
    shares: Tensor
    seen: dict[int, Seen]
    side: float

    @property
    def pictures(self) -> Tensor:
        """(N, 3, h, w) in [-1, 1]."""
        return torch.stack([work.picture for work in self.works])

    def figures(self) -> dict[int, Figure]:
        """Of the references whose figures were taken out of their ground: these."""
        found = {}
        for k, each in self.seen.items():
            if each.figure is not None and each.figure_zoom(self.side) is not None:
                found[k] = each.figure
        return found

    def of_figures(self) -> list[int]:
        """Of every source that is a figure, the number of its reference: as many of each as a work
        shows."""
        most: dict[int, int] = {}
        for work, which in zip(self.works, self.which, strict=True):
            k = int(which[0, 0])
            most[k] = max(most.get(k, 0), len(work.figures))
        return [k for k in sorted(most) for _ in range(most[k])]

    def held(self, layouts: Tensor) -> Tensor:
        """Layouts (N, 3, h, w) as they began where figures are and on plain ground, mostly so where
        something stands out; and, more or less, elsewhere, more where grounds are made up: layouts
        have the colours of whole references, and these have not."""
        held = []
        for work, which in zip(self.works, self.which, strict=True):
            seen = self.seen[int(which[0, 0])]
            figure, is_apart = seen.figure, seen.figure_zoom(self.side) is not None
            is_made_up = is_apart or bool((which != which[0, 0]).any())
            own = HELD * work.stands_out.clamp(min=HELD_ELSEWHERE[is_made_up])
            is_whole = (work.in_figure > 0) | (figure is not None and figure.on_plain)
            held.append(torch.where(is_whole, 1.0, own))
        weight = torch.stack(held)[:, None].to(layouts)
        return torch.lerp(layouts, self.pictures.to(layouts), weight)


def beginnings(
    brief: PictureBrief, sources: Sequence[Source], shares: Tensor, scale_px: float, side: float
) -> Generator[Advance, None, Beginnings | None]:
    """Of compositions at `scale_px`; none where nothing of the references' composition is wanted,
    or where a tile has no motif. shares (N, K) of the sources; side: of what may be
    recognised, as a share of a work's shorter side. Yields before each work."""
    if brief.invention >= 1:
        return None
    if brief.tile:
        return (yield from _tiled(brief, sources, shares, scale_px, side))
    size, draws = _size(brief, scale_px), chance.strayed_shares(brief, draws_of)
    wide = [source.pixels.shape[2] >= source.pixels.shape[1] for source in sources]
    level = torch.tensor(wide).to(shares)
    leaned = [
        _leaned_on(row, level, own, brief.invention) for row, own in zip(shares, draws, strict=True)
    ]
    seen = yield from _all_seen(sources)  # all, so that a work is the same alone and in a batch
    works, whiches, rows = [], [], []
    for row, (one, other), own in zip(shares, leaned, draws, strict=True):
        yield Advance(len(works), brief.count)
        work, which, own_row = _begun(row, one, other, seen, size, own, brief.invention, side)
        works.append(work)
        whiches.append(which)
        rows.append(own_row)
    return Beginnings(works, whiches, torch.stack(rows), seen, side)


def _tiled(
    brief: PictureBrief, sources: Sequence[Source], shares: Tensor, scale_px: float, side: float
) -> Generator[Advance, None, Beginnings | None]:
    """As `beginnings`, of tiles: each shows the motif of that of its references which it leans on
    most of those that have one; none where none has, or symmetry would double it."""
    if Symmetry(brief.symmetry) is not Symmetry.NONE:
        return None
    size, draws = _size(brief, scale_px), chance.strayed_shares(brief, draws_of)
    every = yield from _all_seen(sources)
    seen = {k: looked for k, looked in every.items() if has_motif(looked, side)}
    if not seen:
        return None
    works, whiches = [], []
    for row, own in zip(shares, draws, strict=True):
        yield Advance(len(works), brief.count)
        k = max(seen, key=lambda k: float(row[k]))
        work = repeated(seen[k], size, own, brief.invention, side)
        works.append(work)
        whiches.append(torch.full_like(work.heights, k))
    return Beginnings(works, whiches, shares, seen, side)


def _leaned_on(row: Tensor, level: Tensor, draws: Tensor, invention: float) -> tuple[int, int]:
    """The reference that a work leans on most, and another one, where both are `level` (K,), 1 or
    0: what is wide mostly has a horizon, what is high is a figure and has no place for another."""
    one = int(row.argmax())
    others = row * level * level[one]
    others[one] = 0
    total = float(others.sum())
    if total <= 0 or float(draws[Draw.SECOND]) >= SECOND * freedom_of(invention):
        return one, one
    drawn = float(draws[Draw.WHICH]) * total
    return one, min(int((others.cumsum(0) < drawn).sum()), len(row) - 1)


def _all_seen(sources: Sequence[Source]) -> Generator[Advance, None, dict[int, Seen]]:
    count = len(sources)
    looks = [partial(_looked_at, each.pixels, count, each.finest_px / USUAL_PX) for each in sources]
    return dict(enumerate((yield from all_waited(looks))))


def _looked_at(pixels: Tensor, count: int, most_zoom: float = math.inf) -> Seen:
    """One of `count` references; most_zoom: of it where it repeats."""
    net = shipped_features(torch.device("cpu"))
    salience = salience_of(pixels, net, SEEN_PX[count > 1])
    figure, is_plain = drawn_on_plain(pixels), True
    if figure is None:
        figure, is_plain = figure_in(salience), False
    most_zoom, zooms = max(1.0, most_zoom), OF_SEVERAL_ZOOMED if count > 1 else ZOOMED
    if figure is not None and not is_plain:
        if float(figure.mask.mean()) > MOST_OF_PICTURE:
            return Seen(pixels, salience, None, zooms, most_zoom)
        figure = outlined(figure, salience, pixels)
        figure = None if figure is None or spans(figure.columns) else figure
    most = MOST_FIGURES if count == 1 else OF_SEVERAL[is_plain and figure is not None]
    return Seen(pixels, salience, figure, zooms, most_zoom, most)


def _begun(
    row: Tensor,
    one: int,
    other: int,
    seen: Mapping[int, Seen],
    size: tuple[int, int],
    draws: Tensor,
    invention: float,
    side: float,
) -> tuple[Arrangement, Tensor, Tensor]:
    """The arrangement of a work, of which reference its places are, and its shares (K,)."""
    if one == other or any(seen[k].figure_zoom(side) for k in (one, other)):
        work = arranged(seen[one], size, draws, invention, side)
        return work, torch.full_like(work.heights, one), row
    zoom = max(zoom_of(seen[k], size, draws, invention) for k in (one, other))
    both = [arranged(seen[k], size, draws, invention, side, zoom) for k in (one, other)]
    work, is_lower = joined(both[0], both[1], draws)
    evened = row.clone()
    evened[[one, other]] = (row[one] + row[other]) / 2
    return work, torch.where(is_lower > 0.5, float(other), float(one)), evened


def begun_with(work: Arrangement, which: Tensor, of_figures: Sequence[int], count: int) -> Tensor:
    """(3, h, w) as in `Shows`, of a work of which each place is of the reference `which` (h, w) of
    `count`; of_figures: of every source after these, the number of its reference."""
    if work.figures:
        first = count + of_figures.index(int(which[0, 0]))
        which = torch.where(work.in_figure > 0, first + work.in_figure - 1, which)
    return torch.cat([which[None], work.moved])


def zooms_of(
    work: Arrangement, which: Tensor, of_figures: Sequence[int], count: int
) -> tuple[float, ...]:
    """How large a work shows each of `count` references, and of their figures; 0: not at all."""
    own, shown = int(which[0, 0]), iter(work.figures)
    figures = [next(shown, 0.0) if k == own else 0.0 for k in of_figures]
    return (*[work.zoom] * count, *figures)


def ground_of(source: Source, figure: Figure) -> Source:
    """A reference without its figure."""
    mask = F.interpolate(figure.around[None, None], source.pixels.shape[1:], mode="bilinear")[0, 0]
    ground = (mask < 0.5).float()
    if source.usable is not None:
        ground = ground * source.usable
    return replace(source, usable=ground)


def _size(brief: PictureBrief, scale_px: float) -> tuple[int, int]:
    shape = brief.height_px, brief.width_px
    height, width = size_at(*shape, min(scale_px, math.sqrt(shape[0] * shape[1])))
    return max(LEAST_PX, height), max(LEAST_PX, width)


def layouts(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    prior: Prior,
    device: torch.device,
    begun: Beginnings | None,
    scale_px: float,
    steps: Steps | None = None,
) -> Generator[Advance, None, Tensor]:
    """(N, 3, h, w) at `scale_px`, with the aspect of the brief. Motifs and the ground of a tile are
    as they begin: transport would bring the motifs' colours into the ground."""
    if brief.tile and begun is not None:
        return begun.pictures
    height, width = _size(brief, scale_px)
    drops = brief.tile and Symmetry(brief.symmetry) is Symmetry.NONE
    width = math.ceil(width / 2) if drops else width
    small = replace(
        brief, use=Use.COMPOSE, palette=Palette.THEIRS, width_px=width, height_px=height,
        light=0.0, contrast=0.0, warmth=0.0, redness=0.0, vividness=0.0,
    )  # fmt: skip
    aim = aim_of(tensors, small, prior, device)
    aim = replace(aim, shares=_sharpened(aim.shares))
    if begun is not None:
        if begun.shares.shape == aim.shares.shape:  # a blend's layout has one table
            aim = replace(aim, shares=_sharpened(begun.shares).to(device))
        noise = NOISE[0] + (NOISE[1] - NOISE[0]) * brief.invention
        start = StartingPicture(
            content=begun.pictures.to(device),
            entry_px=max(ENTRY_PX, start_scale_px(brief.invention)),
            noise=noise,
        )
        aim, steps = replace(aim, start=start), steps or CALM
    elif brief.tile:
        entry_px = max(TILE_ENTRY_PX, start_scale_px(brief.invention))
        aim = replace(aim, start=StartingPicture(entry_px=entry_px))
    layouts = yield from drawn(aim, steps)
    if drops:
        return half_drop(layouts)
    return layouts if begun is None else begun.held(layouts)


def half_drop(layouts: Tensor) -> Tensor:
    """(N, 3, h, w) → (N, 3, h, 2 w): beside each layout the same one, half its height farther down,
    as patterns of textiles repeat: what is a band across one of them stands beside a gap."""
    return torch.cat([layouts, layouts.roll(layouts.shape[2] // 2, 2)], 3)


def _sharpened(shares: Tensor) -> Tensor:
    """(N, K): what a work leans on counts still more. A colour of a reference that it hardly leans
    on has no marks beside it to go with: it would be painted as a blurred patch."""
    squares = shares.square()
    return squares / squares.sum(1, keepdim=True)
