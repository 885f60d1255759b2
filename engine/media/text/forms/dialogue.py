"""Dialogue in the notation of the plays: a name, a point, a line break, a speech; an empty line.

    Ham.
    Whose grave is this? I would know.

    Clo.
    Mine, sir.

The artist reads `HAM. Whose grave is this? …`, a turn a paragraph.
"""

import copy
import re
from dataclasses import replace
from typing import Self

import numpy as np

from engine.media.text.forms.constraint import FixedText, Fragment, Option
from engine.media.text.forms.open_english import (
    CAPITALS,
    NEW_SENTENCE,
    OpenEnglishConstraint,
    holds,
    tidy_prompt,
)
from engine.protocol import TextBrief

LENGTH = 120  # words
NAME_LETTERS = (2, 12)
CAST = 3  # speakers at most
TURN_WORDS = (8, 60)  # a turn of so many words ends with its sentence
POINT = Fragment(r"\.")
SMALL_LETTERS = Fragment("[a-z]+", uniform=True)
NAMED = re.compile(r"([A-Za-z]{2,12})\.\s+(.*)", re.DOTALL)


class DialogueConstraint:
    """Turns of two or three speakers, never two turns of one; names as they come."""

    def __init__(self, brief: TextBrief, rng: np.random.Generator) -> None:
        self.brief, self.rng = brief, rng
        self.length = brief.length or LENGTH
        low, high = TURN_WORDS
        self.turn_words = max(low, min(high, self.length // 2))
        self.turns: list[tuple[str, list[OpenEnglishConstraint]]] = []
        self.name = ""
        self._naming = True  # a name is being written
        self.done = False
        named = NAMED.fullmatch(tidy_prompt(brief.prompt, False))
        self.prompt = named[2] if named else tidy_prompt(brief.prompt, False)
        self.fixed = f"{named[1].capitalize()}.\n" if named else ""  # must come now
        words = [w for w in dict.fromkeys(brief.keywords) if not holds(self.prompt, w)]
        places = sorted(rng.integers(0, max(1, self.length - 10), len(words)).tolist())
        self.waiting = list(zip(places, rng.permutation(words).tolist(), strict=True))

    @property
    def sentence(self) -> OpenEnglishConstraint | None:
        """The sentence being written; none while a name is, or between turns."""
        return self.turns[-1][1][-1] if self.turns and not self.name else None

    def copy(self) -> Self:
        twin = copy.copy(self)
        twin.rng, twin.waiting = copy.deepcopy(self.rng), list(self.waiting)
        twin.turns = [(name, [*speech[:-1], speech[-1].copy()]) for name, speech in self.turns]
        return twin

    def options(self) -> list[Option]:
        if self.fixed:
            return [FixedText(self.fixed)]
        if self._naming or self.sentence is None:
            return self._name_options()
        if not self.sentence.done:
            return self.sentence.options()
        found: list[Option] = [FixedText("\n\n")]
        if not self._turn_over():
            found.append(NEW_SENTENCE)
        return found

    def _turn_over(self) -> bool:
        words = sum(len(s.body.split()) for s in self.turns[-1][1])
        alone = len(self.turns) == 1 and self._words() >= self.length
        return words >= self.turn_words or alone

    def _words(self) -> int:
        return sum(len(s.body.split()) for _, speech in self.turns for s in speech)

    # ---- names ---------------------------------------------------------------------------------

    def _name_options(self) -> list[Option]:
        """What goes on with a name: letters, a point; those of the cast once it is whole."""
        last = self.turns[-1][0] if self.turns else ""
        cast = {name for name, _ in self.turns}
        if len(cast) >= CAST:
            rests = [n[len(self.name) :] + "." for n in cast - {last} if n.startswith(self.name)]
            return [Fragment(texts=tuple(r[:i] for r in rests for i in range(1, len(r) + 1)))]
        low, high = NAME_LETTERS
        found: list[Option] = []
        if len(self.name) >= low and self.name != last:
            found.append(POINT)
        if not self.name:
            found.append(CAPITALS)
        elif len(self.name) < high or self.name == last:
            found.append(SMALL_LETTERS)
        return found

    # ---- what came -----------------------------------------------------------------------------

    def push(self, unit: str) -> None:
        if self.fixed and unit != self.fixed:
            raise ValueError(f"{unit!r} was not allowed")
        if self.fixed:
            self.fixed = ""
            self.name += unit.strip("\n.")
            self._begin_speech()
        elif self._naming:
            self.name += unit
            if self.name.endswith("."):
                self.name = self.name[:-1]
                self.fixed = "\n"
        else:
            self._push_speech(unit)

    def _begin_speech(self) -> None:
        prompt = "" if self.turns else self.prompt
        self.turns.append((self.name, [self._sentence(prompt, goes_on=False)]))
        self.name, self._naming = "", False

    def _sentence(self, prompt: str, *, goes_on: bool) -> OpenEnglishConstraint:
        """One sentence more, with the next keyword where its time has come."""
        words = ()
        if self.waiting and self.waiting[0][0] <= self._words():
            words = (self.waiting.pop(0)[1],)
        length = max(1, len(prompt.split()))
        brief = replace(self.brief, form="prose", prompt=prompt, keywords=words, length=length)
        return OpenEnglishConstraint(brief, self.rng, goes_on=goes_on)

    def _push_speech(self, unit: str) -> None:
        assert self.sentence is not None
        if not self.sentence.done:
            self.sentence.push(unit)
        elif unit == "\n\n":
            self._naming = True
        else:
            self.turns[-1][1].append(self._sentence("", goes_on=True))
            self.sentence.push(unit)
        if self._naming or not self.sentence.done:
            return
        enough = self._words() >= self.length and not self.waiting
        self.done = enough and len(self.turns) > 1

    def text(self) -> str:
        """A turn a paragraph, names in capitals."""
        turns = [
            f"{name.upper()}. {''.join(s.body for s in speech)}" for name, speech in self.turns
        ]
        return "\n\n".join(turns)
