"""What a form is to a decoder: a constraint on strings, unit by unit.

A text under a constraint is a row of units: words with the space before them, characters, marks,
line breaks, whatever the form counts. At each boundary between two units the constraint names the
units that may come next (`options`) and how likely each should be; the decoder reports the unit
that came (`push`). No token, vocabulary or model appears here: `token_mask.TokenMask` translates
options into a mask over the tokens of any vocabulary.

Legend: W units of a lexicon. A bias is in nats, float32: 0 may come, a negative number may come but
is made less likely, -inf may not come.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

NEVER = np.float32(-np.inf)


class Lexicon:
    """W distinct units, the same index in every array; compared by identity.

    `kept` holds arrays that are computed once for all works.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        self.index = {text: i for i, text in enumerate(self.texts)}
        if len(self.index) < len(self.texts):
            raise ValueError("the units of a lexicon must be distinct")
        self._kept: dict[Hashable, np.ndarray] = {}
        self._choices: dict[Hashable, Choice] = {}

    def kept(self, key: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """The array that `make` returned the first time; callers leave it as it is."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def choice(self, key: Hashable, make: Callable[[], np.ndarray], *, uniform: bool) -> "Choice":
        """The choice whose bias `make` returned the first time; one key, one `uniform`."""
        if key not in self._choices:
            self._choices[key] = Choice(self, make(), key, uniform)
        return self._choices[key]

    def only(self, texts: Iterable[str]) -> np.ndarray:
        """(W,) bias: 0 for these units where the lexicon has them, -inf elsewhere."""
        bias = np.full(len(self.texts), NEVER, np.float32)
        bias[[self.index[text] for text in texts if text in self.index]] = 0
        return bias


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One unit of a lexicon, complete. bias (W,), or bool where all that may come is equal.

    key: choices of one lexicon with equal keys have equal biases, so that their masks can be kept;
    None: do not keep. uniform: whichever unit comes, the same units may follow it.
    """

    lexicon: Lexicon
    bias: np.ndarray
    key: Hashable = None
    uniform: bool = False

    def allows(self, unit: int) -> bool:
        """Whether the unit of this index may come."""
        return bool(self.bias[unit]) if self.bias.dtype == bool else self.bias[unit] > NEVER


def as_bias(values: np.ndarray) -> np.ndarray:
    """Of a bias as `Choice` has it: float32."""
    return np.where(values, np.float32(0), NEVER) if values.dtype == bool else values


@dataclass(frozen=True, slots=True)
class FixedText:
    """This text must come, as one unit."""

    text: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of text of open length, such as letters that go on with a word: a unit is whatever
    one token holds, provided that the whole of it matches.

    pattern: a regular expression; texts: the texts themselves, where it is empty. Single characters
    must be among what matches, so that every vocabulary has tokens for it. uniform: as of Choice.
    """

    pattern: str = ""
    texts: tuple[str, ...] = ()
    bias: float = 0.0
    uniform: bool = False


Option = Choice | FixedText | Fragment


class Constraint(Protocol):
    """One work while it is written. At a boundary no two options share a unit."""

    done: bool
    """Whether the work is complete: nothing may follow."""

    def options(self) -> Sequence[Option]:
        """What may come next: until `done` at least one unit whose bias is finite."""
        ...

    def push(self, unit: str) -> None:
        """The unit that came. Raises ValueError for one that the form does not allow here."""
        ...

    def text(self) -> str:
        """The work as it stands, laid out for people."""
        ...

    def copy(self) -> Self:
        """Another work that has come as far, and goes on independently."""
        ...
