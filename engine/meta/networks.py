"""The small networks of the papers: Conv4 for pictures, an MLP for the sinusoid.

Legend: N works of one set, C channels, W ways, D features.
No running averages anywhere: a set is normalised by its own statistics (as MAML's and Reptile's
published code does), so that a network is a pure function of its parameters and its input.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SetNorm(nn.Module):
    """Batch normalisation by the statistics of the set that is passed: (N, C, H, W) -> same."""

    def __init__(self, channels: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x, (0, 2, 3), correction=0, keepdim=True)
        x = (x - mean) * torch.rsqrt(variance + self.epsilon)
        return x * self.scale[:, None, None] + self.shift[:, None, None]


class ConvBlock(nn.Module):
    """3 x 3 convolution of stride 2, normalisation, ReLU: (N, C, H, W) -> (N, C', H/2, W/2).

    norm: "set" (statistics over the set, transductive) or "group" (each work alone).
    """

    def __init__(self, inputs: int, outputs: int, norm: str = "set") -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        self.norm = SetNorm(outputs) if norm == "set" else nn.GroupNorm(8, outputs)

    def forward(self, x: Tensor, film: tuple[Tensor, Tensor] | None = None) -> Tensor:
        x = self.norm(self.conv(x))
        if film is not None:  # Perez et al. (2018): per-channel gain and shift
            gain, shift = film
            x = x * (1 + gain[:, None, None]) + shift[:, None, None]
        return F.relu(x)


class Conv4(nn.Module):
    """Four blocks (Vinyals et al. 2016; strided as MAML on Omniglot): (N, 1, 28, 28) -> (N, 4C).

    The first block, whose maps are the largest and cost the most, has half the channels.
    With depth 3, as relation networks use it, there are `maps` alone.
    """

    def __init__(
        self, channels: int = 32, norm: str = "set", inputs: int = 1, depth: int = 4
    ) -> None:
        super().__init__()
        sizes = [inputs, channels // 2, channels, channels, channels][: depth + 1]
        pairs = pairwise(sizes)
        self.blocks = nn.ModuleList(ConvBlock(a, b, norm) for a, b in pairs)
        self.sizes, self.features = sizes[1:], 4 * channels

    def maps(self, x: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> (N, C, 4, 4): before the last block, for relation networks."""
        for block in list(self.blocks)[:3]:
            x = block(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks[3](self.maps(x)).flatten(1)


SHARPNESS = 30.0  # of a head: the inverse temperature of its logits


def standardised(features: Tensor) -> Tensor:
    """(N, D) less their mean over the set, with a mean length of one.

    ReLU features share a large common part. A linear head that begins at zero would learn that
    part first, as it has the largest gradient, and it tells no class from another.
    """
    centred = features - features.mean(0)
    return centred / centred.norm(dim=1).mean().clamp(min=1e-6)


class StandardisedLinear(nn.Linear):
    """logits = s (W f̄ + b) with f̄ the standardised features: (N, D) -> (N, W).

    With α the inner rate, one step moves logits by s² α: a large s and a small α let the head
    learn at once while the body, whose gradient grows with s alone, hardly moves.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002, as nn.Linear names it
        return SHARPNESS * super().forward(standardised(input))


class BodyAndHead(nn.Module):
    """A body that makes features and a head on them: what ANIL tells apart."""

    def __init__(self, body: nn.Module, features: int, outputs: int) -> None:
        super().__init__()
        self.body = body
        self.head = StandardisedLinear(features, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))


def conv4_classifier(ways: int, channels: int = 32) -> BodyAndHead:
    """(N, 1, 28, 28) -> (N, W) logits.

    Every task adapts its head from zero, and the outer loop leaves it there: as any class may come
    at any place, the best head to begin with favours none (Ye and Chao 2022, How to Train Your
    MAML). A head that is meta-learned in few steps only drifts, first of all under Adam.
    """
    body = Conv4(channels)
    network = BodyAndHead(body, body.features, ways)
    for parameter in network.head.parameters():
        nn.init.zeros_(parameter).requires_grad_(False)
    return network


class MLP(nn.Module):
    """Fully connected, ReLU between: (N, inputs) -> (N, outputs). Finn et al. (2017): 1-40-40-1."""

    def __init__(self, sizes: tuple[int, ...] = (1, 40, 40, 1)) -> None:
        super().__init__()
        pairs = pairwise(sizes)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairs)

    def forward(self, x: Tensor) -> Tensor:
        for layer in list(self.layers)[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)
