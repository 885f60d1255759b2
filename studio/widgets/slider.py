"""A slider that the wheel does not move by accident and a double click resets."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QWidget

from studio.widgets import theme
from studio.widgets.base import column, label, row

_HANDLE_PX = 12
_TICK_PX = 7
_SETTLE_MS = 250


class QuietSlider(QSlider):
    """`settled` comes once, when the hand has come to rest, not at every pixel.

    One that goes both ways from nothing has a mark there instead of a filled groove.
    """

    settled = Signal(int)

    def __init__(self, low: int, high: int, home: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(low, high)
        self.setValue(home)
        self._home = home
        self._both_ways = home == 0 and low == -high
        self.setProperty("bothWays", self._both_ways)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._rest = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._rest.timeout.connect(self._on_rest)
        self.valueChanged.connect(lambda _value: self._rest.start())

    def show_value(self, value: int) -> None:
        """Follow the state without announcing it as the artist's doing."""
        with QSignalBlocker(self):
            self.setValue(value)
        self.update()

    def commit(self) -> None:
        """Tell the value that is shown now, without waiting for the hand to rest."""
        if self._rest.isActive():
            self._rest.stop()
            self.settled.emit(self.value())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._both_ways:
            painter = QPainter(self)
            tall = _TICK_PX
            left, top = (self.width() - 1) // 2, (self.height() - tall) // 2
            painter.fillRect(left, top, 1, tall, QColor(theme.colours().dim))
            painter.end()
        super().paintEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        room = self.width() - _HANDLE_PX
        x = round(event.position().x()) - _HANDLE_PX // 2
        self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, room))
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setValue(self._home)

    def _on_rest(self) -> None:
        if self.isSliderDown():
            self._rest.start()
        else:
            self.settled.emit(self.value())


def percent(value: int) -> str:
    return f"{value} %"


class LabelledSlider(QWidget):
    """A slider under its name and its number, with a word at each end."""

    settled = Signal(int)

    def __init__(
        self,
        low: int,
        high: int,
        home: int,
        number: Callable[[int], str] = percent,
        parent: QWidget | None = None,
    ) -> None:
        """number: how a place of the slider is written."""
        super().__init__(parent)
        self.slider, self._written = QuietSlider(low, high, home), number
        self._name, self._low, self._high = label("dim"), label("small"), label("small")
        self.number = label("small")
        head = row(self._name, None, self.number)
        self.setLayout(column(head, self.slider, row(self._low, None, self._high), gap=2))
        self.slider.settled.connect(self.settled)
        self.slider.valueChanged.connect(self._show_number)
        self._show_number()

    def show_value(self, value: int) -> None:
        self.slider.show_value(value)
        self._show_number()

    def _show_number(self, _value: int = 0) -> None:
        self.number.setText(self._written(self.slider.value()))

    def value(self) -> int:
        return self.slider.value()

    def set_words(self, name: str, low: str, high: str, hint: str) -> None:
        self._name.setText(name)
        self._low.setText(low)
        self._high.setText(high)
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(hint)
