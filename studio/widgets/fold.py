"""A section that folds under its own heading."""

from PySide6.QtCore import QEasingCurve, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from studio.widgets import icons, theme
from studio.widgets.base import column, restyle


class Fold(QWidget):
    """A heading that is a button, and a body that it shows or hides."""

    folded = Signal(bool)

    def __init__(self, body: QWidget, motion_ms: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = body
        self.head = QToolButton(self)
        self.head.setProperty("role", "fold")
        self.head.setCheckable(True)
        self.head.setIconSize(QSize(14, 14))
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.head.toggled.connect(self._on_toggled)
        self.setLayout(column(self.head, body))
        self._motion = QVariantAnimation(self)
        self._motion.setDuration(motion_ms)
        self._motion.setEasingCurve(QEasingCurve(theme.MOTION_CURVE))
        self._motion.valueChanged.connect(lambda height: body.setMaximumHeight(int(height)))
        self._motion.finished.connect(self._on_settled)
        body.hide()
        self._point()

    def set_words(self, text: str, lit: bool = False) -> None:
        """lit: what the heading says is worth looking at."""
        if self.head.property("lit") is not lit:
            restyle(self.head, lit=lit)
        self.head.setText(text)
        self.head.setAccessibleName(text)
        self.head.setToolTip(text)

    def set_motion(self, motion_ms: int) -> None:
        self._motion.setDuration(motion_ms)

    def _point(self) -> None:
        self.head.setIcon(icons.icon("chevron-down" if self.head.isChecked() else "chevron-right"))

    def _on_toggled(self, opened: bool) -> None:
        self._point()
        self._body.show()
        tall = self._body.sizeHint().height()
        self._motion.stop()
        self._motion.setStartValue(0 if opened else tall)
        self._motion.setEndValue(tall if opened else 0)
        self._motion.start()
        self.folded.emit(not opened)

    def _on_settled(self) -> None:
        self._body.setVisible(self.head.isChecked())
        self._body.setMaximumHeight(16_777_215)
