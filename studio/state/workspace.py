"""What is worked on: the open project, one medium of it, its brief, the work that is looked at."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.protocol import Brief, Medium
from studio.client.background import Background
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.project.rows import DEFAULT_MEDIUM, ReferenceRow
from studio.project.work_groups import Collection
from studio.state import problems
from studio.state.briefs import BriefEdit, Briefs
from studio.state.history import History
from studio.state.medium import Media


class Workspace(QObject):
    """Facts that all panels share, and the signals that they have changed.

    One medium is worked on at a time: references, brief and works are those of it.
    """

    project_leaving = Signal()  # the last moment to keep what is being written
    works_gone = Signal()  # another project is open: no work of the old one may be looked at
    brief_closing = Signal()  # the last moment for what is typed to come into the brief
    project_changed = Signal()
    project_moved = Signal()  # the same project, its file stands elsewhere
    medium_changing = Signal()  # to the controllers, before anybody looks
    medium_changed = Signal()  # and with it everything below; also after project_changed
    references_changed = Signal()
    brief_changed = Signal()
    work_changed = Signal(int)
    works_deleted = Signal(object)  # tuple[int, ...]
    collections_changed = Signal()
    judged = Signal()  # something was said beside the stars, or taken back
    current_changed = Signal()
    problem_raised = Signal(object)  # Problem that belongs to no panel
    problem_over = Signal(object)  # the same Problem: it has gone by itself

    project: Project  # both are set by `attach`
    history: History

    def __init__(self, media: Media, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.media = media
        self.background = Background(parent=self)
        self.briefs = Briefs(media, self)
        self.briefs.changed.connect(self.brief_changed)
        self.project_leaving.connect(self.brief_closing)
        self.medium = DEFAULT_MEDIUM
        self._current: dict[Medium, int] = {}

    def attach(self, project: Project) -> None:
        """Work on this project from now on. Nothing is told: `announce` does that."""
        self.project = project
        self.history = History(project, self)
        self.history.work_changed.connect(self.work_changed)
        self.history.judged.connect(self.judged)
        self.history.deleted.connect(self._on_deleted)
        self.history.collections_changed.connect(self.collections_changed)
        self.history.failed.connect(self.report)
        self._current = {}
        self.works_gone.emit()
        self.medium = project.working_state.medium()

    def announce(self) -> None:
        """Another project is open, and whoever serves it is ready."""
        for fact in (self.project_changed, self.medium_changed, self.brief_changed):
            fact.emit()

    # ---- facts ---------------------------------------------------------------------------------

    @property
    def current(self) -> int | None:
        """The work that is looked at."""
        return self._current.get(self.medium)

    @property
    def brief(self) -> Any:
        return self.briefs.of(self.medium)

    def references(self) -> tuple[ReferenceRow, ...]:
        return self.project.references.all(self.medium)

    def collections(self) -> tuple[Collection, ...]:
        """Of the medium that is worked on."""
        return tuple(one for one in self.project.collections.all() if one.medium is self.medium)

    # ---- verbs ---------------------------------------------------------------------------------

    def show_medium(self, medium: Medium) -> None:
        """Work on this medium from now on; nothing of the other one is lost."""
        if medium is self.medium:
            return
        self.brief_closing.emit()
        self.medium = medium
        self.attempt(lambda: self.project.working_state.save_medium(medium))
        self.medium_changing.emit()
        self.medium_changed.emit()
        for fact in (self.references_changed, self.brief_changed, self.current_changed):
            fact.emit()

    def set_brief(self, brief: Brief, locked: bool | None = None) -> None:
        """An edit by the artist: it can be undone. locked: of the seed; None leaves that alone."""
        was_locked = self.briefs.is_locked(brief.medium)
        before = self.briefs.of(brief.medium), was_locked
        after = brief, was_locked if locked is None else locked
        if after != before:
            self.history.stack.push(BriefEdit(before, after, self.show_brief))

    def show_brief(self, brief: Brief, locked: bool | None = None) -> None:
        self.show_medium(brief.medium)  # an undo shows what it changes
        self.attempt(lambda: self.briefs.show(brief, locked))

    def wish_for_nothing(self) -> None:
        """Every brief as it is before the artist has wished for anything. Raises ProjectError."""
        self.briefs.reset()
        self.history.stack.clear()

    def select(self, work_id: int | None) -> None:
        if work_id == self.current:
            return
        self._current.pop(self.medium, None)
        if work_id is not None:
            self._current[self.medium] = work_id
        self.current_changed.emit()

    def select_later(self, medium: Medium, work_id: int) -> None:
        """The work to look at when that other medium is worked on again."""
        self._current[medium] = work_id

    def open_on(self, medium: Medium, work_id: int) -> None:
        """Begin a project that was just attached with this work."""
        self.medium, self._current[medium] = medium, work_id

    def _on_deleted(self, work_ids: tuple[int, ...]) -> None:
        for medium, work_id in list(self._current.items()):
            if work_id in work_ids:
                del self._current[medium]
        self.works_deleted.emit(work_ids)
        self.current_changed.emit()

    # ---- errors --------------------------------------------------------------------------------

    def attempt(self, act: Callable[[], object]) -> bool:
        """Whether it went well; if not, the artist is told why."""
        try:
            act()
        except MaquetteError as error:
            self.report(error)
            return False
        return True

    def report(self, error: Exception) -> None:
        self.problem_raised.emit(problems.of_error(error))
