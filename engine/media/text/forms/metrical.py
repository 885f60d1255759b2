"""English verse under a metre: which words a line still takes, where it may end, what must rhyme.

A line of `low` to `high` syllables with s of them written takes a word of k that is not its last
where s + k + pending + shortest <= high: `pending` are the syllables of keywords that must still
come in it, `shortest` those of the shortest word that may end it. So no line ever runs dry.
"""

import copy
from typing import Self

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.constraint import Choice, FixedText, Option
from engine.media.text.forms.metre import MARKS, PAUSES, SENTENCE_ENDS, Metre, verse_words
from engine.media.text.forms.metrical_requirements import PlacedKeyword
from engine.media.text.forms.sounds import WEAK, Sound, sound_of, words_in


class MetricalConstraint:
    """One work in a metre. Units are words, marks and line breaks."""

    def __init__(
        self, metre: Metre, acrostic: str, keywords: dict[int, list[PlacedKeyword]]
    ) -> None:
        self.metre, self.words, self.acrostic = metre, verse_words(), acrostic.lower()
        self.keywords = keywords  # by line, in the order in which they come
        self.body = ""
        self.fixed = ""  # must come now, and is accounted for
        self.ends: list[tuple[str, Sound]] = []  # the last word of each finished line
        self.last: tuple[str, Sound] = ("", Sound(0, ""))
        self.syllables = 0
        self.mark = ""  # the mark after the last word
        self.done = False
        self._begin_line()

    def copy(self) -> Self:
        twin = copy.copy(self)
        twin.keywords = {line: list(waiting) for line, waiting in self.keywords.items()}
        twin.ends = list(self.ends)
        return twin

    @property
    def line(self) -> int:
        return len(self.ends)

    def _begin_line(self) -> None:
        words, line = self.words, self.line
        self.syllables, self.mark, self.last = 0, "", ("", Sound(0, ""))
        self.finals = words.strong  # (W,) the words that may end this line
        if line in self.metre.partners:
            end = self.ends[self.metre.partners[line]][1]
            taken = {word for word, _ in self.ends}
            self.finals = self.finals & words.rhyming(end)
            for i in np.flatnonzero(self.finals):
                self.finals[i] = words.texts[i].lower() not in taken
        elif self.metre.rhymed:
            self.finals = self.finals & words.rhymable
            for _, end in self.ends:
                self.finals &= ~words.rhyming(end)
        self.shortest = int(words.syllables[self.finals].min())
        self._choices: dict[int, Choice] = {}  # syllables so far -> the words that may come

    # ---- what may come -------------------------------------------------------------------------

    def options(self) -> list[Option]:
        if self.fixed:
            return [FixedText(self.fixed)]
        found: list[Option] = []
        marks: tuple[str, ...] = ()
        if self._may_end():
            last = self.line == self.metre.lines - 1
            if self.mark in SENTENCE_ENDS:
                return [FixedText(self._break())]
            marks = () if self.mark else SENTENCE_ENDS if last else (*PAUSES, *SENTENCE_ENDS)
            found += [] if last else [FixedText(self._break())]
        if self._may_go_on():
            if self.syllables and not self.mark:
                marks = (*PAUSES, *(mark for mark in marks if mark not in PAUSES))
            keyword = self._due()
            found.insert(0, FixedText(f" {keyword.text}") if keyword else self._words_now())
        if marks:
            found.append(MARKS.choice(marks, lambda: MARKS.only(marks), uniform=False))
        return found

    def _break(self) -> str:
        return self._break_after(self.line + 1)

    def _break_after(self, ended: int) -> str:
        """What follows so many lines."""
        return "\n\n" if self.metre.stanza and ended % self.metre.stanza == 0 else "\n"

    @property
    def _pending(self) -> int:
        return sum(k.syllables for k in self.keywords.get(self.line, ()))

    @property
    def _room(self) -> int:
        """Syllables for words before the keywords and the end."""
        high = self.metre.syllables[self.line][1]
        return high - self.syllables - self._pending - self.shortest

    def _may_go_on(self) -> bool:
        return self._room >= 0

    def _may_end(self) -> bool:
        """Whether the line may end with its last word."""
        low, high = self.metre.syllables[self.line]
        word, sound = self.last
        if not low <= self.syllables <= high or self._pending or word in WEAK:
            return False
        same = self.finals & self.words.rhyming(sound) if self.metre.rhymed else self.finals
        fresh = not self.metre.rhymed or word not in {end for end, _ in self.ends}
        return bool(same.any()) and fresh

    def _due(self) -> PlacedKeyword | None:
        """The keyword that must come now."""
        waiting = self.keywords.get(self.line)
        if waiting and self.syllables and (self.syllables >= waiting[0].after or self._room < 1):
            return waiting[0]
        return None

    def _permitted(self) -> np.ndarray:
        """(W,) bool: the words that may come next."""
        words = self.words
        low, high = (bound - self.syllables for bound in self.metre.syllables[self.line])
        permitted = words.syllables <= self._room
        if not self._pending:
            counts = (words.syllables >= low) & (words.syllables <= high)
            permitted = permitted | (self.finals & counts)
        if self.acrostic and not self.syllables:
            permitted = permitted & (words.initials == self.acrostic[self.line])
        return permitted

    def _words_now(self) -> Choice:
        if self.syllables not in self._choices:
            lexicon = self.words.next if self.syllables else self.words.first
            self._choices[self.syllables] = Choice(lexicon, self._permitted())
        return self._choices[self.syllables]

    # ---- what came -----------------------------------------------------------------------------

    def push(self, unit: str) -> None:
        if self.fixed and unit != self.fixed:
            raise ValueError(f"{unit!r} was not allowed")
        self.body += unit
        if self.fixed:
            self.fixed = ""
        elif not unit.strip("\n"):
            self._end_line()
        elif unit in MARKS.index:
            self._add_mark(unit)
        elif keyword := self._due():
            self.keywords[self.line].pop(0)
            self._add(keyword.last, keyword.sound, keyword.syllables)
            self._choices = {}
        else:
            lexicon = self.words.next if self.syllables else self.words.first
            word = self.words.words[lexicon.index[unit]]
            self._add(word.text, word.sound, word.sound.syllables)

    def _add(self, text: str, sound: Sound, syllables: int) -> None:
        self.syllables += syllables
        self.last, self.mark = (text.lower(), sound), ""

    def _add_mark(self, mark: str) -> None:
        ending = mark in SENTENCE_ENDS and self._may_end()
        self.mark = mark
        self.done = ending and self.line == self.metre.lines - 1

    def _end_line(self) -> None:
        self.ends.append(self.last)
        self._begin_line()

    # ---- opening words -------------------------------------------------------------------------

    def open_with(self, prompt: str) -> None:
        """Begin with these words, line by line. Raises BadInput where they break the form."""
        lines = prompt.split("\n")
        for i, text in enumerate(lines):
            if i >= self.metre.lines:
                raise BadInput("prompt_lines")
            self._open_line(text)
            if i < len(lines) - 1:
                if not self._may_end():
                    raise BadInput("prompt_lines")
                self._end_line()
        if self.done or not (self._may_go_on() or self._may_end()):
            raise BadInput("prompt_lines")
        breaks = [self._break_after(i + 1) for i in range(len(lines) - 1)]
        self.fixed = "".join(map("".join, zip(lines, [*breaks, ""], strict=True)))

    def _open_line(self, text: str) -> None:
        if self.acrostic and text.lstrip("'")[:1].lower() != self.acrostic[self.line]:
            raise BadInput("acrostic_prompt")
        for word in words_in(text):
            sound = sound_of(word)
            if sound is None:
                raise BadInput("word_unknown", word=word)
            self._add(word, sound, sound.syllables)
        if text[-1] in MARKS.index:
            self._add_mark(text[-1])

    def text(self) -> str:
        return self.body
