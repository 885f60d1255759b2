"""Simulated raters: hidden likings, noisy hands.

Legend: N works, P features that the model has, H hidden ones that it lacks; all standardised. A
liking has deviation 1 over works; its noise σ makes a rater order a pair of works alike twice with
chance 1/2 + asin(1 / (1 + σ²)) / π (both orders are of normal variables with that correlation):
78 % for σ = 0.55.
"""

from dataclasses import dataclass

import numpy as np

from engine.feedback.likelihood import STARS

NOISE = (0.50, 0.60)  # self-consistent in 80 to 76 % of pairs
SLIP = 0.03
BIASED = 0.25  # of raters, who like what stands first
_SHARES = np.array([0.12, 0.22, 0.32, 0.22, 0.12])  # of the stars of a usual rater


@dataclass(frozen=True, slots=True, eq=False)
class Rater:
    """weights (P,) on the model's features, hidden (H,) on others. cuts (4,) of the noisy liking,
    from which each star on is given; bias: what the first place is worth."""

    weights: np.ndarray
    hidden: np.ndarray
    noise: float
    cuts: np.ndarray
    bias: float = 0.0

    def liking(self, x: np.ndarray, others: np.ndarray) -> np.ndarray:
        """x (N, P), others (N, H) → (N,), the true one."""
        return x @ self.weights + others @ self.hidden

    def stars(self, liking: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(N,) 1 … 5, of works shown in this order."""
        places = np.linspace(1, -1, len(liking)) if len(liking) > 1 else np.zeros(1)
        felt = liking + self.noise * rng.standard_normal(len(liking)) + self.bias * places
        given = 1 + (felt[:, None] > self.cuts).sum(1)
        slips = rng.random(len(liking)) < SLIP
        return np.where(slips, rng.integers(1, STARS + 1, len(liking)), given)


def rater(
    weights: np.ndarray, hidden: np.ndarray, deviation: float, rng: np.random.Generator
) -> Rater:
    """One whose liking has `deviation` over works: it is made 1."""
    noise = float(rng.uniform(*NOISE))
    harsh = rng.normal(0, 0.4)
    shares = rng.dirichlet(20 * _SHARES)
    spread = np.sqrt(1 + noise**2)
    cuts = spread * _normal_quantiles(np.cumsum(shares)[:-1]) + harsh
    bias = float(rng.normal(0, 0.3)) if rng.random() < BIASED else 0.0
    scale = max(deviation, 1e-9)
    return Rater(weights / scale, hidden / scale, noise, cuts, bias)


def sparse(size: int, rng: np.random.Generator) -> np.ndarray:
    """(size,) weights of which one to four are not 0."""
    found = np.zeros(size)
    places = rng.choice(size, min(size, 1 + min(3, rng.poisson(1.0))), replace=False)
    found[places] = rng.normal(0, 1, len(places)) + 0.5 * np.sign(rng.normal(size=len(places)))
    return found


def _normal_quantiles(shares: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri

    return ndtri(np.clip(shares, 1e-3, 1 - 1e-3))
