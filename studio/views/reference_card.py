"""One reference in the tray: what it looks like, its name, its weight, and the way out."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.media.text.excerpt import draw_excerpt
from studio.media.text.reading import Text, text_of
from studio.project.project import ReferenceRow
from studio.widgets import icons, theme
from studio.widgets.base import Elided, Panel, column, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.slider import QuietSlider
from studio.widgets.thumb import clip_round, middle

SIDE_PX = 72
TEXT_SIZE = QSize(236, 74)
_STEPS = 10  # slider steps for a weight of 1
LOW, HIGH = 1, 20


class Face(QWidget):
    """The picture or the text on a card; faint, with a sign, when it was left out."""

    def __init__(self, size: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.refused = False
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


class _Thumb(Face):
    """The picture, filling a square."""

    image = QImage()

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if not self.image.isNull():
            painter.drawImage(box, self.image, middle(self.image))


class _Opening(Face):
    """The first lines of a text."""

    text = text_of("")

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if self.text.words:
            draw_excerpt(painter, box.adjusted(10, 6, -22, -4), self.text, theme.BASE_PX)
        else:
            icons.draw(painter, "file-text", QRectF(10, 10, 20, 20), theme.colours().dim)


class ReferenceCard(Panel):
    """What the cards of all media share."""

    removed = Signal(int)
    weighted = Signal(int, float)
    read_asked = Signal(int)

    def __init__(self, row: ReferenceRow, face: Face, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self._refusal = ""
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

    def show_name(self, title: str) -> None:
        self.name.set_text(title)

    def show_refusal(self, line: str) -> None:
        """Mark the reference as left out; the sentence is under the tray and in the tooltip."""
        self._refusal = line
        self.face.refused = bool(line)
        self.weight.setEnabled(not line)
        self.face.update()
        self.retranslate()

    def retranslate(self) -> None:
        name = self.row.name
        self.setAccessibleName(t("reference.named", name=name))
        self.setAccessibleDescription(self._refusal)
        self.face.setToolTip(self._refusal or name)
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


class PictureCard(ReferenceCard):
    """A small square, three in a row."""

    def __init__(self, reference: ReferenceRow, parent: QWidget | None = None) -> None:
        self._thumb = _Thumb(QSize(SIDE_PX, SIDE_PX))
        super().__init__(reference, self._thumb, parent)
        self.name.setFixedWidth(SIDE_PX)
        self.setLayout(column(self._thumb, self.name, self.weight, gap=2))
        self.show_row(reference)

    def sizeHint(self) -> QSize:
        return QSize(SIDE_PX, SIDE_PX + 40)

    def show_image(self, image: QImage) -> None:
        self._thumb.image = image
        self._thumb.update()


class WideCard(ReferenceCard):
    """As wide as the tray: the face, and under it name, length and weight."""

    def __init__(self, reference: ReferenceRow, face: Face, parent: QWidget | None = None) -> None:
        super().__init__(reference, face, parent)
        self.length = label("small")
        line = row(self.name, self.length, self.weight)
        line.setStretch(0, 1)
        self.setLayout(column(face, line, gap=2))

    def act(self) -> None:
        """What Return and Space do."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:
        return self.face.size() + QSize(0, 24)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.act()
        else:
            super().keyPressEvent(event)


class TextCard(WideCard):
    """The first lines, readable; a click opens the whole text on the wall."""

    def __init__(self, reference: ReferenceRow, parent: QWidget | None = None) -> None:
        self._opening = _Opening(TEXT_SIZE)
        super().__init__(reference, self._opening, parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_row(reference)

    def act(self) -> None:
        self.read_asked.emit(self.row.id)

    def show_text(self, text: Text) -> None:
        self._opening.text = text
        self._opening.update()
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        text = self._opening.text
        key = "characters" if text.is_chinese else "words"
        facts = t(f"reference.{key}", n=text.length) if text.length else ""
        self.length.setText(facts)
        self.face.setToolTip(self._refusal or t("reference.read", name=self.row.name))
        if not self._refusal:
            self.setAccessibleDescription(" · ".join(filter(None, (text.opening, facts))))

    def mouseReleaseEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.act()
