"""Which drafts go on: a particle filter over texts.

A draft's weight is the share that a constraint left of the model's distribution, token by token
(sequential Monte Carlo steering: Lew et al. 2023, algorithm 1; systematic resampling: Kitagawa
1996).
Legend: B drafts in all, D drafts of one work.
"""

from typing import Protocol, Self, TypeVar

import numpy as np

MIN_EFFECTIVE = 0.5  # of the particles: with an effective number below it they are resampled


def replacements(log_weights: np.ndarray, rng: np.random.Generator) -> list[tuple[int, int]]:
    """(place, source): which particles of log weights (D,) are replaced, and by which others.

    None where the effective number of particles, 1 / Σ w², is more than MIN_EFFECTIVE of them.
    """
    shares = np.exp(log_weights - log_weights.max())
    shares /= shares.sum()
    if 1 / np.square(shares).sum() > MIN_EFFECTIVE * len(shares):
        return []
    marks = (rng.random() + np.arange(len(shares))) / len(shares)
    chosen = np.minimum(np.searchsorted(shares.cumsum(), marks), len(shares) - 1).tolist()
    free = [place for place in range(len(shares)) if place not in chosen]
    extra = [source for i, source in enumerate(chosen) if source in chosen[:i]]
    return list(zip(free, extra, strict=True))


class Particle(Protocol):
    """One draft. log_weight: log of the probability that constraints left, over all tokens since
    resampling."""

    log_weight: float

    @property
    def done(self) -> bool: ...

    @property
    def rng(self) -> np.random.Generator: ...

    def copy(self, rng: np.random.Generator) -> Self:
        """The same draft so far, which goes on by random numbers of its own."""
        ...


Draft = TypeVar("Draft", bound=Particle)


def resample(particles: list[Draft], each: int) -> list[int]:
    """Copies the better of the `each` particles of a work over the worse, in place, where their
    effective number is low.

    Returns which particle each one now goes on from, (B,); those that stay are where they were.
    """
    order = list(range(len(particles)))
    for first in range(0, len(particles), each):
        own = particles[first : first + each]
        if all(particle.done for particle in own):
            continue
        weights = np.array([particle.log_weight for particle in own])
        found = replacements(weights, own[0].rng)
        for place, source in found:
            particles[first + place] = own[source].copy(own[place].rng)
            order[first + place] = first + source
        for particle in particles[first : first + each] if found else ():
            particle.log_weight = 0.0
    return order
