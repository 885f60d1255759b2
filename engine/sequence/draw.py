"""From log-probabilities of the next token to the token: temperature, top-p, repetition.

Legend: V vocabulary. Nucleus sampling: Holtzman et al. 2020; min-p: Nguyen et al. 2024, which
matters here because a form may leave only unlikely tokens. One random number a token and work, so
a work is the same whatever is drawn beside it.
"""

import numpy as np

MIN_P = 0.03  # of the likeliest token's share: what has less is not drawn


def draw(
    logits: np.ndarray,
    allowed: np.ndarray,
    rng: np.random.Generator,
    temperature: float,
    top_p: float,
) -> int:
    """A token. logits (V,) float; allowed (V,) bool with at least one true, or a bias to add."""
    biased = np.where(allowed, logits, -np.inf) if allowed.dtype == bool else logits + allowed
    at = rng.random()
    candidates = np.flatnonzero(biased > -np.inf)
    if len(candidates) == 1:
        return int(candidates[0])
    scores = biased[candidates].astype(np.float64) / temperature
    shares = np.exp(scores - scores.max())
    shares[shares < MIN_P] = 0
    order = np.argsort(-shares, kind="stable")
    sums = np.cumsum(shares[order])
    kept = int(np.searchsorted(sums, top_p * sums[-1])) + 1
    chosen = np.searchsorted(sums[:kept], at * sums[kept - 1], side="right")
    return int(candidates[order[min(chosen, kept - 1)]])


class RepetitionPenalty:
    """`penalty` nats less for a token, each time that the work has had it.

    exempt (V,) bool: marks, line breaks and words like "the", which may come back at no cost.
    """

    def __init__(self, size: int, penalty: float, exempt: np.ndarray) -> None:
        self._times = np.zeros(size, np.float32)
        self._penalty, self._exempt = penalty, exempt

    def count(self, token: int) -> None:
        """The token was written."""
        if not self._exempt[token]:
            self._times[token] += 1

    def apply(self, logits: np.ndarray) -> np.ndarray:
        """logits (V,) minus the penalties."""
        return logits - self._penalty * self._times

    def copy(self) -> "RepetitionPenalty":
        """Another with the same counts."""
        twin = RepetitionPenalty(len(self._times), self._penalty, self._exempt)
        twin._times = self._times.copy()
        return twin
