"""English without metre: prose and free verse, ended where a sentence ends.

Every unit is a word, a part of one or a mark, so that the text can always be counted and ended.
A word of `LONGEST` letters takes no more of them; a sentence that is overdue takes no new word.
"""

import copy
import re
from string import ascii_letters
from typing import Self

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.constraint import FixedText, Fragment, Option
from engine.media.text.forms.metre import capitalised
from engine.protocol import TextBrief

LENGTHS = {"prose": 120, "free verse": 80, "": 120}  # words
PATIENCE = 40  # words after the length before the sentence must end
LETTERS = ascii_letters + "'"
LONGEST = 18  # letters of a word
LINE_WORDS = (2, 12)  # of free verse
LINE_NATS = 3.0  # what a line break loses when lines are to be twice as long
DUE_WORDS = 10  # a keyword waits for a mark so long
ENDS = (".", "!", "?")
ABBREVIATED = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Dr|St|Messrs)\.$")


LETTERS_ON = Fragment("[a-z]+|'[a-z]*", uniform=True)  # go on with a word
BEGINS = Fragment("[A-Za-z]+", uniform=True)
CAPITALS = Fragment("[A-Z][a-z]*", uniform=True)
SPACED = Fragment(" '?[A-Za-z]*", uniform=True)  # end a word and begin another
NEW_SENTENCE = Fragment(" [A-Z][a-z]*| ", uniform=True)
MARKS = Fragment("[,;:]|--?")
END_MARKS = Fragment("[.!?]")


