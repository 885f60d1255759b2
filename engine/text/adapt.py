"""References → style: the works themselves, as tokens, for the model to read before it writes.

Adaptation by context (model-based meta-learning: Hochreiter et al. 2001, Brown et al. 2020): the
model was trained on works of one author one after another, so to read is to adapt.
Legend: K references, N tokens of all. Tensors of a text style: tokens (N,) int32, every work with
its head; starts (K + 1,) int32, where each begins; weights (K,).
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from engine.progress import Advance
from engine.text.tokens import START, Piece, Tokens

MOST_TOKENS = 4096  # of one reference that are kept

StyleTensors = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class WeightedPiece:
    """weight > 0, relative to the others'."""

    piece: Piece
    weight: float = 1.0


def adapt(
    pieces: Sequence[WeightedPiece], tokens: Tokens
) -> Generator[Advance, None, StyleTensors]:
    """The tensors of a style."""
    rows = []
    for done, each in enumerate(pieces, 1):
        rows.append(tokens.works([each.piece])[0][:MOST_TOKENS])
        yield Advance(done, len(pieces))
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    return {
        "tokens": torch.tensor([t for row in rows for t in row], dtype=torch.int32),
        "starts": torch.tensor(starts, dtype=torch.int32),
        "weights": torch.tensor([each.weight for each in pieces], dtype=torch.float32),
    }


def works_of(style: StyleTensors) -> list[list[int]]:
    """The tokens of each reference, head and body."""
    starts, tokens = style["starts"].tolist(), style["tokens"].tolist()
    return [tokens[a:b] for a, b in pairwise(starts)]


def context_of(style: StyleTensors, room: int) -> list[int]:
    """<start> and the references in at most `room` tokens, the weightiest last.

    Where not all fit, each has a share of the room by its weight, and what one leaves over goes to
    the others; a work is cut at its end.
    """
    works, weights = works_of(style), style["weights"].tolist()
    order = sorted(range(len(works)), key=lambda i: (weights[i], -i))
    shares = _shares([len(works[i]) for i in order], [weights[i] for i in order], room - 1)
    row = [START]
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
    return {
        "tokens": torch.tensor(parts, dtype=torch.int32),
        "starts": torch.tensor(starts, dtype=torch.int32),
        "weights": torch.cat(shares),
    }
