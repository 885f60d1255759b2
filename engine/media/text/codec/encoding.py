"""Bytes of a plain text → characters, whatever encoding an old editor left them in.

A poem in GB18030 or Big5 is often too short for statistics of bytes, so every reading that is
possible at all is judged by its characters: are these ones that people write?
"""

import codecs
import re
from functools import cache

from charset_normalizer import from_bytes

from engine.core.errors import BadInput
from engine.media.text.codec.script import to_traditional

FORMATS = "TXT, MD, DOCX, PDF, EPUB, SRT"
SAMPLE_BYTES = 400_000  # more than the characters that are kept need in any encoding
MAX_CONTROLS = 0.05  # the share of control characters that a text may have
GOOD_SENSE = 0.8
# Where two make as much sense the first is taken: bytes that are all Hangul seldom are Chinese.
ENCODINGS = ("euc_kr", "gb18030", "big5", "big5hkscs", "shift_jis", "euc_jp", "cp1252")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BINARY = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"OggS", b"ID3", b"fLaC", b"MThd", b"\x7fELF"),
    *(b"MZ\x90", b"7z\xbc\xaf", b"\x1f\x8b", b"Rar!", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"SQLite f"),
    *(b"PK\x03\x04", b"%PDF-", b"BM\x00", b"II*\x00", b"MM\x00*", b"\xfd7zXZ", b"BZh"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SIGNS = re.compile(r"[\u2010-\u2026\u3000-\u301f\u3040-\u30ff\uff01-\uff5e]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")


def to_text(data: bytes, name: str) -> str:
    """The beginning of a plain text, at least SAMPLE_BYTES of it where there are so many.

    Raises BadInput: "not_a_text" for anything else, "mixed_encodings" for parts in several.
    """
    sample = data[:SAMPLE_BYTES]
    if sample.startswith(BINARY):
        raise BadInput("not_a_text", name=name, formats=FORMATS)
    text = _marked(sample) or _sixteen_bits(sample)
    if text is None:
        text = _read(sample, "utf-8")
    if text is None and _has_few_controls(sample.decode("latin-1")):
        if _mixed(sample):
            raise BadInput("mixed_encodings", name=name)
        text = _guessed(sample)
    if text is None or not _has_few_controls(text):
        raise BadInput("not_a_text", name=name, formats=FORMATS)
    return text


def _has_few_controls(text: str) -> bool:
    return len(_CONTROL.findall(text)) <= MAX_CONTROLS * len(text) + 2


def _read(data: bytes, encoding: str) -> str | None:
    """Strictly, but for a last character that the sample cut off."""
    whole = len(data) < SAMPLE_BYTES
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data, final=whole)
    except (UnicodeError, LookupError):
        return None


def _marked(data: bytes) -> str | None:
    encoding = next((encoding for bom, encoding in BOMS if data.startswith(bom)), None)
    return _read(data, encoding) if encoding else None


def _sixteen_bits(data: bytes) -> str | None:
    """UTF-16 without a mark, where zeros or sensible Chinese give it away."""
    if len(data) % 2 and len(data) < SAMPLE_BYTES:
        return None
    if data.count(0) < len(data) / 50 and _read(data, "utf-8") is not None:
        return None
    readings = [_read(data, encoding) for encoding in ("utf-16-le", "utf-16-be")]
    best = max((text for text in readings if text), key=_sense, default=None)
    if best is None or _sense(best) < 0.9 or _CONTROL.search(best) or _HANGUL.search(best):
        return None  # what looks Korean is GB2312
    return best


def _mixed(data: bytes) -> bool:
    """Some lines are UTF-8 beyond ASCII, others are not UTF-8 at all."""
    beyond = [line for line in data.splitlines() if not line.isascii()]
    good = sum(_is_utf8(line) for line in beyond)
    long_enough = sum(len(line) for line in beyond if _is_utf8(line)) >= 12
    return 0 < good < len(beyond) and long_enough


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guessed(data: bytes) -> str | None:
    """The reading of the most sense; where none has enough, what charset-normalizer says."""
    readings = [text for text in (_read(data, name) for name in ENCODINGS) if text]
    best = max(readings, key=_sense, default=None)
    if best is not None and _sense(best) >= GOOD_SENSE:
        return best
    guess = from_bytes(data[:50_000]).best()
    return (_read(data, guess.encoding) if guess else None) or None


def _sense(text: str) -> float:
    """0 … 1: the share of the characters beyond ASCII that one would expect to read."""
    beyond = [c for c in text if ord(c) > 127]
    if not beyond:
        return 1.0
    western = sum("\xa0" <= c <= "\xff" for c in beyond)
    if western > 0.15 * len(text):  # Chinese bytes, read as Western letters
        western = 0
    han = sum(c in _common_characters() for c in beyond)
    if _HANGUL.search(text):
        han = -han  # Korean of today is written without
    signs = sum(bool(_SIGNS.match(c) or _HANGUL.match(c)) for c in beyond)
    return (western + han + signs) / len(beyond)


@cache
def _common_characters() -> frozenset[str]:
    """The 3,755 characters of GB2312's first level, and how they are written traditionally."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    simplified = "".join(pair.decode("gb2312", "ignore") for pair in rows)
    return frozenset(simplified) | frozenset(to_traditional(simplified))
