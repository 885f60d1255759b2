"""Things that may stand in a hole: parts of the content and of the references that stand out, end
within the hole, and are surrounded by what surrounds it (Hays and Efros 2007); each cut out of its
picture (`cutting`).

Legend: h, w of the content at the scale of the search, where the hole is about HOLE_PX wide; free
(h, w), 1 in the hole. A displacement is how much farther down and right something is in its source
than in the content, both as large as the work shows them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import binary_dilation, distance_transform_edt
from scipy.signal import fftconvolve
from torch import Tensor

from engine.media.image.generators.painter.cutting import cut_out, more_frequent
from engine.media.image.generators.painter.features import shipped_features
from engine.media.image.generators.painter.salience import SEEN_PX, salience_of
from engine.media.image.generators.painter.sources import Source
from engine.media.image.generators.transport.ground import evenly_filled
from engine.media.image.pyramid import resize, size_at

HOLE_PX, CUT_PX = 26.0, 56.0  # how wide the hole is where things are looked for, and cut out
ZOOMS = (1.0, 0.7, 0.5)  # how large things are shown
LOOKED_AT, MOST = 28, 12  # places; the best, of which consecutive seeds show others
WORSE = 0.75  # than the best: what is worse still is none
RIM = 0.18  # of the hole's width: of the band along its border where a thing had better end
GAP, OFF = 0.6, 0.25  # how much unlike surroundings count, and a colour that is another evenly
OTHER = 0.08  # how much worse each place makes the next one of the same source …
AGAIN, APART = 0.4, 0.6  # … and one that shows the same: so near to it, in widths of the hole …
SAME = 0.35  # … and, shown as large, nearer than this, no place at all
STANDS_OUT = 0.55  # of what stands out most in its middle: that is the thing
STANDING, LEAST = 0.6, 0.6  # how much it counts beside colours, and what both must come to
COST = 1.5  # how much the border of a thing counts that is no contour
SHARES = (0.05, 0.9)  # of the hole: the least that a thing is, and the most


@dataclass(frozen=True, slots=True)
class Alternative:
    """source: its number, 0 of the content; zoom: how large it is shown; moved: the displacement,
    as shares of the content's height and width; mask (h, w): 1 where it is."""

    source: int
    zoom: float
    moved: tuple[float, float]
    mask: Tensor


