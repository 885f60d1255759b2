"""What ratings do to a brief: its dials are turned where the taste wants to go.

Legend: D dials of a domain, P features, J (D, P) how a turn of each dial by one of its own
deviations moves the features, in deviations of works by one maker. J was measured, on training
makers, by `python -m engine.lab.bench.feedback_steering`, which writes `response.json`.

A taste w (P,) gains w·s by a shift s = Jᵀd of the features. Every shift leads away from the style,
so the price of one is |s|² / 2: the best d solves J Jᵀ d = J w, a step of least squares towards w
(the natural gradient of Amari 1998, with features for its metric). What no dial can move turns none
of them, and a trust region |s| ≤ REACH holds the rest.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from engine.feedback.taste import Taste
from engine.interfaces import Dial
from engine.protocol import Brief, BriefT

FILE = Path(__file__).with_name("response.json")
REACH = {"image": 1.0, "zh": 1.6, "en": 1.6, "audio": 1.6}  # deviations of all features together
RIDGE = 0.1  # added to J Jᵀ: a dial that does little is turned little
NOISE = 0.12  # of J: what is smaller could not be told from nothing


def turned(brief: BriefT, dials: Sequence[Dial], deviations: np.ndarray) -> BriefT:
    """deviations (D,). Dials that the artist has moved stay where they are."""
    for dial, away in zip(dials, deviations.tolist(), strict=True):
        if away and dial.is_free(brief):
            brief = dial.turned(brief, away)
    return brief


def directions(
    brief: Brief, taste: Taste, dials: Sequence[Dial], count: int, rng: np.random.Generator
) -> Iterator[Brief]:
    """`count` briefs: as the taste has it on average, then as it is drawn from what ratings leave
    open; the last as the artist wrote it, so that something of the plain style is always among
    the candidates."""
    usual = [taste.normal.weights, *taste.normal.drawn(rng, count)][: count - 1]
    for weights in usual:
        wish = wanted(weights / taste.scale, taste.domain, dials, brief.follow)
        yield turned(brief, dials, wish)
    yield brief


def wanted(
    weights: np.ndarray, domain: str, dials: Sequence[Dial], follow: float = 1.0
) -> np.ndarray:
    """weights (P,) of a taste, on features as they are standardised → (D,) deviations."""
    j = response(domain, tuple(dial.name for dial in dials))
    turns = np.linalg.solve(j @ j.T + RIDGE * np.eye(len(j)), j @ weights)
    shift = float(np.linalg.norm(j.T @ turns))
    return turns * min(1.0, REACH[domain] * follow / shift) if shift else turns


@cache
def response(domain: str, dials: tuple[str, ...]) -> np.ndarray:
    """J (D, P) of a domain. Raises ValueError where it was measured with other dials."""
    row = json.loads(FILE.read_text(encoding="utf-8"))[domain]
    if tuple(row["dials"]) != dials:
        raise ValueError(f"the response of {domain} was measured with other dials: measure it anew")
    found = np.array(row["response"])
    return np.where(np.abs(found) < NOISE, 0.0, found)
