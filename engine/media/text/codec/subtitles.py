"""Words with times in them → the words alone: subtitles (SRT, WebVTT) and song lyrics (LRC).

Read line by line, so that no file takes longer than it is long.
"""

import re
from collections.abc import Iterator
from html import unescape

from engine.media.text.codec.draft import Draft

MOST_LINE = 2000  # characters of a line that are looked at
_CLOCK = r"(?:\d{1,3}[:：])?\d{1,3}[:：]\d{1,2}[,.:，．]\d{1,3}"
_TIME = re.compile(rf"\s{{0,20}}{_CLOCK}\s{{0,20}}(?:-{{1,3}}>|–>|—>|→|⟶)\s{{0,20}}{_CLOCK}(?!\d)")
_STAMP = re.compile(r"\[(\d{1,3}):(\d{1,2}(?:[.:]\d{1,3})?)\]")
_WORD_STAMP = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_SAID = re.compile(r"\[([A-Za-z#]{1,10}):(.*)\]")  # [ti:…], [ar:…]
_TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")
_NOISE = re.compile(r"[\[(（【♪♫][^\])）】]*[\])）】♪♫]?")


def from_subtitles(source: str) -> Draft | None:
    """What is spoken, a cue a line; sounds in brackets are left out. None without a single time."""
    lines = [
        line[:MOST_LINE] for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ]
    times = [number for number, line in enumerate(lines) if _TIME.match(line)]
    if not times:
        return None
    ends = [_without_number(lines, at, count) for count, at in enumerate(times[1:], 1)]
    strict = lines[0].lstrip("\ufeff").startswith("WEBVTT")
    spoken = (
        _spoken(_until_blank(lines[begin + 1 : end]) if strict else lines[begin + 1 : end])
        for begin, end in zip(times, [*ends, len(lines)], strict=True)
    )
    return Draft("\n".join(filter(None, spoken)))


def _lines(source: str) -> list[str]:
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line[:MOST_LINE] for line in lines]


def _without_number(lines: list[str], time: int, count: int) -> int:
    """Where the cue before a line of time ends: above the number of the next, where it has one.

    A spoken number stands above a blank line, or is not the next in the count."""
    number = lines[time - 1].strip()
    if not (number.isdecimal() and len(number) < 9):
        return time
    below_blank = time < 2 or not lines[time - 2].strip()
    return time - 1 if below_blank or int(number) == count + 1 else time


def _until_blank(cue: list[str]) -> list[str]:
    """In WebVTT a blank line ends the cue: what follows is a name or a note."""
    return cue[: next((k for k, line in enumerate(cue) if not line.strip()), len(cue))]


def _spoken(cue: list[str]) -> str:
    lines = (unescape(_TAG.sub("", line)).strip() for line in cue)
    kept = [line for line in lines if line and not _NOISE.fullmatch(line)]
    if any(line.startswith(("-", "–", "—")) for line in kept):
        return "\n".join(line.lstrip("-–— ") for line in kept)
    chinese = any("\u3040" <= c <= "\u9fff" for line in kept for c in line)
    return ("" if chinese else " ").join(kept)


def is_lyrics(source: str) -> bool:
    """Whether most of the lines begin with a time in brackets, or say what the song is."""
    lines = [line for line in source[:20_000].split("\n") if line.strip()][:100]
    timed = sum(bool(_STAMP.match(line.lstrip("\ufeff "))) for line in lines)
    said = sum(bool(_SAID.fullmatch(line.strip())) for line in lines)
    return timed > 0 and timed + said >= 0.6 * len(lines)


def from_lyrics(source: str) -> Draft:
    """What is sung, in the order of time: a line that is sung again stands again."""
    title, sung = "", []
    for line in _lines(source):
        line = line.strip("\ufeff ")
        if said := _SAID.fullmatch(line):
            title = said[2].strip() if said[1].lower() == "ti" else title
            continue
        words = _WORD_STAMP.sub("", line[_end_of_stamps(line) :]).strip()
        times = list(_times(line))
        if not times and words:
            times = [sung[-1][0] if sung else 0.0]
        sung += [(time, words) for time in times]
    return Draft("\n".join(words for _, words in sorted(sung, key=lambda each: each[0])), title)


def _end_of_stamps(line: str) -> int:
    end = 0
    while stamp := _STAMP.match(line, end):
        end = stamp.end()
    return end


def _times(line: str) -> Iterator[float]:
    """The seconds of each stamp before a line's words."""
    for stamp in _STAMP.finditer(line, 0, _end_of_stamps(line)):
        yield 60 * int(stamp[1]) + float(stamp[2].replace(":", "."))
