"""Under two pictures in one place: which is which, and the line between them as a slider."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.widgets.base import Panel, label, restyle, row
from studio.widgets.slider import QuietSlider

_WHOLE, _WIDTH_PX = 100, 260


class WipeBar(Panel):
    """Hidden until two pictures are shown so."""

    wiped = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("WorkBar")
        restyle(self, ground="neutral")
        self._left, self._right = label("dim"), label("dim")
        self.slider = QuietSlider(0, _WHOLE, _WHOLE // 2)
        self.slider.setFixedWidth(_WIDTH_PX)
        line = row(None, self._left, self.slider, self._right, None, gap=12)
        line.setStretch(0, 1)
        line.setStretch(4, 1)
        line.setContentsMargins(16, 0, 16, 0)
        line.addStrut(28)
        self.setLayout(line)
        self.slider.valueChanged.connect(lambda value: self.wiped.emit(value / _WHOLE))
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self.slider.setAccessibleName(t("wipe.line"))
        self.slider.setToolTip(t("wipe.hint"))

    def show_names(self, left: str, right: str) -> None:
        self._left.setText(left)
        self._right.setText(right)
        self.show()

    def names(self) -> tuple[str, str]:
        return self._left.text(), self._right.text()

    def show_line(self, share: float) -> None:
        self.slider.show_value(round(share * _WHOLE))
