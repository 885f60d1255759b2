"""Stars, likes and comparisons as one likelihood over a taste.

Legend: N ratings, M pairs, P features, x (N, P) the rated works, y (N,) what was said of each:
stars - 1 of STARS levels, or LIKED or DISLIKED; d (M, P) better less worse. θ (P + 4,): weights w
(P,) of a liking u = x·w, then the first cutpoint and the logarithms of the three gaps to the next
ones. Stars: cumulative logits (McCullagh 1980), P(y > k) = σ(u - c_k); a like says that there would
have been four or five, a dislike one or two (a censored answer: its chance is the sum of theirs);
pairs: P = σ(d·w) (Bradley and Terry 1952). All with a share of slips, that say nothing.
"""

from dataclasses import dataclass

import numpy as np

STARS = 5
CUTS = STARS - 1
LIKED, DISLIKED = STARS, STARS + 1  # of y, beside the stars
SLIP = 0.04  # of ratings that are slips of the finger
_EACH = np.eye(STARS)  # which stars an answer stands for, (answers, STARS)
_COARSE = np.array([[1.0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])  # disliked, -, liked


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """x (N, P), y (N,) int 0 … STARS - 1, LIKED or DISLIKED, pairs d (M, P)."""

    x: np.ndarray
    y: np.ndarray
    pairs: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, stars: np.ndarray, pairs: np.ndarray | None = None) -> "Ratings":
        """stars (N,) 1 … STARS."""
        none = np.zeros((0, x.shape[1]))
        return cls(x, np.asarray(stars, int) - 1, none if pairs is None else pairs)


def cutpoints(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """c (CUTS,), and how it changes with the last CUTS numbers of θ, (CUTS, CUTS)."""
    gaps = np.exp(theta[-CUTS + 1 :])
    cuts = theta[-CUTS] + np.concatenate([[0.0], np.cumsum(gaps)])
    slope = np.zeros((CUTS, CUTS))
    slope[:, 0] = 1
    for k in range(1, CUTS):
        slope[k:, k] = gaps[k - 1]
    return cuts, slope


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """At one θ: the log likelihood, its slope (P + 4,), and the Fisher information
    (P + 4, P + 4), which is never negative."""

    value: float
    slope: np.ndarray
    information: np.ndarray


def expanded(theta: np.ndarray, data: Ratings) -> Expansion:
    """Of all ratings and pairs."""
    size = len(theta) - CUTS
    starred = data.y < STARS
    stars = _of_answers(theta, data.x[starred], data.y[starred], _EACH)
    liked = np.where(data.y[~starred] == LIKED, 2, 0)
    likes = _of_answers(theta, data.x[~starred], liked, _COARSE)
    value, slope, information = _of_pairs(theta[:size], data.pairs)
    stars.slope[:] += likes.slope
    stars.information[:] += likes.information
    stars.slope[:size] += slope
    stars.information[:size, :size] += information
    return Expansion(stars.value + likes.value + value, stars.slope, stars.information)


def _of_answers(theta: np.ndarray, x: np.ndarray, y: np.ndarray, stands: np.ndarray) -> Expansion:
    """stands (A, STARS): which stars each of A answers stands for; y (N,) int 0 … A - 1."""
    size = len(theta) - CUTS
    cuts, turn = cutpoints(theta)
    above = sigmoid((x @ theta[:size])[:, None] - cuts)  # (N, CUTS): P(y > k)
    edges = np.hstack([np.ones((len(x), 1)), above, np.zeros((len(x), 1))])
    chances = (1 - SLIP) * (edges[:, :-1] - edges[:, 1:]) + SLIP / STARS  # (N, STARS)
    steep = (1 - SLIP) * above * (1 - above)  # (N, CUTS)
    at_cuts = np.zeros((len(x), STARS, CUTS))  # d P(y) / d c_k
    for k in range(CUTS):
        at_cuts[:, k, k] += steep[:, k]
        at_cuts[:, k + 1, k] -= steep[:, k]
    chances, at_cuts = chances @ stands.T, stands @ at_cuts
    scores = at_cuts / chances[:, :, None]
    told = -scores.sum(2)  # d log P(y) / d u: a shift of u is one of all cuts, the other way
    rows = np.arange(len(x))
    slope = np.concatenate([x.T @ told[rows, y], turn.T @ scores[rows, y].sum(0)])
    expected = chances[:, :, None] * scores  # (N, A, CUTS)
    both = (told[:, None] @ expected)[:, 0]
    within = expected.reshape(-1, CUTS).T @ scores.reshape(-1, CUTS)
    information = np.zeros((len(theta), len(theta)))
    information[:size, :size] = (x * (chances * told**2).sum(1)[:, None]).T @ x
    information[:size, size:] = x.T @ both @ turn
    information[size:, :size] = information[:size, size:].T
    information[size:, size:] = turn.T @ within @ turn
    return Expansion(float(np.log(chances[rows, y]).sum()), slope, information)


def _of_pairs(w: np.ndarray, pairs: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    sure = sigmoid(pairs @ w)
    chance = (1 - SLIP) * sure + SLIP / 2
    steep = (1 - SLIP) * sure * (1 - sure)
    information = steep**2 / (chance * (1 - chance))
    return (
        float(np.log(chance).sum()),
        pairs.T @ (steep / chance),
        (pairs * information[:, None]).T @ pairs,
    )
