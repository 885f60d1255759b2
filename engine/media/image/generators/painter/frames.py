"""The thin frame that a scan leaves around a picture, which would be painted as dark dashes."""

from dataclasses import replace

import torch
from torch import Tensor

from engine.media.image.generators.painter.sources import Source

THICKEST = 0.015  # of a picture's side
BEYOND = 0.04  # so deep nothing is left of it
SAME = 0.25  # of [-1, 1]: how much the frame differs from its own colour
FRAME, INSIDE = 0.6, 0.2  # of a row: the share that is of this colour, in the frame and beyond
FADES_PX = 1  # beyond it


def unframed(source: Source) -> Source:
    """The same size, its frame painted over with what is next to it, and not taken from."""
    pixels = source.pixels.clone()
    usable = torch.ones(pixels.shape[1:]) if source.usable is None else source.usable.clone()
    found = False
    for _ in range(4):  # every side, turned to be the upper one
        pixels, usable = pixels.rot90(1, (1, 2)), usable.rot90(1, (0, 1))
        depth = _depth(pixels)
        if depth:
            found = True
            pixels, usable = pixels.clone(), usable.clone()
            pixels[:, :depth] = pixels[:, depth : depth + 1]
            usable[:depth] = 0
    return replace(source, pixels=pixels.contiguous(), usable=usable) if found else source


def _depth(pixels: Tensor) -> int:
    """Of the frame at the upper border, in px."""
    side = pixels.shape[1]
    deep = round(BEYOND * side)
    if deep < 3:
        return 0
    colour = pixels[:, 0].median(1).values[:, None, None]
    same = ((pixels[:, : deep + 1] - colour).abs().amax(0) < SAME).float().mean(1)
    if same[0] < FRAME or same[-1] > INSIDE:
        return 0
    depth = int((same < INSIDE + (FRAME - INSIDE) / 2).nonzero()[0])
    return depth + FADES_PX if depth <= max(1, THICKEST * side) else 0
