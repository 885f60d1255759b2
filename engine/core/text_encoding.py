"""Bytes of a plain text → characters, whatever encoding an old editor left them in.

A poem in GB18030 or Big5 is often too short for statistics of bytes, so every reading that is
possible at all is judged by its characters: are these ones that people write? A few bytes that fit
nowhere are passed over, and told of.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from engine.core.errors import BadInput
from engine.core.text_readings import best_of, sense_of_wide

FORMATS = "TXT, MD, HTML, DOCX, ODT, RTF, PDF, EPUB, SRT, VTT, LRC"
SAMPLE_BYTES = 400_000  # more than the characters that are kept need in any encoding
MAX_CONTROLS = 0.05  # the share of control characters that a text may have
MENDED, MIXED = "text_mended", "text_mixed"  # remarks
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
    *(b"\xff\xfb", b"\xff\xf1", b"\x00\x00\x00\x1cftyp", b"8BPS", b"\x00\x05\x16\x07"),
)
WIDE = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}  # bytes a unit
LEAST_WIDE, SURE_WIDE = 0.55, 0.9  # sense, with zeros to give it away and without
GOOD_FOR_A_FLAW = 4  # characters of UTF-8 beyond ASCII that outweigh one flaw
LEAST_MIXED = 12  # bytes of lines in UTF-8
ESCAPED = {b"\x1b$)C": "iso2022_kr", b"\x1b$": "iso2022_jp_2004", b"\x1b(": "iso2022_jp"}
# What files say they are is often an older or smaller encoding than the one they are in.
MEANT = {
    **{"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs"},
    **{"shift_jis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949"},
    **{"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "macintosh": "mac_roman"},
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_DECLARED = re.compile(
    rb"""(?:<\?xml[^>]{0,200}?encoding|<meta[^>]{0,300}?charset)\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """text: the beginning of a plain text. remarks: what was passed over to read it."""

    text: str
    remarks: tuple[str, ...] = ()


def to_text(data: bytes, name: str) -> str:
    """The text alone; see `decoded`."""
    return decoded(data, name).text


def decoded(data: bytes, name: str) -> Decoded:
    """The beginning of a plain text, at least SAMPLE_BYTES of it where there are so many.

    Raises BadInput: "not_a_text" for anything else, "mixed_encodings" for parts in several of which
    some cannot be made out.
    """
    sample = data[:SAMPLE_BYTES]
    whole = len(data) <= SAMPLE_BYTES
    is_binary = sample.startswith(BINARY) or sample[4:8] == b"ftyp"
    if is_binary or not sample.strip(b"\0"):
        raise BadInput("not_a_text", name=name, formats=FORMATS)
    found = _marked(sample) or _escaped(sample) or _wide(sample) or _unicode(sample, whole)
    if found is None and _has_few_controls(_unpadded(sample).decode("latin-1")):
        found = _by_lines(sample, name) or _declared(sample) or _guessed(sample)
    if found is None or not _has_few_controls(found.text):
        raise BadInput("not_a_text", name=name, formats=FORMATS)
    return found


def _has_few_controls(text: str) -> bool:
    return len(_CONTROL.findall(text)) <= MAX_CONTROLS * len(text) + 2


def _unpadded(data: bytes) -> bytes:
    """Without the zeros that a crashed editor left at the end."""
    return data.rstrip(b"\0") if data.endswith(b"\0\0") else data


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _loosely(data: bytes, encoding: str) -> Decoded:
    """With whatever cannot be read left out."""
    text = data.decode(encoding, "replace")
    return Decoded(text.replace("\ufffd", ""), (MENDED,) if "\ufffd" in text else ())


def _marked(data: bytes) -> Decoded | None:
    encoding = next((encoding for bom, encoding in BOMS if data.startswith(bom)), None)
    return _loosely(data, encoding) if encoding else None


def _escaped(data: bytes) -> Decoded | None:
    """Seven bits with escapes: ISO 2022 of mail, and HZ."""
    if not data.isascii():
        return None
    names = [name for sign, name in ESCAPED.items() if sign in data]
    if b"~{" in data and b"~}" in data:
        names.append("hz")
    for name in names:
        text = _strictly(data, name)
        if text and not text.isascii():
            return Decoded(text)
    return None


def _wide(data: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark, where zeros or sensible Chinese give it away."""
    body = _unpadded(data)
    has_zeros = 0 in body
    if body.count(0) < len(body) / 50 and _strictly(body.replace(b"\0", b""), "utf-8") is not None:
        return None
    best, sense = Decoded(""), 0.0
    for encoding, size in WIDE.items():
        text = data[: len(data) // size * size].decode(encoding, "replace").rstrip("\0")
        if (found := sense_of_wide(text)) > sense:
            odd = data[len(data) // size * size :].strip(b"\0\r\n ")
            flawed = odd or "\ufffd" in text
            best, sense = Decoded(text.replace("\ufffd", ""), (MENDED,) if flawed else ()), found
    if has_zeros:
        return best if sense >= LEAST_WIDE else None
    if _HANGUL.search(best.text) or _CONTROL.search(best.text):  # what looks Korean is GB2312
        return None
    return best if sense >= SURE_WIDE and len(data) % 2 == 0 else None


def _unicode(data: bytes, whole: bool) -> Decoded | None:
    """UTF-8, of which a byte here and there may be damaged, or the end missing."""
    body = _unpadded(data)
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body, final=whole)
    flaws = text.count("\ufffd") - body.count("\ufffd".encode())
    good = sum(ord(c) > 127 for c in text) - text.count("\ufffd")
    if flaws and good < GOOD_FOR_A_FLAW * flaws:
        return None
    mended = flaws or len(body) < len(data)
    return Decoded(text.replace("\ufffd", ""), (MENDED,) if mended else ())


def _by_lines(data: bytes, name: str) -> Decoded | None:
    """Where some lines are UTF-8 beyond ASCII and others are not UTF-8 at all."""
    lines = data.splitlines(keepends=True)
    good = [line for line in lines if not line.isascii() and _strictly(line, "utf-8") is not None]
    bad = [line for line in lines if _strictly(line, "utf-8") is None]
    if not bad or sum(map(len, good)) < LEAST_MIXED:
        return None
    reading = best_of(b"".join(bad))
    if reading is None:
        raise BadInput("mixed_encodings", name=name)
    others = iter(reading.text.splitlines(keepends=True))
    texts = [
        text if (text := _strictly(line, "utf-8")) is not None else next(others, "")
        for line in lines
    ]
    return Decoded("".join(texts), (MIXED,))


def _declared(data: bytes) -> Decoded | None:
    """What HTML and XML say of themselves, where that is possible."""
    found = _DECLARED.search(data[:2048])
    if found is None:
        return None
    encoding = found[1].decode("ascii").lower()
    text = _strictly(data, MEANT.get(encoding, encoding))
    return Decoded(text) if text else None


def _guessed(data: bytes) -> Decoded | None:
    """The reading of the most sense; where none has enough, what charset-normalizer says."""
    data = _unpadded(data)
    if reading := best_of(data):
        return Decoded(reading.text, (MENDED,) if reading.mended else ())
    guess = from_bytes(data[:50_000]).best()
    return _loosely(data, guess.encoding) if guess else None
