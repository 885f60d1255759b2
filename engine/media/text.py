"""Texts: bytes ↔ clean lines, with limits.

A work is at most KEPT_CHARACTERS long: of a novel it is the beginning, up to the end of a line or
sentence. NFC, line feeds, no trailing spaces, at most one blank line in a row; the lines of verse
stay, the wrapped lines of prose are joined.
"""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal, cast

from engine.errors import BadInput
from engine.media import guard
from engine.media.deadline import TooSlow, within
from engine.media.language import (
    CHINESE,
    ENGLISH,
    RIGHT_TO_LEFT,
    count_units,
    language_of,
    name_of,
)
from engine.media.layout import joined, split_title
from engine.media.script import ScriptName, script_of
from engine.media.text_formats import KEPT_CHARACTERS, limit_mb, read_format

SECONDS = 20.0  # for one file
LEAST = {CHINESE: 8, ENGLISH: 5}  # characters, words
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ODD_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_BLANKS = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \u3000]+\n")


@dataclass(frozen=True, slots=True)
class TextWork:
    """One work to learn from. `title` is "" where none is clear; `script` is "" in English, and
    in Chinese without a telling character."""

    title: str
    text: str
    language: Literal["zh", "en"]
    script: ScriptName


def read(path: Path) -> TextWork:
    """The work in a file. Raises BadInput, naming the file."""
    data = guard.read_bytes(path, limit_mb(path.suffix.lower()) * 2**20)
    return decode(data, path.name)


def decode(data: bytes, name: str) -> TextWork:
    """The work in a file's bytes; `name` with its suffix says the format (else plain text).

    Raises BadInput, naming the file: "empty_file", "large_file", "not_a_text", "damaged_text",
    "locked_text", "swollen_text", "slow_text", "mixed_encodings", "pdf_without_text", "no_words",
    "few_words", "right_to_left", "other_language".
    """
    suffix = PurePath(name).suffix.lower()
    if not data:
        raise BadInput("empty_file", name=name)
    most = limit_mb(suffix)
    if len(data) > most * 2**20:
        raise BadInput("large_file", name=name, size_mb=-(-len(data) // 2**20), limit_mb=most)
    try:
        return within(SECONDS, lambda: _decode(data, name, suffix))
    except TooSlow as error:
        raise BadInput("slow_text", name=name, seconds=int(SECONDS)) from error


def pasted(text: str, name: str) -> TextWork:
    """The work in a text that was typed or pasted. Raises BadInput as `decode` does."""
    return _work(tidy(text[: 4 * KEPT_CHARACTERS]), "", name)


def _decode(data: bytes, name: str, suffix: str) -> TextWork:
    draft = read_format(data, name, suffix)
    wrapped = suffix not in (".docx", ".epub", ".srt")
    text = tidy(draft.text[: 4 * KEPT_CHARACTERS])
    return _work(
        joined(text) if wrapped else text, tidy(draft.title)[:200].replace("\n", " "), name
    )


def _work(text: str, title: str, name: str) -> TextWork:
    language = _known_language(text, name)
    if not title:
        title, text = split_title(text)
    text = cut(text)
    if count_units(text, language) < LEAST[language]:
        raise BadInput("few_words", name=name)
    script = script_of(text) if language == CHINESE else ""
    return TextWork(title, text, cast(Literal["zh", "en"], language), script)


def _known_language(text: str, name: str) -> str:
    language = language_of(text)
    if not language:
        raise BadInput("no_words", name=name)
    if language in RIGHT_TO_LEFT:
        raise BadInput("right_to_left", name=name, language=name_of(language))
    if language not in LEAST:
        raise BadInput("other_language", name=name, language=name_of(language))
    return language


def tidy(text: str) -> str:
    """NFC, line feeds, no control or invisible characters, no trailing spaces, single blank lines.

    Idempotent. Leading spaces of a line stay where a poet put them, but none before the first.
    """
    text = text.encode("utf-8", "ignore").decode("utf-8")  # no lone halves of surrogate pairs
    text = _LINE_ENDS.sub("\n", text)
    text = _ODD_SPACES.sub(" ", _UNSEEN.sub("", text).replace("\ufeff", "").replace("\ufffd", ""))
    text = _TRAILING.sub("\n", unicodedata.normalize("NFC", text) + "\n")
    return _BLANKS.sub("\n\n", text).strip()


def cut(text: str, most: int = KEPT_CHARACTERS) -> str:
    """The first `most` characters, back to the end of a line or sentence where one is near."""
    if len(text) <= most:
        return text
    head = text[:most]
    end = max(
        head.rfind("\n"), *(head.rfind(sign) + 1 for sign in (". ", "! ", "? ", "。", "！", "？"))
    )
    return (head[:end] if end > most // 2 else head).rstrip()
