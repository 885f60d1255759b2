"""Beside the work, when it is asked for: its report card, what ratings taught, the queue, the
lineage. A page is made when it is first opened: the window is painted sooner."""

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.medium_view import MediumViews
from studio.widgets.base import Panel, column, header, label
from studio.widgets.buttons import IconButton

if TYPE_CHECKING:
    from studio.views.learned_panel import LearnedPanel
    from studio.views.lineage_panel import LineagePanel
    from studio.views.queue_panel import QueuePanel
    from studio.views.report_panel import ReportPanel

P = TypeVar("P", bound=QWidget)
WIDTH_PX = 304
PAGES = ("report", "learned", "queue", "lineage")


class Insight(Panel):
    """One of its pages at a time, or none; each has an action that opens and closes it."""

    made = Signal(str, object)  # a page's name, and the page, before it is first seen
    opened = Signal()
    closed = Signal()  # while the keys were in it

    def __init__(
        self,
        session: Session,
        views: MediumViews,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("SidePanel")
        self._session, self._views, self._actions = session, views, actions
        self._shown = PAGES[0]
        self._heading, self.close_button = label("heading"), IconButton("x", 16)
        self._pages, self._rooms = QStackedWidget(), dict[str, QWidget]()
        head = header(self._heading, None, self.close_button)
        self.setLayout(column(head, self._pages, gap=0))
        self.setMinimumWidth(WIDTH_PX)
        self.close_button.clicked.connect(lambda: self.show_page(""))
        for name in PAGES:
            actions[name].toggled.connect(lambda on, name=name: self._on_toggled(name, on))
        self.hide()
        self.retranslate()

    # ---- the pages -----------------------------------------------------------------------------

    @cached_property
    def report(self) -> "ReportPanel":
        from studio.views.report_panel import ReportPanel

        return self._add("report", ReportPanel(self._session, self._views, self))

    @cached_property
    def learned(self) -> "LearnedPanel":
        from studio.views.learned_panel import LearnedPanel

        return self._add("learned", LearnedPanel(self._session, self))

    @cached_property
    def queue(self) -> "QueuePanel":
        from studio.views.queue_panel import QueuePanel

        return self._add("queue", QueuePanel(self._session, self._actions, self))

    @cached_property
    def lineage(self) -> "LineagePanel":
        from studio.views.lineage_panel import LineagePanel

        return self._add("lineage", LineagePanel(self._session, self._views, self))

    def _add(self, name: str, page: P) -> P:
        self._rooms[name] = _scrolling(page)
        self._pages.addWidget(self._rooms[name])
        self.made.emit(name, page)
        return page

    # ---- which one is seen ---------------------------------------------------------------------

    def retranslate(self) -> None:
        self._heading.setText(t(f"{self._shown}.heading"))
        self.close_button.set_words(t("learned.close"), self._actions.key(self._shown))

    def show_page(self, name: str) -> None:
        """`name` is one of PAGES, or "" for none."""
        if name:
            self._actions[name].setChecked(True)
        else:
            for each in PAGES:
                self._actions[each].setChecked(False)

    def _on_toggled(self, name: str, on: bool) -> None:
        if on:
            getattr(self, name)  # which is made now, if it was never opened
            self._shown = name
            self._pages.setCurrentWidget(self._rooms[name])
            self.retranslate()
            for other in PAGES:
                if other != name:
                    self._actions[other].setChecked(False)
            if self.isHidden():
                self.opened.emit()
            self.show()
            self._actions[name].setChecked(True)
        elif not any(self._actions[each].isChecked() for each in PAGES):
            had_focus = self.isAncestorOf(self.window().focusWidget() or self)
            self.hide()
            if had_focus:
                self.closed.emit()


def _scrolling(page: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setWidget(page)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return scroll
