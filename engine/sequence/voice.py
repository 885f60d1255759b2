"""The model after it has read the references: what it thinks of the next token of several works.

Legend: B works, V vocabulary, opinions are log p (B, V). With strength s the opinion is
l0 + s (l1 - l0), l1 with and l0 without the references: 0 is nobody's voice, 1 the model as it is,
more exaggerates what the references changed (as classifier-free guidance does: Ho and Salimans
2022; for text Sanchez et al. 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from engine.sequence.cache import Cache
from engine.sequence.low_rank import Start
from engine.sequence.memory import Gate, Memory
from engine.sequence.model import Transformer


class Base(Protocol):
    """What all styles of a medium share. opening: the token that every context begins with."""

    @property
    def model(self) -> Transformer: ...

    @property
    def gate(self) -> Gate: ...

    @property
    def start(self) -> Start: ...

    @property
    def opening(self) -> int: ...


@dataclass(slots=True)
class Reader:
    """One way of reading: a context that all works share, then each work by itself.

    memory: of the references, where there are any.
    """

    model: Transformer
    last: torch.Tensor  # (1, C): the state after the context
    context: Cache
    gate: Gate
    memory: Memory | None = None
    now: Cache | None = None

    @classmethod
    @torch.inference_mode()
    def of(
        cls, model: Transformer, gate: Gate, references: Sequence[int], head: Sequence[int]
    ) -> "Reader":
        """references begin with the opening token; where nothing else is, nothing is remembered."""
        cache = model.cache()
        row = torch.tensor([*references, *head], device=model.bias.device)
        states = model.states(row[None], cache)[0]
        size = len(references)
        memory = Memory.of(states[: size - 1], row[1:size]) if size > 1 else None
        return cls(model, states[-1:], cache, gate, memory)

    @torch.inference_mode()
    def begin(self, count: int) -> torch.Tensor:
        """(count, V): the opinion on the first token of each of `count` works."""
        self.now = self.context.shared()
        return self._opinion(self.last).expand(count, -1)

    @torch.inference_mode()
    def next(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B,) the tokens just written -> (B, V)."""
        assert self.now is not None, "begin() comes first"
        return self._opinion(self.model.states(tokens[:, None], self.now)[:, -1])

    def take(self, order: torch.Tensor) -> None:
        """Work i goes on from what was work order[i], (B,)."""
        assert self.now is not None, "begin() comes first"
        self.now.take(order)

    @torch.inference_mode()
    def again(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B, T) the last tokens of each work -> (B, V); what stood before them is forgotten."""
        self.now = self.context.shared()
        return self._opinion(self.model.states(tokens, self.now)[:, -1])

    def _opinion(self, states: torch.Tensor) -> torch.Tensor:
        log_p = torch.log_softmax(self.model.logits(states).float(), -1)
        if self.memory is None:
            return log_p
        return self.memory.mixed(states, log_p, self.gate)


class Voice:
    """Opinions with references, strengthened or weakened against those without.

    base: what speaks for nobody. voiced: its model with the style's low-rank updates. gains (V,):
    nats that ratings add to each token.
    """

    def __init__(
        self,
        base: Base,
        voiced: Transformer,
        context: Sequence[int],
        head: Sequence[int],
        strength: float,
        gains: torch.Tensor | None = None,
    ) -> None:
        self.strength, self.gains = strength, gains
        self.device = base.model.bias.device
        styled = Reader.of(voiced, base.gate, context, head) if strength != 0 else None
        plain = Reader.of(base.model, base.gate, [base.opening], head) if strength != 1 else None
        self._readers = [reader for reader in (styled, plain) if reader is not None]

    def begin(self, count: int) -> torch.Tensor:
        """(count, V), on the CPU."""
        return self._together([reader.begin(count) for reader in self._readers])

    def next(self, tokens: Sequence[int]) -> torch.Tensor:
        """(B, V) after the tokens just written, on the CPU."""
        row = torch.tensor(tokens, device=self.device)
        return self._together([reader.next(row) for reader in self._readers])

    def take(self, order: Sequence[int]) -> None:
        """Work i goes on from what was work order[i] until now."""
        for reader in self._readers:
            reader.take(torch.tensor(order, device=self.device))

    def again(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """(B, V) after T rows of B tokens, with all that was written before them forgotten."""
        tokens = torch.tensor(rows, device=self.device).T
        return self._together([reader.again(tokens) for reader in self._readers])

    def _together(self, opinions: Sequence[torch.Tensor]) -> torch.Tensor:
        mixed = strengthened(opinions, self.strength)
        return mixed if self.gains is None else torch.log_softmax(mixed + self.gains, -1)


@torch.inference_mode()
def strengthened(opinions: Sequence[torch.Tensor], strength: float) -> torch.Tensor:
    """One opinion (B, V) as it is, or l0 + s (l1 - l0) of (l1, l0), normalised; on the CPU."""
    if len(opinions) == 1:
        return opinions[0].cpu()
    styled, plain = opinions
    return torch.log_softmax(plain + strength * (styled - plain), -1).cpu()
