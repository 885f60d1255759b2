"""What a picture shows, in words, and the LoRA files that it is drawn with."""

from PySide6.QtWidgets import QWidget

from engine.protocol import GeneratorInfo, PictureBrief
from studio.i18n import t
from studio.media.image.look_sliders import LookSliders
from studio.state.models import Models
from studio.views.fields import Fields, room
from studio.widgets.base import column, label
from studio.widgets.inputs import LineField


class PromptFields(Fields):
    """Hidden until a style stands whose generator reads words."""

    def __init__(self, models: Models, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._names = {name: label("dim") for name in ("prompt", "looks")}
        self.prompt, self.looks = LineField(), LookSliders()
        self._rooms = {
            "prompt": room(self._names["prompt"], self.prompt),
            "looks": room(self._names["looks"], self.looks),
        }
        self.setLayout(column(*self._rooms.values()))
        self.prompt.editingFinished.connect(self._on_prompt)
        self.looks.changed.connect(lambda looks: self.edited.emit({"looks": looks}))
        models.changed.connect(self._on_models)
        self.retranslate()

    def retranslate(self) -> None:
        self._names["prompt"].setText(t("brief.picture_prompt"))
        self._names["looks"].setText(t("brief.looks"))
        self._names["looks"].setToolTip(t("brief.looks_hint"))
        self.prompt.setAccessibleName(t("brief.picture_prompt"))
        self.prompt.setToolTip(t("brief.picture_prompt_hint"))
        self.prompt.setPlaceholderText(t("brief.picture_prompt_hint"))
        self.looks.retranslate()

    def serve(self, generator: GeneratorInfo | None) -> None:
        super().serve(generator)
        if generator is not None and self.serves("looks") and self._models.result is None:
            self._models.refresh()
        self.show_brief(self.brief)

    def show_brief(self, brief: PictureBrief) -> None:
        super().show_brief(brief)
        is_read = self.generator is not None
        self.looks.show_looks(brief.looks)
        self.offer(self._rooms["prompt"], "prompt", when=is_read)
        self.offer(self._rooms["looks"], "looks", when=is_read and not self.looks.is_empty)
        self.setVisible(is_read and self.serves("prompt", "looks"))
        if not self.prompt.hasFocus():
            self.prompt.setText(brief.prompt)

    def _on_models(self) -> None:
        if self._models.result is not None:
            self.looks.show_files(self._models.result.models)
            self.show_brief(self.brief)

    def _on_prompt(self) -> None:
        if (words := self.prompt.text().strip()) != self.brief.prompt:
            self.edited.emit({"prompt": words})
