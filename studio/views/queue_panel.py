"""The queue beside the work: what is made, what waits, and what can be done about it."""

from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.orders import GenerateOrder
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.make_panel import duration
from studio.views.queue_list import QueueList
from studio.widgets import theme
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton, WordButton


class QueuePanel(Panel):
    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._generation = session, session.generation
        self._queue = session.generation.queue
        self._intro = label("dim", wrap=True)
        self.list = QueueList(self)
        self.earlier, self.later, self.remove = WordButton(), WordButton(), WordButton()
        self._tools = QWidget(self)
        self._tools.setLayout(row(self.earlier, self.later, None, self.remove, gap=2))
        self.pause, self.overnight = TextButton(), TextButton("link")
        self._overnight_hint = label("small", wrap=True)
        many = column(row(self.overnight, None), self._overnight_hint, gap=2)
        orders = column(self._intro, self.list, self._tools, self.pause)
        parts = column(orders, many, None, gap=theme.GROUP_PX)
        parts.setContentsMargins(16, 4, 16, 16)
        self.setLayout(parts)
        self.list.moved.connect(self._queue.move)
        self.list.removed.connect(self._queue.remove)
        self.list.itemSelectionChanged.connect(self._show_tools)
        self.earlier.clicked.connect(lambda: self.list.step(-1))
        self.later.clicked.connect(lambda: self.list.step(1))
        self.remove.clicked.connect(self.list.remove_chosen)
        self.pause.clicked.connect(lambda: self._queue.pause(not self._queue.is_paused))
        self.overnight.clicked.connect(actions["overnight"].trigger)
        self._generation.changed.connect(self._show)
        self.retranslate()

    def retranslate(self) -> None:
        self.list.setAccessibleName(t("queue.heading"))
        self.list.setAccessibleDescription(t("queue.list_hint"))
        self.earlier.set_words(t("queue.earlier"), "Alt+↑")
        self.later.set_words(t("queue.later"), "Alt+↓")
        self.remove.set_words(t("queue.remove"), "Del")
        self.overnight.set_words(t("action.overnight"), t("what.overnight"))
        self._overnight_hint.setText(t("queue.overnight_hint"))
        self._show()

    def _show(self) -> None:
        orders, paused = self._queue.orders(), self._queue.is_paused
        shown = self.isVisible() or not self.list.count()
        if shown or len(orders) != self.list.count():
            self.list.fill([self._entry(order) for order in orders])
        for part in (self.list, self._tools, self.pause):
            part.setVisible(bool(orders))
        told = "queue.intro" if orders else "queue.empty"
        self._intro.setText(t("queue.paused" if paused else told))
        self.pause.set_words(t("queue.go_on" if paused else "queue.pause"), t("what.pause"))
        self._show_tools()

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._show()

    def _entry(self, order: GenerateOrder) -> tuple[str, str, float, bool]:
        running = order is self._queue.running
        words = f"{self._title(order)}\n{self._line(order, running)}"
        return order.id, words, self._share(order, running), not running

    @staticmethod
    def _title(order: GenerateOrder) -> str:
        words = t(f"queue.works_{order.brief.medium.value}", n=order.total)
        return t("queue.of_many", words=words, made=order.made) if order.later else words

    def _line(self, order: GenerateOrder, running: bool) -> str:
        if order.problem is not None:
            return order.problem.text
        seconds = self._generation.estimate_order_s(order)
        parts = [t("queue.running") if running else t("queue.waits")]
        if seconds is not None:
            parts.append(t("make.estimate", time=duration(seconds)))
        parts.append(t("queue.seed", seed=order.brief.seed))
        return " · ".join(parts)

    def _share(self, order: GenerateOrder, running: bool) -> float:
        course = self._generation.course
        now = course.fraction() * order.next_brief().count if running and course else 0.0
        return (order.made + now) / order.total

    def _show_tools(self) -> None:
        """Only what can be done with the order that is selected."""
        order = self._queue.find(self.list.chosen())
        movable = order is not None and order is not self._queue.running
        place = self.list.currentRow()
        first = int(self._queue.running is not None)
        self.earlier.setEnabled(movable and place > first)
        self.later.setEnabled(movable and place < self.list.count() - 1)
        self.remove.setEnabled(order is not None)
