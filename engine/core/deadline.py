"""Work on foreign files that must not take for ever."""

import ctypes
import threading
import time
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

from engine.core.progress import Advance, finished

SLICE_S = 0.1

Result = TypeVar("Result")


class TooSlow(Exception):
    """The time was up."""


class _Stop(BaseException):
    """Raised inside the slow thread: nothing there catches it."""


class _Call(Generic[Result]):
    """One call in a thread, and what came of it."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self.result: list[Result] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.result.append(self._work())
        except _Stop:
            return
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            self.error = error


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """What `work()` returns or raises. Raises TooSlow after `seconds`, and ends it then.

    It runs in a thread of its own, so it must not touch what belongs to another.
    """
    return finished(waiting(seconds, work))


def waiting(seconds: float, work: Callable[[], Result]) -> Generator[Advance, None, Result]:
    """The same, in slices of the time that it may take; closing it ends the work."""
    call = _Call(work)
    thread = threading.Thread(target=call.run, name="reading", daemon=True)
    thread.start()
    begun = time.monotonic()
    try:
        while thread.is_alive() and (waited := time.monotonic() - begun) < seconds:
            thread.join(min(SLICE_S, seconds - waited))
            if thread.is_alive():
                yield Advance(min(seconds, time.monotonic() - begun), seconds)
    finally:
        late = _ended(thread)
    if call.error is not None:
        raise call.error
    if late or not call.result:
        raise TooSlow
    return call.result[0]


def _ended(thread: threading.Thread) -> bool:
    """Whether it had to be ended."""
    if not thread.is_alive() or thread.ident is None:
        return False
    stop = ctypes.py_object(_Stop)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), stop)
    thread.join(1.0)  # a call into C ends first
    return True
