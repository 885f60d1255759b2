"""The rule of English verse: which words a line still takes, where it may end, what must rhyme.

A line of `low` to `high` syllables with s of them written takes a word of k that is not its last
where s + k + pending + shortest <= high: `pending` are the syllables of keywords that must still
come in it, `shortest` those of the shortest word that may end it. So no line ever runs dry.
"""

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.metre import SENTENCE_ENDS, Lexicon, Metre
from engine.media.text.forms.rule import NEVER
from engine.media.text.forms.sounds import WEAK, Sound, sound_of, words_in
from engine.media.text.forms.trie import Node, Trie, open_tokens
from engine.media.text.forms.verse_wishes import Keyword

PAUSES = (",", ";", ":")


class VerseRule:
    """Writes one work in a metre."""

    def __init__(
        self, metre: Metre, lexicon: Lexicon, acrostic: str, keywords: dict[int, list[Keyword]]
    ) -> None:
        self.metre, self.lexicon, self.acrostic = metre, lexicon, acrostic.lower()
        self.keywords = keywords  # by line, in the order in which they come
        self.tokens: list[int] = []
        self.queue: list[int] = []
        self.ends: list[tuple[str, Sound]] = []  # the last word of each finished line
        self.last: tuple[str, Sound] = ("", Sound(0, ""))
        self.syllables = 0
        self.mark = ""  # the mark after the last word
        self.node: Node | None = None  # within a word
        self.trie: Trie = lexicon.first
        self.done = False
        self._begin_line()

    @property
    def line(self) -> int:
        return len(self.ends)

    def _begin_line(self) -> None:
        lexicon, line = self.lexicon, self.line
        self.syllables, self.mark, self.last = 0, "", ("", Sound(0, ""))
        self.finals = lexicon.strong  # (W,) the words that may end this line
        if line in self.metre.partners:
            end = self.ends[self.metre.partners[line]][1]
            taken = {word for word, _ in self.ends}
            self.finals = self.finals & lexicon.rhyming(end)
            for i in np.flatnonzero(self.finals):
                self.finals[i] = lexicon.texts[i].lower() not in taken
        elif self.metre.rhymed:
            self.finals = self.finals & lexicon.rhymable
            for _, end in self.ends:
                self.finals &= ~lexicon.rhyming(end)
        self.shortest = int(lexicon.syllables[self.finals].min())
        self._sums: dict[int, np.ndarray] = {}  # syllables so far -> see Trie.running

    # ---- what may come -------------------------------------------------------------------------

    def allowed(self) -> np.ndarray:
        """(V,) bias; the caller leaves it as it is."""
        if self.queue:
            return self.lexicon.vocabulary.forced(self.queue[0])
        bias = np.full(self.lexicon.vocabulary.size, NEVER, np.float32)
        if self.node is None:
            bias[self._following()] = 0
            return bias
        bias[open_tokens(self.node, self._running())] = 0
        if self.node.word >= 0 and self._permitted()[self.node.word]:
            before = self._state()
            self._add_word(self.node.word)
            bias[self._following()] = 0
            self._restore(before)
        return bias

    def _following(self) -> np.ndarray:
        """The tokens that may follow a whole word, a mark or the beginning of a line."""
        lexicon = self.lexicon
        found = []
        if self._may_end():
            if self.mark in SENTENCE_ENDS:
                return np.array([self._break()])
            last = self.line == self.metre.lines - 1
            marks = () if self.mark else SENTENCE_ENDS if last else (*PAUSES, *SENTENCE_ENDS)
            found += [lexicon.marks[m] for m in marks] + ([] if last else [self._break()])
        if self._may_go_on():
            found += [lexicon.marks[m] for m in PAUSES if self.syllables and not self.mark]
            if keyword := self._due():
                return np.array([*found, keyword.tokens[0]])
            trie = lexicon.next if self.syllables else lexicon.first
            return np.concatenate([found, open_tokens(trie.root, self._running(trie))]).astype(int)
        return np.array(found)

    def _break(self) -> int:
        return self._break_after(self.line + 1)

    def _break_after(self, ended: int) -> int:
        """The token that follows so many lines."""
        stanza = self.metre.stanza and ended % self.metre.stanza == 0
        return self.lexicon.stanza_break if stanza else self.lexicon.newline

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
        same = self.finals & self.lexicon.rhyming(sound) if self.metre.rhymed else self.finals
        fresh = not self.metre.rhymed or word not in {end for end, _ in self.ends}
        return bool(same.any()) and fresh

    def _due(self) -> Keyword | None:
        """The keyword that must come now."""
        waiting = self.keywords.get(self.line)
        if waiting and self.syllables and (self.syllables >= waiting[0].after or self._room < 1):
            return waiting[0]
        return None

    def _permitted(self) -> np.ndarray:
        """(W,) bool: the words that may come next."""
        lexicon = self.lexicon
        low, high = (bound - self.syllables for bound in self.metre.syllables[self.line])
        permitted = lexicon.syllables <= self._room
        if not self._pending:
            counts = (lexicon.syllables >= low) & (lexicon.syllables <= high)
            permitted = permitted | (self.finals & counts)
        if self.acrostic and not self.syllables:
            permitted = permitted & (lexicon.initials == self.acrostic[self.line])
        return permitted

    def _running(self, trie: Trie | None = None) -> np.ndarray:
        if self.syllables not in self._sums:
            self._sums[self.syllables] = (trie or self.trie).running(self._permitted())
        return self._sums[self.syllables]

    # ---- what came -----------------------------------------------------------------------------

    def push(self, token: int) -> None:
        self.tokens.append(token)
        if self.queue:
            if token != self.queue.pop(0):
                raise ValueError("that token was not allowed")
            return
        if self.node is not None:
            if (child := self.node.children.get(token)) is not None:
                self.node = child
                return
            self._add_word(self.node.word)
            self.node = None
        self._boundary(token)

    def _boundary(self, token: int) -> None:
        if token in (self.lexicon.newline, self.lexicon.stanza_break):
            self._end_line()
            return
        if mark := self.lexicon.mark_of.get(token):
            self._add_mark(mark)
            return
        if keyword := self._due():
            self.keywords[self.line].pop(0)
            self._add(keyword.text, keyword.sound, keyword.syllables)
            self.queue = list(keyword.tokens[1:])
            self._sums.clear()
            return
        self.trie = self.lexicon.next if self.syllables else self.lexicon.first
        self.node = self.trie.root.children[token]

    def _add_word(self, word: int) -> None:
        added = self.lexicon.words[word]
        self._add(added.text, added.sound, added.sound.syllables)

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

    def _state(self) -> tuple[int, tuple[str, Sound], str]:
        return self.syllables, self.last, self.mark

    def _restore(self, state: tuple[int, tuple[str, Sound], str]) -> None:
        self.syllables, self.last, self.mark = state

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
        text = "".join(
            line + self.lexicon.vocabulary.pieces[self._break_after(i + 1)]
            for i, line in enumerate(lines[:-1])
        )
        self.queue = self.lexicon.vocabulary.tokens.encode(text + lines[-1])

    def _open_line(self, text: str) -> None:
        if self.acrostic and text.lstrip("'")[:1].lower() != self.acrostic[self.line]:
            raise BadInput("acrostic_prompt")
        for word in words_in(text):
            sound = sound_of(word)
            if sound is None:
                raise BadInput("word_unknown", word=word)
            self._add(word, sound, sound.syllables)
        if text[-1] in self.lexicon.marks:
            self._add_mark(text[-1])

    def text(self) -> str:
        return self.lexicon.vocabulary.tokens.decode(self.tokens)
