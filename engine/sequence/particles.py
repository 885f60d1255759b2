"""Which drafts go on: a particle filter over texts.

A draft's weight is the share that a constraint left of the model's distribution, token by token
(sequential Monte Carlo steering: Lew et al. 2023, algorithm 1; systematic resampling: Kitagawa
1996).
Legend: D drafts of one work.
"""

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
