"""Nats per character of works by an author with 0, 1, 5 ... others by the same in context.

Legend: K works in context. The same works are scored for every K; a work's head (language, form,
tune) is given, its body is scored. Contexts are support works, the scored ones query works, by
their own digests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from engine.meta.episodes import is_support
from engine.text.model import TextModel
from engine.text.tokens import START, Tokens
from engine.training.corpus.works import Work
from engine.training.text_data import piece

CONTEXTS = (0, 1, 5)
CONTEXTS_OF = {"zh": CONTEXTS, "en": (0, 1)}  # more English passages exceed the context


@dataclass(frozen=True, slots=True)
class Probe:
    """One work to score: tokens of K contexts for every K, then head and body."""

    author: str
    language: str
    contexts: tuple[tuple[int, ...], ...]  # one for every number of works
    head: tuple[int, ...]
    body: tuple[int, ...]
    characters: int


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


@torch.no_grad()
def body_nats(model: TextModel, probe: Probe, number: int) -> float:
    """The sum of -ln p over the body, with context set `number` in front."""
    before = [*probe.contexts[number], *probe.head]
    row = torch.tensor([[*before, *probe.body]], device=model.embedding.weight.device)
    states = model.states(row[:, :-1])[0, len(before) - 1 :]
    logits = model.logits(states).float()
    return float(F.cross_entropy(logits, row[0, len(before) :], reduction="sum"))


def author_table(model: TextModel, found: Sequence[Probe]) -> dict[str, np.ndarray]:
    """Author -> (numbers,) nats per character."""
    model.eval()
    sums: dict[str, list[np.ndarray]] = {}
    for probe in found:
        nats = [body_nats(model, probe, k) for k in range(len(probe.contexts))]
        sums.setdefault(probe.author, []).append(np.array([*nats, probe.characters]))
    model.train()
    totals = {name: np.sum(rows, 0) for name, rows in sums.items()}
    return {name: total[:-1] / total[-1] for name, total in totals.items()}


def figures(
    table: Mapping[str, np.ndarray], numbers: tuple[int, ...] = CONTEXTS, seed: int = 0
) -> dict[str, object]:
    """Mean over authors for every K, and each gain over K = 0 with a 95 % bootstrap interval."""
    rows = np.stack(list(table.values()))  # (authors, numbers)
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(rows), (2000, len(rows)))
    result: dict[str, object] = {"authors": len(rows)}
    for i, number in enumerate(numbers):
        gain = rows[:, 0] - rows[:, i]
        low, high = np.percentile(gain[picks].mean(1), (2.5, 97.5))
        result[f"{number}_works"] = {
            "nats_per_character": round(float(rows[:, i].mean()), 4),
            "gain": round(float(gain.mean()), 4),
            "gain_low": round(float(low), 4),
            "gain_high": round(float(high), 4),
            "authors_gaining": round(float((gain > 0).mean()), 3),
        }
    return result
