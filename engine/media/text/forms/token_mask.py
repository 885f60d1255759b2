"""A constraint as masks over the tokens of a vocabulary, token by token.

Between two units the mask is the union of the options. Within a unit it is the tokens by which some
unit that is allowed can still be finished (`trie`), so the mask is never empty and never leads into
a dead end, also where a character takes several tokens. A token of several units is allowed where
its first unit is and its rest is after that. The bias of a unit of several tokens is spent on the
first of them, as much as the best unit below it has, and corrected as soon as units part.
Legend: V vocabulary, W units of a lexicon; biases are float32 nats, see `constraint`.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from engine.media.text.forms.constraint import (
    NEVER,
    Choice,
    Constraint,
    FixedText,
    Fragment,
    Option,
    as_bias,
)
from engine.media.text.forms.trie import Node
from engine.media.text.forms.vocabulary import Compounds, Vocabulary

MOST_UNITS = 4  # of one token
MOST_BRANCHES = 16  # first units of tokens of several that are tried one by one

_NOTHING = np.float32(0)
_CERTAIN = np.ones(1, bool)

AnyConstraint = TypeVar("AnyConstraint", bound=Constraint)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Within a unit of one option. ordered (W,): the biases in trie order; spent: of the bias."""

    texts: tuple[str, ...]
    ordered: np.ndarray
    node: Node
    spent: np.float32 = _NOTHING

    @property
    def unit(self) -> str | None:
        """The unit that is complete here and allowed; None where there is none."""
        return self.texts[self.node.unit] if self.node.own(self.ordered) > NEVER else None

    @property
    def unspent(self) -> np.float32:
        """What the complete unit has of its bias left."""
        return self.node.own(self.ordered) - self.spent

    def write(self, mask: np.ndarray, *, first: bool) -> None:
        """Into (V,): the tokens that go on with the unit; first: nothing is written there yet."""
        tokens, best = self.node.tokens, self.node.best(self.ordered)
        best = best - self.spent if self.spent else best
        mask[tokens] = best if first else np.maximum(mask[tokens], best)

    def after(self, token: int) -> "_Cursor | None":
        """None where the token does not go on with a unit that is allowed."""
        node = self.node.child(token)
        if node is None or (best := node.greatest(self.ordered)) == NEVER:
            return None
        return _Cursor(self.texts, self.ordered, node, best)


class _Boundary(Generic[AnyConstraint]):
    """A constraint between two units, its options as tokens."""

    def __init__(self, constraint: AnyConstraint, vocabulary: Vocabulary) -> None:
        self.constraint, self.vocabulary = constraint, vocabulary
        self.options = () if constraint.done else tuple(constraint.options())
        self._roots: dict[Option, _Cursor] = {}
        self._mask: np.ndarray | None = None

    def _root(self, option: Choice | FixedText) -> _Cursor:
        """Before the first token of the option's units."""
        if option not in self._roots:
            if isinstance(option, Choice):
                trie = self.vocabulary.trie(option.lexicon)
                cursor = _Cursor(option.lexicon.texts, self.vocabulary.ordered(option), trie.root)
            else:
                cursor = _Cursor((option.text,), _CERTAIN, self.vocabulary.path(option.text).root)
            self._roots[option] = cursor
        return self._roots[option]

    def after(self, unit: str) -> "_Boundary[AnyConstraint]":
        """The boundary after the unit; this one stays as it is."""
        twin = self.constraint.copy()
        twin.push(unit)
        return _Boundary(twin, self.vocabulary)

    # ---- masks ---------------------------------------------------------------------------------

    def simple(self) -> np.ndarray:
        """(V,): tokens within one unit. The caller leaves it as it is."""
        if self._mask is None:
            key = tuple(map(_key, self.options))
            known = self.vocabulary.masks.get(key) if None not in key else None
            self._mask = self._made(key) if known is None else known
        return self._mask

    def _made(self, key: tuple[Hashable, ...]) -> np.ndarray:
        mask = np.full(self.vocabulary.size, NEVER, np.float32)
        for i, option in enumerate(self.options):
            if isinstance(option, Fragment):
                tokens = self.vocabulary.fragments(option)
                mask[tokens] = np.maximum(mask[tokens], np.float32(option.bias))
            else:
                self._root(option).write(mask, first=i == 0)
        if self.constraint.done and self.vocabulary.end is not None:
            mask[self.vocabulary.end] = 0
        return mask if None in key else self.vocabulary.keep(key, mask)

    def mask(self, units: int = MOST_UNITS) -> np.ndarray:
        """(V,): also tokens of several units, at most so many. The caller leaves it as it is."""
        if not self.vocabulary.splits or units == 1:
            return self.simple()
        mask = self.simple().copy()
        for option in self.options:
            for head, biases, compounds in self._compounds(option):
                after = self.after(head)
                deeper = isinstance(option, Choice) and option.uniform
                rests = after.mask(units - 1) if deeper else after.simple()
                found = biases + rests[compounds.rests]
                tokens = compounds.tokens
                mask[tokens] = np.maximum(mask[tokens], found)
        return mask

    def _compounds(self, option: Option) -> Iterator[tuple[str, np.ndarray, Compounds]]:
        """First units of tokens of several, with the bias of each token (n,), and the tokens; one
        unit stands for all where the option is uniform."""
        if isinstance(option, FixedText):
            found = self.vocabulary.compounds(option.text)
            if len(found.tokens):
                yield option.text, np.zeros(len(found.tokens), np.float32), found
            return
        table = self.vocabulary.compounds(option.lexicon if isinstance(option, Choice) else option)
        if isinstance(option, Choice):
            biases = as_bias(option.bias[table.firsts])
        else:
            biases = np.full(len(table.firsts), option.bias, np.float32)
        allowed = np.flatnonzero(biases > NEVER)
        if not len(allowed):
            return
        firsts = table.firsts[allowed]
        heads = firsts[:1] if option.uniform else np.unique(firsts)
        if len(heads) > MOST_BRANCHES:
            return
        for head in heads:
            rows = allowed if option.uniform else allowed[firsts == head]
            yield table.texts[head], biases[rows], table.rows(rows)

    # ---- what came -----------------------------------------------------------------------------

    def enter(self, token: int) -> tuple[list[_Cursor], "_Boundary[AnyConstraint] | None"]:
        """The cursors within the units that the token begins, or the boundary after a fragment.

        Raises ValueError where the token is not allowed.
        """
        cursors: list[_Cursor] = []
        for option in self.options:
            if isinstance(option, Fragment):
                if self.vocabulary.matches(option, token):
                    return [], self.after_own(self.vocabulary.texts[token])
            elif isinstance(option, Choice) and (unit := self._whole(option, token)):
                return [], self.after_own(unit)
            elif found := self._root(option).after(token):
                cursors.append(found)
        if not cursors:
            raise ValueError("that token was not allowed")
        return cursors, None

    def _whole(self, option: Choice, token: int) -> str | None:
        """The unit of the option that is this token and cannot go on, where it is allowed: the
        usual case, for which no cursor is needed."""
        node = self.vocabulary.trie(option.lexicon).root.child(token)
        if node is None or len(node.tokens) or not option.allows(node.unit):
            return None
        return option.lexicon.texts[node.unit]

    def after_own(self, unit: str) -> "_Boundary[AnyConstraint]":
        """The boundary after the unit; the constraint itself goes on."""
        self.constraint.push(unit)
        return _Boundary(self.constraint, self.vocabulary)


