"""A style with its name and cover, as a file that goes from one artist to another."""

from typing import cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from engine.protocol.style_label import StyleLabel, label_of, labelled, unlabelled
from studio.state.covers import png_of
from studio.state.library_files import StyleEntry
from studio.state.png import decode

_MOST = QSize(264, 180)
_DEPTH = 3  # bytes of a pixel


def wrapped(data: bytes, entry: StyleEntry) -> bytes:
    """The bytes of a style with what the library shows of it."""
    image = decode(entry.cover).convertToFormat(QImage.Format.Format_RGB888)
    if image.width() > _MOST.width() or image.height() > _MOST.height():
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image = image.scaled(_MOST, keep, smooth)
    wide, rows = image.width(), range(image.height())
    lines = [bytes(cast(memoryview, image.constScanLine(y)))[: _DEPTH * wide] for y in rows]
    return labelled(data, StyleLabel(entry.name, wide, len(lines), b"".join(lines)))


def unwrapped(data: bytes) -> tuple[bytes, str, bytes]:
    """The style itself, the name on its label, and its cover as PNG; both may be empty."""
    label = label_of(data)
    if label is None:
        return unlabelled(data), "", b""
    wide, tall = label.width, label.height
    form = QImage.Format.Format_RGB888
    image = QImage(label.pixels, wide, tall, _DEPTH * wide, form) if label.pixels else None
    return unlabelled(data), label.name, png_of(image) if image is not None else b""
