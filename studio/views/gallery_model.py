"""All works of one medium of the project as rows of a list, newest first, through one filter."""

from collections.abc import Iterable
from enum import Enum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from engine.protocol import Medium
from studio.i18n import t
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.judging import Judging
from studio.views.medium_view import MediumViews

WORK_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


GOOD = 4  # stars, from which on a work counts as liked


class Filter(Enum):
    ALL = "all"
    UNRATED = "unrated"
    LIKED = "liked"
    KEPT = "kept"
    STARS_1 = "stars_1"
    STARS_2 = "stars_2"
    STARS_3 = "stars_3"
    STARS_4 = "stars_4"
    STARS_5 = "stars_5"
    HIDDEN = "hidden"

    def passes(self, work: WorkRow) -> bool:
        if self is Filter.HIDDEN:
            return work.hidden
        if work.hidden:
            return False
        if self is Filter.UNRATED:
            return not work.rating and work.liked is None
        if self is Filter.LIKED:
            return work.rating >= GOOD or work.liked is True
        if self is Filter.KEPT:
            return work.kept
        return self is Filter.ALL or work.rating >= int(self.value[-1])

    def lets_go(self, work: WorkRow) -> bool:
        """Whether a work that no longer passes leaves at once, be it looked at or not: what is
        hidden, or brought back, does; what is judged stays until the artist moves on."""
        return work.hidden is not (self is Filter.HIDDEN)


class GalleryModel(QAbstractListModel):
    def __init__(
        self, project: Project, medium: Medium, views: MediumViews, judging: Judging, parent=None
    ) -> None:
        super().__init__(parent)
        self._views, self._judging = views, judging
        self.filter = Filter.ALL
        self._looked_at: int | None = None
        self.load(project, medium)

    def load(self, project: Project, medium: Medium) -> None:
        self.beginResetModel()
        self._project = project
        self._all = {work.id: work for work in project.works.all(medium, include_hidden=True)}
        self._sort()
        self.endResetModel()

    def empty(self) -> None:
        """Another project is opened: nothing of this one can be chosen any more."""
        self.beginResetModel()
        self._all, self._shown, self._looked_at = {}, [], None
        self.endResetModel()

    def set_filter(self, chosen: Filter) -> None:
        self.beginResetModel()
        self.filter = chosen
        self._sort()
        self.endResetModel()

    def _sort(self) -> None:
        passing = (work.id for work in self._all.values() if self.filter.passes(work))
        self._shown = sorted(passing, reverse=True)

    def add(self, works: Iterable[WorkRow]) -> None:
        """New works come first; ids grow, so that their order is that of the making."""
        for work in works:
            self._all[work.id] = work
            if self.filter.passes(work):
                self.beginInsertRows(QModelIndex(), 0, 0)
                self._shown.insert(0, work.id)
                self.endInsertRows()

    def update(self, work_id: int) -> None:
        """This work was rated, kept, hidden or edited, or that was undone."""
        if work_id not in self._all:  # of another medium
            return
        work = self._all[work_id] = self._project.works.get(work_id)
        row, passes = self.row_of(work_id), self.filter.passes(work)
        if row is None and passes:
            place = self._place_of(work_id)
            self.beginInsertRows(QModelIndex(), place, place)
            self._shown.insert(place, work_id)
            self.endInsertRows()
        elif row is not None and (passes or self._is_held(work)):
            self.dataChanged.emit(self.index(row), self.index(row))
        elif row is not None:
            self._drop(row)

    def look_at(self, work_id: int | None) -> None:
        """This work is looked at from now on, and held while it is."""
        self._looked_at = work_id

    def release(self) -> None:
        """Let go of works that were held only because they were looked at."""
        for row in reversed(range(len(self._shown))):
            work = self._all[self._shown[row]]
            if not self.filter.passes(work) and not self._is_held(work):
                self._drop(row)

    def _is_held(self, work: WorkRow) -> bool:
        return work.id == self._looked_at and not self.filter.lets_go(work)

    def _drop(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._shown[row]
        self.endRemoveRows()

    def _place_of(self, work_id: int) -> int:
        """The row where a work stands, or would stand."""
        newer = (place for place, other in enumerate(self._shown) if other <= work_id)
        return next(newer, len(self._shown))

    def row_of(self, work_id: int | None) -> int | None:
        return self._shown.index(work_id) if work_id in self._shown else None

    def neighbour(self, work_id: int | None, step: int) -> int | None:
        """The work `step` rows further on, also from one that is not shown; None at the ends."""
        if work_id is None:
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

    def kept(self) -> list[int]:
        return [work.id for work in self._all.values() if work.kept and not work.hidden]

    def total(self) -> int:
        """All works but the hidden ones."""
        return sum(not work.hidden for work in self._all.values())

    def has_works(self) -> bool:
        """Whether any were made, be they hidden."""
        return bool(self._all)

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
        if report is None:
            return facts
        match, new = f"{report.match:.2f}", f"{report.novelty:.2f}"
        return f"{facts}\n{t('overview.numbers', match=match, new=new)}"