class OpenEnglishConstraint:
    """A paragraph, or lines of free verse with or without an acrostic.

    goes_on: something stands before it, in the same paragraph.
    """

    def __init__(
        self,
        brief: TextBrief,
        rng: np.random.Generator,
        *,
        goes_on: bool = False,
    ) -> None:
        self.goes_on = goes_on
        self.lined = brief.form == "free verse" or bool(brief.acrostic)
        self.acrostic = brief.acrostic.lower()
        self.line_words = max(LINE_WORDS[0], round(brief.line * LINE_WORDS[1]))
        self.newline = Fragment("\n", bias=float(0.0 - LINE_NATS * np.log2(brief.line)))
        self.length = 0 if self.acrostic else brief.length or LENGTHS[brief.form]
        self.body = ""
        self.done = False
        self.closed = False  # the last word takes no more letters
        self.fixed = ""  # must come now
        self._schedule(brief, rng)
        self._open(tidy_prompt(brief.prompt, self.lined))

    def _schedule(self, brief: TextBrief, rng: np.random.Generator) -> None:
        """When each keyword comes: after so many words, or in which line of an acrostic."""
        words = list(dict.fromkeys(brief.keywords))
        words = [words[i] for i in rng.permutation(len(words))]
        span = max(1, len(self.acrostic) * LINE_WORDS[0] if self.acrostic else self.length - 10)
        self.waiting = list(zip(sorted(rng.integers(1, span + 1, len(words))), words, strict=True))

    def _open(self, prompt: str) -> None:
        if self.acrostic:
            firsts = [line[0].lower() for line in prompt.split("\n") if line]
            if not self.acrostic.startswith("".join(firsts)):
                raise BadInput("acrostic_prompt")
        if len(prompt.split()) > max(self.length, 8 * len(self.acrostic)):
            raise BadInput("prompt_long", most=max(self.length, 8 * len(self.acrostic)))
        self.waiting = [(n, w) for n, w in self.waiting if not holds(prompt, w)]
        self.fixed = prompt

    def copy(self) -> Self:
        twin = copy.copy(self)
        twin.waiting = list(self.waiting)
        return twin

    # ---- what may come -------------------------------------------------------------------------

    def options(self) -> list[Option]:
        if self.fixed:
            return [FixedText(self.fixed)]
        if not self.body and self.goes_on:
            return [NEW_SENTENCE]
        if self.body[-1:] in ("", "\n"):
            initial = self._next_initial()
            return [_begun_by(initial) if initial else CAPITALS]
        if self.body[-1] in " -'":
            return [BEGINS]
        if self.body[-1] in ENDS:
            return self._new_word(NEW_SENTENCE)
        if self.body[-1] in ",;:":
            return self._new_word(SPACED)
        return self._after_letter()

    def _after_letter(self) -> list[Option]:
        """Within or after a word."""
        overdue = self._overdue()
        found: list[Option] = [END_MARKS]
        if not overdue:
            found.append(MARKS)
        if not self.closed and self._letters() < LONGEST:
            found.append(LETTERS_ON)
        if not (overdue or self._word_due(DUE_WORDS) or self._line_full()):
            found.append(SPACED)
        if self._may_break():
            found.append(self.newline)
        return found

    def _new_word(self, words: Fragment) -> list[Option]:
        """After a mark: one of these, or a new line."""
        if self._line_full():
            return [self.newline]
        return [words, self.newline] if self._may_break() else [words]

    def _next_initial(self) -> str:
        return self.acrostic[self._line()] if self.acrostic else ""

    def _line(self) -> int:
        return self.body.count("\n")

    def _letters(self) -> int:
        return len(self.body) - len(self.body.rstrip(LETTERS))

    def _words(self) -> int:
        return len(self.body.split())

    def _words_in_line(self) -> int:
        return len(self.body[self.body.rfind("\n") + 1 :].split())

    def _last_line(self) -> bool:
        return bool(self.acrostic) and self._line() == len(self.acrostic) - 1

    def _may_break(self) -> bool:
        return self.lined and not self._last_line() and self._words_in_line() >= LINE_WORDS[0]

    def _line_full(self) -> bool:
        full = self.lined and self._words_in_line() >= self.line_words
        return full and not self._last_line()

    def _overdue(self) -> bool:
        if self.acrostic:
            return self._last_line() and self._words_in_line() >= self.line_words
        return self._words() >= self.length + PATIENCE and not self.waiting

    def _word_due(self, late: int = 0) -> bool:
        if not self.waiting:
            return False
        if self._last_line() and self._words_in_line() >= LINE_WORDS[0]:
            return True
        return self._words() >= self.waiting[0][0] + late

    # ---- what came -----------------------------------------------------------------------------

    def push(self, unit: str) -> None:
        if self.fixed and unit != self.fixed:
            raise ValueError(f"{unit!r} was not allowed")
        self.closed = bool(self.fixed)
        self.fixed = ""
        self.body += unit
        self._settle()

    def _settle(self) -> None:
        """After each unit: is the work complete, and must a keyword come?"""
        if self.body[-1] in ENDS and self._ended():
            self.done = True
        elif self.body[-1] in (*ENDS, *",;:") and self._word_due():
            word = self.waiting.pop(0)[1]
            self.fixed = " " + (capitalised(word) if self.body[-1] in ENDS else word)

    def _ended(self) -> bool:
        if self.waiting or (ABBREVIATED.search(self.body) and not self._overdue()):
            return False
        if self.acrostic:
            return self._last_line() and self._words_in_line() >= LINE_WORDS[0]
        return self._words() >= self.length

    def text(self) -> str:
        return self.body


def _begun_by(letter: str) -> Fragment:
    """A word, or the beginning of one, with this letter as a capital."""
    return Fragment(f"{letter.upper()}[a-z]*", uniform=True)


def tidy_prompt(prompt: str, lined: bool) -> str:
    """Straight marks, single spaces; line breaks only where the form has lines."""
    text = prompt.translate(str.maketrans("’‘“”", "''\"\"")).strip()
    lines = [" ".join(line.split()) for line in text.splitlines() if line.split()]
    return ("\n" if lined else " ").join(lines)


def holds(text: str, word: str) -> bool:
    """Whether the word stands in the text by itself, in any case."""
    return bool(re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", text, re.IGNORECASE))
