"""The vocabulary by what a token does to a text: masks over it, made once for a base.

Legend: V vocabulary. Masks are (V,) bool.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from engine.media.text.generators.causal_lm.base import Tokens
from engine.media.text.generators.causal_lm.prompt import SEPARATOR

ENDS = ".!?…。！？"
PAUSES = ",;:，、；："
CLOSERS = "\"'”’)]}»」』）】*_"
PAIRS = {"“": "”", "「": "」", "『": "』", "《": "》", "（": "）", "(": ")", '"': '"'}
JOINTS = " -–—'’"  # around a word
RULE_MARK = SEPARATOR.strip()[0]


@dataclass(frozen=True, slots=True)
class Words:
    """Which tokens write the same word: small or with a capital, after a space or a hyphen.

    of (V,): the word of each token, a number. order (V,): all tokens, those of a word in a row,
    which begin at starts (number of words + 1,).
    """

    of: np.ndarray
    order: np.ndarray
    starts: np.ndarray

    @classmethod
    def written_by(cls, texts: Sequence[str]) -> "Words":
        numbers: dict[str, int] = {}
        keys = (text.strip(JOINTS).casefold() or text or str(i) for i, text in enumerate(texts))
        of = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
        starts = np.concatenate([[0], np.bincount(of).cumsum()])
        return cls(of, np.argsort(of, kind="stable"), starts)

    def tokens(self, word: int) -> np.ndarray:
        """All that write it."""
        return self.order[self.starts[word] : self.starts[word + 1]]


@dataclass(frozen=True, slots=True)
class Pieces:
    """breaks: how many line breaks a token has (V,). partial: it is a part of a character.

    marks: no letter and no digit, so it may be said as often as one likes. rules: it has the mark
    that separates works. ends: a mark that ends a sentence, and nothing else. stops: it begins
    with a mark that ends or parts sentences. odd: see `is_odd`, or two spaces in a row.
    spaced: it begins with a space or a break. accented: it has a Latin letter beyond ASCII. words:
    see there.
    """

    texts: list[str]
    breaks: np.ndarray
    partial: np.ndarray
    marks: np.ndarray
    rules: np.ndarray
    ends: np.ndarray
    stops: np.ndarray
    odd: np.ndarray
    spaced: np.ndarray
    accented: np.ndarray
    words: Words

    def odd_beside(self, signs: frozenset[str]) -> np.ndarray:
        """(V,) bool: odd by another sign than these."""
        odd = self.odd.copy()
        for token in np.flatnonzero(odd) if signs else ():
            odd[token] = _is_odd("".join(c for c in self.texts[token] if c not in signs))
        return odd

    @classmethod
    @lru_cache(maxsize=1)
    def of(cls, tokens: Tokens) -> "Pieces":
        """Of a base's tokens; a second time at once."""
        return cls.of_texts(tokens.pieces)

    @classmethod
    def of_texts(cls, texts: list[str]) -> "Pieces":
        return cls(
            texts,
            np.array([text.count("\n") for text in texts]),
            np.array([not text for text in texts]),
            np.array([not any(map(str.isalnum, text)) for text in texts]),
            np.array([RULE_MARK in text for text in texts]),
            np.array([text.strip() in tuple(ENDS) and text == text.strip() for text in texts]),
            np.array([text.strip()[:1] in tuple(ENDS + PAUSES) for text in texts]),
            np.array([_is_odd(text) for text in texts]),
            np.array([text[:1].isspace() for text in texts]),
            np.array([any(map(is_accented, text)) for text in texts]),
            Words.written_by(texts),
        )


@cache
def is_odd(character: str) -> bool:
    """Whether it stands in no text unless its author is fond of it: signs, pictures, code, and
    brackets, in which a base model begins to speak of the text that it writes."""
    if character in "\\<>{}|^~`=@#$_/[]()（）\ufffd":
        return True
    kinds = ("So", "Sk", "Cc", "Co", "Cn", "Cs")
    return character != "\n" and unicodedata.category(character) in kinds


def _is_odd(text: str) -> bool:
    return any(map(is_odd, text)) or "  " in text


@cache
def is_accented(character: str) -> bool:
    return "\x7f" < character < "\u0250" and character.isalpha()


def ends_sentence(text: str) -> bool:
    """Whether its last mark, quotes and brackets left aside, ends a sentence."""
    return text.rstrip().rstrip(CLOSERS)[-1:] in tuple(ENDS)


def with_quotes_closed(text: str) -> str:
    """With the marks at the end that a quotation or a bracket still lacks there."""
    open_marks: list[str] = []
    for character in text:
        if open_marks and character == open_marks[-1]:
            open_marks.pop()
        elif character in PAIRS:
            open_marks.append(PAIRS[character])
    return text + "".join(reversed(open_marks))
