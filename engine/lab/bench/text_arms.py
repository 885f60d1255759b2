"""The arms of the text bench: how each adapts to K references, and what it then thinks of queries.

Legend: K references, Q queries, T tokens, C width, V vocabulary. Every arm has the same model,
tokens and episodes. An arm is a function (model, episode, K) -> [(seconds, nats per character)]:
several points where it is a curve over its steps.
"""

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from engine.core.progress import finished
from engine.lab.bench.text_authors import Episode, Query
from engine.media.text.generators.recombining.kneser_ney import KneserNey
from engine.media.text.tokens import PAD, START
from engine.sequence.cache import KeyValueCache
from engine.sequence.low_rank import AdapterStart, adapted, fit, merged, plain_start
from engine.sequence.memory import ContinuousCache, Gate
from engine.sequence.model import Transformer

Points = list[tuple[float, float]]
Arm = Callable[[Transformer, Episode, int], Points]


def reading(model: Transformer, context: Sequence[int]) -> tuple[KeyValueCache, Tensor]:
    """The cache after a context (N,), and the states (N, C) of its tokens."""
    cache = model.cache()
    states = model.states(torch.tensor([list(context)]), cache)[0]
    return cache, states


def body_shares(model: Transformer, read: KeyValueCache, query: Query) -> tuple[Tensor, Tensor]:
    """(states (T, C), log p (T, V)) of the body's tokens, after what was read and the head."""
    row = torch.tensor([[*query.head, *query.body]])
    states = model.states(row[:, :-1], read.shared())[0, len(query.head) - 1 :]
    return states, F.log_softmax(model.logits(states).float(), -1)


@torch.no_grad()
def per_character(model: Transformer, context: Sequence[int], queries: Sequence[Query]) -> float:
    """Nats a character over all queries of an author."""
    read, _ = reading(model, context)
    total = sum(_nats(body_shares(model, read, query)[1], query) for query in queries)
    return total / sum(query.characters for query in queries)


def _nats(log_p: Tensor, query: Query) -> float:
    return float(F.nll_loss(log_p, torch.tensor(query.body), reduction="sum"))


def plain(model: Transformer, episode: Episode, count: int) -> Points:
    """The joint model as it is: it sees no reference."""
    return [(0.0, per_character(model, [START], episode.queries))]


@torch.no_grad()
def in_context(model: Transformer, episode: Episode, count: int) -> Points:
    """References read before each query; the seconds are those of reading them."""
    context = episode.context(count)
    begun = time.perf_counter()
    reading(model, context)
    seconds = time.perf_counter() - begun
    return [(seconds, per_character(model, context, episode.queries))]


def as_shipped(
    model: Transformer, episode: Episode, count: int, gate: Gate, start: AdapterStart
) -> Points:
    """What the product does: low-rank steps, then in context with the memory."""
    begun = time.perf_counter()
    updates = finished(fit(model, start, episode.context(count)))
    seconds = time.perf_counter() - begun
    points = remembering(adapted(model, updates), episode, count, gate)
    return [(seconds + reading_it, nats) for reading_it, nats in points]


@torch.no_grad()
def remembering(model: Transformer, episode: Episode, count: int, gate: Gate) -> Points:
    """In context, and the memory of the same references mixed in."""
    begun = time.perf_counter()
    context = episode.context(count)
    read, states = reading(model, context)
    memory = ContinuousCache.of(states[:-1], torch.tensor(context[1:]))
    seconds = time.perf_counter() - begun
    total = 0.0
    for query in episode.queries:
        at, log_p = body_shares(model, read, query)
        total += _nats(memory.mixed(at, log_p, gate), query)
    return [(seconds, total / sum(q.characters for q in episode.queries))]


@torch.no_grad()
def n_grams(model: Transformer, episode: Episode, count: int, discount: float) -> Points:
    """The joint model under a 5-gram model of the references."""
    begun = time.perf_counter()
    grams = KneserNey(episode.references[:count], discount)
    seconds = time.perf_counter() - begun
    read, _ = reading(model, [START])
    total = 0.0
    for query in episode.queries:
        p = body_shares(model, read, query)[1].exp()
        row = [*query.head, *query.body]
        for i, token in enumerate(query.body):
            before = row[: len(query.head) + i]
            total -= math.log(grams.share(before, token, float(p[i, token])))
    return [(seconds, total / sum(q.characters for q in episode.queries))]


@dataclass(frozen=True, slots=True)
class Tuning:
    """Fine-tuning by Adam. looks: the numbers of steps after which the queries are scored.

    rank: 0 tunes every weight, else low-rank updates of the matrices (LoRA: Hu et al. 2022).
    in_context: train and score with references in context, not each by itself.
    scratch: from random weights instead of the joint model.
    """

    rate: float
    looks: tuple[int, ...]
    rank: int = 0
    in_context: bool = False
    scratch: bool = False
    seed: int = 0

    def __call__(self, model: Transformer, episode: Episode, count: int) -> Points:
        torch.manual_seed(self.seed)
        tuned = Transformer(model.config) if self.scratch else copy.deepcopy(model)
        updates = plain_start(tuned, self.rank, seed=self.seed).updates if self.rank else {}
        chosen = [t.requires_grad_() for t in updates.values()] or list(tuned.parameters())
        optimizer = torch.optim.Adam(chosen, lr=self.rate)
        before = episode.context(count) if self.in_context else [START]
        rows = [before] if self.in_context else [[START, *r] for r in episode.references[:count]]
        tokens = padded(rows)
        points, seconds = [], 0.0
        for step in range(max(self.looks) + 1):
            if step in self.looks:
                asked = adapted(tuned, updates)
                points.append((seconds, per_character(asked, before, episode.queries)))
            begun = time.perf_counter()
            optimizer.zero_grad()
            logits = functional_call(tuned, merged(tuned, updates), (tokens[:, :-1],))
            targets = tokens[:, 1:].flatten()
            F.cross_entropy(logits.flatten(0, 1), targets, ignore_index=PAD).backward()
            optimizer.step()
            seconds += time.perf_counter() - begun
        return points


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """(K, T), short rows filled."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])
