"""The arms of the notes bench: how each adapts to K references, what it then thinks of queries.

Legend: N tokens of a context, T of a body, C width, V vocabulary. An arm is a function
(model, episode, K) -> [(seconds, nats of all query bodies)]: several points where it is a curve.
Seconds are of one thread's work (`time.process_time`), so that a busy machine changes little; the
caller sets torch to one thread.
"""

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import functional_call

from engine.core.progress import finished
from engine.lab.bench.audio_notes_styles import Episode, Query
from engine.media.audio.generators.score.weights import OPENING, READ
from engine.media.audio.score_tokens import PAD
from engine.media.text.generators.recombining.kneser_ney import KneserNey
from engine.sequence.cache import KeyValueCache
from engine.sequence.low_rank import AdapterStart, adapted, fit, merged, plain_start
from engine.sequence.memory import ContinuousCache, Gate
from engine.sequence.model import Transformer

Points = list[tuple[float, float]]
Arm = Callable[[Transformer, Episode, int], Points]
ROWS_A_STEP = 2  # works that fine-tuning looks at together: a step soon ends, and it sees them all


def read(model: Transformer, context: Sequence[int]) -> tuple[KeyValueCache, Tensor]:
    """The cache after a context (N,), and the states (N, C) of its tokens."""
    cache = model.cache()
    return cache, model.states(torch.tensor([list(context)]), cache)[0]


def log_probs(model: Transformer, before: KeyValueCache, query: Query) -> tuple[Tensor, Tensor]:
    """(states (T, C), log p (T, V)) of a body's tokens, after what was read and the head."""
    row = torch.tensor([[*query.head, *query.body]])
    states = model.states(row[:, :-1], before.shared())[0, len(query.head) - 1 :]
    return states, F.log_softmax(model.logits(states).float(), -1)


def nats(log_p: Tensor, query: Query) -> float:
    """The sum of -ln p over a body, of log p (T, V)."""
    return float(F.nll_loss(log_p, torch.tensor(query.body), reduction="sum"))


@torch.no_grad()
def asked(model: Transformer, context: Sequence[int], episode: Episode) -> float:
    """Nats of all bodies, each after the same context."""
    before, _ = read(model, context)
    return sum(nats(log_probs(model, before, query)[1], query) for query in episode.queries)


def plain(model: Transformer, episode: Episode, count: int) -> Points:
    """The joint model as it is: it sees no reference."""
    return [(0.0, asked(model, [OPENING], episode))]


@torch.no_grad()
def in_context(model: Transformer, episode: Episode, count: int) -> Points:
    """References read before each query; the seconds are those of reading them."""
    context = episode.reading(count, model.config.context)
    begun = time.process_time()
    read(model, context)
    seconds = time.process_time() - begun
    return [(seconds, asked(model, context, episode))]


def remembering(model: Transformer, episode: Episode, count: int, gate: Gate) -> Points:
    """In context, and the memory of the same references mixed in."""
    return _remembering(model, episode, episode.reading(count, model.config.context), gate)


def as_shipped(model: Transformer, episode: Episode, count: int, gate: Gate) -> Points:
    """What the product does: the last READ tokens of the references, and their memory."""
    tokens = [token for row in reversed(episode.references[:count]) for token in row]
    return _remembering(model, episode, [OPENING, *tokens[-READ:]], gate)


@torch.no_grad()
def _remembering(
    model: Transformer, episode: Episode, context: Sequence[int], gate: Gate
) -> Points:
    begun = time.process_time()
    before, states = read(model, context)
    memory = ContinuousCache.of(states[:-1], torch.tensor(context[1:]))
    seconds = time.process_time() - begun
    total = 0.0
    for query in episode.queries:
        at, log_p = log_probs(model, before, query)
        total += nats(memory.mixed(at, log_p, gate), query)
    return [(seconds, total)]


def with_steps(
    model: Transformer, episode: Episode, count: int, gate: Gate, start: AdapterStart
) -> Points:
    """Meta-learned low-rank steps on all that is read, then in context with the memory."""
    begun = time.process_time()
    updates = finished(fit(model, start, episode.context(count, model.config.context)))
    seconds = time.process_time() - begun
    points = remembering(adapted(model, updates), episode, count, gate)
    return [(seconds + reading, total) for reading, total in points]


