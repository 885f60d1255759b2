"""A row of choices of which one is set."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QWidget

from studio.widgets.base import row


class Segments(QWidget):
    """Numbers or words side by side; `chosen` says which one the artist took."""

    chosen = Signal(int)

    def __init__(self, values: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        buttons = []
        for value in values:
            button = QToolButton(self)
            button.setText(str(value))
            button.setCheckable(True)
            button.setProperty("role", "segment")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, value)
            buttons.append(button)
        line = row(*buttons, gap=4)
        for index in range(len(buttons)):
            line.setStretch(index, 1)
        self.setLayout(line)
        self._group.idClicked.connect(self.chosen)

    def value(self) -> int:
        return self._group.checkedId()

    def set_value(self, value: int) -> None:
        """Set the segment; a value that no segment has leaves none set."""
        self._group.setExclusive(False)
        for button in self._group.buttons():
            button.setChecked(self._group.id(button) == value)
        self._group.setExclusive(True)

    def set_shown(self, value: int, shown: bool) -> None:
        """Offer this choice, or not."""
        self._group.button(value).setVisible(shown)

    def set_words(self, name: str, words: Sequence[str] = (), hint: str = "") -> None:
        """The name of the whole, and what it does; and a word for each choice, where a number does
        not say it."""
        self.setAccessibleName(name)
        for place, button in enumerate(self._group.buttons()):
            if words:
                button.setText(words[place])
            button.setAccessibleName(f"{name} {button.text()}")
            button.setToolTip(hint)
