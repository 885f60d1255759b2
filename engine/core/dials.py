"""Fields of the brief that ratings may turn, as numbers with a usual step."""

import math
from dataclasses import dataclass, replace

from engine.protocol import Brief, BriefT


@dataclass(frozen=True, slots=True)
class NumberDial:
    """A number of the brief. spread: one deviation of it, of its logarithm where it is a ratio."""

    name: str
    spread: float
    least: float
    most: float
    is_ratio: bool = False

    def turned(self, brief: BriefT, deviations: float) -> BriefT:
        """The brief with the dial away from its default."""
        usual = self._default(brief)
        away = self.spread * deviations
        value = usual * math.exp(away) if self.is_ratio else usual + away
        value = min(self.most, max(self.least, value))
        digits = None if isinstance(usual, int) else 3
        return replace(brief, **{self.name: round(value, digits)})

    def is_free(self, brief: Brief) -> bool:
        """Whether the artist has left it at its default."""
        return getattr(brief, self.name) == self._default(brief)

    def _default(self, brief: Brief) -> float:
        return getattr(type(brief)(), self.name)
