"""Pictures in the window."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from engine.protocol import Medium, Use
from studio.i18n import t
from studio.media.image import uses
from studio.media.image.card import PictureCard
from studio.media.image.controller import image_controller_of
from studio.media.image.fields import PictureFields
from studio.media.image.start_fields import choose_start
from studio.media.image.taken_map import origins_of
from studio.media.image.uses import ACTIONS
from studio.media.image.wall import PictureWall
from studio.project.rows import ReferenceRow, WorkRow
from studio.state.intake import Source, rules_of
from studio.state.session import Session
from studio.views.medium_view import JUDGED, KEPT, Beginning, MediumView
from studio.widgets import theme


class ImageView(MediumView):
    medium = Medium.IMAGE
    action = "pictures"
    work_menu = (("vary", "again"), tuple(ACTIONS), JUDGED, (*KEPT, "wipe"))
    has_neutral_ground = True
    beginnings = (
        Beginning("restyle", "square-split-horizontal"),
        Beginning("tile", "repeat", {"tile": True}),
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session, self._controller = session, image_controller_of(session)

    def begin(self, beginning: Beginning, parent: QWidget) -> bool:
        """A picture of the artist's is asked for first, where one is needed."""
        if beginning.name != "restyle":
            return super().begin(beginning, parent)
        path = choose_start(parent, self._session.settings)
        if path is not None:
            self._controller.start.take(path, Use.RESTYLE)
        return path is not None

    def starts_from(self, source: Source) -> bool:
        rules = rules_of(self._session.workspace.media, source)
        return rules is not None and rules.medium is self.medium

    def start_from(self, source: Source) -> bool:
        if not self.starts_from(source):
            return False
        brief = self._session.workspace.briefs.of(self.medium)
        use = brief.use if uses.has_start(brief) else Use.RESTYLE
        self._controller.start.take(source, use)
        return True

    def wall(self, parent: QWidget) -> PictureWall:
        return PictureWall(self._session, parent)

    def fields(self) -> PictureFields:
        return PictureFields(self._session)

    def card(self, reference: ReferenceRow, parent: QWidget) -> PictureCard:
        return PictureCard(reference, self._controller.caches.thumbs, parent)

    def draw_cell(self, painter: QPainter, box: QRectF, work: WorkRow) -> None:
        image = self._controller.caches.thumbs.get(work.digest)
        if image is None or image.isNull():
            painter.fillRect(box, QColor(theme.colours().raised))
        else:
            painter.drawImage(box, image)

    def thumb(self, digest: str) -> QImage | None:
        return self._controller.caches.thumbs.get(digest) or QImage()

    def facts(self, work: WorkRow) -> str:
        return t("work.facts", width=work.width_px, height=work.height_px, seed=work.seed)

    def origins(self, work: WorkRow) -> tuple[QImage, str] | None:
        found = origins_of(self._session.workspace.project.works.sidecar(work.id))
        return None if found is None else (found.image(), found.words)

    def add_reference_actions(self, menu: QMenu, reference: ReferenceRow) -> None:
        controller, serves = self._controller, self._session.capabilities.serves_action
        if serves("vary"):
            vary = menu.addAction(t("action.vary"))
            vary.setEnabled(self._session.adaptation.style is not None)
            vary.triggered.connect(lambda: controller.vary_reference(reference.id))
        for name, use in ((each, use) for each, use in ACTIONS.items() if serves(each)):
            menu.addAction(t(f"action.{name}")).triggered.connect(
                lambda _on=False, use=use: controller.start.use_reference(reference.id, use)
            )
