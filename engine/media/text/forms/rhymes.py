"""The rhyme book of Chinese verse: tones and rhymes of characters, in simplified script.

Regulated verse rhymes by the 106 classes of the 平水韵, of which 30 are level; ci and older verse
by the 19 parts of the 词林正韵. `rhymes.json` says where the readings come from.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

BOOK_FILE = Path(__file__).with_name("rhymes.json")
LEVEL, OBLIQUE = "平", "仄"
WHOLE = "灰元"  # classes that the parts divide, but that poets also rhymed whole
Key = tuple[str, str]  # what rhymes: (class or number of the part, tone)


@dataclass(frozen=True, slots=True)
class RhymeBook:
    """tones: character -> 平, 仄 or both. classes: character -> names of its level classes.

    parts: character -> (part, tone) of each reading. A character that is missing is unknown.
    """

    tones: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    classes: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    parts: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))

    def keys(self, book: str, character: str) -> set[Key]:
        """What the character rhymes as, in the book `classes` or `parts`."""
        table = self.classes if book == "classes" else self.parts
        return table.get(character, set())

    def members(self, book: str, key: Key) -> frozenset[str]:
        """Every character of that rhyme."""
        return _members().get((book, *key), frozenset())

    def can_be(self, character: str, tone: str) -> bool:
        """Whether the character has that tone, or none that is known."""
        return tone in self.tones.get(character, (tone,))

    def of_tone(self, tone: str) -> list[str]:
        return [c for c, tones in self.tones.items() if tone in tones]


@cache
def rhyme_book() -> RhymeBook:
    """The shipped book."""
    book = RhymeBook()
    for row in json.loads(BOOK_FILE.read_text(encoding="utf-8"))["rhymes"]:
        tone = LEVEL if row["tone"] == LEVEL else OBLIQUE
        for character in row["characters"]:
            book.tones[character].add(tone)
            book.parts[character].add((str(row["part"]), tone))
            if tone == LEVEL:
                book.classes[character].add((row["class"], LEVEL))
            if tone == LEVEL and row["class"] in WHOLE:
                book.parts[character].add((row["class"], LEVEL))
    return book


@cache
def _members() -> dict[tuple[str, str, str], frozenset[str]]:
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    book = rhyme_book()
    for name, table in (("classes", book.classes), ("parts", book.parts)):
        for character, keys in table.items():
            for key in keys:
                found[name, *key].add(character)
    return {key: frozenset(characters) for key, characters in found.items()}
