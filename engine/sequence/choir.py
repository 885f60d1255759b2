"""Several works at once, after contexts of their own: what the model thinks of their next tokens.

Where `engine.sequence.voice` has one context that all works share, here groups of works read the
references in an order of their own, the one that they follow last. Contexts are read one by one, so
that a work does not depend on its neighbours.
Legend: G groups, E works of each, B works and what fills the rows, N tokens of each context, C
width, V vocabulary; opinions are log p (B, V). With strength s the opinion is l0 + s (l1 - l0), as
in `engine.sequence.voice`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.sequence.cache import Cache
from engine.sequence.choir_cache import begun_anew, grouped
from engine.sequence.memory import Gate, Memory
from engine.sequence.model import Transformer
from engine.sequence.voice import Base, strengthened


@dataclass(frozen=True, slots=True)
class Seats:
    """Who sings what. each: works of a group (E); rows: in all (B), of which the last may belong to
    no group. live: the groups that are still written, which may become fewer."""

    each: int
    rows: int
    live: list[int]


@dataclass(slots=True)
class Singer:
    """One way of reading: the groups' contexts, and what was written after them.

    last (B, C): the states after the contexts. keys (G, N - 1, C) of unit length and values
    (G, 1, N - 1): the memory of the contexts; None where there is only the opening token.
    """

    model: Transformer
    seats: Seats
    context: Cache
    last: Tensor
    gate: Gate
    keys: Tensor | None = None
    values: Tensor | None = None
    now: Cache | None = None

    @classmethod
    @torch.inference_mode()
    def of(
        cls, model: Transformer, gate: Gate, contexts: Sequence[Sequence[int]], seats: Seats
    ) -> "Singer":
        """contexts: G rows of equal length; equal rows are read once."""
        distinct = list(dict.fromkeys(map(tuple, contexts)))
        index = [distinct.index(tuple(row)) for row in contexts]
        caches, states = [], []
        for row in distinct:
            caches.append(model.cache())
            tokens = torch.tensor([row], device=model.bias.device)
            states.append(model.states(tokens, caches[-1])[0])
        whole = torch.stack([states[i] for i in index])  # (G, N, C)
        group = [min(row // seats.each, len(contexts) - 1) for row in range(seats.rows)]
        cache = grouped(caches, index, seats.each, seats.live)
        singer = cls(model, seats, cache, whole[group, -1], gate)
        if whole.shape[1] > 1:
            singer.keys = F.normalize(whole[:, :-1], dim=-1)
            singer.values = torch.tensor([[list(row[1:])] for row in contexts]).to(whole.device)
        return singer

    @torch.inference_mode()
    def begin(self) -> Tensor:
        """(B, V): the opinion on the first token of each work."""
        self.now = begun_anew(self.context)
        return self._opinion(self.last)

    @torch.inference_mode()
    def next(self, tokens: Tensor) -> Tensor:
        """(B, T) tokens just written -> (B, V)."""
        assert self.now is not None, "begin() comes first"
        return self._opinion(self.model.states(tokens, self.now)[:, -1])

    def again(self, tokens: Tensor) -> Tensor:
        """(B, T) the last tokens of each work -> (B, V); what stood before them is forgotten."""
        self.now = begun_anew(self.context)
        return self.next(tokens)

    def _opinion(self, states: Tensor) -> Tensor:
        log_p = torch.log_softmax(self.model.logits(states).float(), -1)
        if self.keys is None or self.values is None:
            return log_p
        towards = F.normalize(states, dim=-1)
        for group in self.seats.live:
            works = slice(group * self.seats.each, (group + 1) * self.seats.each)
            likeness = towards[works] @ self.keys[group].T  # (E, N - 1)
            weights = (self.gate.sharpness * likeness).softmax(-1)
            values = self.values[group].expand_as(weights)
            remembered = torch.zeros_like(log_p[works]).scatter_add(1, values, weights)
            opened = Memory.opened(likeness, self.gate)
            mixed = (1 - opened) * log_p[works].exp() + opened * remembered
            log_p[works] = torch.log(mixed + 1e-20)
        return log_p


class Choir:
    """Opinions with references, strengthened or weakened against those without.

    What it thinks of works of a group that has left, and of rows of no group, means nothing.
    """

    def __init__(
        self,
        base: Base,
        voiced: Transformer,
        contexts: Sequence[Sequence[int]],
        strength: float,
        *,
        each: int = 1,
        rows: int = 0,
    ) -> None:
        """contexts (G, N), each beginning with the opening token and read by `each` works; voiced:
        the base's model with the style's low-rank updates. rows: B; 0: as many as there are works.
        """
        self.strength = strength
        self.device = base.model.bias.device
        self._seats = Seats(each, rows or each * len(contexts), list(range(len(contexts))))
        nobody = [[base.opening]] * len(contexts)
        self._singers = []
        if strength != 0:
            self._singers.append(Singer.of(voiced, base.gate, contexts, self._seats))
        if strength != 1:
            self._singers.append(Singer.of(base.model, base.gate, nobody, self._seats))

    def leave(self, group: int) -> None:
        """All works of the group are done."""
        if group in self._seats.live:
            self._seats.live.remove(group)

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
