"""What goes in: the tray of references, and under it the style that was learned from them."""

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

from engine.protocol import MAX_REFERENCES
from studio.i18n import t
from studio.project.rows import ReferenceRow
from studio.state.problems import of_engine
from studio.state.session import Session
from studio.state.titles import short_names
from studio.views.blend_panel import BlendPanel
from studio.views.medium_view import MediumViews
from studio.views.reference_card import ReferenceCard
from studio.views.style_line import StyleLine
from studio.widgets import icons, theme
from studio.widgets.base import Panel, column, header, label
from studio.widgets.buttons import IconButton
from studio.widgets.flow import Flow
from studio.widgets.notice import Notice

WIDTH_PX = 268


class DropSlot(Panel):
    """The dashed place that says what to do; a click opens the file dialog."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._invited = False
        self.setFixedHeight(96)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()

    def invite(self, invited: bool) -> None:
        """Light up while works are carried over the window."""
        self._invited = invited
        self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(t("tray.drop"))
        self.setToolTip(t("what.drop"))
        self.update()

    def mousePressEvent(self, event) -> None:
        self.clicked.emit()

    def keyPressEvent(self, event) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = theme.colours()
        lit = self._invited or self.hasFocus()
        pen = QPen(QColor(c.accent if lit else c.edge), 1.2)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, theme.CORNER_PX, theme.CORNER_PX)
        painter.setPen(QColor(c.dim))
        painter.setFont(theme.font())
        words = self.rect().adjusted(12, 44, -12, -8)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(words, flags, t("tray.drop"))
        icons.draw(painter, "image-plus", QRectF(self.width() / 2 - 10, 16, 20, 20), c.dim)


class ReferencesPanel(Panel):
    read_asked = Signal(int)  # the whole of a reference, on the wall
    menu_asked = Signal(object, QPoint)  # ReferenceCard, where on it

    def __init__(self, session: Session, views: MediumViews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("SidePanel")
        self._session, self._workspace, self._views = session, session.workspace, views
        self._cards: dict[int, ReferenceCard] = {}
        self._heading, self._count = label("heading"), label("dim")
        self.add = IconButton("plus")
        self.slot = DropSlot(self)
        self.notice = Notice(self)
        self.style_line = StyleLine(session, self)
        self.blend = BlendPanel(session, views, self)
        self._tray = QWidget()
        self._flow = Flow(self._tray, gap=8)
        body = QWidget()
        gap = theme.GAP_PX
        inner = column(self._tray, self.slot, self.notice, gap=gap)
        inner.addSpacing(theme.GROUP_PX - gap)
        inner.addWidget(self.style_line)
        inner.addWidget(self.blend)
        inner.addStretch(1)
        inner.setContentsMargins(16, 0, 16, 16)
        body.setLayout(inner)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = header(self._heading, self._count, None, self.add)
        self.setLayout(column(head, scroll, gap=0))
        self.setMinimumWidth(WIDTH_PX)
        self._connect()
        self._on_references_changed()
        self.retranslate()

    def _connect(self) -> None:
        self._workspace.references_changed.connect(self._on_references_changed)
        self._workspace.medium_changed.connect(self._on_medium_changed)
        self._session.adaptation.changed.connect(self._on_style_changed)
        self._session.opening.changed.connect(self._on_resumed)
        self._session.tray.problems_raised.connect(self._on_problems)
        for controller in self._session.controllers.values():
            controller.preview_ready.connect(self._on_ready)

    def cards(self) -> list[ReferenceCard]:
        return list(self._cards.values())

    def retranslate(self) -> None:
        self._heading.setText(t("tray.heading"))
        self.add.set_words(t("action.add"), "Ctrl+I")
        self._show_count()

    def _show_count(self) -> None:
        words = t("tray.count", n=len(self._cards), limit=MAX_REFERENCES)
        self._count.setText(words if self._cards else "")
        self.add.setEnabled(len(self._cards) < MAX_REFERENCES)

    def _on_references_changed(self) -> None:
        rows = {row.id: row for row in self._workspace.references()}
        for gone in self._gone(rows):
            card = self._cards.pop(gone)
            self._flow.removeWidget(card)
            card.hide()
            card.deleteLater()
        for reference_id, reference in rows.items():
            if reference_id in self._cards:
                self._cards[reference_id].show_row(reference)
            else:
                self._add_card(reference)
        names = short_names([row.name for row in rows.values()])
        for reference_id, name in zip(rows, names, strict=True):
            self._cards[reference_id].show_name(name)
        self._tray.setVisible(bool(rows))
        self.slot.setVisible(not rows)
        self._show_count()
        self._flow.invalidate()
        self._tray.updateGeometry()

    def _gone(self, rows: Mapping[int, ReferenceRow]) -> list[int]:
        """Cards of references that are not in the tray; another project has others of an id."""
        same = {
            key
            for key, row in rows.items()
            if key in self._cards and row.digest == self._cards[key].row.digest
        }
        return [key for key in self._cards if key not in same]

    def _add_card(self, reference: ReferenceRow) -> None:
        card = self._views[reference.medium].card(reference, self._tray)
        card.read_asked.connect(self.read_asked)
        card.removed.connect(self._session.edits.remove_reference)
        card.weighted.connect(self._session.edits.set_weight)
        card.customContextMenuRequested.connect(lambda point: self.menu_asked.emit(card, point))
        self._cards[reference.id] = card
        self._flow.addWidget(card)
        card.show()
        self._show_content(card)

    def _on_medium_changed(self) -> None:
        self.notice.show_text("")
        self._on_references_changed()

    def _on_resumed(self) -> None:
        for card in self._cards.values():
            self._show_content(card)

    def _on_ready(self, digest: str) -> None:
        for card in self._cards.values():
            if card.row.digest == digest:
                self._show_content(card)

    def _show_content(self, card: ReferenceCard) -> None:
        """With what the reader has to say of it, before anything is learned."""
        card.show_content()
        remarks = self._session.inspector.remarks_of(card.row.digest)
        card.show_remarks("\n".join(of_engine(each).text for each in remarks))

    def _on_problems(self, found) -> None:
        self.notice.show_text("\n".join(problem.text for problem in found))

    def _on_style_changed(self) -> None:
        refusals = self._session.adaptation.refusals
        for reference_id, card in self._cards.items():
            refusal = refusals.get(reference_id)
            card.show_refusal(refusal.text if refusal else "")
        if refusals:
            self.notice.show_text("\n".join(refusal.text for refusal in refusals.values()))
