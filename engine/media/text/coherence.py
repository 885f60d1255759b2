"""How far a text holds together, as the critic's language model reads it.

The model is small and has read old books only, so that how likely it finds a text says little about
a modern one. What it tells of any text in its languages is whether the order of the words matters:
a real text loses when its words are shuffled, or neighbours exchanged; gibberish loses nothing. And
a text that it expects better than it expects its own guesses has no more in it than such a model.
Legend: B readings of one text, T tokens, V vocabulary, U units (words; characters of Chinese).
"""

import math
import random
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from engine.media.text.clauses import clauses_of, misfits, words_shuffled
from engine.media.text.copying import Language, units_of
from engine.media.text.features import ReadingModel, Words
from engine.media.text.notation import piece
from engine.media.text.pairs import share_known
from engine.media.text.tokens import SPECIALS

MOST_TOKENS = 384  # of one text that are read
SHUFFLES, ORDERS = 3, 6  # of words, of clauses
_ENGLISH = re.compile(r"\w+(?:['’]\w+)*|[^\w]+")


@dataclass(frozen=True, slots=True)
class Coherence:
    """Of one text. order, neighbours: by what share of its nats it gets less likely when all words
    are shuffled, neighbours exchanged. joints: by how many nats for each place between two clauses
    when clauses are shuffled between marks that stay, and the share of orders that are worse than
    the text's own; 0 and a half where there are too few. misfits: see `clauses`. excess: nats of a
    token over what the model expects its own guesses to have. said_again: the share of rows of
    three units, and of two, that were there before; distinct: of units. pairs: the share of
    Chinese neighbours that are known (see `pairs`)."""

    order: float
    neighbours: float
    joints: tuple[float, float]
    misfits: float
    excess: float
    said_again: tuple[float, float]
    distinct: float
    units: int
    pairs: float


@torch.no_grad()
def coherence(work: Words, base: ReadingModel) -> Coherence:
    """Deterministic; some 0.1 s."""
    rng = random.Random(zlib.crc32(work.text.encode()))
    readings = [
        work.text,
        *(shuffled(work.text, work.language, rng) for _ in range(SHUFFLES)),
        *(exchanged(work.text, work.language, first) for first in (0, 1)),
        *(words_shuffled(work.text, work.language, rng) for _ in range(ORDERS)),
    ]
    nats, excess = _read([Words(text, work.language, work.title) for text in readings], base)
    own = max(nats[0], 1e-6)
    first = 1 + SHUFFLES + 2
    moved = np.array(nats[first:]) - nats[0]
    joints = max(1, len(clauses_of(work.text, work.language)) - 1)
    units = units_of(work.text, work.language)
    return Coherence(
        order=float(np.mean(nats[1 : 1 + SHUFFLES])) / own - 1,
        neighbours=float(np.mean(nats[1 + SHUFFLES : first])) / own - 1,
        joints=(float(moved.mean()) / joints, float((moved > 0).mean() + (moved == 0).mean() / 2)),
        misfits=misfits(work.text, work.language),
        excess=excess,
        said_again=(said_again(units, 3), said_again(units, 2)),
        distinct=len(set(units)) / max(1, len(units)),
        units=len(units),
        pairs=share_known(work.text, work.language),
    )


def said_again(units: Sequence[str], size: int) -> float:
    """The share of rows of `size` units that were there before, 0 … 1."""
    rows = [tuple(units[i : i + size]) for i in range(len(units) - size + 1)]
    return 1 - len(set(rows)) / len(rows) if rows else 0.0


def _read(works: Sequence[Words], base: ReadingModel) -> tuple[list[float], float]:
    """Nats of each, and the excess of the first."""
    rows, starts = [], []
    for work in works:
        own = piece(work.text, work.language, work.title)
        head = base.tokens.heads([own])[0]
        body = base.tokens.encode(own.text)[:MOST_TOKENS] or [len(SPECIALS)]
        rows.append([base.opening, *head, *body])
        starts.append(len(head))
    device = base.model.bias.device
    tokens = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long, device=device)
    for place, row in enumerate(rows):
        tokens[place, : len(row)] = torch.tensor(row)
    states, nats, excess = base.model.states(tokens), [], 0.0
    for place, (row, start) in enumerate(zip(rows, starts, strict=True)):
        own = states[place, start : len(row) - 1]
        log_p = torch.log_softmax(base.model.logits(own).float(), -1)  # (T, V)
        targets = torch.tensor(row[start + 1 :], device=device)
        said = -log_p.gather(1, targets[:, None])[:, 0]
        nats.append(float(said.sum()))
        if place == 0:
            guessed = -(log_p.exp() * log_p).sum(-1)
            excess = float((said - guessed).mean())
    return nats, excess


# ---- other orders of the same words -------------------------------------------------------------


def _units_within(text: str, language: Language) -> tuple[list[str], list[int]]:
    """The text in pieces, and which of these are units: marks and spaces stay where they are."""
    pieces = _ENGLISH.findall(text) if language == "en" else list(text)
    return pieces, [i for i, part in enumerate(pieces) if part[0].isalnum()]


def shuffled(text: str, language: Language, rng: random.Random) -> str:
    """With its units in any order."""
    pieces, places = _units_within(text, language)
    order = rng.sample(places, len(places))
    return _moved(pieces, dict(zip(places, order, strict=True)))


def exchanged(text: str, language: Language, first: int) -> str:
    """With each two neighbours exchanged, from unit `first` (0 or 1) on."""
    pieces, places = _units_within(text, language)
    moves: dict[int, int] = {}
    for one, other in list(pairwise(places))[first::2]:
        moves |= {one: other, other: one}
    return _moved(pieces, moves)


def _moved(pieces: Sequence[str], moves: dict[int, int]) -> str:
    return "".join(pieces[moves.get(i, i)] for i in range(len(pieces)))


def log_units(found: Coherence) -> float:
    return math.log(max(1, found.units))
