"""The sheet of music: a work in notation, where it is heard now, and from where on it is heard."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from studio.media.audio.notation.engrave import Engraver
from studio.media.audio.notation.layout import Page, System, page_of
from studio.media.audio.notation.written import WrittenScore
from studio.widgets import theme

_MARGIN_PX = 32
_SPACES_PX = (5.6, 7.6)  # of a staff space: of narrow sheets, of wide ones
_SPACES_ACROSS = 150.0  # staff spaces that a sheet should hold
_FAINT = 0.45  # of the ink, over the ground: staff lines
_MINUTE_S, _USUAL_TEMPO = 60.0, 120.0


class Sheet(QWidget):
    """Draws the systems that are seen."""

    heard_from = Signal(float)  # seconds
    toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._score: WrittenScore | None = None
        self._page: Page | None = None
        self._engraver: Engraver | None = None
        self._head_s = -1.0
        self._tick_s = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_score(self, score: WrittenScore) -> None:
        if score is not self._score:
            self._score = score
            tempo = score.tempo or _USUAL_TEMPO
            self._tick_s = _MINUTE_S / tempo / max(1, score.divisions)
            self.lay_out()

    def lay_out(self) -> None:
        """Anew: another score, width or theme."""
        score, wide = self._score, self.width() - 2 * _MARGIN_PX
        if score is None or not score.staves or wide < 200:
            self._page = self._engraver = None
            return
        space = min(_SPACES_PX[1], max(_SPACES_PX[0], wide / _SPACES_ACROSS))
        self._page = page = page_of(score, wide / space)
        ink, ground = QColor(theme.colours().text), QColor(theme.colours().ground)
        self._engraver = Engraver(page, space, ink, _between(ink, ground))
        self.setMinimumHeight(round(page.tall * space) + 2 * _MARGIN_PX)
        self.update()

    def show_head(self, seconds: float) -> QRectF | None:
        """Where it plays now; the box of its system, when it enters one."""
        before, self._head_s = self._system(self._head_s), seconds
        now = self._system(seconds)
        self.update()
        if self._engraver is None or now is None or (before is not None and before[0] is now[0]):
            return None
        space = self._engraver.space
        top, bottom = now[0].tops[0] - 4, now[0].bottom + 3
        return QRectF(0, top * space + _MARGIN_PX, 1, (bottom - top) * space)

    def _system(self, seconds: float) -> tuple[System, float] | None:
        if self._page is None or seconds < 0 or not self._tick_s:
            return None
        return self._page.place_of(int(seconds / self._tick_s))

    # ---- events --------------------------------------------------------------------------------

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.colours().ground))
        if self._engraver is None:
            return
        painter.translate(_MARGIN_PX, _MARGIN_PX)
        shown = QRectF(event.rect()).translated(-_MARGIN_PX, -_MARGIN_PX)
        self._draw_head(painter)
        self._engraver.draw(painter, shown)

    def _draw_head(self, painter: QPainter) -> None:
        place, engraver = self._system(self._head_s), self._engraver
        if place is None or engraver is None:
            return
        system, x = place
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.colours().accent), 1.5))
        at = x + 0.65  # the middle of a head
        painter.drawLine(
            engraver.point(at, system.tops[0] - 1.5), engraver.point(at, system.bottom + 1.5)
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._page is None:
            super().mousePressEvent(event)
            return
        assert self._engraver is not None
        space, where = self._engraver.space, event.position()
        tick = self._page.tick_at(
            (where.x() - _MARGIN_PX) / space - 0.65, (where.y() - _MARGIN_PX) / space
        )
        if tick is not None:
            self.heard_from.emit(tick * self._tick_s)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.toggled.emit()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.lay_out()

    def keyPressEvent(self, event) -> None:
        event.ignore()  # everything is the window's


class NotationView(QScrollArea):
    """The sheet, scrolled to where it plays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet = Sheet()
        self.setWidget(self.sheet)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_head(self, seconds: float) -> None:
        box = self.sheet.show_head(seconds)
        if box is not None:
            margin = round(box.height() / 2)
            self.ensureVisible(0, round(box.center().y()), 0, margin)


def _between(ink: QColor, ground: QColor) -> QColor:
    mixed = (
        round(_FAINT * one + (1 - _FAINT) * other)
        for one, other in zip(ink.getRgb()[:3], ground.getRgb()[:3], strict=True)  # pyright: ignore
    )
    return QColor(*mixed)
