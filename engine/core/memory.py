"""What a job no longer needs goes back to the system."""

import ctypes
import gc
import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Collects circles, and lets the C library return its free pages.

    glibc keeps what was freed: between pieces that are still in use for ever, and at the end of the
    heap up to MALLOC_TRIM_THRESHOLD_, which the studio sets high because a running job asks for
    the same blocks again and again. After the last job of a batch that memory is the artist's.
    """
    gc.collect()
    if trim := _malloc_trim():
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
