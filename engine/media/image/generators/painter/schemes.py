"""What decides how a work is composed: numbers of its seed, and what they say of its figures.

What matters most (how large the ground is shown, how high its horizon lies, how many figures there
are and where) is drawn from the Halton sequence (Halton 1960), of which consecutive members lie
evenly: the works of one batch, whose seeds follow each other, differ as much as so many can.

Legend: draws (DRAWS,), numbers from 0 to 1; lengths are shares of a work's height and width.
"""

import math
from collections.abc import Sequence
from enum import IntEnum

import torch
from torch import Tensor

OFFERS = 8  # places that are tried for a further piece
MOST_PIECES = 4
MOST_FIGURES = 5


class Draw(IntEnum):
    """The first draws, by what they decide."""

    HORIZON = 0
    ZOOM = 1
    ACROSS = 2
    FIGURES = 3
    LENGTH = 4
    FOOT = 5
    JOIN = 6
    SECOND = 7
    WHICH = 8


# of each of the first: the base of its sequence, and the order of its digits, without which
# sequences of large bases go up together for a while (Braaten and Weller 1979)
_BASES = (
    (2, (0, 1)),
    (3, (0, 2, 1)),
    (5, (0, 3, 1, 4, 2)),
    (7, (0, 4, 2, 6, 1, 5, 3)),
)
_FIRST = len(Draw)
_PLACES = 2 * MOST_FIGURES * OFFERS
DRAWS = _FIRST + 2 * OFFERS * MOST_PIECES + _PLACES

# sides of the figures of a work, as shares of what may be recognised; with a ground of their own,
# all together are no more than it
FIGURES = (
    (0.15, (0.75,)),
    (0.55, (1.0,)),
    (0.8, (0.8, 0.55)),
    (1.0, (0.7, 0.52, 0.42)),
)
ON_PLAIN = (
    (0.3, (1.0,)),
    (0.55, (1.0, 0.7)),
    (0.8, (0.85, 0.7, 0.6)),
    (1.0, (0.7, 0.65, 0.6, 0.5, 0.42)),
)
# what a border cuts is there once, or not at all: it is a part of something
CUT_OFF = ((0.25, ()), (0.65, (1.0,)), (1.0, (0.75,)))
# of a tile, which goes on across its borders: two alike stand at half a drop
MOTIFS = ((0.45, (0.7, 0.7)), (0.7, (0.85, 0.5)), (1.0, (0.7, 0.5, 0.5)))
MOTIFS_ON_PLAIN = (
    (0.35, (1.0, 1.0)),
    (0.55, (1.0, 0.6)),
    (0.8, (0.9, 0.6, 0.6)),
    (1.0, (0.75, 0.75, 0.5, 0.5, 0.5)),
)
THIRDS = ((0.17, 0.46), (0.54, 0.83))  # where the middle of the first figure is


def draws_of(seeds: Sequence[int]) -> Tensor:
    """(N, DRAWS) of the works' seeds."""
    rows = []
    for seed in seeds:
        row = torch.rand(DRAWS, generator=torch.Generator().manual_seed(seed))
        for n, (base, order) in enumerate(_BASES):
            row[n] = _radical_inverse(abs(seed) + 1, base, order)
        rows.append(row)
    return torch.stack(rows)


def ground_seed(draws: Tensor) -> int:
    """Of the ground that is made up behind a figure."""
    return int(1e6 * draws[Draw.LENGTH].item())


def pieces_of(draws: Tensor) -> list[list[list[float]]]:
    """Where further pieces may come from: to the right, and to the left."""
    offers = draws[_FIRST : _FIRST + 2 * OFFERS * MOST_PIECES]
    return offers.reshape(2, MOST_PIECES, OFFERS).tolist()


def places_of(draws: Tensor, number: int) -> list[tuple[float, float]]:
    """Where a figure may stand: how far to the right, and how far down."""
    offers = draws[-_PLACES:].reshape(MOST_FIGURES, OFFERS, 2)[number].clone()
    if number == 0:
        offers[0] = draws[[Draw.ACROSS, Draw.FOOT]]
    return [(right, down) for right, down in offers.tolist()]


def sides_of(draws: Tensor, kind: Sequence[tuple[float, tuple[float, ...]]]) -> tuple[float, ...]:
    """Of the figures: the row of a table whose number is the first that is not less."""
    drawn = float(draws[Draw.FIGURES])
    return next(sides for most, sides in kind if drawn <= most)


def third(drawn: float) -> float:
    """Where the middle of a picture's first figure is: at about a third, from either side."""
    first, last = THIRDS[drawn >= 0.5]
    return first + (last - first) * math.fmod(2 * drawn, 1.0)


def _radical_inverse(number: int, base: int, order: Sequence[int]) -> float:
    """The digits of a number in a base, mirrored at the point."""
    found, share = 0.0, 1.0 / base
    while number:
        number, digit = divmod(number, base)
        found, share = found + order[digit] * share, share / base
    return found
