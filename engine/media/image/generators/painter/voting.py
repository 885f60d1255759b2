"""From a field of nearest patches to a picture: the patches that cover a pixel vote for its value.

Legend: as in `nearest`; values (K, H_k, W_k·C) are what the patches of the sources are worth,
weights (H', W') how much each patch of the canvas counts (0: it has no vote).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from engine.media.image.generators.painter.nearest import PATCH_PX

_CENTRE_PX = 2.0  # deviation of the weight that falls off from a patch's centre
_NARROWER = 0.42  # the kernel after each round


class Votes(NamedTuple):
    """Whose votes, and how they are counted. window (P, P): the weight of a place in its patch;
    wrap: the canvas has no borders; spread: the width of the first kernel; rounds of mean shift."""

    values: np.ndarray
    channels: int
    field: np.ndarray
    weights: np.ndarray
    window: np.ndarray
    wrap: bool
    spread: float
    rounds: int


def centred_window() -> np.ndarray:
    """(P, P), falling off from the centre: a patch knows best what is in its middle."""
    places = np.arange(PATCH_PX) - PATCH_PX // 2
    row = np.exp(-(places**2) / (2 * _CENTRE_PX**2))
    return (row[:, None] * row).astype(np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def vote(v, canvas, first, last):
    """Rows first … last - 1 of the canvas (H, W·C), in place: the mode of the votes, found by mean
    shift from their mean (Comaniciu and Meer 2002) under a kernel that narrows; their mean after
    no rounds. The mean favours what is plain, the mode keeps marks. A pixel without votes keeps
    its value."""
    count_most = PATCH_PX * PATCH_PX
    values = np.empty((count_most, v.channels), np.float32)
    heard = np.empty(count_most, np.float32)
    mean, moved = np.empty(v.channels, np.float32), np.empty(v.channels, np.float32)
    for y in range(first, last):
        for x in range(canvas.shape[1] // v.channels):
            count = _gather(v, y, x, values, heard)
            if count == 0:
                continue
            width = np.float32(np.inf)
            _shift(values, heard, count, v.channels, width, mean, moved)
            width = np.float32(v.spread)
            for _ in range(v.rounds):
                _shift(values, heard, count, v.channels, width, mean, moved)
                width *= np.float32(_NARROWER)
            for c in range(v.channels):
                canvas[y, x * v.channels + c] = mean[c]


@njit(cache=True, nogil=True)
def _gather(v, y, x, values, heard):
    """The votes for one pixel, and how much each counts. Returns how many there are."""
    rows, columns = v.field.shape[0], v.field.shape[1]
    count = 0
    for a in range(PATCH_PX):
        i = y - a
        if v.wrap and i < 0:
            i += rows
        if i < 0 or i >= rows:
            continue
        for b in range(PATCH_PX):
            j = x - b
            if v.wrap and j < 0:
                j += columns
            if j < 0 or j >= columns or v.weights[i, j] <= 0:
                continue
            k, row, start = v.field[i, j, 0], v.field[i, j, 1] + a, v.field[i, j, 2] + b
            for c in range(v.channels):
                values[count, c] = v.values[k, row, start * v.channels + c]
            heard[count] = v.weights[i, j] * v.window[a, b]
            count += 1
    return count


@njit(cache=True, nogil=True, fastmath=True)
def _shift(values, heard, count, channels, width, mean, moved):
    """One step of mean shift under a Cauchy kernel, in place; to the mean at infinite width."""
    total = np.float32(0)
    moved[:] = 0
    for n in range(count):
        weight = heard[n]
        if width < np.float32(1e6):
            gap = np.float32(0)
            for c in range(channels):
                gap += (values[n, c] - mean[c]) ** 2
            near = 1 + gap / (width * width)
            weight /= near * near
        total += weight
        for c in range(channels):
            moved[c] += weight * values[n, c]
    for c in range(channels):
        mean[c] = moved[c] / total
