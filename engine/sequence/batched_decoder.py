"""Decoding several works after contexts of their own: log-probabilities of their next tokens.

Where `engine.sequence.decoder_session` has one context that all works share, here groups of works
read the references in an order of their own, the one that they follow last. Contexts are read one
by one, so that a work does not depend on its neighbours.
Legend: G groups, E works of each, B works and what fills the rows, N tokens of each context, C
width, V vocabulary; log_probs (B, V), guided as in `engine.sequence.decoder_session`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.sequence.cache import KeyValueCache
from engine.sequence.decoder_session import SequenceBase, apply_guidance
from engine.sequence.grouped_cache import grouped, restarted
from engine.sequence.memory import ContinuousCache, Gate
from engine.sequence.model import Transformer


@dataclass(frozen=True, slots=True)
class BatchLayout:
    """Which rows belong to which group. each: works of a group (E); rows: in all (B), of which the
    last may belong to no group. live: the groups still written, which may become fewer."""

    each: int
    rows: int
    live: list[int]


@dataclass(slots=True)
class GroupedContextDecoder:
    """One model after the contexts of the groups, and what was written after them.

    last (B, C): the states after the contexts. keys (G, N - 1, C) of unit length and values
    (G, 1, N - 1): the memory of the contexts; None where there is only the opening token.
    """

    model: Transformer
    layout: BatchLayout
    context: KeyValueCache
    last: Tensor
    gate: Gate
    keys: Tensor | None = None
    values: Tensor | None = None
    now: KeyValueCache | None = None

    @classmethod
    @torch.inference_mode()
    def of(
        cls, model: Transformer, gate: Gate, contexts: Sequence[Sequence[int]], layout: BatchLayout
    ) -> "GroupedContextDecoder":
        """contexts: G rows of equal length; equal rows are read once."""
        distinct = list(dict.fromkeys(map(tuple, contexts)))
        index = [distinct.index(tuple(row)) for row in contexts]
        caches, states = [], []
        for row in distinct:
            caches.append(model.cache())
            tokens = torch.tensor([row], device=model.bias.device)
            states.append(model.states(tokens, caches[-1])[0])
        whole = torch.stack([states[i] for i in index])  # (G, N, C)
        group = [min(row // layout.each, len(contexts) - 1) for row in range(layout.rows)]
        cache = grouped(caches, index, layout.each, layout.live)
        decoder = cls(model, layout, cache, whole[group, -1], gate)
        if whole.shape[1] > 1:
            decoder.keys = F.normalize(whole[:, :-1], dim=-1)
            decoder.values = torch.tensor([[list(row[1:])] for row in contexts]).to(whole.device)
        return decoder

    @torch.inference_mode()
    def begin(self) -> Tensor:
        """(B, V): log_probs of the first token of each work."""
        self.now = restarted(self.context)
        return self._log_probs(self.last)

    @torch.inference_mode()
    def next(self, tokens: Tensor) -> Tensor:
        """(B, T) tokens just written -> (B, V)."""
        assert self.now is not None, "begin() comes first"
        return self._log_probs(self.model.states(tokens, self.now)[:, -1])

    def restart(self, tokens: Tensor) -> Tensor:
        """(B, T) the last tokens of each work -> (B, V); what stood before them is forgotten."""
        self.now = restarted(self.context)
        return self.next(tokens)

    def _log_probs(self, states: Tensor) -> Tensor:
        log_p = torch.log_softmax(self.model.logits(states).float(), -1)
        if self.keys is None or self.values is None:
            return log_p
        towards = F.normalize(states, dim=-1)
        for group in self.layout.live:
            works = slice(group * self.layout.each, (group + 1) * self.layout.each)
            likeness = towards[works] @ self.keys[group].T  # (E, N - 1)
            weights = (self.gate.sharpness * likeness).softmax(-1)
            values = self.values[group].expand_as(weights)
            remembered = torch.zeros_like(log_p[works]).scatter_add(1, values, weights)
            opened = ContinuousCache.opened(likeness, self.gate)
            mixed = (1 - opened) * log_p[works].exp() + opened * remembered
            log_p[works] = torch.log(mixed + 1e-20)
        return log_p


class BatchedDecoder:
    """Log-probabilities with references, guided away from or towards those without.

    Those of works of a group that has left, and of rows of no group, mean nothing.
    """

    def __init__(
        self,
        base: SequenceBase,
        adapted: Transformer,
        contexts: Sequence[Sequence[int]],
        strength: float,
        *,
        each: int = 1,
        rows: int = 0,
    ) -> None:
        """contexts (G, N), each beginning with the opening token and read by `each` works; adapted:
        the base's model with the style's low-rank updates. rows: B; 0: as many as there are works.
        """
        self.strength = strength
        self.device = base.model.bias.device
        self._layout = BatchLayout(each, rows or each * len(contexts), list(range(len(contexts))))
        unconditional = [[base.opening]] * len(contexts)
        self._decoders = []
        if strength != 0:
            self._decoders.append(
                GroupedContextDecoder.of(adapted, base.gate, contexts, self._layout)
            )
        if strength != 1:
            self._decoders.append(
                GroupedContextDecoder.of(base.model, base.gate, unconditional, self._layout)
            )

    def leave(self, group: int) -> None:
        """All works of the group are done."""
        if group in self._layout.live:
            self._layout.live.remove(group)

    def begin(self) -> Tensor:
        """(B, V), on the CPU."""
        return apply_guidance([decoder.begin() for decoder in self._decoders], self.strength)

    def next(self, tokens: Sequence[int]) -> Tensor:
        """(B, V) after the tokens just written, on the CPU."""
        column = torch.tensor(tokens, device=self.device)[:, None]
        return apply_guidance([decoder.next(column) for decoder in self._decoders], self.strength)

    def extend(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """(B, V) after T rows of B tokens that were written one after the other."""
        tokens = torch.tensor(rows, device=self.device).T
        return apply_guidance([decoder.next(tokens) for decoder in self._decoders], self.strength)

    def restart(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """(B, V) after T rows of B tokens, with all that was written before them forgotten."""
        tokens = torch.tensor(rows, device=self.device).T
        return apply_guidance(
            [decoder.restart(tokens) for decoder in self._decoders], self.strength
        )
