"""A text of any language ↔ parts: words, marks, ends of lines; for a voice that only recombines.

A part that ends with JOIN (l' of l'automne) has no space after it, one that begins with JOIN (a
comma) none before. Quotes and brackets, which come in pairs, are left out. Scripts that put no
spaces between words are taken letter by letter.
"""

import re
from collections import Counter
from collections.abc import Sequence

from engine.media.text.codec.language import COMMON, UNSPACED

JOIN, END = "\0", "\n"
STOPS = ".!?…。！？।"
NOUNS_ARE_CAPITALS = "de"
_PAIRED = str.maketrans("", "", '"“”„«»‹›()[]{}「」『』（）《》*_')
_CHUNK = re.compile(r"([¡¿—–-]*)(.*?)([.,;:!?…।—–]*)")
_ELISION = re.compile(r"(?<=['’])(?=\w)")


def parts_of(text: str, language: str) -> list[str]:
    """The parts of a text, END after each line."""
    parts: list[str] = []
    for line in text.translate(_PAIRED).splitlines():
        if language in UNSPACED:
            found = [c for c in line if not c.isspace()]
        else:
            found = [part for chunk in line.split() for part in _chunk_parts(chunk)]
        if found:
            parts += [*found, END]
    return parts


def _chunk_parts(chunk: str) -> list[str]:
    """What stands between two spaces."""
    found = _CHUNK.fullmatch(chunk)
    if found is None or not found[2]:
        return [chunk]
    *elided, word = _ELISION.split(found[2])
    lead = [found[1] + JOIN] if found[1] else []
    return [
        *lead,
        *(each + JOIN for each in elided),
        word,
        *([JOIN + found[3]] if found[3] else []),
    ]


def is_word(part: str) -> bool:
    return any(c.isalnum() for c in part)


def counts(part: str) -> bool:
    """Whether it counts as a word of the text: l' does with what follows it."""
    return is_word(part) and not part.endswith(JOIN)


def stops(part: str) -> bool:
    """Whether a sentence ends with it."""
    return part.rstrip(JOIN)[-1:] in tuple(STOPS)


def opens(part: str) -> bool:
    """Whether what follows begins a line or a sentence."""
    return part == END or stops(part)


def uncapitalised(rows: Sequence[Sequence[str]], language: str) -> list[list[str]]:
    """The rows without the capitals that only a beginning of a line or sentence gave to a word."""
    inner: Counter[str] = Counter()
    for row in rows:
        inner.update(
            part for before, part in zip([END, *row], row, strict=False) if not opens(before)
        )
    common = COMMON.get(language, "").split()

    def natural(part: str) -> str:
        lower = part[:1].lower() + part[1:]
        if inner[lower] != inner[part]:
            return lower if inner[lower] > inner[part] else part
        ordinary = language != NOUNS_ARE_CAPITALS or lower.strip(JOIN) in common
        return lower if ordinary else part

    return [
        [natural(p) if opens(before) else p for before, p in zip([END, *row], row, strict=False)]
        for row in rows
    ]


def added(text: str, last: str, part: str, language: str) -> str:
    """The text with one more part, `last` the one before it; the caller sees to capitals."""
    if part == END:
        return text + END
    glued = (
        not text
        or last in ("", END)
        or language in UNSPACED
        or last.endswith(JOIN)
        or part.startswith(JOIN)
    )
    return text + ("" if glued else " ") + part.strip(JOIN)
