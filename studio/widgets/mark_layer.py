"""Over a work: the parts that are liked or not, and the one that is being chosen."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.project.judgements import Place
from studio.widgets import icons, theme
from studio.widgets.parts import Parts

_ICON_PX, _AIR_PX = 14, 3


class MarkLayer(QWidget):
    """Lies on the canvas of a wall and lets the mouse through, except while a part is chosen."""

    place_changed = Signal()

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.canvas)
        self._parts = parts
        self._marks: tuple[tuple[Place, bool], ...] = ()
        self._from: QPointF | None = None
        self.place: Place | None = None  # what is being chosen
        self.is_open = False
        self.setMouseTracking(True)
        parts.canvas.installEventFilter(self)
        self._let_through()
        self.hide()

    def marks(self) -> tuple[tuple[Place, bool], ...]:
        return self._marks

    def show_marks(self, marks: tuple[tuple[Place, bool], ...]) -> None:
        """Places, and whether they are liked."""
        self._marks = marks
        self._show()

    def begin(self) -> None:
        """Parts can be chosen from now on, by mouse and keys."""
        self.is_open, self.place = True, self._parts.first()
        self._let_through()
        self._show()
        self.setFocus()
        self.place_changed.emit()

    def finish(self) -> None:
        self.is_open, self.place, self._from = False, None, None
        self._let_through()
        self._show()

    def _let_through(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not self.is_open)
        policy = Qt.FocusPolicy.StrongFocus if self.is_open else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)
        self.setCursor(Qt.CursorShape.CrossCursor if self.is_open else Qt.CursorShape.ArrowCursor)

    def _show(self) -> None:
        self.setGeometry(self._parts.canvas.rect())
        self.setVisible(self.is_open or bool(self._marks))
        self.raise_()
        self.update()

    # ---- painting ------------------------------------------------------------------------------

    def paintEvent(self, event) -> None:
        if not self._parts.is_ready():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, liked in self._marks:
            self._draw_mark(painter, place, liked)
        if self.place is not None:
            for box in self._parts.boxes(self.place):
                tint = QColor(theme.colours().accent)
                painter.setPen(QPen(tint, 2))
                tint.setAlpha(28)
                painter.setBrush(tint)
                painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 3, 3)

    def _draw_mark(self, painter: QPainter, place: Place, liked: bool) -> None:
        """A light line on a dark one, so that it is seen on every picture."""
        boxes = self._parts.boxes(place)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in boxes:
            for colour, wide in ((theme.DARK.ground, 3.0), (theme.DARK.text, 1.2)):
                pen = QPen(QColor(colour), wide)
                if not liked:
                    pen.setDashPattern([4 / wide * 1.2, 4 / wide * 1.2])
                painter.setPen(pen)
                painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 3, 3)
        if boxes:
            corner = boxes[0].topLeft()
            side = _ICON_PX + 2 * _AIR_PX
            badge = QRectF(corner.x() - side / 2, corner.y() - side / 2, side, side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.DARK.ground))
            painter.drawEllipse(badge)
            inner = badge.adjusted(_AIR_PX, _AIR_PX, -_AIR_PX, -_AIR_PX)
            icons.draw(painter, "thumbs-up" if liked else "thumbs-down", inner, theme.DARK.text)

    # ---- events --------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._parts.canvas.rect())
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position()
            self._choose(self._parts.between(self._from, self._from))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._choose(self._parts.between(self._from, event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        grow = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        place = self.place or self._parts.first()
        moved = self._parts.moved(place, Qt.Key(event.key()), grow)
        if moved is not None:
            self._choose(moved)
        else:
            event.ignore()

    def _choose(self, place: Place | None) -> None:
        if place is not None and place != self.place:
            self.place = place
            self.update()
            self.place_changed.emit()
