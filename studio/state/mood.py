"""A mood: three numbers that a picture, a poem and a piece of music can share.

Measured on a work they are its distance from what is usual in the references, in the deviations
that works of one maker have; asked of a work, they turn its medium's dials as far. Which dials
answer to which axis follows what people match when they put colours to music: faster, major and
higher goes with lighter, more saturated and yellower (Palmer, Schloss, Xu and Prado-León 2013,
Music-color associations are mediated by emotion, PNAS 110 (22), 8836-8841).
"""

from collections.abc import Mapping
from dataclasses import dataclass

FULL = 2.0  # deviations from the usual that are all the way


@dataclass(frozen=True, slots=True)
class Mood:
    """-1 … 1 each, 0 is as usual. agitation: 1 is agitated, -1 calm; brightness: 1 is bright, -1
    dark; warmth: 1 is warm, -1 cool."""

    agitation: float = 0.0
    brightness: float = 0.0
    warmth: float = 0.0

    @property
    def axes(self) -> tuple[float, float, float]:
        return self.agitation, self.brightness, self.warmth

    def distance(self, other: "Mood") -> float:
        pairs = zip(self.axes, other.axes, strict=True)
        return sum((one - two) ** 2 for one, two in pairs) ** 0.5


AXES = ("agitation", "brightness", "warmth")
Weights = Mapping[str, float]  # by the code of a feature, or the name of a dial


def measured(gaps: Mapping[str, float], by: Mapping[str, Weights]) -> Mood:
    """gaps: of a report's features, in deviations from the references. by: of each axis the
    features that tell of it, with their signs and shares. What was not measured says nothing."""

    def axis(name: str) -> float:
        weights = {code: weight for code, weight in by.get(name, {}).items() if code in gaps}
        whole = sum(map(abs, weights.values()))
        gap = sum(weight * gaps[code] for code, weight in weights.items())
        return limited(gap / whole / FULL) if whole else 0.0

    return Mood(*map(axis, AXES))


def limited(value: float) -> float:
    return round(min(1.0, max(-1.0, value)), 3)
