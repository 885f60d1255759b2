"""Chinese without a form: phrases and marks, until a sentence ends after the length asked for."""

import copy
from typing import Self

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.constraint import FixedText, Option
from engine.media.text.forms.han import Characters, han, is_han, marks_choice
from engine.protocol import TextBrief

LENGTH = 60
SENTENCE_ENDS = "。？！"
PAUSES = "，；"
MIN_PHRASE, MAX_PHRASE = 3, 14
PATIENCE = 40  # characters after the length before the end is forced


class OpenChineseConstraint:
    """Any character; marks at the ends of phrases of three to fourteen.

    Keywords begin phrases, spread over the length by chance. With an acrostic, the work is as many
    phrases as it has characters. The prompt comes as it is, its marks as the model knows them.
    """

    def __init__(self, brief: TextBrief, characters: Characters, rng: np.random.Generator) -> None:
        self.characters = characters
        self.acrostic = brief.acrostic
        self.length = brief.length or (0 if brief.acrostic else LENGTH)
        self.body = ""
        self.done = False
        self.words = [w for w in dict.fromkeys(brief.keywords) if w not in brief.prompt]
        self.words = [self.words[i] for i in rng.permutation(len(self.words))]
        self.starts = sorted(rng.integers(0, max(1, self.length), len(self.words)).tolist())
        self.pending = self._opening(brief.prompt)  # text that must come next
        room = len(self.acrostic) - len(_phrases(self.pending))
        if self.acrostic and len(self.words) > room:
            raise BadInput("keyword_place", word=self.words[-1])
        self._prepare()

    def copy(self) -> Self:
        twin = copy.copy(self)
        twin.words, twin.starts = list(self.words), list(self.starts)
        return twin

    def _opening(self, prompt: str) -> str:
        opening = plain(prompt)
        phrases = _phrases(opening)
        if self.acrostic and len(phrases) > len(self.acrostic):
            raise BadInput("prompt_lines")
        for phrase, first in zip(phrases, self.acrostic, strict=False):
            if phrase[0] != first:
                raise BadInput("acrostic_prompt")
        if len(phrases) == len(self.acrostic) and opening and not is_han(opening[-1]):
            opening = opening[:-1]  # the last phrase goes on, or ends by itself
        return opening

    @property
    def phrase(self) -> int:
        """Characters since the last mark."""
        return (
            len(self.body)
            - 1
            - max((self.body.rfind(m) for m in PAUSES + SENTENCE_ENDS), default=0)
        )

    @property
    def lines(self) -> int:
        """Phrases begun."""
        return len(_phrases(self.body))

    def options(self) -> list[Option]:
        if self.pending:
            return [FixedText(self.pending[0])]
        known = self.characters
        characters = known.choice("any", lambda: known.only(known.texts), uniform=True)
        if self.phrase < MIN_PHRASE:
            return [characters]
        marks = marks_choice(self._marks())
        if self.phrase >= MAX_PHRASE or (self._ending and self._late):
            return [marks]
        return [characters, marks]

    @property
    def _ending(self) -> bool:
        """Whether the work may end with this phrase."""
        if self.acrostic:
            return self.lines == len(self.acrostic) and not self.words
        return len(han(self.body)) >= self.length and not self.words

    @property
    def _late(self) -> bool:
        return not self.acrostic and len(han(self.body)) >= self.length + PATIENCE

    def _marks(self) -> str:
        if self.acrostic and self.lines == len(self.acrostic):
            return SENTENCE_ENDS
        if self._ending and self._late:
            return SENTENCE_ENDS
        return PAUSES + SENTENCE_ENDS

    def push(self, unit: str) -> None:
        if self.pending:
            if unit != self.pending[0]:
                raise ValueError(f"{unit!r} was not allowed")
            self.pending = self.pending[1:]
        self.body += unit
        self._prepare()

    def _prepare(self) -> None:
        if not self.pending:
            self.pending = self._next()

    def _next(self) -> str:
        """What must come: nothing within a phrase; at its start an acrostic's character, a word."""
        if self.body and is_han(self.body[-1]):
            return self._word() if self.acrostic and self.phrase == 1 else ""
        if self.body and self.body[-1] in SENTENCE_ENDS and self._ending:
            self.done = True
            return ""
        if self.acrostic:
            return self.acrostic[self.lines]
        return self._word()

    def _word(self) -> str:
        """The next keyword, where its time has come."""
        due = self.acrostic or (self.starts and len(han(self.body)) >= self.starts[0])
        if not self.words or not due:
            return ""
        if self.starts:
            self.starts.pop(0)
        return self.words.pop(0)

    def text(self) -> str:
        """A phrase a line where an acrostic is read down; else as it comes."""
        if not self.acrostic:
            return self.body
        return "".join(c if is_han(c) else c + "\n" for c in self.body).strip()


def plain(text: str) -> str:
    """Chinese characters and single marks of the notation; the rest counts as a pause."""
    result = ""
    for character in text.strip().replace("、", "，").replace("：", "，"):
        if is_han(character):
            result += character
        elif result and is_han(result[-1]):
            result += character if character in PAUSES + SENTENCE_ENDS else "，"
    return result


def _phrases(body: str) -> list[str]:
    return "".join(c if is_han(c) else " " for c in body).split()
