"""Five stars that can be clicked, and the same drawn small for the gallery."""

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from studio.widgets import icons, theme

STARS = 5
_SIDE_PX, _STEP_PX = 18, 24


def draw_stars(painter: QPainter, x: float, y: float, value: int, side: float) -> None:
    """As many set stars as the rating has, from the left."""
    for index in range(value):
        box = QRectF(x + index * (side + 1), y, side, side)
        icons.draw(painter, "star", box, theme.colours().text, filled=True)


class Stars(QSlider):
    """A rating of 0 to 5. Click the set star again to clear; arrows and digits work too.

    It is a slider for those who cannot see it: its role, value and range are told by Qt.
    """

    rated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, STARS)
        self._hover = 0
        self.valueChanged.connect(self.rated)  # set by a screen reader
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(self.sizeHint())

    def set_value(self, value: int) -> None:
        """Show a rating that was given elsewhere."""
        with QSignalBlocker(self):
            self.setValue(value)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(STARS * _STEP_PX, 28)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = theme.colours()
        shown = self._hover or self.value()
        top = (self.height() - _SIDE_PX) / 2
        for index in range(STARS):
            box = QRectF(index * _STEP_PX + 3, top, _SIDE_PX, _SIDE_PX)
            set_star = index < shown
            colour = c.disabled if not self.isEnabled() else c.text if set_star else c.dim
            icons.draw(painter, "star", box, colour, filled=set_star)
        if self.hasFocus():
            painter.setPen(c.accent)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self._star_at(event.position().x())
        self.update()

    def leaveEvent(self, event) -> None:
        self._hover = 0
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            star = self._star_at(event.position().x())
            self._hover = 0
            self.rated.emit(0 if star == self.value() else star)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A star is set where it is pressed; nothing is dragged."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1}
        if step := steps.get(Qt.Key(event.key())):
            self.rated.emit(min(STARS, max(0, self.value() + step)))
        else:
            super().keyPressEvent(event)

    def _star_at(self, x: float) -> int:
        return min(STARS, max(1, int(x // _STEP_PX) + 1))
