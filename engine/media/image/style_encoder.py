"""An encoder of the manner of a picture, from crops at many scales.

Legend: N pictures (N, 3, H, W) in [-1, 1]; σ (N,) the deviation of white noise in them; s (N,) the
scale in px, √(H·W) of the whole picture that a crop was taken from; K crops of P x P; E numbers of
an embedding.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIGMA_DATA = 0.5  # the deviation of pictures in [-1, 1], roughly
_REFERENCE_SCALE_PX = 80.0  # where log scale is zero: the middle of the pyramid

NUMBER_FEATURES = 2 * (1 + 2 * 3)


def number_features(sigma: Tensor, scale_px: Tensor) -> Tensor:
    """(N,), (N,) -> (N, F): log σ / 4 (Karras et al. table 1) and log s, with three octaves."""
    numbers = torch.stack([sigma.log() / 4, (scale_px / _REFERENCE_SCALE_PX).log() / 2], dim=1)
    turns = numbers[:, :, None] * math.pi * 2.0 ** torch.arange(3, device=sigma.device)
    return torch.cat([numbers[:, :, None], turns.sin(), turns.cos()], dim=2).flatten(1)


class StyleEncoder(nn.Module):
    """Crops of references -> the style: (K, 3, P, P), (K,) scales -> (E,).

    As a prototype (Snell et al. 2017, eq. 1): the mean of what each crop says.
    """

    def __init__(self, style: int = 64, channels: int = 48) -> None:
        super().__init__()
        sizes = (12, channels, channels, 2 * channels)
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2 if i else 1, padding=1)
            for i, (a, b) in enumerate(pairwise(sizes))
        )
        self.scale = nn.Linear(NUMBER_FEATURES, channels)
        self.out = nn.Linear(4 * channels, style)

    def each(self, crops: Tensor, scale_px: Tensor) -> Tensor:
        """(K, 3, P, P), (K,) -> (K, E)."""
        x = F.pixel_unshuffle(crops / SIGMA_DATA, 2)
        told = self.scale(number_features(torch.ones_like(scale_px), scale_px))
        for i, conv in enumerate(self.convs):
            x = conv(x) + told[:, :, None, None] if i == 0 else conv(x)
            x = F.silu(x)
        mean, deviation = x.mean((2, 3)), x.var((2, 3), correction=0).add(1e-6).sqrt()
        return self.out(torch.cat([mean, deviation], dim=1))

    def forward(self, crops: Tensor, scale_px: Tensor) -> Tensor:
        return self.each(crops, scale_px).mean(0)
