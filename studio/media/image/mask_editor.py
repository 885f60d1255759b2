"""Where a region of the picture to start from is painted; what is painted is kept as it is."""

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

from engine.protocol import Use
from studio.i18n import t
from studio.media.image.controller import image_controller_of
from studio.media.image.mask import Mask
from studio.media.image.mask_easel import MaskEasel
from studio.state.session import Session
from studio.widgets import theme
from studio.widgets.base import Panel, column

_REST_MS = 300  # without a stroke: then the mask is written


class MaskEditor(Panel):
    """Open from `begin` to `finish`; between them the brief's mask follows the hand."""

    changed = Signal()  # begun, painted or finished

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        controller = image_controller_of(session)
        self._start, self.can_swap = controller.start, controller.can_swap
        self._canvases, self._masks = controller.caches.canvases, controller.caches.masks
        self._wanted = ""  # digest of the picture that is on its way
        self._before = ""  # digest of the mask that was there
        self._content = ""  # digest of the picture that is painted on
        self.is_open = False
        self.easel = MaskEasel(self)
        self.setLayout(column(self.easel, gap=0))
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self.easel.painted.connect(self._on_painted)
        session.workspace.brief_changed.connect(self._on_brief_changed)
        self._start.changing.connect(self.finish)
        for cache in (self._canvases, self._masks):
            cache.ready.connect(lambda _digest: self._fetch())
        self.retranslate()

    def retranslate(self) -> None:
        self.easel.setAccessibleName(t("mask.easel"))
        self.easel.setToolTip(t("what.mask"))
        self.easel.setAccessibleDescription(t("mask.keys"))

    # ---- from begin to finish ------------------------------------------------------------------

    def begin(self) -> None:
        """Show the brief's picture as soon as it is read, with the mask that there is."""
        brief = self._start.brief
        self._wanted, self._before = brief.content, brief.mask
        self._fetch()

    def _fetch(self) -> None:
        """Picture and mask are read elsewhere; whichever comes last opens the room."""
        if not self._wanted:
            return
        picture = self._canvases.get(self._wanted)
        mask = self._masks.get(self._before) if self._before else QImage()
        if picture is None or mask is None:
            return
        self._content, self._wanted = self._wanted, ""
        if picture.isNull():
            return
        size = QSize(picture.width(), picture.height())
        self.easel.begin(picture, Mask(size, QColor(theme.colours().mark), mask))
        self.is_open = True
        self.changed.emit()

    def finish(self) -> None:
        """One step of the history, if anything has changed."""
        self._wanted = ""
        painting = self.easel.painting
        if not self.is_open or painting is None:
            return
        fresh = self._rest.isActive()
        self._close()
        self._start.finish_mask(lambda: _grey(painting), self._before, fresh)

    def _close(self) -> None:
        self._rest.stop()
        self.is_open, self.easel.painting = False, None
        self.changed.emit()

    def _on_brief_changed(self) -> None:
        """The picture was taken away, or is used for something else."""
        brief = self._start.brief
        if self.is_open and (brief.content != self._content or brief.use is not Use.FILL):
            self._close()

    def _on_painted(self) -> None:
        if self._start.brief.mask:
            self._rest.start()
        else:
            self._on_rest()  # from the first stroke on there is something to make
        self.changed.emit()

    def _on_rest(self) -> None:
        painting = self.easel.painting
        if painting is not None:
            self._start.keep_mask(_grey(painting))


def _grey(painting: Mask) -> QImage | None:
    return None if painting.is_empty() else painting.grey()
