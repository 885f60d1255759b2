"""How much of a text stands in other texts, and the watch that keeps a generator from copying.

A text is a row of units: characters in Chinese (in simplified script, without marks and spaces),
words in English (casefolded). A run is a row of units that also stands in one source. Every unit
becomes one private character, so that a text is a string and a run a substring.

A text may also copy what the generator learned from. Of those works only a filter is at hand (see
`maquette_lm.learned`), which sees every run longer than the usual limit, and sometimes one that
nobody wrote. An artist's longer limit holds for those works too; a shorter one for the references
only, and for what was learned the usual one.

Legend: L the longest run allowed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.media.text.codec.script import simplified_character
from engine.protocol import Copied
from engine.sequence.runs import LearnedRuns

Language = Literal["zh", "en"]
DEFAULT_LIMIT: dict[str, int] = {"zh": 12, "en": 8}  # units: characters, words
GRAM = 8  # units, for the share
FIRST_LETTER, UNKNOWN = 0xE000, "\0"  # private characters that stand for units
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WORD_PART = re.compile(r"[\w'’]")


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

    def __init__(
        self, sources: Sequence[Source], language: Language, learned: LearnedRuns | None = None
    ) -> None:
        self.language: Language = language
        self.learned = learned
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
        text's 8-grams that stand in any source (0 for a text shorter than that); and the longest
        run that the generator learned, where it is longer than the usual limit."""
        spans = _spans(text, self.language)
        row = "".join(self._letters.get(unit, UNKNOWN) for unit, _, _ in spans)
        run, start, source = self._longest(row)
        units = [unit for unit, _, _ in spans]
        learned_run, begun = self.learned.longest(units) if self.learned else (0, 0)
        return Copied(
            run=run,
            words=_words(text, spans, start, run),
            source=self.sources[source].name if run else "",
            share=self._share(row),
            learned_run=learned_run,
            learned_words=_words(text, spans, begun, learned_run),
        )

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


def _words(text: str, spans: Sequence[tuple[str, int, int]], start: int, run: int) -> str:
    """A run of units as it stands in the text."""
    return text[spans[start][1] : spans[start + run - 1][2]] if run else ""


class CopyWatch:
    """Follows one text as it is written, piece by piece, and says which piece would copy too much.

        watch = CopyWatch(copying, limit)
        if watch.allows(piece):     # does not change the watch
            watch.push(piece)

    Pieces are any strings: characters, tokens, parts of words. Part of an English word counts as
    the word that it spells so far.
    """

    def __init__(self, copying: Copying, limit: int) -> None:
        """limit: L ≥ 1."""
        if limit < 1:
            raise ValueError("a limit of at least 1")
        self.language: Language = copying.language
        self.limit = limit
        self._copying = copying
        self._kept = max(limit, copying.learned.run - 1) if copying.learned else limit
        self._last: tuple[str, ...] = ()  # at most so many whole units
        self._part = ""  # the beginning of a word that may go on

    def allows(self, piece: str) -> bool:
        """Whether the longest run stays within L after `piece`. Takes microseconds."""
        last = self._last
        whole, part = self._units(piece)
        for unit in (*whole, *units_of(part, self.language)):
            if not self._may_follow(last, unit):
                return False
            last = (*last, unit)[-self._kept :]
        return True

    def push(self, piece: str) -> None:
        """`piece` was written, allowed or not."""
        whole, self._part = self._units(piece)
        self._last = (*self._last, *whole)[-self._kept :]

    def _may_follow(self, last: tuple[str, ...], unit: str) -> bool:
        if not self._copying.may_follow(last, unit, self.limit):
            return False
        learned = self._copying.learned
        return learned is None or not learned.ends_run((*last, unit), self._kept)

    def _units(self, piece: str) -> tuple[list[str], str]:
        """The units that `piece` completes, and the part of a word that stays open."""
        if self.language == "zh":
            return units_of(piece, "zh"), ""
        text = self._part + piece
        end = len(text)
        while end and _WORD_PART.match(text[end - 1]):
            end -= 1
        return units_of(text[:end], "en"), text[end:]
