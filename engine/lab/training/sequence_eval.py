"""Nats a unit (a character, a note) of works by an author with 0, 1, 5 ... others in context.

Legend: K works in context. The same works are scored for every K; a work's head is given, its body
is scored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

CONTEXTS = (0, 1, 5)


class TokenModel(Protocol):
    """Any network of the next token: tokens (B, T) -> states (B, T, C) -> logits (B, T, V)."""

    embedding: nn.Embedding
    bias: nn.Parameter

    def states(self, tokens: Tensor, /) -> Tensor: ...

    def logits(self, states: Tensor, /) -> Tensor: ...

    def train(self, mode: bool = True, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Probe:
    """One work to score: tokens of K contexts for every K, then head and body."""

    author: str
    language: str
    contexts: tuple[tuple[int, ...], ...]  # one for every number of works
    head: tuple[int, ...]
    body: tuple[int, ...]
    units: int  # characters, notes


@torch.no_grad()
def body_nats(model: TokenModel, probe: Probe, number: int) -> float:
    """The sum of -ln p over the body, with context set `number` in front."""
    before = [*probe.contexts[number], *probe.head]
    row = torch.tensor([[*before, *probe.body]], device=model.embedding.weight.device)
    states = model.states(row[:, :-1])[0, len(before) - 1 :]
    logits = model.logits(states).float()
    return float(F.cross_entropy(logits, row[0, len(before) :], reduction="sum"))


def author_table(model: TokenModel, found: Sequence[Probe]) -> dict[str, np.ndarray]:
    """Author -> (numbers,) nats a unit."""
    model.train(False)
    sums: dict[str, list[np.ndarray]] = {}
    for probe in found:
        nats = [body_nats(model, probe, k) for k in range(len(probe.contexts))]
        sums.setdefault(probe.author, []).append(np.array([*nats, probe.units]))
    model.train()
    totals = {name: np.sum(rows, 0) for name, rows in sums.items()}
    return {name: total[:-1] / total[-1] for name, total in totals.items()}


def figures(
    table: Mapping[str, np.ndarray],
    numbers: tuple[int, ...] = CONTEXTS,
    seed: int = 0,
    unit: str = "character",
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
            f"nats_per_{unit}": round(float(rows[:, i].mean()), 4),
            "gain": round(float(gain.mean()), 4),
            "gain_low": round(float(low), 4),
            "gain_high": round(float(high), 4),
            "authors_gaining": round(float((gain > 0).mean()), 3),
        }
    return result
