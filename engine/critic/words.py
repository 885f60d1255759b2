"""What the critic says, in English and Chinese: `words.json` holds the words."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from engine.core.errors import Detail
from engine.protocol.parts import Named, Said

FILE = Path(__file__).with_name("words.json")
UNNAMED = "unnamed_"  # codes of directions that have no word of their own


@cache
def _words() -> dict[str, dict[str, list]]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def _entry(code: str) -> list[list[str]]:
    """[[name, more, less] in English, in Chinese] of a feature."""
    if code.startswith(UNNAMED):
        number = int(code.removeprefix(UNNAMED)) + 1
        return [[word.format(number=number) for word in row] for row in _words()["unnamed"]]
    return _words()["features"][code]


def name_of(code: str) -> Named:
    """The plain name of a feature. Raises KeyError for an unknown one."""
    english, chinese = _entry(code)
    return Named(english=english[0], chinese=chinese[0])


def direction_of(code: str, *, more: bool) -> Named:
    """ "warmer" or "cooler", as a comparison."""
    english, chinese = _entry(code)
    return Named(english=english[1 if more else 2], chinese=chinese[1 if more else 2])


def said(code: str, **details: Detail) -> Said:
    """A sentence whose gaps take the details as they are."""
    english, chinese = _words()["sentences"][code]
    return Said(
        code=code,
        english=english.format(**details),
        chinese=chinese.format(**details),
        details=details,
    )


def said_of(code: str, features: Sequence[str], names: Sequence[Named]) -> Said:
    """A sentence on features; its details hold their codes, its gap their names, joined."""
    english, chinese = _words()["sentences"][code]
    return Said(
        code=code,
        english=english.format(what=_and([name.english for name in names])),
        chinese=chinese.format(what="、".join(name.chinese for name in names)),
        details={"features": ",".join(features)},
    )


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
