"""A picture in the tray."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.project.rows import ReferenceRow
from studio.state.foreign_files import SortedCache
from studio.views.reference_card import SIDE_PX, CardFace, ReferenceCard
from studio.widgets.base import column
from studio.widgets.thumb import middle


class PictureFace(CardFace):
    """The picture, filling a square."""

    image = QImage()

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if not self.image.isNull():
            painter.drawImage(box, self.image, middle(self.image))


class PictureCard(ReferenceCard):
    """A small square, three in a row."""

    def __init__(
        self,
        reference: ReferenceRow,
        thumbs: SortedCache[QImage],
        parent: QWidget | None = None,
    ) -> None:
        self._thumbs = thumbs
        self._picture = PictureFace(QSize(SIDE_PX, SIDE_PX))
        super().__init__(reference, self._picture, parent)
        self.name.setFixedWidth(SIDE_PX)
        self.setLayout(column(self._picture, self.name, self.weight, gap=2))
        self.show_row(reference)

    def sizeHint(self) -> QSize:
        return QSize(SIDE_PX, SIDE_PX + 40)

    def retranslate(self) -> None:
        super().retranslate()
        self._describe(t("reference.larger", name=self.row.name))

    def show_content(self) -> None:
        image = self._thumbs.get(self.row.digest)
        if image is not None:
            self._picture.image = image
            self._picture.update()
