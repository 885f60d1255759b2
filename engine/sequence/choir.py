"""Several works at once, each after a context of its own: what the model thinks of their next
tokens.

Where `engine.sequence.voice` has one context that all works share, here every work reads the
references in its own order, the one that it follows last. Contexts are read one by one, so that a
work does not depend on its neighbours.
Legend: B works, N tokens of each context, C width, V vocabulary; opinions are log p (B, V). With
strength s the opinion is l0 + s (l1 - l0), as in `engine.sequence.voice`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.sequence.cache import Cache, LayerCache
from engine.sequence.memory import Gate, Memory
from engine.sequence.model import Transformer
from engine.sequence.voice import Base, strengthened


@dataclass(slots=True)
class Singer:
    """One way of reading: the works' contexts, and what was written after them.

    last (B, C): the states after the contexts. keys (B, N - 1, C) of unit length and values
    (B, N - 1): the memory of the contexts; None where there is only the opening token.
    """

    model: Transformer
    context: Cache
    last: Tensor
    gate: Gate
    keys: Tensor | None = None
    values: Tensor | None = None
    now: Cache | None = None

    @classmethod
    @torch.inference_mode()
    def of(cls, model: Transformer, gate: Gate, contexts: Sequence[Sequence[int]]) -> "Singer":
        """contexts: B rows of equal length; equal rows are read once."""
        distinct = list(dict.fromkeys(map(tuple, contexts)))
        index = torch.tensor([distinct.index(tuple(row)) for row in contexts])
        caches, states = [], []
        for row in distinct:
            caches.append(model.cache())
            tokens = torch.tensor([row], device=model.bias.device)
            states.append(model.states(tokens, caches[-1])[0])
        whole = torch.stack(states)[index]  # (B, N, C)
        singer = cls(model, _stacked(caches, index), whole[:, -1], gate)
        if whole.shape[1] > 1:
            singer.keys = F.normalize(whole[:, :-1], dim=-1)
            singer.values = torch.tensor([list(row[1:]) for row in contexts]).to(whole.device)
        return singer

    @torch.inference_mode()
    def begin(self) -> Tensor:
        """(B, V): the opinion on the first token of each work."""
        self.now = _copied(self.context)
        return self._opinion(self.last)

    @torch.inference_mode()
    def next(self, tokens: Tensor) -> Tensor:
        """(B, T) tokens just written -> (B, V)."""
        assert self.now is not None, "begin() comes first"
        return self._opinion(self.model.states(tokens, self.now)[:, -1])

    def again(self, tokens: Tensor) -> Tensor:
        """(B, T) the last tokens of each work -> (B, V); what stood before them is forgotten."""
        self.now = _copied(self.context)
        return self.next(tokens)

    def _opinion(self, states: Tensor) -> Tensor:
        log_p = torch.log_softmax(self.model.logits(states).float(), -1)
        if self.keys is None or self.values is None:
            return log_p
        likeness = (self.keys @ F.normalize(states, dim=-1)[:, :, None])[:, :, 0]  # (B, N - 1)
        weights = (self.gate.sharpness * likeness).softmax(-1)
        remembered = torch.zeros_like(log_p).scatter_add(1, self.values, weights)
        opened = Memory.opened(likeness, self.gate)
        return torch.log((1 - opened) * log_p.exp() + opened * remembered + 1e-20)


class Choir:
    """Opinions with references, strengthened or weakened against those without."""

    def __init__(
        self,
        base: Base,
        voiced: Transformer,
        contexts: Sequence[Sequence[int]],
        strength: float,
    ) -> None:
        """contexts (B, N), each beginning with the opening token; voiced: the base's model with
        the style's low-rank updates."""
        self.strength = strength
        self.device = base.model.bias.device
        nobody = [[base.opening]] * len(contexts)
        self._singers = []
        if strength != 0:
            self._singers.append(Singer.of(voiced, base.gate, contexts))
        if strength != 1:
            self._singers.append(Singer.of(base.model, base.gate, nobody))

    def begin(self) -> Tensor:
        """(B, V), on the CPU."""
        return strengthened([singer.begin() for singer in self._singers], self.strength)

    def next(self, tokens: Sequence[int]) -> Tensor:
        """(B, V) after the tokens just written, on the CPU."""
        column = torch.tensor(tokens, device=self.device)[:, None]
        return strengthened([singer.next(column) for singer in self._singers], self.strength)

    def again(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """(B, V) after T rows of B tokens, with all that was written before them forgotten."""
        tokens = torch.tensor(rows, device=self.device).T
        return strengthened([singer.again(tokens) for singer in self._singers], self.strength)


def _stacked(caches: Sequence[Cache], index: Tensor) -> Cache:
    """One cache of B works from those of single works of equal length."""
    layers = []
    for parts in zip(*(cache.layers for cache in caches), strict=True):
        own = torch.cat(
            [part.own[:, :, :, : part.used] for part in parts if part.own is not None], 1
        )
        layers.append(LayerCache(own=own.index_select(1, index.to(own.device)), used=parts[0].used))
    return Cache(layers)


def _copied(cache: Cache) -> Cache:
    """Another that holds the same, and grows by itself."""
    return Cache([LayerCache(own=layer.own, used=layer.used) for layer in cache.layers])
