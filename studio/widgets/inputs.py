"""Fields to type into and to choose from. The wheel is for the page until a field has the focus."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSpinBox, QWidget


class NumberField(QSpinBox):
    """A whole number from `low` to `high`, told at every keystroke that leaves one.

    skipped: numbers between that mean nothing; steps go over them, and typing goes through them.
    """

    def __init__(
        self, low: int, high: int, skipped: range = range(0), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._skipped = skipped
        self.setRange(low, high)
        self.lineEdit().setTextMargins(8, 0, 8, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def commit(self) -> None:
        """While it is typed into: take the number that is nearest to what stands there."""
        if self.hasFocus():
            self.interpretText()

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        state, text, place = super().validate(text, place)
        if state == QValidator.State.Acceptable and self.valueFromText(text) in self._skipped:
            state = QValidator.State.Intermediate
        return state, text, place

    def fixup(self, text: str) -> str:
        """The nearest number; what is none stays, and Qt goes back to the one before."""
        words = text.removeprefix(self.prefix()).removesuffix(self.suffix())
        digits = "".join(sign for sign in words if sign.isdigit())
        if text == self.specialValueText():
            return text
        return self.textFromValue(self._nearest(int(digits))) if digits else text

    def stepBy(self, steps: int) -> None:
        target = self.value() + steps * self.singleStep()
        if target in self._skipped:
            target = self._skipped.stop if steps > 0 else self._skipped.start - 1
        self.setValue(target)
        self.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _nearest(self, value: int) -> int:
        value = min(max(value, self.minimum()), self.maximum())
        if value not in self._skipped:
            return value
        below, above = self._skipped.start - 1, self._skipped.stop
        return below if value - below < above - value else above


class LineField(QLineEdit):
    """One line of words; `textEdited` tells them at every keystroke."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


class Choice(QComboBox):
    """One of several, in a list that opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spoken: QLabel | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        if self._spoken is not None:
            self._spoken.setText(name)

    def showEvent(self, event) -> None:
        """Qt says a list's choice in the place of its name, unless a label beside it has that."""
        super().showEvent(event)
        beside = self.parentWidget()
        if beside is None or any(one.buddy() is self for one in beside.findChildren(QLabel)):
            return
        self._spoken = QLabel(self.accessibleName(), beside)
        self._spoken.setBuddy(self)
        self._spoken.hide()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
