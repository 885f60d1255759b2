"""The clauses of a text: other orders of them, and whether marks and capitals fit where they stand.

A clause ends with a mark that parts or ends sentences, or with its line. Only words of grammar tell
whether a capital is one of a beginning: names have theirs anywhere.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.media.text.copying import Language

PAUSES, ENDS = ",;:，；：、", ".!?。！？…"
CLOSERS = "\"'”’)）」』》"
FEWEST = 3  # clauses that have an order to speak of
_STOPS = rf"[{PAUSES}{ENDS}]+[{CLOSERS}]*"
_MARKS = {  # within 2:15 there is none
    "en": re.compile(rf"{_STOPS}(?:\n+|(?=\s)|$)|\n+"),
    "zh": re.compile(rf"{_STOPS}\n*|\n+"),
}
_GRAMMAR = frozenset(
    re.split(
        r"\s+",
        """a after all an and any are as at be been before but by can could did do does down
        each every for from had has have he her here him his if in into is it its may me
        might must my no nor not of on one or our out over shall she should so some than that
        the their them then there these they this those to under up us was we were when where
        which while who whom will with without would yet you your""",
    )
)


@dataclass(frozen=True, slots=True)
class Clause:
    """words and the mark after them, with the line breaks that follow."""

    words: str
    mark: str


def clauses_of(text: str, language: Language) -> list[Clause]:
    """In their order, without the spaces between them."""
    found: list[Clause] = []
    start = 0
    for mark in _MARKS[language].finditer(text):
        words = text[start : mark.start()].strip()
        start = mark.end()
        if words:
            found.append(Clause(words, mark[0]))
    if last := text[start:].strip():
        found.append(Clause(last, ""))
    return found


def laid_out(clauses: Sequence[Clause], language: Language) -> str:
    """As one text again."""
    space = " " if language == "en" else ""
    parts = [c.words + c.mark + ("" if c.mark.endswith("\n") else space) for c in clauses]
    return "".join(parts).strip()


def other_order(count: int, rng: random.Random) -> list[int]:
    """Of at least two places, one that is not as it was."""
    order = rng.sample(range(count), count)
    return order if order != sorted(order) else [*range(1, count), 0]


def shuffled(text: str, language: Language, rng: random.Random) -> str:
    """Its clauses in any order, each with its mark; as it is where it has fewer than FEWEST."""
    clauses = clauses_of(text, language)
    if len(clauses) < FEWEST:
        return text
    return laid_out([clauses[i] for i in other_order(len(clauses), rng)], language)


def words_shuffled(text: str, language: Language, rng: random.Random) -> str:
    """Its clauses in any order between marks and line breaks that stay, with capitals where
    sentences begin; as it is where it has fewer than FEWEST."""
    clauses = clauses_of(text, language)
    if len(clauses) < FEWEST:
        return text
    order = other_order(len(clauses), rng)
    words = [clauses[i].words for i in order]
    if language == "en":
        begins = [i == 0 or opens_sentence(clauses[i - 1].mark) for i in range(len(clauses))]
        capital = [clause.words[:1].isupper() for clause in clauses]
        words = [_begun(each, big=capital[i] or begins[i]) for i, each in enumerate(words)]
    return laid_out([Clause(w, c.mark) for w, c in zip(words, clauses, strict=True)], language)


def opens_sentence(mark: str) -> bool:
    """Whether a sentence begins after it."""
    return mark.rstrip(CLOSERS + "\n")[-1:] in tuple(ENDS)


def _begun(words: str, *, big: bool) -> str:
    first = re.match(r"\W*([\w'’]+)", words)
    if first is None:
        return words
    at, word = first.start(1), first[1]
    if big:
        return words[:at] + word[:1].upper() + words[at + 1 :]
    small = word[:1].lower() + word[1:]
    return words[:at] + small + words[at + len(word) :] if small in _GRAMMAR else words


def misfits(text: str, language: Language) -> float:
    """0 … 1: of the beginning, the places between clauses and the end, how many have a mark or a
    capital that does not fit what follows."""
    clauses = clauses_of(text, language)
    if not clauses:
        return 0.0
    wrong = clauses[-1].mark.rstrip(CLOSERS + "\n")[-1:] in tuple(PAUSES)
    if language == "en":
        wrong += _clash(".", clauses[0].words)
        for before, after in pairwise(clauses):
            wrong += _clash(before.mark, after.words)
    return min(1.0, float(wrong) / len(clauses))


def _clash(mark: str, words: str) -> bool:
    """Whether the clause begins as none does after this mark. A line may begin either way."""
    first = re.match(r"\W*([\w'’]+)", words)
    if first is None or "\n" in mark:
        return False
    word = first[1]
    if opens_sentence(mark):
        return word[0].islower() and not mark.rstrip(ENDS)
    return word[0].isupper() and word.lower() in _GRAMMAR and mark[-1:] in tuple(",;")
