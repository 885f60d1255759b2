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
    """The picture in the middle of a canvas (3, *size), and what is free of it, (H, W).

    It is made smaller only where it would not fit. Raises BadInput where there is no room.
    """
    inner = fitted(pixels, size)
    height, width = inner.shape[1:]
    rooms = size[0] - height, size[1] - width
    if max(rooms) < LEAST_ROOM_PX:
        raise BadInput("small_extension", width=size[1], height=size[0])
    top, left = rooms[0] // 2, rooms[1] // 2
    around = (left, rooms[1] - left, top, rooms[0] - top)
    free = F.pad(torch.zeros(height, width), around, value=1.0)
    return F.pad(inner[None], around, mode="replicate")[0], free


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
