"""A row of colours of one's own: add, change, take away."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QColorDialog, QToolButton, QWidget

from studio.i18n import t
from studio.widgets import theme
from studio.widgets.base import Panel
from studio.widgets.buttons import IconButton
from studio.widgets.flow import Flow

_SIDE_PX = 26

Choose = Callable[[QColor, QWidget, str], QColor]  # an invalid colour: nothing was chosen


class Swatch(QToolButton):
    """One colour. A click changes it; Delete or the right button takes it away."""

    removed = Signal()

    def __init__(self, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colour = colour
        self.setFixedSize(QSize(_SIDE_PX, _SIDE_PX))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(t("palette.colour", colour=colour))
        self.setToolTip(t("palette.colour_hint", colour=colour))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event) -> None:
        self.removed.emit()

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = theme.colours()
        painter.setPen(QColor(c.accent if self.hasFocus() else c.edge))
        painter.setBrush(QColor(self.colour))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class Swatches(Panel):
    changed = Signal(object)  # tuple[str, ...] of "#rrggbb"

    def __init__(
        self, most: int, choose: Choose = QColorDialog.getColor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._most, self._choose = most, choose
        self._colours: tuple[str, ...] = ()
        self._swatches: list[Swatch] = []
        self._flow = Flow(self, gap=4)
        self.add = IconButton("plus", 14)
        self.add.setFixedSize(QSize(_SIDE_PX, _SIDE_PX))
        self.add.clicked.connect(self._on_add)
        self._flow.addWidget(self.add)
        self.retranslate()

    def swatches(self) -> list[Swatch]:
        return self._swatches

    def retranslate(self) -> None:
        self.add.set_words(t("palette.add"))
        self._lay_out()

    def set_colours(self, colours: tuple[str, ...]) -> None:
        if colours != self._colours:
            self._colours = colours
            self._lay_out()

    def _lay_out(self) -> None:
        for old in self._swatches:
            self._flow.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._flow.removeWidget(self.add)
        self._swatches = [Swatch(colour, self) for colour in self._colours]
        for place, swatch in enumerate(self._swatches):
            swatch.clicked.connect(lambda _on=False, place=place: self._on_change(place))
            swatch.removed.connect(lambda place=place: self._on_remove(place))
            self._flow.addWidget(swatch)
            swatch.show()
        self._flow.addWidget(self.add)
        self.add.setVisible(len(self._colours) < self._most)
        self.updateGeometry()

    def _ask(self, start: str) -> str:
        """The colour that the artist chooses; "" for none."""
        chosen = self._choose(QColor(start), self, t("palette.choose"))
        return chosen.name() if chosen.isValid() else ""

    def _on_add(self) -> None:
        last = self._colours[-1] if self._colours else theme.colours().accent
        if chosen := self._ask(last):
            self.changed.emit((*self._colours, chosen))

    def _on_change(self, place: int) -> None:
        if chosen := self._ask(self._colours[place]):
            self.changed.emit((*self._colours[:place], chosen, *self._colours[place + 1 :]))

    def _on_remove(self, place: int) -> None:
        self.changed.emit((*self._colours[:place], *self._colours[place + 1 :]))
        home = self._swatches[min(place, len(self._swatches) - 1)] if self._swatches else self.add
        home.setFocus()
