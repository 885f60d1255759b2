"""How much each rated work pleases, by the taste and by what its ratings say beyond it.

Legend: N works, P features. A work's utility is u = x·w + e: what its features tell, and e, normal
with deviation BEYOND, of which no feature knows. E[e] is the mean of what each of the work's
judgements alone makes of it, by quadrature; contradictions cancel.
"""

from dataclasses import dataclass

import numpy as np

from engine.feedback.likelihood import SLIP, STARS, cutpoints, sigmoid
from engine.feedback.taste import Judgements, Taste
from engine.interfaces import Feature

BEYOND = 0.8
_AT = np.linspace(-3, 3, 61)
_SHARES = np.exp(-0.5 * _AT**2) / np.exp(-0.5 * _AT**2).sum()


@dataclass(frozen=True, slots=True, eq=False)
class Utilities:
    """(N,) each, in the order of the judged works: x·w and E[e]."""

    known: np.ndarray
    beyond: np.ndarray

    @property
    def whole(self) -> np.ndarray:
        return self.known + self.beyond


def utilities(said: Judgements, taste: Taste, features: tuple[Feature, ...]) -> Utilities:
    """Of said.works."""
    known = taste.seen(said.works, features) @ taste.normal.weights
    sums, counts = np.zeros(len(known)), np.zeros(len(known))
    cuts, _ = cutpoints(taste.normal.mean)
    answers = [(place, stars - 1, stars) for place, stars in enumerate(said.stars)]
    answers += [(place, *((3, STARS) if is_liked else (0, 2))) for place, is_liked in said.likes]
    for place, least, most in answers:
        felt = known[place] + BEYOND * _AT
        above = np.concatenate([[np.ones_like(felt)], sigmoid(felt - cuts[:, None])])
        chance = above[least] - (above[most] if most < STARS else 0.0)
        sums[place] += _mean(chance + SLIP / STARS) * BEYOND
        counts[place] += 1
    for better, worse in said.pairs:
        apart = known[better] - known[worse] + np.sqrt(2) * BEYOND * _AT
        shift = _mean(sigmoid(apart) + SLIP / 2) * BEYOND / np.sqrt(2)
        for place, sign in ((better, 1), (worse, -1)):
            sums[place] += sign * shift
            counts[place] += 1
    return Utilities(known, sums / np.maximum(counts, 1))


def _mean(chances: np.ndarray) -> float:
    """Of a standard normal, once something of these chances (61,) was seen."""
    weighted = chances * _SHARES
    return float(weighted @ _AT / weighted.sum())
