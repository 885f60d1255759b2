"""The colours that a style knows: a box in opponent colours that a work does not leave.

Legend: K references, N works, opponent axes: lightness, red–green, yellow–blue, orthonormal in
sRGB. Transport matches random directions of whole patches, and hardly ever sees a pure colour
contrast; without the box an ink drawing comes out with coloured fringes.
"""

import math

import torch

_AXES = torch.tensor([[1.0, 1.0, 1.0], [1.0, -1.0, 0.0], [1.0, 1.0, -2.0]])
AXES = _AXES / _AXES.norm(dim=1, keepdim=True)  # (3 axes, 3 channels)
OUTLIERS = 0.002  # of the pixels lie beyond each side of the box
_MOST_PIXELS = 2**18


def box(pixels: torch.Tensor) -> torch.Tensor:
    """(3, H, W) → (2, 3): lowest and highest along each axis, but for outliers."""
    step = max(1, math.ceil(pixels[0].numel() / _MOST_PIXELS))
    along = AXES.to(pixels) @ pixels.flatten(1)[:, ::step]
    ends = torch.tensor([OUTLIERS, 1 - OUTLIERS], device=pixels.device)
    return torch.quantile(along, ends, dim=1)


def union(boxes: torch.Tensor) -> torch.Tensor:
    """(K, 2, 3) → (2, 3): the box around all of them."""
    return torch.stack([boxes[:, 0].amin(0), boxes[:, 1].amax(0)])


def into(canvas: torch.Tensor, bounds: torch.Tensor) -> torch.Tensor:
    """(N, 3, H, W) → the same, every pixel moved to its nearest colour in the box (2, 3)."""
    axes = AXES.to(canvas)
    low, high = bounds[:, :, None, None]
    along = torch.einsum("ac,nchw->nahw", axes, canvas)
    return torch.einsum("ac,nahw->nchw", axes, along.clamp(low, high))
