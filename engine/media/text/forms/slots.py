"""Writing a Chinese plan: the rule that keeps every slot, and what may rhyme with what."""

from collections import Counter

import numpy as np

from engine.media.text.forms.plan import FREE, Plan, Slot
from engine.media.text.forms.rhymes import RhymeBook, rhyme_book
from engine.media.text.forms.rule import NEVER, Vocabulary

SPARE_RHYMES = 6  # a rhyme is used where it has so many more words than the form needs
THIRD_TIME = np.float32(-6)  # for the same character thrice in a row
UNLEANED = np.float32(-2)  # for what the ear does not expect at a line end


def rhymes_left(plan: Plan, group: int, vocabulary: Vocabulary) -> set[str]:
    """The names of the rhymes that a group can take, with what is fixed."""
    book = rhyme_book()
    places = [s for s in plan.slots if s.rhyme == group and not s.may_rhyme]
    names: set[str] | None = None
    for slot in places:
        if slot.fixed:
            found = {n for n, tone in book.keys(plan.book, slot.fixed) if tone == slot.tone}
        else:
            found = _rich(plan.book, slot.tone, len(places) + SPARE_RHYMES, book, vocabulary)
        names = found if names is None else names & found
    return names or set()


def _rich(book_name: str, tone: str, least: int, book: RhymeBook, v: Vocabulary) -> set[str]:
    """The rhymes of which `least` characters are single tokens."""
    key = (book_name, tone)
    if key not in v.counts:
        table = book.classes if book_name == "classes" else book.parts
        v.counts[key] = Counter(n for c in v.characters for n, t in table.get(c, ()) if t == tone)
    return {name for name, n in v.counts[key].items() if n >= least}


class SlotRule:
    """Writes one work into a plan whose rhyme groups all have words (see `wishes`)."""

    def __init__(self, plan: Plan, vocabulary: Vocabulary) -> None:
        self.plan, self.vocabulary, self.book = plan, vocabulary, rhyme_book()
        groups = {s.rhyme for s in plan.slots if s.rhyme >= 0}
        self.names = {g: rhymes_left(plan, g, vocabulary) for g in groups}
        self.used = {s.fixed for s in plan.slots if s.rhyme >= 0 and s.fixed}
        self.leaning: set[str] = set()  # the rhymes of a first line that may rhyme
        self.written: list[str] = []
        self.marks: dict[int, str] = {}
        self.queue: list[int] = []
        self.done = False
        self._prepare()

    @property
    def _slot(self) -> Slot:
        return self.plan.slots[len(self.written)]

    @property
    def _at_mark(self) -> bool:
        last = len(self.written) - 1
        return last in self.plan.marks and last not in self.marks

    def allowed(self) -> np.ndarray:
        """(V,) bias; the caller leaves it as it is."""
        if self.queue:
            return self.vocabulary.forced(self.queue[0])
        if self._at_mark:
            marks = self.plan.marks[len(self.written) - 1]
            return self.vocabulary.bias(("marks", marks), lambda: marks)
        bias = self._character_bias(self._slot)
        if len(self.written) > 1 and self.written[-1] == self.written[-2]:
            bias = bias.copy()
            bias[self.vocabulary.characters.get(self.written[-1], 0)] += THIRD_TIME
        return bias

    def _character_bias(self, slot: Slot) -> np.ndarray:
        v, book = self.vocabulary, self.book
        if slot.rhyme >= 0 and not slot.may_rhyme:
            return self._rhyme_bias(slot)
        if slot.tone != FREE:
            return v.bias(("tone", slot.tone), lambda: book.of_tone(slot.tone))
        bias = v.bias("any", lambda: v.characters)
        if slot.soft_tone == FREE:
            return bias
        better = v.bias(("tone", slot.soft_tone), lambda: book.of_tone(slot.soft_tone))
        key = ("rather", slot.soft_tone)
        return v.kept(key, lambda: np.where(better == 0, bias, bias + UNLEANED))

    def _rhyme_bias(self, slot: Slot) -> np.ndarray:
        names = frozenset(self.names[slot.rhyme])
        bias = self._members(names, slot.tone).copy()
        leaning = names & self.leaning
        if leaning and leaning != names:
            bias += UNLEANED
            near = self._members(frozenset(leaning), slot.tone)
            np.copyto(bias, 0, where=near == 0)
        taken = [
            self.vocabulary.characters[c] for c in self.used if c in self.vocabulary.characters
        ]
        bias[taken] = NEVER
        return bias

    def _members(self, names: frozenset[str], tone: str) -> np.ndarray:
        return self.vocabulary.bias(
            ("rhyme", self.plan.book, names, tone),
            lambda: [c for n in names for c in self.book.members(self.plan.book, (n, tone))],
        )

    def push(self, token: int) -> None:
        if self.queue:
            if token != self.queue.pop(0):
                raise ValueError("that token was not allowed")
            if not self.queue:
                self._write(self._forced_character())
        elif self._at_mark:
            self.marks[len(self.written) - 1] = self.vocabulary.pieces[token]
        else:
            self._write(self.vocabulary.pieces[token])
        self._prepare()

    def _write(self, character: str) -> None:
        slot = self._slot
        if slot.rhyme >= 0:
            found = {
                n for n, t in self.book.keys(self.plan.book, character) if t == (slot.tone or t)
            }
            if slot.may_rhyme:
                self.leaning = found
            else:
                self.names[slot.rhyme] &= found
            self.used.add(character)
        self.written.append(character)

    def _prepare(self) -> None:
        """Is it complete? Else queue the tokens of a character that must come."""
        if self.queue or self._at_mark:
            return
        self.done = len(self.written) == len(self.plan.slots)
        if not self.done and (character := self._forced_character()):
            self.queue = self.vocabulary.tokens.encode(character)

    def _forced_character(self) -> str:
        slot = self._slot
        return self.written[slot.copy_of] if slot.copy_of >= 0 else slot.fixed

    def text(self) -> str:
        """A line of verse a line, an empty line between stanzas."""
        parts: list[str] = []
        for i, character in enumerate(self.written):
            parts.append(character + self.marks.get(i, ""))
            if i in self.plan.breaks:
                parts.append("\n\n" if self.plan.slots[i].line in self.plan.stanza_ends else "\n")
        return "".join(parts).strip()
