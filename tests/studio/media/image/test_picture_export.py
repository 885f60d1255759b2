"""Pictures leave in the size that was asked for, and on the ground that was asked for."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from studio.media.image.export import encode, exported_size
from studio.media.image.pictures import png as png_of
from studio.state.export_format import ExportFormat, ExportOptions

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
F = ExportFormat


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


@pytest.mark.parametrize("wanted", [F.PNG, F.WEBP, F.TIFF])
def test_what_the_engine_has_made_transparent_stays_so(png, wanted: ExportFormat) -> None:
    image = QImage(80, 60, QImage.Format.Format_RGBA8888)
    image.fill(QColor(200, 30, 40, 0))
    image.setPixelColor(40, 30, QColor(24, 30, 70, 255))
    options = ExportOptions(wanted, clear_paper=True)
    assert options.is_by_engine
    written = QImage.fromData(encode(png_of(image), options))
    assert written.hasAlphaChannel()
    assert written.pixelColor(2, 2).alpha() < 8
    assert not ExportOptions(F.JPEG, clear_paper=True).is_by_engine


@pytest.mark.parametrize(("wanted", "size"), [(F.PNG, 0), (F.WEBP, 24)])
def test_the_engine_finds_the_ground_and_the_studio_goes_on(
    qtbot, made, tmp_path, wanted: ExportFormat, size: int
) -> None:
    options = ExportOptions(wanted, side_px=size, clear_paper=True)
    with qtbot.waitSignal(made.session.exporter.exported) as told:
        made.session.exporter.start([1, 2], tmp_path / "out", options)
    assert [path.suffix for path in told.args[0]] == [f".{wanted}"] * 2
    work = made.session.workspace.project.works.get(1)
    for path in told.args[0]:
        image = QImage(str(path))
        assert image.hasAlphaChannel()
        assert image.pixelColor(0, 0).alpha() == 0
        assert image.width() == (size or work.width_px)
        assert path.with_suffix(".json").exists()
