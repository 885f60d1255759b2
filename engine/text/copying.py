"""How much of a text stands in other texts, and the watch that keeps a generator from copying.

A text is a row of units: characters in Chinese (in simplified script, without marks and spaces),
words in English (casefolded). A run is a row of units that also stands in one source. Every unit
becomes one private character, so that a text is a string and a run a substring.

Legend: L the longest run allowed, n the length of a gram.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from engine.media.script import simplified_character
from engine.messages import Copied

Language = Literal["zh", "en"]
DEFAULT_LIMIT: dict[str, int] = {"zh": 12, "en": 8}  # units: characters, words
GRAM = 8  # units, for the share
FIRST_LETTER, UNKNOWN = 0xE000, "\0"  # private characters that stand for units
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WORD_PART = re.compile(r"[\w'’]")


class KnownGrams(Protocol):
    """Grams of texts that are not at hand, a corpus for instance: perhaps a Bloom filter in a file
    of `gram_hash`es. It may know too much, never too little."""

    n: int

    def __contains__(self, gram: int, /) -> bool: ...


def gram_hash(units: Sequence[str]) -> int:
    """A number of 64 bits, the same on every machine and in every version."""
    data = "\x1f".join(units).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def limit_of(copy_limit: int, language: Language) -> int:
    """L of a brief: 0 means the usual one."""
    return copy_limit or DEFAULT_LIMIT[language]


def units_of(text: str, language: Language) -> list[str]:
    """The units of a text, marks and spaces left out."""
    return [unit for unit, _, _ in _spans(text, language)]


def _spans(text: str, language: Language) -> list[tuple[str, int, int]]:
    """(unit, start, end) of each."""
    if language == "zh":
        return [(simplified_character(c), i, i + 1) for i, c in enumerate(text) if c.isalnum()]
    found = _WORD.finditer(text)
    return [(m[0].casefold().replace("’", "'"), m.start(), m.end()) for m in found]


@dataclass(frozen=True, slots=True)
class Source:
    """A text that may have been copied; `name` is shown to the artist."""

    name: str
    text: str


class Copying:
    """An index over sources in one language: what of a text stands in them.

    200,000 units take about 0.1 s to index; a check of 200 units takes milliseconds.
    """

    def __init__(self, sources: Sequence[Source], language: Language) -> None:
        self.language: Language = language
        self.sources = tuple(sources)
        self._letters: dict[str, str] = {}
        self._tables: dict[int, dict[str, str]] = {}
        self.rows = [self._row(units_of(s.text, language)) for s in self.sources]

    def _row(self, units: Sequence[str]) -> str:
        """One character a unit; a new unit gets a new one, from the private planes upwards."""
        letters = self._letters
        return "".join(letters.setdefault(u, chr(FIRST_LETTER + len(letters))) for u in units)

    def check(self, text: str) -> Copied:
        """The longest run, its words as they stand in `text`, its source, and the share of the
        text's 8-grams that stand in any source (0 for a text shorter than that)."""
        spans = _spans(text, self.language)
        row = "".join(self._letters.get(unit, UNKNOWN) for unit, _, _ in spans)
        run, start, source = self._longest(row)
        words = text[spans[start][1] : spans[start + run - 1][2]] if run else ""
        name = self.sources[source].name if run else ""
        return Copied(run=run, words=words, source=name, share=self._share(row))

    def _longest(self, row: str) -> tuple[int, int, int]:
        """(length, start in `row`, index of the source) by bisection over the length."""
        best = (0, 0, 0)
        low, high = 0, max((min(len(row), len(r)) for r in self.rows), default=0)
        while low < high:
            length = (low + high + 1) // 2
            if found := self._first_shared(row, length):
                low, best = length, (length, *found)
            else:
                high = length - 1
        return best

    def _first_shared(self, row: str, n: int) -> tuple[int, int] | None:
        """(start in `row`, index of the source) of a gram of n units that both have."""
        starts: dict[str, int] = {}
        for start in range(len(row) - n, -1, -1):
            starts[row[start : start + n]] = start
        for index, source in enumerate(self.rows):
            for at in range(len(source) - n + 1):
                if (start := starts.get(source[at : at + n])) is not None:
                    return start, index
        return None

    def _share(self, row: str) -> float:
        grams = [row[i : i + GRAM] for i in range(len(row) - GRAM + 1)]
        if not grams:
            return 0.0
        wanted, known = set(grams), set[str]()
        for source in self.rows:
            known |= wanted.intersection(
                source[i : i + GRAM] for i in range(len(source) - GRAM + 1)
            )
        return sum(gram in known for gram in grams) / len(grams)

    def may_follow(self, last: Sequence[str], unit: str, limit: int) -> bool:
        """Whether no source has the last `limit` units with `unit` after them."""
        if len(last) < limit:
            return True
        letter = self._letters.get(unit)
        return letter is None or letter not in self._after(last, limit)

    def followers(self, last: Sequence[str], limit: int) -> frozenset[str]:
        """The units that stand in a source after the last `limit` units."""
        after = self._after(last, limit) if len(last) >= limit else ""
        return frozenset(self._units[ord(letter) - FIRST_LETTER] for letter in after)

    def _after(self, last: Sequence[str], limit: int) -> str:
        table = self._tables.get(limit)
        if table is None:
            table = self._tables[limit] = self._table(limit)
        return table.get("".join(self._letters.get(unit, UNKNOWN) for unit in last[-limit:]), "")

    def _table(self, limit: int) -> dict[str, str]:
        """Every gram of `limit` letters → the letters that follow it somewhere."""
        table: dict[str, str] = {}
        for row in self.rows:
            for at in range(len(row) - limit):
                gram, letter = row[at : at + limit], row[at + limit]
                after = table.get(gram, "")
                if letter not in after:
                    table[gram] = after + letter
        return table

    @cached_property
    def _units(self) -> list[str]:
        return list(self._letters)


