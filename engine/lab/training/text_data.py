"""Sequences that are several works of one author: what the text model is pre-trained on.

Legend: B sequences, T = context tokens. Works stand one after another in random order, so that the
model learns to read the first as evidence for the next; where an author has too few, <start> opens
another's. Seed, step and rank alone decide a batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.lab.training.corpus.works import Work, by_author, read_works
from engine.media.text.tokens import START, Piece, Tokens, train_tokens

SHARES = {"zh": 0.4, "en": 0.6}  # of the sequences, and so of the tokens
TEMPER = 0.7  # an author's chance is (tokens of the author) ** TEMPER: the prolific yield a little


def piece(work: Work) -> Piece:
    return Piece(work.language, work.form, work.text, work.heading)


@dataclass(frozen=True, slots=True)
class Library:
    """The tokens of all works in one row, and whose they are.

    tokens: (N,) uint16. starts: (W + 1,). authors: language -> the works (indices) of each author.
    """

    tokens: np.ndarray
    starts: np.ndarray
    authors: dict[str, list[np.ndarray]]
    chances: dict[str, np.ndarray]

    @classmethod
    def of(cls, groups: Mapping[str, Sequence[Work]], tokens: Tokens) -> "Library":
        """Tokenise the works of the authors; an author counts to the language of the first work."""
        works = [work for group in groups.values() for work in group]
        rows: list[np.ndarray] = []
        for i in range(0, len(works), 4096):
            batch = tokens.works([piece(w) for w in works[i : i + 4096]])
            rows += [np.asarray(row, np.uint16) for row in batch]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        authors: dict[str, list[np.ndarray]] = {}
        first = 0
        for group in groups.values():
            indices = np.arange(first, first + len(group))
            authors.setdefault(group[0].language, []).append(indices)
            first += len(group)
        return cls(np.concatenate(rows), starts, authors, cls._chances(authors, starts))

    @staticmethod
    def _chances(authors: dict[str, list[np.ndarray]], starts: np.ndarray) -> dict[str, np.ndarray]:
        chances = {}
        for language, indices in authors.items():
            sizes = np.array([starts[i[-1] + 1] - starts[i[0]] for i in indices], float)
            chances[language] = sizes**TEMPER / (sizes**TEMPER).sum()
        return chances

    def work(self, index: int) -> np.ndarray:
        return self.tokens[self.starts[index] : self.starts[index + 1]]

    def sequence(self, rng: np.random.Generator, length: int) -> np.ndarray:
        """(length,) int64: works of one author at random, others' after <start> where they end."""
        languages = [name for name in SHARES if name in self.authors]
        shares = np.array([SHARES[name] for name in languages])
        language = languages[rng.choice(len(languages), p=shares / shares.sum())]
        parts: list[np.ndarray] = []
        filled = 0
        while filled < length:
            author = rng.choice(len(self.authors[language]), p=self.chances[language])
            parts.append(np.array([START], np.uint16))
            filled += 1
            for index in rng.permutation(self.authors[language][author]):
                parts.append(self.work(int(index)))
                filled += len(parts[-1])
                if filled >= length:
                    break
        return np.concatenate(parts)[:length].astype(np.int64)

    def batch(self, seed: int, step: int, rank: int, count: int, length: int) -> np.ndarray:
        """(count, length) int64, always the same for its arguments."""
        rng = np.random.default_rng((seed, step, rank))
        return np.stack([self.sequence(rng, length) for _ in range(count)])


def load_corpus(path: Path) -> list[Work]:
    """Raises `FileNotFoundError` that says what to do."""
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run `python -m engine corpus build` first")
    return read_works(path)


def learn_tokens(works: Sequence[Work], path: Path) -> Tokens:
    """The tokens of `path`; where there are none, those of the training authors, kept there."""
    if path.exists():
        return Tokens.load(path)
    mine = [work for group in by_author(works, "training").values() for work in group]
    tokens = train_tokens(
        (work.text for work in mine if work.language == "zh"),
        (work.text for work in mine if work.language == "en"),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(tokens.tokenizer.to_str(pretty=True), encoding="utf-8")
    partial.replace(path)
    return tokens
