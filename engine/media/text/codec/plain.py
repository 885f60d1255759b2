"""Texts: bytes ↔ clean lines, with limits.

A work is at most KEPT_CHARACTERS long: of a novel it is the beginning, up to the end of a line or
sentence. NFC, line feeds, no trailing spaces, at most one blank line in a row; the lines of verse
stay, the wrapped lines of prose are joined.
"""

from dataclasses import dataclass
from pathlib import Path, PurePath

from engine.core import input_files as guard
from engine.core.errors import BadInput
from engine.media.text.codec.characters import tidy as tidy
from engine.media.text.codec.documents import limit_mb, read_format
from engine.media.text.codec.draft import KEPT_CHARACTERS as KEPT_CHARACTERS, Draft
from engine.media.text.codec.language import (
    CHINESE,
    ENGLISH,
    RIGHT_TO_LEFT,
    UNSPACED,
    count_units,
    language_of,
    name_of,
)
from engine.media.text.codec.layout import joined, split_title
from engine.media.text.codec.script import ScriptName, script_of

LEAST = {CHINESE: 8, ENGLISH: 5, **dict.fromkeys(UNSPACED, 8)}  # characters, words
LEAST_WORDS = 5  # of any other language


@dataclass(frozen=True, slots=True)
class TextWork:
    """One work to learn from. `title` is "" where none is clear; `language` as `language_of` says;
    `script` is "" in all but Chinese, and there without a telling character; `remarks`: codes of
    `REMARKS`, of how it was read."""

    title: str
    text: str
    language: str
    script: ScriptName
    remarks: tuple[str, ...] = ()


def read(path: Path) -> TextWork:
    """The work in a file. Raises BadInput, naming the file."""
    data = guard.read_bytes(path, limit_mb(path.suffix.lower()) * 2**20)
    return decode(data, path.name)


def decode(data: bytes, name: str) -> TextWork:
    """The work in a file's bytes; `name` with its suffix says the format (else plain text).

    Raises BadInput, naming the file: "empty_file", "large_file", "not_a_text", "damaged_text",
    "locked_text", "swollen_text", "mixed_encodings", "pdf_without_text", "no_words",
    "few_words", "right_to_left".
    """
    suffix = PurePath(name).suffix.lower()
    if not data:
        raise BadInput("empty_file", name=name)
    most = limit_mb(suffix)
    if len(data) > most * 2**20:
        raise BadInput("large_file", name=name, size_mb=-(-len(data) // 2**20), limit_mb=most)
    return _work(_words(data, name, suffix), name)


def pasted(text: str, name: str) -> TextWork:
    """The work in a text that was typed or pasted. Raises BadInput as `decode` does."""
    return _work(Draft(tidy(text[: 4 * KEPT_CHARACTERS])), name)


@dataclass(frozen=True, slots=True)
class ShownText:
    """The words of a file as they stand, its title first; `language` and `script` as in
    `TextWork`, "" where there is none."""

    words: str
    language: str
    script: ScriptName
    remarks: tuple[str, ...] = ()


def shown(data: bytes, name: str) -> ShownText:
    """What a file says, in whatever language and however short: to be looked at.

    Raises BadInput when there are no words.
    """
    draft = _words(data, name, PurePath(name).suffix.lower())
    words = cut(f"{draft.title}\n\n{draft.text}".strip())
    language = language_of(words)
    script = script_of(words) if language == CHINESE else ""
    return ShownText(words, language, script, draft.remarks)


def _words(data: bytes, name: str, suffix: str) -> Draft:
    """Title and text, tidied, without the lines that only an old editor made."""
    draft = read_format(data, name, suffix)
    text = tidy(draft.text[: 4 * KEPT_CHARACTERS])
    title = tidy(draft.title[:400])[:200].replace("\n", " ")
    return Draft(joined(text) if draft.wrapped else text, title, draft.remarks)


def _work(draft: Draft, name: str) -> TextWork:
    title, text = draft.title, draft.text
    language = _readable_language(text, name)
    if not title:
        title, text = split_title(text)
    text = cut(text)
    if count_units(text, language) < LEAST.get(language, LEAST_WORDS):
        raise BadInput("few_words", name=name)
    script = script_of(text) if language == CHINESE else ""
    return TextWork(title, text, language, script, draft.remarks)


def _readable_language(text: str, name: str) -> str:
    language = language_of(text)
    if not language:
        raise BadInput("no_words", name=name)
    if language in RIGHT_TO_LEFT:
        raise BadInput("right_to_left", name=name, language=name_of(language))
    return language


def cut(text: str, most: int = KEPT_CHARACTERS) -> str:
    """The first `most` characters, back to the end of a line or sentence where one is near."""
    if len(text) <= most:
        return text
    head = text[:most]
    end = max(
        head.rfind("\n"), *(head.rfind(sign) + 1 for sign in (". ", "! ", "? ", "。", "！", "？"))
    )
    return (head[:end] if end > most // 2 else head).rstrip()
