"""What the small windows share: a heading, a body, one row of buttons."""

from PySide6.QtWidgets import QDialog, QLayout, QWidget

from studio.i18n import t
from studio.widgets import theme
from studio.widgets.base import column, label, row
from studio.widgets.buttons import TextButton


class PlainDialog(QDialog):
    """A small window; `done_button` closes it."""

    def __init__(self, title: str, width_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(width_px)
        self._heading = label("title")
        self._lines = column(self._heading, gap=theme.GAP_PX)
        self.set_title(title)
        self._lines.setContentsMargins(24, 20, 24, 20)
        self.setLayout(self._lines)

    def set_title(self, title: str) -> None:
        self.setWindowTitle(title)
        self._heading.setText(title)

    def put(self, *parts: QWidget | QLayout) -> None:
        for part in parts:
            if isinstance(part, QLayout):
                self._lines.addLayout(part)
            else:
                self._lines.addWidget(part)

    def put_buttons(self, *buttons: TextButton, left: TextButton | None = None) -> None:
        self._lines.addSpacing(theme.GRID_PX * 2)
        self._lines.addLayout(row(*([left] if left else []), None, *buttons))


class Question(PlainDialog):
    """Something that cannot be taken back: done only when the artist says so. `exec` tells."""

    def __init__(self, title: str, words: str, yes: str, parent: QWidget | None = None) -> None:
        super().__init__(title, 400, parent)
        text = label(wrap=True)
        text.setText(words)
        self.put(text)
        self.no, self.yes = TextButton(), TextButton()
        self.no.set_words(t("dialog.cancel"))
        self.yes.set_words(yes)
        self.no.setDefault(True)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)
        self.put_buttons(self.no, self.yes)
