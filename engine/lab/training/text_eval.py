"""Nats per character of works by an author with 0, 1, 5 ... others by the same in context.

Legend: K works in context. The same works are scored for every K; a work's head (language, form,
tune) is given, its body is scored. Contexts are support works, the scored ones query works, by
their own digests.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.lab.training.corpus.works import Work
from engine.lab.training.sequence_eval import CONTEXTS, Probe
from engine.lab.training.text_data import piece
from engine.media.text.tokens import START, Tokens
from engine.meta.episodes import is_support

CONTEXTS_OF = {"zh": CONTEXTS, "en": (0, 1)}  # more English passages exceed the context


def probes(
    groups: Mapping[str, Sequence[Work]],
    tokens: Tokens,
    *,
    authors: int,
    queries: int,
    context: int,
    seed: int = 0,
    numbers: tuple[int, ...] = CONTEXTS,
) -> list[Probe]:
    """Up to `queries` works each of up to `authors` authors that have enough that fit."""
    found: list[Probe] = []
    used = 0
    rng = np.random.default_rng(seed)
    names = sorted(groups)
    for index in rng.permutation(len(names)):
        if used == authors:
            break
        mine = _probes_of(
            names[index], groups[names[index]], tokens, queries, context, numbers, rng
        )
        found += mine
        used += bool(mine)
    return found


def _probes_of(
    author: str,
    works: Sequence[Work],
    tokens: Tokens,
    queries: int,
    context: int,
    numbers: tuple[int, ...],
    rng: np.random.Generator,
) -> list[Probe]:
    most = max(numbers)
    chosen = [works[i] for i in rng.permutation(len(works))[: 8 * (most + queries)]]
    support = [w for w in chosen if is_support(w.sha256)]
    query = [w for w in chosen if not is_support(w.sha256)][:queries]
    if len(support) < most or not query:
        return []
    shown = sorted(tokens.works([piece(w) for w in support[: 2 * most]]), key=len)[:most]
    found = []
    heads, wholes = tokens.heads([piece(w) for w in query]), tokens.works([piece(w) for w in query])
    for work, head, whole in zip(query, heads, wholes, strict=True):
        sets = tuple((START, *(t for row in shown[:k] for t in row)) for k in numbers)
        if len(sets[-1]) + len(whole) <= context:
            body = tuple(whole[len(head) :])
            found.append(Probe(author, work.language, sets, tuple(head), body, len(work.text)))
    return found