class CopyWatch:
    """Follows one text as it is written, piece by piece, and says which piece would copy too much.

        watch = CopyWatch(copying, limit)
        if watch.allows(piece):     # does not change the watch
            watch.push(piece)

    Pieces are any strings: characters, tokens, parts of words. Part of an English word counts as
    the word that it spells so far. For a batch, `fork()` a watch for each work.
    """

    def __init__(self, copying: Copying, limit: int, *, also: Sequence[KnownGrams] = ()) -> None:
        """limit: L ≥ 1. also: grams of at most L + 1 units from elsewhere."""
        if limit < 1 or any(not 1 <= known.n <= limit + 1 for known in also):
            raise ValueError("a limit of at least 1, and grams of at most one unit more")
        self.language: Language = copying.language
        self.limit = limit
        self._copying = copying
        self._also = tuple(also)
        self._last: tuple[str, ...] = ()  # at most L whole units
        self._part = ""  # the beginning of a word that may go on

    def fork(self) -> "CopyWatch":
        """The same place in the same text; from here on by itself."""
        twin = object.__new__(CopyWatch)
        twin.__dict__.update(self.__dict__)
        return twin

    def banned(self) -> frozenset[str]:
        """The whole units that must not come next (without `also`); an empty set nearly always."""
        return self._copying.followers(self._last, self.limit)

    def allows(self, piece: str) -> bool:
        """Whether the longest run stays within L after `piece`. Takes microseconds."""
        last = self._last
        whole, part = self._units(piece)
        for unit in (*whole, *units_of(part, self.language)):
            if not self._may_follow(last, unit):
                return False
            last = (*last, unit)[-self.limit :]
        return True

    def push(self, piece: str) -> None:
        """`piece` was written, allowed or not."""
        whole, self._part = self._units(piece)
        self._last = (*self._last, *whole)[-self.limit :]

    def _may_follow(self, last: tuple[str, ...], unit: str) -> bool:
        if not self._copying.may_follow(last, unit, self.limit):
            return False
        return not any(self._is_known(known, (*last, unit)) for known in self._also)

    def _is_known(self, known: KnownGrams, run: tuple[str, ...]) -> bool:
        """All grams of the run are known: then perhaps the run is."""
        if len(run) <= self.limit:
            return False
        return all(
            gram_hash(run[i : i + known.n]) in known for i in range(len(run) - known.n, -1, -1)
        )

    def _units(self, piece: str) -> tuple[list[str], str]:
        """The units that `piece` completes, and the part of a word that stays open."""
        if self.language == "zh":
            return units_of(piece, "zh"), ""
        text = self._part + piece
        end = len(text)
        while end and _WORD_PART.match(text[end - 1]):
            end -= 1
        return units_of(text[:end], "en"), text[end:]
