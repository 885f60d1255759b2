"""The wall of pictures: an easel, and previews that are read as they come."""

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from engine.messages import PictureBrief, Preview
from studio.i18n import t
from studio.making import brief_of
from studio.pictures import decode
from studio.session import Session
from studio.views.wall import Wall
from studio.widgets.base import column
from studio.widgets.easel import Easel, Sheet, is_tab

REPEAT = 3


class StageEasel(Easel):
    """The easel of the window; its Tab clears the table instead of moving the focus."""

    tab_pressed = Signal()

    def event(self, event: QEvent) -> bool:
        if is_tab(event):
            self.tab_pressed.emit()
            return True
        return super().event(event)


class PictureWall(Wall):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._round = 0  # previews of an older job are dropped
        self._asked: PictureBrief | None = None
        self._grown: dict[int, tuple[QImage, QSize]] = {}
        self._taken: set[str] = set()
        self._tiles: dict[int, bool] = {}  # by work id: whether it was asked for as a tile
        self.repeats = False
        self.easel = StageEasel(self)
        self.setLayout(column(self.easel, gap=0))
        self.easel.zoom_changed.connect(self.looked)
        session.project_changed.connect(self._tiles.clear)
        self.retranslate()

    def retranslate(self) -> None:
        self.easel.setAccessibleName(t("stage.easel"))

    def focus_home(self) -> QWidget:
        return self.easel

    # ---- works that grow -----------------------------------------------------------------------

    def begin(self, asked: PictureBrief | None) -> None:
        self.drop_growth()
        self._asked = asked

    def take(self, preview: Preview) -> None:
        if preview.path in self._taken:
            return
        self._taken.add(preview.path)
        path, this_round = Path(preview.path), self._round
        size = QSize(preview.width_px, preview.height_px)
        if self._asked is not None:
            size = QSize(self._asked.width_px, self._asked.height_px)

        def arrived(image: QImage) -> None:
            if this_round == self._round:
                self._grown[preview.index] = (image, size)
                self.grown.emit()

        self._session.background.run(
            lambda: decode(path.read_bytes()), arrived, lambda _error: None
        )

    def has_growth(self) -> bool:
        return bool(self._grown)

    def show_growth(self) -> None:
        caption = t("stage.first_look") if self._asked is None else ""
        grown = (self._grown[key] for key in sorted(self._grown))
        self.easel.show_sheets(tuple(Sheet(image, size, caption) for image, size in grown))

    def drop_growth(self) -> None:
        self._round += 1
        self._grown, self._taken = {}, set()

    # ---- finished works ------------------------------------------------------------------------

    def hang(self, works: tuple[int, ...]) -> bool:
        sheets = [self._sheet(work_id, alone=len(works) == 1) for work_id in works]
        ready = tuple(sheet for sheet in sheets if sheet)
        if len(ready) == len(works):
            self.easel.show_sheets(ready)
        return len(ready) == len(works)

    def _sheet(self, work_id: int, alone: bool) -> Sheet | None:
        work = self._session.project.work(work_id)
        image = self._session.shelves.pictures.get(work.digest)
        if image is None:
            return None
        repeat = REPEAT if alone and self.repeats and self.is_tile(work_id) else 1
        size = QSize(work.width_px, work.height_px) * repeat
        caption = "" if alone else t("stage.caption", id=work.id, seed=work.seed)
        stars = "" if alone else " ".join("★" * work.rating)
        return Sheet(image, size, f"{caption}   {stars}".rstrip(), repeat)

    def is_tile(self, work_id: int) -> bool:
        """Whether this work repeats without an edge."""
        if work_id not in self._tiles:
            asked = brief_of(self._session.project.sidecar(work_id), PictureBrief())
            self._tiles[work_id] = asked.tile
        return self._tiles[work_id]

    def toggle_repeat(self) -> None:
        """Tiles are seen three by three, or alone."""
        self.repeats = not self.repeats
        self.grown.emit()

    def zoom(self, steps: int) -> None:
        (self.easel.zoom_in if steps > 0 else self.easel.zoom_out)()

    def toggle_fit(self) -> None:
        self.easel.toggle_fit()
