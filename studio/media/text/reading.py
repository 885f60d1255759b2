"""A text as the artist may want to see it: what a file says, how long it is, in which language.

This is for showing only: the engine reads references by itself, and more thoroughly.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

_MAX_BYTES = 2_000_000  # of a text
_MAX_SHOWN = 20_000  # characters; no work is nearly as long
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CUE = re.compile(r"^\d+\s*\n\d\d:\d\d:\d\d[,.]\d+ --> .*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a file; none when it has none that can be read."""

    words: str
    is_chinese: bool
    length: int  # characters (Chinese) or words

    @property
    def opening(self) -> str:
        """The first line that says something."""
        return next((line.strip() for line in self.words.splitlines() if line.strip()), "")


def is_traditional(words: str) -> bool:
    """Whether more of the characters are traditional alone than simplified alone."""
    simplified = sum(_known(c, "gb2312") and not _known(c, "big5") for c in _HAN.findall(words))
    traditional = sum(_known(c, "big5") and not _known(c, "gb2312") for c in _HAN.findall(words))
    return traditional > simplified


@cache
def _known(sign: str, charset: str) -> bool:
    try:
        return bool(sign.encode(charset))
    except UnicodeEncodeError:
        return False


def text_of(words: str) -> Text:
    han = _HAN.findall(words)
    others = _WORD.findall(_HAN.sub(" ", words))
    is_chinese = len(han) > len(others)
    return Text(words, is_chinese, len(han) if is_chinese else len(others))


def is_document(data: bytes) -> bool:
    """Whether these bytes are packed, and nothing to read here: PDF, Word, EPUB."""
    return data[:1024].lstrip().startswith(b"%PDF-") or data.startswith(b"PK\x03\x04")


def read(data: bytes, unpack: Callable[[bytes], str] | None = None) -> Text:
    """What stands in a file, by what its bytes look like. Never raises: at worst no words.

    unpack: gives the words of a document; without it a document has none.
    """
    if is_document(data):
        words = unpack(data) if unpack else ""
    else:
        words = _CUE.sub("", decode(data[:_MAX_BYTES]).replace("\r\n", "\n"))
    shown = "".join(sign for sign in words if sign.isprintable() or sign in "\n\t")
    return text_of(shown.strip("\n")[:_MAX_SHOWN].rstrip())


def decode(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or else the national standard of Chinese."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "ignore")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.end >= len(data) - 3:  # the end was cut off in the middle of a character
            return data.decode("utf-8-sig", "ignore")
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return data.decode("latin-1")
