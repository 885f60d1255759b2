"""The queue's own commands: many works overnight, and the word when all is made."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.gallery_panel import GalleryPanel
from studio.widgets import icons

SHOWN_MS = 20_000  # of a notification; the desktop may keep it longer


class QueueCommands(QObject):
    """What is told reaches an artist who looks elsewhere: by the desktop's notification, where it
    has one; the line over the gallery says it in any case."""

    def __init__(
        self, session: Session, actions: Actions, gallery: GalleryPanel, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._gallery, self._window = session, gallery, window
        self.notify: Callable[[str, str], None] = DesktopNotice(window).show
        actions["overnight"].triggered.connect(self._on_overnight)
        session.generation.rested.connect(self._on_rested)

    def _on_overnight(self) -> None:
        from studio.views.overnight_dialog import OvernightDialog

        self._session.workspace.brief_closing.emit()
        dialog = OvernightDialog(self._session, self._window)
        if dialog.exec():
            self._session.maker.make_many(dialog.count, dialog.like)
            self._gallery.said.show_text(t("overnight.queued", n=dialog.count), done=True)
        dialog.deleteLater()

    def _on_rested(self, made: int, failed: bool) -> None:
        """Nothing is said to an artist who watches: the works say it."""
        if self._window.isActiveWindow() and not failed:
            return
        words = t("queue.made_some" if failed else "queue.made", n=made)
        self._gallery.said.show_text(words, done=not failed)
        self.notify(t("queue.rests"), words)


class DesktopNotice(QObject):
    """One notification at a time; a click on it brings the window back."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None  # only while there is something to say

    def show(self, title: str, words: str) -> None:
        QApplication.alert(self._window)
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(icons.application_icon(), self)
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(self._on_clicked)
        self._tray.setToolTip(words)
        self._tray.show()
        self._tray.showMessage(title, words, icons.application_icon(), SHOWN_MS)

    def _on_clicked(self, *_: object) -> None:
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        if self._tray is not None:
            self._tray.hide()
