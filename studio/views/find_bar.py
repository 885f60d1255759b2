"""Words to find works by, and the order in which they hang."""

from functools import partial

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from studio.i18n import t
from studio.state.finding import TAG
from studio.views.actions import key_words
from studio.views.gallery_order import Order
from studio.widgets.base import Panel, row
from studio.widgets.buttons import IconButton
from studio.widgets.inputs import Choice

_PAUSE_MS = 150  # while somebody types
_LEAST_PX, _MOST_PX = 120, 260


class SearchField(QLineEdit):
    """Takes Esc, which is the window's elsewhere: there it would stop what is being made."""

    escaped = Signal()

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class FindBar(Panel):
    """`searched` comes when typing rests; Esc clears the words, and then gives the keys back."""

    searched = Signal(str)
    ordered = Signal(object)  # Order
    left = Signal()
    keep_asked = Signal(str)  # these words, as a collection
    tags_wanted = Signal()  # before the menu opens: `offer_tags` answers

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words, self.order = SearchField(), Choice()
        self.words.setMinimumWidth(_LEAST_PX)
        self.words.setMaximumWidth(_MOST_PX)
        self.tags, self.wipe = IconButton("tag", 16), IconButton("x", 14)
        self.menu = QMenu(self)
        self.tags.clicked.connect(self._on_tags)
        self.wipe.clicked.connect(self.words.clear)
        self.wipe.hide()
        self.words.textChanged.connect(lambda text: self.wipe.setVisible(bool(text)))
        self.order.setProperty("role", "quiet")
        self.order.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        field = row(self.words, self.wipe, self.tags, gap=4)
        field.setStretch(0, 1)
        line = row(field, self.order, gap=12)
        line.setStretch(0, 1)
        self.setLayout(line)
        self._rest = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._rest.timeout.connect(lambda: self.searched.emit(self.words.text()))
        self.words.textChanged.connect(lambda _text: self._rest.start())
        self.words.escaped.connect(self._on_escaped)
        self.words.returnPressed.connect(self._on_return)
        self.order.activated.connect(lambda n: self.ordered.emit(self.order.itemData(n)))
        self.retranslate()

    def retranslate(self) -> None:
        self.words.setPlaceholderText(t("find.words"))
        self.words.setAccessibleName(t("find.words"))
        self.words.setToolTip(f"{t('find.hint')}  {key_words('search')}")
        self.tags.set_words(t("find.tags"))
        self.wipe.set_words(t("find.clear"), "Esc")
        chosen = self.order.currentData() or Order.NEWEST
        with QSignalBlocker(self.order):
            self.order.clear()
            for each in Order:
                self.order.addItem(t(f"order.{each.value}"), each)
            self.order.setCurrentIndex(self.order.findData(chosen))
        self.order.setAccessibleName(t("find.order"))
        self.order.setToolTip(t("find.order"))

    def begin(self) -> None:
        """The keys come here."""
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def clear(self) -> None:
        """Without a word to anybody: all works are shown by whoever asks."""
        with QSignalBlocker(self.words):
            self.words.clear()
        self.wipe.hide()
        self._rest.stop()

    def show_words(self, words: str) -> None:
        """These are searched for; whoever asks for that shows what is found."""
        with QSignalBlocker(self.words):
            self.words.setText(words)
        self.wipe.setVisible(bool(words))
        self._rest.stop()

    def offer_tags(self, tags: list[str]) -> None:
        self.menu.clear()
        for tag in tags:
            action = self.menu.addAction(f"{TAG}{tag}")
            action.triggered.connect(partial(self._add_tag, tag))
        if not tags:
            self.menu.addAction(t("find.no_tags")).setEnabled(False)
        if words := self.words.text().strip():
            self.menu.addSeparator()
            keep = self.menu.addAction(t("collection.keep_search", words=words))
            keep.triggered.connect(lambda: self.keep_asked.emit(words))

    def _add_tag(self, tag: str, _on: bool = False) -> None:
        words = self.words.text().strip()
        self.words.setText(f"{words} {TAG}{tag}".strip())

    def _on_tags(self) -> None:
        self.tags_wanted.emit()
        self.menu.popup(self.words.mapToGlobal(self.words.rect().bottomLeft()))

    def _on_return(self) -> None:
        """Found: on to the works."""
        self._rest.stop()
        self.searched.emit(self.words.text())
        self.left.emit()

    def _on_escaped(self) -> None:
        if self.words.text():
            self.words.clear()
        else:
            self.left.emit()
