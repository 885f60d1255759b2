"""The one place of the window where bytes become pictures, and they must be PNG.

Works, masks, covers, and what the engine made of an artist's file are; files of others never are.
"""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

DECODE_LIMIT_MB = 256
MAGIC = b"\x89PNG\r\n\x1a\n"


def decode(data: bytes, side_px: int = 0) -> QImage:
    """The picture, its longer side at most `side_px` (0: as it is). Null for what is no PNG."""
    if not data.startswith(MAGIC):
        return QImage()
    QImageReader.setAllocationLimit(DECODE_LIMIT_MB)
    buffer = QBuffer()  # must outlive its reader
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"png"))
    image = reader.read()
    del reader
    if side_px and not image.isNull() and max(image.width(), image.height()) > side_px:
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image = image.scaled(QSize(side_px, side_px), keep, smooth)
    return image
