"""Small modern sets of texts in one voice each, written for this project (CC0): `modern.json`."""

import json
from dataclasses import dataclass
from pathlib import Path

from engine.core.assets import asset

SETS_FILE = asset("bench/modern.json")
REFERENCES = 5


@dataclass(frozen=True, slots=True)
class TextSet:
    """Texts in one voice: the first REFERENCES are learned from, the others asked. part: on
    `development` sets numbers were chosen, figures are published of `asked` ones."""

    name: str
    language: str
    part: str
    references: tuple[str, ...]
    queries: tuple[str, ...]


def sets_of(path: Path = SETS_FILE, part: str = "") -> list[TextSet]:
    """All, or those of a part."""
    rows = json.loads(path.read_text(encoding="utf-8"))["sets"]
    return [
        TextSet(
            name,
            row["language"],
            row["part"],
            tuple(row["texts"][:REFERENCES]),
            tuple(row["texts"][REFERENCES:]),
        )
        for name, row in rows.items()
        if not part or row["part"] == part
    ]


def modern_voices(part: str, language: str) -> dict[str, list[str]]:
    """By name, all texts of the sets of a part in a language."""
    return {
        each.name: [*each.references, *each.queries]
        for each in sets_of(part=part)
        if each.language == language
    }
