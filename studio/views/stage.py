"""The middle: the work, as large as it can be; or what to do when there is none yet."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.messages import Medium, Preview
from studio.media.audio.wall import MusicWall
from studio.media.image.mask_editor import MaskRoom
from studio.media.image.wall import PictureWall
from studio.media.text.wall import TextWall
from studio.state.adaptation import StyleState
from studio.state.session import Session
from studio.views.empty_state import EmptyState
from studio.views.marking import Marking
from studio.views.overview import Overview
from studio.views.wall import Wall
from studio.widgets.base import Panel, restyle


class Stage(Panel):
    """Shows, in this order: a picture that is painted on, the report on all works, a comparison, a
    reference that is read, the works that grow, the current work, an invitation. Every medium has a
    wall of its own."""

    shown_changed = Signal()

    def __init__(self, session: Session, motion_ms: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Stage")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no button has it at the start
        self._session = session
        self._growing_job = ""
        self._first_look = False
        self._follows = False  # the artist has not looked elsewhere since the job began
        self._pair: tuple[int, int] | None = None
        self._read: int | None = None  # a reference
        self._arrived: int | None = None  # the newest work, before it is looked at
        self.pictures, self.texts = PictureWall(session, self), TextWall(session, self)
        self.music = MusicWall(session, self)
        self._walls: dict[Medium, Wall] = {
            Medium.IMAGE: self.pictures,
            Medium.TEXT: self.texts,
            Medium.AUDIO: self.music,
        }
        self.easel, self.pages = self.pictures.easel, self.texts.pages
        self.easel.set_motion(motion_ms)
        self.marking = Marking(session, self.easel, self.pages, self.music.tracks, self)
        self.empty = EmptyState(session, self)
        self.masks = MaskRoom(session, self)
        self._stack = QStackedLayout(self)
        self.overview = Overview(session, self)
        for room in (self.empty, *self._walls.values(), self.masks, self.overview):
            self._stack.addWidget(room)
        self._connect()
        self._on_medium_changed()

    def _connect(self) -> None:
        session = self._session
        session.growing.connect(self._on_growing)
        session.current_changed.connect(self._on_current_changed)
        for shelf in (session.shelves.pictures, session.shelves.texts):
            shelf.ready.connect(lambda _digest: self._show())
        session.sketches.ready.connect(lambda _digest: self._show())
        session.works_added.connect(self._on_works_added)
        session.work_changed.connect(lambda _id: self._show())
        session.medium_changed.connect(self._on_medium_changed)
        session.project_leaving.connect(self.leave)
        session.style_changed.connect(self._show)
        session.making_changed.connect(self._on_making_changed)
        session.references_changed.connect(self._on_references_changed)
        for wall in self._walls.values():
            wall.grown.connect(self._show)
            wall.looked.connect(self.shown_changed)
        self.pages.edit_asked.connect(self.write)
        session.starting.mask_asked.connect(self.paint_mask)
        self.masks.changed.connect(self._on_mask_changed)
        self.masks.easel.done.connect(self.leave)
        self.overview.changed.connect(self._on_overview_changed)
        self.marking.changed.connect(self.shown_changed)

    def retranslate(self) -> None:
        self._show()

    @property
    def wall(self) -> Wall:
        """The one of the medium that is worked on."""
        return self._walls[self._session.medium]

    def focus_home(self) -> QWidget:
        """What takes the keys."""
        if self.overview.is_open:
            return self.overview.focus_home()
        if self.marking.is_open:
            return self.marking.layer
        return self.masks.easel if self.is_masking else self.wall.focus_home()

    def zoom(self, steps: int) -> None:
        if self.is_masking:
            (self.masks.easel.zoom_in if steps > 0 else self.masks.easel.zoom_out)()
        else:
            self.wall.zoom(steps)

    def toggle_fit(self) -> None:
        (self.masks.easel if self.is_masking else self.wall).toggle_fit()

    @property
    def is_growing(self) -> bool:
        """Whether works in the making are shown, which cannot be rated yet."""
        elsewhere = self.is_masking or self.overview.is_open
        free = self._pair is None and self._read is None and not elsewhere
        return free and self._follows and self.wall.has_growth()

    # ---- comparing, reading, writing, painting -------------------------------------------------

    @property
    def is_comparing(self) -> bool:
        return self._pair is not None

    @property
    def pair(self) -> tuple[int, int] | None:
        """The two works that are compared, the left one first."""
        return self._pair

    @property
    def is_reading(self) -> bool:
        return self._read is not None

    @property
    def is_writing(self) -> bool:
        return self.texts.is_writing

    @property
    def is_masking(self) -> bool:
        return self.masks.is_open

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
        away = self.is_growing or self.is_comparing or self.is_reading or self.is_writing
        away = away or self.is_masking or self.overview.is_open
        return not away and self._session.current is not None

    def paint_mask(self) -> None:
        """Paint what of the picture to start from is made anew."""
        self.leave()
        self._follows = False
        self.masks.begin()

    def compare(self, left: int, right: int) -> None:
        """Two works side by side, under one zoom."""
        self.leave()
        self._pair, self._follows = (left, right), False
        self._show()

    def read(self, reference_id: int) -> None:
        """The whole text of a reference, until the artist looks elsewhere."""
        self.leave()
        self._read, self._follows = reference_id, False
        self._show()
        self.wall.focus_home().setFocus()

    def write(self) -> None:
        """Change the words of the work that is looked at; asked again, be done with it."""
        if self.is_writing:
            self.leave()
        elif self.may_write() and self._session.current is not None:
            self.texts.write(self._session.current)

    def may_write(self) -> bool:
        return self._session.medium is Medium.TEXT and self._shows_work()

    def leave(self) -> bool:
        """Back to the work from comparing, reading or writing. False when there was nothing."""
        away = self.is_comparing or self.is_reading or self.is_writing or self.is_masking
        away = away or self.overview.is_open or self.marking.is_open
        self._pair = self._read = None
        if self.is_writing:
            self.texts.finish_writing()
            self.pages.setFocus()
        self.masks.finish()
        self.overview.finish()
        if self.marking.is_open:
            self.marking.finish()
            self.focus_home().setFocus()
        if away:
            self._show()
        return away

    # ---- what is shown -------------------------------------------------------------------------

    def _show(self) -> None:
        if self.is_masking:
            self._stack.setCurrentWidget(self.masks)
        elif self.overview.is_open:
            self._stack.setCurrentWidget(self.overview)
        else:
            self._stack.setCurrentWidget(self.wall if self._hang() else self.empty)
        self.marking.show_work(self._session.current if self._shows_work() else None)
        if self._stack.currentWidget() is not self.empty and self.hasFocus():
            self.focus_home().setFocus()
        self.shown_changed.emit()

    def _hang(self) -> bool:
        """Whether there is a work for the wall, if only on its way."""
        current = self._session.current
        if self._pair is not None:
            self.wall.hang(self._pair)
        elif self._read is not None:
            self.texts.show_reference(self._read)
        elif self.is_growing:
            self.wall.show_growth()
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
            asked = self._session.making.asked(job_id)
            self._growing_job, self._first_look = job_id, asked is None
            self.wall.begin(asked)
            away = self.is_writing or self.is_masking
            self._follows = self._pair is None and self._read is None and not away
        for preview in previews:
            self.wall.take(preview)

    def _on_works_added(self, rows) -> None:
        self._drop_growth()
        self._arrived = rows[-1].id if rows else None

    def _drop_growth(self) -> None:
        self._growing_job = ""
        for wall in self._walls.values():
            wall.drop_growth()

    def _on_making_changed(self) -> None:
        """A job that ended without works leaves the wall to what hung there before."""
        if self._growing_job and not self._first_look:
            job = self._session.making.job
            if job is None or job.id != self._growing_job:
                self._drop_growth()
                self._show()

    def _on_mask_changed(self) -> None:
        """Begun or over: the keys go where the picture is."""
        was = self._stack.currentWidget() is self.masks
        self._show()
        if was is not self.is_masking:
            self.focus_home().setFocus()

    def _on_overview_changed(self) -> None:
        self._show()
        self.focus_home().setFocus()

    def _on_current_changed(self) -> None:
        self._follows, self._read = False, None
        self.texts.finish_writing()
        if self._session.current != self._arrived:  # what arrives takes no brush from the hand
            self.masks.finish()
            self.overview.finish()
        if self._pair is not None and self._session.current is not None:
            self._pair = (self._pair[0], self._session.current)
        self._show()

    def _on_references_changed(self) -> None:
        if self._read is not None and self._session.project.reference(self._read).removed:
            self._read = None
        self._show()

    def _on_medium_changed(self) -> None:
        self.texts.finish_writing()
        self.masks.finish()
        self._drop_growth()
        self._pair = self._read = None
        restyle(self, medium=self._session.medium.value)
        self._show()
