"""How a tile is laid out: whole motifs, as a designer of textiles sets them, at half a drop or
scattered, on a ground without borders.

A tile goes on across its borders: what leaves it on the right comes in on the left. So motifs stand
anywhere, those that a border parts are whole in the repeat. Each is put where it is farthest from
all others, round the borders too (Mitchell 1991, best candidates, of all places). Their ground is
what surrounds them in their reference, evened: what is lighter above and darker below would be
bands.

Legend: size (h, w) of a layout; strip (7, h, w) and draws as in `arranging`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt, grey_erosion
from torch import Tensor

from engine.media.image.generators.painter.arranging import (
    Arrangement,
    Seen,
    covering,
    freedom_of,
    mask_at,
    strip_of,
)
from engine.media.image.generators.painter.grounds import without
from engine.media.image.generators.painter.salience import Figure
from engine.media.image.generators.painter.schemes import (
    MOTIFS,
    MOTIFS_ON_PLAIN,
    Draw,
    ground_seed,
    places_of,
    sides_of,
)
from engine.media.image.pyramid import resize

Place = tuple[int, int]  # row and column

WIDEST = 0.8  # of a tile's height and width: a motif
LEAST_GAP = 0.04  # of its shorter side, between two
SMALLER = 0.92  # until there is such a gap
RAREST = 1.5  # of their deviation: marks of the ground that differ more are scraps of other things
AS_FAR = 0.75  # of the largest gap that there is: here a motif may stand
GROUND_ZOOMED = (0.8, 1.6)  # how large the ground is shown
EVENED = 10.0  # waves that a tile's side has fewer of are evened in its ground


@dataclass(frozen=True, slots=True, eq=False)
class Motif:
    """A figure as large as it is shown. planes (7, n): of its n places; rows and columns (n,) of
    these in its box; box: how high and wide that is."""

    planes: Tensor
    rows: Tensor
    columns: Tensor
    box: tuple[int, int]

    @classmethod
    def of(cls, seen: Seen, figure: Figure, size: tuple[int, int], zoom: float) -> "Motif":
        strip = strip_of(seen, size, zoom)
        there = mask_at(figure, (strip.shape[1], strip.shape[2])).nonzero()
        if not len(there):  # it is smaller than a place
            middle = [
                int(sum(span) / 2 * side)
                for span, side in zip((figure.rows, figure.columns), strip.shape[1:], strict=True)
            ]
            there = torch.tensor([middle])
        first, last = there.amin(0), there.amax(0)
        rows, columns = there.T
        box = int(last[0] - first[0]) + 1, int(last[1] - first[1]) + 1
        return cls(strip[:, rows, columns], rows - first[0], columns - first[1], box)

    def at(self, place: Place, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """The rows and columns (n,) of a canvas without borders, where its box begins there."""
        return (self.rows + place[0]) % size[0], (self.columns + place[1]) % size[1]


def has_motif(seen: Seen, side: float) -> bool:
    """Whether a reference has a figure that is whole, and may be recognised at this side."""
    return seen.figure is not None and not seen.figure.is_cut and bool(seen.figure_zoom(side))


def repeated(
    seen: Seen, size: tuple[int, int], draws: Tensor, invention: float, side: float
) -> Arrangement:
    """The layout that `draws` make of a reference that has a motif. side: how large motifs may be,
    as a share of the layout's shorter side."""
    figure, most = seen.figure, seen.figure_zoom(side)
    assert figure is not None and most is not None
    kind = MOTIFS_ON_PLAIN if figure.on_plain else MOTIFS
    shares = sides_of(draws, kind)
    if len(set(shares)) > seen.most_figures:
        shares = kind[0][1]
    sizes = sorted(set(shares), reverse=True)
    motifs, zoom = _fitting(seen, figure, size, most, sizes)
    places = _places(motifs, [sizes.index(each) for each in shares], size, draws)
    ground = _ground_zoom(seen, size, draws, invention)
    canvas, inside = torch.zeros(7, *size), torch.zeros(size)
    canvas[:3], canvas[3] = _ground(seen, figure, size, ground, draws), 0.5
    for number, place in places:
        motif = motifs[number]
        rows, columns = motif.at(place, size)
        moved = torch.stack([motif.planes[5] - rows, motif.planes[6] - columns])
        stands_out = torch.ones(1, len(rows))
        canvas[:, rows, columns] = torch.cat([motif.planes[:4], stands_out, moved])
        inside[rows, columns] = number + 1.0
    moved = canvas[5:] / torch.tensor(size, dtype=torch.float32)[:, None, None]
    zooms = tuple(zoom * each for each in sizes)
    picture, ground = canvas[:3].clamp(-1, 1), min(ground, GROUND_ZOOMED[1])
    return Arrangement(picture, canvas[3], canvas[4], ground, moved, inside, zooms)


def _ground_zoom(seen: Seen, size: tuple[int, int], draws: Tensor, invention: float) -> float:
    """How large the ground is shown: so that it covers the tile, and no larger than it has marks
    for."""
    least, most = GROUND_ZOOMED
    most = max(least, min(most, seen.most_zoom))
    drawn = least * (most / least) ** draws[Draw.ZOOM].item()
    return max(drawn ** freedom_of(invention), covering(seen.pixels, size))


