"""Buttons: quiet ones with an icon, and the one primary button."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from studio.widgets import icons


class IconButton(QToolButton):
    """An icon, with a word beside it where there is room. The mouse leaves the focus alone."""

    def __init__(
        self,
        icon: str,
        size: int = 18,
        words: bool = False,
        toggle: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setIcon(icons.icon(icon, dim_off=toggle))
        self.setProperty("role", "toggle" if toggle else "")
        self.setIconSize(QSize(size, size))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("words", words)
        self.show_words(words)

    def show_words(self, shown: bool) -> None:
        """The word beside the icon, or the icon alone."""
        style = Qt.ToolButtonStyle
        beside, alone = style.ToolButtonTextBesideIcon, style.ToolButtonIconOnly
        self.setToolButtonStyle(beside if shown else alone)

    def set_icon(self, icon: str, filled: bool = False) -> None:
        self.setIcon(icons.icon(icon, filled))

    def set_words(self, text: str, shortcut: str = "") -> None:
        """The name that is shown or spoken, with the key in the tooltip."""
        self.setText(f" {text}")  # air between the icon and its word
        self.setAccessibleName(text)
        self.setToolTip(f"{text}  {shortcut}" if shortcut else text)


class WordButton(QToolButton):
    """A quiet word that does something, where there is no room for a button with an edge."""

    def __init__(self, role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setProperty("words", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_words(self, text: str, shortcut: str = "") -> None:
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(f"{text}  {shortcut}" if shortcut else text)


FIELD_GAP = "   "  # beside the words of a button that looks like a field: its style sheet's
# padding is not heard


class TextButton(QPushButton):
    """A plain button; `primary` makes it the one loud button of the window."""

    def __init__(self, role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_words(self, text: str, shortcut: str = "") -> None:
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(shortcut)
