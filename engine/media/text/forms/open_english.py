"""English without metre: prose and free verse, ended where a sentence ends.

Every token is a word, a part of one or a mark, so that the text can always be counted and ended.
A word of `LONGEST` letters takes no more of them; a sentence that is overdue takes no new word.
"""

import re
from string import ascii_letters
from weakref import WeakKeyDictionary

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.metre import capitalised
from engine.media.text.forms.rule import NEVER, Vocabulary
from engine.messages import TextBrief

LENGTHS = {"prose": 120, "free verse": 80, "": 120}  # words
PATIENCE = 40  # words after the length before the sentence must end
LETTERS = ascii_letters + "'"
LONGEST = 18  # letters of a word
LINE_WORDS = (2, 12)  # of free verse
LINE_NATS = 3.0  # what a line break loses when lines are to be twice as long
DUE_WORDS = 10  # a keyword waits for a mark so long
PIECE = re.compile(r" ?'?[A-Za-z]+| ?'|[,;:.!?]| |--?")
ENDS = (".", "!", "?")
ABBREVIATED = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Dr|St|Messrs)\.$")


class Pieces:
    """The vocabulary by what a piece does: (V,) bool each."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        texts = [vocabulary.pieces.get(i, "") for i in range(vocabulary.size)]

        def those(pattern: str) -> np.ndarray:
            found = re.compile(pattern)
            return np.array([bool(PIECE.fullmatch(t) and found.fullmatch(t)) for t in texts])

        self.letters = those(r"[a-z]+|'[a-z]*")  # go on with a word
        self.begins = those(r"[A-Za-z]+")
        self.capitals = those(r"[A-Z][a-z]*")
        self.spaced = those(r" .*| ")  # end a word and begin another
        self.new_sentence = those(r" [A-Z][a-z]*| ")
        self.marks = those(r"[,;:]|--?")
        self.ends = those(r"[.!?]")
        self.initials = {
            letter: those(f"[{letter.upper()}][a-z]*") for letter in "abcdefghijklmnopqrstuvwxyz"
        }
        self.newline = np.zeros(vocabulary.size, bool)
        self.newline[vocabulary.tokens.encode("\n")] = True


_pieces: WeakKeyDictionary[Vocabulary, Pieces] = WeakKeyDictionary()


def pieces_of(vocabulary: Vocabulary) -> Pieces:
    if vocabulary not in _pieces:
        _pieces[vocabulary] = Pieces(vocabulary)
    return _pieces[vocabulary]


class ProseRule:
    """A paragraph, or lines of free verse with or without an acrostic.

    goes_on: something stands before it, in the same paragraph.
    """

    def __init__(
        self,
        brief: TextBrief,
        vocabulary: Vocabulary,
        rng: np.random.Generator,
        *,
        goes_on: bool = False,
    ) -> None:
        self.goes_on = goes_on
        self.vocabulary, self.pieces = vocabulary, pieces_of(vocabulary)
        self.lined = brief.form == "free verse" or bool(brief.acrostic)
        self.acrostic = brief.acrostic.lower()
        self.line_words = max(LINE_WORDS[0], round(brief.line * LINE_WORDS[1]))
        self.break_bias = np.float32(-LINE_NATS * np.log2(brief.line))
        self.length = 0 if self.acrostic else brief.length or LENGTHS[brief.form]
        self.body = ""
        self.done = False
        self.closed = False  # the last word takes no more letters
        self.queue: list[int] = []
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
        self._force(prompt)

    # ---- what may come -------------------------------------------------------------------------

    def allowed(self) -> np.ndarray:
        """(V,) bias; the caller leaves it as it is."""
        if self.queue:
            return self.vocabulary.forced(self.queue[0])
        bias = np.where(self._possible(), np.float32(0), NEVER)
        bias[self.pieces.newline] += self.break_bias
        return bias

    def _possible(self) -> np.ndarray:
        p = self.pieces
        if not self.body and self.goes_on:
            return p.new_sentence
        if self.body[-1:] in ("", "\n"):
            wanted = self._next_initial()
            return p.initials[wanted] if wanted else p.capitals
        if self.body[-1] in " -'":
            return p.begins
        if self.body[-1] in ENDS:
            return self._new_word(p.new_sentence)
        if self.body[-1] in ",;:":
            return self._new_word(p.spaced)
        return self._after_letter()

    def _after_letter(self) -> np.ndarray:
        """Within or after a word."""
        p = self.pieces
        possible = p.ends | p.marks
        if not self.closed and self._letters() < LONGEST:
            possible = possible | p.letters
        if not (self._overdue() or self._word_due(DUE_WORDS) or self._line_full()):
            possible = possible | p.spaced
        if self._overdue():
            possible = possible & ~p.marks
        if self._may_break():
            possible = possible | p.newline
        return possible

    def _new_word(self, words: np.ndarray) -> np.ndarray:
        """After a mark: one of these, or a new line."""
        if self._line_full():
            return self.pieces.newline
        return words | self.pieces.newline if self._may_break() else words

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

    def push(self, token: int) -> None:
        if self.queue:
            if token != self.queue.pop(0):
                raise ValueError("that token was not allowed")
            if not self.queue:
                self.body += self.forced
                self.closed = True
                self._settle()
            return
        self.body += self.vocabulary.pieces[token]
        self.closed = False
        self._settle()

    def _force(self, text: str) -> None:
        self.forced = text
        self.queue = self.vocabulary.tokens.encode(text)

    def _settle(self) -> None:
        """After each piece: is it complete, and must a keyword come?"""
        if self.body[-1] in ENDS and self._ended():
            self.done = True
        elif self.body[-1] in (*ENDS, *",;:") and self._word_due():
            word = self.waiting.pop(0)[1]
            self._force(" " + (capitalised(word) if self.body[-1] in ENDS else word))

    def _ended(self) -> bool:
        if self.waiting or (ABBREVIATED.search(self.body) and not self._overdue()):
            return False
        if self.acrostic:
            return self._last_line() and self._words_in_line() >= LINE_WORDS[0]
        return self._words() >= self.length

    def text(self) -> str:
        return self.body


def tidy_prompt(prompt: str, lined: bool) -> str:
    """Straight marks, single spaces; line breaks only where the form has lines."""
    text = prompt.translate(str.maketrans("’‘“”", "''\"\"")).strip()
    lines = [" ".join(line.split()) for line in text.splitlines() if line.split()]
    return ("\n" if lined else " ").join(lines)


def holds(text: str, word: str) -> bool:
    """Whether the word stands in the text by itself, in any case."""
    return bool(re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", text, re.IGNORECASE))
