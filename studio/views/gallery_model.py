"""All works of one medium of the project as rows of a list, in one order, through one filter."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from engine.protocol import Medium
from studio.i18n import t
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.finding import TAG, terms_of
from studio.state.session import Session
from studio.views.gallery_order import Filter, Key, Order
from studio.views.medium_view import MediumViews

WORK_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class GalleryModel(QAbstractListModel):
    """Rows are numbers of works; nothing is read of a work before it is drawn."""

    def __init__(self, session: Session, views: MediumViews, parent=None) -> None:
        super().__init__(parent)
        self._views, self._session = views, session
        self._judging, self._finding = session.judging, session.finding
        self.filter, self.order = Filter.ALL, Order.NEWEST
        self._terms: tuple[str, ...] = ()
        self._collection: frozenset[int] | None = None
        self._looked_at: int | None = None
        self._held: set[int] = set()  # shown, though they no longer pass
        self._keys: dict[int, Key] = {}  # of all that are shown
        self._places: dict[int, int] | None = None  # rows, counted when somebody asks
        self.load(session.workspace.project, session.workspace.medium)

    def load(self, project: Project, medium: Medium) -> None:
        self.beginResetModel()
        self._project = project
        self._all = {work.id: work for work in project.works.all(medium, include_hidden=True)}
        self._finding.read(self._all.values())
        self._sort()
        self.endResetModel()

    def empty(self) -> None:
        """Another project is opened: nothing of this one can be chosen any more."""
        self.beginResetModel()
        self._all, self._looked_at = {}, None
        self._sort()
        self.endResetModel()

    def set_filter(self, chosen: Filter) -> None:
        self.filter = chosen
        self.sort_again()

    def set_order(self, order: Order) -> None:
        self.order = order
        self.sort_again()

    def set_words(self, words: str) -> None:
        """Show only works in which all of these words are found."""
        self._terms = terms_of(words)
        self.sort_again()

    def set_collection(self, works: Iterable[int] | None) -> None:
        """Show only these, as far as they pass; None: all that pass."""
        self._collection = None if works is None else frozenset(works)
        self.sort_again()

    @property
    def is_searching(self) -> bool:
        return bool(self._terms)

    def sort_again(self) -> None:
        """What works are shown and sorted by may have changed."""
        self.beginResetModel()
        self._sort()
        self.endResetModel()

    def _passes(self, work: WorkRow) -> bool:
        inside = self._collection is None or work.id in self._collection
        found = not self._terms or self._finding.finds(work, self._terms)
        return inside and self.filter.passes(work) and found

    def _key(self, work: WorkRow) -> Key:
        learned = self._session.learning.learned
        tastes = learned.tastes if learned is not None else ()
        report = self._judging.report(work) if self.order.needs_reports else None
        return self.order.key(work, report, tastes)

    def _sort(self) -> None:
        passing = [work for work in self._all.values() if self._passes(work)]
        self._keys = {work.id: self._key(work) for work in passing}
        self._shown = sorted(self._keys, key=self._keys.__getitem__)
        self._held, self._places = set(), None

    def _insert(self, work: WorkRow) -> None:
        self._keys[work.id] = self._key(work)
        place = self._place_of(work.id)
        self.beginInsertRows(QModelIndex(), place, place)
        self._shown.insert(place, work.id)
        self._places = None
        self.endInsertRows()

    def add(self, works: Iterable[WorkRow]) -> None:
        """New works."""
        works = list(works)
        self._finding.read(works)
        for work in works:
            self._all[work.id] = work
            if self._passes(work):
                self._insert(work)

    def update(self, work_id: int) -> None:
        """This work was rated, kept, tagged, hidden or edited, or that was undone. It stays where
        it stands until all are sorted again: nothing jumps under the hand."""
        if work_id not in self._all:  # of another medium
            return
        work = self._all[work_id] = self._project.works.get(work_id)
        self._finding.read([work])
        row, passes = self.row_of(work_id), self._passes(work)
        if row is None:
            if passes:
                self._insert(work)
        elif passes or self._is_held(work):
            (self._held.discard if passes else self._held.add)(work_id)
            self.dataChanged.emit(self.index(row), self.index(row))
        else:
            self._drop(row)

    def forget(self, work_ids: Iterable[int]) -> None:
        """These are gone for good: all at once, so that no list moves on to one that is gone."""
        for work_id in work_ids:
            self._all.pop(work_id, None)
        self.sort_again()

    def look_at(self, work_id: int | None) -> None:
        """This work is looked at from now on, and held while it is."""
        self._looked_at = work_id

    def release(self) -> None:
        """Let go of works that were held only because they were looked at."""
        for work_id in tuple(self._held):
            row = self.row_of(work_id)
            if row is not None and not self._is_held(self._all[work_id]):
                self._drop(row)

    def _is_held(self, work: WorkRow) -> bool:
        return work.id == self._looked_at and not self.filter.lets_go(work)

    def _drop(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        work_id = self._shown.pop(row)
        self._held.discard(work_id)
        self._keys.pop(work_id, None)
        self._places = None
        self.endRemoveRows()

    def _place_of(self, work_id: int) -> int:
        """The row where a work stands, or would stand."""
        if (row := self.row_of(work_id)) is not None:
            return row
        key = self._keys.get(work_id) or self._key(self._all[work_id])
        return bisect_left(self._shown, key, key=self._keys.__getitem__)

    def row_of(self, work_id: int | None) -> int | None:
        if self._places is None:
            self._places = {shown: row for row, shown in enumerate(self._shown)}
        return self._places.get(work_id) if work_id is not None else None

    def neighbour(self, work_id: int | None, step: int) -> int | None:
        """The work `step` rows further on, also from one that is not shown; None at the ends."""
        if work_id is None or work_id not in self._all:
            place = 0
        else:
            away = step - 1 if step > 0 and self.row_of(work_id) is None else step
            place = self._place_of(work_id) + away
        return self._shown[place] if 0 <= place < len(self._shown) else None

    def nearest(self, work_id: int | None) -> int | None:
        """This work if it is shown, or else the next older or newer one; None where none is."""
        if self.row_of(work_id) is not None:
            return work_id
        return self.neighbour(work_id, 1) or self.neighbour(work_id, -1)

    def unreported(self) -> list[WorkRow]:
        """Shown works that the critic has not been asked about, in the order they are shown."""
        works = (self._all[work_id] for work_id in self._shown)
        return [work for work in works if self._judging.report(work) is None]

    def in_trash(self) -> list[int]:
        return [work.id for work in self._all.values() if work.hidden]

    def tags(self) -> list[str]:
        """All that works have, the most used first."""
        counts = Counter(tag for work in self._all.values() for tag in work.tags)
        return [tag for tag, _n in counts.most_common()]

    def kept(self) -> list[int]:
        return [work.id for work in self._all.values() if work.kept and not work.hidden]

    def total(self) -> int:
        """All works but the hidden ones."""
        return sum(not work.hidden for work in self._all.values())

    def has_works(self) -> bool:
        """Whether any were made, be they hidden."""
        return bool(self._all)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole):
        if not index.isValid():
            return None
        work = self._all[self._shown[index.row()]]
        if role == WORK_ROLE:
            return work
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = t("gallery.work", id=work.id, n=work.rating)
            if work.liked is None:
                return words
            return f"{words}, {t('gallery.liked' if work.liked else 'gallery.disliked')}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._facts(work)
        return None

    def _facts(self, work: WorkRow) -> str:
        """What is known of a work, in a line or two."""
        facts, report = self._views[work.medium].facts(work), self._judging.report(work)
        if work.tags:
            facts = f"{facts}\n{' '.join(f'{TAG}{tag}' for tag in work.tags)}"
        if report is None:
            return facts
        match, new = f"{report.match:.2f}", f"{report.novelty:.2f}"
        return f"{facts}\n{t('overview.numbers', match=match, new=new)}"
