"""Which draft of a work is delivered: what the references explain best and that is no copy.

The likeliest draft is the blandest one. So what counts is the gain: how much likelier the text is
behind the references than by itself, in nats a token (pointwise mutual information, as Li et al.
2016 choose answers). But the draft with the largest gain of many is the oddest, so that how likely
it is behind the references counts too. What it owes to the references' phrases is taken off
again, and to the frame of one of them that it fills with other words, and what it says twice where
they do not.
"""

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from engine.media.text.coherence import said_again
from engine.media.text.copying import units_of
from engine.media.text.generators.causal_lm.base import Base, Head
from engine.media.text.generators.causal_lm.drafts import DraftState
from engine.media.text.generators.causal_lm.expect import expected
from engine.media.text.generators.causal_lm.verse import Verse

SOUND = 0.6  # of its mean log p: what is nonsense behind the references is no gain
OWED = 10.0  # nats for a text that stands in the references row by row: twice what that gains
GRAM = {"en": 3, "zh": 4}  # words, characters in a row
ECHOED = 10.0  # nats for a text that is a reference with other words in between
CIRCLING = 6.0  # nats for a text of which every pair of neighbours was there before
KEPT = 1.0  # nats for a text that keeps the metre and the rhymes of the references throughout


class Choice:
    """Over one style: texts are its references, head and language those that it writes in."""

    def __init__(
        self,
        base: Base,
        head: Head,
        texts: Sequence[str],
        language: str,
        verse: Verse | None = None,
    ) -> None:
        self._base, self._head, self._language, self._verse = base, head, language, verse
        self._known = {gram for text in texts for gram in self._grams(text)}
        self._usual = max(self._again(text) for text in texts)
        self._units = [self._units_of(text) for text in texts]
        pairs = permutations(self._units, 2)
        self._alike = max((in_order(one, other) for one, other in pairs), default=0.0)

    def scores(self, particles: Sequence[DraftState]) -> np.ndarray:
        """Of each finished draft; -inf where it came to no proper end."""
        texts = [particle.rule.text() for particle in particles]
        proper = [particle.rule.done and not particle.failed for particle in particles]
        opening = self._base.opening or self._base.tokens.encode("\n")
        alone = expected(self._base, self._head, opening, [t or "." for t in texts])
        gains = [
            float(a.nats.mean()) + particle.likelihood
            for a, particle in zip(alone, particles, strict=True)
        ]
        owed = [OWED * self.owed(text) for text in texts]
        likely = SOUND * np.array([particle.likelihood for particle in particles])
        circling = [CIRCLING * self.circling(text) for text in texts]
        echoed = [ECHOED * self.echoed(text) for text in texts]
        found = np.array(gains) + likely - owed - echoed - circling
        if self._verse:
            found += [KEPT * self._verse.kept(text) for text in texts]
        return np.where(proper, found, -np.inf)

    def owed(self, text: str) -> float:
        """0 … 1: the share of its rows of a few words that stand in the references."""
        grams = self._grams(text)
        return sum(gram in self._known for gram in grams) / len(grams) if grams else 0.0

    def echoed(self, text: str) -> float:
        """0 … 1: the share of its words (characters) that stand in one reference in this order,
        beyond what any reference shares so with another."""
        units = self._units_of(text)
        return max(0.0, max(in_order(units, each) for each in self._units) - self._alike)

    def circling(self, text: str) -> float:
        """0 … 1: the share of neighbouring words or characters that were there before, beyond the
        share that the references have."""
        return max(0.0, self._again(text) - self._usual)

    def _again(self, text: str) -> float:
        return said_again(self._units_of(text), 2)

    def _grams(self, text: str) -> list[tuple[str, ...]]:
        units, size = self._units_of(text), GRAM[self._language]
        return [tuple(units[i : i + size]) for i in range(len(units) - size + 1)]

    def _units_of(self, text: str) -> list[str]:
        return units_of(text, "zh" if self._language == "zh" else "en")


def in_order(units: Sequence[str], others: Sequence[str]) -> float:
    """0 … 1: the longest row of units that stands in both in one order, whatever lies between, as a
    share of `units` (bits of one number are the columns of the table: Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, unit in enumerate(units):
        places[unit] = places.get(unit, 0) | 1 << place
    every = (1 << len(units)) - 1
    open_ = every
    for unit in others:
        found = open_ & places.get(unit, 0)
        open_ = (open_ + found | open_ - found) & every
    return (len(units) - open_.bit_count()) / len(units) if units else 0.0
