"""Two pictures in one place, with a line between them that is moved by hand."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen

from studio.media.image.easel import Easel, Sheet
from studio.widgets import theme

_GRIP_PX, _HANDLE_PX, _STEP = 12, 9, 0.05
_LINE, _SHADE = QColor(Qt.GlobalColor.white), QColor(0, 0, 0, 120)  # seen on any picture


class WipeEasel(Easel):
    """Shows sheets as an easel does, or two of them one over the other: the first one left of the
    line, the second one right of it. Both fill the place of the second."""

    wiped = Signal(float)  # where the line is, 0 to 1 of what is seen of the pictures

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self._under: Sheet | None = None
        self._wipe = 0.5
        self._holds_line = False

    @property
    def is_wiping(self) -> bool:
        return self._under is not None

    def wipe(self) -> float:
        return self._wipe

    def show_sheets(self, sheets: tuple[Sheet, ...]) -> None:
        self._under = None
        super().show_sheets(sheets)

    def show_wipe(self, left: Sheet, right: Sheet) -> None:
        """`left` before the line, `right` behind it, in the size and place of `right`."""
        super().show_sheets((right,))
        self._under = left

    def set_wipe(self, share: float) -> None:
        share = min(1.0, max(0.0, share))
        if share != self._wipe:
            self._wipe = share
            self.update()
            self.wiped.emit(share)

    # ---- geometry and drawing ------------------------------------------------------------------

    def _seen(self) -> QRectF:
        """What is seen of the pictures."""
        return self.picture_box() & QRectF(self.rect())

    def line_x(self) -> float:
        seen = self._seen()
        return seen.x() + self._wipe * seen.width()

    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        if self._under is None or self._seen().isEmpty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        seen, x = self._seen(), self.line_x()
        painter.setClipRect(QRectF(seen.x(), seen.y(), x - seen.x(), seen.height()))
        painter.fillRect(seen, QColor(theme.colours().wall))
        painter.drawImage(self.picture_box(), self._under.image)
        painter.setClipping(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((_SHADE, 4.0), (_LINE, 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, seen.top()), QPointF(x, seen.bottom()))
        self._draw_handle(painter, QPointF(x, seen.center().y()))

    def _draw_handle(self, painter: QPainter, at: QPointF) -> None:
        painter.setPen(QPen(_SHADE, 1.5))
        painter.setBrush(_LINE)
        painter.drawEllipse(at, _HANDLE_PX, _HANDLE_PX)
        painter.setPen(QPen(QColor(theme.LIGHT.text), 1.5))
        for side in (-1, 1):
            tip = at + QPointF(side * 5.5, 0)
            for tall in (-3, 3):
                painter.drawLine(tip, tip + QPointF(-side * 2.5, tall))

    # ---- events --------------------------------------------------------------------------------

    def _is_at_line(self, event: QMouseEvent) -> bool:
        return self.is_wiping and abs(event.position().x() - self.line_x()) <= _GRIP_PX

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        if self.is_wiping and left and (self._is_at_line(event) or self.is_fitted()):
            self._holds_line = True
            self._follow(event)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._holds_line:
            self._follow(event)
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._holds_line = False
        super().mouseReleaseEvent(event)

    def _follow(self, event: QMouseEvent) -> None:
        seen = self._seen()
        self.set_wipe((event.position().x() - seen.x()) / max(1.0, seen.width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}
        step = steps.get(Qt.Key(event.key()))
        if self.is_wiping and step and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_wipe(self._wipe + step)
        else:
            super().keyPressEvent(event)
