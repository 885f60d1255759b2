"""What each part of learning brings, on works that are made anew by what was learned.

A rater's ratings (`feedback_sessions`) turn the dials; steered works are made, and some
are chosen among them and plain ones, as the studio does. The win rate is against plain works.
Legend: N works, P features, H hidden numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from engine.critic.diversity import diversity, kernel_of
from engine.critic.reference_profile import closeness
from engine.feedback import beyond
from engine.feedback.adaptation import adapted
from engine.feedback.raters import Rater
from engine.feedback.selection import apart, choose
from engine.feedback.steering import directions
from engine.interfaces import Content, Measured
from engine.lab.bench.feedback_hidden import hidden_of
from engine.lab.bench.feedback_makers import CPU
from engine.lab.bench.feedback_pools import Pool
from engine.lab.bench.feedback_sessions import Liking, Stage, Taught
from engine.registry import installed

SHOWN, TURNS = 8, 3
NONE = np.zeros((0, 3), np.int16)  # the events of works that are numbers alone
ADAPTATION, STEERING = "adaptation alone", "steering alone"
UNMOVED, EVERYTHING = "choice and steering", "everything"
SHUFFLED = "everything, shuffled ratings"
ARMS = (STEERING, ADAPTATION, UNMOVED, EVERYTHING, SHUFFLED)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Works and their events; how much the rater likes each (N,), and how close each is (N,)."""

    works: list[Measured]
    events: list[np.ndarray]
    liking: np.ndarray
    matches: np.ndarray

    def some(self, places: Sequence[int] | np.ndarray) -> "Batch":
        chosen = [int(place) for place in places]
        return Batch(
            [self.works[i] for i in chosen],
            [self.events[i] for i in chosen],
            self.liking[chosen],
            self.matches[chosen],
        )

    def beside(self, other: "Batch") -> "Batch":
        """Both together."""
        return Batch(
            [*self.works, *other.works],
            [*self.events, *other.events],
            np.concatenate([self.liking, other.liking]),
            np.concatenate([self.matches, other.matches]),
        )

    def wins(self, plain: "Batch") -> float:
        """How often one of these is liked more than a plain one; ties count half."""
        ours, theirs = self.liking[:, None], plain.liking[None]
        return float((ours > theirs).mean() + 0.5 * (ours == theirs).mean())

    def figures(self, plain: "Batch", some: "Batch") -> tuple[float, float, float]:
        """Win rate against plain works; style match of theirs; diversity of that of some of them,
        as many as these."""
        match = float(self.matches.mean() / plain.matches.mean())
        return self.wins(plain), match, diversity(self.works) / diversity(some.works)


def from_pool(pool: Pool, liking: Liking) -> Batch:
    """All works of a pool."""
    maker = pool.maker
    events = maker.events(pool.contents) if maker else [NONE] * len(pool.works)
    return Batch(pool.works, events, liking.pool, pool.matches)


def liked(pool: Pool, one: Rater, contents: Sequence[Content]) -> Batch:
    """New works, as this rater likes them: on the pool's scales."""
    maker = pool.maker
    assert maker is not None, "a pool of numbers alone makes nothing"
    works = maker.measured(contents)
    rows = np.array([hidden_of(content) for content in contents])
    liking = one.liking(pool.named.of(pool.standardised(works)), pool.others.of(rows))
    events = maker.events(contents)
    return Batch(works, events, liking, maker.matches(works))


def arms(
    pool: Pool,
    one: Rater,
    stage: Stage,
    rng: np.random.Generator,
    *,
    ablation: bool,
) -> Iterator[tuple[str, Batch]]:
    """What is shown by the whole of learning, and by what it has moved alone; with `ablation` by
    its other parts, and by the whole of it from shuffled ratings."""
    assert stage.taught is not None and stage.shuffled is not None, "there must be ratings"
    batches = _batches(pool, one, stage.taught, _moved(pool, stage.taught), rng)
    yield ADAPTATION, batches[-1]
    yield EVERYTHING, _chosen(pool, batches, stage.taught, rng)
    if ablation:
        still = _batches(pool, one, stage.taught, {}, rng)
        yield STEERING, still[0]
        yield UNMOVED, _chosen(pool, still, stage.taught, rng)
        wrong = _batches(pool, one, stage.shuffled, _moved(pool, stage.shuffled), rng)
        yield SHUFFLED, _chosen(pool, wrong, stage.shuffled, rng)


def _moved(pool: Pool, by: Taught) -> dict[str, Tensor]:
    """What ratings add to the style."""
    maker = pool.maker
    assert maker is not None
    works = [one.measured for one in by.rated]
    near = closeness(maker.style, works, maker.medium, pool.kind, CPU)
    preferences = installed().generator(maker.style.generator.id, CPU).preferences
    model = maker.event_model
    return adapted(maker.tensors, by.rated, near, pool.kind, model, preferences, CPU)


def _batches(
    pool: Pool, one: Rater, by: Taught, moved: dict[str, Tensor], rng: np.random.Generator
) -> list[Batch]:
    """SHOWN works for each turn of the dials, of which the last is none."""
    maker = pool.maker
    assert maker is not None
    seed = int(rng.integers(1 << 30))
    dials = maker.medium.dials(pool.kind)
    turns = directions(maker.usual(SHOWN, seed), by.taste, dials, TURNS, rng)
    tensors = maker.tensors | moved
    made = (
        maker.made(replace(turn, seed=seed + SHOWN * i), tensors) for i, turn in enumerate(turns)
    )
    return [liked(pool, one, contents) for contents in made]


def _chosen(pool: Pool, batches: Sequence[Batch], by: Taught, rng: np.random.Generator) -> Batch:
    """SHOWN of all, as the studio chooses."""
    candidates = batches[0]
    for batch in batches[1:]:
        candidates = candidates.beside(batch)
    x = by.taste.seen(candidates.works, pool.judge.features)
    kernel = kernel_of(candidates.works)
    maker = pool.maker
    assert maker is not None
    near = closeness(maker.style, candidates.works, maker.medium, pool.kind, CPU)
    rest = beyond.pleases(by.beyond, candidates.events, pool.kind, maker.event_model)
    besides = apart(near, rest)
    return candidates.some(choose(x, kernel, SHOWN, by.taste.normal, rng, besides))
