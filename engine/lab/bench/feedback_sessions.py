"""A simulated rater rates works batch by batch, as an artist does, and a taste is learned.

Half of the raters like what the critic measures, half what it does not.
Legend: N works of a pool, F named features, H hidden numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from engine.critic.diversity import kernel_of
from engine.feedback import beyond
from engine.feedback.rated import RatedWork
from engine.feedback.raters import Rater, rater, sparse
from engine.feedback.selection import apart, choose
from engine.feedback.taste import Judgements, Taste, learned
from engine.feedback.utilities import utilities
from engine.lab.bench.feedback_pools import Pool

BATCH, OFFERED = 5, 15  # works that are rated at a time, of so many that were made
VARIED = 0.5  # of deviation: a feature that hardly varies is nobody's liking


@dataclass(frozen=True, slots=True, eq=False)
class Liking:
    """A rater with what it likes of a pool's works, (N,)."""

    rater: Rater
    pool: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """After so many ratings. shuffled: learned from the same stars, dealt out to other works of
    those that were rated. unrated: places of the works that are chosen from. Both None before any
    rating."""

    ratings: int
    taught: "Taught | None"
    shuffled: "Taught | None"
    unrated: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What the ratings of the works at `places` have taught. beyond: a tensor, see there."""

    taste: Taste
    places: list[int]
    rated: list[RatedWork]
    beyond: dict[str, Tensor]


def liking_of(pool: Pool, lacks: bool, rng: np.random.Generator) -> Liking:
    """A rater who likes named features, or hidden ones alone."""
    x, others = pool.named.of(pool.standardised(pool.works)), pool.others.of(pool.hidden)
    weights, hidden = np.zeros(x.shape[1]), np.zeros(others.shape[1])
    rows, liked = (others, hidden) if lacks else (x, weights)
    varied = rows.std(0) > VARIED
    liked[varied] = sparse(int(varied.sum()), rng)
    deviation = float((x @ weights + others @ hidden).std())
    one = rater(weights, hidden, deviation, rng)
    return Liking(one, one.liking(x, others))


def session(
    pool: Pool, liking: Liking, stages: tuple[int, ...], rng: np.random.Generator
) -> Iterator[Stage]:
    """Half of the pool is rated: what comes next is chosen by what was learned so far."""
    order = rng.permutation(len(pool.works))
    rated, unrated = order[: len(order) // 2], order[len(order) // 2 :]
    places: list[int] = []
    stars: list[int] = []
    for stage in stages:
        while len(places) < min(stage, len(rated)):
            left = np.array([i for i in rated if i not in places])
            offered = rng.permutation(left)[:OFFERED]
            so_far = taught(pool, places, stars)
            batch = picked(pool, offered, BATCH, so_far, rng)[: stage - len(places)]
            places += batch
            stars += liking.rater.stars(liking.pool[batch], rng).tolist()
        mixed = rng.permutation(stars).tolist()
        yield Stage(stage, taught(pool, places, stars), taught(pool, places, mixed), unrated)


def taught(pool: Pool, places: list[int], stars: list[int]) -> Taught | None:
    """None without a rating."""
    if not places:
        return None
    said = Judgements([pool.works[i] for i in places], stars)
    taste = learned(said, pool.kind, pool.judge.features)
    if pool.maker is None:  # works that are numbers alone have no events
        return Taught(taste, list(places), [], {})
    found = utilities(said, taste, pool.judge.features)
    model = pool.maker.event_model
    rated = [
        RatedWork(pool.works[place], model.events(pool.contents[place]), whole, rest)
        for place, whole, rest in zip(places, found.whole, found.beyond, strict=True)
    ]
    return Taught(taste, list(places), rated, beyond.learned(rated, pool.kind, model))


def picked(
    pool: Pool, offered: np.ndarray, count: int, by: Taught | None, rng: np.random.Generator
) -> list[int]:
    """Places in the pool; of what was not taught the first that come."""
    if by is None:
        return offered[:count].tolist()
    works = [pool.works[i] for i in offered]
    x = by.taste.seen(works, pool.judge.features)
    besides: np.ndarray | float = 0.0
    if pool.near is not None and pool.maker is not None:
        model = pool.maker.event_model
        events = [model.events(pool.contents[i]) for i in offered]
        rest = beyond.pleases(by.beyond, events, pool.kind, model)
        besides = apart(pool.near[offered], rest)
    return offered[choose(x, kernel_of(works), count, by.taste.normal, rng, besides)].tolist()
