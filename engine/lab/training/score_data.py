"""Sequences that are several works of one style: what the score model is pre-trained on.

Legend: B sequences, T = context tokens. Tunes stand whole; of longer works, passages of some bars.
Half the sequences are in the common key, as all are when the model is used; the others are moved by
as many semitones as their key was, so that the model hears every pattern at every pitch. Seed, step
and rank alone decide a batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.lab.training.corpus.notes_works import NotesWork, NotesWorks
from engine.media.audio.generators.score.weights import OPENING
from engine.media.audio.score_tokens import HEADER, IDS, MANY, encode, span
from engine.media.audio.theory.grid import quantise

CORPUS = Path("corpus/notes")
TEMPER = 0.6  # a style's chance is (tokens of the style) ** TEMPER: the prolific yield a little
WHOLE = 700  # tokens up to which a work stands whole
PASSAGE_BARS = (8, 33)
_LEFT, _METRE, _PITCH = span("left"), span("metre"), span("pitch")
KEPT = 0.5  # of the sequences stay in the common key
NO_TEMPO = 0.3  # of the works that say a tempo lose it, so that it can be left open
TEMPO_AT = 3  # in the header
MOST_MOVED = 6  # semitones


@dataclass(frozen=True, slots=True)
class Tokenised:
    """One work. tokens (T,) int16 in the common key; bars (B,): where each bar's tokens begin;
    metres (B,): the metre token of each."""

    tokens: np.ndarray
    bars: np.ndarray
    metres: np.ndarray

    @classmethod
    def of(cls, tokens: np.ndarray) -> "Tokenised":
        bars = np.flatnonzero((tokens >= _LEFT.start) & (tokens < _LEFT.stop))
        changes = (tokens >= _METRE.start) & (tokens < _METRE.stop)
        last = np.maximum.accumulate(np.where(changes, np.arange(len(tokens)), 0))
        ends = np.append(bars[1:], len(tokens)) - 1
        return cls(tokens, bars, tokens[last[ends]])

    def passage(self, first: int, count: int) -> np.ndarray:
        """Bars first to first + count - 1; where they are not the last, they do not end."""
        stop = first + count
        head = self.tokens[:HEADER]
        if stop >= len(self.bars):
            body = self.tokens[self.bars[first] :]
        else:
            body = self.tokens[self.bars[first] : self.bars[stop]].copy()
            body[self.bars[first:stop] - self.bars[first]] = MANY
        named = len(body) > 1 and _METRE.start <= body[1] < _METRE.stop
        metre = body[:0] if named else self.metres[first : first + 1]
        return np.concatenate([head, body[:1], metre, body[1:]])


@dataclass(frozen=True, slots=True)
class ScoreLibrary:
    """The works of every style, and how likely each style is to be shown."""

    styles: tuple[tuple[Tokenised, ...], ...]
    chances: np.ndarray

    @classmethod
    def of(cls, groups: Mapping[str, Sequence[np.ndarray]]) -> "ScoreLibrary":
        """Style -> token rows."""
        styles = tuple(tuple(Tokenised.of(row) for row in rows) for rows in groups.values())
        sizes = np.array([sum(len(w.tokens) for w in works) for works in styles], float)
        return cls(styles, sizes**TEMPER / (sizes**TEMPER).sum())

    def batch(self, seed: int, step: int, rank: int, count: int, length: int) -> np.ndarray:
        """(count, length) int64, always the same for its arguments."""
        rng = np.random.default_rng((seed, step, rank))
        return np.stack([self.sequence(rng, length) for _ in range(count)])

    def sequence(self, rng: np.random.Generator, length: int) -> np.ndarray:
        """(length,) int64: works of one style at random, others' where they end."""
        parts: list[np.ndarray] = []
        filled = 0
        while filled < length:
            style = self.styles[rng.choice(len(self.styles), p=self.chances)]
            parts.append(np.array([OPENING], np.int16))
            filled += 1
            shift = 0 if rng.random() < KEPT else int(rng.integers(-MOST_MOVED + 1, MOST_MOVED + 1))
            for index in rng.permutation(len(style)):
                parts.append(moved(part_of_work(style[index], rng), shift))
                filled += len(parts[-1])
                if filled >= length:
                    break
        return np.concatenate(parts)[:length].astype(np.int64)


def part_of_work(work: Tokenised, rng: np.random.Generator) -> np.ndarray:
    """All of a short work, some bars of a long one; sometimes without its tempo."""
    if len(work.tokens) <= WHOLE or len(work.bars) <= PASSAGE_BARS[0]:
        row = work.tokens.copy()
    else:
        count = min(int(rng.integers(*PASSAGE_BARS)), len(work.bars))
        row = work.passage(int(rng.integers(len(work.bars) - count + 1)), count)
    if rng.random() < NO_TEMPO:
        row[TEMPO_AT] = IDS["tempo", 0]
    return row


def moved(row: np.ndarray, semitones: int) -> np.ndarray:
    """The same music higher; by octaves back where it leaves the range."""
    if not semitones:
        return row
    pitched = (row >= _PITCH.start) & (row < _PITCH.stop)
    pitches = row[pitched].astype(int) + semitones
    pitches += 12 * (pitches < _PITCH.start) - 12 * (pitches >= _PITCH.stop)
    row = row.copy()
    row[pitched] = pitches
    return row


def tokenised(
    works: NotesWorks, groups: Mapping[str, Sequence[NotesWork]]
) -> dict[str, list[np.ndarray]]:
    """Style -> the tokens of each of its works."""
    return {name: [tokens_of(works, work) for work in group] for name, group in groups.items()}


def tokens_of(works: NotesWorks, work: NotesWork) -> np.ndarray:
    """(T,) int16, in the common key."""
    return encode(quantise(works.score(work)))


def load_corpus(path: Path) -> NotesWorks:
    """Raises `FileNotFoundError` that says what to do."""
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: run `python -m engine corpus build --medium audio` first"
        )
    return NotesWorks(path)
