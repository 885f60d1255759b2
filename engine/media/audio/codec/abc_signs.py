"""What the signs of ABC 2.1 look like. Every pattern is bounded by what may stand inside it, so
that no line takes longer than its length allows."""

import re
from fractions import Fraction

_LENGTH = r"\d*/*\d*"
_PITCH = r"(?:\^{1,2}|_{1,2}|=)?[A-Ga-g][,']*"
SIGN = re.compile(
    rf"""
    "(?P<symbol>[^"]*)"|(?P<skip>\{{[^{{}}]*\}})
    |!(?P<decoration>[^!\n]{{0,40}})!
    |\+(?P<plus>[a-zA-Z0-9()<>.,'^_=]{{1,40}})\+
    |\[(?P<field>[A-Za-z]):(?P<value>[^\[\]\n]*)\]
    |(?P<unclosed>\[[A-Za-z]:[^\[\]\n]*)
    |(?P<bar>:*(?:\[\||\|)[|\]:]*|::+)[ \t]*(?P<ending>\[?\d[\d,\-]*)?
    |\[(?P<alone>\d[\d,\-]*)
    |\((?P<tuplet>\d)(?::(?P<time>\d?)(?::(?P<count>\d?))?)?
    |(?P<note>{_PITCH})(?P<length>{_LENGTH})[ \t]*(?P<tie>-?)
    |\[(?P<chord>[^\[\]|:\n]*)\](?P<clength>{_LENGTH})(?P<ctie>-?)
    |(?P<rest>[zxZX])(?P<rlength>{_LENGTH})
    |(?P<broken>>+|<+)
    |(?P<over>&)
    """,
    re.VERBOSE,
)
IN_CHORD = re.compile(rf"(?P<note>{_PITCH})(?P<length>{_LENGTH})(?P<tie>-?)")
_MUSIC = re.compile(r"[A-Ga-gzxZ0-9/,'^_=|:\[\]()<>\s-]+")  # what stands between line breaks
_DYNAMICS = re.compile(r"p{1,4}|m[pf]|f{1,4}|sfz|[0-5+<>]|[<>][()]|D\.?[CS]\.?")


def is_music(text: str) -> bool:
    """Whether what stands between two marks of a decoration is notes: ABC 1.6 wrote "!" for the
    end of a line, and chords as "+CEG+"."""
    return bool(_MUSIC.fullmatch(text)) and not _DYNAMICS.fullmatch(text.strip())


def factor(text: str) -> Fraction:
    """ "", "3", "/", "3/2", "//" …: what a length multiplies the unit by."""
    if not text:
        return Fraction(1)
    count, slashes, parts = text.partition("/")
    if not slashes:
        return Fraction(min(int(count), 64))
    more = min(9, len(parts) - len(parts.lstrip("/")))
    parts = parts.lstrip("/").split("/")[0]
    divisor = max(1, int(parts)) if parts else 2
    return Fraction(min(int(count or 1), 64), min(divisor * 2**more, 512))
