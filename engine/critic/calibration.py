"""How far is far: what works of one maker differ by, and how sure a distance makes us.

Legend: F features, E numbers of an embedding, D of its projection, U unnamed directions, K
references. `assets/critic/calibration.json` holds one entry a domain; it is fitted
by `python -m engine.lab.bench.feedback_calibration` on training works, and tried on reserved ones.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.core.critic_assets import critic_file
from engine.critic.feature_scale import on_scale
from engine.interfaces import Feature, Measured

FILE = critic_file("calibration.json")
SOFT = 0.05  # added to squared distances before their logarithm
MOST_Z = 4.0  # deviations: what lies farther counts as that far


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Of one domain. centre, within, between (F,): the mean of a feature over makers, its
    deviation within one maker and between makers. projection (D, E): the linear discriminant in
    which works of one maker lie within 1. unnamed (U, E): the directions in which works of one
    maker differ most, scaled alike, and centre_unnamed (U,). spread (F + U, F + U): how the
    standardised differences within one maker go together. logistic: bias and the weights of the
    logarithms of both squared distances."""

    features: tuple[str, ...]
    centre: np.ndarray
    within: np.ndarray
    between: np.ndarray
    projection: np.ndarray
    unnamed: np.ndarray
    centre_unnamed: np.ndarray
    spread: np.ndarray
    logistic: tuple[float, float, float]

    def standardised(self, work: Measured, features: tuple[Feature, ...]) -> np.ndarray:
        """(F + U,): what a taste weighs, in deviations within one maker."""
        named = (on_scale(work.values, features) - self.centre) / self.within
        more = self.unnamed @ work.embedding - self.centre_unnamed
        return np.concatenate([named, more])

    def distances(
        self, work: Measured, references: Sequence[Measured], features: tuple[Feature, ...]
    ) -> tuple[float, float]:
        """Mean squared distances from the prototype of the references (Snell et al. 2017, eq. 1),
        of embeddings and of features; about 1 within one maker, whatever K."""
        noise = 1 + 1 / len(references)
        told = np.mean([r.embedding for r in references], axis=0)
        apart = self.projection @ (work.embedding - told)
        usual = np.mean([on_scale(r.values, features) for r in references], axis=0)
        gaps = np.clip((on_scale(work.values, features) - usual) / self.within, -MOST_Z, MOST_Z)
        return float((apart**2).mean() / noise), float((gaps**2).mean() / noise)

    def match(self, distances: tuple[float, float]) -> float:
        """0 … 1: how likely a work at these distances is by the references' maker, where as many
        strangers' works were asked about."""
        return 1 / (1 + math.exp(-self.log_odds(distances)))

    def log_odds(self, distances: tuple[float, float]) -> float:
        """The logarithm of the odds that `match` is the chance of."""
        bias, learned, plain = self.logistic
        near, alike = (math.log(distance + SOFT) for distance in distances)
        return bias + learned * near + plain * alike


@cache
def calibration(domain: str) -> Calibration:
    """The shipped one of a domain. Raises KeyError for a domain that nothing is known of."""
    row = json.loads(FILE.read_text(encoding="utf-8"))[domain]
    arrays = ("centre", "within", "between", "projection", "unnamed", "centre_unnamed", "spread")
    found = {name: np.array(row[name]) for name in arrays}
    bias, learned, plain = row["logistic"]
    return Calibration(tuple(row["features"]), logistic=(bias, learned, plain), **found)
