"""One line that says how something goes, or that it went well, with what can be done about it."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.i18n import t
from studio.widgets import icons, theme
from studio.widgets.base import Elided, Panel, row
from studio.widgets.buttons import IconButton, TextButton

_MOST_PX = 360
_ICON_PX = 14


class _Mark(QWidget):
    """A tick, once it is done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(_ICON_PX, _ICON_PX))

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        icons.draw(painter, "check", QRectF(self.rect()), theme.colours().text)


class _Words(Elided):
    """As wide as all of them, where there is room."""

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self.whole) + 2
        return QSize(min(_MOST_PX, wide), super().sizeHint().height())


class Said(Panel):
    """Hidden until `show_text`. `acted` when the link is followed; the words never wrap."""

    acted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark, self._words = _Mark(self), _Words()
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.link = TextButton("link")
        self.close_button = IconButton("x", _ICON_PX)
        self.link.clicked.connect(self.acted)
        self.close_button.clicked.connect(self.hide)
        line = row(self._mark, self._words, self.link, self.close_button)
        line.setStretch(1, 1)
        self.setLayout(line)
        self.retranslate()

    def text(self) -> str:
        """The whole of what is said; "" while nothing is."""
        return "" if self.isHidden() else self._words.whole

    @property
    def is_done(self) -> bool:
        return not self._mark.isHidden()

    def show_text(self, text: str, link: str = "", done: bool = False) -> None:
        """Say it; an empty text puts the line away. done: it went well."""
        self._words.set_text(text)
        self._words.updateGeometry()
        self._mark.setVisible(done)
        self.link.setVisible(bool(link))
        if link:
            self.link.set_words(link, t("notice.act_hint"))
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def retranslate(self) -> None:
        """What was said in another language is put away."""
        self.hide()
        self.close_button.set_words(t("notice.dismiss"))
        if not self.link.text():
            self.link.set_words(t("export.open_folder"), t("notice.act_hint"))
