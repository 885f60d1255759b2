"""The model after it has read the references: what it thinks of the next token of several works.

Legend: B works, V vocabulary. With strength s the opinion is l0 + s (l1 - l0), l1 with and l0
without the references: 0 is nobody's voice, 1 the model as it is, more exaggerates what the
references changed (as classifier-free guidance does: Ho and Salimans 2022; for text Sanchez et
al. 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from engine.text.cache import Cache
from engine.text.model import TextModel
from engine.text.tokens import START, Tokens
from engine.text.weights import load_model


@lru_cache(maxsize=1)
def shipped(device: torch.device) -> tuple[TextModel, Tokens]:
    """The shipped model on a device, and its vocabulary."""
    return load_model().to(device), Tokens.load()


@dataclass(slots=True)
class Reader:
    """One way of reading: a context that all works share, then each work by itself."""

    model: TextModel
    first: torch.Tensor  # (1, V): the opinion after the context
    context: Cache
    now: Cache | None = None

    @classmethod
    @torch.inference_mode()
    def of(cls, model: TextModel, context: Sequence[int]) -> "Reader":
        cache = model.cache()
        row = torch.tensor([list(context)], device=model.bias.device)
        states = model.states(row, cache)[:, -1]
        return cls(model, model.logits(states).float(), cache)

    def begin(self, count: int) -> torch.Tensor:
        """(count, V): the opinion on the first token of each of `count` works."""
        self.now = self.context.shared()
        return self.first.expand(count, -1)

    @torch.inference_mode()
    def next(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B,) the tokens just written -> (B, V)."""
        assert self.now is not None, "begin() comes first"
        return self.model(tokens[:, None], self.now)[:, -1].float()


class Voice:
    """Opinions with references, strengthened or weakened against those without."""

    def __init__(
        self, model: TextModel, context: Sequence[int], head: Sequence[int], strength: float
    ) -> None:
        self.strength = strength
        self.device = model.bias.device
        rows = {1.0: [context], 0.0: [[START]]}.get(strength, [context, [START]])
        self._readers = [Reader.of(model, [*row, *head]) for row in rows]

    def begin(self, count: int) -> torch.Tensor:
        """(count, V), on the CPU."""
        return self._mixed([reader.begin(count) for reader in self._readers])

    def next(self, tokens: Sequence[int]) -> torch.Tensor:
        """(B, V) after the tokens just written, on the CPU."""
        row = torch.tensor(tokens, device=self.device)
        return self._mixed([reader.next(row) for reader in self._readers])

    def _mixed(self, opinions: list[torch.Tensor]) -> torch.Tensor:
        if len(opinions) == 1:
            return opinions[0].cpu()
        styled, plain = opinions
        return (plain + self.strength * (styled - plain)).cpu()
