"""The small networks of the papers: Conv4 for pictures, an MLP for the sinusoid.

Legend: N works of one set, C channels, W ways, D features, P context parameters.
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


class BodyAndHead(nn.Module):
    """A body that makes features and a linear head: what ANIL tells apart."""

    def __init__(self, body: nn.Module, features: int, outputs: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(features, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))


def conv4_classifier(ways: int, channels: int = 32) -> BodyAndHead:
    """(N, 1, 28, 28) -> (N, W) logits."""
    body = Conv4(channels)
    return BodyAndHead(body, body.features, ways)


class ContextConv4(nn.Module):
    """Conv4 that a context modulates: CAVIA's classifier.

    forward(x (N, 1, 28, 28), context (P,)) -> (N, W) logits. As in the paper, a linear layer maps
    the context to gains and shifts (FiLM) of every block. So that the context can also say which
    class is which, it gains every feature before the head: logits = head(Aφ ∘ E f̄(x)) with f̄
    the features less their mean over the set. At φ = 0 they are zero, and φ = -α ∇L sums the
    support features, each under the code that its class has in the head. E widens the features to
    `width` where that many codes need more room (else it is left out).
    """

    def __init__(
        self, ways: int, channels: int = 32, context: int = 100, width: int | None = None
    ) -> None:
        super().__init__()
        self.body = Conv4(channels)
        self.film = nn.ModuleList(nn.Linear(context, 2 * size) for size in self.body.sizes)
        for film in self.film:
            nn.init.zeros_(film.get_parameter("bias"))  # the zero context changes nothing
        size = self.body.features if width is None else width
        self.wide = nn.Identity() if width is None else nn.Linear(self.body.features, size, False)
        self.gain = nn.Linear(context, size, bias=False)
        self.head = nn.Linear(size, ways)
        nn.init.normal_(self.head.weight, std=0.5)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        for block, film in zip(self.body.blocks, self.film, strict=True):
            gain, shift = film(context).chunk(2)
            x = block(x, (gain, shift))
        features = x.flatten(1)
        return self.head(self.gain(context) * self.wide(features - features.mean(0)))


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


class ContextMLP(nn.Module):
    """CAVIA's regressor: the context (P,) is appended to every input. (N, 1), (P,) -> (N, 1)."""

    def __init__(self, context: int = 4, hidden: int = 40) -> None:
        super().__init__()
        self.network = MLP((1 + context, hidden, hidden, 1))

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        return self.network(torch.cat([x, context.expand(x.shape[0], -1)], dim=1))
