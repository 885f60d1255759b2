"""The wall of pictures: an easel, previews that are read as they come, and the mask editor."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.protocol import PictureBrief, Preview
from studio.i18n import t
from studio.media.image.controller import image_controller_of
from studio.media.image.easel import Sheet
from studio.media.image.mask_bar import MaskBar
from studio.media.image.mask_editor import MaskEditor
from studio.media.image.parts import PictureParts
from studio.media.image.uses import ACTIONS, KEEP_SHAPE, are_alternatives
from studio.media.image.wipe_bar import WipeBar
from studio.media.image.wipe_easel import WipeEasel
from studio.project.rows import WorkRow
from studio.state.orders import brief_of
from studio.state.png import decode
from studio.state.session import Session
from studio.views.wall import Wall
from studio.widgets.base import column

REPEAT = 3


class PictureWall(Wall):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._controller = session.workspace, image_controller_of(session)
        self._round = 0  # previews of an older job are dropped
        self._asked: PictureBrief | None = None
        self._grown: dict[int, tuple[QImage, QSize]] = {}
        self._taken: set[str] = set()
        self._briefs: dict[int, PictureBrief] = {}  # by work id: what it was asked for as
        self.repeats = self.wipes = False
        self.easel, self.masks = WipeEasel(self), MaskEditor(session, self)
        self.parts = PictureParts(self.easel)
        self.bar = self.mask_bar = MaskBar(self.masks, self)
        self.wipe_bar = WipeBar(self)
        self._works = QWidget(self)
        lines = column(self.easel, self.wipe_bar, gap=0)
        lines.setStretch(0, 1)
        self._works.setLayout(lines)
        self._stack = QStackedLayout(self)
        for page in (self._works, self.masks):
            self._stack.addWidget(page)
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.easel.zoom_changed.connect(self.looked)
        self.easel.wiped.connect(self.wipe_bar.show_line)
        self.wipe_bar.wiped.connect(self.easel.set_wipe)
        self.masks.changed.connect(self._on_masks_changed)
        self.masks.easel.done.connect(self.leave_asked)
        self.mask_bar.done.clicked.connect(self.leave_asked)
        self.mask_bar.swap_asked.connect(self._on_swap)
        self.easel.picked.connect(self.picked)
        self._controller.start.mask_asked.connect(self.editor_asked)
        self._workspace.project_changed.connect(self._briefs.clear)

    def retranslate(self) -> None:
        self.easel.setAccessibleName(t("stage.easel"))
        self.easel.setToolTip(t("what.easel"))

    @property
    def canvas(self) -> QWidget:
        return self.easel

    def focus_home(self) -> QWidget:
        return self.masks.easel if self.is_editing else self.easel

    def set_motion(self, motion_ms: int) -> None:
        self.easel.set_motion(motion_ms)

    def tell(self, words: str) -> None:
        self.easel.setAccessibleDescription(words)

    def forget(self) -> None:
        self._briefs.clear()

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

        self._workspace.background.run(
            lambda: decode(path.read_bytes()), arrived, lambda _error: None
        )

    def has_growth(self) -> bool:
        return bool(self._grown)

    def show_growth(self) -> None:
        caption, self.easel.picks = t("stage.first_look") if self._asked is None else "", False
        grown = (self._grown[key] for key in sorted(self._grown))
        self.wipe_bar.hide()
        self.easel.show_sheets(tuple(Sheet(image, size, caption) for image, size in grown))

    def drop_growth(self) -> None:
        self._round += 1
        self._grown, self._taken = {}, set()

    # ---- finished works ------------------------------------------------------------------------

    def hang(self, works: tuple[int, ...]) -> bool:
        wiped = self._wiped(works)
        self.easel.picks = len(works) > 2
        sheets = wiped or [self._sheet(work_id, alone=len(works) == 1) for work_id in works]
        ready = tuple(sheet for sheet in sheets if sheet)
        if self.easel.picks:
            numbers = enumerate(ready, 1)
            ready = tuple(replace(each, caption=f"{n}   {each.caption}") for n, each in numbers)
        if len(ready) < len(sheets):
            return False
        if wiped:
            self.easel.show_wipe(*ready)
            self.wipe_bar.show_names(*self._wipe_names(works))
        else:
            self.easel.show_sheets(ready)
            self.wipe_bar.hide()
        return True

    def are_alternatives(self, works: tuple[int, ...]) -> bool:
        return are_alternatives([self._brief_of(work_id) for work_id in works])

    def _on_swap(self) -> None:
        self.leave_asked.emit()  # what is painted stands in the brief then
        self._controller.swap()

    # ---- before and after, one over the other --------------------------------------------------

    def _wiped(self, works: tuple[int, ...]) -> list[Sheet | None]:
        """The two pictures that a line parts; empty where they are not wished for or not two."""
        if not self.wipes:
            return []
        if len(works) == 2:
            return [self._plain(work_id) for work_id in works]
        start = self._start_of(works[0])
        if not start:
            return []
        image = self._controller.caches.pictures.get(start)
        before = Sheet(image, image.size()) if image is not None else None
        return [before, self._plain(works[0])]

    def _plain(self, work_id: int) -> Sheet | None:
        sheet = self._sheet(work_id, alone=True)
        return sheet and replace(sheet, size=sheet.size / sheet.repeat, repeat=1)

    def _wipe_names(self, works: tuple[int, ...]) -> tuple[str, str]:
        if len(works) == 1:
            return t("wipe.before"), t("wipe.after")
        rows = (self._workspace.project.works.get(work_id) for work_id in works)
        left, right = (t("stage.caption", id=work.id, seed=work.seed) for work in rows)
        return left, right

    def _start_of(self, work_id: int) -> str:
        """The digest of the picture that a work was made from, where both have one shape."""
        brief = self._brief_of(work_id)
        return brief.content if brief.use in KEEP_SHAPE else ""

    def show_reference(self, reference_id: int) -> bool:
        reference = self._workspace.project.references.get(reference_id)
        image = self._controller.caches.pictures.get(reference.digest)
        if image is None:
            return False
        caption = t("reference.named", name=reference.name)
        self.easel.show_sheets((Sheet(image, image.size(), caption),))
        return True

    def _sheet(self, work_id: int, alone: bool) -> Sheet | None:
        work = self._workspace.project.works.get(work_id)
        image = self._controller.caches.pictures.get(work.digest)
        if image is None:
            return None
        repeat = REPEAT if alone and self.repeats and self._is_tile(work_id) else 1
        size = QSize(work.width_px, work.height_px) * repeat
        caption = "" if alone else t("stage.caption", id=work.id, seed=work.seed)
        stars = "" if alone else " ".join("★" * work.rating)
        return Sheet(image, size, f"{caption}   {stars}".rstrip(), repeat)

    def _is_tile(self, work_id: int) -> bool:
        """Whether this work repeats without an edge."""
        return self._brief_of(work_id).tile

    def _brief_of(self, work_id: int) -> PictureBrief:
        if work_id not in self._briefs:
            sidecar = self._workspace.project.works.sidecar(work_id)
            self._briefs[work_id] = brief_of(sidecar, PictureBrief())
        return self._briefs[work_id]

    # ---- painting a mask -----------------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        return self.masks.is_open

    @property
    def covers_work(self) -> bool:
        return self.masks.is_open

    def open_editor(self) -> None:
        self.masks.begin()

    def finish_editing(self) -> None:
        self.masks.finish()

    def can_step(self, name: str) -> bool:
        painting = self.masks.easel.painting
        if painting is None:
            return False
        return painting.can_undo() if name == "undo" else painting.can_redo()

    def step(self, name: str) -> None:
        self.masks.easel.act(name)

    def _on_masks_changed(self) -> None:
        self._stack.setCurrentWidget(self.masks if self.masks.is_open else self._works)
        self.editing_changed.emit()

    # ---- ways of looking, and actions ----------------------------------------------------------

    def zoom(self, steps: int) -> None:
        easel = self.masks.easel if self.is_editing else self.easel
        (easel.zoom_in if steps > 0 else easel.zoom_out)()

    def toggle_fit(self) -> None:
        (self.masks.easel if self.is_editing else self.easel).toggle_fit()

    def scale(self) -> float | None:
        return self.easel.scale() if self.easel.sheets() else None

    def lets_works_go(self) -> bool:
        return self.easel.is_fitted() and not self.easel.is_wiping

    def is_fitted(self) -> bool:
        return self.easel.is_fitted()

    def act(self, name: str, work_id: int | None) -> None:
        if name == "repeat":
            self.repeats = not self.repeats
            self.grown.emit()
        elif name == "wipe":
            self.wipes = not self.wipes
            self.grown.emit()
        elif name == "vary" and work_id is not None:
            self._controller.vary(work_id)
        elif name in ACTIONS and work_id is not None:
            self._controller.start.use_work(work_id, ACTIONS[name])

    def is_on(self, name: str) -> bool:
        if name == "wipe":
            return self.easel.is_wiping
        return name == "repeat" and self.repeats

    def offers(self, name: str, work: WorkRow | None) -> bool:
        if name == "repeat":
            return work is not None and self._is_tile(work.id)
        if name == "wipe":
            hung = self.easel.is_wiping or len(self.easel.sheets()) == 2
            return work is not None and (hung or bool(self._start_of(work.id)))
        return name in ("vary", "go_on", "zoom")
