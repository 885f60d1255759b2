"""Steps that are one piece, on another thread, so that a job may stop meanwhile."""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from typing import TypeVar

Result = TypeVar("Result")

LOOKED_AFTER_S = 0.1


def waiting_for(begun: Sequence[Future[Result]]) -> Iterator[None]:
    """Yields until all have ended; where it is closed, what has not begun never does."""
    try:
        while wait(begun, LOOKED_AFTER_S).not_done:
            yield
    finally:
        for each in begun:
            each.cancel()


def meanwhile(pool: Executor, act: Callable[[], Result]) -> Generator[None, None, Result]:
    """What `act` returns, which has no slices of its own: it runs on a thread of the pool. Where
    this is closed, it goes on to its end by itself if it has begun: it may change nothing that
    others read."""
    begun = pool.submit(act)
    yield from waiting_for([begun])
    return begun.result()
