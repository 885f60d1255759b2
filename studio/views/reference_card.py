"""One reference in the tray: what it looks like, its name, its weight, and the way out."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.project.rows import ReferenceRow
from studio.widgets import icons, theme
from studio.widgets.base import Elided, Panel, column, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.slider import QuietSlider
from studio.widgets.thumb import clip_round

SIDE_PX = 72
_STEPS = 10  # slider steps for a weight of 1
LOW, HIGH = 1, 20


_SIGN_PX = 14


class CardFace(QWidget):
    """What a reference looks like; faint, with a sign, when it was left out; a small sign in the
    corner says that there is a remark on it."""

    def __init__(self, size: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.refused = self.remarked = False
        self.setFixedSize(size)

    def draw(self, painter: QPainter, box: QRectF) -> None:
        raise NotImplementedError

    def paintEvent(self, event) -> None:
        painter, box = QPainter(self), QRectF(self.rect())
        clip_round(painter, box)
        painter.setOpacity(0.25 if self.refused else 1.0)
        self.draw(painter, box)
        painter.setOpacity(1.0)
        if self.refused:
            sign = QRectF(box.center().x() - 10, box.center().y() - 10, 20, 20)
            icons.draw(painter, "triangle-alert", sign, theme.colours().text)
        elif self.remarked:
            self._draw_remark(painter, box)

    def _draw_remark(self, painter: QPainter, box: QRectF) -> None:
        """On a ground of its own: the picture under it may have any colour."""
        ground = QRectF(box.left() + 3, box.bottom() - _SIGN_PX - 9, _SIGN_PX + 6, _SIGN_PX + 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours().panel))
        painter.drawRoundedRect(ground, 4, 4)
        icons.draw(painter, "triangle-alert", ground.adjusted(3, 3, -3, -3), theme.colours().text)


class ReferenceCard(Panel):
    """What the cards of all media share."""

    removed = Signal(int)
    weighted = Signal(int, float)
    read_asked = Signal(int)  # the whole of it, on the wall

    def __init__(self, row: ReferenceRow, face: CardFace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self._refusal = self._remarks = ""
        self.face = face
        self.name = Elided("small")
        self.weight = QuietSlider(LOW, HIGH, _STEPS)
        self.weight.setFixedWidth(SIDE_PX)
        self.weight.valueChanged.connect(lambda _value: self.retranslate())
        self.weight.settled.connect(self._on_settled)
        self.remove = IconButton("x", 12, parent=self)
        self.remove.setProperty("role", "badge")
        self.remove.setFixedSize(20, 20)
        self.remove.move(face.width() - 22, 2)
        self.remove.clicked.connect(lambda: self.removed.emit(self.row.id))
        self.remove.hide()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def show_row(self, row: ReferenceRow) -> None:
        self.row = row
        self.weight.show_value(round(row.weight * _STEPS))
        self.retranslate()

    def show_content(self) -> None:
        """Show what is known of the content now; there is more when it was read."""

    def show_name(self, title: str) -> None:
        self.name.set_text(title)

    def show_refusal(self, line: str) -> None:
        """Mark the reference as left out; the sentence is under the tray and in the tooltip."""
        self._refusal = line
        self.face.refused = bool(line)
        self.weight.setEnabled(not line)
        self.face.update()
        self.retranslate()

    def show_remarks(self, lines: str) -> None:
        """What the reader had to say of the file; it is learned from all the same."""
        if lines != self._remarks:
            self._remarks = lines
            self.face.remarked = bool(lines)
            self.face.update()
            self.retranslate()

    def _describe(self, tip: str, facts: str = "") -> None:
        """What is seen and heard of the face beside what it shows."""
        notes = self._refusal or self._remarks
        self.face.setToolTip(self._refusal or "\n".join(filter(None, (tip, self._remarks))))
        self.setAccessibleDescription(" · ".join(filter(None, (notes, facts))))

    def retranslate(self) -> None:
        name = self.row.name
        self.setAccessibleName(t("reference.named", name=name))
        self.setToolTip(t("what.reference"))
        self._describe(name)
        amount = f"{self.weight.value() / _STEPS:.1f}"
        self.weight.setToolTip(t("reference.weight_is", weight=amount))
        self.weight.setAccessibleName(t("reference.weight_of", name=name))
        self.remove.set_words(t("reference.remove", name=name))

    def _on_settled(self, value: int) -> None:
        if value != round(self.row.weight * _STEPS):
            self.weighted.emit(self.row.id, value / _STEPS)

    def enterEvent(self, event) -> None:
        self.remove.show()
        self.remove.raise_()
        super().enterEvent(event)

    def leaveEvent(self, event) -> None:
        self.remove.setVisible(self.hasFocus())
        super().leaveEvent(event)

    def focusInEvent(self, event) -> None:
        self.remove.show()
        self.remove.raise_()
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event) -> None:
        self.remove.setVisible(self.underMouse())
        self.update()
        super().focusOutEvent(event)

    def mouseDoubleClickEvent(self, event) -> None:
        self.read_asked.emit(self.row.id)

    def act(self) -> None:
        """What Return and Space do."""
        self.read_asked.emit(self.row.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self.row.id)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.act()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(theme.colours().accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class WideCard(ReferenceCard):
    """As wide as the tray: the face, and under it name, length and weight."""

    def __init__(
        self, reference: ReferenceRow, face: CardFace, parent: QWidget | None = None
    ) -> None:
        super().__init__(reference, face, parent)
        self.length = label("small")
        line = row(self.name, self.length, self.weight)
        line.setStretch(0, 1)
        self.setLayout(column(face, line, gap=2))

    def sizeHint(self) -> QSize:
        return self.face.size() + QSize(0, 24)
