"""Long steps on a few threads, so that a job may stop meanwhile: kernels over the rows of a canvas,
in bands, and steps that are one piece."""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

from engine.core.progress import Advance
from engine.media.image.generators.painter.nearest import BAND_ROWS

Result = TypeVar("Result")

MOST_THREADS = 8
_LOOKED_AFTER_S = 0.1
PATCHES_A_SLICE = 60_000  # some 0.1 s


@cache
def _pool() -> ThreadPoolExecutor:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ThreadPoolExecutor(min(MOST_THREADS, cores or 1), thread_name_prefix="painter")


def over_bands(
    rows: int, columns: int, act: Callable[[int, int], None]
) -> Generator[None, None, None]:
    """Calls act(first, last) for every band. Yields after each slice of work, and while one lasts
    long; where it is closed, bands that have begun go on to their ends, the others never begin."""
    bands = [(first, min(first + BAND_ROWS, rows)) for first in range(0, rows, BAND_ROWS)]
    together = max(1, round(PATCHES_A_SLICE / (BAND_ROWS * columns)))
    together = max(together, _pool()._max_workers)
    for start in range(0, len(bands), together):
        begun = [_pool().submit(act, *band) for band in bands[start : start + together]]
        yield from _waiting_for(begun)
        for each in begun:
            each.result()
        yield


def _waiting_for(begun: Sequence[Future[Result]]) -> Iterator[None]:
    """Yields until all have ended; where it is closed, what has not begun never does."""
    try:
        while wait(begun, _LOOKED_AFTER_S).not_done:
            yield
    finally:
        for each in begun:
            each.cancel()


def meanwhile(act: Callable[[], Result]) -> Generator[None, None, Result]:
    """What `act` returns, which has no slices of its own: it runs on another thread. Where this is
    closed, it goes on to its end by itself if it has begun: it may change nothing that others
    read."""
    begun = _pool().submit(act)
    yield from _waiting_for([begun])
    return begun.result()


def waited(act: Callable[[], Result]) -> Generator[Advance, None, Result]:
    """The same, told as progress."""
    return (yield from all_waited([act]))[0]


def all_waited(acts: Sequence[Callable[[], Result]]) -> Generator[Advance, None, list[Result]]:
    """What each returns; they run beside each other."""
    begun = [_pool().submit(act) for act in acts]
    for _ in _waiting_for(begun):
        yield Advance(0.0, 1.0)
    return [each.result() for each in begun]
