"""What goes in: the tray of references, and under it the style that was learned from them."""

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

from engine.messages import MAX_REFERENCES, Medium
from studio.i18n import t
from studio.media.audio import tones
from studio.media.audio.card import MusicCard
from studio.media.audio.music import is_score
from studio.media.audio.player import Track
from studio.state.session import Session
from studio.state.titles import short_names
from studio.views.blend_panel import BlendPanel
from studio.views.reference_card import PictureCard, ReferenceCard, TextCard
from studio.views.style_line import StyleLine
from studio.widgets import icons, theme
from studio.widgets.base import Panel, column, header, label
from studio.widgets.buttons import IconButton
from studio.widgets.flow import Flow
from studio.widgets.notice import Notice

WIDTH_PX = 268
CARDS = {Medium.IMAGE: PictureCard, Medium.TEXT: TextCard, Medium.AUDIO: MusicCard}


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
    read_asked = Signal(int)  # the whole text of a reference
    menu_asked = Signal(object, QPoint)  # ReferenceCard, where on it

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("SidePanel")
        self._session = session
        self._cards: dict[int, ReferenceCard] = {}
        self._heading, self._count = label("heading"), label("dim")
        self.add = IconButton("plus")
        self.slot = DropSlot(self)
        self.notice = Notice(self)
        self.style_line = StyleLine(session, self)
        self.blend = BlendPanel(session, self)
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
        self._session.references_changed.connect(self._on_references_changed)
        self._session.medium_changed.connect(self._on_medium_changed)
        self._session.style_changed.connect(self._on_style_changed)
        self._session.tray.problems_raised.connect(self._on_problems)
        shelves = self._session.shelves
        for shelf in (shelves.thumbs, shelves.texts, self._session.sketches):
            shelf.ready.connect(self._on_ready)
        self._session.player.changed.connect(self._show_heard)
        self._session.player.moved.connect(self._show_heard)

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
        rows = {row.id: row for row in self._session.references()}
        for gone in self._cards.keys() - rows.keys():
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

    def _add_card(self, reference) -> None:
        card = CARDS[reference.medium](reference, self._tray)
        if isinstance(card, MusicCard):
            card.play_asked.connect(self._on_play)
        card.read_asked.connect(self.read_asked)
        card.removed.connect(self._session.remove_reference)
        card.weighted.connect(self._session.set_weight)
        card.customContextMenuRequested.connect(lambda point: self.menu_asked.emit(card, point))
        self._cards[reference.id] = card
        self._flow.addWidget(card)
        card.show()
        self._show_face(card)

    def _show_face(self, card: ReferenceCard) -> None:
        shelves = self._session.shelves
        if isinstance(card, PictureCard) and (image := shelves.thumbs.get(card.row.digest)):
            card.show_image(image)
        elif isinstance(card, TextCard) and (text := shelves.texts.get(card.row.digest)):
            card.show_text(text)
        elif isinstance(card, MusicCard):
            music = self._session.sketches.of_reference(card.row)
            card.show_sketch(music.sketch) if music is not None else None

    def _on_play(self, reference_id: int, share: float) -> None:
        card, player = self._cards[reference_id], self._session.player
        if not isinstance(card, MusicCard):
            return
        track = self._track(card)
        if share < 0:
            player.toggle(track)
        else:
            player.play(track)
            player.seek(share * track.seconds)

    def _track(self, card: MusicCard) -> Track:
        """A recording as it is; a score in simple tones."""
        project, digest, sketch = self._session.project, card.row.digest, card.sketch
        if is_score(card.row.name):
            return Track(f"tones {digest}", lambda: tones.wav(sketch), sketch.seconds)
        return Track(digest, lambda: project.blob(digest), sketch.seconds)

    def _show_heard(self) -> None:
        player = self._session.player
        for card in self._cards.values():
            if isinstance(card, MusicCard):
                heard = player.track is not None and player.track == self._track(card)
                seconds = player.seconds
                share = player.position_s / seconds if heard and seconds else -1.0
                card.show_heard(heard and player.is_playing, share)

    def _on_medium_changed(self) -> None:
        self.notice.show_text("")
        self._on_references_changed()

    def _on_ready(self, digest: str) -> None:
        for card in self._cards.values():
            if card.row.digest == digest:
                self._show_face(card)

    def _on_problems(self, found) -> None:
        self.notice.show_text("\n".join(problem.text for problem in found))

    def _on_style_changed(self) -> None:
        refusals = self._session.adaptation.refusals
        for reference_id, card in self._cards.items():
            refusal = refusals.get(reference_id)
            card.show_refusal(refusal.text if refusal else "")
        if refusals:
            self.notice.show_text("\n".join(refusal.text for refusal in refusals.values()))
