"""How like a style's references works are, from what the style keeps of these in neutral form.

Legend: N works, K references, E numbers of an embedding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from engine.core.style import Style
from engine.critic.calibration import SOFT, Calibration, calibration
from engine.interfaces import Feature, Measured, Medium

LEAST_MATCH = 0.02
_MOST_ODDS = math.log((1 - LEAST_MATCH) / LEAST_MATCH)


class ReferenceProfile(Protocol):
    """What is known of the references of one style, in one domain."""

    def log_odds(self, works: Sequence[Measured]) -> np.ndarray:
        """(N,) that a work is by the references' maker."""
        ...

    def closeness(self, works: Sequence[Measured]) -> np.ndarray:
        """(N,) the same, as it counts beside a taste: never beyond what can be told."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingProfile:
    """embeddings (K, E): of references whose features are not known."""

    calibration: Calibration
    embeddings: np.ndarray

    def log_odds(self, works: Sequence[Measured]) -> np.ndarray:
        """(N,), but for a number that is the same for all works and all styles."""
        usual, noise = self.embeddings.mean(0), 1 + 1 / len(self.embeddings)
        _, weight, _ = self.calibration.logistic
        to_usual = [self.calibration.projection @ (work.embedding - usual) for work in works]
        return np.array([weight * math.log((apart**2).mean() / noise + SOFT) for apart in to_usual])

    def closeness(self, works: Sequence[Measured]) -> np.ndarray:
        return self.log_odds(works)


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredProfile:
    """references: with their features."""

    calibration: Calibration
    features: tuple[Feature, ...]
    references: tuple[Measured, ...]

    def log_odds(self, works: Sequence[Measured]) -> np.ndarray:
        fit = self.calibration
        return np.array(
            [fit.log_odds(fit.distances(w, self.references, self.features)) for w in works]
        )

    def closeness(self, works: Sequence[Measured]) -> np.ndarray:
        return np.clip(self.log_odds(works), -_MOST_ODDS, _MOST_ODDS)


def profile_of(
    style: Style, medium: Medium, domain: str, device: torch.device
) -> ReferenceProfile | None:
    """None where the style keeps no references of this domain. Of texts some 20 ms a reference."""
    references = medium.measured_references(style, domain, device)
    if not references:
        return None
    fit = calibration(domain)
    if references[0].values.size == 0:
        return EmbeddingProfile(fit, np.stack([each.embedding for each in references]))
    return MeasuredProfile(fit, medium.judge(domain, device).features, references)


def closeness(
    style: Style, works: Sequence[Measured], medium: Medium, domain: str, device: torch.device
) -> np.ndarray:
    """(N,) the logarithm of the odds that a work is by the references' maker; 0 where unknown."""
    profile = profile_of(style, medium, domain, device)
    return np.zeros(len(works)) if profile is None else profile.closeness(works)
