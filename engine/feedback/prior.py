"""Where every taste begins: meta-learned over a population of simulated raters.

Empirical Bayes by expectation and maximisation (Dempster, Laird and Rubin 1977): each rater's
posterior under the prior so far, then the prior that these posteriors are most likely under.
`python -m engine.lab.bench.feedback_prior` writes `prior.json`.
Legend: P features; C (P, P) how they go together within one maker, at deviation 1.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

from engine.critic.calibration import Calibration
from engine.feedback.likelihood import CUTS, Ratings
from engine.feedback.posterior import Normal, normal_posterior
from engine.feedback.raters import rater, sparse

FILE = Path(__file__).with_name("prior.json")
RATERS, RATED, ROUNDS = 150, 50, 6
UNSEEN = 0.8  # the largest share of a liking that no feature tells
NAMED_ONLY = 0.5  # of raters: likings of named features alone; others like any direction as well
LEAST_VARIANCE = 0.01
DIGITS = 4


def together(fit: Calibration) -> np.ndarray:
    """C of a calibration."""
    scale = np.sqrt(np.diag(fit.spread))
    return fit.spread / np.outer(scale, scale)


def plain(size: int) -> Normal:
    """Knows nothing: each weight by itself, stars evenly spread."""
    mean = np.concatenate([np.zeros(size), [-2.5], np.log([1.5, 1.8, 1.5])])
    variances = np.concatenate([np.full(size, 0.25), [2.0, 0.3, 0.3, 0.3]])
    return Normal(mean, np.diag(variances))


def population(fit: Calibration, seed: int, count: int = RATERS) -> list[Ratings]:
    """What `count` raters say of works that vary as those of one maker do."""
    rng = np.random.default_rng(seed)
    correlation, named = together(fit), len(fit.features)
    size = len(correlation)
    root = np.linalg.cholesky(correlation + 1e-6 * np.eye(size))
    found = []
    for _ in range(count):
        weights = np.concatenate([sparse(named, rng), np.zeros(size - named)])
        if rng.random() > NAMED_ONLY:
            weights += rng.normal(0, 0.6, size)
        seen = np.sqrt(weights @ correlation @ weights)
        share = rng.uniform(0, UNSEEN)
        one = rater(
            weights, np.array([seen * np.sqrt(share / (1 - share))]), seen / np.sqrt(1 - share), rng
        )
        x = rng.standard_normal((RATED, size)) @ root.T
        liking = one.liking(x, rng.standard_normal((RATED, 1)))
        found.append(Ratings.of(x, one.stars(liking, rng)))
    return found


def meta_learned(said: list[Ratings], size: int, rounds: int = ROUNDS) -> Normal:
    """The prior of what these raters say. Weights have mean 0: no direction is liked by all."""
    now = plain(size)
    for _ in range(rounds):
        found = [normal_posterior(now, data) for data in said]
        mean = np.mean([each.mean for each in found], axis=0)
        mean[:size] = 0
        away = np.stack([each.mean - mean for each in found])
        covariance = np.mean([each.covariance for each in found], axis=0) + away.T @ away / len(
            said
        )
        covariance[:size, size:] = covariance[size:, :size] = 0  # likings have no sign of their own
        covariance += LEAST_VARIANCE * np.eye(size + CUTS)
        now = Normal(mean, covariance)
    return now


@cache
def prior(domain: str) -> Normal:
    """The shipped one of image, zh, en or audio."""
    row = json.loads(FILE.read_text(encoding="utf-8"))[domain]
    return Normal(np.array(row["mean"]), np.array(row["covariance"]))


def as_row(normal: Normal) -> dict[str, list]:
    """What the file holds of one."""
    covariance = [[float(f"{v:.{DIGITS}g}") for v in row] for row in normal.covariance.tolist()]
    return {
        "mean": [float(f"{v:.{DIGITS}g}") for v in normal.mean.tolist()],
        "covariance": covariance,
    }
