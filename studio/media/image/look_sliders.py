"""The LoRA files that were added, a slider each for how much of it a picture has."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.protocol import ModelInfo, ModelKind
from studio.i18n import t
from studio.widgets.base import column
from studio.widgets.slider import LabelledSlider

MOST = 200  # percent


def shares_of(looks: tuple[str, ...]) -> dict[str, float]:
    """ "ink:0.8" → {"ink": 0.8}; 1 where nothing is said, or nothing that is a number."""
    found: dict[str, float] = {}
    for each in looks:
        name, _, share = each.partition(":")
        try:
            found[name] = float(share)
        except ValueError:
            found[name] = 1.0
    return found


class LookSliders(QWidget):
    """Those of a brief that are not among the added ones have a slider too, so that they can be
    taken out; shares below nothing, which the command line can ask for, stay until one is moved."""

    changed = Signal(object)  # tuple[str, ...], the brief's `looks`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = column(gap=8)
        self.setLayout(self._lines)
        self._files: tuple[ModelInfo, ...] = ()
        self._looks: tuple[str, ...] = ()
        self.sliders: dict[str, LabelledSlider] = {}

    @property
    def is_empty(self) -> bool:
        return not self.sliders

    def show_files(self, models: tuple[ModelInfo, ...]) -> None:
        self._files = tuple(
            each for each in models if each.kind == ModelKind.LOW_RANK and not each.gone
        )
        self._fill()

    def show_looks(self, looks: tuple[str, ...]) -> None:
        self._looks = looks
        self._fill()

    def retranslate(self) -> None:
        names = {each.id: each for each in self._files}
        for name, slider in self.sliders.items():
            file = names.get(name)
            said = t("brief.look", name=file.name, family=file.family) if file else ""
            words = said or t("brief.look_gone", name=name)
            slider.set_words(words, t("brief.look_low"), t("brief.look_high"), t("brief.look_hint"))

    def _fill(self) -> None:
        shares = shares_of(self._looks)
        wanted = list(dict.fromkeys([*(each.id for each in self._files), *shares]))
        if wanted != list(self.sliders):
            for slider in self.sliders.values():
                self._lines.removeWidget(slider)
                slider.hide()
                slider.deleteLater()
            self.sliders = {name: self._made(name) for name in wanted}
            self.retranslate()
        for name, slider in self.sliders.items():
            slider.show_value(round(100 * shares.get(name, 0.0)))

    def _made(self, name: str) -> LabelledSlider:
        slider = LabelledSlider(0, MOST, 0)
        slider.settled.connect(lambda value: self._on_settled(name, value))
        self._lines.addWidget(slider)
        return slider

    def _on_settled(self, name: str, value: int) -> None:
        shares = shares_of(self._looks) | {name: value / 100}
        ordered = [each for each in self.sliders if shares.get(each)]
        looks = tuple(f"{each}:{shares[each]:g}" for each in ordered)
        if looks != self._looks:
            self._looks = looks
            self.changed.emit(looks)
