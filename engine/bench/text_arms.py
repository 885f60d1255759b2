"""The arms of the text bench: how each adapts to K references, and what it then thinks of queries.

Legend: K references, Q queries, B padded batch, T tokens. Every arm has the same model, tokens and
episodes. An arm is a function (model, episode, K) -> [(seconds, nats per character)]: several
points where an arm is a curve over its steps.
"""

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from engine.bench.text_authors import Episode, Query
from engine.text.memory import Gate, Memory
from engine.text.model import TextModel
from engine.text.tokens import PAD, START

Points = list[tuple[float, float]]
Arm = Callable[[TextModel, Episode, int], Points]


def log_shares(model: TextModel, before: Sequence[int], query: Query) -> tuple[Tensor, Tensor]:
    """(states (T, C), log p (T, V)) of every token of the body, after `before` and the head."""
    row = [*before, *query.head]
    tokens = torch.tensor([[*row, *query.body]])
    states = model.states(tokens[:, :-1])[0, len(row) - 1 :]
    return states, F.log_softmax(model.logits(states).float(), -1)


def nats(model: TextModel, before: Sequence[int], query: Query) -> float:
    """-ln p of the body after `before`."""
    _, shares = log_shares(model, before, query)
    return float(F.nll_loss(shares, torch.tensor(query.body), reduction="sum"))


@torch.no_grad()
def per_character(model: TextModel, before: Sequence[int], queries: Sequence[Query]) -> float:
    """Nats a character over all queries of an author."""
    total = sum(nats(model, before, query) for query in queries)
    return total / sum(query.characters for query in queries)


def plain(model: TextModel, episode: Episode, count: int) -> Points:
    """The joint model as it is: it sees no reference."""
    return [(0.0, per_character(model, [START], episode.queries))]


@torch.no_grad()
def in_context(model: TextModel, episode: Episode, count: int) -> Points:
    """References read before each query; the seconds are those of reading them once."""
    begun = time.perf_counter()
    context = episode.context(count)
    model.states(torch.tensor([context]))
    seconds = time.perf_counter() - begun
    return [(seconds, per_character(model, context, episode.queries))]


@torch.no_grad()
def remembering(model: TextModel, episode: Episode, count: int, gate: Gate) -> Points:
    """In context, and the memory of the same references mixed in."""
    begun = time.perf_counter()
    context = torch.tensor(episode.context(count))
    memory = Memory.of(model.states(context[None])[0, :-1], context[1:])
    seconds = time.perf_counter() - begun
    total = 0.0
    for query in episode.queries:
        states, shares = log_shares(model, context.tolist(), query)
        mixed = memory.mixed(states, shares, gate)
        total += float(F.nll_loss(mixed, torch.tensor(query.body), reduction="sum"))
    return [(seconds, total / sum(q.characters for q in episode.queries))]


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """(K, T), short rows filled."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])


@dataclass(frozen=True, slots=True)
class Tuning:
    """Fine-tuning by Adam. looks: the numbers of steps after which the queries are scored.

    rank: 0 tunes every weight, else low-rank updates of the matrices (LoRA: Hu et al. 2022).
    reading: train and score with references in context, not each by itself.
    """

    rate: float
    looks: tuple[int, ...]
    rank: int = 0
    reading: bool = False
    seed: int = 0

    def __call__(self, model: TextModel, episode: Episode, count: int) -> Points:
        torch.manual_seed(self.seed)
        tuned = copy.deepcopy(model).train()
        chosen = low_rank(tuned, self.rank) if self.rank else list(tuned.parameters())
        optimizer = torch.optim.Adam(chosen, lr=self.rate)
        before = episode.context(count) if self.reading else [START]
        rows = [before] if self.reading else [[START, *r] for r in episode.references[:count]]
        tokens = padded(rows)
        points, seconds = [], 0.0
        for step in range(max(self.looks) + 1):
            if step in self.looks:
                points.append((seconds, per_character(tuned, before, episode.queries)))
            begun = time.perf_counter()
            optimizer.zero_grad()
            logits = tuned(tokens[:, :-1]).flatten(0, 1)
            F.cross_entropy(logits, tokens[:, 1:].flatten(), ignore_index=PAD).backward()
            optimizer.step()
            seconds += time.perf_counter() - begun
        return points


class LowRank(nn.Module):
    """W -> W + B A, (out, in) + (out, r) (r, in); B begins at zero."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.randn(rank, weight.shape[1]) / weight.shape[1] ** 0.5)
        self.b = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self.b @ self.a


def low_rank(model: TextModel, rank: int) -> list[nn.Parameter]:
    """Freeze the model, give each of its linear maps a low-rank update; returns these."""
    model.requires_grad_(False)
    updates: list[nn.Parameter] = []
    for module in list(model.modules()):
        if isinstance(module, nn.Linear):
            update = LowRank(module.weight, rank)
            updates += list(update.parameters())
            parametrize.register_parametrization(module, "weight", update)
    return updates
