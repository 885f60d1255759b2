"""What is asked of pictures: what they start from, size, invention, boldness."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget

from engine.protocol import GeneratorInfo, PictureBrief, Use
from studio.i18n import t
from studio.media.image import uses
from studio.media.image.colour_dials import DIALS
from studio.media.image.controller import image_controller_of
from studio.media.image.more_fields import PictureMoreFields
from studio.media.image.prompt_fields import PromptFields
from studio.media.image.start_fields import StartFields
from studio.state.session import Session
from studio.views.fields import Fields, dial_words, room, slider_words
from studio.widgets.base import label
from studio.widgets.inputs import Choice
from studio.widgets.slider import LabelledSlider

SIZES: dict[str, tuple[int, int]] = {
    "landscape": (512, 352),
    "portrait": (352, 512),
    "square": (416, 416),
    "wide": (640, 272),
    "large": (768, 528),
}
SLIDERS = ("invention", "collage", "boldness")  # fields of the brief
BY_HAND_ALONE = {"collage"}  # what ratings never turn


class PictureFields(Fields):
    rarer = ("detail", "brush", "symmetry", "palette", *DIALS, "variation", "tile")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cache = image_controller_of(session).caches.sizes
        self.start, self.rest = StartFields(session), PictureMoreFields(session)
        self.words = PromptFields(session.models)
        self._size = label("dim")
        self.size_box = Choice()
        self.sliders = {
            name: LabelledSlider(0, 100, round(getattr(PictureBrief(), name) * 100))
            for name in SLIDERS
        }
        self._size_room = room(self._size, self.size_box)
        self.lay_out((self.words, self.start, self._size_room), (*self.sliders.values(),))
        self.size_box.activated.connect(self._on_size_chosen)
        for name, slider in self.sliders.items():
            slider.settled.connect(lambda value, name=name: self.edited.emit({name: value / 100}))
        for fields in (self.words, self.start, self.rest):
            fields.edited.connect(self.edited)
        self._cache.ready.connect(self._on_measured)
        self.retranslate()

    def first(self) -> QWidget:
        return self.size_box if self.start.isHidden() else self.start.first()

    def more(self) -> QWidget:
        return self.rest

    def retranslate(self) -> None:
        self._size.setText(t("brief.size"))
        self.size_box.setAccessibleName(t("brief.size"))
        self.size_box.setToolTip(t("what.size"))
        for name, slider in self.sliders.items():
            words = slider_words if name in BY_HAND_ALONE else dial_words
            slider.set_words(*words(f"brief.{name}"))
        self._fill_sizes()

    def serve(self, generator: GeneratorInfo | None) -> None:
        for fields in (self.words, self.start, self.rest):
            fields.serve(generator)
        super().serve(generator)
        self.more_wanted.emit(self.rest.has_any())

    def show_brief(self, brief: PictureBrief) -> None:
        super().show_brief(brief)
        self.words.show_brief(brief)
        self.start.show_brief(brief)
        self.rest.show_brief(brief)
        for name, slider in self.sliders.items():
            slider.show_value(round(getattr(brief, name) * 100))
        places = {"invention": brief.use in uses.INVENTED, "collage": brief.use is Use.COMPOSE}
        for name, slider in self.sliders.items():
            self.offer(slider, name, when=places.get(name, True))
        self.offer(self._size_room, "width_px", "height_px")
        self._fill_sizes()

    # ---- sizes ---------------------------------------------------------------------------------

    def _sizes(self) -> dict[str, tuple[int, int]]:
        """Those to choose from: the usual ones, or what follows from the picture to start from."""
        brief = self.brief
        if not uses.has_start(brief):
            return SIZES
        start = self._cache.get(brief.content)
        own = uses.sizes(brief.use, start) if start and all(start) else {}
        return own | SIZES if brief.use in uses.WITH_STRENGTH else own

    def _fill_sizes(self) -> None:
        now, sizes = (self.brief.width_px, self.brief.height_px), self._sizes()
        with QSignalBlocker(self.size_box):
            self.size_box.clear()
            for name, (wide, tall) in sizes.items():
                self.size_box.addItem(t(f"size.{name}", width=wide, height=tall), (wide, tall))
            self.size_box.addItem(t("size.custom", width=now[0], height=now[1]), None)
            places = list(sizes.values())
            self.size_box.setCurrentIndex(places.index(now) if now in places else len(places))

    def _on_measured(self, digest: str) -> None:
        if digest == self.brief.content:
            self._fill_sizes()

    def _on_size_chosen(self, index: int) -> None:
        size = self.size_box.itemData(index)
        if size is None:
            self.more_asked.emit()
            self.rest.width_px.setFocus()
        else:
            self.edited.emit({"width_px": size[0], "height_px": size[1]})