@dataclass(frozen=True, slots=True)
class Grams:
    """An interpolated Kneser-Ney model of the references over an even share of all tokens.

    weight: its part in a mixture with the joint model; 1 is alone.
    """

    order: int
    discount: float
    weight: float = 1.0

    @torch.no_grad()
    def __call__(self, model: Transformer, episode: Episode, count: int) -> Points:
        begun = time.process_time()
        rows = [list(row) for row in episode.references[:count]]
        grams = KneserNey(rows, self.discount, self.order)
        seconds = time.process_time() - begun
        before, _ = read(model, [OPENING])
        even, total = 1 / model.config.vocabulary, 0.0
        for query in episode.queries:
            row = [*query.head, *query.body]
            first = len(query.head)
            mine = [grams.share(row[: first + i], t, even) for i, t in enumerate(query.body)]
            p = self.weight * np.array(mine)
            if self.weight < 1:
                p += (1 - self.weight) * shares(model, before, query)
            total -= float(np.log(p).sum())
        return [(seconds, total)]


def shares(model: Transformer, before: KeyValueCache, query: Query) -> np.ndarray:
    """(T,) the model's p of each token of the body."""
    log_p = log_probs(model, before, query)[1]
    return log_p.gather(1, torch.tensor(query.body)[:, None])[:, 0].exp().double().numpy()


@dataclass(frozen=True, slots=True)
class Tuning:
    """Fine-tuning by Adam, asked when it has taken so many `seconds`.

    rank: 0 tunes every weight, else low-rank updates of the matrices (LoRA: Hu et al. 2022).
    in_context: trained and asked with the references in context (with every weight, dynamic
    evaluation: Krause et al. 2018), else on ROWS_A_STEP of them at a time. gate: asked in context
    with the memory. scratch: from random weights. most_steps: an end for tests, whatever the time.
    """

    rate: float
    seconds: tuple[float, ...]
    rank: int = 0
    in_context: bool = False
    gate: Gate | None = None
    scratch: bool = False
    seed: int = 0
    most_steps: int | None = None

    def __call__(self, model: Transformer, episode: Episode, count: int) -> Points:
        torch.manual_seed(self.seed)
        tuned = Transformer(model.config) if self.scratch else copy.deepcopy(model)
        updates = plain_start(tuned, self.rank, seed=self.seed).updates if self.rank else {}
        chosen = [t.requires_grad_() for t in updates.values()] or list(tuned.parameters())
        optimizer = torch.optim.Adam(chosen, lr=self.rate)
        whole = model.config.context
        before = episode.reading(count, whole) if self.in_context else [OPENING]
        batches = self._batches(episode, count, whole)
        points, spent, steps = [], 0.0, 0
        for mark in self.seconds:
            while spent < mark and steps != self.most_steps:
                begun = time.process_time()
                tokens = next(batches)
                optimizer.zero_grad()
                logits = functional_call(tuned, merged(tuned, updates), (tokens[:, :-1],))
                targets = tokens[:, 1:].flatten()
                F.cross_entropy(logits.flatten(0, 1), targets, ignore_index=PAD).backward()
                optimizer.step()
                spent, steps = spent + time.process_time() - begun, steps + 1
            now = adapted(tuned, updates)
            if self.gate is not None:
                points += [(mark + s, n) for s, n in remembering(now, episode, count, self.gate)]
            else:
                points.append((mark, asked(now, before, episode)))
        return points

    def _batches(self, episode: Episode, count: int, context: int) -> Iterator[Tensor]:
        """(B, T) without end: all references in one row, or some of them at a time by chance."""
        if self.in_context:
            whole = torch.tensor([episode.context(count, context)])
            while True:
                yield whole
        rng = np.random.default_rng(self.seed)
        rows = [[OPENING, *row] for row in episode.references[:count]]
        while True:
            order = rng.permutation(len(rows))
            for first in range(0, len(rows), ROWS_A_STEP):
                yield padded([rows[i] for i in order[first : first + ROWS_A_STEP]])


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """(B, T), short rows filled."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])
