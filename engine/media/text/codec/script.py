"""How Chinese is written: simplified or traditional, and the way from one to the other.

By OpenCC, whose phrases know that 皇后 keeps its 后 and 后面 becomes 後面. Whatever is not Chinese
passes unchanged.
"""

from functools import cache, lru_cache
from typing import Literal

import opencc

ScriptName = Literal["simplified", "traditional", ""]


def to_simplified(text: str) -> str:
    return _converter("t2s").convert(text)


def to_traditional(text: str) -> str:
    return _converter("s2t").convert(text)


@lru_cache(maxsize=20_000)
def simplified_character(character: str) -> str:
    """One character by itself, whatever stands beside it: for comparing, not for reading."""
    return _converter("t2s").convert(character)


def script_of(text: str) -> ScriptName:
    """The script that most of the telling characters belong to; "" where none tells."""
    traditional = _changed(text, to_simplified(text))
    simplified = _changed(text, to_traditional(text))
    if traditional == simplified:
        return ""
    return "traditional" if traditional > simplified else "simplified"


def _changed(old: str, new: str) -> int:
    return sum(a != b for a, b in zip(old, new, strict=False))


@cache
def _converter(kind: str) -> opencc.OpenCC:
    return opencc.OpenCC(kind)
