"""The middle: the work, as large as it can be; or what to do when there is none yet."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.protocol import Medium, Preview
from studio.i18n import t
from studio.state.adaptation import StyleState
from studio.state.session import Session
from studio.views.empty_state import EmptyState
from studio.views.marking import Marking
from studio.views.medium_view import MediumViews
from studio.views.overview import Overview
from studio.views.wall import Wall
from studio.widgets.base import Panel, restyle


class _Rooms(QStackedLayout):
    """As large as the one that is seen needs: the others ask for nothing."""

    def minimumSize(self) -> QSize:
        room = self.currentWidget()
        return room.minimumSizeHint().expandedTo(room.minimumSize()) if room else QSize()


class Stage(Panel):
    """Shows, in this order: an editor that covers the work, the report on all works, a comparison,
    a reference that is read, the works that grow, the current work, an invitation. Every medium has
    a wall of its own."""

    shown_changed = Signal()

    def __init__(
        self, session: Session, views: MediumViews, motion_ms: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("Stage")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no button has it at the start
        self._session, self._workspace, self._views = session, session.workspace, views
        self._growing_job = ""
        self._first_look = self._was_covered = False
        self._follows = False  # the artist has not looked elsewhere since the job began
        self._pair: tuple[int, int] | None = None
        self._choice: tuple[int, ...] = ()  # works of which one is to be chosen
        self._read: int | None = None  # a reference
        self._arrived: int | None = None  # the newest work, before it is looked at
        self.walls: dict[Medium, Wall] = {medium: view.wall(self) for medium, view in views.items()}
        self.set_motion(motion_ms)
        parts = {medium: wall.parts for medium, wall in self.walls.items()}
        self.marking = Marking(session, parts, self)
        self.empty = EmptyState(session, views, self)
        self.overview = Overview(session, views, self)
        self._stack = _Rooms(self)
        for room in (self.empty, *self.walls.values(), self.overview):
            self._stack.addWidget(room)
        self._connect()
        self._on_medium_changed()

    def _connect(self) -> None:
        session, workspace = self._session, self._workspace
        session.maker.growing.connect(self._on_growing)
        session.maker.works_added.connect(self._on_works_added)
        session.maker.changed.connect(self._on_making_changed)
        session.adaptation.changed.connect(self._show)
        for controller in session.controllers.values():
            controller.content_ready.connect(lambda _digest: self._show())
        workspace.current_changed.connect(self._on_current_changed)
        workspace.work_changed.connect(lambda _id: self._show())
        workspace.medium_changed.connect(self._on_medium_changed)
        workspace.project_leaving.connect(self.leave)
        workspace.works_deleted.connect(lambda _ids: self.leave())
        workspace.works_gone.connect(self._on_works_gone)
        workspace.references_changed.connect(self._on_references_changed)
        for wall in self.walls.values():
            wall.grown.connect(self._show)
            wall.looked.connect(self.shown_changed)
            wall.edit_asked.connect(self.edit)
            wall.editor_asked.connect(self.open_editor)
            wall.editing_changed.connect(self._on_editing_changed)
            wall.leave_asked.connect(self.leave)
            wall.picked.connect(self._on_picked)
        self.overview.changed.connect(self._on_overview_changed)
        self.marking.changed.connect(self.shown_changed)

    def set_motion(self, motion_ms: int) -> None:
        for wall in self.walls.values():
            wall.set_motion(motion_ms)

    def retranslate(self) -> None:
        self._show()

    @property
    def wall(self) -> Wall:
        """The one of the medium that is worked on."""
        return self.walls[self._workspace.medium]

    def focus_home(self) -> QWidget:
        """What takes the keys."""
        if self.overview.is_open:
            return self.overview.focus_home()
        if self.marking.is_open:
            return self.marking.layer
        return self.wall.focus_home()

    @property
    def is_growing(self) -> bool:
        """Whether works in the making are shown, which cannot be rated yet."""
        return self._waits and self.wall.has_growth()

    @property
    def _waits(self) -> bool:
        """Whether the artist has looked at nothing else since the works were asked for."""
        elsewhere = self.covers_work or self.overview.is_open
        free = self._pair is None and self._read is None and not elsewhere
        return free and self._follows

    # ---- comparing, reading, editing -----------------------------------------------------------

    @property
    def is_comparing(self) -> bool:
        return self._pair is not None

    @property
    def pair(self) -> tuple[int, int] | None:
        """The two works that are compared, the left one first."""
        return self._pair

    @property
    def is_choosing(self) -> bool:
        """Whether alternatives hang side by side, until one is chosen."""
        return bool(self._choice)

    @property
    def is_reading(self) -> bool:
        return self._read is not None

    @property
    def is_editing(self) -> bool:
        return self.wall.is_editing

    @property
    def covers_work(self) -> bool:
        """Whether something is edited that is not the work."""
        return self.wall.covers_work

    def toggle_overview(self) -> None:
        """The report on all works, in the place of the one; asked again, be done with it."""
        if self.overview.is_open:
            self.leave()
        else:
            self.leave()
            self.overview.begin()

    def toggle_marking(self) -> None:
        """Choose a part of the work that is looked at; asked again, be done with it."""
        if self.marking.is_open:
            self.leave()
        elif self._shows_work():
            self.marking.begin()

    def _shows_work(self) -> bool:
        """Whether one finished work hangs on the wall, and nothing is done to it."""
        away = self.is_growing or self.is_comparing or self.is_reading or self.is_editing
        away = away or self.overview.is_open or self.is_choosing
        return not away and self._workspace.current is not None

    def open_editor(self) -> None:
        """Edit what the brief starts from."""
        self.leave()
        self._follows = False
        self.wall.open_editor()

    def compare(self, left: int, right: int) -> None:
        """Two works side by side, under one zoom."""
        self.leave()
        self._pair, self._follows = (left, right), False
        self._show()

    def read(self, reference_id: int) -> None:
        """The whole of a reference, until the artist looks elsewhere."""
        self.leave()
        self._read, self._follows = reference_id, False
        self._show()
        self.wall.focus_home().setFocus()

    def edit(self) -> None:
        """Change the work that is looked at; asked again, be done with it."""
        if self.is_editing:
            self.leave()
        elif self.may_edit() and self._workspace.current is not None:
            self.wall.edit(self._workspace.current)

    def may_edit(self) -> bool:
        return self.wall.edits_works and self._shows_work()

    def leave(self) -> bool:
        """Back to the work from comparing, reading or editing. False when there was nothing."""
        editing, marking = self.is_editing, self.marking.is_open
        away = self.is_comparing or self.is_reading or self.overview.is_open or editing or marking
        away = away or self.is_choosing
        self._pair = self._read = None
        self._choice = ()
        self.wall.finish_editing()
        self.overview.finish()
        self.marking.finish()
        if editing or marking:
            self.focus_home().setFocus()
        if away:
            self._show()
        return away

    # ---- what is shown -------------------------------------------------------------------------

    def _show(self) -> None:
        if self.overview.is_open:
            self._stack.setCurrentWidget(self.overview)
        elif self.covers_work or self._hang():
            self._stack.setCurrentWidget(self.wall)
        else:
            self._stack.setCurrentWidget(self.empty)
        self.marking.show_work(self._workspace.current if self._shows_work() else None)
        self._tell()
        if self._stack.currentWidget() is not self.empty and self.hasFocus():
            self.focus_home().setFocus()
        self.shown_changed.emit()

    def _tell(self) -> None:
        """What is seen, for those who cannot."""
        words, current = "", self._workspace.current
        if self._read is not None:
            name = self._workspace.project.references.get(self._read).name
            words = t("reference.named", name=name)
        elif self.is_choosing:
            words = t("stage.choose")
        elif self._shows_work() and current is not None:
            work = self._workspace.project.works.get(current)
            words = t("gallery.work", id=work.id, n=work.rating)
            words = f"{words} · {self._views[work.medium].facts(work)}"
        self.setAccessibleName(t("stage.name"))
        self.setAccessibleDescription(words)
        self.wall.tell(words)

    def _hang(self) -> bool:
        """Whether there is a work for the wall, if only on its way."""
        current = self._workspace.current
        if self._pair is not None:
            self.wall.hang(self._pair)
        elif self._read is not None:
            self.wall.show_reference(self._read)
        elif self.is_growing:
            self.wall.show_growth()
        elif self._choice:
            self.wall.hang(self._choice)
        elif current is not None:
            self.wall.hang((current,))
        else:
            adaptation = self._session.adaptation
            self.empty.show_state(adaptation.state is StyleState.EMPTY, adaptation.is_busy)
            return False
        return True

    # ---- facts ---------------------------------------------------------------------------------

    def _on_growing(self, job_id: str, previews: tuple[Preview, ...]) -> None:
        if job_id != self._growing_job:
            asked = self._session.generation.asked(job_id)
            self._growing_job, self._first_look = job_id, asked is None
            self.wall.begin(asked)
            self._follows = self._pair is None and self._read is None and not self.is_editing
        for preview in previews:
            self.wall.take(preview)

    def _on_works_added(self, rows) -> None:
        """Alternatives hang side by side, where the artist has waited for them."""
        works, waited = tuple(row.id for row in rows), self._waits
        self._choice = works if waited and self.wall.are_alternatives(works) else ()
        self._drop_growth()
        self._arrived = rows[-1].id if rows else None

    def _on_picked(self, place: int) -> None:
        """The one that the artist wants; the others stay in the gallery."""
        if place < len(self._choice):
            chosen, self._choice = self._choice[place], ()
            self._workspace.select(chosen)
            self._show()

    def _drop_growth(self) -> None:
        self._growing_job = ""
        for wall in self.walls.values():
            wall.drop_growth()

    def _on_making_changed(self) -> None:
        """A job that ended without works leaves the wall to what hung there before."""
        if self._growing_job and not self._first_look:
            job = self._session.generation.job
            if job is None or job.id != self._growing_job:
                self._drop_growth()
                self._show()

    def _on_editing_changed(self) -> None:
        """Begun or over: the keys go where the editor is, or the work."""
        self._show()
        if self._was_covered is not self.covers_work:
            self._was_covered = self.covers_work
            self.focus_home().setFocus()

    def _on_overview_changed(self) -> None:
        self._show()
        self.focus_home().setFocus()

    def _on_current_changed(self) -> None:
        self._follows, self._read = False, None
        arrives = self._workspace.current == self._arrived
        if not (arrives and self.covers_work):  # what arrives takes no brush from the hand
            self.wall.finish_editing()
        if not arrives:
            self.overview.finish()
            self._choice = ()
        if self._pair is not None and self._workspace.current is not None:
            self._pair = (self._pair[0], self._workspace.current)
        self._show()

    def _on_works_gone(self) -> None:
        self._pair = self._read = self._arrived = None
        self._choice = ()
        for wall in self.walls.values():
            wall.forget()

    def _on_references_changed(self) -> None:
        references = self._workspace.project.references
        if self._read is not None and references.get(self._read).removed:
            self._read = None
        self._show()

    def _on_medium_changed(self) -> None:
        for wall in self.walls.values():
            wall.finish_editing()
        self._drop_growth()
        self._pair = self._read = None
        self._choice = ()
        neutral = self._views[self._workspace.medium].has_neutral_ground
        restyle(self, ground="neutral" if neutral else "plain")
        self._show()
