"""Pages that stand beside the window: one of each, made when it is first asked for."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QWidget


class PageOpener(QObject):
    """Opens a page by its action, or brings the open one to the front. `page` is None while there
    is none. make: the page; whatever it needs may be imported there, so that nobody waits for it
    who never opens it."""

    def __init__(self, action: QAction, make: Callable[[], QDialog], window: QWidget) -> None:
        super().__init__(window)
        self._make = make
        self.page: QDialog | None = None
        action.triggered.connect(self.open)

    def open(self) -> None:
        if self.page is None:
            self.page = self._make()
            self.page.finished.connect(self._on_closed)
            self.page.show()
        else:
            self.page.raise_()
        self.page.activateWindow()

    def close(self) -> None:
        """With the window its pages close: none may keep the application alive."""
        if self.page is not None:
            self.page.close()

    def _on_closed(self) -> None:
        if self.page is not None:
            self.page.deleteLater()
        self.page = None
