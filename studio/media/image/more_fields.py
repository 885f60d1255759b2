"""What is asked of pictures more rarely: marks, symmetry, colours, straying, exact size, tiles."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QWidget

from engine.protocol import (
    MAX_SIDE_PX,
    MIN_SIDE_PX,
    GeneratorInfo,
    Medium,
    PictureBrief,
    Symmetry,
)
from studio.i18n import t
from studio.media.image.colour_dials import DIALS, ColourDials
from studio.media.image.palette_fields import PaletteFields
from studio.state.session import Session
from studio.views.fields import (
    GROUP_GAP_PX,
    RATIO_STEPS,
    Fields,
    dial_words,
    place_of,
    ratio_at,
    ratio_words,
    room,
)
from studio.widgets import theme
from studio.widgets.base import column, label, row
from studio.widgets.buttons import IconButton, TextButton
from studio.widgets.inputs import NumberField
from studio.widgets.segments import Segments
from studio.widgets.slider import LabelledSlider

_SYMMETRIES = tuple(Symmetry)


class PictureMoreFields(Fields):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = session.workspace
        self._exact, self._times, self._symmetry = label("dim"), label("dim"), label("dim")
        self.detail = LabelledSlider(0, 100, round(100 * PictureBrief().detail))
        self.brush = LabelledSlider(-RATIO_STEPS, RATIO_STEPS, 0, ratio_words)
        self.symmetry = Segments(tuple(range(len(_SYMMETRIES))))
        self.palette_fields, self.colours = PaletteFields(session), ColourDials()
        self.variation = LabelledSlider(0, 100, 100)
        self.root = TextButton("link")
        self.width_px, self.height_px = (NumberField(MIN_SIDE_PX, MAX_SIDE_PX) for _ in range(2))
        self.swap = IconButton("arrow-left-right", 16)
        self.tile = QCheckBox()
        self._tile_hint = label("small", wrap=True)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        exact = row(self.width_px, self._times, self.height_px, self.swap)
        exact.setStretch(0, 1)
        exact.setStretch(2, 1)
        straying = column(self.variation, row(self.root, None), gap=2)
        self._rooms = {  # by the fields of the brief that they ask for
            ("detail",): self.detail,
            ("brush",): self.brush,
            ("symmetry",): room(self._symmetry, self.symmetry),
            ("palette",): self.palette_fields,
            DIALS: self.colours,
            ("variation",): room(straying),
            ("width_px", "height_px"): room(self._exact, exact),
            ("tile",): room(self.tile, self._tile_hint),
        }
        self.setLayout(column(*self._rooms.values(), gap=GROUP_GAP_PX - theme.GRID_PX))

    def _connect(self) -> None:
        edited = self.edited.emit
        self.detail.settled.connect(lambda value: edited({"detail": value / 100}))
        self.brush.settled.connect(lambda value: edited({"brush": ratio_at(value)}))
        self.symmetry.chosen.connect(lambda place: edited({"symmetry": _SYMMETRIES[place]}))
        self.palette_fields.edited.connect(self.edited)
        self.colours.edited.connect(self.edited)
        self.variation.settled.connect(self._on_variation)
        self.root.clicked.connect(self._on_root)
        self.width_px.valueChanged.connect(lambda value: edited({"width_px": value}))
        self.height_px.valueChanged.connect(lambda value: edited({"height_px": value}))
        self.swap.clicked.connect(self._on_swapped)
        self.tile.clicked.connect(lambda on: edited({"tile": on}))
        self._workspace.current_changed.connect(self._show_root)

    def first(self) -> QWidget:
        return self.detail.slider

    def serve(self, generator: GeneratorInfo | None) -> None:
        for fields in (self.palette_fields, self.colours):
            fields.serve(generator)
        super().serve(generator)
        for names, part in self._rooms.items():
            self.offer(part, *names)

    def has_any(self) -> bool:
        """Whether anything here can be asked for."""
        return any(self.serves(*names) for names in self._rooms)

    # ---- words ---------------------------------------------------------------------------------

    def retranslate(self) -> None:
        for name, slider in (("detail", self.detail), ("brush", self.brush)):
            slider.set_words(*dial_words(f"brief.{name}"))
        self._symmetry.setText(t("brief.symmetry"))
        words = [t(f"symmetry.{each}") for each in _SYMMETRIES]
        self.symmetry.set_words(t("brief.symmetry"), words, t("what.symmetry"))
        self._times.setText("×")
        self._exact.setText(t("brief.exact"))
        self.width_px.setAccessibleName(t("brief.width"))
        self.height_px.setAccessibleName(t("brief.height"))
        for field in (self.width_px, self.height_px):
            field.setToolTip(t("what.exact"))
        self.swap.set_words(t("brief.swap"))
        self.tile.setText(t("brief.tile"))
        self.tile.setAccessibleName(t("brief.tile"))
        self.tile.setToolTip(t("brief.tile_hint"))
        self._tile_hint.setText(t("brief.tile_hint"))
        self._show_root()

    def _show_root(self) -> None:
        """Which seed the works stay near, and a way to another one."""
        brief, near = self.brief, self._near()
        strays = brief.variation < 1
        low = t("brief.variation_near", seed=brief.root if strays else near)
        high, hint = t("brief.variation_high"), t("brief.variation_hint")
        self.variation.set_words(t("brief.variation"), low, high, hint)
        self.root.setVisible(strays and near != brief.root)
        self.root.set_words(t("brief.root", seed=near), t("brief.variation_hint"))

    # ---- facts ---------------------------------------------------------------------------------

    def show_brief(self, brief: PictureBrief) -> None:
        super().show_brief(brief)
        self.detail.show_value(round(brief.detail * 100))
        self.brush.show_value(place_of(brief.brush))
        self.symmetry.set_value(_SYMMETRIES.index(brief.symmetry))
        self.palette_fields.show_brief(brief)
        self.colours.show_brief(brief)
        self.variation.show_value(round(brief.variation * 100))
        for field, value in ((self.width_px, brief.width_px), (self.height_px, brief.height_px)):
            with QSignalBlocker(field):
                field.setValue(value)
        self.tile.setChecked(brief.tile)
        self._show_root()

    def _near(self) -> int:
        """The seed of the work that is looked at, or else the brief's own."""
        current = self._workspace.current
        if current is None or self._workspace.medium is not Medium.IMAGE:
            return self.brief.seed
        return self._workspace.project.works.get(current).seed

    def _on_variation(self, value: int) -> None:
        """The first step away from "freely" chooses what to stay near."""
        root = self.brief.root if self.brief.variation < 1 else self._near()
        self.edited.emit({"variation": value / 100, "root": root})

    def _on_root(self) -> None:
        self.edited.emit({"root": self._near()})

    def _on_swapped(self) -> None:
        self.edited.emit({"width_px": self.brief.height_px, "height_px": self.brief.width_px})
