"""The artist's own picture that drawing starts from: read for a brief, and its usual size.

Legend: pixels (3, H, W) in [-1, 1], masks (H, W) in {0, 1}: 1 is painted anew.
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.media.image.codec.raster import decode, decode_mask
from engine.media.image.pyramid import resize
from engine.protocol import MAX_SIDE_PX, PICTURES

LEAST_ROOM_PX = 8  # of an extension, in all, along one side
RIM = 0.015  # of the side across: as wide a line along a border may be an edge of the picture
RIM_STEP, RIM_ALIKE = 0.05, 0.6  # how far its colour is from the picture's, and how evenly
RIM_STANDS_OUT = 4.0  # times the step that is usual between columns


def read_picture(path: str) -> torch.Tensor:
    """(3, H, W), at most MAX_SIDE_PX² pixels. Raises BadInput for whatever is no picture."""
    return decode(read_bytes(Path(path), PICTURES.max_bytes), Path(path).name, MAX_SIDE_PX)


def read_mask(path: str) -> torch.Tensor:
    """(H, W): 1 where it is light or, on a transparent ground, painted on. Raises BadInput for
    whatever is no picture."""
    return decode_mask(read_bytes(Path(path)), Path(path).name, MAX_SIDE_PX)


def covering(pixels: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """(C, H, W) → (C, *size): the largest part around the middle that has this aspect, resized."""
    height, width = pixels.shape[1:]
    ratio = min(height / size[0], width / size[1])
    cut = min(height, max(1, round(ratio * size[0]))), min(width, max(1, round(ratio * size[1])))
    top, left = (height - cut[0]) // 2, (width - cut[1]) // 2
    return resize(pixels[None, :, top : top + cut[0], left : left + cut[1]], size)[0]


def extended(pixels: torch.Tensor, size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """The picture in the middle of a canvas (3, *size), and what is free of it, (H, W): with a dark
    or light line at a border, if it has one, which would go on in the midst of the canvas.

    It is made smaller only where it would not fit. Raises BadInput where there is no room.
    """
    inner = fitted(pixels, size)
    height, width = inner.shape[1:]
    rooms = size[0] - height, size[1] - width
    if max(rooms) < LEAST_ROOM_PX:
        raise BadInput("small_extension", width=size[1], height=size[0])
    top, left = rooms[0] // 2, rooms[1] // 2
    around = [left, rooms[1] - left, top, rooms[0] - top]
    for side, turns in enumerate((0, 2, 1, 3)):
        if around[side]:
            around[side] += rim_px(torch.rot90(inner, turns, (1, 2)))
    rows, columns = (around[2], size[0] - around[3]), (around[0], size[1] - around[1])
    inner = inner[:, rows[0] - top : rows[1] - top, columns[0] - left : columns[1] - left]
    free = F.pad(torch.zeros(inner.shape[1:]), around, value=1.0)
    return F.pad(inner[None], around, mode="replicate")[0], free


def rim_px(pixels: torch.Tensor) -> int:
    """How wide the line is that lies along the left border of a picture; 0 where there is none: at
    its end the colour changes in one direction along all of the border."""
    width = pixels.shape[2]
    most = min(max(2, round(RIM * width)), width // 4)
    usual = (pixels[:, :, 2:] - pixels[:, :, :-2]).mean(1).abs().mean(0)
    usual = float(usual.median()) if len(usual) else 0.0
    found = 0
    for rim in range(1, most + 1):
        steps = pixels[:, :, rim + 1] - pixels[:, :, rim - 1]
        even, all_of_it = float(steps.mean(1).abs().mean()), float(steps.abs().mean())
        if even > max(RIM_STEP, RIM_STANDS_OUT * usual) and even > RIM_ALIKE * all_of_it:
            found = rim + 2  # the next pixel is often brighter, or darker, than it was painted
    return found


def fitted(pixels: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """As it is, or as small as the canvas needs it."""
    height, width = pixels.shape[1:]
    shrink = min(1.0, size[0] / height, size[1] / width)
    inner = max(1, round(height * shrink)), max(1, round(width * shrink))
    return resize(pixels[None], inner)[0]


def periodic(pixels: torch.Tensor) -> torch.Tensor:
    """(3, H, W) → its periodic part, whose opposite edges meet (Moisan 2011, equation 11)."""
    border = torch.zeros_like(pixels)
    for dim in (1, 2):
        gap = pixels.select(dim, -1) - pixels.select(dim, 0)
        border.select(dim, 0).add_(gap)
        border.select(dim, -1).sub_(gap)
    height, width = pixels.shape[1:]
    rows = 2 * torch.cos(2 * math.pi * torch.arange(height, device=pixels.device) / height)
    columns = 2 * torch.cos(2 * math.pi * torch.arange(width, device=pixels.device) / width)
    laplacian = rows[:, None] + columns - 4
    laplacian[0, 0] = 1
    smooth = torch.fft.fft2(border) / laplacian
    smooth[:, 0, 0] = 0
    return (pixels - torch.fft.ifft2(smooth).real).clamp(-1, 1)
