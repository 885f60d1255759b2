"""Works side by side: equal cells, row by row from the upper left."""

import math

from PySide6.QtCore import QRectF, QSizeF


def cell_size(area: QRectF, count: int, columns: int, gap_px: float) -> QSizeF:
    """Of each of `count` cells in so many columns."""
    rows = math.ceil(count / columns)
    wide = (area.width() - gap_px * (columns - 1)) / columns
    tall = (area.height() - gap_px * (rows - 1)) / rows
    return QSizeF(wide, tall)


def cells(area: QRectF, count: int, columns: int, gap_px: float) -> list[QRectF]:
    """The places of `count` works; the last row may be short."""
    size = cell_size(area, count, columns, gap_px)
    across, down = size.width() + gap_px, size.height() + gap_px
    return [
        QRectF(
            *(area.x() + index % columns * across, area.y() + index // columns * down),
            *(size.width(), size.height()),
        )
        for index in range(count)
    ]
