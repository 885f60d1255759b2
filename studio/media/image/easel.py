"""Where works are looked at: one or several side by side under one zoom and one pan."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.widgets import grid, theme

MIN_SCALE, MAX_SCALE = 0.05, 16.0
_MARGIN_PX, _GAP_PX, _CAPTION_PX = 20, 12, 22
_STEP = 1.25
_PIXELS_SHOW_FROM = 3.0  # beyond this zoom single pixels are drawn as squares


@dataclass(frozen=True, slots=True)
class Sheet:
    """One picture; `size` is the size of the finished work, which a preview grows towards.

    `repeat`: so many times in a row and in a column, as `size` counts it too.
    """

    image: QImage
    size: QSize
    caption: str = ""
    repeat: int = 1


def _places(target: QRectF, repeat: int) -> Iterator[QRectF]:
    """The parts of `target`, edge to edge on whole pixels."""
    xs = [round(target.x() + target.width() * n / repeat) for n in range(repeat + 1)]
    ys = [round(target.y() + target.height() * n / repeat) for n in range(repeat + 1)]
    for left, right in pairwise(xs):
        for top, bottom in pairwise(ys):
            yield QRectF(left, top, right - left, bottom - top)


def _is_far(by: QPointF) -> bool:
    return by.manhattanLength() > QApplication.startDragDistance()


def _number(event: QKeyEvent) -> int | None:
    """1 to 9, where such a key is pressed, and no other with it."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    number = event.key() - Qt.Key.Key_0
    return number if 1 <= number <= 9 and not held else None


