"""A thing cut out of its picture, by the least cut between it and its ground: a pixel is of the
thing where its colour is more frequent in the midst of it than around it, and the cut goes where
colours change (GrabCut: Rother et al. 2004; clusters of colours: Lazy Snapping, Li et al. 2004).

Legend: piece (3, h, w) in [-1, 1]; masks (h, w) of bool; likely (h, w): above 0 where a pixel is
rather of the thing.
"""

import numpy as np
from scipy.ndimage import binary_fill_holes, label
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

CLUSTERS, CLUSTER_ROUNDS = 12, 10
WIDTH = 0.14  # of a cluster, in distances of colours
SMOOTH = 1.5  # how much a px of the cut costs where colours do not change
STEP = 0.22  # of colours at an edge, where it costs half
FREE = 0.02  # what it costs at least
LEAST_PART = 0.1  # of the largest connected part: smaller ones are none
_UNIT, _NEVER = 1000, 1e6
_PAIRS = ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1]))  # of neighbours


def more_frequent(piece: np.ndarray, core: np.ndarray, around: np.ndarray) -> np.ndarray:
    """(h, w), 0 … 1: of colours like a pixel's the share that is in the core, where both masks
    count alike."""
    colours = piece.reshape(3, -1).T
    both = np.concatenate([colours[core.ravel()], colours[around.ravel()]])
    centres = both[:: max(1, len(both) // CLUSTERS)][:CLUSTERS].copy()
    for _ in range(CLUSTER_ROUNDS):
        member = _gaps(both, centres).argmin(1)
        for n in range(len(centres)):
            if (member == n).any():
                centres[n] = both[member == n].mean(0)
    gaps = _gaps(colours, centres)
    near = np.exp((gaps.min(1, keepdims=True) - gaps) / WIDTH**2)
    near /= near.sum(1, keepdims=True)
    inside, outside = near[core.ravel()].mean(0), near[around.ravel()].mean(0)
    return (near @ (inside / (inside + outside + 1e-6))).reshape(core.shape)


def cut_out(
    piece: np.ndarray, likely: np.ndarray, differs: np.ndarray, never: np.ndarray
) -> tuple[np.ndarray, float]:
    """The thing, and what a px of its border costs on average, 0 … 1: little at contours, and where
    it hardly differs (h, w) from what will be around it. never: what is none of it."""
    found = _large_parts(_least_cut(piece, likely, differs, never))
    total, length = 0.0, 0
    for cost, one, other in zip(_costs(piece, differs, never), *_both(found), strict=True):
        total += float(cost[one != other].sum())
        length += int((one != other).sum())
    return found, total / max(1, length)


def _least_cut(
    piece: np.ndarray, likely: np.ndarray, differs: np.ndarray, never: np.ndarray
) -> np.ndarray:
    count = never.size
    thing, ground = count, count + 1
    edges = []
    costs = _costs(piece, differs, np.zeros_like(never))
    for cost, one, other in zip(costs, *_both(np.arange(count).reshape(never.shape)), strict=True):
        price = (SMOOTH * (cost + FREE)).ravel()
        edges += [(one.ravel(), other.ravel(), price), (other.ravel(), one.ravel(), price)]
    wanted = np.where(never, -_NEVER, likely).ravel()
    (rather,), (hardly,) = np.nonzero(wanted > 0), np.nonzero(wanted <= 0)
    edges.append((np.full(len(rather), thing), rather, wanted[rather]))
    edges.append((hardly, np.full(len(hardly), ground), -wanted[hardly]))
    begins, ends, prices = (np.concatenate(each) for each in zip(*edges, strict=True))
    whole = np.round(_UNIT * prices).astype(np.int32)
    graph = coo_array((whole, (begins, ends)), (count + 2, count + 2)).tocsr()
    return _reached(graph, thing, ground)[:count].reshape(never.shape)


def _reached(graph: csr_array, begin: int, end: int) -> np.ndarray:
    """Of each node whether it is on the side of `begin` of the least cut; `end` is the last one."""
    left = graph - maximum_flow(graph, begin, end).flow
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    inside = np.zeros(end + 1, bool)
    reached = breadth_first_order(left, begin, return_predecessors=False)
    inside[np.asarray(reached)] = True
    return inside


def _costs(piece: np.ndarray, differs: np.ndarray, forced: np.ndarray) -> list[np.ndarray]:
    """0 … 1, of a cut between neighbours: those below each other, and those beside each other. No
    contour makes it cheaper where it is forced."""
    found = []
    for a, b in _PAIRS:
        steps = np.square(piece[a] - piece[b]).sum(0)
        steps[forced[a[1:]] | forced[b[1:]]] = 0
        gap = (differs[a[1:]] + differs[b[1:]]) / 2
        found.append(np.minimum(1, gap) / (1 + steps / STEP**2))
    return found


def _both(plane: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The first and the second of all such neighbours."""
    return [plane[a[1:]] for a, _ in _PAIRS], [plane[b[1:]] for _, b in _PAIRS]


def _large_parts(mask: np.ndarray) -> np.ndarray:
    """Without holes, and without small parts."""
    parts = np.zeros(mask.shape, np.int32)
    label(mask, output=parts)
    areas = np.bincount(parts.ravel())
    areas[0] = 0
    return np.asarray(binary_fill_holes((areas > LEAST_PART * areas.max())[parts]))


def _gaps(colours: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return np.square(colours[:, None] - centres).sum(2)
