"""The denoiser at work: from how much noise each scale is painted anew, and the stroke.

Legend: canvas (N, 3, H, W), σ the noise in it, s the scale in px. At each scale noise is added and
taken away again in strokes of falling σ (Meng et al. 2022, SDEdit; the strokes are Euler steps of
Karras et al. 2022, algorithm 1). What noise covers, the denoiser paints; what it leaves, stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.transport.denoiser import SIGMAS, Denoiser
from engine.media.image.generators.transport.memory import Memory

COARSE_PX, MIDDLE_PX = 60.0, 140.0
STRENGTHS = (0.6, 0.3, 0.16)  # the first σ of coarse, middle and fine scales at boldness 1
FINEST = (0.14, SIGMAS[0])  # where the strokes of a scale end at detail 0 and 1
WRAP_PX = 24  # what a stroke can see across the seam of a tile
REACH_PX = 34  # how far the denoiser sees: its convolutions' radii, on 2 × 2 pixels


def sigmas_at(scale_px: float, boldness: float, detail: float) -> tuple[float, ...]:
    """The σ of the strokes at a scale, each half of the one before; none without boldness."""
    sigma = boldness * STRENGTHS[(scale_px >= COARSE_PX) + (scale_px >= MIDDLE_PX)]
    least = FINEST[0] * (FINEST[1] / FINEST[0]) ** detail
    found = [max(sigma, SIGMAS[0])] if sigma else []
    while found and found[-1] / 2 >= least:
        found.append(found[-1] / 2)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Brush:
    """The denoiser, told of each work's references: style (N, E)."""

    denoiser: Denoiser
    style: Tensor
    wrap: bool
    memory: Memory = field(default_factory=Memory)

    @torch.no_grad()
    def stroke(self, canvas: Tensor, sigma: float, scale_px: float) -> Tensor:
        """The canvas without what looks like noise of deviation σ: (N, 3, H, W).

        Picture by picture, so that a work does not depend on its neighbours.
        """
        return torch.cat(
            [self._one(canvas[i : i + 1], i, sigma, scale_px) for i in range(len(canvas))]
        )

    def _one(self, picture: Tensor, index: int, sigma: float, scale_px: float) -> Tensor:
        height, width = picture.shape[2:]
        margin = [min(WRAP_PX, side) // 2 * 2 if self.wrap else 0 for side in (height, width)]
        around = (margin[1], margin[1], margin[0], margin[0])
        seen = F.pad(picture, around, mode="circular") if self.wrap else picture
        clean = None
        while clean is None:
            clean = self.memory.attempt(lambda: self._clean(seen, index, sigma, scale_px))
        return clean[:, :, margin[0] : margin[0] + height, margin[1] : margin[1] + width]

    def _clean(self, seen: Tensor, index: int, sigma: float, scale_px: float) -> Tensor:
        """All of it at once or, where memory is short, some rows at a time with what they see."""
        told = seen.new_full((1,), sigma), seen.new_full((1,), scale_px)
        style, height = self.style[index : index + 1], seen.shape[2]
        rows = max(2, -(-height // self.memory.parts) // 2 * 2) if self.memory.parts > 1 else height
        clean = []
        for top in range(0, height, rows):
            first, last = max(0, top - REACH_PX), min(height, top + rows + REACH_PX)
            band = self.denoiser(seen[:, :, first:last], *told, style)
            clean.append(band[:, :, top - first : top - first + rows])
        return torch.cat(clean, dim=2)


def added_noise(shape: tuple[int, ...], seeds: Sequence[int], turn: int) -> Tensor:
    """(N, *shape) of deviation 1; one seed a picture, another draw each turn."""
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed((seed << 16) + turn + 1)
        rows.append(torch.randn(shape, generator=generator))
    return torch.stack(rows)
