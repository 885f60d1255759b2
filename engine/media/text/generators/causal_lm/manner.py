"""What the references show of their outward shape: how long works are, in how many lines, how they
end, and whether they repeat themselves. A base model does not keep to it by itself.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.media.text.generators.causal_lm.pieces import ends_sentence, is_accented, is_odd
from engine.media.text.generators.causal_lm.prompt import tidy
from engine.media.text.generators.causal_lm.vocabulary import scripts_of

SHORTER, LONGER = 0.75, 1.3  # of the shortest and of the longest reference
LINE_LONGER = 1.5  # of their longest line
LEAST_SHARE = 0.75  # of the references, for a habit
CLAUSE = re.compile(r"[，。！？；、：\s]+")
GRAM = 3  # words or characters in a row
REFRAINS = (0.04, 0.12)  # the share of such rows that come again: from usual texts to songs


@dataclass(frozen=True, slots=True)
class Manner:
    """characters: fewest and most of a work. lines: fewest and most. line: most characters of one.

    closed: works end with a sentence. stanzas: they have empty lines. refrains: 0 … 1, how far
    they repeat themselves. width: most lines have so many Chinese characters, 5, 7 or 0. scripts:
    of their letters; letters: those of other scripts that occur; signs: odd characters that
    occur. accented: letters beyond ASCII do.
    """

    characters: tuple[int, int]
    lines: tuple[int, int]
    line: int
    closed: bool
    stanzas: bool
    refrains: float
    width: int
    scripts: frozenset[str]
    letters: frozenset[str]
    signs: frozenset[str] = frozenset()
    accented: bool = True

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Manner":
        """Of at least one text."""
        tidied = [tidy(text) for text in texts]
        lengths = [len(text) for text in tidied]
        rows = [[line for line in text.split("\n") if line] for text in tidied]
        closed = sum(map(ends_sentence, tidied)) >= LEAST_SHARE * len(tidied)
        whole = "".join(tidied)
        scripts = main_scripts(whole)
        return cls(
            (round(SHORTER * min(lengths)), round(LONGER * max(lengths))),
            (min(map(len, rows)), max(map(len, rows))),
            round(LINE_LONGER * max(len(line) for row in rows for line in row)),
            closed,
            any("\n\n" in text for text in tidied),
            sum(map(repeated, tidied)) / len(tidied),
            usual_width(tidied),
            scripts,
            frozenset(c for c in whole if scripts_of(c) and not scripts_of(c) <= scripts),
            frozenset(filter(is_odd, whole)),
            any(map(is_accented, whole)),
        )


def main_scripts(text: str) -> frozenset[str]:
    """The scripts that at least a twentieth of the letters are in."""
    counts = Counter(script for c in text for script in scripts_of(c))
    return frozenset(s for s, n in counts.items() if n >= 0.05 * counts.total())


def usual_width(texts: Sequence[str]) -> int:
    """Chinese characters of a line or clause, where more than half have 5, or 7; else 0."""
    clauses = [c for text in texts for c in CLAUSE.split(text) if c.strip()]
    for width in (5, 7):
        if sum(len(clause) == width for clause in clauses) > len(clauses) / 2:
            return width
    return 0


def repeated(text: str) -> float:
    """0 … 1: how far a text has refrains, by the rows of GRAM words (or characters) that come
    again."""
    units = text.lower().split() if " " in text else list(text)
    grams = Counter(tuple(units[i : i + GRAM]) for i in range(len(units) - GRAM + 1))
    if not grams:
        return 0.0
    share = sum(n - 1 for n in grams.values()) / grams.total()
    few, many = REFRAINS
    return min(1.0, max(0.0, (share - few) / (many - few)))
