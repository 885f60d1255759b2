"""How long work slices tell where they are, so that any of them can be shown, timed and stopped.

Every long function of the engine is a generator: it yields an `Advance` after each slice of at
most some 0.2 s and returns its result. Stopping it is `close()`; nothing in it polls a flag.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from engine.protocol.parts import Sketch

if TYPE_CHECKING:
    from torch import Tensor

Result = TypeVar("Result")

_ENOUGH_DONE = 0.03  # an estimate from less than this share of the work would be a guess


@dataclass(frozen=True, slots=True)
class Advance:
    """`done` of `total` units of time. To show: `pictures` (N, 3, H, W) in [-1, 1], `texts`, or
    `sketches` of music.
    in_parts: memory was short, so less is done at once, and slower."""

    done: float
    total: float
    pictures: "Tensor | None" = None
    texts: tuple[str, ...] = ()
    in_parts: bool = False
    sketches: tuple[Sketch, ...] = ()


class Pace:
    """Seconds left, from the share of the work that is done."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start

    def seconds_left(self, advance: Advance) -> float | None:
        """None while too little is done to know."""
        if advance.done < _ENOUGH_DONE * advance.total:
            return None
        return self.seconds * (advance.total - advance.done) / advance.done


class ResumedPace(Pace):
    """Of work that may begin in the middle: what was done before says nothing about the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._before: float | None = None

    def seconds_left(self, advance: Advance) -> float | None:
        share = advance.done / advance.total
        if self._before is None:
            self._before = share
        gained = share - self._before
        return None if gained < _ENOUGH_DONE else self.seconds * (1 - share) / gained


def finished(slices: Generator[Advance, None, Result]) -> Result:
    """What a long function returns in the end, for those who only wait."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value


def placed(
    slices: Generator[Advance, None, Result], place: Callable[[Advance], Advance]
) -> Generator[Advance, None, Result]:
    """The same work, each advance as a part of something longer."""
    while True:
        try:
            part = next(slices)
        except StopIteration as end:
            return end.value
        yield place(part)


def shifted(
    slices: Generator[Advance, None, Result], before: float, total: float, unit: float = 1.0
) -> Generator[Advance, None, Result]:
    """A part of longer work: `before` of `total` was done, each of its own units takes `unit`."""
    return placed(slices, lambda part: replace(part, done=before + unit * part.done, total=total))


def shares(
    slices: Generator[Advance, None, Result], index: int, count: int
) -> Generator[Advance, None, Result]:
    """Part `index` of `count` equal ones, counted as shares of 1."""
    return placed(
        slices, lambda part: replace(part, done=(index + part.done / part.total) / count, total=1.0)
    )


def one_of(
    slices: Generator[Advance, None, Result], index: int, count: int
) -> Generator[Advance, None, Result]:
    """The work for one of `count` things, as a part of the work for all: `total` is 1."""
    return placed(
        slices,
        lambda part: replace(part, done=(index + part.done / part.total) / count, total=1.0),
    )
