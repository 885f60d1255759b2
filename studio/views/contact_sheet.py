"""A contact sheet: many works on the pages of one PDF, each with its name, number and stars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter

from studio.i18n import t
from studio.project.atomic_write import atomic_write
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.export import unwritable
from studio.state.export_format import ExportError
from studio.state.export_names import heading_of, title_of
from studio.state.medium import Media
from studio.widgets import theme

COLUMNS, ROWS = 3, 4
DPI, _UNITS = 300, 96  # of the writer; of all lengths below, an inch
_MARGINS_MM = QMarginsF(16, 14, 16, 14)
_HEAD, _FOOT, _GAP, _CAPTION = 44.0, 22.0, 18.0, 34.0
_INK, _DIM, _LINE = (QColor(c) for c in (theme.LIGHT.text, theme.LIGHT.dim, theme.LIGHT.line))


@dataclass(frozen=True, slots=True)
class Sheets:
    """What stands on the pages; `heading` above the first work of each."""

    project: Project
    media: Media
    works: tuple[WorkRow, ...]
    heading: str

    @property
    def pages(self) -> int:
        return -(-len(self.works) // (COLUMNS * ROWS))


def write_contact_sheet(
    project: Project, media: Media, work_ids: Sequence[int], target: Path
) -> tuple[Path, ...]:
    """Write the PDF, whole or not at all, on any thread. Raises ExportError or ProjectError."""
    if not work_ids:
        raise ExportError("export_nothing")
    works = tuple(project.works.get(work_id) for work_id in work_ids)
    sheets = Sheets(project, media, works, heading_of(project, media, works[0]))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(target) as part:
            _write(sheets, part)
    except OSError as error:
        raise unwritable(error, target.parent.name, 0, len(works)) from error
    return (target,)


def _write(sheets: Sheets, path: Path) -> None:
    writer = QPdfWriter(str(path))
    writer.setTitle(sheets.heading)
    writer.setCreator(t("export.made_with"))
    writer.setResolution(DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            _MARGINS_MM,
            QPageLayout.Unit.Millimeter,
        )
    )
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(5, path.parent.name)
    try:
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.scale(DPI / _UNITS, DPI / _UNITS)
        page = QRectF(0, 0, writer.width() * _UNITS / DPI, writer.height() * _UNITS / DPI)
        for number in range(sheets.pages):
            if number:
                writer.newPage()
            _draw_page(painter, sheets, page, number)
    finally:
        painter.end()


def _draw_page(painter: QPainter, sheets: Sheets, page: QRectF, number: int) -> None:
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    painter.setFont(theme.printed(theme.font(theme.TITLE_PX + 2)))
    painter.setPen(_INK)
    head = QRectF(0, 0, page.width(), _HEAD)
    painter.drawText(head, left | Qt.AlignmentFlag.AlignTop, sheets.heading)
    painter.setFont(theme.printed(theme.font(theme.SMALL_PX)))
    painter.setPen(_DIM)
    painter.drawText(
        head.translated(0, 5),
        right | Qt.AlignmentFlag.AlignTop,
        f"{datetime.now(UTC).astimezone():%Y-%m-%d}",
    )
    foot = QRectF(0, page.height() - _FOOT, page.width(), _FOOT)
    bottom = Qt.AlignmentFlag.AlignBottom
    painter.drawText(foot, left | bottom, t("export.made_with"))
    painter.drawText(foot, right | bottom, t("export.page", n=number + 1, total=sheets.pages))
    room = page.adjusted(0, _HEAD, 0, -_FOOT - _GAP)
    first = number * COLUMNS * ROWS
    shown = sheets.works[first : first + COLUMNS * ROWS]
    for work, cell in zip(shown, _cells(room), strict=False):
        painter.save()
        _draw_work(painter, sheets, work, cell)
        painter.restore()


def _cells(room: QRectF) -> Iterator[QRectF]:
    wide = (room.width() - _GAP * (COLUMNS - 1)) / COLUMNS
    tall = (room.height() - _GAP * (ROWS - 1)) / ROWS
    for place in range(COLUMNS * ROWS):
        down, across = divmod(place, COLUMNS)
        corner = room.topLeft() + QPointF(across * (wide + _GAP), down * (tall + _GAP))
        yield QRectF(corner.x(), corner.y(), wide, tall)


def _draw_work(painter: QPainter, sheets: Sheets, work: WorkRow, cell: QRectF) -> None:
    rules = sheets.media[work.medium]
    box = cell.adjusted(0, 0, 0, -_CAPTION)
    if rules.shown_as != "picture":
        painter.setPen(_LINE)
        painter.drawRect(box)
        box = box.adjusted(12, 10, -12, -10)
    data = sheets.project.blob(work.shown_digest)
    painter.save()
    painter.setClipRect(box)
    rules.draw(painter, box, data, sheets.project.works.sidecar(work.id))
    painter.restore()
    face = theme.printed(theme.font(theme.SMALL_PX))
    metrics, wide = QFontMetricsF(face), cell.width()
    painter.setFont(face)
    name = title_of(sheets.project, rules, work)
    top = cell.bottom() - _CAPTION + 6
    painter.setPen(_INK)
    painter.drawText(
        QRectF(cell.x(), top, wide, 14),
        metrics.elidedText(name, Qt.TextElideMode.ElideRight, wide),
    )
    painter.setPen(_DIM)
    stars = "★" * work.rating
    facts = "   ".join(part for part in (f"{work.id:04d}", stars) if part)
    painter.drawText(QRectF(cell.x(), top + 14, wide, 14), facts)
