"""Beside the work, when it is asked for: its report card, what ratings taught, the queue, the
lineage."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.learned_panel import LearnedPanel
from studio.views.lineage_panel import LineagePanel
from studio.views.medium_view import MediumViews
from studio.views.queue_panel import QueuePanel
from studio.views.report_panel import ReportPanel
from studio.widgets.base import Panel, column, header, label
from studio.widgets.buttons import IconButton

WIDTH_PX = 316
PAGES = ("report", "learned", "queue", "lineage")


class Insight(Panel):
    """One of its pages at a time, or none; each has an action that opens and closes it."""

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
        self._actions = actions
        self.report, self.learned = ReportPanel(session, views, self), LearnedPanel(session, self)
        self.queue = QueuePanel(session, actions, self)
        self.lineage = LineagePanel(session, views, self)
        self._heading, self.close_button = label("heading"), IconButton("x", 16)
        self._pages = QStackedWidget()
        for page in (self.report, self.learned, self.queue, self.lineage):
            self._pages.addWidget(_scrolling(page))
        head = header(self._heading, None, self.close_button)
        self.setLayout(column(head, self._pages, gap=0))
        self.setMinimumWidth(WIDTH_PX)
        self.close_button.clicked.connect(lambda: self.show_page(""))
        for name in PAGES:
            actions[name].toggled.connect(lambda on, name=name: self._on_toggled(name, on))
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        self._heading.setText(t(f"{self._page()}.heading"))
        self.close_button.set_words(t("learned.close"), self._actions.key(self._page()))

    def show_page(self, name: str) -> None:
        """`name` is one of PAGES, or "" for none."""
        if name:
            self._actions[name].setChecked(True)
        else:
            for each in PAGES:
                self._actions[each].setChecked(False)

    def _page(self) -> str:
        return PAGES[self._pages.currentIndex()]

    def _on_toggled(self, name: str, on: bool) -> None:
        if on:
            self._pages.setCurrentIndex(PAGES.index(name))
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
