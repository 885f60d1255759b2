"""A work without a form of its own: as long as the references, in as many lines, properly ended.

It is a rule as `drafts` has them: masks over the vocabulary, token by token.
Legend: V vocabulary; a bias (V,) is float32, 0 or a number of nats, -inf for what may not come.
"""

import copy

import numpy as np

from engine.media.text.generators.causal_lm.base import Tokens
from engine.media.text.generators.causal_lm.manner import Manner
from engine.media.text.generators.causal_lm.pieces import (
    ENDS,
    PAUSES,
    Pieces,
    ends_sentence,
    with_quotes_closed,
)
from engine.media.text.generators.causal_lm.prompt import SEPARATOR
from engine.media.text.generators.causal_lm.verse import Steering

NEVER = np.float32(-np.inf)
LATE = 6.0  # nats that a line break or an end gains, for each length of the references over theirs
OVERLONG = 1.5  # of the longest allowed: a work that has no end by then is cut at a sentence, or
# where it has none that is long enough, ends with the next mark


class OpenRule:
    """One work being written. `text()` is what of it stands; `done` after its end.

    failed: it came to no end at all, for want of a mark.
    """

    def __init__(
        self,
        tokens: Tokens,
        pieces: Pieces,
        manner: Manner,
        prompt: str = "",
        steering: Steering | None = None,
    ) -> None:
        self.tokens, self.pieces, self.manner, self.steering = tokens, pieces, manner, steering
        self.done, self.failed = False, False
        self.body = ""
        self._queue = tokens.encode(prompt) if prompt else []
        self._closing = False  # only a mark that ends the sentence may come
        self._bytes: list[int] = []  # of a character that is not whole yet
        odd = pieces.odd_beside(manner.signs)
        if not manner.accented:
            odd = odd | pieces.accented
        if steering:
            odd = odd | steering.never
        self._base = np.where(odd, NEVER, np.float32(0))

    # ---- what may come -------------------------------------------------------------------------

    def allowed(self) -> np.ndarray:
        """(V,) bias."""
        if self._queue:
            return self._only([self._queue[0]])
        if self._bytes:
            return np.where(self.pieces.partial, np.float32(0), NEVER)
        if self._closing:
            return np.where(self.pieces.ends, np.float32(0), NEVER)
        bias = self._base.copy()
        breaks = self.pieces.breaks
        if not self.body:
            bias[breaks > 0] = NEVER
            bias[self.pieces.spaced] = NEVER
            bias[self.pieces.rules] = NEVER
            return bias
        tail = len(self.body) - len(self.body.rstrip("\n"))
        if self.body[-1] in PAUSES + "\n":
            bias[self.pieces.stops] = NEVER
        if self.body[-1] == " ":
            bias[self.pieces.spaced & (breaks == 0)] = NEVER
        self._limit_breaks(bias, tail)
        if not self._may_end():
            bias[self.pieces.rules] = NEVER
        elif tail >= 2:
            bias[self.pieces.rules] += self._lateness() * LATE
        if self.steering and (led := self.steering.bias(self.body)) is not None:
            bias += led
        return bias

    def _limit_breaks(self, bias: np.ndarray, tail: int) -> None:
        """As many line breaks in a row as may stand here."""
        breaks, may_end = self.pieces.breaks, self._may_end()
        if tail >= 2 or (tail == 1 and not (may_end or self.manner.stanzas)):
            bias[breaks > 0] = NEVER
        elif tail == 1:
            bias[breaks > 1] = NEVER
        elif may_end:
            bias[breaks > 2] = NEVER
            if self._lines() >= self.manner.lines[1]:
                bias[breaks == 1] = NEVER
            bias[breaks == 2] += self._lateness() * LATE
        else:
            most = 1 if self._lines() < self.manner.lines[1] else 0
            if self.manner.stanzas and most:
                most = 2
            bias[breaks > most] = NEVER
            if most and self._line_is_long():
                bias[breaks == 1] += LATE
        if tail >= 2 and may_end and not self.manner.stanzas:
            bias[~self.pieces.rules] = NEVER

    def _line_is_long(self) -> bool:
        return self.manner.lines[0] > 1 and self._line_characters() > self.manner.line

    def _may_end(self) -> bool:
        text = self.body.rstrip("\n")
        if len(text) < self.manner.characters[0] or self._lines() < self.manner.lines[0]:
            return False
        return ends_sentence(text) or not self.manner.closed

    def _lateness(self) -> float:
        """0 up to the longest that a work should be, 1 at twice that."""
        return max(0.0, len(self.body) / self.manner.characters[1] - 0.8)

    def _lines(self) -> int:
        return sum(bool(line) for line in self.body.split("\n"))

    def _line_characters(self) -> int:
        return len(self.body) - self.body.rfind("\n") - 1

    def _only(self, ids: list[int]) -> np.ndarray:
        bias = np.full(self.tokens.size, NEVER, np.float32)
        bias[ids] = 0
        return bias

    # ---- what came -----------------------------------------------------------------------------

    def text_of(self, token: int) -> str:
        return self.pieces.texts[token]

    def push(self, token: int) -> None:
        if self._queue:
            self._queue.pop(0)
        if self.pieces.partial[token]:
            self._bytes.append(token)
            text = self.tokens.decode(self._bytes)
            if "\ufffd" in text and len(self._bytes) < 4:
                return
            self._bytes, piece = [], text.replace("\ufffd", "")
        else:
            piece = self.pieces.texts[token]
        self.body += piece
        self._settle(token)

    def _settle(self, token: int) -> None:
        if self.pieces.rules[token] and self.body.rstrip()[-1:] == SEPARATOR.strip()[0]:
            self.body = self.body.rstrip().rstrip(SEPARATOR.strip()[0]).rstrip()
            self.done = True
        elif self._closing:
            self.body, self.done = self.body.rstrip(), True
        elif len(self.body) > OVERLONG * self.manner.characters[1]:
            self._cut()
        elif self._line_is_long() and self._lines() >= self.manner.lines[1]:
            self._closing = bool(self.pieces.ends.any())

    def _cut(self) -> None:
        """Back to the last sentence that ends a work; without one, the next mark ends it."""
        for at in range(len(self.body), 0, -1):
            whole = self.body[:at].rstrip()
            if len(whole) < self.manner.characters[0]:
                break
            at_end = at == len(self.body) or self.body[at].isspace() or self.body[at - 1] in ENDS
            if at_end and (ends_sentence(whole) or not self.manner.closed):
                self.body, self.done = whole, True
                return
        self.body = self.body.rstrip(PAUSES + " \n")
        self._closing = bool(self.pieces.ends.any())
        self.done = self.failed = not self._closing

    def text(self) -> str:
        body = self.body.rstrip().removesuffix(SEPARATOR.strip()).rstrip()
        return with_quotes_closed(body) if self.done else body

    def copy(self) -> "OpenRule":
        twin = copy.copy(self)
        twin._queue, twin._bytes = [*self._queue], [*self._bytes]
        return twin
