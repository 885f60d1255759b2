"""Everything ever made, newest first: a film strip when low, a wall when tall."""

from collections.abc import Mapping
from uuid import uuid4

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QListView, QWidget

from studio.i18n import t
from studio.project import shelf
from studio.project.work_groups import Collection, tidy
from studio.state.session import Session
from studio.views.filter_box import Chosen, FilterBox
from studio.views.find_bar import FindBar
from studio.views.gallery_delegate import CELL, GalleryDelegate
from studio.views.gallery_model import WORK_ROLE, GalleryModel
from studio.views.gallery_order import Filter, Order
from studio.views.medium_view import MediumViews
from studio.views.trash_bar import TrashBar
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.said import Said

HEIGHT_PX = 176
_AT_ONCE = 48  # works that the critic is asked about together


class Strip(QListView):
    """One row that scrolls sideways, or many rows when there is room for two."""

    carry_asked = Signal()  # of what is selected, to anywhere

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setUniformItemSizes(True)
        self.setGridSize(CELL)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)

    def resizeEvent(self, event) -> None:
        wall = self.height() >= 2 * CELL.height()
        if wall != self.isWrapping():
            self.setWrapping(wall)
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.isWrapping():
            super().wheelEvent(event)
        else:
            delta = event.angleDelta()
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - (delta.y() or delta.x()))
            event.accept()

    def startDrag(self, actions: Qt.DropAction) -> None:
        self.carry_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space or event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()  # the window's: fit or 100 %; the work, not its words
        else:
            super().keyPressEvent(event)


