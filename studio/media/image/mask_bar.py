"""Under the picture while a region of it is painted: brush, rectangle, all, and done."""

import math

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.media.image.mask_easel import MAX_BRUSH, MIN_BRUSH
from studio.media.image.mask_editor import MaskEditor
from studio.media.image.uses import ALTERNATIVES
from studio.views.bar import Bar
from studio.widgets import theme
from studio.widgets.base import Elided, label, row
from studio.widgets.buttons import TextButton, WordButton
from studio.widgets.segments import Segments
from studio.widgets.slider import QuietSlider

_STEPS = 100  # of the brush, evenly for the eye: each so many times larger
_PAINT, _ERASE = 0, 1
_VERBS = {"fill_all": "Ctrl+A", "invert": "I", "clear": "Del"}


class MaskBar(Bar):
    swap_asked = Signal()  # alternatives for what is marked

    def __init__(self, editor: MaskEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._editor, self._easel = editor, editor.easel
        self._hint, self._brush = Elided("dim", least=0.5), label("dim")
        self.tool = Segments((_PAINT, _ERASE))
        self.brush = QuietSlider(0, _STEPS, _STEPS // 2)
        self.brush.setFixedWidth(112)
        self.box = WordButton()
        self.box.setCheckable(True)
        self.verbs = {name: WordButton() for name in _VERBS}
        self.swap, self.done = TextButton(), TextButton()
        tools = row(
            *(self.tool, self._brush, self.brush, self.box, *self.verbs.values()),
            *(self.swap, self.done),
            gap=4,
        )
        for place in (1, 4, 9):  # air between kinds of tools
            tools.insertSpacing(place, theme.GAP_PX)
        line = row(self._hint, tools)
        line.setStretch(0, 1)
        line.setContentsMargins(16, 0, 12, 0)
        self.setLayout(line)
        self._connect()
        self.retranslate()
        self._show()

    def _connect(self) -> None:
        easel = self._easel
        self.tool.chosen.connect(lambda tool: easel.set_erases(tool == _ERASE))
        self.brush.valueChanged.connect(lambda value: easel.set_brush(_across(value)))
        self.box.clicked.connect(self._on_box)
        self.swap.clicked.connect(self.swap_asked)
        for name, button in self.verbs.items():
            button.clicked.connect(lambda _on=False, name=name: easel.act(name))
        easel.brush_changed.connect(self._show)
        self._editor.changed.connect(self._show)

    def retranslate(self) -> None:
        self._hint.set_text(t("mask.hint"))
        self._hint.setToolTip(t("mask.keys"))
        self._brush.setText(t("mask.brush"))
        self.brush.setAccessibleName(t("mask.brush"))
        self.brush.setToolTip(t("mask.brush_keys"))
        self.tool.set_words(t("mask.tool"), [t("mask.paint"), t("mask.erase")], t("what.mask_tool"))
        self.box.set_words(t("mask.box"), "M")
        self.box.setToolTip(t("mask.box_keys"))
        for name, button in self.verbs.items():
            button.set_words(t(f"mask.{name}"), _VERBS[name])
        self.swap.set_words(t("mask.swap", n=ALTERNATIVES), t("what.swap", n=ALTERNATIVES))
        self.done.set_words(t("mask.done"), "Esc")

    def _show(self) -> None:
        easel = self._easel
        with QSignalBlocker(self.brush):
            self.brush.setValue(round(_STEPS * _place(easel.brush_px)))
        self.tool.set_value(_ERASE if easel.erases else _PAINT)
        self.box.setChecked(easel.box is not None)
        painting = easel.painting
        marked = painting is not None and not painting.is_empty()
        self.verbs["clear"].setEnabled(marked)
        self.swap.setEnabled(marked and self._editor.can_swap())

    def _on_box(self) -> None:
        self._easel.toggle_box()
        self._easel.setFocus()  # the arrow keys move it


def _across(value: int) -> float:
    return MIN_BRUSH * (MAX_BRUSH / MIN_BRUSH) ** (value / _STEPS)


def _place(across_px: float) -> float:
    """0 … 1 on the slider."""
    return math.log(across_px / MIN_BRUSH) / math.log(MAX_BRUSH / MIN_BRUSH)
