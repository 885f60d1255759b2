"""Which draft of a work is delivered: what the references explain best and that is no copy.

The likeliest draft is the blandest one. So what counts is the gain: how much likelier the text is
behind the references than by itself, in nats a token (pointwise mutual information, as Li et al.
2016 choose answers). But the draft with the largest gain of many is the oddest, so that how likely
it is behind the references counts too. What it owes to the references' phrases is taken off
again, and to the things that one of them names, and what it says twice where they do not.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

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
ECHOED = 2.0  # nats for a text of which every word stands in just one reference
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
        self._named = [self._things(text) for text in texts]
        self._usually_echoed = float(
            np.mean([self._shared(i, self._named[i]) for i in range(len(texts))])
        )

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
        """0 … 1: the share of its words (pairs of Chinese characters) that just one reference has,
        beyond what the references share so with each other."""
        return max(0.0, self._shared(None, self._things(text)) - self._usually_echoed)

    def _shared(self, own: int | None, things: set[tuple[str, ...]]) -> float:
        """own: the place of the reference whose things they are, which is left out."""
        others = [named for i, named in enumerate(self._named) if i != own]
        counts = Counter(thing for named in others for thing in named)
        return sum(counts[thing] == 1 for thing in things) / len(things) if things else 0.0

    def _things(self, text: str) -> set[tuple[str, ...]]:
        units = units_of(text, "zh" if self._language == "zh" else "en")
        return set(pairwise(units)) if self._language == "zh" else {(unit,) for unit in units}

    def circling(self, text: str) -> float:
        """0 … 1: the share of neighbouring words or characters that were there before, beyond the
        share that the references have."""
        return max(0.0, self._again(text) - self._usual)

    def _again(self, text: str) -> float:
        return said_again(units_of(text, "zh" if self._language == "zh" else "en"), 2)

    def _grams(self, text: str) -> list[tuple[str, ...]]:
        units, size = units_of(text, "zh" if self._language == "zh" else "en"), GRAM[self._language]
        return [tuple(units[i : i + size]) for i in range(len(units) - size + 1)]
