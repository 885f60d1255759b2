"""Pictures as they are written into files."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from studio.state.export_format import ExportError, ExportFormat, ExportOptions
from studio.state.png import decode

MAX_SIDE_PX = 16_384  # what common readers of pictures still open
_LZW = 1  # Qt's number of the compression of TIFF


def encode(data: bytes, options: ExportOptions) -> bytes:
    """The picture as it is where nothing else is asked for, else written anew.

    Raises ExportError."""
    wanted = options.format
    as_made = options.percent == 100 and not options.side_px
    if wanted is ExportFormat.PNG and as_made:
        return data
    name = QByteArray(wanted.value.encode())
    if name not in QImageWriter.supportedImageFormats():
        raise ExportError("export_format", format=wanted.name)
    image = decode(data)
    if image.isNull():
        raise ExportError("export_unreadable")
    image = _sized(image, options)
    if not wanted.has_alpha and image.hasAlphaChannel():
        image = _on_white(image)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, name)
    if wanted.has_quality:
        writer.setQuality(options.quality)
    if wanted is ExportFormat.TIFF:
        writer.setCompression(_LZW)
    if not writer.write(image):
        raise ExportError("export_format", format=wanted.name)
    return bytes(buffer.data().data())


def exported_size(made: QSize, options: ExportOptions) -> QSize:
    """The size in pixels that a picture leaves with: at least 1, at most MAX_SIDE_PX a side."""
    longer = max(made.width(), made.height(), 1)
    side = options.side_px or round(longer * options.percent / 100)
    side = min(MAX_SIDE_PX, max(1, side))
    size = QSize(round(made.width() * side / longer), round(made.height() * side / longer))
    return size.expandedTo(QSize(1, 1))


def _sized(image: QImage, options: ExportOptions) -> QImage:
    size = exported_size(image.size(), options)
    if size == image.size():
        return image
    exact, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(size, exact, smooth)


def _on_white(image: QImage) -> QImage:
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(QColor("white"))
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    return flat
