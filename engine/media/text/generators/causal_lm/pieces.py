"""The vocabulary by what a token does to a text: masks over it, made once for a base.

Legend: V vocabulary. Masks are (V,) bool.
"""

from dataclasses import dataclass

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
    with a mark that ends or parts sentences. odd: control characters, and marks of code.
    """

    texts: list[str]
    breaks: np.ndarray
    partial: np.ndarray
    marks: np.ndarray
    rules: np.ndarray
    ends: np.ndarray
    stops: np.ndarray
    odd: np.ndarray

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
            np.array([_is_odd(text) for text in texts]),
        )


def _is_odd(text: str) -> bool:
    return any(c in "\\<>{}|^~`=@#$_\t\r/[]" or c == "\ufffd" for c in text)


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
