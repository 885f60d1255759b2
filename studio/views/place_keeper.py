"""Keeps where the artist was in a project, and a small picture of it for the list of projects."""

from contextlib import suppress

from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter

from studio.i18n.errors import MaquetteError
from studio.project import shelf
from studio.project.rows import WorkRow
from studio.state.covers import png_of
from studio.state.session import Session
from studio.views.brief_panel import BriefPanel
from studio.views.gallery_panel import GalleryPanel
from studio.views.medium_view import CELL_SIZE, MediumViews
from studio.views.references_panel import ReferencesPanel
from studio.widgets import theme

COVER_SCALE = 2  # of a cell of the gallery
SETTLE_MS = 600  # after which a new place counts: the artist walks on quickly


class PlaceKeeper(QObject):
    """What cannot be written (a full disk) is not kept: nothing that the artist made is in it."""

    def __init__(
        self,
        session: Session,
        views: MediumViews,
        gallery: GalleryPanel,
        tray: ReferencesPanel,
        brief: BriefPanel,
    ) -> None:
        super().__init__(gallery)
        self._workspace, self._views = session.workspace, views
        self._gallery, self._tray, self._brief = gallery, tray, brief
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._soon.timeout.connect(self.keep)
        workspace = session.workspace
        for fact in (workspace.current_changed, session.maker.works_added, gallery.works_selected):
            fact.connect(lambda *_: self._soon.start())
        brief.bar.valueChanged.connect(lambda _value: self._soon.start())
        workspace.brief_closing.connect(self._on_leaving)
        workspace.medium_changed.connect(self._go_back)
        self._go_back()

    def _go_back(self) -> None:
        """To where the brief of this medium was scrolled; the gallery goes back by itself."""
        place = shelf.place(self._workspace.project, self._workspace.medium.value)
        scrolled = place.get("brief")
        self._brief.scroll_to(scrolled if isinstance(scrolled, int) else 0)
        self._soon.stop()  # nobody has gone anywhere

    def _on_leaving(self) -> None:
        """Project or medium may be left now."""
        if self._soon.isActive():
            self.keep()

    def end(self) -> None:
        """The window closes, and with it the project."""
        self._soon.stop()
        self._soon.timeout.disconnect(self.keep)

    def keep(self) -> None:
        self._soon.stop()
        workspace = self._workspace
        with suppress(MaquetteError):
            place = self._gallery.place() | {"brief": self._brief.bar.value()}
            shelf.save_place(workspace.project, workspace.medium.value, place)
            if (cover := self._cover()) is not None:
                shelf.save_cover(workspace.project, cover)

    def _cover(self) -> bytes | None:
        """The work that is looked at, or the first reference; None where there is neither."""
        current = self._workspace.current
        if current is not None:
            return png_of(self._drawn(self._workspace.project.works.get(current)))
        cards = self._tray.cards()
        return png_of(cards[0].face.grab().toImage()) if cards else None

    def _drawn(self, work: WorkRow) -> QImage:
        view = self._views[work.medium]
        size = view.cell_size or QSize(work.width_px, work.height_px)
        size = size.scaled(CELL_SIZE, Qt.AspectRatioMode.KeepAspectRatio)
        image = QImage(size * COVER_SCALE, QImage.Format.Format_RGB32)
        image.fill(QColor(theme.colours().raised))
        painter = QPainter(image)
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        painter.scale(COVER_SCALE, COVER_SCALE)
        view.draw_cell(painter, QRectF(0, 0, size.width(), size.height()), work)
        painter.end()
        return image
