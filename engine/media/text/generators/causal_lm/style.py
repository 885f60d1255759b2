"""A style over a base: the references as they are read, and what the steps on them have learned.

Legend: K references, N bytes of all. Tensors: text (N,) uint8, the references as UTF-8; starts
(K + 1,) int32, where each begins; weights (K,); base uint8, the digest of the model; low_rank/… the
updates, in half precision.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.errors import BadInput
from engine.core.progress import Advance, shifted
from engine.media.text.generators.causal_lm.adapters import LowRankStart, between, fit, mixed
from engine.media.text.generators.causal_lm.base import Base, Head
from engine.media.text.generators.causal_lm.manner import Manner
from engine.media.text.generators.causal_lm.prompt import context_of, tidy
from engine.meta.inner_loop import Parameters

ROOM = 1024  # tokens of references that are read
FIT_ROOM = 384  # and that the gradient steps see
HELD_ROOM = 160  # tokens of the reference that is held back
LOW_RANK = "low_rank/"


@dataclass(frozen=True, slots=True)
class CausalStyle:
    """texts, and weights > 0, relative to each other. updates: {} where nothing was learned; moved:
    these as ratings have moved them; worth (2, k): what words are worth by the ratings."""

    texts: tuple[str, ...]
    weights: tuple[float, ...]
    digest: str
    updates: Parameters
    moved: Parameters = field(default_factory=dict)
    worth: Tensor | None = None

    @property
    def manner(self) -> Manner:
        return Manner.of(self.texts)

    def context(self, base: Base, room: int = ROOM) -> list[int]:
        return context_of(base, self.texts, self.weights, room)

    def head(self, base: Base) -> Head:
        """What it may write: letters of its references' scripts."""
        manner = self.manner
        return Head.of(base, base.tokens.written_in(manner.scripts, manner.letters))

    def tensors(self) -> dict[str, Tensor]:
        """As a style file keeps them, without what ratings have added."""
        data = [text.encode() for text in self.texts]
        low_rank = {LOW_RANK + name: t.half() for name, t in self.updates.items()}
        return {
            "text": _bytes(b"".join(data)),
            "starts": torch.tensor(np.cumsum([0, *map(len, data)]), dtype=torch.int32),
            "weights": torch.tensor(self.weights, dtype=torch.float32),
            "base": _bytes(self.digest.encode()),
            **low_rank,
        }

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor]) -> "CausalStyle":
        """Raises KeyError for the tensors of another generator."""
        data = bytes(tensors["text"].tolist())
        starts = tensors["starts"].tolist()
        low_rank, moved = (
            {
                name.removeprefix(prefix): tensor.float()
                for name, tensor in tensors.items()
                if name.startswith(prefix)
            }
            for prefix in (LOW_RANK, liked.ADAPTERS)
        )
        return cls(
            tuple(data[a:b].decode("utf-8", "replace") for a, b in pairwise(starts)),
            tuple(tensors["weights"].tolist()),
            bytes(tensors["base"].tolist()).decode(),
            low_rank,
            moved,
            tensors.get(liked.WORTH),
        )

    def following(self, follow: float) -> Parameters:
        """The updates, moved by the share `follow` of what ratings moved them."""
        return between(self.updates, self.moved, follow) if self.moved and follow else self.updates


def _bytes(data: bytes) -> Tensor:
    return torch.tensor(list(data), dtype=torch.uint8)


def adapt(
    texts: Sequence[str],
    weights: Sequence[float],
    base: Base,
    start: LowRankStart,
    *,
    seconds: float | None = None,
) -> Generator[Advance, None, CausalStyle]:
    """A style of at least one text; `seconds` may end the gradient steps early.

    Of two texts or more the lightest is held back first, to see how many steps help it; then all
    are learned from, with as many.
    """
    style = CausalStyle(tuple(texts), tuple(weights), base.about.digest, {})
    context = style.context(base, FIT_ROOM)
    manner = style.manner
    written = base.tokens.written_in(manner.scripts, manner.letters)
    head = Head.frequent(base, written, context)
    half = None if seconds is None else seconds / 2
    steps = min(1, start.steps)
    if len(texts) > 1:
        held = min(range(len(texts)), key=lambda i: (weights[i], -i))
        others = [i for i in range(len(texts)) if i != held]
        before = context_of(
            base, [texts[i] for i in others], [weights[i] for i in others], FIT_ROOM
        )
        query = base.tokens.encode(tidy(texts[held]))[:HELD_ROOM]
        slices = fit(base, head, start, before, query=query, seconds=half)
        trial = yield from shifted(slices, 0, 2 * start.steps)
        steps = best_steps(trial.curve)
    slices = fit(base, head, start, context, steps=steps, seconds=half)
    learned = yield from shifted(slices, start.steps, 2 * start.steps)
    return replace(style, updates=learned.updates if steps or start.learned else {})


def best_steps(curve: Sequence[float]) -> int:
    """Half of the steps, rounded up, after which the text that was held back was likeliest: it is
    one text, and steps that are too many do more harm than steps that are too few."""
    return (int(np.argmin(curve)) + 1) // 2


def blend(styles: Sequence[CausalStyle], weights: Sequence[float]) -> CausalStyle:
    """The references of all, each with its weight in its style times the weight of the style.

    Raises BadInput where they stand over different models.
    """
    if len({style.digest for style in styles}) > 1:
        raise BadInput("model_blend")
    shares = [
        weight / sum(style.weights) * share / sum(weights)
        for style, share in zip(styles, weights, strict=True)
        for weight in style.weights
    ]
    return CausalStyle(
        tuple(text for style in styles for text in style.texts),
        tuple(shares),
        styles[0].digest,
        mixed([style.updates for style in styles], weights),
    )
