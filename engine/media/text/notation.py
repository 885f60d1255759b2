"""A text as the artist wrote it → as the model reads it: its form, its heading, its body.

Chinese verse has no line breaks there (its marks say where lines end) and stands in simplified
script; everything else keeps its lines.
"""

import re

from engine.media.text.tokens import Piece
from engine.protocol import CI_TUNES

STOP = re.compile(r"[，。？！；：、,]")
_ENDS = "。，？！；：、」』”’"
_QUOTES = str.maketrans({"「": "“", "」": "”", "『": "‘", "』": "’", ",": "，", ";": "；"})
_REGULATED = {4: "绝", 8: "律"}
PROSE_LINE = 11  # characters between marks, on average, from which Chinese is no verse
VERSE_LINE_WORDS = 12  # words a line, on average, up to which English is verse
_SPEAKER = re.compile(r"(?m)^[A-Z][A-Za-z' ]{1,24}[.:]")


def verse_form(text: str) -> str:
    """五绝, 七绝, 五律, 七律 by line lengths; 五古, 七古 for other even lines; else 古诗."""
    lines = [line for line in STOP.split(re.sub(r"[“”‘’《》]", "", text)) if line]
    lengths = {len(line) for line in lines}
    if len(lengths) == 1 and (length := lengths.pop()) in (5, 7):
        return ("五" if length == 5 else "七") + _REGULATED.get(len(lines), "古")
    return "古诗"


def chinese(text: str, title: str = "") -> Piece:
    """Simplified text → its piece. A title that names a tune makes uneven lines a ci."""
    lines = [line.strip() for line in text.splitlines()]
    body = "".join(_ended(re.sub(r"\s+", "", line)) for line in lines if line)
    body = body.translate(_QUOTES)
    parts = [part for part in STOP.split(body) if part]
    if sum(map(len, parts)) > PROSE_LINE * len(parts):
        return Piece("zh", "文", body)
    form = verse_form(body)
    if form != "古诗" and title not in CI_TUNES:
        return Piece("zh", form, body)
    tune = tune_of(title)
    return Piece("zh", "词", body, tune) if tune else Piece("zh", form, body)


def tune_of(title: str) -> str:
    """The tune that a title begins with, 水调歌头 of 水调歌头（中秋）; else empty."""
    first = re.split(r"[（(·\s]", title.strip())[0]
    names = [name for name in re.split("・", first) if name]
    known = [name for name in names if name in CI_TUNES]
    return known[0] if known else (first if 2 <= len(first) <= 7 and names else "")


def english(text: str) -> Piece:
    """Its piece: drama where speakers are named, sonnet, verse or prose by its lines."""
    lines = [line for line in text.splitlines() if line.strip()]
    words = len(text.split()) / max(1, len(lines))
    if len(_SPEAKER.findall(text)) >= 2:
        return Piece("en", "drama", text)
    if len(lines) > 1 and words <= VERSE_LINE_WORDS:
        return Piece("en", "sonnet" if len(lines) == 14 else "verse", text)
    return Piece("en", "prose", text)


def piece(text: str, language: str, title: str = "") -> Piece:
    """What the tokens say of a reference; Chinese is given in simplified script."""
    return chinese(text, title) if language == "zh" else english(text)


def _ended(line: str) -> str:
    return line if not line or line[-1] in _ENDS else line + "。"
