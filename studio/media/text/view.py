"""Texts in the window."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.media.text.card import TextCard
from studio.media.text.controller import text_controller_of
from studio.media.text.excerpt import draw_excerpt
from studio.media.text.fields import TextFields
from studio.media.text.wall import TextWall
from studio.project.rows import ReferenceRow, WorkRow
from studio.state.session import Session
from studio.views.medium_view import CELL_SIZE, JUDGED, KEPT, Beginning, MediumView
from studio.widgets import theme


class TextView(MediumView):
    medium = Medium.TEXT
    action = "texts"
    beginnings = (Beginning("verse", "file-text"),)
    work_menu = (("again",), ("edit", "vertical"), JUDGED, KEPT)
    cell_size: QSize | None = CELL_SIZE

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session, self._texts = session, text_controller_of(session).texts

    def wall(self, parent: QWidget) -> TextWall:
        return TextWall(self._session, parent)

    def fields(self) -> TextFields:
        return TextFields(self._session)

    def card(self, reference: ReferenceRow, parent: QWidget) -> TextCard:
        return TextCard(reference, self._texts, parent)

    def draw_cell(self, painter: QPainter, box: QRectF, work: WorkRow) -> None:
        painter.fillRect(box, QColor(theme.colours().raised))
        text = self._texts.get(work.shown_digest)
        if text is not None:
            draw_excerpt(painter, box.adjusted(9, 6, -7, -6), text, theme.SMALL_PX + 1)

    def content_key(self, work: WorkRow) -> str:
        """Without what sets texts apart only for a machine: spaces, marks and capitals."""
        text = self._texts.get(work.shown_digest)
        letters = "".join(filter(str.isalnum, text.words)).lower() if text is not None else ""
        return letters or work.shown_digest

    def details(self, work: WorkRow) -> str:
        text = self._texts.get(work.shown_digest)
        key = "characters" if text is not None and text.is_chinese else "words"
        facts = [t(f"reference.{key}", n=text.length)] if text is not None else []
        facts += [self.facts(work), *([t("work.edited")] if work.edit else [])]
        return " · ".join(facts)
