"""A style over a base: the references as they are read, and what the steps on them have learned.

Legend: K references, N bytes of all. Tensors: text (N,) uint8, the references as UTF-8; starts
(K + 1,) int32, where each begins; weights (K,); base uint8, the digest of the model; low_rank/… the
updates, in half precision; notice uint8, what the licence of the base wants said of adapters, where
it wants anything; certainty (), how far its probabilities are to be believed.
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
from engine.media.text.generators.causal_lm.adapters import (
    Learned,
    LowRankStart,
    between,
    fit,
    mixed,
)
from engine.media.text.generators.causal_lm.base import Base, Head
from engine.media.text.generators.causal_lm.certainty import certainty_of
from engine.media.text.generators.causal_lm.manner import Manner
from engine.media.text.generators.causal_lm.prompt import context_of, tidy
from engine.media.text.generators.causal_lm.terms import notice_of
from engine.meta.inner_loop import Parameters

ROOM = 1024  # tokens of references that are read
FIT_ROOM = 384  # and that the gradient steps see
HELD_ROOM = 160  # tokens of a reference that is held back
FOLDS = 3  # of the references are held back, one after another
MOST_OF = 0.85  # of the gain: too many steps do more harm than too few
LEAST_GAIN = 0.05  # nats of all that is held back, which is no more than chance
LOW_RANK = "low_rank/"


@dataclass(frozen=True, slots=True)
class CausalStyle:
    """texts, and weights > 0, relative to each other. updates: {} where nothing was learned; moved:
    these as ratings have moved them; worth (2, k): what words are worth by the ratings; notice: see
    `terms`; certainty: see `base.Head`."""

    texts: tuple[str, ...]
    weights: tuple[float, ...]
    digest: str
    updates: Parameters
    moved: Parameters = field(default_factory=dict)
    worth: Tensor | None = None
    notice: str = ""
    certainty: float = 1.0

    @property
    def manner(self) -> Manner:
        return Manner.of(self.texts)

    def context(self, base: Base, room: int = ROOM) -> list[int]:
        return context_of(base, self.texts, self.weights, room)

    def head(self, base: Base) -> Head:
        """What it may write: letters of its references' scripts."""
        manner = self.manner
        return Head.of(base, base.tokens.written_in(manner.scripts, manner.letters), self.certainty)

    def tensors(self) -> dict[str, Tensor]:
        """As a style file keeps them, without what ratings have added."""
        data = [text.encode() for text in self.texts]
        low_rank = {LOW_RANK + name: t.half() for name, t in self.updates.items()}
        return {
            "text": _bytes(b"".join(data)),
            "starts": torch.tensor(np.cumsum([0, *map(len, data)]), dtype=torch.int32),
            "weights": torch.tensor(self.weights, dtype=torch.float32),
            "base": _bytes(self.digest.encode()),
            "certainty": torch.tensor(self.certainty),
            **({"notice": _bytes(self.notice.encode())} if self.notice else {}),
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
            bytes(tensors["notice"].tolist()).decode() if "notice" in tensors else "",
            float(tensors["certainty"]) if "certainty" in tensors else 1.0,
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

    FOLDS of the texts are held back in turn, to see how many steps help a text that the steps have
    not seen; then all are learned from, with as many, which may be none.
    """
    notice = notice_of(base.about.licence)
    style = CausalStyle(tuple(texts), tuple(weights), base.about.digest, {}, notice=notice)
    updates = yield from _updates(style, base, start, seconds)
    certainty = certainty_of(base, style.head(base), style.context(base), updates)
    return replace(style, updates=updates, certainty=certainty)


def _updates(
    style: CausalStyle, base: Base, start: LowRankStart, seconds: float | None
) -> Generator[Advance, None, Parameters]:
    """What `adapt` learns; {} where the references do better without."""
    texts, weights = style.texts, style.weights
    context = style.context(base, FIT_ROOM)
    manner = style.manner
    written = base.tokens.written_in(manner.scripts, manner.letters)
    head = Head.sampled(base, written, context)
    folds = folds_of(weights)
    total = start.steps * (len(folds) + 1)
    each = None if seconds is None else seconds / (len(folds) + 1)
    trials: list[Learned] = []
    for place, held in enumerate(folds):
        others = [i for i in range(len(texts)) if i != held]
        left, shares = [texts[i] for i in others], [weights[i] for i in others]
        query = base.tokens.encode(tidy(texts[held]))[:HELD_ROOM]
        before = context_of(base, left, shares, FIT_ROOM)
        slices = fit(base, head, start, before, query=query, seconds=each)
        trials.append((yield from shifted(slices, place * start.steps, total)))
    steps = best_steps(trials) if trials else 0 if start.learned else min(1, start.steps)
    if steps is None:
        return {}
    slices = fit(base, head, start, context, steps=steps, seconds=each)
    learned = yield from shifted(slices, len(folds) * start.steps, total)
    return learned.updates if steps or start.learned else {}


def folds_of(weights: Sequence[float]) -> list[int]:
    """The places of the texts that are held back in turn, the lightest first; none of one text."""
    if len(weights) < 2:
        return []
    return sorted(range(len(weights)), key=lambda i: (weights[i], -i))[:FOLDS]


def best_steps(trials: Sequence[Learned]) -> int | None:
    """The fewest steps that gain MOST_OF what any number of them gains over the start, over all
    texts that were held back, where none of these loses by them; a trial that ended early goes on
    as at its end. None where the texts are not likelier so than without adapters: then references
    in context do better by themselves. Of the start that is asked in the mean only: it was learned
    over many voices, and three texts tell little."""
    longest = max(len(trial.curve) for trial in trials)
    filled = np.array([[*t.curve, *[t.curve[-1]] * (longest - len(t.curve))] for t in trials])
    more = filled[:, :1] - filled
    whole = np.where((more >= 0).all(0), more.sum(0), 0.0)
    best = float(whole.max())
    steps = int(np.argmax(whole >= MOST_OF * best)) if best > LEAST_GAIN else 0
    gain = sum(trial.without for trial in trials) - float(filled[:, steps].sum())
    return steps if gain > LEAST_GAIN else None


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
        notice=styles[0].notice,
        certainty=float(np.average([style.certainty for style in styles], weights=weights)),
    )
