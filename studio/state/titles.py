"""File names as titles."""

import re
from itertools import takewhile
from pathlib import Path

_NUMBER = 6  # characters of a numeral
_FILE_NAME = 40  # characters


def short_names(names: list[str]) -> list[str]:
    """File names as titles, without the words that all of them begin with (the artist's name).

    Bare numbers keep the word before them: "Sonnet XVIII".
    """
    titles = [title(name) for name in names]
    words = [title.split(" ") for title in titles]
    alike = takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False))
    shared = sum(1 for _ in alike) if len(words) > 1 else 0
    if shared and all(len(each) <= shared + 1 and len(each[-1]) <= _NUMBER for each in words):
        shared -= 1
    short = (" ".join(each[shared:]) for each in words)
    shown = (name or whole for name, whole in zip(short, titles, strict=True))
    return [name[:1].upper() + name[1:] for name in shown]


def title(name: str) -> str:
    """A file's name as people write it."""
    words = re.sub(r"[\s_-]+", " ", Path(name).stem).strip()
    return words[:1].upper() + words[1:]


def file_name(words: str) -> str:
    """A file name, without its suffix, for what came without one: its first words."""
    safe = "".join(c if c.isalnum() or c in " '’-" else " " for c in words)
    return " ".join(safe.split())[:_FILE_NAME].strip() or "…"
