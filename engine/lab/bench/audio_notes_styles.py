"""Episodes of the notes bench: a style's references, and other works of it to be told.

Legend: K references, Q queries. Works are support or query by their own digest; for every K the
same queries, and the first K of the same references. Of a long work, passages of whole bars stand
for it: first one of each work, then a second of each. Where a style is one single work, its first
half is shown and its second half asked about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TypeVar

import numpy as np

from engine.lab.training.corpus.notes_works import NotesWork, NotesWorks
from engine.lab.training.score_data import Tokenised, tokens_of
from engine.media.audio.generators.score.weights import OPENING
from engine.media.audio.score_tokens import HEADER, span
from engine.meta.episodes import is_reserved
from engine.sequence.adapt import context_of, style_of

REFERENCE_TOKENS, QUERY_TOKENS = 800, 400  # at most; a tune mostly stands whole
_DURATION = span("duration")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """The head is given, the body is scored."""

    head: tuple[int, ...]
    body: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Episode:
    """One style. new_composer: no work at all by this composer was ever trained on. halved: it is
    one single work, so that what is asked about is not another work."""

    style: str
    new_composer: bool
    halved: bool
    references: tuple[tuple[int, ...], ...]
    queries: tuple[Query, ...]

    @property
    def notes(self) -> int:
        """Of all queries."""
        return sum(token in _DURATION for query in self.queries for token in query.body)

    @property
    def tokens(self) -> int:
        """Of all queries' bodies."""
        return sum(len(query.body) for query in self.queries)

    def context(self, count: int, room: int) -> list[int]:
        """The first `count` references in at most `room` tokens, shared out as the product does."""
        rows = self.references[:count]
        return context_of(style_of(rows, [1.0] * len(rows)), OPENING, room)

    def reading(self, count: int, context: int) -> list[int]:
        """The same, leaving room for the longest query in `context` tokens."""
        longest = max(len(query.head) + len(query.body) for query in self.queries)
        return self.context(count, context - longest)


def episodes(
    works: NotesWorks,
    groups: Mapping[str, Sequence[NotesWork]],
    *,
    references: int,
    queries: int,
    seed: int = 0,
) -> list[Episode]:
    """Every style that has something to show and something to ask, by name.

    Where it has fewer than `references` or `queries`, as many as it has.
    """
    found = []
    for style, group in sorted(groups.items()):
        rng = np.random.default_rng((seed, len(group)))
        shown, asked = roles(works, group, rng)
        if shown and asked:
            heads = [Query(tuple(r[:HEADER]), tuple(r[HEADER:])) for r in asked[:queries]]
            new = any(map(is_reserved, group[0].spellings))
            rows = tuple(tuple(row) for row in shown[:references])
            found.append(Episode(style, new, len(group) == 1, rows, tuple(heads)))
    return found


def roles(
    works: NotesWorks, group: Sequence[NotesWork], rng: np.random.Generator
) -> tuple[list[list[int]], list[list[int]]]:
    """(to show, to ask): passages as token rows, in an order by chance."""
    order = [group[i] for i in rng.permutation(len(group))]
    if len(order) == 1:
        rows = passages(tokens_of(works, order[0]), QUERY_TOKENS)
        half = len(rows) // 2
        return rows[:half], rows[half:]
    shown = [passages(tokens_of(works, w), REFERENCE_TOKENS) for w in order if w.is_support]
    asked = [passages(tokens_of(works, w), QUERY_TOKENS) for w in order if not w.is_support]
    for rows in asked:
        rng.shuffle(rows)
    return in_turn(shown), in_turn(asked)


def in_turn(groups: Sequence[Sequence[T]]) -> list[T]:
    """The first of each, then the second of each …"""
    return [row for row in chain.from_iterable(zip_longest(*groups)) if row is not None]


def passages(row: np.ndarray, most: int) -> list[list[int]]:
    """(T,) tokens of a work -> itself, or its passages of whole bars in at most `most` tokens.

    A single bar that is longer is cut.
    """
    if len(row) <= most:
        return [row.tolist()]
    work = Tokenised.of(row)
    ends = np.append(work.bars[1:], len(row))
    found, first = [], 0
    while first < len(work.bars):
        room = work.bars[first] + most - HEADER - 1  # the header and a metre come before
        count = max(1, int((ends[first:] <= room).sum()))
        found.append(work.passage(first, count)[:most].tolist())
        first += count
    return found
