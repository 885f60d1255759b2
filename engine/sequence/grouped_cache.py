"""The key-value cache where groups of works have each read a context of their own.

Legend: G groups, E works of each, B ≥ G E works in all (the others only fill the rows of matrix
products), H heads, T new tokens, S tokens of each context, P tokens that a work has of its own, D
width of a head.
A context is held once for its group. Groups are attended to one after the other, in products of the
same shapes however many there are, so that a work does not depend on its neighbours; what is done,
and what only fills, costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.sequence.cache import KeyValueCache, LayerCache, by_all


@dataclass(slots=True)
class GroupedLayerCache(LayerCache):
    """One layer. shared: keys and values (G, H, S, D). live: the groups that are still written."""

    each: int = 1
    live: list[int] = field(default_factory=list)

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Remember k and v, then attend causally: all (B, H, T, D) -> (B, H, T, D), zeros where
        nothing is live."""
        own_k, own_v = self._extend(k, v)
        q = q * q.shape[-1] ** -0.5
        mixed = torch.zeros_like(q)
        for group in self.live:
            works = slice(group * self.each, (group + 1) * self.each)
            mixed[works] = self._attend_one(group, q[works], own_k[works], own_v[works])
        return mixed

    def _attend_one(self, group: int, q: Tensor, own_k: Tensor, own_v: Tensor) -> Tensor:
        """The works of one group: (E, H, T, D), twice (E, H, P, D) -> (E, H, T, D)."""
        assert self.shared is not None
        keys, values = (part[group : group + 1] for part in self.shared)
        scores = q @ own_k.transpose(-1, -2)  # (E, H, T, P)
        time, past = q.shape[2], self.used - q.shape[2]
        if time > 1:
            unseen = torch.ones(time, self.used, dtype=torch.bool, device=q.device).triu(past + 1)
            scores = scores.masked_fill(unseen, -torch.inf)
        size = keys.shape[2]
        common = by_all(q, keys.transpose(-1, -2))  # (E, H, T, S)
        weights = torch.cat([common, scores], -1).softmax(-1)
        return by_all(weights[..., :size], values) + weights[..., size:] @ own_v


def grouped(
    caches: Sequence[KeyValueCache], index: Sequence[int], each: int, live: list[int]
) -> KeyValueCache:
    """One cache of groups, of which group i has read what caches[index[i]] has; all have read
    equally many tokens, one sequence each. The groups that are `live` may become fewer later."""
    layers: list[LayerCache] = []
    for parts in zip(*(cache.layers for cache in caches), strict=True):
        own = [part.own[:, :, :, : part.used] for part in parts if part.own is not None]
        keys, values = torch.cat([own[i] for i in index], 1)  # (G, H, S, D)
        turned = keys.transpose(-1, -2).contiguous().transpose(-1, -2)  # as it is multiplied
        layers.append(GroupedLayerCache(shared=(turned, values), each=each, live=live))
    return KeyValueCache(layers)


def restarted(cache: KeyValueCache) -> KeyValueCache:
    """Another of the same groups and contexts, in which nothing is written yet."""
    layers: list[LayerCache] = []
    for layer in cache.layers:
        assert isinstance(layer, GroupedLayerCache)
        layers.append(GroupedLayerCache(shared=layer.shared, each=layer.each, live=layer.live))
    return KeyValueCache(layers)
