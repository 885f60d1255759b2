"""What is asked of pictures: size, invention, boldness; detail, exact sizes, tiles under "More"."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from engine.messages import MAX_SIDE_PX, MIN_SIDE_PX, Brief
from studio import theme
from studio.i18n import t
from studio.views.fields import Fields, group, number
from studio.widgets.base import column, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.slider import LabelledSlider

SIZES: dict[str, tuple[int, int]] = {
    "landscape": (512, 352),
    "portrait": (352, 512),
    "square": (416, 416),
    "wide": (640, 272),
    "large": (768, 528),
}
SLIDERS = ("invention", "boldness", "detail")  # fields of the brief


def _hundredths(brief: Brief, name: str) -> int:
    return round(getattr(brief, name) * 100)


class PictureFields(Fields):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size, self._exact, self._times = label("dim"), label("dim"), label("dim")
        self.size_box = QComboBox()
        self.size_box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.sliders = {
            name: LabelledSlider(0, 100, _hundredths(Brief(), name)) for name in SLIDERS
        }
        self.width_px, self.height_px = (number(MIN_SIDE_PX, MAX_SIDE_PX) for _ in range(2))
        self.swap = IconButton("arrow-left-right", 16)
        self.tile = QCheckBox()
        self._tile_hint = label("small", wrap=True)
        upper = self.sliders["invention"], self.sliders["boldness"]
        self.lay_out((group(self._size, self.size_box),), upper)
        self.size_box.activated.connect(self._on_size_chosen)
        for name, slider in self.sliders.items():
            slider.settled.connect(lambda value, name=name: self.edited.emit({name: value / 100}))
        self.width_px.valueChanged.connect(lambda value: self.edited.emit({"width_px": value}))
        self.height_px.valueChanged.connect(lambda value: self.edited.emit({"height_px": value}))
        self.swap.clicked.connect(self._on_swapped)
        self.tile.toggled.connect(lambda on: self.edited.emit({"tile": on}))
        self.retranslate()

    def first(self) -> QWidget:
        return self.size_box

    def more(self) -> QWidget:
        body = QWidget()
        exact = row(self.width_px, self._times, self.height_px, self.swap)
        exact.setStretch(0, 1)
        exact.setStretch(2, 1)
        parts = self.sliders["detail"], self._exact, exact, self.tile, self._tile_hint
        lines = column(*parts, gap=theme.GRID_PX)
        lines.insertSpacing(3, theme.GAP_PX)
        lines.insertSpacing(1, theme.GAP_PX)
        body.setLayout(lines)
        return body

    def retranslate(self) -> None:
        self._size.setText(t("brief.size"))
        self.size_box.setAccessibleName(t("brief.size"))
        for name, slider in self.sliders.items():
            words = ("", "_low", "_high", "_hint")
            slider.set_words(*(t(f"brief.{name}{word}") for word in words))
        self._times.setText("×")
        self._exact.setText(t("brief.exact"))
        self.width_px.setAccessibleName(t("brief.width"))
        self.height_px.setAccessibleName(t("brief.height"))
        self.swap.set_words(t("brief.swap"))
        self.tile.setText(t("brief.tile"))
        self.tile.setAccessibleName(t("brief.tile"))
        self._tile_hint.setText(t("brief.tile_hint"))
        self._fill_sizes()

    def show_brief(self, brief: Brief) -> None:
        super().show_brief(brief)
        for field, value in ((self.width_px, brief.width_px), (self.height_px, brief.height_px)):
            with QSignalBlocker(field):
                field.setValue(value)
        with QSignalBlocker(self.tile):
            self.tile.setChecked(brief.tile)
        for name, slider in self.sliders.items():
            slider.show_value(_hundredths(brief, name))
        self._fill_sizes()

    def _fill_sizes(self) -> None:
        with QSignalBlocker(self.size_box):
            self.size_box.clear()
            for name, (wide, tall) in SIZES.items():
                self.size_box.addItem(t(f"size.{name}", width=wide, height=tall), (wide, tall))
            now = (self.brief.width_px, self.brief.height_px)
            self.size_box.addItem(t("size.custom", width=now[0], height=now[1]), None)
            sizes = list(SIZES.values())
            self.size_box.setCurrentIndex(sizes.index(now) if now in sizes else len(sizes))

    def _on_size_chosen(self, index: int) -> None:
        size = self.size_box.itemData(index)
        if size is None:
            self.more_asked.emit()
            self.width_px.setFocus()
        else:
            self.edited.emit({"width_px": size[0], "height_px": size[1]})

    def _on_swapped(self) -> None:
        self.edited.emit({"width_px": self.brief.height_px, "height_px": self.brief.width_px})
