"""A work with two lines beside it; a click opens it."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QToolButton, QWidget

from studio.widgets import theme
from studio.widgets.stars import draw_stars

_HEIGHT_PX, _PAD_PX = 56, 6
_PICTURE = QSize(62, 44)


class WorkButton(QToolButton):
    chosen = Signal(int)  # work id

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.work_id, self._rating = 0, 0
        self._words, self._facts = "", ""
        self._image = QImage()
        self.setFixedHeight(_HEIGHT_PX)
        self.setMinimumWidth(160)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: self.chosen.emit(self.work_id))

    def show_work(self, work_id: int, words: str, facts: str, image: QImage, rating: int) -> None:
        self.work_id, self._words, self._facts = work_id, words, facts
        self._image, self._rating = image, rating
        self.setAccessibleName(f"{words} {facts}")
        self.setToolTip(f"{words}: {facts}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT_PX)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        c, box = theme.colours(), QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(box, theme.CORNER_PX, theme.CORNER_PX)
        left = float(_PAD_PX)
        if not self._image.isNull():
            size = self._image.size().scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
            top = (self.height() - size.height()) / 2
            x = left + (_PICTURE.width() - size.width()) / 2
            painter.drawImage(QRectF(x, top, size.width(), size.height()), self._image)
            left += _PICTURE.width() + 10
        self._draw_words(painter, left)
        if self.hasFocus():
            painter.setPen(QColor(c.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, theme.CORNER_PX, theme.CORNER_PX)

    def _draw_words(self, painter: QPainter, left: float) -> None:
        c, flags = theme.colours(), Qt.AlignmentFlag
        wide = self.width() - left - _PAD_PX
        painter.setFont(theme.font())
        painter.setPen(QColor(c.text))
        upper = QRectF(left, 9, wide, 18)
        painter.drawText(upper, flags.AlignLeft | flags.AlignVCenter, self._words)
        if self._rating:
            x = left + painter.fontMetrics().horizontalAdvance(self._words) + 10
            draw_stars(painter, x, 13, self._rating, 9)
        painter.setFont(theme.font(theme.SMALL_PX))
        painter.setPen(QColor(c.dim))
        lower = QRectF(left, 28, wide, 18)
        painter.drawText(lower, flags.AlignLeft | flags.AlignVCenter, self._facts)
