"""What the fields of all media share: they show a brief and tell what the artist changed."""

import math
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLayout, QVBoxLayout, QWidget

from engine.protocol import Brief, GeneratorInfo, PictureBrief
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
    rarer: tuple[str, ...] = ()  # fields of the brief that `more()` shows

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.brief: Any = self.kind()
        self.generator: GeneratorInfo | None = None

    def lay_out(self, *groups: tuple[QWidget | QLayout, ...]) -> None:
        self.setLayout(column(*(part for group in groups for part in group), gap=GROUP_GAP_PX))

    def first(self) -> QWidget:
        """Where the keys begin."""
        raise NotImplementedError

    def more(self) -> QWidget:
        raise NotImplementedError

    def show_brief(self, brief: Any) -> None:
        self.brief = brief

    def wished(self, brief: Any) -> tuple[str, ...]:
        """Those of the rarer fields that are not as they are before anything is wished for.

        brief: without wishes that have no place in it.
        """
        usual = self.kind()
        shown = (name for name in self.rarer if self.serves(name))
        return tuple(name for name in shown if getattr(brief, name) != getattr(usual, name))

    def serve(self, generator: GeneratorInfo | None) -> None:
        """Show from now on only what this generator serves; None: everything."""
        self.generator = generator
        self.show_brief(self.brief)

    def serves(self, *names: str) -> bool:
        """Whether the generator serves any of these fields of the brief."""
        return self.generator is None or any(name in self.generator.fields for name in names)

    def offer(self, part: QWidget, *names: str, when: bool = True) -> None:
        """Show what asks for these fields, where they have a place."""
        part.setVisible(when and self.serves(*names))


def room(*parts: QWidget | QLayout) -> QWidget:
    """A group that can be put away as a whole."""
    whole = QWidget()
    whole.setLayout(group(*parts))
    return whole


def group(*parts: QWidget | QLayout) -> QVBoxLayout:
    """A name and its control, close together; whoever cannot see hears the one before the other."""
    if len(parts) > 1 and isinstance(parts[0], QLabel) and isinstance(parts[1], QWidget):
        parts[0].setBuddy(parts[1])
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


def ratio_words(place: int) -> str:
    """A place of a slider of ratios as it is written."""
    return f"× {ratio_at(place):.2f}"


def place_of(ratio: float) -> int:
    """Where a slider stands for a ratio of 0.5 … 2."""
    return round(RATIO_STEPS * math.log2(ratio))
