"""Before and after, and two works, in one place with a line between them."""

from dataclasses import asdict

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from engine.protocol import PictureBrief, Use
from studio import i18n
from studio.views.main_window import MainWindow
from studio.widgets import theme
from tests.studio.windows import picture_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier


def restyled(window: MainWindow, png, use: Use = Use.RESTYLE) -> int:
    """A work that was made from another picture, and hangs on the wall."""
    project = window.session.workspace.project
    start = project.put(png(48, 32, 77))
    about = {"seed": 5, "brief": asdict(PictureBrief(use=use, content=start, seed=5))}
    work = project.works.add(png(48, 32, 5), about, style_id=1, seed=5, width_px=48, height_px=32)
    window.gallery.model.add([work])
    window.session.workspace.select(work.id)
    return work.id


def colour_at(window: MainWindow, share: float) -> str:
    """Of the picture on the easel, in the middle of its height."""
    easel = picture_wall(window).easel
    box, image = easel.picture_box(), easel.grab().toImage()
    x, y = box.x() + share * box.width(), box.y() + box.height() * 0.25
    ratio = image.devicePixelRatio()
    return image.pixelColor(round(x * ratio), round(y * ratio)).name()


def wall_hangs(qtbot, window: MainWindow) -> None:
    easel = picture_wall(window).easel
    qtbot.waitUntil(lambda: bool(easel.sheets()), timeout=20_000)


def colour(png, seed: int) -> str:
    return QImage.fromData(png(48, 32, seed)).pixelColor(1, 1).name()


def test_before_and_after_of_a_restyled_picture(qtbot, made: MainWindow, png) -> None:
    restyled(made, png)
    easel, bar = picture_wall(made).easel, picture_wall(made).wipe_bar
    qtbot.waitUntil(made.work_bar.wipe.isVisible, timeout=20_000)
    qtbot.mouseClick(made.work_bar.wipe, LEFT)
    qtbot.waitUntil(lambda: easel.is_wiping, timeout=20_000)
    assert bar.isVisible()
    assert bar.names() == ("Before", "After")
    assert colour_at(made, 0.2) == colour(png, 77)
    assert colour_at(made, 0.8) == colour(png, 5)
    assert made.work_bar.wipe.isChecked()
    qtbot.keyClick(made, Qt.Key.Key_D)
    assert not easel.is_wiping
    assert not bar.isVisible()
    assert colour_at(made, 0.2) == colour(png, 5)


def test_the_line_is_moved_by_mouse_key_and_slider(qtbot, made: MainWindow, png) -> None:
    restyled(made, png)
    wall = picture_wall(made)
    easel, slider = wall.easel, wall.wipe_bar.slider
    qtbot.keyClick(made, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: easel.is_wiping, timeout=20_000)
    box = easel.picture_box()
    at = QPoint(round(box.x() + 0.9 * box.width()), round(box.center().y()))
    qtbot.mousePress(easel, LEFT, pos=QPoint(round(easel.line_x()), at.y()))
    qtbot.mouseMove(easel, at)
    qtbot.mouseRelease(easel, LEFT, pos=at)
    assert easel.wipe() == pytest.approx(0.9, abs=0.01)
    assert slider.value() == 90
    assert colour_at(made, 0.8) == colour(png, 77)
    easel.setFocus()
    qtbot.keyClick(easel, Qt.Key.Key_Left, SHIFT)
    assert easel.wipe() == pytest.approx(0.85, abs=0.01)
    slider.setValue(10)
    assert easel.wipe() == pytest.approx(0.1)
    assert colour_at(made, 0.2) == colour(png, 5)


def test_two_works_that_are_compared(qtbot, made: MainWindow, png) -> None:
    wall_hangs(qtbot, made)
    qtbot.keyClick(made, Qt.Key.Key_C)
    easel = picture_wall(made).easel
    qtbot.waitUntil(lambda: len(easel.sheets()) == 2, timeout=20_000)
    qtbot.keyClick(made, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: easel.is_wiping, timeout=20_000)
    left, right = picture_wall(made).wipe_bar.names()
    pair = made.stage.pair
    assert pair is not None
    assert (f"No. {pair[0]} " in left, f"No. {pair[1]} " in right) == (True, True)
    seeds = [made.session.workspace.project.works.get(one).seed for one in pair]
    assert colour_at(made, 0.2) == colour(png, seeds[0])
    assert colour_at(made, 0.8) == colour(png, seeds[1])
    assert made.pair_bar.isVisible(), "the better one can be said"
    qtbot.keyClick(made, Qt.Key.Key_D)
    assert len(easel.sheets()) == 2


def test_a_work_from_nothing_has_no_before(qtbot, made: MainWindow, png) -> None:
    assert not made.work_bar.wipe.isVisible()
    qtbot.keyClick(made, Qt.Key.Key_D)
    assert not picture_wall(made).easel.is_wiping
    restyled(made, png, Use.EXTEND)
    assert not made.work_bar.wipe.isVisible(), "it is not of one shape with its start"
    restyled(made, png)
    easel = picture_wall(made).easel
    qtbot.waitUntil(lambda: easel.is_wiping, timeout=20_000)  # the wish holds


@pytest.mark.parametrize("name", ["dark", "light"])
def test_names_in_both_languages_and_themes(qtbot, qapp, made: MainWindow, png, name) -> None:
    restyled(made, png)
    theme.apply(qapp, name)
    qtbot.keyClick(made, Qt.Key.Key_D)
    bar = picture_wall(made).wipe_bar
    qtbot.waitUntil(bar.isVisible, timeout=20_000)
    i18n.set_language("zh")
    assert bar.slider.accessibleName() == "两幅之间的分界线"
    qtbot.waitUntil(lambda: bar.names() == ("之前", "之后"), timeout=20_000)
