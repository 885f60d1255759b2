"""Ways to begin that the empty window offers: what works best, with samples or own files."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRectF, QSize, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.state.session import Session
from studio.views.medium_view import Beginning, MediumViews
from studio.widgets import icons, theme
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton

CARD_PX, CARD_TALL_PX = 212, 106
_ICON_PX = 18


class _Icon(QWidget):
    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setFixedSize(QSize(_ICON_PX, _ICON_PX))

    def paintEvent(self, event) -> None:
        icons.draw(QPainter(self), self._name, QRectF(self.rect()), theme.colours().dim)


class BeginningCard(Panel):
    """`asked(own)`: begin so, with samples or with files of one's own."""

    asked = Signal(bool)

    def __init__(self, beginning: Beginning, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Card")
        self._name = beginning.name
        self._title, self._line = label("strong"), label("small", wrap=True)
        self.samples, self.own = TextButton("link"), TextButton("link")
        self.samples.clicked.connect(lambda: self.asked.emit(False))
        self.own.clicked.connect(lambda: self.asked.emit(True))
        head = row(_Icon(beginning.icon, self), self._title, None)
        lines = column(head, self._line, None, row(self.samples, None, self.own), gap=6)
        lines.setContentsMargins(12, 9, 12, 8)
        self.setLayout(lines)
        self.setFixedSize(CARD_PX, CARD_TALL_PX)
        self.retranslate()

    def retranslate(self) -> None:
        title, line = t(f"begin.{self._name}"), t(f"begin.{self._name}_line")
        self._title.setText(title)
        self._line.setText(line)
        self.samples.set_words(t("begin.samples"), t("what.samples"))
        self.own.set_words(t("begin.own"), line)
        for button in (self.samples, self.own):  # which of the four, for those who cannot see
            button.setAccessibleName(f"{title}: {button.text()}")
        self.setAccessibleName(title)


class BeginningCards(QWidget):
    """All of them, side by side or two by two. `asked(medium, name, own)`."""

    asked = Signal(Medium, str, bool)

    def __init__(self, views: MediumViews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by_name: dict[str, BeginningCard] = {}
        for medium, view in views.items():
            for beginning in view.beginnings:
                card = self.by_name[beginning.name] = BeginningCard(beginning, self)
                card.asked.connect(
                    lambda own, medium=medium, name=beginning.name: self.asked.emit(
                        medium, name, own
                    )
                )
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.GAP_PX)
        self._columns = 0
        self.fit(0)

    def fit(self, width: int) -> None:
        """As many in a line as there is room for: all, or half of them."""
        cards = list(self.by_name.values())
        whole = len(cards) * (CARD_PX + theme.GAP_PX) - theme.GAP_PX
        columns = len(cards) if width >= whole else max(1, len(cards) // 2)
        if columns != self._columns:
            self._columns = columns
            for place, card in enumerate(cards):
                self._grid.addWidget(card, place // columns, place % columns)


class Beginnings(QObject):
    """Begins as a card asks: the brief first, then the references, so that the first small work is
    what was asked for already."""

    def __init__(
        self,
        session: Session,
        views: MediumViews,
        choose_own: Callable[[Medium], Sequence],
        window: QWidget,
    ) -> None:
        """`choose_own(medium)`: files of the artist's; empty when it was cancelled."""
        super().__init__(window)
        self._session, self._views = session, views
        self._choose_own, self._window = choose_own, window

    def begin_with_samples(self, medium: Medium) -> None:
        """The shipped samples of one artist, and no wish."""
        self._session.add_sources(self._session.workspace.media[medium].samples())

    def begin(self, medium: Medium, name: str, own: bool) -> None:
        view, rules = self._views[medium], self._session.workspace.media[medium]
        beginning = next(each for each in view.beginnings if each.name == name)
        sources = self._choose_own(medium) if own else rules.samples()
        if sources and view.begin(beginning, self._window):
            self._session.add_sources(list(sources))
