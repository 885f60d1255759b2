"""What the denoiser is told of references: an embedding of crops of each, made by its encoder.

Legend: K references (3, H, W) in [-1, 1], E numbers of an embedding, s scale of a crop in px.
"""

import math

import torch
from torch import Tensor

from engine.image.pyramid import COARSEST_PX, resize, size_at
from engine.image.weights import Prior

CROPS, CROP_PX = 24, 32
LONGEST_PX = 384  # as the encoder was trained


@torch.no_grad()
def embedding(pixels: Tensor, prior: Prior, seed: int) -> Tensor:
    """(3, H, W) -> (E,): the mean over crops at scales spread evenly in their logarithm."""
    picture = _shrunk(pixels)
    height, width = picture.shape[1:]
    own = math.sqrt(height * width)
    coarsest = min(own, max(COARSEST_PX, own * CROP_PX / min(height, width)))
    generator = torch.Generator().manual_seed(seed)
    crops, scales = [], []
    for i in range(CROPS):
        scale = coarsest * (own / coarsest) ** ((i + 0.5) / CROPS)
        window = round(min(CROP_PX * own / scale, height, width))
        top, left = (
            int(torch.randint(side - window + 1, (1,), generator=generator))
            for side in (height, width)
        )
        cut = picture[None, :, top : top + window, left : left + window]
        crops.append(resize(cut, (CROP_PX, CROP_PX)))
        scales.append(CROP_PX * own / window)
    return prior.encoder(torch.cat(crops), torch.tensor(scales, device=pixels.device))


def _shrunk(pixels: Tensor) -> Tensor:
    height, width = pixels.shape[1:]
    ratio = LONGEST_PX / max(height, width)
    if ratio >= 1:
        return pixels
    return resize(pixels[None], size_at(height, width, ratio * math.sqrt(height * width)))[0]
