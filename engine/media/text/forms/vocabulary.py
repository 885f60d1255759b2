"""The vocabulary of a language model as bytes, whatever its tokeniser: V tokens.

A token may hold part of a character, one word, several words, or nothing that a text may contain.
How units are spelled in tokens is decided here: as the tokeniser itself would, where its own
encoding is given and gives back the very bytes; else in as few tokens as possible.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine.media.text.forms.constraint import Choice, Fragment, Lexicon
from engine.media.text.forms.han import Characters, is_han
from engine.media.text.forms.rhymes import rhyme_book
from engine.media.text.forms.trie import Path, Trie

ENOUGH_CHARACTERS = 3000  # that are one token each: then no others are written
KEPT_BYTES = 64 << 20  # of masks that are kept
KEPT_PATHS = 4096
UNIT = re.compile(
    r" ?'?[A-Za-z]+|\n\n|--|.", re.DOTALL
)  # what a token of several units begins with


@dataclass(frozen=True, slots=True)
class Compounds:
    """Tokens of several units whose rest, after the first, is a token too: (n,) each.

    firsts: the first units, by their places in `texts`.
    """

    texts: tuple[str, ...]
    firsts: np.ndarray
    tokens: np.ndarray
    rests: np.ndarray

    def rows(self, rows: np.ndarray) -> "Compounds":
        return Compounds(self.texts, self.firsts[rows], self.tokens[rows], self.rests[rows])


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """token_bytes: what each token adds to a text, spaces as spaces; None: never in a text (special
    tokens, and whatever else must not be written).

    encode: texts -> tokens, as the tokeniser would; the texts stand within a text, not at its
    beginning. end: the token that ends a text. compound: whether tokens of several units are used.
    Raises ValueError where a byte has no token of its own, for then some texts cannot be written.
    """

    token_bytes: tuple[bytes | None, ...]
    encode: Callable[[Sequence[str]], list[list[int]]] | None = None
    end: int | None = None
    compound: bool = True
    masks: dict[object, np.ndarray] = field(default_factory=dict)
    _tries: dict[Lexicon, Trie] = field(default_factory=dict)
    _paths: dict[str, Trie] = field(default_factory=dict)
    _ordered: dict[tuple[Lexicon, Hashable], np.ndarray] = field(default_factory=dict)
    _fragments: dict[Fragment, np.ndarray] = field(default_factory=dict)
    _compounds: dict[Lexicon | Fragment, Compounds] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [c for c in range(256) if bytes([c]) not in self.token_of and c not in _UNUSED]
        if missing:
            raise ValueError(f"no token of their own have the bytes {bytes(missing)!r}")

    @property
    def size(self) -> int:
        """V."""
        return len(self.token_bytes)

    @cached_property
    def token_of(self) -> dict[bytes, int]:
        """The token of these bytes; the first where there are several."""
        found: dict[bytes, int] = {}
        for token, data in enumerate(self.token_bytes):
            if data:
                found.setdefault(data, token)
        return found

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text of each token; empty for parts of characters and for what is never written."""
        return tuple(_decoded(data) if data else "" for data in self.token_bytes)

    @cached_property
    def characters(self) -> Characters:
        """The Chinese characters that forms may use: those of one token, if there are enough of
        them, for the model knows them best; else also what the rhyme book knows."""
        single = dict.fromkeys(text for text in self.texts if is_han(text))
        if len(single) < ENOUGH_CHARACTERS:
            single |= dict.fromkeys(filter(is_han, sorted(rhyme_book().tones)))
        return Characters(tuple(single))

    def pruned(self, kept: Sequence[int]) -> "Vocabulary":
        """The vocabulary of a model whose token i is token kept[i] of this one.

        Raises ValueError where a byte has no token left.
        """
        place = {token: i for i, token in enumerate(kept)}
        own = self.encode

        def encode(texts: Sequence[str]) -> list[list[int]]:
            rows = own(texts) if own else [[] for _ in texts]
            return [[place[t] for t in row] if place.keys() >= {*row} else [] for row in rows]

        return Vocabulary(
            tuple(self.token_bytes[token] for token in kept),
            encode if own else None,
            None if self.end is None else place.get(self.end),
            self.compound,
        )

    # ---- units as tokens -----------------------------------------------------------------------

    def spell(self, texts: Sequence[str]) -> list[Path]:
        """The tokens of each text, one way each."""
        rows = self.encode(texts) if self.encode else [[] for _ in texts]
        return [
            tuple(row) if self._says(row, text) else self._shortest(text.encode())
            for row, text in zip(rows, texts, strict=True)
        ]

    def _says(self, row: Sequence[int], text: str) -> bool:
        return bool(row) and b"".join(self.token_bytes[i] or b"\xff" for i in row) == text.encode()

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.token_of))

    def _shortest(self, data: bytes) -> Path:
        """In as few tokens as possible, the earlier ones longer, by dynamic programming."""
        ends = [0] * len(data)  # where the token that begins here ends
        cost = [0] * (len(data) + 1)
        for start in reversed(range(len(data))):
            stops = range(min(len(data), start + self._longest), start, -1)
            known = [stop for stop in stops if data[start:stop] in self.token_of]
            ends[start] = min(known, key=lambda stop: cost[stop])
            cost[start] = 1 + cost[ends[start]]
        path, at = [], 0
        while at < len(data):
            path.append(self.token_of[data[at : ends[at]]])
            at = ends[at]
        return tuple(path)

    def trie(self, lexicon: Lexicon) -> Trie:
        """The units of a lexicon as paths; made once."""
        if lexicon not in self._tries:
            self._tries[lexicon] = Trie(self.spell(lexicon.texts))
        return self._tries[lexicon]

    def ordered(self, choice: Choice) -> np.ndarray:
        """(W,) the biases of a choice in the order of its trie."""
        order = self.trie(choice.lexicon).order
        if choice.key is None:
            return choice.bias.take(order)
        key = (choice.lexicon, choice.key)
        if key not in self._ordered:
            self._ordered[key] = choice.bias.take(order)
        return self._ordered[key]

    def path(self, text: str) -> Trie:
        """One text as a path."""
        if text not in self._paths:
            if len(self._paths) >= KEPT_PATHS:
                self._paths.clear()
            self._paths[text] = Trie(self.spell([text]))
        return self._paths[text]

    def fragments(self, fragment: Fragment) -> np.ndarray:
        """(n,) the tokens whose whole text matches, in ascending order."""
        if not fragment.pattern:
            known = (self.token_of.get(text.encode()) for text in fragment.texts)
            return np.array(sorted({token for token in known if token is not None}), np.int64)
        if fragment not in self._fragments:
            matches = re.compile(fragment.pattern).fullmatch
            found = [i for i, text in enumerate(self.texts) if text and matches(text)]
            self._fragments[fragment] = np.array(found, np.int64)
        return self._fragments[fragment]

    def matches(self, fragment: Fragment, token: int) -> bool:
        """Whether the token is one of the fragment's."""
        tokens = self.fragments(fragment)
        at = int(np.searchsorted(tokens, token))
        return at < len(tokens) and int(tokens[at]) == token

    # ---- tokens of several units ---------------------------------------------------------------

    @cached_property
    def splits(self) -> dict[int, tuple[str, int]]:
        """Token of several units -> its first unit, and the token that is the rest."""
        return dict(self._splits()) if self.compound else {}

    def _splits(self) -> Iterator[tuple[int, tuple[str, int]]]:
        for token, text in enumerate(self.texts):
            first = UNIT.match(text) if len(text) > 1 else None
            if first and first.end() < len(text):
                rest = self.token_of.get(text[first.end() :].encode())
                if rest is not None:
                    yield token, (first[0], rest)

    def compounds(self, unit: str | Lexicon | Fragment) -> Compounds:
        """Those whose first unit is this text, is in the lexicon, or matches the fragment."""
        if isinstance(unit, str):
            return self._compounds_of((unit,)) if unit in self._firsts else _NONE
        if unit not in self._compounds:
            if isinstance(unit, Lexicon):
                texts = unit.texts
            elif unit.pattern:
                texts = tuple(filter(re.compile(unit.pattern).fullmatch, self._firsts))
            else:
                texts = unit.texts
            self._compounds[unit] = self._compounds_of(texts)
        return self._compounds[unit]

    @cached_property
    def _firsts(self) -> dict[str, list[tuple[int, int]]]:
        """First unit -> (token, rest) of the tokens of several units that begin with it."""
        found: dict[str, list[tuple[int, int]]] = {}
        for token, (first, rest) in self.splits.items():
            found.setdefault(first, []).append((token, rest))
        return found

    def _compounds_of(self, texts: tuple[str, ...]) -> Compounds:
        rows = [(i, *row) for i, text in enumerate(texts) for row in self._firsts.get(text, ())]
        firsts, tokens, rests = np.array(rows, np.int64).reshape(-1, 3).T
        return Compounds(texts, firsts, tokens, rests)

    # ---- masks ---------------------------------------------------------------------------------

    def keep(self, key: object, mask: np.ndarray) -> np.ndarray:
        """Keep a mask (V,); the oldest go where they are too many."""
        while self.masks and (len(self.masks) + 1) * mask.nbytes > KEPT_BYTES:
            del self.masks[next(iter(self.masks))]
        self.masks[key] = mask
        return mask


_NONE = Compounds((), *np.zeros((3, 0), np.int64))
_UNUSED = {0xC0, 0xC1, *range(0xF5, 0x100)}  # bytes that stand in no UTF-8


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""
