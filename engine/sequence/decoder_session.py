"""Decoding several works after one context of references: log-probabilities of their next tokens.

Legend: B works, V vocabulary, log_probs (B, V). With strength s they are l0 + s (l1 - l0),
normalised, l1 with and l0 without the references: 0 is the base model alone, 1 the model as it is,
more exaggerates what the references changed (classifier-free guidance: Ho and Salimans 2022; for
text Sanchez et al. 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from engine.sequence.cache import KeyValueCache
from engine.sequence.low_rank import AdapterStart
from engine.sequence.memory import ContinuousCache, Gate
from engine.sequence.model import Transformer


class SequenceBase(Protocol):
    """What all styles of a generator share. opening: the token that every context begins with."""

    @property
    def model(self) -> Transformer: ...

    @property
    def gate(self) -> Gate: ...

    @property
    def start(self) -> AdapterStart: ...

    @property
    def opening(self) -> int: ...


@dataclass(slots=True)
class ContextDecoder:
    """One model after one context that all works share, then each work by itself.

    memory: of the references, where there are any.
    """

    model: Transformer
    last: torch.Tensor  # (1, C): the state after the context
    context: KeyValueCache
    gate: Gate
    memory: ContinuousCache | None = None
    now: KeyValueCache | None = None

    @classmethod
    @torch.inference_mode()
    def of(
        cls, model: Transformer, gate: Gate, references: Sequence[int], head: Sequence[int]
    ) -> "ContextDecoder":
        """references begin with the opening token; where nothing else is, nothing is remembered."""
        cache = model.cache()
        row = torch.tensor([*references, *head], device=model.bias.device)
        states = model.states(row[None], cache)[0]
        size = len(references)
        memory = ContinuousCache.of(states[: size - 1], row[1:size]) if size > 1 else None
        return cls(model, states[-1:], cache, gate, memory)

    @torch.inference_mode()
    def begin(self, count: int) -> torch.Tensor:
        """(count, V): log_probs of the first token of each of `count` works."""
        self.now = self.context.shared()
        return self._log_probs(self.last).expand(count, -1)

    @torch.inference_mode()
    def next(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B,) the tokens just written -> (B, V)."""
        assert self.now is not None, "begin() comes first"
        return self._log_probs(self.model.states(tokens[:, None], self.now)[:, -1])

    def reorder(self, order: torch.Tensor) -> None:
        """Work i goes on from what was work order[i], (B,)."""
        assert self.now is not None, "begin() comes first"
        self.now.reorder(order)

    @torch.inference_mode()
    def restart(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B, T) the last tokens of each work -> (B, V); what stood before them is forgotten."""
        self.now = self.context.shared()
        return self._log_probs(self.model.states(tokens, self.now)[:, -1])

    def _log_probs(self, states: torch.Tensor) -> torch.Tensor:
        log_p = torch.log_softmax(self.model.logits(states).float(), -1)
        if self.memory is None:
            return log_p
        return self.memory.mixed(states, log_p, self.gate)


class DecoderSession:
    """Log-probabilities with references, guided away from or towards those without.

    base: the model without a style. adapted: its model with the style's low-rank updates.
    logit_bias (V,): nats that ratings add to each token.
    """

    def __init__(
        self,
        base: SequenceBase,
        adapted: Transformer,
        context: Sequence[int],
        head: Sequence[int],
        strength: float,
        logit_bias: torch.Tensor | None = None,
    ) -> None:
        self.strength, self.logit_bias = strength, logit_bias
        self.device = base.model.bias.device
        styled = ContextDecoder.of(adapted, base.gate, context, head) if strength != 0 else None
        plain = (
            ContextDecoder.of(base.model, base.gate, [base.opening], head)
            if strength != 1
            else None
        )
        self._decoders = [decoder for decoder in (styled, plain) if decoder is not None]

    def begin(self, count: int) -> torch.Tensor:
        """(count, V), on the CPU."""
        return self._guided([decoder.begin(count) for decoder in self._decoders])

    def next(self, tokens: Sequence[int]) -> torch.Tensor:
        """(B, V) after the tokens just written, on the CPU."""
        row = torch.tensor(tokens, device=self.device)
        return self._guided([decoder.next(row) for decoder in self._decoders])

    def reorder(self, order: Sequence[int]) -> None:
        """Work i goes on from what was work order[i] until now."""
        for decoder in self._decoders:
            decoder.reorder(torch.tensor(order, device=self.device))

    def restart(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """(B, V) after T rows of B tokens, with all that was written before them forgotten."""
        tokens = torch.tensor(rows, device=self.device).T
        return self._guided([decoder.restart(tokens) for decoder in self._decoders])

    def _guided(self, log_probs: Sequence[torch.Tensor]) -> torch.Tensor:
        guided = apply_guidance(log_probs, self.strength)
        if self.logit_bias is None:
            return guided
        return torch.log_softmax(guided + self.logit_bias, -1)


@torch.inference_mode()
def apply_guidance(log_probs: Sequence[torch.Tensor], strength: float) -> torch.Tensor:
    """One tensor (B, V) as it is, or l0 + s (l1 - l0) of (l1, l0), normalised; on the CPU."""
    if len(log_probs) == 1:
        return log_probs[0].cpu()
    styled, plain = log_probs
    return torch.log_softmax(plain + strength * (styled - plain), -1).cpu()
