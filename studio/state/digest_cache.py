"""Bytes become what is shown, off the window's thread; the newest wish is served first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from studio.client.background import Background
from studio.client.engine_client import EngineError

_AT_ONCE = 2

S = TypeVar("S")
T = TypeVar("T")


class DigestCache(QObject, Generic[S, T]):
    """Decoded pictures, or texts, by digest: at most `keep` of them, the oldest go first."""

    ready = Signal(str)  # digest

    def __init__(
        self,
        background: Background,
        decode: Callable[[S], T],
        broken: T,
        keep: int,
        parent: QObject | None = None,
    ) -> None:
        """`broken` stands for what cannot be read."""
        super().__init__(parent)
        self._background, self._decode, self._broken = background, decode, broken
        self._keep = keep
        self._known: OrderedDict[str, T] = OrderedDict()
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
            self._known.move_to_end(digest)
            return self._known[digest]
        self._wanted[digest] = None
        self._wanted.move_to_end(digest)
        while len(self._wanted) > self._keep:
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
        self._known[digest] = found
        while len(self._known) > self._keep:
            self._known.popitem(last=False)
        self.ready.emit(digest)
        self._next()
