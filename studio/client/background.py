"""Slow work leaves the window's thread, and its outcome comes back into it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.i18n.errors import MaquetteError

Failed = Callable[[Exception], None]


class Background(QObject):
    """A few threads. `then` and `failed` are called in the thread of the window.

    What is run `in_order` has a thread of its own: it is done, and told, in the order of asking.
    """

    _landed = Signal(object, object, object)  # future, then, failed

    def __init__(self, threads: int = 2, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="studio")
        self._in_order = ThreadPoolExecutor(1, thread_name_prefix="studio-in-order")
        self._open = True
        self._landed.connect(self._on_landed)

    def run(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None],
        failed: Failed | None = None,
        *,
        in_order: bool = False,
    ) -> None:
        """Do `work` elsewhere, then `then(result)` here. What `failed` is not told is raised."""
        if self._open:
            future = (self._in_order if in_order else self._threads).submit(work)
            future.add_done_callback(lambda done: self._landed.emit(done, then, failed))

    def close(self) -> None:
        """Wait for what runs and forget what waits."""
        self._open = False
        for threads in (self._threads, self._in_order):
            threads.shutdown(wait=True, cancel_futures=True)

    def _on_landed(
        self, future: Future, then: Callable[[Any], None], failed: Failed | None
    ) -> None:
        if not self._open or future.cancelled():
            return
        error = future.exception()
        if error is None:
            then(future.result())
        elif failed is not None and isinstance(error, MaquetteError | OSError | KeyError):
            failed(error)
        else:
            raise error
