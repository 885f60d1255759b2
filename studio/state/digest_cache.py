"""Bytes become what is shown, off the window's thread; the newest wish is served first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from studio.client.background import Background
from studio.client.engine_client import EngineError
from studio.state.recent import Recent

_AT_ONCE = 2
_MOST_WANTED = 600  # who scrolls past thousands waits for the newest alone

S = TypeVar("S")
T = TypeVar("T")


class DigestCache(QObject, Generic[S, T]):
    """Decoded pictures, or texts, by digest: those that were looked at last."""

    ready = Signal(str)  # digest

    def __init__(
        self,
        background: Background,
        decode: Callable[[S], T],
        broken: T,
        keep: float,
        parent: QObject | None = None,
        cost: Callable[[T], float] = lambda _found: 1.0,
    ) -> None:
        """`broken` stands for what cannot be read; `keep` is how many, or how much by `cost`."""
        super().__init__(parent)
        self._background, self._decode, self._broken = background, decode, broken
        self._known: Recent[str, T] = Recent(keep, cost)
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._running: set[str] = set()
        self._read: Callable[[str], S] | None = None

    def read_from(self, read: Callable[[str], S]) -> None:
        """Take what is decoded from here from now on (another project was opened)."""
        self._read = read
        self._wanted.clear()

    def holds(self, digest: str) -> bool:
        """Whether it lies at hand."""
        return digest in self._known

    def get(self, digest: str) -> T | None:
        """What lies at hand; otherwise it is fetched and `ready` follows."""
        if digest in self._known:
            return self._known.get(digest)
        self._wanted[digest] = None
        self._wanted.move_to_end(digest)
        while len(self._wanted) > _MOST_WANTED:
            self._wanted.popitem(last=False)
        self._next()
        return None

    def _next(self) -> None:
        while self._wanted and len(self._running) < _AT_ONCE and self._read is not None:
            digest, _ = self._wanted.popitem()
            if digest not in self._running and digest not in self._known:
                self._running.add(digest)
                self._fetch(digest, self._read)

    def _fetch(self, digest: str, read: Callable[[str], S]) -> None:
        self._background.run(
            lambda: self._decode(read(digest)),
            lambda found: self._arrived(digest, found),
            lambda error: self._missed(digest, error),
        )

    def _missed(self, digest: str, error: Exception) -> None:
        if isinstance(error, EngineError):  # nothing is known of it: whoever looks next asks again
            self._running.discard(digest)
            self._next()
        else:
            self._arrived(digest, self._broken)

    def _arrived(self, digest: str, found: T) -> None:
        self._running.discard(digest)
        self._known.put(digest, found)
        self.ready.emit(digest)
        self._next()
