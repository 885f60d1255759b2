"""Controls by themselves."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QLabel, QWidget

from studio.media.image.easel import Easel, Sheet
from studio.state.png import decode
from studio.state.titles import short_names
from studio.widgets.base import Elided
from studio.widgets.flow import Flow
from studio.widgets.notice import Notice
from studio.widgets.segments import Segments
from studio.widgets.slider import QuietSlider
from studio.widgets.stars import Stars

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def sheet(width: int = 200, height: int = 100, caption: str = "") -> Sheet:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    return Sheet(image, QSize(width, height), caption)


@pytest.fixture
def easel(qtbot) -> Easel:
    easel = Easel()
    qtbot.addWidget(easel)
    easel.resize(640, 480)
    easel.show_sheets((sheet(),))
    return easel


def test_the_easel_fits_and_shows_actual_size(easel: Easel) -> None:
    assert easel.is_fitted()
    assert easel.scale() == pytest.approx(3.0)
    easel.toggle_fit()
    assert not easel.is_fitted()
    assert easel.scale() == 1.0
    easel.toggle_fit()
    assert easel.is_fitted()


def test_the_wheel_zooms_around_the_pointer(easel: Easel) -> None:
    at = QPointF(100, 200)
    none = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase)
    for _ in range(40):
        easel.wheelEvent(QWheelEvent(at, at, QPoint(), QPoint(0, 120), *none, False))
    assert easel.scale() == 16.0
    for _ in range(80):
        easel.wheelEvent(QWheelEvent(at, at, QPoint(), QPoint(0, -120), *none, False))
    assert easel.scale() == pytest.approx(0.05)


def test_dragging_pans_and_never_loses_the_picture(easel: Easel, qtbot) -> None:
    easel.actual_size()
    qtbot.mousePress(easel, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(easel, QPoint(5000, 5000))
    qtbot.mouseRelease(easel, Qt.MouseButton.LeftButton, pos=QPoint(630, 470))
    assert easel.grab().toImage().pixelColor(320, 240) == Qt.GlobalColor.red


def test_two_hang_side_by_side_and_share_the_zoom(easel: Easel) -> None:
    easel.show_sheets((sheet(caption="1"), sheet(caption="2")))
    image = easel.grab().toImage()
    assert image.pixelColor(160, 230) == image.pixelColor(480, 230) == Qt.GlobalColor.red
    easel.zoom_in()
    assert easel.scale() > 1


def test_stars_answer_mouse_and_keys(qtbot) -> None:
    stars = Stars()
    qtbot.addWidget(stars)
    given: list[int] = []
    stars.rated.connect(given.append)
    stars.rated.connect(stars.set_value)
    qtbot.mouseClick(stars, Qt.MouseButton.LeftButton, pos=QPoint(80, 14))
    qtbot.mouseClick(stars, Qt.MouseButton.LeftButton, pos=QPoint(80, 14))
    qtbot.keyClick(stars, Qt.Key.Key_Right)
    assert given == [4, 0, 1]
    stars.grab()


def test_the_slider_settles_once_and_comes_home(qtbot) -> None:
    slider = QuietSlider(0, 100, 40)
    qtbot.addWidget(slider)
    slider.resize(200, 20)
    settled: list[int] = []
    slider.settled.connect(settled.append)
    for value in (50, 60, 70):
        slider.setValue(value)
    qtbot.waitUntil(lambda: settled == [70], timeout=2000)
    slider.show_value(10)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: settled[-1] == 40, timeout=2000)


def test_segments_hold_one_value_or_none(qtbot) -> None:
    segments = Segments((1, 2, 4))
    qtbot.addWidget(segments)
    segments.set_value(2)
    assert segments.value() == 2
    segments.set_value(3)
    assert segments.value() == -1


def test_the_notice_shows_its_way_out(qtbot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    assert notice.text() == ""
    notice.show_text("It broke.", "Again")
    with qtbot.waitSignal(notice.acted):
        notice.act()
    notice.show_text("")
    assert notice.isHidden()


def test_flow_breaks_lines(qtbot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    flow = Flow(page, gap=8)
    for _ in range(4):
        item = QLabel(page)
        item.setFixedSize(72, 100)
        flow.addWidget(item)
    assert flow.heightForWidth(232) == 208
    assert flow.heightForWidth(400) == 100


def test_long_names_end_in_dots(qtbot) -> None:
    line = Elided()
    qtbot.addWidget(line)
    line.resize(60, 20)
    line.set_text("a very long name indeed")
    assert line.text().endswith("…")
    assert line.toolTip() == "a very long name indeed"


def test_of_several_facts_those_that_have_room_are_whole(qtbot) -> None:
    line = Elided()
    qtbot.addWidget(line)
    whole = "512 × 352 · seed 5105 · 5 stars"
    for room in ("512 × 352 · seed 5105", "512 × 352"):
        line.resize(line.fontMetrics().horizontalAdvance(f"{room} · s"), 20)
        line.set_text(whole)
        assert line.text() == room
    assert line.toolTip() == whole


def test_a_hint_of_which_a_syllable_would_be_left_is_not_shown(qtbot) -> None:
    line = Elided(least=0.5)
    qtbot.addWidget(line)
    whole = "Paint over what is to be made anew"
    for share, shown in ((0.3, False), (0.7, True), (1.1, True)):
        line.resize(round(share * line.fontMetrics().horizontalAdvance(whole)), 20)
        line.set_text(whole)
        assert bool(line.text()) is shown, share
    assert line.toolTip() == whole


def test_titles_drop_what_all_names_share() -> None:
    names = ["Hokusai-The-Wave.jpg", "Hokusai-Ejiri.jpg"]
    assert short_names(names) == ["The Wave", "Ejiri"]
    assert short_names(["Hokusai-Ejiri.jpg"]) == ["Hokusai Ejiri"]
    assert short_names(["one.png", "one.png"]) == ["One", "One"]


def test_decoding_scales_and_survives_rubbish(png) -> None:
    assert decode(png(400, 200, 1), 100).size() == QSize(100, 50)
    assert decode(png(40, 20, 1), 100).size() == QSize(40, 20)
    assert decode(b"rubbish").isNull()
