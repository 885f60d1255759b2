"""What events are worth to an artist: ridge regression of utilities on the events of rated works.

Events are what a medium's `EventModel` finds in a work, each as k numbers. A liking is a worth θ
(k,) of these, of which a work has the mean over its events; its prior is normal, so that its
posterior mean is ridge regression.
Legend: N works, n events of a work, k numbers of an event.
"""

from collections.abc import Sequence

import numpy as np

NOISE = 0.5  # the variance of a utility that no event tells
LEAST_WORTH = 1e-9
FEWEST = 4  # works, of which each can be left out in turn


def worths(
    rows: Sequence[np.ndarray], utilities: np.ndarray, variances: np.ndarray
) -> np.ndarray | None:
    """θ (k,), of the numbers (n, k) of each work's events and the works' utilities (N,).

    variances (k,): the prior's. None where nothing sets liked works apart."""
    if len(rows) < 2:
        return None
    scaled = _scaled(rows, variances)
    curve = scaled.T @ scaled + NOISE * np.eye(len(variances))
    worth = np.sqrt(variances) * np.linalg.solve(curve, scaled.T @ (utilities - utilities.mean()))
    return worth if float(np.abs(worth).max()) > LEAST_WORTH else None


def explained(rows: Sequence[np.ndarray], utilities: np.ndarray, variances: np.ndarray) -> float:
    """How far events may tell what pleases, 0 … 1: the correlation of utilities with what the
    other works' events make of them (each left out in turn: Allen 1974), and one standard error of
    it, 1 / √N, for leaving out makes it too low."""
    if len(rows) < FEWEST:
        return 0.0
    scaled = _scaled(rows, variances)
    alike = scaled @ scaled.T
    own = alike @ np.linalg.inv(alike + NOISE * np.eye(len(rows)))  # (N, N)
    away = utilities - utilities.mean()
    without = away - (away - own @ away) / (1 - np.diag(own) - 1 / len(rows))
    size = float(away.std() * without.std())
    if size <= LEAST_WORTH:
        return 0.0
    found = float((away * (without - without.mean())).mean()) / size
    return float(np.clip(found + len(rows) ** -0.5, 0, 1))


def _scaled(rows: Sequence[np.ndarray], variances: np.ndarray) -> np.ndarray:
    """(N, k): the means of events, around 0, with a prior of variance 1."""
    means = np.stack([row.mean(0) for row in rows])
    return (means - means.mean(0)) * np.sqrt(variances)
