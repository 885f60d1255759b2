"""What the wall says when nothing hangs there yet."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.beginnings import BeginningCards
from studio.views.medium_view import MediumViews
from studio.widgets import icons, theme
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton

_LEAST = QSize(440, 376)
_LOW_PX = 520  # below, the cards need the room of the emblem and the line


class _Emblem(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(44, 44))

    def paintEvent(self, event) -> None:
        icons.draw(QPainter(self), "images", QRectF(self.rect()), theme.colours().dim)


class EmptyState(Panel):
    """Invites the first references; with references, says what happens next."""

    choose_asked = Signal()

    def __init__(self, session: Session, views: MediumViews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._views = session.workspace, views
        self.setObjectName("EmptyState")
        self._invites, self._busy, self._lit = True, False, False
        self._mark = _Emblem(self)
        self._head, self._line = label("head", wrap=True), label("dim", wrap=True)
        self._line.setFixedWidth(420)
        self.choose = TextButton()
        self.choose.clicked.connect(self.choose_asked)
        self.cards = BeginningCards(views, self)
        buttons = row(None, self.choose, None)
        words = column(self._mark, self._head, self._line, gap=theme.GAP_PX)
        for part in (self._mark, self._head, self._line):
            words.setAlignment(part, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._head, self._line):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words.addSpacing(theme.GRID_PX)
        words.addWidget(self.cards, alignment=Qt.AlignmentFlag.AlignHCenter)
        words.addLayout(buttons)
        self.setLayout(column(None, words, None))
        self.retranslate()

    def show_state(self, invites: bool, busy: bool) -> None:
        self._invites, self._busy = invites, busy
        self.retranslate()

    def invite(self, invited: bool) -> None:
        """Light up while works are carried over the window."""
        self._lit = invited
        self.update()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.cards.fit(self.width() - 2 * theme.GROUP_PX)
        self._show_parts()
        self._fit_head()

    def minimumSizeHint(self) -> QSize:
        return _LEAST

    def _show_parts(self) -> None:
        """The cards, while works are invited; the rest where there is room for it, too."""
        roomy = self.height() >= _LOW_PX or not self._invites
        for part in (self._mark, self._line):
            part.setVisible(roomy)
        for part in (self.choose, self.cards):
            part.setVisible(self._invites)

    def _fit_head(self) -> None:
        """In one line where there is room, else in two."""
        needed = self._head.fontMetrics().horizontalAdvance(self._head.text()) + theme.GRID_PX
        wide = min(needed, self.width() - 2 * theme.GROUP_PX)
        self._head.setFixedWidth(wide)
        room = QRect(0, 0, wide, 1000)
        words = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
        self._head.setFixedHeight(
            self._head.fontMetrics().boundingRect(room, words, self._head.text()).height()
        )

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        c = theme.colours()
        neutral = self._views[self._workspace.medium].has_neutral_ground
        painter.fillRect(self.rect(), QColor(c.wall if neutral else c.ground))
        if self._lit:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(c.accent), 2))
            box = QRectF(self.rect()).adjusted(12, 12, -12, -12)
            painter.drawRoundedRect(box, theme.CORNER_PX, theme.CORNER_PX)

    def retranslate(self) -> None:
        self.choose.set_words(t("empty.choose"), "Ctrl+I")
        self._show_parts()
        key = "invite" if self._invites else "looking" if self._busy else "ready"
        self._head.setText(t(f"empty.{key}_head"))
        medium = "" if self._invites else f"_{self._workspace.medium.value}"
        self._line.setText(t(f"empty.{key}_line{medium}"))
        self._fit_head()
        self._line.setFixedHeight(self._line.heightForWidth(self._line.width()))
