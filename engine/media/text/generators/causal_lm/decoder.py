"""One decoder-only Transformer for all families of `families`: frozen weights, adapters beside.

Legend: B texts, T tokens, P tokens of the prefix that all texts share, V vocabulary, C width,
H query heads, K key heads, G = H / K, D head width, r rank.
Vaswani et al. 2017; RMSNorm: Zhang and Sennrich 2019; rotary positions: Su et al. 2021; gated
linear units: Shazeer 2020; grouped queries: Ainslie et al. 2023; low-rank adapters: Hu et al. 2022.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.text.generators.causal_lm.cache import Cache
from engine.media.text.generators.causal_lm.families import Shape

Adapters = Mapping[str, tuple[Tensor, Tensor]]  # map: A (r, n), B (m, r)
TABLES = ("embedding.weight", "head.weight")
MAPS = ("attention_in", "attention_out", "forward_in", "forward_out")


@dataclass(frozen=True, slots=True)
class Rotary:
    """Cosines and sines of one rotary base, (N, D) float32 each."""

    cos: Tensor
    sin: Tensor


class Decoder:
    """Tokens (B, T) int64 -> states (B, T, C); `head` turns those into logits.

    `weights` hold, for each layer `i`: "i.attention_in.weight" (H D + 2 K D, C), queries, keys and
    values; "i.attention_out.weight" (C, H D); "i.forward_in.weight" (2 hidden, C), gate and value,
    or (hidden, C); "i.forward_out.weight" (C, hidden); norms and biases beside them; and
    "embedding.weight" (V, C), "norm.weight", where the family has them "positions.weight",
    "head.weight". Matrices have the dtype that is computed in, norms are float32; the two tables
    stay as they are on disk, for only some of their rows are ever used.
    """

    def __init__(self, shape: Shape, weights: Mapping[str, Tensor]) -> None:
        self.shape, self.weights = shape, dict(weights)
        matrix = self.weights["0.attention_in.weight"]
        self.dtype, self.device = matrix.dtype, matrix.device
        self._scale = math.sqrt(shape.width) if shape.scaled_embedding else 1.0
        self._rotary: dict[bool, Rotary] = {}

    def to(self, dtype: torch.dtype, device: torch.device) -> "Decoder":
        """A decoder that computes in `dtype`."""

        def kept(name: str, tensor: Tensor) -> Tensor:
            if name in TABLES:
                return tensor.to(device)
            return tensor.to(device, torch.float32 if "norm" in name else dtype)

        return Decoder(self.shape, {name: kept(name, t) for name, t in self.weights.items()})

    def head(self, rows: Tensor | None = None) -> Tensor:
        """What turns states into logits, of some tokens (Vh,) or of all: (Vh, C)."""
        table = self.weights["embedding.weight" if self.shape.tied else "head.weight"]
        return (table if rows is None else table[rows]).to(self.dtype)

    def cache(self) -> Cache:
        """For one prefix, and for texts that go on from it."""
        return Cache(self.shape)

    def states(
        self, tokens: Tensor, cache: Cache | None = None, adapters: Adapters | None = None
    ) -> Tensor:
        """(B, T) -> (B, T, C), after the last norm; the cache, if any, keeps keys and values."""
        start = cache.length if cache else 0
        x = self.embedded(tokens, start)
        x = self.passed(x, range(self.shape.layers), adapters, cache)
        if cache:
            cache.advance(tokens.shape[1])
        return self._norm(x, "norm")

    def embedded(self, tokens: Tensor, start: int = 0) -> Tensor:
        """(B, T) -> (B, T, C): what enters the first layer, from position `start` on."""
        x = F.embedding(tokens, self.weights["embedding.weight"]).to(self.dtype)
        if self._scale != 1.0:
            x = x * torch.tensor(self._scale, dtype=x.dtype)
        if not self.shape.rotary_base:
            x = x + self.weights["positions.weight"][start : start + tokens.shape[1]]
        return x

    def passed(
        self,
        x: Tensor,
        layers: range,
        adapters: Adapters | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        """(B, T, C) through some layers in a row."""
        start = cache.length if cache else 0
        for layer in layers:
            x = x + self._attention(x, layer, start, cache, adapters)
            x = x + self._forward(x, layer, adapters)
        return x

    def finished(self, x: Tensor) -> Tensor:
        """(B, T, C) out of the last layer -> states, as the head takes them."""
        return self._norm(x, "norm")

    # ---- the parts -----------------------------------------------------------------------------

    def _attention(
        self, x: Tensor, layer: int, start: int, cache: Cache | None, adapters: Adapters | None
    ) -> Tensor:
        shape = self.shape
        (batch, time), D = x.shape[:2], shape.head_width
        y = self._norm(x, f"{layer}.norm_attention")
        y = self._map(y, f"{layer}.attention_in", adapters)
        q, k, v = y.split([shape.heads * D, shape.key_heads * D, shape.key_heads * D], -1)
        q = q.view(batch, time, shape.heads, D)
        k = k.view(batch, time, shape.key_heads, D)
        v = v.view(batch, time, shape.key_heads, D).transpose(1, 2)
        if shape.norm_heads:
            q = self._norm(q, f"{layer}.norm_query")
            k = self._norm(k, f"{layer}.norm_key")
        local = shape.is_local(layer)
        if shape.rotary_base:
            rotary = self._turns(local, start + time)
            q, k = (turned(part, rotary, start) for part in (q, k))
        q, k = q.transpose(1, 2), k.transpose(1, 2)  # (B, H, T, D), (B, K, T, D)
        scale = shape.query_scale or D**-0.5
        window = shape.window if local else 0
        if cache:
            mixed = cache.attend(layer, q, k, v, scale, window)
        else:
            mixed = attention(q, k, v, scale, window)
        mixed = mixed.transpose(1, 2).reshape(batch, time, -1)
        y = self._map(mixed, f"{layer}.attention_out", adapters)
        return self._norm(y, f"{layer}.norm_attention_out") if shape.norm_after else y

    def _forward(self, x: Tensor, layer: int, adapters: Adapters | None) -> Tensor:
        shape = self.shape
        y = self._map(self._norm(x, f"{layer}.norm_forward"), f"{layer}.forward_in", adapters)
        if shape.gated:
            gate, value = y.chunk(2, -1)
            y = self._activated(gate) * value
        else:
            y = self._activated(y)
        y = self._map(y, f"{layer}.forward_out", adapters)
        return self._norm(y, f"{layer}.norm_forward_out") if shape.norm_after else y

    def _activated(self, x: Tensor) -> Tensor:
        return F.silu(x) if self.shape.activation == "silu" else F.gelu(x, approximate="tanh")

    def _map(self, x: Tensor, name: str, adapters: Adapters | None) -> Tensor:
        """W x + b, and B A x where there is an adapter."""
        y = F.linear(x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))
        if adapters and name in adapters:
            a, b = adapters[name]
            y = y + F.linear(F.linear(x, a.to(x.dtype)), b.to(x.dtype))
        return y

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, size = self.weights[f"{name}.weight"], (x.shape[-1],)
        if self.shape.rms:
            return F.rms_norm(x.float(), size, weight, self.shape.epsilon).to(x.dtype)
        bias = self.weights[f"{name}.bias"]
        return F.layer_norm(x.float(), size, weight, bias, self.shape.epsilon).to(x.dtype)

    def _turns(self, local: bool, length: int) -> Rotary:
        """Cosines and sines of at least `length` positions."""
        known = self._rotary.get(local)
        if known is None or len(known.cos) < length:
            with torch.inference_mode(False):  # gradients pass by them later
                found = rotary_of(self.shape, local, max(1024, 2 * length))
                known = Rotary(found.cos.to(self.device), found.sin.to(self.device))
            self._rotary[local] = known
        return known


def rotary_of(shape: Shape, local: bool, length: int) -> Rotary:
    """The first half of a head turns with the second (Su et al. 2021, as Llama and Gemma pair)."""
    base = shape.local_base if local else shape.rotary_base
    steps = torch.arange(0, shape.head_width, 2, dtype=torch.float64) / shape.head_width
    frequencies = base**-steps
    if shape.scaling:
        frequencies = _stretched(frequencies, *shape.scaling)
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequencies)
    angles = torch.cat([angles, angles], -1)
    return Rotary(angles.cos().float(), angles.sin().float())


def _stretched(
    frequencies: Tensor, factor: float, low: float, high: float, original: float
) -> Tensor:
    """Llama 3: long wavelengths are stretched by `factor`, short ones kept, between them mixed."""
    waves = 2 * math.pi / frequencies
    share = ((original / waves - low) / (high - low)).clamp(0, 1)
    return frequencies / factor * (1 - share) + frequencies * share


def turned(x: Tensor, rotary: Rotary, start: int) -> Tensor:
    """x (B, T, H, D) with its pairs turned by their positions, in float32."""
    time = x.shape[1]
    cos, sin = (t[start : start + time, None] for t in (rotary.cos, rotary.sin))
    first, second = x.float().chunk(2, -1)
    swapped = torch.cat([-second, first], -1)
    return (x * cos + swapped * sin).to(x.dtype)


def attention(q: Tensor, k: Tensor, v: Tensor, scale: float, window: int) -> Tensor:
    """Causal attention of a text alone: q (B, H, T, D), k and v (B, K, T, D) -> (B, H, T, D)."""
    time = q.shape[2]
    if window and time > window:
        places = torch.arange(time, device=q.device)
        apart = places[:, None] - places
        mask = (apart >= 0) & (apart < window)
        return F.scaled_dot_product_attention(q, k, v, mask, scale=scale, enable_gqa=True)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale, enable_gqa=True)
