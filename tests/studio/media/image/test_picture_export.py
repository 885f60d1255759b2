"""Pictures leave in the size that was asked for, and without their paper."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from studio.media.image.export import encode, exported_size
from studio.media.image.paper import paper_of, without_paper
from studio.media.image.pictures import png as png_of
from studio.state.export_format import ExportFormat, ExportOptions

PAPER, INK = QColor(238, 228, 208), QColor(24, 30, 70)
F = ExportFormat


@pytest.fixture
def drawing() -> QImage:
    """A disc of ink on paper."""
    image = QImage(80, 60, QImage.Format.Format_RGB32)
    image.fill(PAPER)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(INK)
    painter.drawEllipse(20, 10, 40, 40)
    painter.end()
    return image


@pytest.mark.parametrize("wanted", [F.PNG, F.JPEG, F.WEBP, F.TIFF])
@pytest.mark.parametrize(
    ("percent", "side", "size"),
    [(100, 0, (48, 32)), (50, 0, (24, 16)), (400, 0, (192, 128)), (100, 90, (90, 60))],
)
def test_every_format_in_every_size(
    png: Callable[[int, int, int], bytes],
    wanted: ExportFormat,
    percent: int,
    side: int,
    size: tuple[int, int],
) -> None:
    options = ExportOptions(wanted, percent=percent, side_px=side)
    image = QImage.fromData(encode(png(48, 32, 7), options))
    assert (image.width(), image.height()) == size


def test_png_is_written_anew_only_where_something_is_asked_for(png) -> None:
    data = png(48, 32, 7)
    assert encode(data, ExportOptions(F.PNG, quality=10)) is data
    assert encode(data, ExportOptions(F.PNG, percent=50)) != data


def test_a_side_is_never_nothing_nor_beyond_what_readers_open() -> None:
    assert exported_size(QSize(900, 1), ExportOptions(F.PNG, percent=50)) == QSize(450, 1)
    most = exported_size(QSize(9000, 3000), ExportOptions(F.PNG, percent=400))
    assert most == QSize(16_384, 5461)


def test_paper_becomes_clear_and_ink_stays(drawing: QImage) -> None:
    assert paper_of(drawing) == PAPER
    clear = without_paper(drawing)
    assert clear.pixelColor(2, 2).alpha() == 0
    assert clear.pixelColor(40, 30) == INK
    edges = [clear.pixelColor(x, y).alpha() for x in range(80) for y in range(60)]
    assert any(0 < alpha < 255 for alpha in edges), "edges are soft"


def test_on_the_same_paper_it_looks_as_it_was(drawing: QImage) -> None:
    laid = QImage(drawing.size(), QImage.Format.Format_RGB32)
    laid.fill(PAPER)
    painter = QPainter(laid)
    painter.drawImage(0, 0, without_paper(drawing))
    painter.end()
    for x in range(0, 80, 3):
        for y in range(0, 60, 3):
            one, other = laid.pixelColor(x, y), drawing.pixelColor(x, y)
            assert abs(one.red() - other.red()) <= 8
            assert abs(one.blue() - other.blue()) <= 8


@pytest.mark.parametrize("wanted", [F.PNG, F.WEBP, F.TIFF])
def test_transparency_is_kept_where_the_format_has_it(drawing: QImage, wanted) -> None:
    image = QImage.fromData(encode(png_of(drawing), ExportOptions(wanted, clear_paper=True)))
    assert image.hasAlphaChannel()
    assert image.pixelColor(2, 2).alpha() < 8


def test_jpeg_has_none_and_keeps_its_paper(drawing: QImage) -> None:
    image = QImage.fromData(encode(png_of(drawing), ExportOptions(F.JPEG, clear_paper=True)))
    assert abs(image.pixelColor(2, 2).red() - PAPER.red()) < 6
