"""The texts of a MIDI file, which names no encoding: → characters."""

import re
from collections.abc import Sequence

from engine.core.errors import BadInput
from engine.core.text_encoding import to_text

_WESTERN = frozenset((*range(0xC0, 0x100), 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F, 0xA0, 0xB0))
_WESTERN |= {0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA9, 0xAB, 0xAE, 0xB4, 0xBB}
_LINE_ENDS = re.compile(rb"[\r\n]+")
_MOST_BYTES = 2000  # of one text


def decoded(texts: Sequence[bytes]) -> list[str]:
    """All of one file's, in the encoding that makes the most sense of them together."""
    lines = [_LINE_ENDS.sub(b" ", text[:_MOST_BYTES]) for text in texts]
    together = b"\n".join(lines)
    if _is_western(together):
        return [_cleaned(line.decode("cp1252", "replace")) for line in lines]
    try:
        found = to_text(together, "").split("\n")
    except BadInput:
        found = []
    if len(found) != len(lines):
        found = [line.decode("cp1252", "replace") for line in lines]
    return [_cleaned(line) for line in found]


def _is_western(text: bytes) -> bool:
    """Mostly ASCII, and what is beyond is letters and quotation marks of Windows' code page."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        beyond = [byte for byte in text if byte > 0x7F]
        letters = sum(chr(byte).isalpha() for byte in text if byte < 0x80)
        return len(beyond) <= letters and all(byte in _WESTERN for byte in beyond)
    return False


def _cleaned(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
