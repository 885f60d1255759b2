"""Which of more works than are shown shall be shown.

Thompson (1933): every place draws a taste from the posterior and takes the work that it likes best.
The draws are SHARP of the posterior's own deviations, for a batch is shown at once and wants to
please as a whole; one place in EXPLORE has them all, so that what is unsure is tried always.
Near-duplicates are passed over.
Legend: N candidates, P features.
"""

import numpy as np

from engine.critic.diversity import NEAR
from engine.feedback.posterior import Normal

SHARP = 0.25
LOYAL = 0.7  # of utility, for each nat of the odds that a work is by the references' maker
EXPLORE = 6  # the last of so many places; in a smaller batch by chance


def choose(
    x: np.ndarray,
    kernel: np.ndarray,
    count: int,
    taste: Normal,
    rng: np.random.Generator,
    besides: np.ndarray | float = 0.0,
) -> list[int]:
    """x (N, P); kernel (N, N), how nearly the same two works are → `count` places in x, or all.

    besides (N,): what a work pleases apart from the taste. A near-duplicate of a chosen work is
    taken only where nothing else is left.
    """
    chosen: list[int] = []
    count = min(count, len(x))
    draws = taste.drawn(rng, count)
    exploring = _exploring(count, rng)
    for place in range(count):
        left = _unlike(chosen, kernel)
        usual = taste.weights + SHARP * (draws[place] - taste.weights)
        wanted = x @ (draws[place] if place in exploring else usual) + besides
        chosen.append(max(left, key=lambda i: (wanted[i], -i)))
    return chosen


def apart(near: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """(N,) what works please apart from the taste. near (N,): how like the references they are
    (`closeness`), of which LOYAL counts, so that what pleases does not lead away from the style;
    beyond (N,): what no feature tells (`engine.feedback.beyond`)."""
    return LOYAL * near + beyond


def _exploring(count: int, rng: np.random.Generator) -> set[int]:
    """Every EXPLORE-th place; the rest of the places count as a chance."""
    sure = set(range(EXPLORE - 1, count, EXPLORE))
    rest = count % EXPLORE
    if rest > 1 and rng.random() < rest / EXPLORE:
        sure.add(count - 1)
    return sure


def _unlike(chosen: list[int], kernel: np.ndarray) -> list[int]:
    """The places that may come next."""
    left = [i for i in range(len(kernel)) if i not in chosen]
    if not chosen:
        return left
    nearest = kernel[:, chosen].max(1)
    apart = [i for i in left if nearest[i] < NEAR]
    return apart or [min(left, key=lambda i: nearest[i])]
