"""The vocabulary by what a token does to a text: masks over it, made once for a base.

Legend: V vocabulary. Masks are (V,) bool.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.media.text.generators.causal_lm.base import Tokens
from engine.media.text.generators.causal_lm.prompt import SEPARATOR

ENDS = ".!?…。！？"
PAUSES = ",;:，、；："
CLOSERS = "\"'”’)]}»」』）】*_"
PAIRS = {"“": "”", "「": "」", "『": "』", "《": "》", "（": "）", "(": ")", '"': '"'}
RULE_MARK = SEPARATOR.strip()[0]


@dataclass(frozen=True, slots=True)
class Pieces:
    """breaks: how many line breaks a token has (V,). partial: it is a part of a character.

    marks: no letter and no digit, so it may be said as often as one likes. rules: it has the mark
    that separates works. ends: a mark that ends a sentence, and nothing else. stops: it begins
    with a mark that ends or parts sentences. odd: see `is_odd`. spaced: it begins with a
    space or a break.
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

    def odd_beside(self, signs: frozenset[str]) -> np.ndarray:
        """(V,) bool: odd by another sign than these."""
        odd = self.odd.copy()
        for token in np.flatnonzero(odd) if signs else ():
            odd[token] = any(is_odd(c) and c not in signs for c in self.texts[token])
        return odd

    @classmethod
    def of(cls, tokens: Tokens) -> "Pieces":
        texts = tokens.pieces
        return cls(
            texts,
            np.array([text.count("\n") for text in texts]),
            np.array([not text for text in texts]),
            np.array([not any(map(str.isalnum, text)) for text in texts]),
            np.array([RULE_MARK in text for text in texts]),
            np.array([text.strip() in tuple(ENDS) and text == text.strip() for text in texts]),
            np.array([text.strip()[:1] in tuple(ENDS + PAUSES) for text in texts]),
            np.array([any(map(is_odd, text)) for text in texts]),
            np.array([text[:1].isspace() for text in texts]),
        )


@cache
def is_odd(character: str) -> bool:
    """Whether it stands in no text unless its author is fond of it: signs, pictures, code."""
    if character in "\\<>{}|^~`=@#$_\t\r/[]\ufffd":
        return True
    return unicodedata.category(character) in ("So", "Sk", "Co", "Cn", "Cs")


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
