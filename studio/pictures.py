"""Bytes become pictures, upright and no larger than they are shown."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

DECODE_LIMIT_MB = 256


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
