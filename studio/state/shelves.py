"""Bytes become what is shown, off the window's thread; the newest wish is served first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.messages import MAX_SIDE_PX
from studio.client.background import Background
from studio.client.document_reader import Documents
from studio.media.image.pictures import decode, size_of
from studio.media.text.reading import Text, read, text_of

THUMB_PX, THUMBS_KEPT = 320, 600
FULL_KEPT, CANVASES_KEPT, TEXTS_KEPT = 6, 2, 600
_AT_ONCE = 2

Read = Callable[[str], bytes]  # digest → bytes
Size = tuple[int, int]
T = TypeVar("T")


class Shelf(QObject, Generic[T]):
    """Decoded pictures, or texts, by digest: at most `keep` of them, the oldest go first."""

    ready = Signal(str)  # digest

    def __init__(
        self,
        background: Background,
        decode: Callable[[bytes], T],
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
        self._read: Read | None = None

    def read_from(self, read: Read) -> None:
        """Take bytes from here from now on (another project was opened)."""
        self._read = read
        self._wanted.clear()

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

    def _fetch(self, digest: str, read: Read) -> None:
        self._background.run(
            lambda: self._decode(read(digest)),
            lambda found: self._arrived(digest, found),
            lambda _error: self._arrived(digest, self._broken),
        )

    def _arrived(self, digest: str, found: T) -> None:
        self._running.discard(digest)
        self._known[digest] = found
        while len(self._known) > self._keep:
            self._known.popitem(last=False)
        self.ready.emit(digest)
        self._next()


class Shelves:
    """What the views show of a project's bytes: small pictures, whole ones, and texts.

    `canvases` are pictures to be painted on, no larger than a work can be; `sizes` are widths and
    heights in pixels, (0, 0) of what is no picture.
    """

    def __init__(self, background: Background, parent: QObject) -> None:
        self.thumbs: Shelf[QImage] = Shelf(
            background, lambda data: decode(data, THUMB_PX), QImage(), THUMBS_KEPT, parent
        )
        self.pictures: Shelf[QImage] = Shelf(background, decode, QImage(), FULL_KEPT, parent)
        self.canvases: Shelf[QImage] = Shelf(
            background, lambda data: decode(data, MAX_SIDE_PX), QImage(), CANVASES_KEPT, parent
        )
        self.sizes: Shelf[Size] = Shelf(
            background, lambda data: size_of(data) or (0, 0), (0, 0), THUMBS_KEPT, parent
        )
        self._documents = Documents()
        self._readers = Background(parent=parent)  # a slow document holds up other texts only
        self.texts: Shelf[Text] = Shelf(
            self._readers, self.read_text, text_of(""), TEXTS_KEPT, parent
        )

    def read_text(self, data: bytes) -> Text:
        """The words of any file. Slow; call it off the window's thread."""
        return read(data, self._documents.words)

    def read_from(self, read_blob: Read) -> None:
        for shelf in (self.thumbs, self.pictures, self.canvases, self.sizes, self.texts):
            shelf.read_from(read_blob)

    def close(self) -> None:
        """Nothing more is read."""
        self._documents.close()
        self._readers.close()
