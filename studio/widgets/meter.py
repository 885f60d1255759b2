"""A thin bar: how much of something there is, and how sure that is."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets import theme

_HEIGHT_PX = 4
_LEAST = 0.005  # less is drawn as nothing


class Meter(QWidget):
    """`share` of its width is filled; the surer, the clearer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.share, self.sureness = 0.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float, sureness: float = 1.0) -> None:
        """Both 0 … 1."""
        self.share, self.sureness = min(1.0, max(0.0, share)), min(1.0, max(0.0, sureness))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, _HEIGHT_PX)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(0, 0, 0, 0))
        c, box = theme.colours(), QRectF(self.rect())
        painter.setBrush(QColor(c.line))
        painter.drawRoundedRect(box, 2, 2)
        if self.share >= _LEAST:
            ink = QColor(c.text)
            ink.setAlphaF(0.35 + 0.65 * self.sureness)
            painter.setBrush(ink)
            wide = max(float(_HEIGHT_PX), box.width() * self.share)
            painter.drawRoundedRect(QRectF(0, 0, wide, box.height()), 2, 2)
