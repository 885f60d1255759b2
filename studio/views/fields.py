"""What the fields of all media share: they show a brief and tell what the artist changed."""

import math
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLayout, QSpinBox, QVBoxLayout, QWidget

from engine.protocol import Brief, PictureBrief
from studio.i18n import t
from studio.widgets import theme
from studio.widgets.base import Panel, column

GROUP_GAP_PX = 16
RATIO_STEPS = 50  # slider steps for twice as much


class Fields(Panel):
    """The part of the brief that one medium has alone; `more()` are the rarer wishes."""

    edited = Signal(object)  # dict: fields of the brief and their new values
    more_asked = Signal()  # open the fold
    more_wanted = Signal(bool)  # whether there are rarer wishes at all
    kind: type[Brief] = PictureBrief

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.brief: Any = self.kind()

    def lay_out(self, *groups: tuple[QWidget | QLayout, ...]) -> None:
        self.setLayout(column(*(part for group in groups for part in group), gap=GROUP_GAP_PX))

    def first(self) -> QWidget:
        """Where the keys begin."""
        raise NotImplementedError

    def more(self) -> QWidget:
        raise NotImplementedError

    def show_brief(self, brief: Any) -> None:
        self.brief = brief


def group(*parts: QWidget | QLayout) -> QVBoxLayout:
    """A name and its control, close together."""
    return column(*parts, gap=theme.GRID_PX)


def slider_words(key: str) -> tuple[str, str, str, str]:
    """Name, both ends and the hint of a LabelledSlider."""
    return t(key), t(f"{key}_low"), t(f"{key}_high"), t(f"{key}_hint")


def dial_words(key: str) -> tuple[str, str, str, str]:
    """The same of what ratings turn, too, until the artist does."""
    name, low, high, _hint = slider_words(key)
    return name, low, high, dial_hint(f"{key}_hint")


def dial_hint(key: str) -> str:
    """A hint, and whose the dial is from then on."""
    return f"{t(key)}\n{t('dial.yours')}"


def ratio_at(place: int) -> float:
    """0.5 … 2 for -RATIO_STEPS … RATIO_STEPS of a slider, 1 in the middle."""
    return round(2 ** (place / RATIO_STEPS), 3)


def place_of(ratio: float) -> int:
    """Where a slider stands for a ratio of 0.5 … 2."""
    return round(RATIO_STEPS * math.log2(ratio))


def number(low: int, high: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.setKeyboardTracking(False)
    field.lineEdit().setTextMargins(8, 0, 8, 0)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return field
