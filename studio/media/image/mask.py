"""What of a picture is marked: painted with a round brush, kept as a grey picture of its size."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

_STEPS_KEPT = 30
_GREY, _ALPHA = QImage.Format.Format_Grayscale8, QImage.Format.Format_Alpha8
_TINTED = QImage.Format.Format_ARGB32_Premultiplied


class Mask:
    """Marked is white in `grey()`, and the tint in `tinted`, which is laid over the picture.

    Every change but those between `begin` and the next `begin` is one step of undo.
    """

    def __init__(self, size: QSize, tint: QColor, grey: QImage | None = None) -> None:
        self._tint = tint
        self._before: list[QImage] = []
        self._undone: list[QImage] = []
        self.tinted = QImage(size, _TINTED)
        self.tinted.fill(Qt.GlobalColor.transparent)
        self._nothing = self._alpha()
        if grey is not None and not grey.isNull():
            self._put(grey.scaled(size).convertToFormat(_GREY))

    @property
    def size(self) -> QSize:
        return self.tinted.size()

    def grey(self) -> QImage:
        grey = self._alpha()
        grey.reinterpretAsFormat(_GREY)
        return grey

    def is_empty(self) -> bool:
        return self._alpha() == self._nothing

    def _alpha(self) -> QImage:
        return self.tinted.convertToFormat(_ALPHA)

    def _put(self, grey: QImage) -> None:
        whole = QImage(self.size, _TINTED)
        whole.fill(self._tint)
        whole.setAlphaChannel(grey)
        self.tinted = whole.convertToFormat(_TINTED)

    # ---- marking -------------------------------------------------------------------------------

    def begin(self) -> None:
        """What follows is one step."""
        self._before = [*self._before, self.grey()][-_STEPS_KEPT:]
        self._undone.clear()

    def stroke(self, start: QPointF, end: QPointF, across_px: float, erase: bool) -> None:
        """A line with round ends, in pixels of the picture."""
        painter = self._painter(erase)
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(self._tint, across_px, Qt.PenStyle.SolidLine, cap, join))
        painter.drawLine(start, end) if start != end else painter.drawPoint(start)
        painter.end()

    def fill(self, box: QRectF, erase: bool) -> None:
        self.begin()
        painter = self._painter(erase)
        painter.fillRect(box, self._tint)
        painter.end()

    def fill_all(self) -> None:
        self.fill(QRectF(self.tinted.rect()), erase=False)

    def clear(self) -> None:
        self.fill(QRectF(self.tinted.rect()), erase=True)

    def invert(self) -> None:
        self.begin()
        grey = self.grey()
        grey.invertPixels()
        self._put(grey)

    def _painter(self, erase: bool) -> QPainter:
        painter = QPainter(self.tinted)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        modes = QPainter.CompositionMode
        mode = modes.CompositionMode_DestinationOut if erase else modes.CompositionMode_SourceOver
        painter.setCompositionMode(mode)
        return painter

    # ---- back and forth ------------------------------------------------------------------------

    def can_undo(self) -> bool:
        return bool(self._before)

    def can_redo(self) -> bool:
        return bool(self._undone)

    def undo(self) -> None:
        if self._before:
            self._undone.append(self.grey())
            self._put(self._before.pop())

    def redo(self) -> None:
        if self._undone:
            self._before.append(self.grey())
            self._put(self._undone.pop())
