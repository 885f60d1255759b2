"""What a model thinks of the next tokens of several texts: with references, without, or between.

Legend: B texts, T tokens, Vh tokens that may be written, C width, N tokens of a context. An opinion
is log p (B, Vh). Several readers are mixed as logits, Σ w_i l_i with Σ w_i = 1, then normalised:
{with: s, without: 1 - s} is classifier-free guidance (Ho and Salimans 2022; for text Sanchez et al.
2023), and the readers of two styles make their blend.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.media.text.generators.causal_lm.base import Base, Head
from engine.media.text.generators.causal_lm.cache import Cache
from engine.media.text.generators.causal_lm.decoder import Adapters


@dataclass(slots=True)
class Reader:
    """One way of reading: a context that all texts share, then each text by itself."""

    base: Base
    head: Head
    context: Cache
    last: Tensor  # (1, C), the state after the context
    adapters: Adapters | None = None
    now: Cache | None = None

    @classmethod
    @torch.inference_mode()
    def of(
        cls,
        base: Base,
        head: Head,
        context: Sequence[int],
        adapters: Adapters | None = None,
    ) -> "Reader":
        """context (N,): at least the opening token."""
        cache = base.decoder.cache()
        row = torch.tensor(list(context), device=base.decoder.device)
        states = base.decoder.states(row[None], cache, adapters)[0]
        return cls(base, head, cache, states[-1:], adapters)

    @torch.inference_mode()
    def begin(self, count: int) -> Tensor:
        """(count, Vh): of the first token of each text."""
        self.now = self.context.shared()
        return self.head.log_p(self.last).expand(count, -1)

    @torch.inference_mode()
    def next(self, tokens: Tensor) -> Tensor:
        """(B, T) tokens just written -> (B, Vh)."""
        assert self.now is not None, "begin() comes first"
        return self.head.log_p(self.base.decoder.states(tokens, self.now, self.adapters)[:, -1])

    def take(self, order: Tensor) -> None:
        """Text i goes on from what was text order[i], (B,)."""
        assert self.now is not None, "begin() comes first"
        self.now.take(order)


class Voice:
    """Readers and their weights."""

    def __init__(self, readers: Sequence[tuple[Reader, float]]) -> None:
        self._readers = [(reader, weight) for reader, weight in readers if weight]
        self.device = self._readers[0][0].base.decoder.device

    def begin(self, count: int) -> Tensor:
        """(count, Vh), on the CPU."""
        return self._mixed([reader.begin(count) for reader, _ in self._readers])

    def next(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """(B, Vh) after B rows of T tokens, on the CPU."""
        tokens = torch.tensor([list(row) for row in rows], device=self.device)
        return self._mixed([reader.next(tokens) for reader, _ in self._readers])

    def take(self, order: Sequence[int]) -> None:
        """Text i goes on from what was text order[i] until now."""
        for reader, _ in self._readers:
            reader.take(torch.tensor(list(order), device=self.device))

    @torch.inference_mode()
    def _mixed(self, log_probs: Sequence[Tensor]) -> Tensor:
        if len(log_probs) == 1:
            return log_probs[0].cpu()
        weighted = [o * w for o, (_, w) in zip(log_probs, self._readers, strict=True)]
        return torch.log_softmax(torch.stack(weighted).sum(0), -1).cpu()
