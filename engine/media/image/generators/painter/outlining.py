"""The outline of a figure: of what surrounds the places that stand out, what has its colours and
ends at edges (GrabCut, Rother, Kolmogorov and Blake 2004; here histograms of a few colours instead
of mixtures, and how much places stand out as what is known before).

Legend: h, w a small picture, P = h · w its places, C colours; odds are logarithms, above 0 for
the figure.
"""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from scipy.cluster.vq import kmeans2
from scipy.ndimage import binary_fill_holes
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow
from torch import Tensor

from engine.media.image.generators.painter.salience import Figure, parts_of, span_of
from engine.media.image.generators.transport.palette import to_oklab
from engine.media.image.pyramid import resize, size_at

SEEN_PX = 112.0
COLOURS, TURNS = 24, 4
EVEN_AT, KNOWN = 0.6, 3.0  # of how much places stand out: where odds are even; their weight
BEYOND_PX = 10  # what stands out at all: so far a thin part of it may reach
MOST = 3.0  # of the odds of a colour
EDGES = 6.0  # of a border where there is no edge at all
UNITS = 1000  # capacities are whole numbers
LEAST = 0.35  # of its area: an outline that leaves less of a figure has missed it


def outlined(figure: Figure, salience: Tensor, picture: Tensor) -> Figure | None:
    """The figure, its mask as its outline is; none where no outline is found, as of a part of a
    scene."""
    small = resize(picture[None], size_at(picture.shape[1], picture.shape[2], SEEN_PX))[0]
    size = (small.shape[1], small.shape[2])
    colours = to_oklab(small.flatten(1)).reshape(3, *size)
    around, mask = (_at(plane, size) for plane in (figure.around, figure.mask))
    open_ = F.max_pool2d(around[None, None], 2 * BEYOND_PX + 1, 1, BEYOND_PX)[0, 0] > 0
    prior = KNOWN * (_at(salience, size) - EVEN_AT)
    own = (mask > 0.5) & (prior > 0)
    kinds = _kinds(colours)
    costs = _borders(colours)
    for _ in range(TURNS):
        odds = _odds(kinds, own, ~own) + prior
        odds[~open_] = -1e3
        own = _cut(odds, costs)
        if not own.any():
            return None
    parts = parts_of(own)
    largest = 1 + int(torch.bincount(parts.flatten())[1:].argmax())
    whole = torch.from_numpy(binary_fill_holes((parts == largest).numpy())).float()
    if whole.mean() < LEAST * mask.mean():
        return None
    wide = F.max_pool2d(whole[None, None], 5, 1, 2)[0, 0]
    side = (float(whole.sum()) ** 0.5) / min(size)
    rows, columns = (span_of(whole.bool().any(axis)) for axis in (1, 0))
    return replace(figure, mask=whole, around=wide, side=side, rows=rows, columns=columns)


def _at(plane: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(plane[None, None], size, mode="bilinear", align_corners=False)[0, 0]


def _kinds(colours: Tensor) -> Tensor:
    """(h, w): which of COLOURS each place has."""
    flat = colours.flatten(1).T.double().numpy()
    order = np.argsort(flat[:, 0], kind="stable")
    begun = flat[order[np.linspace(0, len(flat) - 1, COLOURS).round().astype(int)]]
    _, kinds = kmeans2(flat, begun, iter=8, minit="matrix", missing="warn")
    return torch.from_numpy(kinds).long().reshape(colours.shape[1:])


def _odds(kinds: Tensor, figure: Tensor, ground: Tensor) -> Tensor:
    """(h, w)."""
    own, other = (
        torch.bincount(kinds[where], minlength=COLOURS).float() + 1 for where in (figure, ground)
    )
    return ((own / own.sum()) / (other / other.sum())).log().clamp(-MOST, MOST)[kinds]


def _borders(colours: Tensor) -> list[Tensor]:
    """What a border between a place and the next one down, right costs: (h - 1, w), (h, w - 1)."""
    steps = [(colours.diff(dim=axis)).square().sum(0) for axis in (1, 2)]
    typical = torch.cat([each.flatten() for each in steps]).mean()
    return [EDGES * (-each / (2 * typical)).exp() for each in steps]


def _cut(odds: Tensor, costs: list[Tensor]) -> Tensor:
    """(h, w) of bool: the figure, by the least cut of the graph of places."""
    count = odds.numel()
    source, sink = count, count + 1
    numbers = torch.arange(count).reshape(odds.shape)
    flat = odds.flatten()
    pairs = [(numbers[:-1].flatten(), numbers[1:].flatten(), costs[0].flatten()),
             (numbers[:, :-1].flatten(), numbers[:, 1:].flatten(), costs[1].flatten())]  # fmt: skip
    pairs += [(b, a, c) for a, b, c in pairs]
    every = numbers.flatten()
    pairs += [(torch.full_like(every, source), every, flat.clamp(min=0)),
              (every, torch.full_like(every, sink), (-flat).clamp(min=0))]  # fmt: skip
    rows, columns, weights = (torch.cat(each).numpy() for each in zip(*pairs, strict=True))
    units = np.round(UNITS * weights).clip(0, 2**30).astype(np.int32)
    kept = units > 0
    graph = coo_array((units[kept], (rows[kept], columns[kept])), (count + 2, count + 2)).tocsr()
    left = graph - maximum_flow(graph, source, sink).flow
    left.eliminate_zeros()
    reached = breadth_first_order(left, source, return_predecessors=False)
    found = np.zeros(count + 2, bool)
    found[reached] = True
    return torch.from_numpy(found[:count]).reshape(odds.shape)
