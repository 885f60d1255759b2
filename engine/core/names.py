"""Names of files as people read them, and the order that people expect them in."""

import re
from pathlib import PurePath

_DIGITS = re.compile(r"(\d{1,18})")
_BESIDE = (".", "~$")  # how names begin of what systems and programs keep beside a file


def readable(name: str) -> str:
    """A name in characters that can be written anywhere. On Linux a name may be bytes that are no
    UTF-8, which Python hands over as lone surrogates: it was written under another encoding."""
    if name.isascii():
        return name
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = name.encode("utf-8", "surrogateescape" if _is_escaped(name) else "replace")
    else:
        return name
    for encoding in ("utf-8", "gb18030", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _is_escaped(name: str) -> bool:
    return all("\udc80" <= sign <= "\udcff" for sign in name if "\ud800" <= sign <= "\udfff")


def stands_beside(name: str) -> bool:
    """Whether a file of this name is no work, but what is kept beside one: hidden, or a lock."""
    return name.startswith(_BESIDE)


def by_number(path: PurePath) -> tuple[list[tuple[int, int, str]], str]:
    """A key for sorting: 2 comes before 10."""
    parts = _DIGITS.split(path.stem.casefold())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p], str(path)
