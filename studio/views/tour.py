"""Four steps through the window, on the samples: what goes in, what is asked for, judging, keeping.

Nothing is locked meanwhile: a step is over when the artist has done it, or goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.widgets import theme
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton

WIDTH_PX, _GAP_PX = 320, 14


@dataclass(frozen=True, slots=True)
class Step:
    """name: its words are `tour.NAME` and `tour.NAME_line`; place: what it is about; act: what the
    tour can do for the artist (`tour.NAME_act`); None where one only looks."""

    name: str
    place: Callable[[], QWidget]
    act: Callable[[], object] | None = None


class Tour(Panel):
    """A card beside the part of the window that a step is about, and a frame around that part."""

    ended = Signal()

    def __init__(self, session: Session, steps: tuple[Step, ...], window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("Tour")
        self._session, self._steps, self._window = session, steps, window
        self._at = -1  # -1: it is not on
        self._frame = _Frame(window)
        self._count, self._title = label("small"), label("title", wrap=True)
        self._line = label(wrap=True)
        self.skip, self.back, self.next = TextButton("link"), TextButton(), TextButton()
        self.show_me = TextButton()
        self.skip.clicked.connect(self.end)
        self.back.clicked.connect(lambda: self._go(self._at - 1))
        self.next.clicked.connect(lambda: self._go(self._at + 1))
        self.show_me.clicked.connect(self._on_show_me)
        buttons = row(self.skip, None, self.back, self.show_me, self.next)
        lines = column(self._count, self._title, self._line, buttons)
        lines.setContentsMargins(16, 12, 16, 14)
        self.setLayout(lines)
        self.setFixedWidth(WIDTH_PX)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        self.retranslate()
        window.installEventFilter(self)
        session.workspace.references_changed.connect(self._on_references_changed)
        session.maker.works_added.connect(lambda _rows: self._done("make"))
        session.workspace.work_changed.connect(self._on_work_changed)

    # ---- on and off ----------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        return self._at >= 0

    @property
    def step(self) -> str:
        """The name of the step that is shown; "" while the tour is not on."""
        return self._steps[self._at].name if self.is_on else ""

    def begin(self) -> None:
        """From the first step; the keys are in the card until it is put away."""
        self._go(0)

    def end(self) -> None:
        if self.is_on:
            had_focus = self.isAncestorOf(self._window.focusWidget() or self._window)
            self._at = -1
            self.hide()
            self._frame.hide()
            if had_focus:
                self.ended.emit()

    def _go(self, at: int, *, takes_keys: bool = True) -> None:
        if not 0 <= at < len(self._steps):
            self.end()
            return
        self._at = at
        self.retranslate()
        self.show()
        self._frame.show()
        self._settle()
        if takes_keys:
            self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        at = max(0, self._at)  # before it is on, all the same: everything has its name
        step, last = self._steps[at], at == len(self._steps) - 1
        title, line = t(f"tour.{step.name}"), t(f"tour.{step.name}_line")
        self._count.setText(t("tour.count", n=at + 1, total=len(self._steps)))
        self._title.setText(title)
        self._line.setText(line)
        self.setAccessibleName(title)
        self.skip.set_words(t("tour.skip"), "Esc")
        self.back.set_words(t("tour.back"), t("what.tour_back"))
        self.next.set_words(t("tour.done") if last else t("tour.next"), t("what.tour_next"))
        self.next.setAccessibleDescription(f"{self._count.text()}. {title}. {line}")
        self.back.setVisible(at > 0)
        self.skip.setVisible(not last)
        named = step if step.act is not None else self._steps[0]
        self.show_me.set_words(t(f"tour.{named.name}_act"), t("what.tour_act"))
        self.show_me.setVisible(step.act is not None)
        self._settle()

    def _on_show_me(self) -> None:
        act = self._steps[self._at].act
        if act is not None:
            act()

    # ---- what the artist does ------------------------------------------------------------------

    def _done(self, name: str) -> None:
        """The artist has done what a step is about: on to the next."""
        if self.step == name:
            focus = self._window.focusWidget()
            inside = focus is not None and self.isAncestorOf(focus)
            self._go(self._at + 1, takes_keys=inside)  # no field is left while it is typed into

    def _on_references_changed(self) -> None:
        if self._session.workspace.references():
            self._done("references")

    def _on_work_changed(self, work_id: int) -> None:
        work = self._session.workspace.project.works.get(work_id)
        if work.kept:
            self._done("keep")
        if work.rating or work.liked is not None:
            self._done("judge")

    # ---- where it stands -----------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.is_on and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._settle()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def _settle(self) -> None:
        """Beside its place, on the side where there is the most room, inside the window."""
        if not self.is_on:
            return
        place = self._steps[self._at].place()
        corner = place.mapTo(self._window, QPoint(0, 0))
        about = QRect(corner, place.size()).intersected(self._window.rect())
        self._frame.setGeometry(about)
        self._frame.raise_()
        self.setFixedHeight(self.heightForWidth(WIDTH_PX))
        self.move(beside(about, self.rect(), self._window.rect()))
        self.raise_()


def beside(about: QRect, card: QRect, room: QRect) -> QPoint:
    """Where the card's corner stands: right of what it is about, left of it, above or below; over
    it where all else is too narrow."""
    wide, tall = card.width() + 2 * _GAP_PX, card.height() + 2 * _GAP_PX
    left, top = about.center().x() - card.width() // 2, about.center().y() - card.height() // 2
    if room.right() - about.right() >= wide:
        left = about.right() + _GAP_PX
    elif about.left() - room.left() >= wide:
        left = about.left() - _GAP_PX - card.width()
    elif about.top() - room.top() >= tall:
        top = about.top() - _GAP_PX - card.height()
    elif room.bottom() - about.bottom() >= tall:
        top = about.bottom() + _GAP_PX
    most_left = room.right() - card.width() - _GAP_PX
    most_top = room.bottom() - card.height() - _GAP_PX
    return QPoint(max(_GAP_PX, min(left, most_left)), max(_GAP_PX, min(top, most_top)))


class _Frame(QWidget):
    """Lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.colours().accent), 2))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(2, 2, -2, -2), theme.CORNER_PX, theme.CORNER_PX
        )
