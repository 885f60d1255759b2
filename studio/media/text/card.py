"""A text in the tray."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.media.text.excerpt import draw_excerpt
from studio.media.text.words import Text, text_of
from studio.project.rows import ReferenceRow
from studio.state.foreign_files import SortedCache
from studio.views.reference_card import CardFace, WideCard
from studio.widgets import icons, theme

SIZE = QSize(236, 74)


class TextFace(CardFace):
    """The first lines of a text."""

    text = text_of("")

    def draw(self, painter: QPainter, box: QRectF) -> None:
        if self.text.words:
            draw_excerpt(painter, box.adjusted(10, 6, -22, -4), self.text, theme.BASE_PX)
        else:
            icons.draw(painter, "file-text", QRectF(10, 10, 20, 20), theme.colours().dim)


class TextCard(WideCard):
    """The first lines, readable; a click opens the whole text on the wall."""

    def __init__(
        self, reference: ReferenceRow, texts: SortedCache[Text], parent: QWidget | None = None
    ) -> None:
        self._texts = texts
        self._excerpt = TextFace(SIZE)
        super().__init__(reference, self._excerpt, parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_row(reference)

    def show_content(self) -> None:
        text = self._texts.get(self.row.digest)
        if text is not None:
            self._excerpt.text = text
            self._excerpt.update()
            self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        text = self._excerpt.text
        key = "characters" if text.is_chinese else "words"
        facts = t(f"reference.{key}", n=text.length) if text.length else ""
        self.length.setText(facts)
        heard = "" if self._refusal else " · ".join(filter(None, (text.opening, facts)))
        self._describe(t("reference.read", name=self.row.name), heard)

    def mouseReleaseEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.act()
