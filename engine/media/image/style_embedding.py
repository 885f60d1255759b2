"""What the denoiser is told of references: an embedding of crops of each, made by its encoder.

Legend: E numbers of an embedding.
"""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.media.image.crops import cut, stacked
from engine.media.image.style_encoder import StyleEncoder

CROPS, CROP_PX = 24, 32


@torch.no_grad()
def embedding(picture: Image.Image, encoder: StyleEncoder, seed: int) -> Tensor:
    """(E,): the mean over crops at scales spread evenly in their logarithm."""
    rng, device = np.random.default_rng(seed), encoder.out.weight.device
    places = [(i + 0.5) / CROPS for i in range(CROPS)]
    crops, scales = stacked([cut(picture, CROP_PX, place, rng) for place in places])
    return encoder(crops.to(device), scales.to(device))
