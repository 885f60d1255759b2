"""Verse in a Chinese template: the constraint that keeps every slot, and what may rhyme with what.

Units are characters and marks. Legend: W characters that may be written.
"""

import copy
from collections import Counter
from typing import Self

import numpy as np

from engine.media.text.forms.constraint import NEVER, Choice, FixedText, Option
from engine.media.text.forms.han import Characters, marks_choice
from engine.media.text.forms.rhymes import RhymeBook, rhyme_book
from engine.media.text.forms.template import FREE, Slot, VerseTemplate

SPARE_RHYMES = 6  # a rhyme is used where it has so many more words than the form needs
THIRD_TIME = np.float32(-6)  # for the same character thrice in a row
UNEXPECTED = np.float32(-2)  # for what the ear does not expect at the end of a line


def rhymes_left(template: VerseTemplate, group: int, characters: Characters) -> set[str]:
    """The names of the rhymes that a group can take, with what is fixed."""
    book = rhyme_book()
    places = [s for s in template.slots if s.rhyme == group and not s.may_rhyme]
    names: set[str] | None = None
    for slot in places:
        if slot.fixed:
            found = {n for n, tone in book.keys(template.book, slot.fixed) if tone == slot.tone}
        else:
            found = _rich(template.book, slot.tone, len(places) + SPARE_RHYMES, book, characters)
        names = found if names is None else names & found
    return names or set()


def _rich(
    book_name: str, tone: str, least: int, book: RhymeBook, characters: Characters
) -> set[str]:
    """The rhymes that have at least `least` of the characters."""
    key, counts = (book_name, tone), characters.rhyme_counts
    if key not in counts:
        table = book.classes if book_name == "classes" else book.parts
        counts[key] = Counter(n for c in characters.texts for n, t in table.get(c, ()) if t == tone)
    return {name for name, n in counts[key].items() if n >= least}


class TemplateConstraint:
    """One work in a template whose rhyme groups all have words (see `requirements`)."""

    def __init__(self, template: VerseTemplate, characters: Characters) -> None:
        self.template, self.characters, self.book = template, characters, rhyme_book()
        groups = {s.rhyme for s in template.slots if s.rhyme >= 0}
        self.names = {g: rhymes_left(template, g, characters) for g in groups}
        self.used = {s.fixed for s in template.slots if s.rhyme >= 0 and s.fixed}
        self.preferred: set[str] = set()  # the rhymes of a first line that may rhyme
        self.written: list[str] = []
        self.marks: dict[int, str] = {}
        self.done = False

    def copy(self) -> Self:
        twin = copy.copy(self)
        twin.names, twin.used = dict(self.names), set(self.used)
        twin.written, twin.marks = list(self.written), dict(self.marks)
        return twin

    @property
    def _slot(self) -> Slot:
        return self.template.slots[len(self.written)]

    @property
    def _at_mark(self) -> bool:
        last = len(self.written) - 1
        return last in self.template.marks and last not in self.marks

    def options(self) -> list[Option]:
        if self._at_mark:
            return [marks_choice(self.template.marks[len(self.written) - 1])]
        if character := self._fixed_character():
            return [FixedText(character)]
        choice = self._characters(self._slot)
        if len(self.written) > 1 and self.written[-1] == self.written[-2]:
            bias = choice.bias.copy()
            if (place := self.characters.index.get(self.written[-1])) is not None:
                bias[place] += THIRD_TIME
            return [Choice(self.characters, bias, uniform=choice.uniform)]
        return [choice]

    def _characters(self, slot: Slot) -> Choice:
        known, book = self.characters, self.book
        if slot.rhyme >= 0 and not slot.may_rhyme:
            return Choice(known, self._rhyme_bias(slot))
        uniform = slot.rhyme < 0
        if slot.tone != FREE:
            key, make = ("tone", slot.tone, uniform), lambda: known.only(book.of_tone(slot.tone))
        elif slot.soft_tone != FREE:
            key, make = ("soft tone", slot.soft_tone, uniform), lambda: self._soft(slot.soft_tone)
        else:
            key, make = ("any", uniform), lambda: known.only(known.texts)
        return known.choice(key, make, uniform=uniform)

    def _soft(self, tone: str) -> np.ndarray:
        """(W,): any character, but those of another tone are less likely."""
        return np.where(self.characters.only(self.book.of_tone(tone)) == 0, 0, UNEXPECTED)

    def _rhyme_bias(self, slot: Slot) -> np.ndarray:
        """(W,): what rhymes and is not among the rhymes yet; a rhyme of the first line first."""
        names = frozenset(self.names[slot.rhyme])
        bias = self._members(names, slot.tone).copy()
        preferred = names & self.preferred
        if preferred and preferred != names:
            bias += UNEXPECTED
            near = self._members(frozenset(preferred), slot.tone)
            np.copyto(bias, 0, where=near == 0)
        index = self.characters.index
        bias[[index[c] for c in self.used if c in index]] = NEVER
        return bias

    def _members(self, names: frozenset[str], tone: str) -> np.ndarray:
        book, members = self.template.book, self.book.members
        return self.characters.kept(
            ("rhyme", book, names, tone),
            lambda: self.characters.only(c for n in names for c in members(book, (n, tone))),
        )

    def push(self, unit: str) -> None:
        if self._at_mark:
            self.marks[len(self.written) - 1] = unit
        else:
            if (fixed := self._fixed_character()) and unit != fixed:
                raise ValueError(f"{unit!r} was not allowed")
            self._write(unit)
        self.done = len(self.written) == len(self.template.slots) and not self._at_mark

    def _write(self, character: str) -> None:
        slot = self._slot
        if slot.rhyme >= 0:
            found = {
                n for n, t in self.book.keys(self.template.book, character) if t == (slot.tone or t)
            }
            if slot.may_rhyme:
                self.preferred = found
            else:
                self.names[slot.rhyme] = self.names[slot.rhyme] & found
            self.used.add(character)
        self.written.append(character)

    def _fixed_character(self) -> str:
        """The character that must stand in the slot; empty where there is none."""
        slot = self._slot
        return self.written[slot.copy_of] if slot.copy_of >= 0 else slot.fixed

    def text(self) -> str:
        """A line of verse a line, an empty line between stanzas."""
        parts: list[str] = []
        for i, character in enumerate(self.written):
            parts.append(character + self.marks.get(i, ""))
            if i in self.template.breaks:
                parts.append(
                    "\n\n" if self.template.slots[i].line in self.template.stanza_ends else "\n"
                )
        return "".join(parts).strip()
