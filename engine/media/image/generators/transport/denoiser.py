"""The picture prior: a small denoiser that knows what marks look like, told whose marks by a style.

Legend: N pictures (N, 3, H, W) in [-1, 1]; σ (N,) the deviation of white noise in them; s (N,) the
scale in px, √(H·W) of the whole picture that a crop was taken from; e (N, E) style embeddings.
Karras et al. (2022), Elucidating the Design Space of Diffusion-Based Generative Models, for the
preconditioning; Kulikov et al. (2023), SinDDM, for one network over the scales of a pyramid; Perez
et al. (2018), FiLM, for how noise, scale and style act on it. Fully convolutional: any size.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.media.image.style_encoder import (
    NUMBER_FEATURES,
    SIGMA_DATA,
    StyleEncoder as StyleEncoder,
    number_features,
)

SIGMAS = (0.03, 1.5)  # what the network is trained on


@dataclass(frozen=True, slots=True)
class DenoiserConfig:
    """The shape of the network; about 0.6 M parameters by default."""

    channels: int = 96
    dilations: tuple[int, ...] = (1, 2, 4, 4, 2, 1)
    style: int = 64
    told: int = 128  # the width in which noise, scale and style come together


class Conditioning(nn.Module):
    """What the network is told: (σ, s, e) -> (N, told)."""

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        self.numbers = nn.Linear(NUMBER_FEATURES, config.told)
        self.style = nn.Linear(config.style, config.told, bias=False)
        self.mix = nn.Linear(config.told, config.told)

    def forward(self, sigma: Tensor, scale_px: Tensor, style: Tensor) -> Tensor:
        both = self.numbers(number_features(sigma, scale_px)) + self.style(style)
        return F.silu(self.mix(F.silu(both)))


class Block(nn.Module):
    """x + conv(silu(gain ∘ x + shift)), told how much to gain and shift."""

    def __init__(self, config: DenoiserConfig, dilation: int) -> None:
        super().__init__()
        channels = config.channels
        self.conv = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.film = nn.Linear(config.told, 2 * channels)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        gain, shift = self.film(told)[:, :, None, None].chunk(2, 1)
        return x + self.conv(F.silu(x * (1 + gain) + shift))


class Denoiser(nn.Module):
    """D(x; σ, s, e) = c_skip x + c_out F(c_in x; σ, s, e), Karras et al. eq. 7: the clean picture.

    F works on quarters: 2 x 2 pixels become channels (Shi et al. 2016), which halves the cost of a
    layer for each channel and doubles what it sees.
    """

    def __init__(self, config: DenoiserConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or DenoiserConfig()
        self.told = Conditioning(config)
        self.inward = nn.Conv2d(12, config.channels, 3, padding=1)
        self.blocks = nn.ModuleList(Block(config, dilation) for dilation in config.dilations)
        self.last = nn.Linear(config.told, 2 * config.channels)
        self.outward = nn.Conv2d(config.channels, 12, 3, padding=1)
        for layer in (self.last, self.outward):  # begins as the best guess that sees no neighbours
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)

    def forward(self, x: Tensor, sigma: Tensor, scale_px: Tensor, style: Tensor) -> Tensor:
        told = self.told(sigma, scale_px, style)
        skip, out, inward = (c[:, None, None, None] for c in preconditioning(sigma))
        return skip * x + out * self.network(inward * x, told)

    def network(self, x: Tensor, told: Tensor) -> Tensor:
        """F, (N, 3, H, W) -> (N, 3, H, W); an odd side is met by repeating its last line."""
        height, width = x.shape[2:]
        x = F.pad(x, (0, width % 2, 0, height % 2), mode="replicate")
        x = self.inward(F.pixel_unshuffle(x, 2))
        for block in self.blocks:
            x = block(x, told)
        gain, shift = self.last(told)[:, :, None, None].chunk(2, 1)
        x = self.outward(F.silu(x * (1 + gain) + shift))
        return F.pixel_shuffle(x, 2)[:, :, :height, :width]


def preconditioning(sigma: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """c_skip, c_out, c_in of each σ (N,): Karras et al. (2022), table 1."""
    total = sigma.square() + SIGMA_DATA**2
    return SIGMA_DATA**2 / total, sigma * SIGMA_DATA * total.rsqrt(), total.rsqrt()


def denoising_loss(denoised: Tensor, clean: Tensor, sigma: Tensor) -> Tensor:
    """(N,): squared error weighed so that every σ counts alike, 1 at the start (eq. 2 and 5)."""
    error = (denoised - clean).square().mean((1, 2, 3))
    return error * (sigma.square() + SIGMA_DATA**2) / (sigma * SIGMA_DATA).square()


def draw_sigmas(count: int, generator: torch.Generator) -> Tensor:
    """(N,) on the CPU: evenly spread in log σ, shuffled, so that a small batch sees all."""
    low, high = (math.log(sigma) for sigma in SIGMAS)
    places = torch.arange(count) + torch.rand(count, generator=generator)
    order = torch.randperm(count, generator=generator)
    return torch.exp(low + (high - low) * places[order] / count)
