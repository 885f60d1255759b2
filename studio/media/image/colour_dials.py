"""The last colours of a picture: five dials, each between two words, and a way back."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.protocol import PictureBrief
from studio.i18n import t
from studio.views.fields import Fields, dial_hint
from studio.widgets import theme
from studio.widgets.base import column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.slider import QuietSlider

DIALS = ("light", "contrast", "warmth", "redness", "vividness")  # fields of the brief, -1 … 1
_STEPS = 50  # of a slider for a whole step of the brief


class ColourDials(Fields):
    """One line a dial, so that five of them stay calm; in the middle is as it was painted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self.reset = label("dim"), TextButton("link")
        self.sliders = {name: QuietSlider(-_STEPS, _STEPS, 0) for name in DIALS}
        self._ends = {name: (label("small"), label("small")) for name in DIALS}
        for name, slider in self.sliders.items():
            slider.settled.connect(partial(self._on_settled, name))
        self.reset.clicked.connect(lambda: self.edited.emit(dict.fromkeys(DIALS, 0.0)))
        kept = self.reset.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # the dials do not jump when it comes
        self.reset.setSizePolicy(kept)
        self.setLayout(column(row(self._name, None, self.reset), self._grid(), gap=theme.GRID_PX))
        self.retranslate()

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * theme.GRID_PX)
        grid.setVerticalSpacing(theme.GRID_PX)
        grid.setColumnStretch(1, 1)
        for place, name in enumerate(DIALS):
            low, high = self._ends[name]
            grid.addWidget(low, place, 0)
            grid.addWidget(self.sliders[name], place, 1)
            grid.addWidget(high, place, 2, Qt.AlignmentFlag.AlignRight)
        return grid

    def first(self) -> QWidget:
        return self.sliders[DIALS[0]]

    def retranslate(self) -> None:
        self._name.setText(t("brief.colours"))
        self.reset.set_words(t("brief.colours_reset"), t("what.colours_reset"))
        for name, slider in self.sliders.items():
            low, high = self._ends[name]
            low.setText(t(f"brief.{name}_low"))
            high.setText(t(f"brief.{name}_high"))
            slider.setAccessibleName(t(f"brief.{name}"))
            for part in (slider, low, high):
                part.setToolTip(dial_hint(f"brief.{name}_hint"))
        self.show_brief(self.brief)

    def show_brief(self, brief: PictureBrief) -> None:
        super().show_brief(brief)
        for name, slider in self.sliders.items():
            slider.show_value(round(_STEPS * getattr(brief, name)))
            for part in (slider, *self._ends[name]):
                self.offer(part, name)
        self.reset.setVisible(any(getattr(brief, name) for name in DIALS))

    def _on_settled(self, name: str, value: int) -> None:
        self.edited.emit({name: value / _STEPS})
