"""The queue: what was asked for and is not made yet, in the order in which it will be."""

from collections.abc import Iterable
from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from studio.client.background import Background
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.state.orders import GenerateOrder


class MakeQueue(QObject):
    """The orders of the open project, the running one first; each change is kept in the project, so
    that a studio that was killed goes on where it was. Unknown ids are passed over."""

    changed = Signal()
    remove_asked = Signal(object)  # GenerateOrder that is being made

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._project: Project | None = None
        self._orders: list[GenerateOrder] = []
        self._keeping: set[str] = set()  # ids of orders whose styles are on their way
        self.running: GenerateOrder | None = None
        self.is_paused = False
        self._changes = self._saved = 0  # the newest, and the last that is in the project

    def attach(self, project: Project) -> None:
        """Take up what is left of this project's queue. Nothing of the old one's is dropped."""
        with suppress(MaquetteError):
            self.save_now()  # of the project that is left
        self._project, self._orders, self.running = project, [], None
        self._keeping.clear()
        for row in () if project.is_read_only else project.orders.all():
            try:
                self._orders.append(GenerateOrder.of_row(project, row))
            except KeyError:  # a rescued project may lack the style
                continue
        self.is_paused = bool(self._orders) and project.orders.is_paused
        self.changed.emit()

    def hand_over(self, copy: Project) -> None:
        """The artist works on in a copy: the queue goes along, else both would make the same works.
        Out of a project that is only read nothing goes. Raises ProjectError."""
        project = self._project
        copy.orders.save([one.as_row() for one in self._kept()], self.is_paused)
        self._project, self._saved = copy, self._changes
        if project is not None and not project.is_read_only:
            project.orders.save((), paused=False)

    # ---- facts ---------------------------------------------------------------------------------

    def orders(self) -> tuple[GenerateOrder, ...]:
        """In their turn. Those with a problem stand in their places, and are passed over."""
        return tuple(self._orders)

    def find(self, order_id: str) -> GenerateOrder | None:
        return next((one for one in self._orders if one.id == order_id), None)

    @property
    def has_more(self) -> bool:
        """Whether something is going to be made, now or as soon as its style is kept."""
        return not self.is_paused and any(one.problem is None for one in self._orders)

    def next(self) -> GenerateOrder | None:
        """What is made next; None while all rests."""
        if self.is_paused:
            return None
        ready = (one for one in self._orders if one.problem is None)
        first = next(ready, None)
        return None if first is None or first.id in self._keeping else first

    # ---- verbs ---------------------------------------------------------------------------------

    def add(self, order: GenerateOrder) -> None:
        """Behind what was asked for before, but before what may be made later."""
        place = len(self._orders)
        if not order.later:
            laters = (at for at, one in enumerate(self._orders) if one.later)
            place = next((at for at in laters if self._orders[at] is not self.running), place)
        self._orders.insert(place, order)
        self._keeping.add(order.id)
        self.changed.emit()

    def settle(self, order: GenerateOrder) -> None:
        """Its style is in the project."""
        self._keeping.discard(order.id)
        self._keep()

    def move(self, order_id: str, place: int) -> None:
        """To this place among all, 0 … n - 1; nothing comes before what is being made."""
        order = self.find(order_id)
        if order is None or order is self.running:
            return
        self._orders.remove(order)
        least = int(self.running in self._orders)
        self._orders.insert(max(least, min(place, len(self._orders))), order)
        self._keep()

    def remove(self, order_id: str) -> None:
        """What is being made of it is stopped; what was made of it stays."""
        order = self.find(order_id)
        if order is not None and order is self.running:
            self.remove_asked.emit(order)
        elif order is not None:
            self.drop(order)

    def drop(self, *orders: GenerateOrder) -> None:
        """They are made, or not wanted any more."""
        if not orders:
            return
        gone = {one.id for one in orders}
        self._orders = [one for one in self._orders if one.id not in gone]
        self._keeping -= gone
        if not self._orders:
            self.is_paused = False
        self._keep()

    def pause(self, paused: bool = True) -> None:
        """What is being made is made to its end, and nothing else is begun."""
        self.is_paused = paused and bool(self._orders)
        self._keep()

    def _keep(self) -> None:
        """Into the project, on another thread, in the order of the changes."""
        project, paused = self._project, self.is_paused
        if project is None or project.is_read_only:
            self.changed.emit()
            return
        rows = [one.as_row() for one in self._kept()]
        self._changes += 1
        change = self._changes

        def save() -> None:
            if self._project is project:  # else it was saved when it was left
                project.orders.save(rows, paused)
                self._saved = change

        self._background.run(save, lambda _none: None, _pass_over, in_order=True)
        self.changed.emit()

    def _kept(self) -> Iterable[GenerateOrder]:
        return (one for one in self._orders if one.row is not None)

    def save_now(self) -> None:
        """The project is going to be closed, perhaps before its last change was kept. Raises
        ProjectError."""
        project, unsaved = self._project, self._saved != self._changes
        if unsaved and project is not None and not project.is_read_only:
            self._saved = self._changes
            project.orders.save([one.as_row() for one in self._kept()], self.is_paused)


def _pass_over(_error: Exception) -> None:
    """A queue that cannot be kept now (a full disk) is kept with its next change; what is made says
    so itself, as its works cannot be kept either."""
