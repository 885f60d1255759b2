"""One line that says what went wrong, where it belongs, with the way out."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.widgets import icons, theme
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import IconButton, TextButton


class _Mark(QWidget):
    """The small warning sign."""

    def sizeHint(self) -> QSize:
        return QSize(14, 18)

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        icons.draw(
            painter,
            "triangle-alert",
            QRectF(0, 2, self.width(), self.width()),
            theme.colours().text,
        )


class Notice(Panel):
    """Hidden until `show_text`. `acted` when the way out is taken, `dismissed` when put away."""

    acted = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None, *, wide: bool = False) -> None:
        """wide: the way out stands at the end of the line, not under it."""
        super().__init__(parent)
        self._mark = _Mark(self)
        self._mark.setFixedSize(self._mark.sizeHint())
        self._text = label("notice", wrap=True)
        self._action = TextButton("link")
        self._action.clicked.connect(self.acted)
        self._close = IconButton("x", 14)
        self._close.clicked.connect(self._on_close)
        if wide:
            words = row(self._text, self._action, gap=theme.GROUP_PX)
            words.setStretch(0, 1)
        else:
            words = column(self._text, row(self._action, None), gap=2)
        line = row(self._mark, words, self._close)
        line.setStretch(1, 1)
        for part in (self._mark, self._close):
            line.setAlignment(part, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)
        self.retranslate()
        self.hide()

    def text(self) -> str:
        return self._text.text() if not self.isHidden() else ""

    def show_text(self, text: str, action: str = "", calm: bool = False) -> None:
        """Say it; `action` names the way out. calm: nothing went wrong, so there is no warning
        sign. An empty text puts the line away."""
        self._text.setText(text)
        self._mark.setVisible(not calm)
        self._action.setVisible(bool(action))
        if action:
            self._action.set_words(action, t("notice.act_hint"))
        self.setVisible(bool(text))

    def act(self) -> None:
        self._action.click()

    def retranslate(self) -> None:
        self._close.set_words(t("notice.dismiss"))
        if not self._action.text():
            self._action.set_words(t("problem.retry"), t("notice.act_hint"))

    def _on_close(self) -> None:
        self.hide()
        self.dismissed.emit()
