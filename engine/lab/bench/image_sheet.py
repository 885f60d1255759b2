"""A sheet of samples: a style a row, its reference first, then one work of each arm."""

import io
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from engine.core.assets import asset
from engine.media.image.codec.raster import to_picture

FONTS = asset("fonts")
_GAP_PX, _HEAD_PX, _FOOT_PX, _MARGIN_PX = 12, 52, 26, 24
_PAPER, _INK, _QUIET = "#fbfaf7", "#22211f", "#6f6b64"
_REFERENCE = "reference"


@dataclass(slots=True)
class Sheet:
    """cells: style → arm → picture; columns appear in the order in which arms come first."""

    cell_px: int = 176
    cells: dict[str, dict[str, Image.Image]] = field(default_factory=dict)

    def add(self, style: str, reference: Tensor, arm: str, work: Tensor) -> None:
        row = self.cells.setdefault(style, {_REFERENCE: to_picture(reference)})
        row[arm] = to_picture(work)

    def png(self) -> bytes:
        buffer = io.BytesIO()
        self.drawn().save(buffer, "PNG", optimize=True)
        return buffer.getvalue()

    def drawn(self) -> Image.Image:
        columns = list(dict.fromkeys(arm for row in self.cells.values() for arm in row))
        step_x, step_y = self.cell_px + _GAP_PX, self.cell_px + _FOOT_PX + _GAP_PX
        width = 2 * _MARGIN_PX + len(columns) * step_x - _GAP_PX
        height = 2 * _MARGIN_PX + _HEAD_PX + len(self.cells) * step_y - _GAP_PX
        sheet = Image.new("RGB", (max(width, 1), max(height, 1)), _PAPER)
        pen = ImageDraw.Draw(sheet)
        for i, arm in enumerate(columns):
            _label(pen, (_MARGIN_PX + i * step_x, _MARGIN_PX), _lines(arm))
        for j, (style, row) in enumerate(self.cells.items()):
            top = _MARGIN_PX + _HEAD_PX + j * step_y
            for i, arm in enumerate(columns):
                if arm in row:
                    _paste(sheet, row[arm], (_MARGIN_PX + i * step_x, top), self.cell_px)
            name = ImageFont.truetype(FONTS / "MaquetteSans-Regular.ttf", 14)
            pen.text((_MARGIN_PX, top + self.cell_px + 4), style, _QUIET, name)
        return sheet


def _lines(arm: str) -> list[str]:
    """The way to draw above, its variant below."""
    way, _, variant = arm.partition(", ")
    return [way, variant]


def _label(pen: ImageDraw.ImageDraw, at: tuple[int, int], lines: list[str]) -> None:
    first = ImageFont.truetype(FONTS / "MaquetteSans-SemiBold.ttf", 15)
    other = ImageFont.truetype(FONTS / "MaquetteSans-Regular.ttf", 14)
    pen.text(at, lines[0], _INK, first)
    pen.text((at[0], at[1] + 21), lines[1], _QUIET, other)


def _paste(sheet: Image.Image, picture: Image.Image, corner: tuple[int, int], cell_px: int) -> None:
    """In the middle of its cell, as large as fits."""
    shrink = cell_px / max(picture.size)
    size = max(1, round(picture.width * shrink)), max(1, round(picture.height * shrink))
    fitted = picture.resize(size, Image.Resampling.LANCZOS)
    left, top = corner
    sheet.paste(fitted, (left + (cell_px - size[0]) // 2, top + (cell_px - size[1]) // 2))
