"""Episodes of the text bench: an author's references, and other works of the same to be told.

Legend: K references, Q queries. A work is a reference or a query by its own digest, never both; a
query's head (language, form, tune) is given, its body is scored. For every K the same queries, and
the first K of the same references.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.lab.training.corpus.works import Work
from engine.lab.training.text_data import piece
from engine.media.text.tokens import START, Tokens
from engine.meta.episodes import is_support


@dataclass(frozen=True, slots=True)
class Query:
    """head and body as tokens; `characters` of the body, marks among them."""

    head: tuple[int, ...]
    body: tuple[int, ...]
    characters: int
    text: str


@dataclass(frozen=True, slots=True)
class Episode:
    """One author of one language."""

    author: str
    language: str
    references: tuple[tuple[int, ...], ...]  # whole works, with their heads
    texts: tuple[str, ...]  # the same as text
    queries: tuple[Query, ...]

    def context(self, count: int) -> list[int]:
        """<start> and the first `count` references."""
        return [START, *(t for row in self.references[:count] for t in row)]


def episodes(
    groups: Mapping[str, Sequence[Work]],
    tokens: Tokens,
    *,
    authors: int,
    references: int,
    queries: int,
    room: int,
    seed: int,
    language: str = "zh",
) -> list[Episode]:
    """Up to `authors` that have enough works which, K references and a query, fit `room` tokens."""
    rng = np.random.default_rng(seed)
    names = sorted(name for name, group in groups.items() if group[0].language == language)
    found: list[Episode] = []
    for index in rng.permutation(len(names)):
        if len(found) == authors:
            break
        author = names[index]
        works = [groups[author][i] for i in rng.permutation(len(groups[author]))]
        episode = _episode(author, works, tokens, references, queries, room)
        if episode is not None:
            found.append(episode)
    return found


def _episode(
    author: str, works: list[Work], tokens: Tokens, references: int, queries: int, room: int
) -> Episode | None:
    share = room // (references + 1)
    support, query = [], []
    for work in works:
        mine, wanted = (support, references) if is_support(work.sha256) else (query, queries)
        if len(mine) == wanted:
            continue
        row = tokens.works([piece(work)])[0]
        if len(row) <= share:
            mine.append((work, row))
        if len(support) == references and len(query) == queries:
            break
    if len(support) < references or not query:
        return None
    asked = []
    for work, row in query:
        head = tokens.heads([piece(work)])[0]
        body = tuple(row[len(head) :])
        asked.append(Query(tuple(head), body, len(work.text), work.text))
    rows = tuple(tuple(row) for _, row in support)
    texts = tuple(work.text for work, _ in support)
    return Episode(author, works[0].language, rows, texts, tuple(asked))