class Easel(QWidget):
    """Fits its pictures, or shows them at one common scale around one common centre."""

    zoom_changed = Signal()
    picked = Signal(int)  # a sheet, where `picks`: by a click on it, or by its number

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheets: tuple[Sheet, ...] = ()
        self.picks = False
        self._fit = True
        self._scale = 1.0  # device pixels for one pixel of the work, when not fitted
        self._centre = QPointF(0.5, 0.5)  # of the picture, 0..1
        self._grabbed: QPointF | None = None
        self._pressed: QPointF | None = None  # where, until the mouse has moved away
        self._motion = QVariantAnimation(self)
        self._motion.setDuration(0)
        self._motion.setEasingCurve(QEasingCurve(theme.MOTION_CURVE))
        self._motion.valueChanged.connect(self._on_motion)
        self._motion.finished.connect(self._on_motion_finished)
        self._fit_when_still = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)

    # ---- what is shown -------------------------------------------------------------------------

    def sheets(self) -> tuple[Sheet, ...]:
        return self._sheets

    def show_sheets(self, sheets: tuple[Sheet, ...]) -> None:
        """Show these. The zoom stays, so that works can be compared in one place."""
        self._sheets = sheets
        self.update()
        self.zoom_changed.emit()

    def is_fitted(self) -> bool:
        return self._fit

    def scale(self) -> float:
        """Device pixels for one pixel of the (first) work."""
        if not self._fit or not self._sheets:
            return self._scale
        return self._fitted_scale(self._sheets[0], self._cells()[0])

    def set_motion(self, motion_ms: int) -> None:
        self._motion.setDuration(motion_ms)

    # ---- zoom and pan --------------------------------------------------------------------------

    def fit(self) -> None:
        if self._sheets and not self._fit:
            self._glide(self._scale, self._fitted_scale(self._sheets[0], self._cells()[0]), True)

    def actual_size(self) -> None:
        """100 %: one pixel of the work is one pixel of the screen."""
        if self._sheets:
            self._centre = QPointF(0.5, 0.5) if self._fit else self._centre
            self._glide(self.scale(), 1.0, False)

    def toggle_fit(self) -> None:
        if self._fit:
            self.actual_size()
        else:
            self.fit()

    def zoom_in(self) -> None:
        self._zoom_to(self.scale() * _STEP)

    def zoom_out(self) -> None:
        self._zoom_to(self.scale() / _STEP)

    def _zoom_to(self, scale: float, at: QPointF | None = None) -> None:
        """Change the scale and keep the point of the picture under `at` where it is."""
        if not self._sheets:
            return
        before, after = self.scale(), min(MAX_SCALE, max(MIN_SCALE, scale))
        if self._fit:
            self._centre = QPointF(0.5, 0.5)
        if at is not None:
            offset = at - self._cell_at(at).center()
            ratio = self.devicePixelRatioF() * (1 / before - 1 / after)
            size = self._sheets[0].size
            self._centre += QPointF(
                offset.x() * ratio / size.width(), offset.y() * ratio / size.height()
            )
        self._fit, self._scale = False, after
        self._keep_centre()
        self.update()
        self.zoom_changed.emit()

    def _pan(self, by: QPointF) -> None:
        if self._fit or not self._sheets:
            return
        size, ratio = self._sheets[0].size, self.devicePixelRatioF() / self._scale
        self._centre -= QPointF(by.x() * ratio / size.width(), by.y() * ratio / size.height())
        self._keep_centre()
        self.update()

    def _keep_centre(self) -> None:
        self._centre = QPointF(
            min(1.0, max(0.0, self._centre.x())), min(1.0, max(0.0, self._centre.y()))
        )

    def _glide(self, start: float, end: float, fit_after: bool) -> None:
        self._motion.stop()
        self._fit, self._fit_when_still = False, fit_after
        self._motion.setStartValue(start)
        self._motion.setEndValue(end)
        self._motion.start()

    def _on_motion(self, scale: float) -> None:
        self._scale = scale
        self.update()

    def _on_motion_finished(self) -> None:
        self._scale = self._motion.endValue()
        self._fit = self._fit_when_still
        self.update()
        self.zoom_changed.emit()

    # ---- geometry ------------------------------------------------------------------------------

    def _cells(self) -> list[QRectF]:
        """The part of the widget of each sheet: two side by side, more in the largest grid."""
        count = max(1, len(self._sheets))
        area = QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        size = self._sheets[0].size if self._sheets else QSize(3, 2)

        def side(columns: int) -> float:
            cell = grid.cell_size(area, count, columns, _GAP_PX)
            return min(cell.width() / max(1, size.width()), cell.height() / max(1, size.height()))

        columns = 2 if count == 2 else max(range(1, count + 1), key=side)
        return grid.cells(area, count, columns, _GAP_PX)

    def _cell_at(self, point: QPointF) -> QRectF:
        cells = self._cells()
        return next((cell for cell in cells if cell.contains(point)), cells[0])

    def _fitted_scale(self, sheet: Sheet, cell: QRectF) -> float:
        tall = cell.height() - (_CAPTION_PX if sheet.caption else 0)
        size = sheet.size
        fitted = min(cell.width() / max(1, size.width()), tall / max(1, size.height()))
        return max(MIN_SCALE, fitted * self.devicePixelRatioF())

    def _target(self, sheet: Sheet, cell: QRectF) -> QRectF:
        """Where in the widget the picture lies."""
        scale = self._fitted_scale(sheet, cell) if self._fit else self._scale
        scale /= self.devicePixelRatioF()
        wide, tall = sheet.size.width() * scale, sheet.size.height() * scale
        centre = QPointF(0.5, 0.5) if self._fit else self._centre
        area = cell.adjusted(0, 0, 0, -_CAPTION_PX) if sheet.caption else cell
        left = area.center().x() - wide * (centre.x() if wide > area.width() else 0.5)
        top = area.center().y() - tall * (centre.y() if tall > area.height() else 0.5)
        return QRectF(round(left), round(top), round(wide), round(tall))

    def picture_box(self) -> QRectF:
        """Where in the widget the first picture lies; empty without one."""
        return self._target(self._sheets[0], self._cells()[0]) if self._sheets else QRectF()

    # ---- events --------------------------------------------------------------------------------

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        c = theme.colours()
        painter.fillRect(self.rect(), QColor(c.wall))
        smooth = self.scale() < _PIXELS_SHOW_FROM or self._fit
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setFont(theme.font(theme.SMALL_PX))
        for sheet, cell in zip(self._sheets, self._cells(), strict=False):
            target = self._target(sheet, cell)
            area = cell.adjusted(0, 0, 0, -_CAPTION_PX) if sheet.caption else cell
            single = len(self._sheets) == 1
            painter.setClipRect(self.rect() if single else area.toAlignedRect())
            for place in _places(target, sheet.repeat):
                painter.drawImage(place, sheet.image)
            painter.setClipping(False)
            if sheet.caption:
                below = min(target.bottom(), area.bottom())
                line = QRectF(cell.x(), below, cell.width(), _CAPTION_PX)
                painter.setPen(QColor(c.dim if c is theme.DARK else c.text))
                painter.drawText(line, Qt.AlignmentFlag.AlignCenter, sheet.caption)
        if self.hasFocus() and self.property("keyboard"):
            painter.setPen(QColor(c.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def focusInEvent(self, event) -> None:
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.setProperty("keyboard", event.reason() in reasons)
        super().focusInEvent(event)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if steps := event.angleDelta().y() / 120:
            self._zoom_to(self.scale() * 1.15**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = self._pressed = event.position()
            if not self._fit:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and _is_far(event.position() - self._pressed):
            self._pressed = None
        if self._grabbed is not None:
            self._pan(event.position() - self._grabbed)
            self._grabbed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed, self._grabbed = self._pressed, None, None
        self.unsetCursor()
        if self.picks and pressed is not None and event.button() is Qt.MouseButton.LeftButton:
            self._pick(self._sheet_at(event.position()))

    def _sheet_at(self, point: QPointF) -> int | None:
        cells = zip(self._sheets, self._cells(), strict=False)
        hit = (n for n, (_, cell) in enumerate(cells) if cell.contains(point))
        return next(hit, None)

    def _pick(self, place: int | None) -> None:
        if place is not None and place < len(self._sheets):
            self.picked.emit(place)

    def event(self, event: QEvent) -> bool:
        """While there is something to pick, numbers mean that, and not stars."""
        keys = isinstance(event, QKeyEvent) and _number(event) is not None
        if self.picks and keys and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.toggle_fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.picks and (number := _number(event)) is not None:
            self._pick(number - 1)
            return
        step = 48.0
        pans = {
            Qt.Key.Key_Left: QPointF(step, 0),
            Qt.Key.Key_Right: QPointF(-step, 0),
            Qt.Key.Key_Up: QPointF(0, step),
            Qt.Key.Key_Down: QPointF(0, -step),
        }
        if not self._fit and (by := pans.get(Qt.Key(event.key()))):
            self._pan(by)
        else:
            super().keyPressEvent(event)
