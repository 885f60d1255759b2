"""Whose colours a picture has: the references', its start's, or chosen ones."""

from PySide6.QtWidgets import QWidget

from engine.protocol import Palette, PictureBrief
from studio.i18n import t
from studio.media.image import reading, uses
from studio.media.image.pictures import main_colours
from studio.media.image.swatches import Swatches
from studio.state.session import Session
from studio.views.fields import Fields, group
from studio.widgets.base import label
from studio.widgets.buttons import TextButton
from studio.widgets.segments import Segments

_PALETTES = tuple(Palette)
_TAKEN, _LOOK_PX = 5, 64


class PaletteFields(Fields):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._inspector = session.workspace, session.inspector
        self._name = label("dim")
        self.palettes = Segments(tuple(range(len(_PALETTES))))
        self.swatches = Swatches(uses.MAX_COLOURS)
        self.take = TextButton("link")
        self.lay_out((group(self._name, self.palettes, self.swatches, self.take),))
        self.palettes.chosen.connect(self._on_palette)
        self.swatches.changed.connect(lambda colours: self.edited.emit({"colours": colours}))
        self.take.clicked.connect(self._on_take)
        session.workspace.current_changed.connect(lambda: self.show_brief(self.brief))
        self.retranslate()

    def first(self) -> QWidget:
        return self.palettes

    def retranslate(self) -> None:
        self._name.setText(t("palette.name"))
        words = [t(f"palette.{each}") for each in _PALETTES]
        self.palettes.set_words(t("palette.name"), words, t("what.palette"))
        self.show_brief(self.brief)

    def show_brief(self, brief: PictureBrief) -> None:
        super().show_brief(brief)
        begun, fixed = uses.has_start(brief), brief.palette is Palette.FIXED
        self.palettes.set_shown(_PALETTES.index(Palette.MINE), begun)
        self.palettes.set_value(_PALETTES.index(brief.palette))
        self.swatches.set_colours(brief.colours)
        self.swatches.setVisible(fixed)
        self.take.setVisible(fixed and bool(self._source()))
        taken = t("palette.from_start") if begun else t("palette.from_work")
        self.take.set_words(taken, t("what.take_colours"))

    def _on_palette(self, place: int) -> None:
        chosen = _PALETTES[place]
        self.edited.emit({"palette": chosen})
        if chosen is Palette.FIXED and not self.brief.colours:
            self._on_take()  # something to begin with

    def _source(self) -> str:
        """The picture whose colours can be taken: the start, or the work that is looked at."""
        if uses.has_start(self.brief):
            return self.brief.content
        current = self._workspace.current
        if current is None or self._workspace.medium is not self.brief.medium:
            return ""
        return self._workspace.project.works.get(current).digest

    def _on_take(self) -> None:
        project, source = self._workspace.project, self._source()
        if not source:
            return

        def found(colours: tuple[str, ...]) -> None:
            if colours and project is self._workspace.project:
                self.edited.emit({"colours": colours})

        inspector = self._inspector
        inspector.threads.run(
            lambda: main_colours(reading.any_picture(inspector, project, source, _LOOK_PX), _TAKEN),
            found,
            lambda _error: None,
        )