class GalleryPanel(Panel):
    works_selected = Signal()

    def __init__(self, session: Session, views: MediumViews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("GalleryPanel")
        self._session, self._workspace = session, session.workspace
        self._scrolled: dict[str, object] = {}  # where to scroll, before it can be done
        self._chosen: Chosen = Filter.ALL
        self._led = False  # by the list: it knows itself what is selected
        self._settling = QTimer(self, singleShot=True, interval=0)  # not under a mouse press
        self.model = GalleryModel(session, views, self)
        self.view = Strip(self)
        self.delegate = GalleryDelegate(views, self.view)
        self.view.setModel(self.model)
        self.view.setItemDelegate(self.delegate)
        self._heading, self._count = label("heading"), label("dim")
        self.finder, self.trash = FindBar(self), TrashBar(self)
        self._empty = label("dim")
        self.show_all = TextButton("link")
        self._empty_room = QWidget()
        nothing = column(None, row(None, self._empty, self.show_all, None), None)
        self._empty_room.setLayout(nothing)
        self.filter_box = FilterBox(self)
        self.said = Said(self)
        self.export = TextButton("link")
        head = row(
            *(self._heading, self.filter_box, self.finder, self.trash, None),
            *(self.said, self.export, self._count),
            gap=12,
        )
        head.setContentsMargins(16, 8, 16, 4)
        body = column(head, self.view, self._empty_room, gap=0)
        body.setStretch(1, 1)
        body.setStretch(2, 1)
        body.setContentsMargins(0, 0, 0, 4)
        self.setLayout(body)
        self.view.setViewportMargins(12, 0, 12, 0)
        self.setMinimumHeight(HEIGHT_PX - 8)
        self._connect()
        self.retranslate()
        self._on_medium_changed()  # the project was opened before there was a window

    def _connect(self) -> None:
        self._workspace.works_gone.connect(self.model.empty)
        self._workspace.project_changed.connect(self._on_project_changed)
        self._workspace.medium_changed.connect(self._on_medium_changed)
        self._session.maker.works_added.connect(self._on_works_added)
        self._workspace.work_changed.connect(self._on_work_changed)
        self._workspace.current_changed.connect(self._on_current_changed)
        for controller in self._session.controllers.values():
            controller.preview_ready.connect(lambda _digest: self.view.viewport().update())
        self.view.selectionModel().currentChanged.connect(self._on_row_changed)
        self.view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.filter_box.picked.connect(self.show_only)
        self._workspace.collections_changed.connect(self._on_collections_changed)
        self.finder.keep_asked.connect(self._on_keep_search)
        self.show_all.clicked.connect(self._on_show_all)
        self._settling.timeout.connect(self._on_settled)
        self._workspace.works_deleted.connect(self._on_deleted)
        self._session.finding.ready.connect(self._on_words_read)
        self._session.judging.changed.connect(self._on_judged)
        self.finder.searched.connect(self._on_searched)
        self.finder.ordered.connect(self._on_ordered)
        self.finder.left.connect(lambda: self.first().setFocus())
        self.finder.tags_wanted.connect(lambda: self.finder.offer_tags(self.model.tags()))
        self.trash.restore_asked.connect(self._on_restore)
        self.trash.delete_asked.connect(self._on_delete)

    def selected(self) -> list[int]:
        """The selected works in the order of the gallery."""
        rows = sorted(self.view.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [index.data(WORK_ROLE).id for index in rows]

    def extend(self, step: int) -> None:
        """Select the work beside the one that is looked at, too, and look at it."""
        following = self.model.neighbour(self._workspace.current, step)
        if following is not None and (row := self.model.row_of(following)) is not None:
            selection, flags = self.view.selectionModel(), QItemSelectionModel.SelectionFlag
            selection.select(self.model.index(row), flags.Select)
            self._workspace.select(following)

    def first(self) -> QWidget:
        """Where the keys begin."""
        return self.view if self.model.rowCount() else self.filter_box

    def offer_filters(self) -> None:
        """Which works are shown, chosen with the keys."""
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.showPopup()

    def filter(self, chosen: Filter) -> None:
        """Show these works alone; where the one on the easel is none of them, the nearest."""
        self.show_only(chosen)

    def show_only(self, chosen: Chosen) -> None:
        """The same, of a filter or of a collection."""
        before, self._chosen = self._chosen, chosen
        self.filter_box.show_choice(chosen)
        if isinstance(chosen, Collection):
            self.model.set_filter(Filter.ALL)
            self.model.set_collection(None if chosen.is_smart else chosen.works)
        else:
            self.model.set_collection(None)
            self.model.set_filter(chosen)
        words = chosen.words if isinstance(chosen, Collection) else ""
        if words or (isinstance(before, Collection) and before.is_smart):
            self.finder.show_words(words)
            self.model.set_words(words)
        self._show_nearest()

    def _on_collections_changed(self) -> None:
        chosen = self.filter_box.show_collections(self._workspace.collections())
        if chosen != self._chosen:
            self.show_only(chosen)

    def _on_keep_search(self, words: str) -> None:
        """What is searched for, found again by one choice."""
        medium, name = self._workspace.medium, tidy(words)
        new = Collection(id=uuid4().hex[:12], medium=medium, name=name, words=words)
        self._session.edits.set_collections(medium, [*self._workspace.collections(), new])
        self.show_only(new)

    def _show_nearest(self) -> None:
        """Other works are shown now: look at the one that was looked at, or at the nearest."""
        current = self._workspace.current
        self._workspace.select(self.model.nearest(current) or current)
        self._on_current_changed()
        self._show_count()

    def retranslate(self) -> None:
        self._heading.setText(t("gallery.heading"))
        self.view.setAccessibleName(t("gallery.heading"))
        self.view.setToolTip(t("what.gallery"))
        self.filter_box.retranslate()
        self.show_all.set_words(t("gallery.show_all"), t("what.show_all"))
        self._show_count()

    def _show_count(self) -> None:
        shown, total = self.model.rowCount(), self.model.total()
        picked = len(self.view.selectionModel().selectedIndexes())
        if picked > 1:
            self._count.setText(t("gallery.selected", n=picked, total=total))
        elif self.model.rowCount() != total:
            self._count.setText(t("gallery.filtered", n=shown, total=total))
        else:
            self._count.setText(t("gallery.count", n=total))
        self.export.set_words(t("gallery.export_selected", n=picked), "Ctrl+E")
        self.export.setVisible(picked > 1)
        in_trash = self.model.filter is Filter.HIDDEN
        self.trash.setVisible(in_trash)
        self.trash.show_counts(picked, len(self.model.in_trash()) if in_trash else 0)
        self.export.setVisible(picked > 1 and not in_trash)
        self.view.setVisible(bool(shown))
        self._empty_room.setVisible(not shown)
        made, chosen = self.model.has_works(), self.model.filter
        in_collection = isinstance(self._chosen, Collection)
        key = "collection.empty" if in_collection else f"gallery.none_{chosen.value}"
        words = t(key) if made else t("gallery.empty")
        self._empty.setText(t("find.nothing") if made and self.model.is_searching else words)
        narrowed = chosen is not Filter.ALL or in_collection or self.model.is_searching
        self.show_all.setVisible(made and narrowed)

    def _on_project_changed(self) -> None:
        """Another project begins with all its works."""
        self.finder.clear()
        self.model.set_words("")
        self.show_only(Filter.ALL)

    def _on_medium_changed(self) -> None:
        if isinstance(self._chosen, Collection):
            self.show_only(Filter.ALL)
        self.filter_box.show_collections(self._workspace.collections())
        self.model.load(self._workspace.project, self._workspace.medium)
        self.said.show_text("")
        self._show_count()
        place = shelf.place(self._workspace.project, self._workspace.medium.value)
        was = place.get("current")
        known = isinstance(was, int) and self.model.row_of(was) is not None
        left_at = was if isinstance(was, int) and known else self.model.neighbour(None, 0)
        self._workspace.select(self._workspace.current or left_at)
        self._on_current_changed()
        if known and self._workspace.current == was:
            self._go_back_to(place)

    def place(self) -> dict[str, object]:
        """Where the artist is in this gallery, for `_go_back_to`."""
        across, down = self.view.horizontalScrollBar(), self.view.verticalScrollBar()
        return {
            "current": self._workspace.current,
            "selected": self.selected(),
            "across": across.value(),
            "down": down.value(),
        }

    def _go_back_to(self, place: Mapping[str, object]) -> None:
        """Select what was selected when the project was left, as far as it is still shown."""
        selection, flags = self.view.selectionModel(), QItemSelectionModel.SelectionFlag
        chosen = place.get("selected")
        for work_id in chosen if isinstance(chosen, list) else ():
            if (row := self.model.row_of(work_id)) is not None:
                selection.select(self.model.index(row), flags.Select)
        self._scrolled = {name: place.get(name) for name in ("across", "down")}
        self._settling.start()

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self._settling.start()

    def _scroll_back(self) -> None:
        """As far as the works had been scrolled, once it is known how wide they are."""
        bars = {"across": self.view.horizontalScrollBar(), "down": self.view.verticalScrollBar()}
        for name, value in self._scrolled.items():
            if isinstance(value, int):
                bars[name].setValue(value)
        self._scrolled = {}

    def _on_works_added(self, rows) -> None:
        self.model.add(rows)
        self._show_count()

    def _on_work_changed(self, work_id: int) -> None:
        self.model.update(work_id)
        self._show_count()

    # ---- finding, sorting, the trash -----------------------------------------------------------

    def _on_searched(self, words: str) -> None:
        self.model.set_words(words)
        self._show_nearest()

    def _on_words_read(self) -> None:
        if self.model.is_searching:
            self.model.sort_again()
            self._show_nearest()

    def _on_ordered(self, order: Order) -> None:
        self.model.set_order(order)
        self._ask_for_reports()
        self._show_nearest()

    def _ask_for_reports(self) -> None:
        """The critic measures what is sorted by its word, some works at a time."""
        judging = self._session.judging
        if self.model.order.needs_reports and judging.can_judge and not judging.is_busy:
            judging.ask(self.model.unreported()[:_AT_ONCE])

    def _on_judged(self) -> None:
        if self.model.order.needs_reports:
            self.model.sort_again()
            self._ask_for_reports()
            self._on_current_changed()

    def _on_restore(self) -> None:
        self._session.edits.set_hidden(self.selected(), False)

    def _on_delete(self, everything: bool) -> None:
        self._session.edits.delete(self.model.in_trash() if everything else self.selected())

    def _on_deleted(self, work_ids) -> None:
        self.model.forget(work_ids)
        self._show_nearest()

    def _on_show_all(self) -> None:
        self.finder.clear()
        self.model.set_words("")
        self.filter(Filter.ALL)
        self.first().setFocus()

    def _on_current_changed(self) -> None:
        self.delegate.current = self._workspace.current
        self.model.look_at(self._workspace.current)
        if not self._led:
            self._follow()
        self._settling.start()
        self.view.viewport().update()

    def _follow(self) -> None:
        """Follow the easel: the current work is the selected one, unless it is among several."""
        place = self.model.row_of(self._workspace.current)
        selection = self.view.selectionModel()
        if place is None:
            selection.clear()
            return
        index, flags = self.model.index(place), QItemSelectionModel.SelectionFlag
        chosen = selection.isSelected(index)
        selection.setCurrentIndex(index, flags.NoUpdate if chosen else flags.ClearAndSelect)
        self.view.scrollTo(index)

    def _on_settled(self) -> None:
        """The artist has moved on: what was held leaves, and something is selected again."""
        self.model.release()
        if self._scrolled and self.isVisible():
            self._scroll_back()
        if not self.selected():
            self._follow()
        self._show_count()

    def _on_row_changed(self, index, _before) -> None:
        if not index.isValid():
            return
        self._led = True
        try:
            self._workspace.select(index.data(WORK_ROLE).id)
        finally:
            self._led = False

    def _on_selection_changed(self) -> None:
        self._show_count()
        self.works_selected.emit()