def _fitting(
    seen: Seen, figure: Figure, size: tuple[int, int], zoom: float, sizes: Sequence[float]
) -> tuple[list[Motif], float]:
    """Motifs of these sizes, and how large one of size 1 is shown: at most as large as `zoom`, and
    so that the first has room beside itself at half a drop."""
    while True:
        motifs = [Motif.of(seen, figure, size, zoom * each) for each in sizes]
        box, inside = motifs[0].box, torch.zeros(size, dtype=torch.bool)
        if box[0] <= WIDEST * size[0] and box[1] <= WIDEST * size[1]:
            inside[motifs[0].at((0, 0), size)] = True
            if _gaps(inside, motifs[0])[size[0] // 2, size[1] // 2] > _least_gap(size):
                return motifs, zoom
        if max(box) <= 2:
            return motifs, zoom
        zoom *= SMALLER


def _places(
    motifs: Sequence[Motif], numbers: Sequence[int], size: tuple[int, int], draws: Tensor
) -> list[tuple[int, Place]]:
    """Of each motif that has room: its number, and where its box begins."""
    inside = torch.zeros(size, dtype=torch.bool)
    places: list[tuple[int, Place]] = []
    for turn, number in enumerate(numbers):
        first, second = places_of(draws, turn)[0]
        place = int(first * size[0]), int(second * size[1])
        if turn and len(numbers) == 2 and numbers[0] == numbers[1]:
            before = places[0][1]
            place = before[0] + size[0] // 2, before[1] + size[1] // 2
        elif turn:
            gaps = _gaps(inside, motifs[number])
            if gaps.max() <= _least_gap(size):
                continue
            there = np.argwhere(gaps >= AS_FAR * gaps.max())
            row, column = there[min(int(first * len(there)), len(there) - 1)]
            place = int(row), int(column)
        places.append((number, place))
        inside[motifs[number].at(place, size)] = True
    return places


def _least_gap(size: tuple[int, int]) -> float:
    """Between two motifs: at least one place of the canvas."""
    return max(1.5, LEAST_GAP * min(size))


def _gaps(inside: Tensor, motif: Motif) -> np.ndarray:
    """(h, w): how far from what is `inside` (h, w) a motif would be whose box begins at a place,
    round the borders."""
    height, width = inside.shape
    far = distance_transform_edt(np.tile(~inside.numpy(), (3, 3)))
    assert isinstance(far, np.ndarray)
    shape = np.zeros(motif.box, bool)
    shape[motif.rows.numpy(), motif.columns.numpy()] = True
    nearest = grey_erosion(
        far[height : 2 * height, width : 2 * width], footprint=shape, mode="wrap"
    )
    return np.roll(nearest, (-(motif.box[0] // 2), -(motif.box[1] // 2)), (0, 1))


def _ground(
    seen: Seen, figure: Figure, size: tuple[int, int], zoom: float, draws: Tensor
) -> Tensor:
    """(3, h, w): the reference without its figure, in the colours that are around that, evened and
    without borders."""
    strip = without(strip_of(seen, size, zoom), figure, ground_seed(draws))
    top, left = (
        int(draws[draw].item() * max(0, whole - own))
        for draw, whole, own in zip((Draw.FOOT, Draw.ACROSS), strip.shape[1:], size, strict=True)
    )
    part = strip[:3, top : top + size[0], left : left + size[1]]
    if part.shape[1:] != torch.Size(size):
        part = resize(part[None], size)[0]
    waves = torch.fft.rfft2(_without_borders(part))
    down = torch.fft.fftfreq(size[0])[:, None] * size[0]
    right = torch.fft.rfftfreq(size[1]) * size[1]
    waves = waves * ((down.square() + right.square()).sqrt() / EVENED).clamp(max=1)
    marks = torch.fft.irfft2(waves, s=size)
    most = RAREST * marks.std((1, 2), keepdim=True)
    return _colour_around(seen, figure)[:, None, None] + marks.clamp(-most, most)


def _colour_around(seen: Seen, figure: Figure) -> Tensor:
    """(3,): the median colour of what is close to a figure and not of it."""
    small = resize(seen.pixels[None], (figure.around.shape[0], figure.around.shape[1]))[0]
    far = distance_transform_edt((figure.around == 0).numpy())
    assert isinstance(far, np.ndarray)
    near = torch.from_numpy((far > 0) & (far <= 0.15 * min(far.shape)))
    return small[:, near].median(1).values


def _without_borders(picture: Tensor) -> Tensor:
    """(3, h, w) that goes on across its borders: less the smooth picture that has its steps there
    (Moisan 2011, periodic plus smooth image decomposition)."""
    height, width = picture.shape[1:]
    steps = torch.zeros_like(picture)
    across = picture[:, -1] - picture[:, 0]
    steps[:, 0] += across
    steps[:, -1] -= across
    across = picture[:, :, -1] - picture[:, :, 0]
    steps[:, :, 0] += across
    steps[:, :, -1] -= across
    down = torch.cos(2 * math.pi * torch.arange(height) / height)[:, None]
    right = torch.cos(2 * math.pi * torch.arange(width) / width)
    bend = 2 * down + 2 * right - 4
    bend[0, 0] = 1
    smooth = torch.fft.fft2(steps) / bend
    smooth[:, 0, 0] = 0
    return picture - torch.fft.ifft2(smooth).real
