"""References → style: the works themselves, as tokens, and a few gradient steps on them.

Adaptation by context (model-based meta-learning: Hochreiter et al. 2001, Brown et al. 2020): the
model was trained on works of one author one after another, so to read is to adapt. Low-rank
updates add what reading leaves over.
Legend: K references, N tokens of all. Tensors of a style: tokens (N,) int32, every work with its
head; starts (K + 1,) int32, where each begins; weights (K,); low_rank/… the updates.
"""

from collections.abc import Generator, Sequence
from itertools import pairwise

import torch

from engine.core.progress import Advance
from engine.meta.inner_loop import Parameters
from engine.sequence import low_rank
from engine.sequence.decoder_session import SequenceBase

MOST_TOKENS = 4096  # of one reference that are kept

StyleTensors = dict[str, torch.Tensor]


def adapt(
    rows: Sequence[Sequence[int]],
    weights: Sequence[float],
    base: SequenceBase,
    *,
    seconds: float | None = None,
    room: int = 0,
) -> Generator[Advance, None, StyleTensors]:
    """The tensors of a style of K works; weights > 0, relative to each other.

    `seconds` may end the gradient steps early; they read `room` tokens, 0 is all that fit.
    """
    style = style_of(rows, weights)
    context = context_of(style, base.opening, room or base.model.config.context)
    updates = yield from low_rank.fit(base.model, base.start, context, seconds=seconds)
    return style | {low_rank.PREFIX + name: t.half() for name, t in updates.items()}


def style_of(rows: Sequence[Sequence[int]], weights: Sequence[float]) -> StyleTensors:
    """The works alone, MOST_TOKENS of each."""
    kept = [row[:MOST_TOKENS] for row in rows]
    starts = [0]
    for row in kept:
        starts.append(starts[-1] + len(row))
    return {
        "tokens": torch.tensor([t for row in kept for t in row], dtype=torch.int32),
        "starts": torch.tensor(starts, dtype=torch.int32),
        "weights": torch.tensor(weights, dtype=torch.float32),
    }


def updates_of(style: StyleTensors) -> Parameters:
    """The low-rank updates of a style."""
    start = low_rank.PREFIX
    return {k.removeprefix(start): t.float() for k, t in style.items() if k.startswith(start)}


def works_of(style: StyleTensors) -> list[list[int]]:
    """The tokens of each reference, head and body."""
    starts, tokens = style["starts"].tolist(), style["tokens"].tolist()
    return [tokens[a:b] for a, b in pairwise(starts)]


def context_of(style: StyleTensors, opening: int, room: int) -> list[int]:
    """`opening` and the references in at most `room` tokens, the weightiest last.

    Where not all fit, each has a share of the room by its weight, and what one leaves over goes to
    the others; a work is cut at its end.
    """
    works, weights = works_of(style), style["weights"].tolist()
    order = sorted(range(len(works)), key=lambda i: (weights[i], -i))
    shares = _shares([len(works[i]) for i in order], [weights[i] for i in order], room - 1)
    row = [opening]
    for index, share in zip(order, shares, strict=True):
        row += works[index][:share]
    return row


def _shares(lengths: list[int], weights: list[float], room: int) -> list[int]:
    """How many of its tokens each work may keep."""
    kept = [0] * len(lengths)
    open_ = set(range(len(lengths)))
    while open_ and room > 0:
        total = sum(weights[i] for i in open_)
        offers = {i: int(room * weights[i] / total) for i in open_}
        sated = {i for i in open_ if lengths[i] <= offers[i]}
        for i in sated or open_:
            kept[i] = min(lengths[i], offers[i])
        room -= sum(kept[i] for i in sated or open_)
        open_ = open_ - sated if sated else set()
    return kept


def blend(styles: list[StyleTensors], weights: list[float]) -> StyleTensors:
    """The references of all, each with its weight in its style times the weight of the style."""
    parts, starts, shares = [], [0], []
    for style, weight in zip(styles, weights, strict=True):
        own = style["weights"] / style["weights"].sum()
        shares.append(own * weight / sum(weights))
        for work in works_of(style):
            parts += work
            starts.append(len(parts))
    updates = low_rank.mixed([updates_of(style) for style in styles], weights)
    return {
        "tokens": torch.tensor(parts, dtype=torch.int32),
        "starts": torch.tensor(starts, dtype=torch.int32),
        "weights": torch.cat(shares),
        **{low_rank.PREFIX + name: tensor.half() for name, tensor in updates.items()},
    }
