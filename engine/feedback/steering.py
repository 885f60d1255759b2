"""What ratings do to a brief: its dials are turned where the taste wants to go.

Legend: D dials of a kind of work, P features, J (D, P) how a turn of each dial by one of its own
deviations moves the features, in deviations of works by one maker. J was measured, on training
makers, by `python -m engine.lab.bench.feedback_steering`, which writes `response.json`.

A taste w (P,) gains w·s by a shift s = Jᵀd of the features. Every shift leads away from the style,
so the price of one is |s|² / 2: the best d solves J Jᵀ d = J w, a step of least squares towards w
(the natural gradient of Amari 1998, with features for its metric). What no dial can move turns none
of them, and a trust region |s| ≤ REACH holds the rest.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from engine.feedback.taste import Taste
from engine.messages import Brief, Mode, MusicBrief

BriefT = TypeVar("BriefT", bound=Brief)
FILE = Path(__file__).with_name("response.json")
REACH = {"image": 1.0, "zh": 1.6, "en": 1.6, "audio": 1.6}  # deviations of all features together
RIDGE = 0.1  # added to J Jᵀ: a dial that does little is turned little
NOISE = 0.12  # of J: what is smaller could not be told from nothing
MODE_FROM = 0.4  # of a deviation: from there on, the mode is named


@dataclass(frozen=True, slots=True)
class Dial:
    """A number of the brief. spread: one deviation of it, of its logarithm where it is a ratio."""

    name: str
    spread: float
    least: float
    most: float
    is_ratio: bool = False

    def turned(self, brief: BriefT, deviations: float) -> BriefT:
        """The brief with the dial away from where it usually is."""
        usual = getattr(type(brief)(), self.name)
        away = self.spread * deviations
        value = usual * math.exp(away) if self.is_ratio else usual + away
        value = min(self.most, max(self.least, value))
        digits = None if isinstance(usual, int) else 3
        return replace(brief, **{self.name: round(value, digits)})

    def is_free(self, brief: Brief) -> bool:
        """Whether the artist has left it where it usually is."""
        return getattr(brief, self.name) == getattr(type(brief)(), self.name)


@dataclass(frozen=True, slots=True)
class ModeDial:
    """Major below, minor above, the references' own between."""

    name: str = "mode"

    def turned(self, brief: BriefT, deviations: float) -> BriefT:
        if abs(deviations) < MODE_FROM:
            return brief
        return replace(brief, mode=Mode.MINOR if deviations > 0 else Mode.MAJOR)

    def is_free(self, brief: Brief) -> bool:
        return isinstance(brief, MusicBrief) and not brief.mode


_WORDS = (
    Dial("temperature", 0.15, 0.5, 1.4, is_ratio=True),
    Dial("strength", 0.3, 0.4, 1.6),
    Dial("line", 0.3, 0.5, 2.0, is_ratio=True),
)
DIALS: dict[str, tuple[Dial | ModeDial, ...]] = {
    "image": (
        *(Dial(name, 0.3, -1, 1) for name in ("light", "contrast", "warmth", "redness")),
        Dial("vividness", 0.3, -1, 1),
        Dial("brush", 0.25, 0.5, 2, is_ratio=True),
        Dial("boldness", 0.15, 0, 1),
        Dial("detail", 0.2, 0, 1),
        Dial("invention", 0.15, 0, 1),
    ),
    "zh": _WORDS,
    "en": _WORDS,
    "audio": (
        Dial("pace", 0.2, 0.5, 2, is_ratio=True),
        Dial("density", 0.3, 0.5, 2, is_ratio=True),
        Dial("lift", 3.0, -12, 12),
        Dial("temperature", 0.12, 0.5, 1.4, is_ratio=True),
        Dial("strength", 0.3, 0.4, 1.6),
        ModeDial(),
    ),
}


def turned(brief: BriefT, kind: str, deviations: np.ndarray) -> BriefT:
    """deviations (D,). Dials that the artist has moved stay where they are."""
    for dial, away in zip(DIALS[kind], deviations.tolist(), strict=True):
        if away and dial.is_free(brief):
            brief = dial.turned(brief, away)
    return brief


def directions(brief: Brief, taste: Taste, count: int, rng: np.random.Generator) -> Iterator[Brief]:
    """`count` briefs: as the taste has it on average, then as it is drawn from what ratings leave
    open; the last as the artist wrote it, so that something of the plain style is always among
    the candidates."""
    usual = [taste.normal.weights, *taste.normal.drawn(rng, count)][: count - 1]
    for weights in usual:
        yield turned(brief, taste.kind, wanted(weights / taste.scale, taste.kind, brief.follow))
    yield brief


def wanted(weights: np.ndarray, kind: str, follow: float = 1.0) -> np.ndarray:
    """weights (P,) of a taste, on features as they are standardised → (D,) deviations."""
    j = response(kind)
    turns = np.linalg.solve(j @ j.T + RIDGE * np.eye(len(j)), j @ weights)
    shift = float(np.linalg.norm(j.T @ turns))
    return turns * min(1.0, REACH[kind] * follow / shift) if shift else turns


@cache
def response(kind: str) -> np.ndarray:
    """J (D, P) of image, zh, en or audio. Raises ValueError where it is of other dials."""
    row = json.loads(FILE.read_text(encoding="utf-8"))[kind]
    if row["dials"] != [dial.name for dial in DIALS[kind]]:
        raise ValueError(f"the response of {kind} was measured with other dials: measure it again")
    found = np.array(row["response"])
    return np.where(np.abs(found) < NOISE, 0.0, found)
