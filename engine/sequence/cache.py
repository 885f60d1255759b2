"""What the Transformer remembers of the tokens before: keys and values of every layer.

Legend: B works drawn at once, H heads, T new tokens, S tokens that all works share (the
references), P tokens that each work has of its own, D width of a head.
Attention over S + P tokens is one softmax over two parts, so the shared part is held once, however
many works read it.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

GROWTH = 64  # tokens by which the room of a work grows


@dataclass(slots=True)
class LayerCache:
    """One layer. shared: keys and values (1, H, S, D). own: (2, B, H, room, D), `used` of it."""

    shared: tuple[Tensor, Tensor] | None = None
    own: Tensor | None = None
    used: int = 0

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Remember k and v, then attend causally: all (B, H, T, D) -> (B, H, T, D)."""
        first = self.shared is None and self.used == 0
        own_k, own_v = self._extend(k, v)
        if first:
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        q = q * q.shape[-1] ** -0.5
        time, past = q.shape[2], self.used - q.shape[2]
        scores = q @ own_k.transpose(-1, -2)  # (B, H, T, P)
        if time > 1:
            unseen = torch.ones(time, self.used, dtype=torch.bool, device=q.device).triu(past + 1)
            scores = scores.masked_fill(unseen, -torch.inf)
        if self.shared is None:
            return scores.softmax(-1) @ own_v
        keys, values = self.shared
        common = by_all(q, keys.transpose(-1, -2))  # (B, H, T, S)
        weights = torch.cat([common, scores], -1).softmax(-1)
        size = keys.shape[2]
        return by_all(weights[..., :size], values) + weights[..., size:] @ own_v

    def _extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """All keys and values of the works' own, (B, H, P, D)."""
        stop = self.used + k.shape[2]
        if self.own is None or stop > self.own.shape[3]:
            room = k.new_empty(2, *k.shape[:2], -(-stop // GROWTH) * GROWTH, k.shape[3])
            if self.own is not None:
                room[:, :, :, : self.used] = self.own[:, :, :, : self.used]
            self.own = room
        self.own[0, :, :, self.used : stop] = k
        self.own[1, :, :, self.used : stop] = v
        self.used = stop
        return self.own[0, :, :, :stop], self.own[1, :, :, :stop]


@dataclass(slots=True)
class KeyValueCache:
    """All layers."""

    layers: list[LayerCache] = field(default_factory=list)

    @classmethod
    def of(cls, layers: int) -> "KeyValueCache":
        return cls([LayerCache() for _ in range(layers)])

    @property
    def length(self) -> int:
        """S + P."""
        layer = self.layers[0]
        return layer.used + (layer.shared[0].shape[2] if layer.shared is not None else 0)

    @torch.inference_mode()
    def reorder(self, order: Tensor) -> None:
        """Work i goes on from what was work order[i], (B,)."""
        for layer in self.layers:
            if layer.own is not None:
                layer.own = layer.own.index_select(1, order)

    def shared(self) -> "KeyValueCache":
        """What one sequence (B = 1, nothing shared yet) has read, to be shared by any number.

        The new cache grows by itself; this one may be shared again.
        """
        fresh = []
        for layer in self.layers:
            assert layer.own is not None and layer.shared is None and layer.own.shape[1] == 1
            keys, values = layer.own[:, :, :, : layer.used]
            fresh.append(LayerCache((keys, values)))
        return KeyValueCache(fresh)


def by_all(rows: Tensor, common: Tensor) -> Tensor:
    """(B, H, T, M) @ (1, H, M, N) -> (B, H, T, N), without copying `common` B times."""
    batch, heads, time, inner = rows.shape
    flat = rows.transpose(0, 1).reshape(heads, batch * time, inner)
    return (flat @ common[0]).view(heads, batch, time, -1).transpose(0, 1)
