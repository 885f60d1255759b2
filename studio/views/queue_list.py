"""The orders of the queue as a list: moved by drag or by Alt+Up and Alt+Down, removed by Del."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.widgets import theme

ID_ROLE, SHARE_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
ROW_PX, _BAR_PX, _EDGE_PX = 52, 3, 10
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class QueueList(QListWidget):
    """`moved(id, place)` and `removed(id)` tell what the artist did; the list itself stays as it is
    until it is filled anew."""

    moved = Signal(str, int)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("QueueList")
        self.setItemDelegate(_Delegate(self))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setAlternatingRowColors(False)

    def fill(self, entries: list[tuple[str, str, float, bool]]) -> None:
        """Of each order its id, two lines of words, the share that is made, and whether it may be
        moved. The selection stays with its order."""
        chosen = self.chosen()
        for row, (order_id, words, share, movable) in enumerate(entries):
            item = self.item(row)
            if item is None:
                item = QListWidgetItem()
                self.addItem(item)
            item.setData(ID_ROLE, order_id)
            item.setData(SHARE_ROLE, share)
            item.setText(words)
            item.setToolTip(words)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags | Qt.ItemFlag.ItemIsDragEnabled if movable else flags)
        while self.count() > len(entries):
            self.takeItem(self.count() - 1)
        self.choose(chosen)
        self.setFixedHeight(ROW_PX * max(1, min(len(entries), 8)) + 4)

    def chosen(self) -> str:
        """The id of the order that is selected; "" without one."""
        item = self.currentItem()
        return item.data(ID_ROLE) if item is not None and item.isSelected() else ""

    def choose(self, order_id: str) -> None:
        rows = [row for row in range(self.count()) if self.item(row).data(ID_ROLE) == order_id]
        if rows:
            self.setCurrentRow(rows[0])
        else:
            self.clearSelection()

    def step(self, step: int) -> None:
        """Move the selected order up (-1) or down (1)."""
        item = self.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsDragEnabled:
            self.moved.emit(item.data(ID_ROLE), self.row(item) + step)

    def remove_chosen(self) -> None:
        if order_id := self.chosen():
            self.removed.emit(order_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _MOVES.get(Qt.Key(event.key()))
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.step(step)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_chosen()
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event) -> None:
        """Tell where it fell; the queue moves it, and fills the list anew."""
        order_id, point = self.chosen(), event.position().toPoint()
        index = self.indexAt(point)
        place = index.row() if index.isValid() else self.count() - 1
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if order_id:
            self.moved.emit(order_id, place)


class _Delegate(QStyledItemDelegate):
    """The first line of an order, the second dimmer, and under the running one how far it is."""

    def sizeHint(self, option, index) -> QSize:
        return QSize(0, ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        c = theme.colours()
        box = QRectF(option.rect).adjusted(0, 2, 0, -2)  # pyright: ignore[reportAttributeAccessIssue]
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(QColor(c.accent), 1) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.hover if chosen else c.raised))
        inside = box.adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(inside, theme.CORNER_PX, theme.CORNER_PX)
        title, _, line = index.data().partition("\n")
        words = inside.adjusted(_EDGE_PX, 5, -_EDGE_PX, -5)
        for text, colour, size, at in (
            (title, c.text, theme.BASE_PX, Qt.AlignmentFlag.AlignTop),
            (line, c.dim, theme.SMALL_PX, Qt.AlignmentFlag.AlignBottom),
        ):
            painter.setFont(theme.font(size))
            painter.setPen(QColor(colour))
            elide = Qt.TextElideMode.ElideRight
            short = painter.fontMetrics().elidedText(text, elide, int(words.width()))
            painter.drawText(words, at, short)
        share = float(index.data(SHARE_ROLE) or 0)
        if share > 0:
            bar = QRectF(inside.x(), inside.bottom() - _BAR_PX, inside.width() * share, _BAR_PX)
            painter.fillRect(bar, QColor(c.accent))
        painter.restore()
