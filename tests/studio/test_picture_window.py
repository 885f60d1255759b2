"""The window around a picture to start from, its mask, colours, straying and tiles."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.messages import Palette, PictureBrief, Symmetry, Use
from studio import uses
from studio.names import short_names
from studio.views.main_window import MainWindow
from studio.views.work_commands import USES
from studio.widgets.swatches import Swatches
from tests.studio.test_window import folder, made, make_window  # noqa: F401 - fixtures

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def until_use(qtbot: QtBot, window: MainWindow, use: Use) -> PictureBrief:
    qtbot.waitUntil(lambda: window.session.brief.use is use, timeout=8000)
    return window.session.brief


def paint(qtbot: QtBot, window: MainWindow) -> None:
    """Begin to fill a region of the current work, and draw one stroke."""
    qtbot.keyClick(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: window.stage.is_masking, timeout=8000)
    stroke(qtbot, window)


def stroke(qtbot: QtBot, window: MainWindow, down_px: int = 0) -> None:
    easel = window.stage.masks.easel
    middle = easel.rect().center() + QPoint(0, down_px)
    qtbot.mousePress(easel, LEFT, pos=middle - QPoint(60, 0))
    qtbot.mouseMove(easel, middle)
    qtbot.mouseRelease(easel, LEFT, pos=middle)


# ---- the start ---------------------------------------------------------------------------------


def test_nothing_of_a_start_is_shown_without_one(made: MainWindow) -> None:  # noqa: F811
    start = made.brief.pictures.start
    assert start.choose.isVisible()
    for part in (start.thumb, start.use_box, start.strength, start.paint, start.clear):
        assert not part.isVisible()


@pytest.mark.parametrize(("name", "use"), USES.items())
def test_the_current_work_is_gone_on_with_by_one_key(qtbot, made, name, use) -> None:  # noqa: F811
    work = made.session.project.work(made.session.current)
    keys = {"start": Qt.Key.Key_S, "fill": Qt.Key.Key_F, "extend": Qt.Key.Key_X}
    qtbot.keyClick(made, keys.get(name, Qt.Key.Key_L))
    brief = until_use(qtbot, made, use)
    assert brief.content == work.digest
    start = made.brief.pictures.start
    assert uses.OF_A_PICTURE[start.use_box.currentIndex()] is use
    assert start.strength.isVisible() is (use is Use.RESTYLE)
    assert start.paint.isVisible() is (use is Use.FILL)
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL)
    assert made.session.brief.use is Use.COMPOSE
    assert start.choose.isVisible()


def test_the_panel_says_what_becomes_of_the_picture(qtbot, made) -> None:  # noqa: F811
    made.session.starting.use_work(made.session.current)
    until_use(qtbot, made, Use.RESTYLE)
    start, size_box = made.brief.pictures.start, made.brief.pictures.size_box
    start.strength.slider.setValue(160)
    qtbot.waitUntil(lambda: made.session.brief.strength == 1.6, timeout=4000)
    start.use_box.activated.emit(uses.OF_A_PICTURE.index(Use.ENLARGE))
    assert until_use(qtbot, made, Use.ENLARGE).width_px == 96
    qtbot.waitUntil(lambda: size_box.itemText(0).startswith("Twice"), timeout=4000)
    size_box.setCurrentIndex(2)
    size_box.activated.emit(2)
    assert made.session.brief.width_px == 192
    start.clear.click()
    assert made.session.brief.use is Use.COMPOSE
    assert start.choose.isVisible()


def test_a_picture_dropped_on_the_start_is_no_reference(qtbot, made, folder: Path) -> None:  # noqa: F811
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder / "picture 1.png"))])
    start = made.brief.pictures.start
    copy, plain = Qt.DropAction.CopyAction, Qt.KeyboardModifier(0)
    start.dropEvent(QDropEvent(QPointF(5, 5), copy, mime, LEFT, plain))
    until_use(qtbot, made, Use.RESTYLE)
    assert len(made.references.cards()) == 3
    words = QMimeData()
    words.setText("no picture")
    start.dropEvent(QDropEvent(QPointF(5, 5), copy, words, LEFT, plain))
    qtbot.waitUntil(lambda: "no picture" in start.notice.text(), timeout=4000)


def test_the_menu_offers_what_is_there(qtbot, made) -> None:  # noqa: F811
    start = made.brief.pictures.start
    QApplication.clipboard().clear()
    start.fill_menu()
    actions = [action for action in start.menu.actions() if not action.isSeparator()]
    assert [action.isEnabled() for action in actions] == [True, False, True, True, True, True]
    actions[3].trigger()
    until_use(qtbot, made, Use.RESTYLE)
    assert made.session.brief.content == made.session.references()[0].digest


def test_a_reference_has_a_menu_of_its_own(qtbot, made) -> None:  # noqa: F811
    card = made.references.cards()[1]
    menu = made.menus.reference_menu(card)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words[:2] == ["Vary", "Use as start"]
    menu.actions()[3].trigger()
    assert until_use(qtbot, made, Use.EXTEND).content == card.row.digest
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)


def test_a_reference_that_is_brought_back_keeps_its_name(qtbot, made) -> None:  # noqa: F811
    """It comes to stand last in the tray, though it was the first."""
    session = made.session
    first = session.references()[0]
    session.remove_reference(first.id)
    session.history.undo()
    shown = {card.row.id: card.name.whole for card in made.references.cards()}
    names = short_names([row.name for row in session.references()])
    assert shown == {row.id: n for row, n in zip(session.references(), names, strict=True)}
    assert list(shown)[-1] == first.id


# ---- the mask ----------------------------------------------------------------------------------


def test_a_region_is_painted_and_filled(qtbot, made) -> None:  # noqa: F811
    paint(qtbot, made)
    assert made.mask_bar.isVisible()
    assert not made.work_bar.isVisible()
    qtbot.waitUntil(lambda: made.session.brief.mask != "", timeout=4000)
    qtbot.keyClick(made, Qt.Key.Key_Return, CONTROL)
    assert not made.stage.is_masking
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)
    assert made.work_bar.isVisible()


def test_strokes_are_undone_while_painting_and_the_mask_after(qtbot, made) -> None:  # noqa: F811
    paint(qtbot, made)
    painting = made.stage.masks.easel.painting
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL)
    assert painting.is_empty()
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert not painting.is_empty()
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert made.session.brief.mask
    assert made.session.brief.use is Use.FILL
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL)
    assert (made.session.brief.mask, made.session.brief.use) == ("", Use.FILL)


def test_keys_that_judge_do_nothing_while_painting(qtbot, made) -> None:  # noqa: F811
    paint(qtbot, made)
    easel = made.stage.masks.easel
    for key in (Qt.Key.Key_4, Qt.Key.Key_K, Qt.Key.Key_V, Qt.Key.Key_X, Qt.Key.Key_M):
        qtbot.keyClick(easel, key)
    work = made.session.project.work(made.session.current)
    assert (work.rating, work.kept) == (0, False)
    assert easel.erases
    assert easel.box is not None
    assert not made.session.making.is_busy
    assert made.session.brief.use is Use.FILL


def test_a_mask_is_gone_on_with_and_kept_when_closed(qtbot, made) -> None:  # noqa: F811
    paint(qtbot, made)
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    first = made.session.brief.mask
    made.brief.pictures.start.paint.click()
    qtbot.waitUntil(lambda: made.stage.is_masking, timeout=4000)
    assert not made.stage.masks.easel.painting.is_empty()
    stroke(qtbot, made, down_px=60)
    made.session.project_leaving.emit()
    assert made.session.brief.mask not in ("", first)
    assert made.session.project.blob(made.session.brief.mask)


def test_works_that_arrive_leave_the_brush_in_the_hand(qtbot, made) -> None:  # noqa: F811
    made.session.again(made.session.current)
    paint(qtbot, made)
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)
    assert made.stage.is_masking
    made.session.select(1)
    assert not made.stage.is_masking


def test_taking_the_picture_away_ends_painting(qtbot, made) -> None:  # noqa: F811
    paint(qtbot, made)
    made.brief.pictures.start.clear.click()
    assert not made.stage.is_masking
    assert made.session.brief.mask == ""
    made.session.history.undo()
    assert made.session.brief.mask


def test_the_bar_works_the_brush(qtbot, made) -> None:  # noqa: F811
    paint(qtbot, made)
    bar, easel = made.mask_bar, made.stage.masks.easel
    bar.tool.chosen.emit(1)
    assert easel.erases
    before = easel.brush_px
    bar.brush.setValue(bar.brush.value() + 20)
    assert easel.brush_px > before
    bar.verbs["fill_all"].click()
    bar.verbs["invert"].click()
    assert easel.painting.is_empty()
    bar.box.click()
    assert easel.box is not None
    assert easel.hasFocus()
    bar.done.click()
    assert not made.stage.is_masking


# ---- more --------------------------------------------------------------------------------------


def test_marks_and_symmetry(qtbot, made) -> None:  # noqa: F811
    more = made.brief.pictures.rest
    more.brush.slider.setValue(50)
    qtbot.waitUntil(lambda: made.session.brief.brush == 2.0, timeout=4000)
    more.symmetry.chosen.emit(3)
    assert made.session.brief.symmetry is Symmetry.TURN
    made.session.history.undo()
    made.session.history.undo()
    assert (more.brush.value(), more.symmetry.value()) == (0, 0)


def test_chosen_colours(qtbot, made) -> None:  # noqa: F811
    fields = made.brief.pictures.rest.palette_fields
    fields.palettes.chosen.emit(2)
    qtbot.waitUntil(lambda: made.session.brief.colours != (), timeout=4000)
    assert made.session.brief.palette is Palette.FIXED
    made.session.set_brief(replace(made.session.brief, colours=("#102030", "#c8102e")))
    swatches = fields.swatches
    assert [swatch.colour for swatch in swatches.swatches()] == ["#102030", "#c8102e"]
    qtbot.keyClick(swatches.swatches()[0], Qt.Key.Key_Delete)
    assert made.session.brief.colours == ("#c8102e",)
    qtbot.keyClick(swatches.swatches()[0], Qt.Key.Key_Delete)
    assert made.brief.make_panel.hint.text() == "Choose a colour first"
    assert not made.brief.make_panel.make.isEnabled()


def test_swatches_ask_for_colours(qtbot: QtBot) -> None:
    answers = [QColor("#336699"), QColor(), QColor("#ff0000")]
    swatches = Swatches(2, lambda _start, _parent, _title: answers.pop(0))
    qtbot.addWidget(swatches)
    swatches.changed.connect(swatches.set_colours)
    swatches.add.click()
    swatches.add.click()
    assert [swatch.colour for swatch in swatches.swatches()] == ["#336699"]
    swatches.swatches()[0].click()
    assert [swatch.colour for swatch in swatches.swatches()] == ["#ff0000"]


def test_my_colours_only_with_a_picture_of_mine(qtbot, made) -> None:  # noqa: F811
    mine = made.brief.pictures.rest.palette_fields.palettes._group.button(1)
    assert mine.isHidden()
    made.session.starting.use_work(made.session.current)
    until_use(qtbot, made, Use.RESTYLE)
    assert not mine.isHidden()
    made.session.set_brief(replace(made.session.brief, palette=Palette.MINE))
    made.session.starting.clear()
    assert made.session.brief.palette is Palette.THEIRS


def test_straying_begins_at_the_work_that_is_looked_at(qtbot, made) -> None:  # noqa: F811
    more = made.brief.pictures.rest
    seed = made.session.project.work(made.session.current).seed
    more.variation.slider.setValue(30)
    qtbot.waitUntil(lambda: made.session.brief.variation == 0.3, timeout=4000)
    assert made.session.brief.root == seed
    assert more.root.isHidden()
    made.session.select(1)
    assert not more.root.isHidden()
    more.root.click()
    assert made.session.brief.root == made.session.project.work(1).seed != seed


def test_a_tile_is_seen_repeated(qtbot, made) -> None:  # noqa: F811
    assert not made.work_bar.repeat.isVisible()
    made.session.seed_locked = True
    made.session.set_brief(PictureBrief(count=1, width_px=48, height_px=32, tile=True, seed=99))
    made.session.make()
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 4, timeout=8000)
    qtbot.waitUntil(made.work_bar.repeat.isVisible, timeout=4000)
    made.work_bar.repeat.click()
    qtbot.waitUntil(lambda: made.stage.easel.sheets()[0].repeat == 3, timeout=4000)
    size = made.stage.easel.sheets()[0].size
    assert (size.width(), size.height()) == (144, 96)
    made.stage.easel.grab()
    made.session.select(1)
    qtbot.waitUntil(lambda: made.stage.easel.sheets()[0].repeat == 1, timeout=4000)
    made.session.select(4)
    qtbot.keyClick(made, Qt.Key.Key_R)
    assert made.stage.easel.sheets()[0].repeat == 1
