"""The causal Transformer of the text medium.

Legend: B batch, T tokens, V vocabulary, C width, H heads, D = C / H.
Vaswani et al. 2017, with RMSNorm before each part (Zhang and Sennrich 2019), rotary positions (Su
et al. 2021), SwiGLU (Shazeer 2020) and tied embeddings (Press and Wolf 2017).
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.sequence.cache import KeyValueCache

ROTARY_BASE = 10_000.0


@dataclass(frozen=True, slots=True)
class TransformerConfig:
    """The shape of the model; 6.9 M parameters by default."""

    vocabulary: int = 8192
    layers: int = 6
    width: int = 256
    heads: int = 4
    hidden: int = 704  # about 8/3 of the width: three matrices cost what two of four widths do
    context: int = 1024

    @property
    def head_width(self) -> int:
        return self.width // self.heads


class Attention(nn.Module):
    """Causal self-attention with rotary positions, (B, T, C) -> (B, T, C)."""

    def __init__(self, config: TransformerConfig, layer: int) -> None:
        super().__init__()
        self.layer, self.heads = layer, config.heads
        self.inward = nn.Linear(config.width, 3 * config.width, bias=False)
        self.outward = nn.Linear(config.width, config.width, bias=False)

    def forward(self, x: Tensor, turns: Tensor, cache: KeyValueCache | None) -> Tensor:
        batch, time, width = x.shape
        split = self.inward(x).view(batch, time, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = rotate(split[0], turns), rotate(split[1], turns), split[2]  # (B, H, T, D)
        if cache is None:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            mixed = cache.layers[self.layer].attend(q, k, v)
        return self.outward(mixed.transpose(1, 2).reshape(batch, time, width))


class FeedForward(nn.Module):
    """SwiGLU, (B, T, C) -> (B, T, C)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.inward = nn.Linear(config.width, 2 * config.hidden, bias=False)
        self.outward = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.inward(x).chunk(2, -1)
        return self.outward(F.silu(gate) * value)


class Block(nn.Module):
    """One layer: x + attention, then x + feed-forward, each of the normalised x."""

    def __init__(self, config: TransformerConfig, layer: int) -> None:
        super().__init__()
        self.norm_attention = nn.RMSNorm(config.width)
        self.attention = Attention(config, layer)
        self.norm_forward = nn.RMSNorm(config.width)
        self.forward_part = FeedForward(config)

    def forward(self, x: Tensor, turns: Tensor, cache: KeyValueCache | None) -> Tensor:
        x = x + self.attention(self.norm_attention(x), turns, cache)
        return x + self.forward_part(self.norm_forward(x))


class Transformer(nn.Module):
    """Tokens (B, T) int64 -> logits of the next ones (B, T, V)."""

    turns: Tensor

    def __init__(self, config: TransformerConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or TransformerConfig()
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(Block(config, i) for i in range(config.layers))
        self.norm = nn.RMSNorm(config.width)
        self.bias = nn.Parameter(torch.zeros(config.vocabulary))  # begins as the log frequencies
        angles = rotary_angles(config.context, config.head_width)
        self.register_buffer("turns", torch.stack([angles.cos(), angles.sin()]), persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        """Normal, 0.02; what writes into the stream smaller by sqrt(2 layers) (GPT-2)."""
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                deep = name.endswith("outward.weight")
                std = 0.02 / math.sqrt(2 * self.config.layers) if deep else 0.02
                nn.init.normal_(parameter, std=std)

    def forward(self, tokens: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        """With a cache, `tokens` follow what it holds, and it grows by them.

        Raises `ValueError` beyond the context.
        """
        return self.logits(self.states(tokens, cache))

    def states(self, tokens: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        """(B, T) -> (B, T, C): the last layer, normalised."""
        past = cache.length if cache is not None else 0
        stop = past + tokens.shape[1]
        if stop > self.config.context:
            raise ValueError(f"{stop} tokens are more than the context of {self.config.context}")
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, self.turns[:, past:stop], cache)
        return self.norm(x)

    def cache(self) -> KeyValueCache:
        """An empty one."""
        return KeyValueCache.of(self.config.layers)

    def logits(self, states: Tensor) -> Tensor:
        """(..., C) -> (..., V), by the embedding itself and how frequent each token is."""
        return F.linear(states, self.embedding.weight, self.bias)


def rotary_angles(context: int, width: int) -> Tensor:
    """(context, D / 2): position times the rate of each pair of channels."""
    rates = ROTARY_BASE ** (-torch.arange(0, width, 2, dtype=torch.float32) / width)
    return torch.arange(context, dtype=torch.float32)[:, None] * rates


def rotate(x: Tensor, turns: Tensor) -> Tensor:
    """Turn each channel pair (i, i + D/2) of (B, H, T, D) by its position's angle (2, T, D/2)."""
    cos, sin = turns.to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