class TokenMask(Generic[AnyConstraint]):
    """One work under a constraint, as a decoder writes it: `bias`, draw a token, `push` it."""

    def __init__(self, constraint: AnyConstraint, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._at = _Boundary(constraint, vocabulary)
        self._cursors: list[_Cursor] = []  # within a unit; none at a boundary
        self._following: _Boundary[AnyConstraint] | None = None  # after the unit complete here
        self._held = b""  # the beginning of a character

    @property
    def constraint(self) -> AnyConstraint:
        """As of the last unit that is certainly complete."""
        return self._at.constraint

    @property
    def done(self) -> bool:
        """Whether nothing may follow."""
        return self.constraint.done

    def text(self) -> str:
        """The work up to the last unit that is certainly complete, laid out for people."""
        return self.constraint.text()

    def bias(self) -> np.ndarray:
        """(V,) of what may come next: never -inf everywhere until done, then everywhere but at the
        token that ends a text. The caller leaves it as it is."""
        if not self._cursors:
            return self._at.mask()
        mask = np.full(self.vocabulary.size, NEVER, np.float32)
        for i, cursor in enumerate(self._cursors):
            cursor.write(mask, first=i == 0)
        if complete := self._complete():
            np.maximum(mask, self._after(complete).mask() + complete.unspent, out=mask)
        return mask

    def _complete(self) -> _Cursor | None:
        return next((cursor for cursor in self._cursors if cursor.unit is not None), None)

    def _after(self, complete: _Cursor) -> _Boundary[AnyConstraint]:
        if self._following is None:
            assert complete.unit is not None
            self._following = self._at.after(complete.unit)
        return self._following

    def push(self, token: int) -> None:
        """The token that was drawn. Raises ValueError for one that was not allowed."""
        self._held = (self._held + (self.vocabulary.token_bytes[token] or b""))[-3:]
        if self._cursors:
            going_on = [found for each in self._cursors if (found := each.after(token))]
            if going_on:
                self._enter(going_on)
                return
            if not (complete := self._complete()):
                raise ValueError("that token was not allowed")
            self._at, self._cursors = self._after(complete), []
            self._following = None
        self._begin(token)

    def _begin(self, token: int) -> None:
        """At a boundary."""
        try:
            cursors, boundary = self._at.enter(token)
        except ValueError:
            if token not in self.vocabulary.splits or self._at.mask()[token] == NEVER:
                raise
            first, rest = self.vocabulary.splits[token]
            self._at = self._at.after_own(first)
            self._begin(rest)
            return
        if boundary is not None:
            self._at = boundary
        else:
            self._enter(cursors)

    def _enter(self, cursors: list[_Cursor]) -> None:
        """A unit that is complete and cannot go on has come for certain."""
        self._cursors, self._following = cursors, None
        complete = self._complete()
        if complete and not any(len(cursor.node.tokens) for cursor in cursors):
            assert complete.unit is not None
            self._at, self._cursors = self._at.after_own(complete.unit), []

    def text_of(self, token: int) -> str:
        """The characters that the token would complete: its own, after those that were begun."""
        data = self.vocabulary.token_bytes[token] or b""
        return _characters(self._held, data)

    def copy(self) -> "TokenMask[AnyConstraint]":
        """Another work that has come as far, and goes on independently."""
        twin = TokenMask(self.constraint.copy(), self.vocabulary)
        twin._cursors, twin._held = list(self._cursors), self._held
        return twin


def _characters(before: bytes, data: bytes) -> str:
    """What of `before + data` is whole characters that end within `data`."""
    text = (before + data).decode("utf-8", "ignore")
    return text[len(before.decode("utf-8", "ignore")) :]


def _key(option: Option) -> Hashable:
    """None where masks of the option are not kept."""
    if isinstance(option, Choice):
        return None if option.key is None else (option.lexicon, option.key)
    return option if isinstance(option, Fragment) and option.pattern else None
