"""Small pictures of works as PNG, for lists of what is not open."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.medium import Media, MediumRules

SIZE = QSize(264, 180)
_MARGIN_PX = 14  # of paper around words and notes


def of_work(project: Project, media: Media, work: WorkRow) -> bytes:
    """As `drawn`, of a work in a project. Raises ProjectError."""
    data, about = project.blob(work.shown_digest), project.works.sidecar(work.id)
    return drawn(media[work.medium], data, about, QSize(work.width_px, work.height_px))


def drawn(rules: MediumRules, data: bytes, about: Mapping[str, Any], size: QSize) -> bytes:
    """A work on white paper; a picture fills it. size: of a picture. Slow, and on any thread."""
    is_picture = not size.isEmpty()
    room = size.scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatio) if is_picture else SIZE
    image = QImage(room, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    hints = QPainter.RenderHint
    painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
    margin = 0 if is_picture else _MARGIN_PX
    box = QRectF(image.rect()).adjusted(margin, margin, -margin, -margin)
    rules.draw(painter, box, data, about)
    painter.end()
    return png_of(image)


def png_of(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
