"""Long steps on a few threads, so that a job may stop meanwhile: kernels over the rows of a canvas,
in bands, and steps that are one piece."""

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from engine.core import waiting
from engine.core.progress import Advance
from engine.core.waiting import waiting_for
from engine.media.image.generators.painter.nearest import BAND_ROWS

Result = TypeVar("Result")

MOST_THREADS = 8
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
        yield from waiting_for(begun)
        for each in begun:
            each.result()
        yield


def meanwhile(act: Callable[[], Result]) -> Generator[None, None, Result]:
    """See `engine.core.waiting`."""
    return waiting.meanwhile(_pool(), act)


def waited(act: Callable[[], Result]) -> Generator[Advance, None, Result]:
    """The same, told as progress."""
    return (yield from all_waited([act]))[0]


def all_waited(acts: Sequence[Callable[[], Result]]) -> Generator[Advance, None, list[Result]]:
    """What each returns; they run beside each other."""
    begun = [_pool().submit(act) for act in acts]
    for _ in waiting_for(begun):
        yield Advance(0.0, 1.0)
    return [each.result() for each in begun]
