"""A region is painted on the easel, by hand and by keys, and kept as a grey picture."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.media.image.mask import Mask
from studio.media.image.mask_easel import MAX_BRUSH, MIN_BRUSH, MaskEasel
from studio.media.image.pictures import png

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN, ALT = Qt.KeyboardModifier(0), Qt.KeyboardModifier.AltModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
SIZE = QSize(120, 80)


@pytest.fixture
def mask() -> Mask:
    return Mask(SIZE, QColor("#D63AC0"))


@pytest.fixture
def easel(qtbot: QtBot, mask: Mask) -> MaskEasel:
    shown = MaskEasel()
    qtbot.addWidget(shown)
    shown.resize(400, 300)
    picture = QImage(SIZE, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    shown.begin(picture, mask)
    shown.show()
    return shown


def lit(mask: Mask, x: int, y: int) -> bool:
    return mask.grey().pixelColor(x, y).value() > 127


def share(mask: Mask) -> float:
    """How much of the picture is marked, 0 … 1."""
    small = mask.grey().scaled(
        1, 1, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    return small.pixelColor(0, 0).value() / 255


def drag(qtbot: QtBot, easel: MaskEasel, button=LEFT, held=PLAIN) -> None:
    """Across the middle."""
    middle = easel.rect().center()
    qtbot.mousePress(easel, button, held, middle - QPoint(40, 0))
    qtbot.mouseMove(easel, middle)
    qtbot.mouseMove(easel, middle + QPoint(40, 0))
    qtbot.mouseRelease(easel, button, held, middle + QPoint(40, 0))


# ---- the mask ----------------------------------------------------------------------------------


def test_strokes_mark_and_erase(mask: Mask) -> None:
    assert mask.is_empty()
    mask.begin()
    mask.stroke(QPointF(20, 40), QPointF(100, 40), 10, erase=False)
    assert lit(mask, 60, 40)
    assert not lit(mask, 60, 60)
    mask.begin()
    mask.stroke(QPointF(60, 40), QPointF(60, 40), 20, erase=True)
    assert not lit(mask, 60, 40)
    assert lit(mask, 30, 40)


def test_all_invert_clear_and_the_way_back(mask: Mask) -> None:
    mask.fill(QRectF(0, 0, 60, 80), erase=False)
    mask.invert()
    assert (lit(mask, 10, 10), lit(mask, 100, 10)) == (False, True)
    mask.fill_all()
    assert share(mask) == 1
    mask.clear()
    assert mask.is_empty()
    for expected in (True, True):
        mask.undo()
        assert lit(mask, 100, 10) is expected
    mask.undo()
    assert lit(mask, 10, 10)
    mask.undo()
    assert mask.is_empty()
    assert not mask.can_undo()
    mask.redo()
    assert lit(mask, 10, 10)
    mask.fill_all()
    assert not mask.can_redo(), "a new stroke forgets what was undone"


def test_a_mask_comes_back_from_its_file(mask: Mask) -> None:
    mask.fill(QRectF(0, 0, 60, 80), erase=False)
    again = Mask(SIZE, QColor("#D63AC0"), QImage.fromData(png(mask.grey())))
    assert again.grey() == mask.grey()


# ---- by hand -----------------------------------------------------------------------------------


def test_the_left_button_marks_the_right_one_erases(qtbot: QtBot, easel: MaskEasel) -> None:
    mask = easel.painting
    assert mask is not None
    with qtbot.waitSignal(easel.painted):
        drag(qtbot, easel)
    assert lit(mask, 60, 40)
    drag(qtbot, easel, RIGHT)
    assert not lit(mask, 60, 40)
    drag(qtbot, easel)
    drag(qtbot, easel, LEFT, ALT)
    assert not lit(mask, 60, 40)
    qtbot.keyClick(easel, Qt.Key.Key_X)
    mask.fill_all()
    drag(qtbot, easel)
    assert not lit(mask, 60, 40)


def test_brackets_and_the_wheel_change_the_brush(qtbot: QtBot, easel: MaskEasel) -> None:
    before, scale = easel.brush_px, easel.scale()
    qtbot.keyClick(easel, Qt.Key.Key_BracketRight)
    assert easel.brush_px > before
    qtbot.keyClick(easel, Qt.Key.Key_BracketLeft)
    assert easel.brush_px == pytest.approx(before)
    wheel(easel, CONTROL)
    assert easel.brush_px > before
    assert easel.scale() == scale
    wheel(easel, PLAIN)
    assert easel.scale() > scale
    for _ in range(60):
        qtbot.keyClick(easel, Qt.Key.Key_BracketRight)
    assert easel.brush_px == MAX_BRUSH
    for _ in range(60):
        qtbot.keyClick(easel, Qt.Key.Key_BracketLeft)
    assert easel.brush_px == MIN_BRUSH


def wheel(easel: MaskEasel, held: Qt.KeyboardModifier) -> None:
    middle = QPointF(easel.rect().center())
    still = Qt.ScrollPhase.NoScrollPhase
    buttons = Qt.MouseButton.NoButton
    event = QWheelEvent(middle, middle, QPoint(), QPoint(0, 120), buttons, held, still, False)
    QApplication.sendEvent(easel, event)


# ---- by keys alone -----------------------------------------------------------------------------


def test_a_rectangle_by_keys(qtbot: QtBot, easel: MaskEasel) -> None:
    mask = easel.painting
    assert mask is not None
    qtbot.keyClick(easel, Qt.Key.Key_M)
    qtbot.keyClick(easel, Qt.Key.Key_Return)
    assert lit(mask, 60, 40)
    assert not lit(mask, 5, 5)
    assert share(mask) == pytest.approx(0.25, abs=0.02)
    qtbot.keyClick(easel, Qt.Key.Key_M)
    for _ in range(30):
        qtbot.keyClick(easel, Qt.Key.Key_Left)
        qtbot.keyClick(easel, Qt.Key.Key_Up)
    for _ in range(30):
        qtbot.keyClick(easel, Qt.Key.Key_Right, SHIFT)
        qtbot.keyClick(easel, Qt.Key.Key_Down, SHIFT)
    assert easel.box == QRectF(0, 0, 1, 1)
    qtbot.keyClick(easel, Qt.Key.Key_Delete)
    assert mask.is_empty()
    assert easel.box is None


def test_all_and_inverting_by_keys(qtbot: QtBot, easel: MaskEasel) -> None:
    mask = easel.painting
    assert mask is not None
    qtbot.keyClick(easel, Qt.Key.Key_A, CONTROL)
    assert share(mask) == 1
    qtbot.keyClick(easel, Qt.Key.Key_I)
    assert mask.is_empty()
    with qtbot.waitSignal(easel.done):
        qtbot.keyClick(easel, Qt.Key.Key_Return)


def test_it_paints_itself(qtbot: QtBot, easel: MaskEasel) -> None:
    drag(qtbot, easel)
    easel.toggle_box()
    middle = easel.grab().toImage().pixelColor(easel.rect().center())
    assert middle.green() < middle.red(), "tinted where it is marked"
