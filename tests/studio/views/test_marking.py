"""Parts of works are chosen by mouse and by keys, and said to be liked or not."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.protocol import TextBrief
from studio.media.audio.controller import audio_controller_of
from studio.project.judgements import Place
from studio.state.adaptation import StyleState
from studio.state.feedback import feedback_of
from studio.views.main_window import MainWindow
from tests.studio import fake_music
from tests.studio.fake_engine import POEMS
from tests.studio.windows import drop, files, music_wall, picture_wall, text_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
SHIFT = Qt.KeyboardModifier.ShiftModifier


def marks(window: MainWindow) -> list[tuple[Place, bool]]:
    said = feedback_of(window.session.workspace.project, window.session.workspace.medium)
    return [(mark.place, mark.liked) for mark in said.marks]


def drag(qtbot: QtBot, layer: QWidget, one: QPointF, other: QPointF) -> None:
    qtbot.mousePress(layer, Qt.MouseButton.LeftButton, pos=one.toPoint())
    qtbot.mouseMove(layer, other.toPoint())
    qtbot.mouseRelease(layer, Qt.MouseButton.LeftButton, pos=other.toPoint())


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, **more) -> None:
    qtbot.keyClick(window.stage.marking.layer, key, **more)


def test_a_region_of_a_picture(qtbot, made) -> None:
    marking = made.stage.marking
    assert not marking.layer.isVisible()
    qtbot.keyClick(made, Qt.Key.Key_P)
    assert marking.is_open
    assert made.mark_bar.isVisible()
    assert made.work_bar.isHidden()
    whole = picture_wall(made).easel.picture_box()
    drag(qtbot, marking.layer, whole.topLeft() + QPointF(1, 1), whole.center())
    left, top, right, bottom = marking.place.box
    assert (left, top) == pytest.approx((0, 0), abs=0.02)
    assert (right, bottom) == pytest.approx((0.5, 0.5), abs=0.02)
    qtbot.keyClick(made, Qt.Key.Key_Y)
    assert marks(made) == [(marking.place, True)]
    assert made.mark_bar.like.isChecked()
    qtbot.keyClick(made, Qt.Key.Key_N)
    assert marks(made) == [(marking.place, False)]
    assert made.session.workspace.project.works.get(3).liked is None, "the part, not the whole"
    marking.layer.grab()
    press(qtbot, made, Qt.Key.Key_Escape)
    assert not marking.is_open
    assert marking.layer.isVisible(), "what was marked stays to be seen"
    assert made.focusWidget() is picture_wall(made).easel
    qtbot.keyClick(made, Qt.Key.Key_Right)
    assert marking.layer.marks() == ()
    made.session.workspace.history.undo()
    assert marks(made)[0][1] is True
    made.session.workspace.history.undo()
    assert marks(made) == []


def test_a_region_is_moved_and_grown_with_the_keys(qtbot, made) -> None:
    qtbot.keyClick(made, Qt.Key.Key_P)
    marking = made.stage.marking
    assert marking.place == Place(box=(0.3, 0.3, 0.7, 0.7))
    press(qtbot, made, Qt.Key.Key_Left)
    press(qtbot, made, Qt.Key.Key_Down, modifier=SHIFT)
    assert marking.place == Place(box=(0.25, 0.3, 0.65, 0.75))
    assert made.mark_bar.chosen.text() == "25 to 65 % across, 30 to 75 % down"
    for _ in range(30):
        press(qtbot, made, Qt.Key.Key_Left)
    assert marking.place.box[0] == 0
    assert made.session.workspace.current == 3, "the arrows do not leave the work"


def test_no_part_is_chosen_of_what_is_compared(qtbot, made) -> None:
    qtbot.keyClick(made, Qt.Key.Key_C)
    qtbot.keyClick(made, Qt.Key.Key_P)
    assert not made.stage.marking.is_open


@pytest.fixture
def poem(qtbot, make_window, tmp_path) -> MainWindow:
    """A window with one poem of two lines."""
    (tmp_path / "moon.txt").write_text(
        "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。", "utf-8"
    )
    window = make_window()
    drop(window, files(tmp_path / "moon.txt"))
    session = window.session
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    session.workspace.set_brief(TextBrief(count=1, seed=4, form="五绝"))
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: session.workspace.current is not None, timeout=8000)
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=8000)
    pages = text_wall(window).pages
    qtbot.waitUntil(lambda: [page.grows for page in pages.pages()] == [False], timeout=8000)
    pages.setFocus()
    return window


@pytest.mark.parametrize("vertical", [False, True])
def test_lines_of_a_text(qtbot, poem, vertical) -> None:
    text_wall(poem).set_vertical(vertical)
    pages, marking = text_wall(poem).pages, poem.stage.marking
    lines = pages.line_boxes()
    assert len(lines) == POEMS[0].count("\n") + 1
    qtbot.keyClick(poem, Qt.Key.Key_P)
    assert marking.place == Place(start=0, end=1)
    second = lines[1][0]
    drag(qtbot, marking.layer, second.center(), second.center() + QPointF(0, 2))
    assert marking.place == Place(start=1, end=2)
    press(qtbot, poem, Qt.Key.Key_Y)
    assert marks(poem) == [(Place(start=1, end=2), True)]
    back = Qt.Key.Key_Right if vertical else Qt.Key.Key_Up
    press(qtbot, poem, back)
    assert marking.place == Place(start=0, end=1)
    on = Qt.Key.Key_Left if vertical else Qt.Key.Key_Down
    press(qtbot, poem, on, modifier=SHIFT)
    assert marking.place == Place(start=0, end=2)
    assert poem.mark_bar.chosen.text() == "2 lines, 1 to 2"
    poem.stage.grab()


@pytest.fixture
def tune(qtbot, make_window, tmp_path) -> MainWindow:
    """A window with one piece of eight bars."""
    (tmp_path / "kalimba.wav").write_bytes(fake_music.wav(0.6))
    window = make_window()
    drop(window, files(tmp_path / "kalimba.wav"))
    session = window.session
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=8000)
    session.workspace.set_brief(replace(session.workspace.brief, count=1, seed=1, length=8))
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: session.workspace.current is not None, timeout=8000)
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=8000)
    qtbot.waitUntil(lambda: len(music_wall(window).tracks.pieces()) == 1, timeout=8000)
    qtbot.waitUntil(lambda: audio_controller_of(session).player.track is not None, timeout=8000)
    music_wall(window).tracks.setFocus()
    return window


def test_a_span_of_bars(qtbot, tune) -> None:
    marking, lane = tune.stage.marking, music_wall(tune).tracks.lane_box()
    qtbot.keyClick(tune, Qt.Key.Key_P)
    bar_s = marking.place.end
    length = music_wall(tune).tracks.pieces()[0].length
    assert bar_s == pytest.approx(length / 8, rel=0.1)
    drag(
        qtbot,
        marking.layer,
        lane.topLeft() + QPointF(lane.width() * 0.3, 20),
        lane.topLeft() + QPointF(lane.width() * 0.45, 20),
    )
    place = marking.place
    assert place.start == pytest.approx(2 * bar_s, abs=0.02)
    assert place.end == pytest.approx(4 * bar_s, abs=0.02)
    press(qtbot, tune, Qt.Key.Key_Right)
    press(qtbot, tune, Qt.Key.Key_Right, modifier=SHIFT)
    assert marking.place.start == pytest.approx(3 * bar_s, abs=0.02)
    assert marking.place.end == pytest.approx(6 * bar_s, abs=0.04)
    press(qtbot, tune, Qt.Key.Key_N)
    assert marks(tune) == [(marking.place, False)]
    tune.stage.grab()
    assert tune.mark_bar.chosen.text().endswith(" s")


def test_the_mouse_goes_through_marks_that_only_lie_there(qtbot, made) -> None:
    made.session.edits.toggle_mark(3, Place(box=(0.1, 0.1, 0.9, 0.9)), True)
    layer = made.stage.marking.layer
    qtbot.waitUntil(layer.isVisible, timeout=4000)
    middle = picture_wall(made).easel.rect().center()
    assert picture_wall(made).easel.childAt(QPoint(middle)) is None
    made.stage.grab()
