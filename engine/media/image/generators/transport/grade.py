"""The last colours of a picture: lighter, softer, warmer, redder, more vivid.

Legend: picture (3, H, W) in [-1, 1] sRGB; Oklab (Ottosson 2020): lightness L 0 … 1, a green to
red, b blue to yellow. White and black stay what they are, but for the contrast.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.media.image.generators.transport.palette import from_oklab, to_oklab
from engine.protocol import PictureBrief

GAMMA, GAIN, CHROMA = 0.9, 0.7, 1.0  # of a whole step, in octaves
YELLOW, RED = 0.06, 0.06  # of a whole step, in Oklab


@dataclass(frozen=True, slots=True)
class Grade:
    """Each -1 … 1; 0 changes nothing."""

    light: float
    contrast: float
    warmth: float
    redness: float
    vividness: float

    @classmethod
    def of(cls, brief: PictureBrief) -> "Grade | None":
        """None where the brief asks for no change."""
        asked = (brief.light, brief.contrast, brief.warmth, brief.redness, brief.vividness)
        return cls(*asked) if any(asked) else None

    def __call__(self, picture: Tensor) -> Tensor:
        light, red, yellow = to_oklab(picture.flatten(1))
        light = light.clamp(0, 1) ** (2 ** (-GAMMA * self.light))
        room = 1 - (2 * light - 1) ** 4  # for colour: none at black and white
        vivid = 2 ** (CHROMA * self.vividness)
        red = vivid * red + RED * self.redness * room
        yellow = vivid * yellow + YELLOW * self.warmth * room
        middle = light.mean()
        light = middle + 2 ** (GAIN * self.contrast) * (light - middle)
        return from_oklab(torch.stack([light.clamp(0, 1), red, yellow])).reshape(picture.shape)
