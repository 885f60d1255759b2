"""A handful of texts as counts of their parts, and what may come next when they are recombined.

Legend: V different parts; a row is one text as ids of parts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from engine.media.text.codec.language import UNSPACED
from engine.media.text.generators.recombining.kneser_ney import KneserNey
from engine.media.text.generators.recombining.parts import (
    END,
    JOIN,
    counts,
    is_word,
    opens,
    parts_of,
    stops,
    uncapitalised,
)

ORDER, DISCOUNT = {True: 3, False: 4}, 0.4  # of words, of letters; chosen by reading what came
VERSE_LINE = {True: 12, False: 30}  # words, letters a line on average up to which it is verse
CAPITALS = 0.6  # the share of lines that begin with one, from which all do
MOST_REPEATS = 5  # of a weighty reference among the counts
HOPELESS = 40  # words


class Recombined:
    """The texts as counts, for verse or for prose.

    verse: whether it has lines. end, stop: the parts that end a line and a text. (V,) bool:
    opening, closing, the words that begin a line or sentence somewhere, and those that end one;
    ending, those before a mark; joined, those with a first letter as after an l'.
    """

    def __init__(
        self, texts: Sequence[str], weights: Sequence[float], language: str, form: str
    ) -> None:
        self.language, self.spaced = language, language not in UNSPACED
        rows = [parts_of(text, language) for text in texts]
        self.verse = form == "free verse" or (form == "" and _is_verse(rows, self.spaced))
        self.capitals = _capitals(rows)
        rows = [self._lined(row) for row in uncapitalised(rows, language)]
        endings = Counter(part for row in rows for part in row if stops(part))
        unmarked = END if self.verse else JOIN + "."
        stop = endings.most_common(1)[0][0] if endings else unmarked
        self.parts = sorted({part for row in rows for part in row} | {END, stop})
        self.ids = {part: i for i, part in enumerate(self.parts)}
        self.end, self.stop = self.ids[END], self.ids[stop]
        self._count(rows, weights)
        self._measure_lines(rows)
        self._describe(rows)

    def _lined(self, row: list[str]) -> list[str]:
        """With lines where verse is asked of prose, without where prose is asked of verse."""
        if not self.verse:
            return [part for part in row if part != END]
        if max(line_lengths(row), default=0) <= 2 * VERSE_LINE[self.spaced]:
            return row
        ends = [[part] if is_word(part) else [part, END] for part in row if part != END]
        return [part for each in ends for part in each]

    def _count(self, rows: Sequence[Sequence[str]], weights: Sequence[float]) -> None:
        """A text that weighs more counts several times."""
        times = [min(MOST_REPEATS, max(1, round(w / min(weights)))) for w in weights]
        counted = [
            self.numbers([END, *row]) for row, n in zip(rows, times, strict=True) for _ in range(n)
        ]
        self._grams = KneserNey(counted, DISCOUNT, ORDER[self.spaced])

    def _measure_lines(self, rows: Sequence[Sequence[str]]) -> None:
        self._lengths = Counter(length for row in rows for length in line_lengths(row))
        known = sorted(self._lengths.elements())
        self._usual = known[len(known) // 3] if known else 0  # two lines of three are as long
        ends = sum(row.count(END) for row in rows)
        share = (ends + 0.1) / (sum(map(len, rows)) + 0.2)
        self._end_odds = float(np.log(share / (1 - share)))

    def _describe(self, rows: Sequence[Sequence[str]]) -> None:
        """Which parts are words, long words, and where they may stand."""
        pairs = [pair for row in rows for pair in pairwise([END, *row, END])]
        self.words = np.array([is_word(part) for part in self.parts])
        self.long = np.array([len(part.strip(JOIN)) > 3 for part in self.parts]) & self.words
        self.opening = self._those({part for before, part in pairs if opens(before)}) & self.words
        self.closing = self._those({before for before, part in pairs if not is_word(part)})
        marked = {before for before, part in pairs if part != END and not is_word(part)}
        self.ending = self._those(marked) if marked else self.closing
        joined = {part[0] for before, part in pairs if before.endswith(JOIN)}
        self.joined = np.array([part[0] in joined for part in self.parts]) & self.words

    def _those(self, parts: set[str]) -> np.ndarray:
        return np.array([part in parts for part in self.parts])

    def numbers(self, parts: Sequence[str]) -> list[int]:
        """Their ids; -1 for what no text has."""
        return [self.ids.get(part, -1) for part in parts]

    # ---- what comes next -----------------------------------------------------------------------

    def log_shares(self, before: Sequence[int], words_in_line: int, strength: float) -> np.ndarray:
        """(V,) log p of the next part. strength 0: only how common each is; 1: as counted."""
        even = np.full(len(self.parts), 1 / len(self.parts))
        plain = np.log(self._grams.shares([], even))
        log_p = plain + strength * (np.log(self._grams.shares(before, even)) - plain)
        log_p[self.end] += self._line_end(words_in_line) if self.verse else -np.inf
        return log_p

    def _line_end(self, words: int) -> float:
        """How much likelier a line ends after so many words than lines do at large (nats)."""
        longer = sum(n for length, n in self._lengths.items() if length >= words)
        share = (self._lengths[words] + 0.05) / (longer + 0.1)
        return float(np.log(share / (1 - share))) - self._end_odds

    def possible(self, last: int, words_in_line: int, late: int) -> Iterator[np.ndarray]:
        """(V,) bool of what may follow the part `last`, the strictest first; the caller's own.

        Lines and sentences begin and end with words that do so in the texts; there is no mark after
        a mark, no empty line. late: so many words ago the text should have ended; it does with the
        next sentence that can, past HOPELESS wherever it stands.
        """
        part = self.parts[last] if last >= 0 else "unknown"
        if part == END or part.endswith(JOIN):
            yield (self.opening if part == END else self.joined).copy()
            yield self.words.copy()
        elif not is_word(part):
            if stops(part):
                yield (
                    self._only(self.end) if self.verse and late > 0 else self._or_end(self.opening)
                )
            yield self._or_end(self.words)
        else:
            full = not self.verse or words_in_line >= self._usual
            if late > HOPELESS or (late > 0 and last >= 0 and self.ending[last] and full):
                yield self._only(self.stop)
            if last >= 0:
                mask = self.words | self.ending[last]
                mask[self.end] = self.closing[last]
                yield mask
            yield np.ones(len(self.parts), bool)

    def _only(self, part: int) -> np.ndarray:
        mask = np.zeros(len(self.parts), bool)
        mask[part] = True
        return mask

    def _or_end(self, mask: np.ndarray) -> np.ndarray:
        mask = mask.copy()
        mask[self.end] = True
        return mask


def _is_verse(rows: Sequence[Sequence[str]], spaced: bool) -> bool:
    lengths = [length for row in rows for length in line_lengths(row)]
    return len(lengths) > 2 and sum(lengths) <= VERSE_LINE[spaced] * len(lengths)


def _capitals(rows: Sequence[Sequence[str]]) -> bool:
    firsts = [part for row in rows for before, part in pairwise([END, *row]) if before == END]
    return sum(part[:1].isupper() for part in firsts) >= CAPITALS * len(firsts) > 0


def line_lengths(row: Sequence[str]) -> list[int]:
    """Words of each line that has some."""
    lengths = [0]
    for part in row:
        lengths[-1] += counts(part)
        if part == END:
            lengths.append(0)
    return [length for length in lengths if length]
