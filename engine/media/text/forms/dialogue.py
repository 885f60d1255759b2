"""Dialogue in the notation of the plays: a name, a point, a line break, a speech; an empty line.

    Ham.
    Whose grave is this? I would know.

    Clo.
    Mine, sir.

The artist reads `HAM. Whose grave is this? …`, a turn a paragraph.
"""

import re
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from engine.media.text.forms.open_english import ProseRule, holds, pieces_of, tidy_prompt
from engine.media.text.forms.rule import Vocabulary
from engine.messages import TextBrief

LENGTH = 120  # words
NAME_LETTERS = (2, 12)
CAST = 3  # speakers at most
TURN_WORDS = (8, 60)  # a turn of so many words ends with its sentence
NAMED = re.compile(r"([A-Za-z]{2,12})\.\s+(.*)", re.DOTALL)


class DialogueRule:
    """Turns of two or three speakers, never two turns of one; names as they come."""

    def __init__(self, brief: TextBrief, vocabulary: Vocabulary, rng: np.random.Generator) -> None:
        self.vocabulary, self.pieces = vocabulary, pieces_of(vocabulary)
        self.brief, self.rng = brief, rng
        self.length = brief.length or LENGTH
        low, high = TURN_WORDS
        self.turn_words = max(low, min(high, self.length // 2))
        self.turns: list[tuple[str, list[ProseRule]]] = []
        self.name = ""
        self._new_turn = True  # a name is being written
        self.done = False
        named = NAMED.fullmatch(tidy_prompt(brief.prompt, False))
        self.prompt = named[2] if named else tidy_prompt(brief.prompt, False)
        self.queue = vocabulary.tokens.encode(f"{named[1].capitalize()}.\n") if named else []
        words = [w for w in dict.fromkeys(brief.keywords) if not holds(self.prompt, w)]
        places = sorted(rng.integers(0, max(1, self.length - 10), len(words)).tolist())
        self.waiting = list(zip(places, rng.permutation(words).tolist(), strict=True))

    @property
    def sentence(self) -> ProseRule | None:
        """The sentence being written; none while a name is, or between turns."""
        return self.turns[-1][1][-1] if self.turns and not self.name else None

    def allowed(self) -> np.ndarray:
        """(V,) bias; the caller leaves it as it is."""
        if self.queue:
            return self.vocabulary.forced(self.queue[0])
        if self._new_turn or self.sentence is None:
            return self.vocabulary.only(self._name_tokens())
        if not self.sentence.done:
            return self.sentence.allowed()
        bias = self.vocabulary.forced(self.vocabulary.tokens.encode("\n\n")[0])
        if not self._turn_over():
            bias = np.where(self.pieces.new_sentence, np.float32(0), bias)
        return bias

    def _turn_over(self) -> bool:
        words = sum(len(s.body.split()) for s in self.turns[-1][1])
        alone = len(self.turns) == 1 and self._words() >= self.length
        return words >= self.turn_words or alone

    def _words(self) -> int:
        return sum(len(s.body.split()) for _, speech in self.turns for s in speech)

    # ---- names ---------------------------------------------------------------------------------

    def _name_tokens(self) -> list[int]:
        """What goes on with a name: letters, a point; of the cast once it is whole."""
        last = self.turns[-1][0] if self.turns else ""
        cast = {name for name, _ in self.turns}
        if len(cast) >= CAST:
            rests = [n[len(self.name) :] for n in cast - {last} if n.startswith(self.name)]
            known = self._token_of
            return [
                known[rest[:i]]
                for rest in (r + "." for r in rests)
                for i in range(1, len(rest) + 1)
                if rest[:i] in known
            ]
        low, high = NAME_LETTERS
        found = []
        if len(self.name) >= low and self.name != last:
            found.append(self._token_of["."])
        if not self.name:
            found += np.flatnonzero(self.pieces.capitals).tolist()
        elif len(self.name) < high or self.name == last:
            found += self._small
        return found

    @property
    def _token_of(self) -> dict[str, int]:
        if self.vocabulary not in _tables:
            names = {t: i for i, t in self.vocabulary.pieces.items() if t.isascii()}
            small = [i for t, i in names.items() if t.isalpha() and t.islower()]
            _tables[self.vocabulary] = names, small
        return _tables[self.vocabulary][0]

    @property
    def _small(self) -> list[int]:
        return _tables[self.vocabulary][1] if self._token_of else []

    # ---- what came -----------------------------------------------------------------------------

    def push(self, token: int) -> None:
        if self.queue:
            if token != self.queue.pop(0):
                raise ValueError("that token was not allowed")
            text = self.vocabulary.pieces[token]
            self.name += text.strip("\n.")
            if not self.queue:
                self._begin_speech()
        elif self._new_turn:
            text = self.vocabulary.pieces[token]
            self.name += text
            if text == ".":
                self.name = self.name[:-1]
                self.queue = self.vocabulary.tokens.encode("\n")
        else:
            self._push_speech(token)

    def _begin_speech(self) -> None:
        prompt = "" if self.turns else self.prompt
        self.turns.append((self.name, [self._sentence(prompt, goes_on=False)]))
        self.name, self._new_turn = "", False

    def _sentence(self, prompt: str, *, goes_on: bool) -> ProseRule:
        """One sentence more, with the next keyword where its time has come."""
        words = ()
        if self.waiting and self.waiting[0][0] <= self._words():
            words = (self.waiting.pop(0)[1],)
        length = max(1, len(prompt.split()))
        brief = replace(self.brief, form="prose", prompt=prompt, keywords=words, length=length)
        return ProseRule(brief, self.vocabulary, self.rng, goes_on=goes_on)

    def _push_speech(self, token: int) -> None:
        assert self.sentence is not None
        if not self.sentence.done:
            self.sentence.push(token)
        elif self.vocabulary.pieces[token] == "\n\n":
            self._new_turn = True
        else:
            self.turns[-1][1].append(self._sentence("", goes_on=True))
            self.sentence.push(token)
        if self._new_turn or not self.sentence.done:
            return
        enough = self._words() >= self.length and not self.waiting
        self.done = enough and len(self.turns) > 1

    def text(self) -> str:
        """A turn a paragraph, names in capitals."""
        turns = [
            f"{name.upper()}. {''.join(s.body for s in speech)}" for name, speech in self.turns
        ]
        return "\n\n".join(turns)


_tables: WeakKeyDictionary[Vocabulary, tuple[dict[str, int], list[int]]] = WeakKeyDictionary()
