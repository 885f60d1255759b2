"""English verse whose references keep a metre: as many syllables a line, ends that rhyme as theirs.

Both are read off the references: a line that the median of syllables does not fit, or a scheme that
most of them do not share, is none. A draft is led, not forced: words that would rhyme where a line
may end become likelier, line breaks elsewhere less likely. Under a mask, as `forms.metrical` has
it, a model of this size keeps the form and loses the sense; led, it keeps both now and then.
Legend: V vocabulary; a bias (V,) is in nats.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.media.text.forms.sounds import WEAK, Sound, sound_of, words_in
from engine.media.text.generators.causal_lm.pieces import Pieces
from engine.media.text.generators.causal_lm.prompt import tidy

FEWEST_LINES = 4
NEAR, MOST_OF = 1, 0.75  # syllables about the median, and the share of lines that are so near
SHARED = 0.5  # of the references whose lines rhyme there
RHYME, UNRHYMED = 4.5, -3.0  # nats for a word that rhymes, for a break after one that does not
EARLY, LATE, FULL = -6.0, 6.0, -3.0  # a break too early, too late; another word in a full line
LEANING = -4.0  # a break after a word that leans on the next
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Verse:
    """syllables: of most lines. partners: line -> the earlier line that it rhymes with. capitals:
    every line begins with one. digits: there are some."""

    syllables: int
    partners: Mapping[int, int]
    capitals: bool = True
    digits: bool = False

    @property
    def span(self) -> tuple[int, int]:
        return self.syllables - NEAR, self.syllables + NEAR

    def kept(self, text: str) -> float:
        """0 … 1: how far a text keeps it, lines in metre and lines that rhyme weighing alike."""
        lines = lines_of(text)
        low, high = self.span
        fits = [low <= syllables_of(line) <= high for line in lines]
        rhymes = [rhyme(lines[a], lines[b]) for b, a in self.partners.items() if b < len(lines)]
        return float(np.mean([*fits, *rhymes])) if fits else 0.0


def verse_of(texts: Sequence[str]) -> Verse | None:
    """What at least two references keep; None where they keep none."""
    rows = [lines_of(text) for text in texts]
    if len(rows) < 2 or min(map(len, rows)) < FEWEST_LINES:
        return None
    counts = [syllables_of(line) for row in rows for line in row]
    usual = round(float(np.median(counts)))
    near = sum(abs(count - usual) <= NEAR for count in counts)
    if near < MOST_OF * len(counts):
        return None
    capitals = all(words_in(line)[0].lstrip("'")[0].isupper() for row in rows for line in row)
    return Verse(usual, _scheme(rows), capitals, any(map(str.isdigit, "".join(texts))))


def _scheme(rows: Sequence[Sequence[str]]) -> dict[int, int]:
    """The pairs of lines that rhyme in SHARED of the works, each line with the nearest before."""
    pairs: Counter[tuple[int, int]] = Counter()
    for row in rows:
        pairs.update((a, b) for a, b in combinations(range(len(row)), 2) if rhyme(row[a], row[b]))
    found = [pair for pair, times in pairs.items() if times >= SHARED * len(rows)]
    return {b: a for a, b in sorted(found)}


def lines_of(text: str) -> list[str]:
    return [line for line in tidy(text).split("\n") if words_in(line)]


def syllables_of(line: str) -> int:
    """By the dictionary, of a word that it lacks by groups of vowels."""
    return sum(_syllables(word) for word in words_in(line))


def _syllables(word: str) -> int:
    sound = sound_of(word)
    return sound.syllables if sound else max(1, len(_VOWELS.findall(word.lower())))


def rhyme(one: str, other: str) -> bool:
    """Whether two lines end on different words that rhyme."""
    ends = [_end(line) for line in (one, other)]
    if ends[0][0] == ends[1][0] or ends[0][1] is None or ends[1][1] is None:
        return False
    return ends[0][1].rhyme == ends[1][1].rhyme


def _end(line: str) -> tuple[str, Sound | None]:
    words = words_in(line)
    return (words[-1].lower(), sound_of(words[-1])) if words else ("", None)


class Steering:
    """Over one vocabulary: which tokens are whole words of a rhyme, and of how many syllables."""

    def __init__(self, verse: Verse, pieces: Pieces) -> None:
        self.verse, self._pieces = verse, pieces
        words: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
        for token, text in enumerate(pieces.texts):
            if text[:1] == " " and text[1:].isalpha() and text[1:].islower():
                sound = sound_of(text[1:])
                if sound and text[1:] not in WEAK:
                    words[sound.rhyme].append((token, text[1:], sound.syllables))
        self._words = dict(words)
        has_digits = np.array([any(map(str.isdigit, text)) for text in pieces.texts])
        self.never = has_digits & (not verse.digits)  # (V,) what such verse has nowhere
        self._small = np.array([text[:1].islower() for text in pieces.texts])
        self._begins = np.array([text[:1] == " " and text[1:2].isalpha() for text in pieces.texts])

    def bias(self, body: str) -> np.ndarray | None:
        """(V,) nats for what follows `body`, a work as far as it is written; None for none."""
        whole = body.split("\n")
        lines, now = [line for line in whole[:-1] if line], whole[-1]
        if not now and lines and self.verse.capitals:
            return np.where(self._small, np.float32(EARLY), np.float32(0))
        if not now.strip() or now[-1].isspace():
            return None
        low, high = self.verse.span
        said, (word, sound) = syllables_of(now), _end(now)
        partner = self.verse.partners.get(len(lines))
        wanted = _end(lines[partner]) if partner is not None and partner < len(lines) else None
        bias = np.zeros(len(self._begins), np.float32)
        breaks = self._pieces.breaks > 0
        ends = breaks | self._pieces.ends if self._is_last(len(lines)) else breaks
        if said < low:
            bias[ends] += EARLY
        elif said > high:
            bias[ends] += LATE
        if word in WEAK:
            bias[ends] += LEANING
        if said >= high:
            bias[self._begins] += FULL
        if wanted and wanted[1]:
            fits = sound is not None and sound.rhyme == wanted[1].rhyme and word != wanted[0]
            if low <= said <= high:
                bias[ends] += RHYME if fits else UNRHYMED
            if not fits or said < low:
                bias[self._rhyming(wanted[1], wanted[0], low - said, high - said)] += RHYME
        return bias

    def _is_last(self, line: int) -> bool:
        return line == max(self.verse.partners, default=-1)

    def _rhyming(self, sound: Sound, taken: str, least: int, most: int) -> list[int]:
        """Tokens that are a word of this rhyme, of so many syllables, another than `taken`."""
        return [
            token
            for token, word, count in self._words.get(sound.rhyme, ())
            if least <= count <= most and word != taken
        ]
