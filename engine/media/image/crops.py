"""Squares cut from pictures at many scales: what the denoiser and its encoder look at.

A scale s is √(H·W) in px of the whole picture at which a crop is cut, from so coarse that it is
nearly the whole picture to so fine that it is a few strokes.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.media.image.pyramid import COARSEST_PX

LONGEST_PX = 384  # of a picture that crops are cut from


def small(picture: Image.Image) -> Image.Image:
    """A copy within LONGEST_PX."""
    picture = picture.copy()
    picture.thumbnail((LONGEST_PX, LONGEST_PX))
    return picture


def cut(
    picture: Image.Image, side: int, place: float, rng: np.random.Generator
) -> tuple[Image.Image, float]:
    """A square of `side` px and its scale in px.

    place: 0 is the coarsest scale, at which the picture's shorter side is `side`, 1 its own; evenly
    in the logarithm between.
    """
    width, height = picture.size
    own = math.sqrt(width * height)
    coarsest = min(own, max(COARSEST_PX, own * side / min(width, height)))
    scale = coarsest * (own / coarsest) ** place
    window = min(side * own / scale, width, height)
    left, top = rng.uniform(0, width - window), rng.uniform(0, height - window)
    box = (left, top, left + window, top + window)
    return picture.resize((side, side), Image.Resampling.BICUBIC, box=box), side * own / window


def any_cut(picture: Image.Image, side: int, rng: np.random.Generator) -> tuple[Image.Image, float]:
    """At a scale and place of chance, half of them mirrored."""
    square, scale = cut(picture, side, rng.random(), rng)
    if rng.random() < 0.5:
        square = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return square, scale


def stacked(cuts: Sequence[tuple[Image.Image, float]]) -> tuple[Tensor, Tensor]:
    """(N, 3, P, P) in [-1, 1] and the scales (N,)."""
    pixels = np.stack([np.asarray(square, np.float32) for square, _ in cuts])
    scales = torch.tensor([scale for _, scale in cuts], dtype=torch.float32)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1, scales
