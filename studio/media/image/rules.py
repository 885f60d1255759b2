"""The files and briefs of pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter

from engine.protocol import PICTURE_FILES, GeneratorInfo, Medium, PictureBrief, Use
from studio.i18n import t
from studio.media.image import mood as moods, uses
from studio.media.image.export import encode
from studio.media.image.pictures import png
from studio.media.samples import most_of_one
from studio.project.rows import NewReference
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.medium import MediumRules, Pasted, PastedPicture, told
from studio.state.mood import Mood
from studio.state.png import decode
from studio.widgets.theme import ASSETS

_PAGE_PX = 1600  # of a picture on a printed page
_GLIMPSE_PX = 216, 144
_TOLD = {"width_px", "height_px", "use", "tile", "content", "mask", "root"}


class ImageRules(MediumRules):
    medium = Medium.IMAGE
    files = PICTURE_FILES
    mood_features = moods.FEATURES
    blob_fields = ("content", "mask")
    shown_as = "picture"
    export_formats = ExportFormat.PNG, ExportFormat.JPEG, ExportFormat.WEBP, ExportFormat.TIFF
    sends_references_with_ratings = True

    def __init__(self, samples: Path = ASSETS / "samples" / "images") -> None:
        self._samples = samples

    def claims(self, source: Pasted) -> bool:
        return isinstance(source, QImage | PastedPicture)

    def pasted(self, source: Pasted, number: int) -> NewReference:
        if isinstance(source, PastedPicture):
            return NewReference(f"{number}{source.suffix}", source.data, self.medium)
        assert isinstance(source, QImage)
        return NewReference(f"{number}.png", png(source), self.medium)

    def file_suffix(self, data: bytes) -> str:
        """Readers of pictures look at the bytes, not at the name."""
        return ".png"

    def encode(self, data: bytes, options: ExportOptions) -> bytes:
        return encode(data, options)

    def carried(
        self, data: bytes, about: Mapping[str, Any], as_sound: bool
    ) -> tuple[ExportFormat, bytes]:
        return ExportFormat.PNG, data

    def draw(self, painter: QPainter, box: QRectF, data: bytes, about: Mapping[str, Any]) -> None:
        image = decode(data, _PAGE_PX)
        size = QSizeF(image.size()).scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(box.topLeft(), size)
        target.moveCenter(box.center())
        painter.drawImage(target, image)

    def samples(self) -> list[Path]:
        return most_of_one(self._samples, self.suffixes)

    def glimpse(self, seed: int) -> PictureBrief:
        wide, tall = _GLIMPSE_PX
        return PictureBrief(seed=seed, count=1, candidates=1, width_px=wide, height_px=tall)

    def trimmed(self, brief: PictureBrief) -> PictureBrief:
        return uses.trimmed(brief)

    def without_missing(self, brief: PictureBrief) -> PictureBrief:
        return brief if brief.content else uses.ended(brief)

    def words_of(self, brief: PictureBrief) -> str:
        use = "" if brief.use is Use.COMPOSE else t(f"use.{brief.use}")
        kind = t("asked.tile") if brief.tile else ""
        size = t("asked.size", width=brief.width_px, height=brief.height_px)
        return told(brief, (size, use, kind), _TOLD)

    def served(self, brief: PictureBrief, generator: GeneratorInfo) -> PictureBrief:
        return super().served(uses.served(brief, generator.uses), generator)

    def serves_action(self, generator: GeneratorInfo, name: str) -> bool:
        use = uses.VARYING.get(name, uses.ACTIONS.get(name))
        return use is None or use in generator.uses

    def lacking(self, brief: PictureBrief) -> str:
        return uses.lacking(brief)

    def in_mood(self, brief: PictureBrief, mood: Mood) -> PictureBrief:
        return moods.in_mood(brief, mood)

    def timing_key(self, brief: PictureBrief) -> str:
        """Composing has the device's bare name, as it had when there was nothing else."""
        return "" if brief.use is Use.COMPOSE else f"to {brief.use}"

    def effort(self, brief: PictureBrief) -> float:
        """In millions of pixels."""
        return brief.count * brief.width_px * brief.height_px / 1e6
