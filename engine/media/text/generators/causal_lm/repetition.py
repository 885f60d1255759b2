"""What a text has said already: words and rows of tokens that lose weight when they come again.

A base model left alone falls into loops. Where the references have refrains, the text may have them
too: the penalties shrink with `Manner.refrains`. And what one reference says several times, as it
says "the" and "thy", is free as often: without that, a text of fourteen lines loses its grammar.
Rows of tokens that the references have once lose weight too: what a voice says twice is a habit,
what it says once is a line of a work, and a model that has begun one goes on with it.
Legend: V vocabulary.
"""

import copy
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from engine.media.text.generators.causal_lm.pieces import Pieces

AGAIN = 0.3  # nats, each time a word was said, up to MOST times
MOST = 3
ROW, ROW_AGAIN = 3, 4.0  # tokens in a row, and nats for completing a row that was said
ECHO = 2.0  # nats for completing a row that the references have once
Rows = Mapping[tuple[int, ...], set[int]]  # all tokens of a row but the last -> what comes last


class Repetition:
    """One text. refrains: 0 … 1. usual: how often a word may come before its weight falls. theirs:
    rows of the references, see `said_once_in`."""

    def __init__(
        self,
        pieces: Pieces,
        refrains: float,
        usual: Mapping[int, int] | None = None,
        theirs: Rows | None = None,
    ) -> None:
        self._free, self._words = pieces.marks, pieces.words
        self._share, self._usual = 1.0 - refrains, usual or {}
        self._theirs = theirs or {}
        self._times: dict[int, int] = defaultdict(int)
        self._rows: dict[tuple[int, ...], set[int]] = defaultdict(set)
        self._last: tuple[int, ...] = ()

    def said(self, token: int) -> None:
        if not self._free[token]:
            self._times[int(self._words.of[token])] += 1
        if len(self._last) == ROW - 1:
            self._rows[self._last].add(token)
        self._last = (*self._last, token)[-(ROW - 1) :]

    def copy(self) -> "Repetition":
        """Another with the same counts."""
        twin = copy.copy(self)
        twin._times = self._times.copy()
        twin._rows = defaultdict(set, {row: set(after) for row, after in self._rows.items()})
        return twin

    def lessened(self, log_p: np.ndarray, place: np.ndarray) -> np.ndarray:
        """log p (Vh,) minus the penalties; place (V,): where a token stands in it, -1 nowhere."""
        lessened = log_p.copy()
        for token in self._theirs.get(self._last, ()):
            if place[token] >= 0:
                lessened[place[token]] -= ECHO
        for word, times in self._times.items():
            over = times - self._usual.get(word, 0)
            if over > 0:
                places = place[self._words.tokens(word)]
                lessened[places[places >= 0]] -= AGAIN * min(over, MOST) * self._share
        for token in self._rows.get(self._last, ()):
            if place[token] >= 0:
                lessened[place[token]] -= ROW_AGAIN * self._share
        return lessened


def usual_in(rows: Iterable[Sequence[int]], pieces: Pieces) -> dict[int, int]:
    """How often the references (their tokens) say each word, at most in one of them, where more
    than once."""
    most: dict[int, int] = {}
    for row in rows:
        for word, times in Counter(pieces.words.of[list(row)].tolist()).items():
            if times > 1:
                most[word] = max(times, most.get(word, 0))
    return most


def said_once_in(rows: Iterable[Sequence[int]], pieces: Pieces) -> Rows:
    """The rows of ROW tokens that the references (their tokens) have once in all, but those that
    end on a mark."""
    counts = Counter(tuple(row[i : i + ROW]) for row in rows for i in range(len(row) - ROW + 1))
    found: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for row, times in counts.items():
        if times == 1 and not pieces.marks[row[-1]]:
            found[row[:-1]].add(row[-1])
    return dict(found)
