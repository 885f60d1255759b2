"""One reference in the tray: its picture, its name, its weight, and the way out."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPainterPath
from PySide6.QtWidgets import QWidget

from studio import icons, theme
from studio.i18n import t
from studio.project import ReferenceRow
from studio.widgets.base import Elided, Panel, column
from studio.widgets.buttons import IconButton
from studio.widgets.slider import QuietSlider

SIDE_PX = 72
_STEPS = 10  # slider steps for a weight of 1
LOW, HIGH = 1, 20


class _Thumb(QWidget):
    """The picture, filling a square."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = QImage()
        self.refused = False
        self.setFixedSize(SIDE_PX, SIDE_PX)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        box, c = QRectF(self.rect()), theme.colours()
        clip = QPainterPath()
        clip.addRoundedRect(box, 4, 4)
        painter.setClipPath(clip)
        painter.fillRect(box, QColor(c.raised))
        if not self.image.isNull():
            painter.setOpacity(0.25 if self.refused else 1.0)
            painter.drawImage(box, self.image, _middle(self.image))
            painter.setOpacity(1.0)
        if self.refused:
            icons.draw(painter, "triangle-alert", QRectF(26, 26, 20, 20), c.text)


def _middle(image: QImage) -> QRectF:
    """The largest square of the picture."""
    side = min(image.width(), image.height())
    return QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)


class ReferenceCard(Panel):
    removed = Signal(int)
    weighted = Signal(int, float)

    def __init__(self, row: ReferenceRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self._refusal = ""
        self._thumb = _Thumb(self)
        self._name = Elided("small")
        self._name.setFixedWidth(SIDE_PX)
        self.weight = QuietSlider(LOW, HIGH, _STEPS)
        self.weight.setFixedWidth(SIDE_PX)
        self.weight.valueChanged.connect(lambda _value: self.retranslate())
        self.weight.settled.connect(self._on_settled)
        lines = column(self._thumb, self._name, self.weight, gap=2)
        self.setLayout(lines)
        self.remove = IconButton("x", 12, parent=self)
        self.remove.setProperty("role", "badge")
        self.remove.setFixedSize(20, 20)
        self.remove.move(SIDE_PX - 22, 2)
        self.remove.clicked.connect(lambda: self.removed.emit(self.row.id))
        self.remove.hide()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_row(row)

    def sizeHint(self) -> QSize:
        return QSize(SIDE_PX, SIDE_PX + 40)

    def show_row(self, row: ReferenceRow) -> None:
        self.row = row
        self.weight.show_value(round(row.weight * _STEPS))
        self.retranslate()

    def show_name(self, title: str) -> None:
        self._name.set_text(title)

    def show_image(self, image: QImage) -> None:
        self._thumb.image = image
        self._thumb.update()

    def show_refusal(self, line: str) -> None:
        """Mark the reference as left out; the sentence is under the tray and in the tooltip."""
        self._refusal = line
        self._thumb.refused = bool(line)
        self.weight.setEnabled(not line)
        self._thumb.update()
        self.retranslate()

    def retranslate(self) -> None:
        name = self.row.name
        self.setAccessibleName(t("reference.named", name=name))
        self.setAccessibleDescription(self._refusal)
        self._thumb.setToolTip(self._refusal or name)
        amount = f"{self.weight.value() / _STEPS:.1f}"
        self.weight.setToolTip(t("reference.weight_is", weight=amount))
        self.weight.setAccessibleName(t("reference.weight_of", name=name))
        self.remove.set_words(t("reference.remove", name=name))

    def _on_settled(self, value: int) -> None:
        if value != round(self.row.weight * _STEPS):
            self.weighted.emit(self.row.id, value / _STEPS)

    def enterEvent(self, event) -> None:
        self.remove.show()
        super().enterEvent(event)

    def leaveEvent(self, event) -> None:
        self.remove.setVisible(self.hasFocus())
        super().leaveEvent(event)

    def focusInEvent(self, event) -> None:
        self.remove.show()
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event) -> None:
        self.remove.setVisible(self.underMouse())
        self.update()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self.row.id)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(theme.colours().accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
