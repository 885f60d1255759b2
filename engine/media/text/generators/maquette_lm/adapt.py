"""Texts → style: their tokens, as `engine.sequence.adapt` keeps and fits them."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from engine.core.progress import Advance
from engine.media.text.generators.maquette_lm.weights import Shipped
from engine.media.text.tokens import Piece
from engine.sequence import adapt as sequences
from engine.sequence.adapt import StyleTensors


@dataclass(frozen=True, slots=True)
class WeightedPiece:
    """weight > 0, relative to the others'."""

    piece: Piece
    weight: float = 1.0


def adapt(
    pieces: Sequence[WeightedPiece], base: Shipped, *, seconds: float | None = None
) -> Generator[Advance, None, StyleTensors]:
    """The tensors of a style; `seconds` may end the gradient steps early."""
    rows = base.tokens.works([each.piece for each in pieces])
    weights = [each.weight for each in pieces]
    return (yield from sequences.adapt(rows, weights, base, seconds=seconds))
