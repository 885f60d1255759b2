"""What the fields of all media share: they show a brief and tell what the artist changed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLayout, QSpinBox, QVBoxLayout, QWidget

from engine.messages import Brief
from studio import theme
from studio.i18n import t
from studio.widgets.base import Panel, column

GROUP_GAP_PX = 16


class Fields(Panel):
    """The part of the brief that one medium has alone; `more()` are the rarer wishes."""

    edited = Signal(object)  # dict: fields of the brief and their new values
    more_asked = Signal()  # open the fold
    more_wanted = Signal(bool)  # whether there are rarer wishes at all

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.brief = Brief()

    def lay_out(self, *groups: tuple[QWidget | QLayout, ...]) -> None:
        self.setLayout(column(*(part for group in groups for part in group), gap=GROUP_GAP_PX))

    def first(self) -> QWidget:
        """Where the keys begin."""
        raise NotImplementedError

    def more(self) -> QWidget:
        raise NotImplementedError

    def show_brief(self, brief: Brief) -> None:
        self.brief = brief


def group(*parts: QWidget | QLayout) -> QVBoxLayout:
    """A name and its control, close together."""
    return column(*parts, gap=theme.GRID_PX)


def slider_words(key: str) -> tuple[str, str, str, str]:
    """Name, both ends and the hint of a LabelledSlider."""
    return t(key), t(f"{key}_low"), t(f"{key}_high"), t(f"{key}_hint")


def number(low: int, high: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.setKeyboardTracking(False)
    field.lineEdit().setTextMargins(8, 0, 8, 0)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return field
