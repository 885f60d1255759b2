"""Pictures as they are written into files."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from studio.media.image.pictures import decode
from studio.state.export_format import ExportError, ExportFormat, ExportOptions


def encode(data: bytes, options: ExportOptions) -> bytes:
    """The picture as it is when PNG is asked for, else written anew. Raises ExportError."""
    wanted = options.format
    if wanted is ExportFormat.PNG:
        return data
    name = QByteArray(wanted.value.encode())
    if name not in QImageWriter.supportedImageFormats():
        raise ExportError("export_format", format=wanted.name)
    image = decode(data)
    if image.isNull():
        raise ExportError("export_unreadable")
    if wanted is ExportFormat.JPEG and image.hasAlphaChannel():
        image = _on_white(image)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, name)
    writer.setQuality(options.quality)
    if not writer.write(image):
        raise ExportError("export_format", format=wanted.name)
    return bytes(buffer.data().data())


def _on_white(image: QImage) -> QImage:
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(QColor("white"))
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    return flat