@dataclass(frozen=True, slots=True)
class _Hole:
    """calm (3, h, w): the content, its hole filled evenly; inside (h, w): the hole, of which rim is
    the band along its border and middle the rest; ring: what surrounds it; edge: what is not
    inside, and its outermost pixels."""

    calm: np.ndarray
    inside: np.ndarray
    rim: np.ndarray
    middle: np.ndarray
    ring: np.ndarray
    edge: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        return self.inside.shape[0], self.inside.shape[1]

    @property
    def side(self) -> float:
        return math.sqrt(float(self.inside.sum()))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A source as large as a work shows it: pixels (3, H, W), where they may be taken from and how
    much they stand out, (H, W)."""

    source: int
    zoom: float
    pixels: np.ndarray
    usable: np.ndarray
    standing: np.ndarray


@dataclass(frozen=True, slots=True)
class _Place:
    """moved: the displacement, in px of the search; score: the more the better."""

    seen: _Seen
    moved: tuple[int, int]
    score: float


def alternatives(
    content: Source, references: Sequence[Source], free: Tensor, work_px: float
) -> list[Alternative]:
    """At most MOST, the best first; none where nothing serves. work_px: the scale of the work."""
    px = content.scale_px / math.sqrt(float(free.sum()))
    coarse_px, fine_px = (min(content.scale_px, px * wide) for wide in (HOLE_PX, CUT_PX))
    coarse, fine = (_hole_of(content.pixels, free, each) for each in (coarse_px, fine_px))
    if not coarse.middle.any() or not coarse.ring.any():
        return []
    sources, seen = [content, *references], []
    for k, source in enumerate(sources):
        net = shipped_features(torch.device("cpu"))
        standing = salience_of(source.pixels, net, SEEN_PX[len(sources) > 2])
        zooms = [zoom for zoom in ZOOMS if zoom * work_px <= 1.01 * source.scale_px]
        seen += [_seen(k, source, standing, zoom, coarse_px) for zoom in zooms]
    found = []
    for place in _places(coarse, seen):
        one = place.seen
        standing = torch.from_numpy(one.standing)
        finer = _seen(one.source, sources[one.source], standing, one.zoom, fine_px)
        moved = place.moved[0] / coarse.size[0], place.moved[1] / coarse.size[1]
        mask, cost = _cut(fine, finer, moved)
        if SHARES[0] < mask.sum() / fine.inside.sum() < SHARES[1]:
            mask = torch.from_numpy(mask).float()
            thing = Alternative(one.source, one.zoom, moved, mask)
            found.append((place.score - COST * cost, thing))
    found.sort(key=lambda each: -each[0])
    return [thing for score, thing in found[:MOST] if score > found[0][0] - WORSE]


def shown_from(planes: np.ndarray, size: tuple[int, int], moved: tuple[float, float]) -> np.ndarray:
    """(C, H, W) of a source → (C, *size) of a content: what is so far down and right, as shares of
    the size; 0 past the border."""
    found = np.zeros((len(planes), *size), np.float32)
    theirs, own = [], []
    for side, there, share in zip(size, planes.shape[1:], moved, strict=True):
        down = round(share * side)
        first, last = max(0, -down), max(0, min(side, there - down))
        own.append(slice(first, last))
        theirs.append(slice(first + down, last + down))
    found[:, own[0], own[1]] = planes[:, theirs[0], theirs[1]]
    return found


def _hole_of(content: Tensor, free: Tensor, px: float) -> _Hole:
    size = size_at(content.shape[1], content.shape[2], px)
    small, hole = resize(content[None], size), F.adaptive_max_pool2d(free[None, None], size)[0, 0]
    calm = small if hole.all() else evenly_filled(small, hole)
    inside = hole.numpy() > 0
    depth = np.asarray(distance_transform_edt(np.pad(inside, 1)))[1:-1, 1:-1]
    wide = max(1, round(RIM * 2 * float(depth.max())))
    rim = inside & (depth <= wide)
    ring = np.asarray(binary_dilation(inside, iterations=wide), bool) & ~inside
    return _Hole(calm[0].numpy(), inside, rim, inside & ~rim, ring, depth <= 1)


def _seen(k: int, source: Source, standing: Tensor, zoom: float, px: float) -> _Seen:
    rows, columns = size_at(source.pixels.shape[1], source.pixels.shape[2], px * zoom)
    size = max(2, rows), max(2, columns)
    usable = torch.ones(size)
    if source.usable is not None:
        usable = 1 - F.adaptive_max_pool2d(1 - source.usable[None, None].float(), size)[0, 0]
    there = F.interpolate(standing[None, None], size, mode="bilinear")[0, 0] * usable
    pixels = resize(source.pixels[None], size)[0]
    return _Seen(k, zoom, pixels.numpy(), usable.numpy(), there.numpy())


def _places(hole: _Hole, seen: Sequence[_Seen]) -> list[_Place]:
    """The best one after the other, rather unlike those before."""
    scores = [_scores(hole, each) for each in seen]
    places: list[_Place] = []
    while len(places) < LOOKED_AT:
        bests = [float(each.max()) for each in scores]
        n = int(np.argmax(bests))
        if not math.isfinite(bests[n]):
            break
        down, right = divmod(int(scores[n].argmax()), scores[n].shape[1])
        moved = down - hole.size[0] + 1, right - hole.size[1] + 1
        places.append(_Place(seen[n], moved, bests[n]))
        for score, each in zip(scores, seen, strict=True):
            if each.source == seen[n].source:
                score -= OTHER + AGAIN * _near(hole, each, places[-1], APART)
        scores[n][_near(hole, seen[n], places[-1], SAME)] = -np.inf
    return places


def _scores(hole: _Hole, seen: _Seen) -> np.ndarray:
    """(H + h - 1, W + w - 1), of every displacement, from 1 - h and 1 - w on: how much more what is
    there stands out in the hole's middle than at its border, less how unlike its surroundings are;
    -∞ where it is cut off."""
    score = _sums(seen.standing, hole.middle) / hole.middle.sum()
    score -= _sums(seen.standing, hole.rim) / hole.rim.sum()
    here = _sums(seen.usable, hole.ring)
    count = np.maximum(here, 1)
    gaps, offs = np.zeros_like(score), np.zeros_like(score)
    for own, theirs in zip(hole.calm, seen.pixels * seen.usable, strict=True):
        off = (_sums(theirs, hole.ring) - _sums(seen.usable, hole.ring * own)) / count
        squares = _sums(theirs**2, hole.ring) - 2 * _sums(theirs, hole.ring * own)
        squares += _sums(seen.usable, hole.ring * own**2)
        gaps += np.maximum(squares / count - off**2, 0)
        offs += off**2
    score -= GAP * np.sqrt(gaps) + OFF * np.sqrt(offs)
    cut_off = _sums(seen.usable, hole.middle) < hole.middle.sum() - 0.5
    score[cut_off | (2 * here < hole.ring.sum())] = -np.inf
    return score


def _sums(plane: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Of a plane (H, W) of a source under weights (h, w), at every displacement."""
    return fftconvolve(plane.astype(float), weights[::-1, ::-1].astype(float))


def _near(hole: _Hole, seen: _Seen, place: _Place, widths: float) -> np.ndarray:
    """(H + h - 1, W + w - 1) of bool: the displacements that show almost the same of a source."""
    middle = [float(places.mean()) for places in np.nonzero(hole.inside)]
    reach = widths * hole.side / max(seen.zoom, place.seen.zoom)
    near = []
    for at, there, side, own in zip(middle, place.moved, hole.size, seen.usable.shape, strict=True):
        shown = (np.arange(own + side - 1) - side + 1 + at) / seen.zoom
        near.append(np.abs(shown - (there + at) / place.seen.zoom) < reach)
    return near[0][:, None] & near[1]


def _cut(hole: _Hole, seen: _Seen, moved: tuple[float, float]) -> tuple[np.ndarray, float]:
    """(h, w) of bool: the thing in the hole; and what its border costs."""
    piece = shown_from(seen.pixels, hole.size, moved)
    [standing] = shown_from(seen.standing[None], hole.size, moved)
    is_there = shown_from(seen.usable[None], hole.size, moved)[0] > 0
    most = max(1e-6, float(standing[hole.middle].max(initial=0.0)))
    core = hole.middle & (standing > STANDS_OUT * most)
    around = (hole.ring | hole.rim) & is_there
    around &= standing < float(np.median(standing[core])) if core.any() else False
    if not core.any() or not around.any():
        return np.zeros(hole.size, bool), 0.0
    likely = more_frequent(piece, core, around) + STANDING * (standing / most - 0.5) - LEAST
    differs = np.sqrt(np.square(piece - hole.calm).sum(0))
    return cut_out(piece, likely, differs, hole.edge | ~is_there)
