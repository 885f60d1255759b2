"""Bytes become pictures off the window's thread; the newest wish is served first."""

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from studio.background import Background

DECODE_LIMIT_MB = 256
_AT_ONCE = 2

Read = Callable[[str], bytes]  # digest → bytes


def decode(data: bytes, side_px: int = 0) -> QImage:
    """The picture, upright, its longer side at most `side_px` (0: as it is). Null if broken."""
    QImageReader.setAllocationLimit(DECODE_LIMIT_MB)
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if side_px and size.isValid() and max(size.width(), size.height()) > side_px:
        # Twice as large as asked: the decoder's own shrinking is rough, the last step is smooth.
        half = size.scaled(QSize(side_px, side_px) * 2, Qt.AspectRatioMode.KeepAspectRatio)
        if half.width() < size.width():
            reader.setScaledSize(half.expandedTo(QSize(1, 1)))
    image = reader.read()
    if side_px and not image.isNull() and max(image.width(), image.height()) > side_px:
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image = image.scaled(side_px, side_px, keep, smooth)
    return image


class Pictures(QObject):
    """Decoded pictures of one size by digest: at most `keep` of them, the oldest go first."""

    ready = Signal(str)  # digest

    def __init__(
        self, background: Background, side_px: int, keep: int, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._background, self._side_px, self._keep = background, side_px, keep
        self._known: OrderedDict[str, QImage] = OrderedDict()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._running: set[str] = set()
        self._read: Read | None = None

    def read_from(self, read: Read) -> None:
        """Take bytes from here from now on (another project was opened)."""
        self._read = read
        self._wanted.clear()

    def get(self, digest: str) -> QImage | None:
        """The picture if it is at hand; otherwise it is fetched and `ready` follows."""
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
            lambda: decode(read(digest), self._side_px),
            lambda image: self._arrived(digest, image),
            lambda _error: self._arrived(digest, QImage()),
        )

    def _arrived(self, digest: str, image: QImage) -> None:
        self._running.discard(digest)
        self._known[digest] = image
        while len(self._known) > self._keep:
            self._known.popitem(last=False)
        self.ready.emit(digest)
        self._next()
