"""What can be done in the trash: bring works back, or delete them for good."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.views.dialogs import Question
from studio.widgets.base import Panel, row
from studio.widgets.buttons import TextButton


class TrashBar(Panel):
    """Shown while the gallery shows the trash."""

    restore_asked = Signal()  # of the selected works
    delete_asked = Signal(bool)  # for good, after a question; True: all of them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.restore, self.delete = TextButton("link"), TextButton("link")
        self.empty = TextButton("link")
        self.setLayout(row(self.restore, self.delete, self.empty, gap=16))
        self.restore.clicked.connect(self.restore_asked)
        self.delete.clicked.connect(lambda: self._ask(self._picked, False))
        self.empty.clicked.connect(lambda: self._ask(self._all, True))
        self._picked = self._all = 0
        self.hide()

    def show_counts(self, picked: int, total: int) -> None:
        self._picked, self._all = picked, total
        for button in (self.restore, self.delete):
            button.setEnabled(picked > 0)
        self.empty.setEnabled(total > 0)
        self.retranslate()

    def retranslate(self) -> None:
        for name in ("restore", "delete", "empty"):
            getattr(self, name).set_words(t(f"trash.{name}"), t(f"what.trash_{name}"))

    def _ask(self, count: int, everything: bool) -> None:
        question = Question(
            t("trash.question", n=count), t("trash.warning"), t("trash.delete_them"), self.window()
        )
        if question.exec():
            self.delete_asked.emit(everything)
        question.deleteLater()
