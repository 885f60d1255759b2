"""What a picture shows, in words, and the LoRA files that it is drawn with."""

import re

from PySide6.QtWidgets import QWidget

from engine.protocol import GeneratorInfo, PictureBrief
from studio.i18n import t
from studio.views.fields import Fields, room
from studio.widgets.base import column, label
from studio.widgets.inputs import LineField


class PromptFields(Fields):
    """Hidden until a style stands whose generator reads words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = {name: label("dim") for name in ("prompt", "looks")}
        self.prompt, self.looks = LineField(), LineField()
        self._rooms = {
            "prompt": room(self._names["prompt"], self.prompt),
            "looks": room(self._names["looks"], self.looks),
        }
        self.setLayout(column(*self._rooms.values()))
        self.prompt.editingFinished.connect(self._on_prompt)
        self.looks.editingFinished.connect(self._on_looks)
        self.retranslate()

    def retranslate(self) -> None:
        for name, key in (("prompt", "brief.picture_prompt"), ("looks", "brief.looks")):
            line = getattr(self, name)
            self._names[name].setText(t(key))
            line.setAccessibleName(t(key))
            line.setToolTip(t(f"{key}_hint"))
            line.setPlaceholderText(t(f"{key}_hint"))

    def serve(self, generator: GeneratorInfo | None) -> None:
        super().serve(generator)
        self.show_brief(self.brief)

    def show_brief(self, brief: PictureBrief) -> None:
        super().show_brief(brief)
        is_read = self.generator is not None
        for name, place in self._rooms.items():
            self.offer(place, name, when=is_read)
        self.setVisible(is_read and self.serves("prompt", "looks"))
        for line, words in ((self.prompt, brief.prompt), (self.looks, ", ".join(brief.looks))):
            if not line.hasFocus():
                line.setText(words)

    def _on_prompt(self) -> None:
        if (words := self.prompt.text().strip()) != self.brief.prompt:
            self.edited.emit({"prompt": words})

    def _on_looks(self) -> None:
        looks = tuple(each for each in re.split(r"[,，\s]+", self.looks.text()) if each)
        if looks != self.brief.looks:
            self.edited.emit({"looks": looks})
