"""The middle: the work, as large as it can be; or what to do when there is none yet."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.messages import Preview
from studio.adapting import StyleState
from studio.i18n import t
from studio.pictures import decode
from studio.session import Session
from studio.views.empty_state import EmptyState
from studio.widgets.base import Panel
from studio.widgets.easel import Easel, Sheet, is_tab


class StageEasel(Easel):
    """The easel of the window; its Tab clears the table instead of moving the focus."""

    tab_pressed = Signal()

    def event(self, event: QEvent) -> bool:
        if is_tab(event):
            self.tab_pressed.emit()
            return True
        return super().event(event)


@dataclass(slots=True)
class _Growth:
    """The works of one job as they stand; the newest picture of each index."""

    job_id: str = ""
    is_first_look: bool = False
    images: dict[int, tuple[QImage, QSize]] | None = None


class Stage(Panel):
    """Shows, in this order: a comparison, the works that grow, the current work, an invitation."""

    shown_changed = Signal()

    def __init__(self, session: Session, motion_ms: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Stage")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no button has it at the start
        self._session = session
        self._growth = _Growth()
        self._follows = False  # the artist has not looked elsewhere since the job began
        self._pair: tuple[int, int] | None = None
        self.easel = StageEasel(self)
        self.easel.set_motion(motion_ms)
        self.empty = EmptyState(self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.easel)
        session.growing.connect(self._on_growing)
        session.current_changed.connect(self._on_current_changed)
        session.pictures.ready.connect(self._on_picture_ready)
        session.works_added.connect(self._on_works_added)
        session.work_changed.connect(lambda _id: self._show())
        session.project_changed.connect(self._on_project_changed)
        session.style_changed.connect(self._show)
        session.making_changed.connect(self._on_making_changed)
        session.references_changed.connect(self._show)
        self._show()
        self.retranslate()

    def retranslate(self) -> None:
        self.easel.setAccessibleName(t("stage.easel"))
        self._show()

    @property
    def is_growing(self) -> bool:
        """Whether works in the making are shown, which cannot be rated yet."""
        return self._pair is None and self._follows and bool(self._growth.images)

    # ---- comparing -----------------------------------------------------------------------------

    @property
    def is_comparing(self) -> bool:
        return self._pair is not None

    def compare(self, left: int, right: int) -> None:
        """Two works side by side under one zoom."""
        self._pair, self._follows = (left, right), False
        self._show()

    def stop_comparing(self) -> None:
        self._pair = None
        self._show()

    # ---- what is shown -------------------------------------------------------------------------

    def _show(self) -> None:
        sheets = self._sheets()
        if sheets is not None:
            self.easel.show_sheets(sheets)
        if sheets != ():
            self._stack.setCurrentWidget(self.easel)
            if self.hasFocus():
                self.easel.setFocus()
        else:
            self._stack.setCurrentWidget(self._nothing())
        self.shown_changed.emit()

    def _nothing(self) -> QWidget:
        """No picture: an invitation, or a quiet wall while the first one is on its way."""
        state = self._session.adaptation.state
        if self._session.current is not None:
            return self.easel
        self.empty.show_state(state is StyleState.EMPTY, self._session.adaptation.is_busy)
        return self.empty

    def _sheets(self) -> tuple[Sheet, ...] | None:
        """None: the picture is being read; what hangs there stays until it comes."""
        if self._pair is not None:
            sheets = [self._sheet(work_id, captioned=True) for work_id in self._pair]
            return tuple(sheet for sheet in sheets if sheet) if all(sheets) else None
        if self.is_growing and self._growth.images:
            first_look = t("stage.first_look") if self._growth.is_first_look else ""
            grown = (self._growth.images[key] for key in sorted(self._growth.images))
            return tuple(Sheet(image, size, first_look) for image, size in grown)
        if self._session.current is not None:
            sheet = self._sheet(self._session.current)
            return (sheet,) if sheet else None
        return ()

    def _sheet(self, work_id: int, captioned: bool = False) -> Sheet | None:
        work = self._session.project.work(work_id)
        image = self._session.pictures.get(work.digest)
        if image is None:
            return None
        caption = t("stage.caption", id=work.id, seed=work.seed) if captioned else ""
        stars = " ".join("★" * work.rating) if captioned else ""
        return Sheet(image, QSize(work.width_px, work.height_px), f"{caption}   {stars}".rstrip())

    # ---- facts ---------------------------------------------------------------------------------

    def _on_growing(self, job_id: str, previews: tuple[Preview, ...]) -> None:
        final = self._session.final_size(job_id)
        if job_id != self._growth.job_id:
            self._growth = _Growth(job_id, final is None, {})
            self._follows = self._pair is None
        for preview in previews:
            path = Path(preview.path)
            size = QSize(*(final or (preview.width_px, preview.height_px)))
            self._session.background.run(
                lambda path=path: decode(path.read_bytes()),
                lambda image, index=preview.index, size=size: self._grow(
                    job_id, index, image, size
                ),
                lambda _error: None,
            )

    def _grow(self, job_id: str, index: int, image: QImage, size: QSize) -> None:
        if job_id == self._growth.job_id and self._growth.images is not None:
            self._growth.images[index] = (image, size)
            self._show()

    def _on_current_changed(self) -> None:
        self._follows = False
        if self._pair is not None and self._session.current is not None:
            self._pair = (self._pair[0], self._session.current)
        self._show()

    def _on_works_added(self, _rows) -> None:
        self._growth = _Growth()

    def _on_making_changed(self) -> None:
        """A job that ended without works leaves the wall to what hung there before."""
        if self._growth.images and not self._growth.is_first_look:
            job = self._session.making.job
            if job is None or job.id != self._growth.job_id:
                self._growth = _Growth()
                self._show()

    def _on_picture_ready(self, _digest: str) -> None:
        self._show()

    def _on_project_changed(self) -> None:
        self._growth, self._pair = _Growth(), None
        self._show()
