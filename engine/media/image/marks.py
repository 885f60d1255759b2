"""Regions of pictures that an artist marks, cut out."""

from torch import Tensor

from engine.protocol import Mark

COMPARABLE = frozenset({"lightness", "warmth", "redness", "saturation", "colourfulness", "upright"})
LEAST_PX = 16  # on a side of a part that is looked at: a smaller box is widened


def region(pixels: Tensor, mark: Mark) -> Tensor | None:
    """(3, H, W) → the box, widened where it is too small to be looked at; None without a box, or
    for one that is empty or outside."""
    if mark.box is None:
        return None
    left, top, right, bottom = mark.box
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        return None
    height, width = pixels.shape[1:]
    across, down = _widened(left, right, width), _widened(top, bottom, height)
    return pixels[:, down[0] : down[1], across[0] : across[1]]


def _widened(low: float, high: float, side: int) -> tuple[int, int]:
    """From a share to a share of a side, in px, at least LEAST_PX or the whole side."""
    size = min(side, max(LEAST_PX, round((high - low) * side)))
    start = min(max(0, round((low + high) / 2 * side - size / 2)), side - size)
    return start, start + size
