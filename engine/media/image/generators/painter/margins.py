"""A margin around what is drawn on a plain ground, of that ground: patches are taken whole, so that
what reaches to the border of its picture could not be painted whole without one."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from engine.media.image.generators.painter.salience import drawn_on_plain, plain_around
from engine.media.image.generators.painter.sources import Source

WIDE = 0.15  # of a picture's height and width


class Margins(NamedTuple):
    """Shares of the picture without them."""

    above: float = 0.0
    below: float = 0.0
    left: float = 0.0
    right: float = 0.0

    def without(self, places: np.ndarray, axis: int) -> np.ndarray:
        """Places on an axis of a picture with margins, 0 … 255, as they are in it without them."""
        before, after = self[2 * axis : 2 * axis + 2]
        own = places / 255 * (1 + before + after) - before
        return np.round(255 * own.clip(0, 1)).astype(places.dtype)


def with_margins(source: Source) -> tuple[Source, Margins]:
    """As it is, where nothing is drawn on a plain ground. What the picture's border cuts off stays
    at it."""
    figure, colour = drawn_on_plain(source.pixels), plain_around(source.pixels)
    if figure is None or colour is None:
        return source, Margins()
    height, width = source.pixels.shape[1:]
    down, right = round(WIDE * height), round(WIDE * width)
    cut = figure.cut
    sides = (
        right * (not cut.left), right * (not cut.right),
        down * figure.is_free, down * (not cut.below),
    )  # fmt: skip
    inside = F.pad(torch.ones(1, height, width), sides)
    pixels = torch.where(inside > 0, F.pad(source.pixels, sides), colour[:, :, None])
    usable = None if source.usable is None else F.pad(source.usable, sides, value=1.0)
    shares = Margins(sides[2] / height, sides[3] / height, sides[0] / width, sides[1] / width)
    return replace(source, pixels=pixels, usable=usable), shares
