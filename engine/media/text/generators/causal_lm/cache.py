"""Keys and values that were computed: of a prefix that all texts share, and of each text after it.

The prefix is kept once, however many texts go on from it.
Legend: as in `decoder`; N tokens after the prefix that are kept.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.text.generators.causal_lm.families import Shape

_STEP = 64  # tokens by which the room of the texts grows


class Cache:
    """Filled by `Decoder.states`: first with the prefix, (1, P), then with texts, (B, T).

    cache = decoder.cache()
    decoder.states(prefix, cache)     # (1, P)
    texts = cache.shared()            # as often as wanted
    decoder.states(tokens, texts)     # (B, T), (B, T'), …
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.length = 0  # positions that are kept, prefix and all
        self._first = 0  # layer
        self._prefix: list[tuple[Tensor, Tensor]] = []  # (K, P, D) of each layer
        self._texts: list[tuple[Tensor, Tensor]] | None = None  # (B, K, room, D)

    def shared(self, skip: int = 0) -> "Cache":
        """A cache for texts after this prefix, which is not copied.

        skip: the texts pass through the layers from this one on only."""
        if self._texts:
            raise ValueError("texts already go on from here")
        twin = Cache(self.shape)
        twin.length, twin._prefix = self.length, self._prefix[skip:]
        twin._texts, twin._first = [], skip
        return twin

    @property
    def prefix(self) -> int:
        return self._prefix[0][0].shape[1] if self._prefix else 0

    def advance(self, time: int) -> None:
        self.length += time

    def take(self, order: Tensor) -> None:
        """Text i goes on from what was text order[i], (B,)."""
        self._texts = [(k[order], v[order]) for k, v in self._texts or []]

    def attend(
        self, layer: int, q: Tensor, k: Tensor, v: Tensor, scale: float, window: int
    ) -> Tensor:
        """Keep k and v (B, K, T, D), and attend to all that is kept: (B, H, T, D)."""
        if self._texts is None:
            return self._extend_prefix(layer, q, k, v, scale, window)
        layer -= self._first
        keys, values = self._kept(layer, k, v)
        return self._attend_both(layer, q, keys, values, scale, window)

    def _extend_prefix(
        self, layer: int, q: Tensor, k: Tensor, v: Tensor, scale: float, window: int
    ) -> Tensor:
        if len(q) != 1:
            raise ValueError("a prefix is one text")
        if len(self._prefix) == layer:
            self._prefix.append((k[0], v[0]))
        else:
            before = self._prefix[layer]
            self._prefix[layer] = (torch.cat([before[0], k[0]], 1), torch.cat([before[1], v[0]], 1))
        keys, values = self._prefix[layer]
        mask = _mask(q.shape[2], keys.shape[1], window, q.device)
        return F.scaled_dot_product_attention(
            q, keys[None], values[None], mask, scale=scale, enable_gqa=True
        )

    def _kept(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """What the texts have so far, with k and v behind: (B, K, N, D) each."""
        assert self._texts is not None
        time, done = k.shape[2], self.length - self.prefix
        if len(self._texts) == layer:
            room = (*k.shape[:2], max(_STEP, time), k.shape[3])
            self._texts.append((k.new_empty(room), v.new_empty(room)))
        keys, values = self._texts[layer]
        if done + time > keys.shape[2]:
            more = (*k.shape[:2], max(_STEP, time), k.shape[3])
            keys = torch.cat([keys, k.new_empty(more)], 2)
            values = torch.cat([values, v.new_empty(more)], 2)
            self._texts[layer] = (keys, values)
        keys[:, :, done : done + time] = k
        values[:, :, done : done + time] = v
        return keys[:, :, : done + time], values[:, :, : done + time]

    def _attend_both(
        self, layer: int, q: Tensor, keys: Tensor, values: Tensor, scale: float, window: int
    ) -> Tensor:
        """Queries against the shared prefix in one product, against their own text in another."""
        batch, heads, time, D = q.shape
        K = keys.shape[1]
        grouped = q.reshape(batch, K, -1, D)  # (B, K, G T, D)
        own = grouped @ keys.transpose(2, 3)  # (B, K, G T, N)
        prefix = self.prefix
        shared_values = values
        if prefix:
            shared_keys, shared_values = self._prefix[layer]
            flat = grouped.transpose(0, 1).reshape(K, -1, D)  # (K, B G T, D)
            others = (flat @ shared_keys.transpose(1, 2)).view(K, batch, -1, prefix)
            own = torch.cat([others.transpose(0, 1), own], -1)
        scores = own.float() * scale
        mask = _mask(time, scores.shape[-1], window, q.device)
        if mask is not None:
            folded = scores.view(batch, K, -1, time, scores.shape[-1])
            scores = folded.masked_fill(~mask, -torch.inf).view(scores.shape)
        shares = scores.softmax(-1).to(q.dtype)
        mixed = shares[..., prefix:] @ values
        if prefix:
            flat = shares[..., :prefix].transpose(0, 1).reshape(K, -1, prefix)
            others = (flat @ shared_values).view(K, batch, -1, D)
            mixed = mixed + others.transpose(0, 1)
        return mixed.reshape(batch, heads, time, D)


def _mask(time: int, length: int, window: int, device: torch.device) -> Tensor | None:
    """(T, N) bool of what the last `time` of `length` positions see; None where it is all."""
    if time == 1 and not (window and length > window):
        return None
    places = torch.arange(length, device=device)
    apart = places[-time:, None] - places
    mask = apart >= 0
    return mask & (apart < window) if window else mask
