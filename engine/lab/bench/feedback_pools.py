"""Works to choose from: drawn once a medium from the shipped samples, measured, and with numbers
that the critic does not have.

Legend: N works, F named features, H hidden numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.critic.calibration import calibration
from engine.critic.reference_profile import closeness
from engine.interfaces import Content, Judge, Measured
from engine.lab.bench.feedback_hidden import hidden_of
from engine.lab.bench.feedback_makers import CPU, SHIPPED, Maker

AT_ONCE = 24
LEAST = 1e-6  # of deviation: what varies less is not looked at


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """To mean 0 and deviation 1 of the works that it was made of."""

    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def by(cls, rows: np.ndarray) -> "Scale":
        return cls(rows.mean(0), rows.std(0))

    def of(self, rows: np.ndarray) -> np.ndarray:
        """Columns that never varied become 0."""
        varied = self.deviation > LEAST
        return np.where(varied, (rows - self.mean) / np.where(varied, self.deviation, 1), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """hidden (N, H) as they are. matches (N,): how close each work is to the references.
    maker and contents: what made them, and what was made; near (N,): how like the references they
    are. None of these of works that are numbers alone."""

    name: str
    kind: str
    judge: Judge
    works: list[Measured]
    hidden: np.ndarray
    matches: np.ndarray
    maker: Maker | None = None
    contents: Sequence[Content] = ()
    near: np.ndarray | None = None

    @property
    def named(self) -> Scale:
        return Scale.by(self.standardised(self.works))

    @property
    def others(self) -> Scale:
        return Scale.by(self.hidden)

    def standardised(self, works: Sequence[Measured]) -> np.ndarray:
        """(…, F): the critic's named features, in deviations within one maker."""
        fit, features = calibration(self.judge.domain), self.judge.features
        rows = [fit.standardised(work, features)[: len(features)] for work in works]
        return np.stack(rows)


def pool_of(name: str, count: int) -> Pool:
    """The pool of a medium: image, text or audio."""
    maker = SHIPPED[name]()
    works: list[Content] = []
    for first in range(0, count, AT_ONCE):
        works += maker.made(maker.usual(min(AT_ONCE, count - first), first))
    seen = maker.measured(works)
    hidden = np.array([hidden_of(work) for work in works])
    near = closeness(maker.style, seen, maker.medium, maker.kind, CPU)
    matches = maker.matches(seen)
    return Pool(name, maker.kind, maker.judge, seen, hidden, matches, maker, works, near)
