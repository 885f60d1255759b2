"""A small picture that is a button."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QToolButton, QWidget

from studio.widgets import theme


def middle(image: QImage) -> QRectF:
    """The largest square of the picture."""
    side = min(image.width(), image.height())
    return QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)


def clip_round(painter: QPainter, box: QRectF) -> None:
    """Paint smoothly, and from now on only within the box, whose corners are round; its ground."""
    hints = QPainter.RenderHint
    painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
    clip = QPainterPath()
    clip.addRoundedRect(box, 4, 4)
    painter.setClipPath(clip)
    painter.fillRect(box, QColor(theme.colours().raised))


class Thumb(QToolButton):
    """Shows the middle of a picture; a part of it may be tinted."""

    def __init__(self, side_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setFixedSize(QSize(side_px, side_px))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def set_words(self, text: str) -> None:
        self.setAccessibleName(text)
        self.setToolTip(text)

    def paintEvent(self, event) -> None:
        painter, box = QPainter(self), QRectF(self.rect())
        clip_round(painter, box)
        if not self._image.isNull():
            painter.drawImage(box, self._image, middle(self._image))
        painter.setClipping(False)
        if self.hasFocus():
            painter.setPen(QColor(theme.colours().accent))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
