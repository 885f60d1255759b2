"""An easel on which a region is painted: by hand, or by a rectangle that the keys move."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QTransform,
    QWheelEvent,
)

from studio.media.image.easel import Easel, Sheet
from studio.media.image.mask import Mask
from studio.widgets import theme

MIN_BRUSH, MAX_BRUSH = 4, 400  # pixels of the picture across
_FIRST_BRUSH, _BRUSH_STEP = 0.12, 1.2  # of the shorter side; of one step
_TINT = 0.55
_BOX_SHARE, _BOX_STEP = 0.5, 1 / 24  # of the picture's sides
_KEYS = Qt.Key
_OWN_KEYS = {
    *(_KEYS.Key_BracketLeft, _KEYS.Key_BracketRight, _KEYS.Key_X, _KEYS.Key_M, _KEYS.Key_I),
    *(_KEYS.Key_Return, _KEYS.Key_Enter, _KEYS.Key_Delete, _KEYS.Key_Backspace),
    *(_KEYS.Key_Left, _KEYS.Key_Right, _KEYS.Key_Up, _KEYS.Key_Down),
}
_PRESSED = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)


class MaskEasel(Easel):
    """The left button marks, the right one (or Alt, or X) erases; the middle one moves all."""

    painted = Signal()  # the mask has changed
    brush_changed = Signal()  # its size, whether it erases, whether there is a rectangle
    done = Signal()

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.painting: Mask | None = None
        self.brush_px = 40.0
        self.erases = False
        self.box: QRectF | None = None  # of the picture, 0..1
        self._last: QPointF | None = None  # of the stroke that is drawn, in the mask's pixels
        self._erasing = False
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)

    def begin(self, picture: QImage, mask: Mask) -> None:
        self.painting, self.box, self._last, self.erases = mask, None, None, False
        self.show_sheets((Sheet(picture, mask.size),))
        short = min(mask.size.width(), mask.size.height())
        self.set_brush(short * _FIRST_BRUSH)
        self.brush_changed.emit()

    # ---- tools ---------------------------------------------------------------------------------

    def set_brush(self, across_px: float) -> None:
        self.brush_px = min(MAX_BRUSH, max(MIN_BRUSH, across_px))
        self.brush_changed.emit()
        self.update()

    def set_erases(self, erases: bool) -> None:
        self.erases = erases
        self.brush_changed.emit()
        self.update()

    def toggle_box(self) -> None:
        """A rectangle in the middle, which the arrow keys move and, with Shift, resize."""
        start = (1 - _BOX_SHARE) / 2
        self.box = None if self.box else QRectF(start, start, _BOX_SHARE, _BOX_SHARE)
        self.brush_changed.emit()
        self.update()

    def fill_box(self, erase: bool) -> None:
        if self.box is not None and self.painting is not None:
            wide, tall = self.painting.size.width(), self.painting.size.height()
            self.painting.fill(QTransform.fromScale(wide, tall).mapRect(self.box), erase)
            self.toggle_box()
            self._tell()

    def act(self, name: str) -> None:
        """A verb of the mask: fill_all, clear, invert, undo or redo."""
        if self.painting is not None:
            getattr(self.painting, name)()
            self._tell()

    def _tell(self) -> None:
        self.update()
        self.painted.emit()

    # ---- geometry ------------------------------------------------------------------------------

    def _sheet_box(self) -> QRectF:
        return self._target(self._sheets[0], self._cells()[0])

    def _in_mask(self, point: QPointF) -> QPointF:
        """Where in the mask a point of the widget lies."""
        box, size = self._sheet_box(), self.painting.size if self.painting else QSize(1, 1)
        return QPointF(
            (point.x() - box.x()) * size.width() / max(1.0, box.width()),
            (point.y() - box.y()) * size.height() / max(1.0, box.height()),
        )

    # ---- the mouse -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in _PRESSED or self.painting is None or not self._sheets:
            super().mousePressEvent(event)
            return
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        self._erasing = self.erases or alt or event.button() == Qt.MouseButton.RightButton
        self.painting.begin()
        self._draw_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._last is not None:
            self._draw_to(event.position())
        else:
            super().mouseMoveEvent(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._last is not None and event.button() in _PRESSED:
            self._last = None
            self._tell()
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def contextMenuEvent(self, event) -> None:
        event.accept()  # the right button erases

    def leaveEvent(self, event) -> None:
        self._pointer = None
        self.update()

    def _draw_to(self, point: QPointF) -> None:
        if self.painting is not None:
            here = self._in_mask(point)
            self.painting.stroke(self._last or here, here, self.brush_px, self._erasing)
            self._last = here
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        held = event.modifiers()
        if held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier):
            turned = event.angleDelta().y() or event.angleDelta().x()
            self.set_brush(self.brush_px * _BRUSH_STEP ** (turned / 120))
            event.accept()
        else:
            super().wheelEvent(event)

    # ---- the keys ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keys that mean something else in the rest of the window are ours while we paint."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            ours = event.key() == Qt.Key.Key_A if control else event.key() in _OWN_KEYS
            if ours or (self.box is not None and event.key() == Qt.Key.Key_Escape):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = Qt.Key(event.key()), event.modifiers()
        verbs = {
            _KEYS.Key_BracketLeft: lambda: self.set_brush(self.brush_px / _BRUSH_STEP),
            _KEYS.Key_BracketRight: lambda: self.set_brush(self.brush_px * _BRUSH_STEP),
            _KEYS.Key_X: lambda: self.set_erases(not self.erases),
            _KEYS.Key_M: self.toggle_box,
            _KEYS.Key_I: lambda: self.act("invert"),
        }
        if held & Qt.KeyboardModifier.ControlModifier:
            if key == _KEYS.Key_A:
                self.act("fill_all")
            else:
                super().keyPressEvent(event)
        elif key in verbs:
            verbs[key]()
        elif key in (_KEYS.Key_Return, _KEYS.Key_Enter):
            self.fill_box(erase=self.erases) if self.box else self.done.emit()
        elif key == _KEYS.Key_Escape:
            self.toggle_box() if self.box else self.done.emit()
        elif key in (_KEYS.Key_Delete, _KEYS.Key_Backspace):
            self.fill_box(erase=True) if self.box else self.act("clear")
        elif not self._move_box(key, bool(held & Qt.KeyboardModifier.ShiftModifier)):
            super().keyPressEvent(event)

    def _move_box(self, key: Qt.Key, resize: bool) -> bool:
        steps = {
            _KEYS.Key_Left: (-_BOX_STEP, 0.0),
            _KEYS.Key_Right: (_BOX_STEP, 0.0),
            _KEYS.Key_Up: (0.0, -_BOX_STEP),
            _KEYS.Key_Down: (0.0, _BOX_STEP),
        }
        if self.box is None or key not in steps:
            return False
        x, y = steps[key]
        box = self.box
        if resize:
            wide = min(1 - box.x(), max(_BOX_STEP, box.width() + x))
            tall = min(1 - box.y(), max(_BOX_STEP, box.height() + y))
            self.box = QRectF(box.x(), box.y(), wide, tall)
        else:
            left = min(1 - box.width(), max(0.0, box.x() + x))
            top = min(1 - box.height(), max(0.0, box.y() + y))
            self.box = QRectF(left, top, box.width(), box.height())
        self.update()
        return True

    # ---- painting ------------------------------------------------------------------------------

    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        if self.painting is None or not self._sheets:
            return
        painter = QPainter(self)
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        sheet = self._sheet_box()
        painter.setOpacity(_TINT)
        painter.drawImage(sheet, self.painting.tinted)
        painter.setOpacity(1.0)
        if self.box is not None:
            scale = QTransform.fromScale(sheet.width(), sheet.height())
            _outline(painter, scale.mapRect(self.box).translated(sheet.topLeft()))
        if self._pointer is not None and self.underMouse():
            side = self.brush_px * sheet.width() / max(1, self.painting.size.width())
            ring = QRectF(self._pointer.x() - side / 2, self._pointer.y() - side / 2, side, side)
            _outline(painter, ring, round_=True)


def _outline(painter: QPainter, box: QRectF, round_: bool = False) -> None:
    """Dark and light, so that it is seen on any picture."""
    for colour, width in ((theme.DARK.ground, 3.0), (theme.LIGHT.panel, 1.2)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawEllipse(box) if round_ else painter.drawRect(box)
