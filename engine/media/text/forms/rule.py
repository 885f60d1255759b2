"""What a rule is, and the vocabulary as a rule sees it: masks over the tokens.

V vocabulary. A bias (V,) is float32: 0 may come, a negative number may come but had better not,
-inf may not.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np

from engine.media.text.generators.maquette_lm.tokens import SPECIALS, Tokens

NEVER = np.float32(-np.inf)
HAN = ("\u3400", "\u9fff")  # most characters; the rarer ones stand beyond the basic plane
RARE = ("\U00020000", "\U0003ffff")


class Rule(Protocol):
    """One work being written, token by token."""

    done: bool  # the work is complete: nothing may follow

    def allowed(self) -> np.ndarray:
        """The bias (V,) of what may come next: never -inf everywhere until done."""
        ...

    def push(self, token: int) -> None:
        """The token that was drawn."""
        ...

    def text(self) -> str:
        """The work as it stands, laid out for people."""
        ...


class Vocabulary:
    """The tokens as texts, and masks that are made once."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.size = tokens.size
        alone = [[i] for i in range(len(SPECIALS), tokens.size)]
        texts = tokens.tokenizer.decode_batch(alone)
        self.pieces: dict[int, str] = {
            ids[0]: text for ids, text in zip(alone, texts, strict=True) if "\ufffd" not in text
        }
        self.counts: dict[Hashable, Counter[str]] = {}  # of what rules count once
        self._biases: dict[Hashable, np.ndarray] = {}

    @cached_property
    def characters(self) -> dict[str, int]:
        """Every Chinese character that is one token."""
        return {text: i for i, text in self.pieces.items() if is_han(text)}

    @cached_property
    def marks(self) -> dict[str, int]:
        return {text: i for i, text in self.pieces.items() if text in tuple("，。？！；、：")}

    def bias(self, key: Hashable, texts: Callable[[], Iterable[str]]) -> np.ndarray:
        """0 for each text that is one Chinese character or mark, -inf elsewhere; kept by key."""
        known = self.characters, self.marks
        return self.kept(key, lambda: self.only(n[t] for t in texts() for n in known if t in n))

    def kept(self, key: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """What `make` made the first time."""
        if key not in self._biases:
            self._biases[key] = make()
        return self._biases[key]

    def only(self, ids: Iterable[int]) -> np.ndarray:
        """(V,) of 0 at the ids, -inf elsewhere."""
        bias = np.full(self.size, NEVER, np.float32)
        bias[list(ids)] = 0
        return bias

    def forced(self, token: int) -> np.ndarray:
        """(V,) for one token that must come."""
        return self.kept(("forced", token), lambda: self.only([token]))


_vocabularies: WeakKeyDictionary[Tokens, Vocabulary] = WeakKeyDictionary()


def vocabulary_of(tokens: Tokens) -> Vocabulary:
    """The same for the same tokens: its masks are shared by all works."""
    if tokens not in _vocabularies:
        _vocabularies[tokens] = Vocabulary(tokens)
    return _vocabularies[tokens]


def is_han(text: str) -> bool:
    """Whether it is one Chinese character."""
    return len(text) == 1 and (HAN[0] <= text <= HAN[1] or RARE[0] <= text <= RARE[1])


def han(text: str) -> str:
    """Its Chinese characters only."""
    return "".join(c for c in text if is_han(c))
