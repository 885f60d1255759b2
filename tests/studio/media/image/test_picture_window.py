"""The window around a picture to start from, its mask, colours, straying and tiles."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.protocol import Medium, Palette, PictureBrief, Symmetry, Use
from studio.media.image import uses
from studio.media.image.controller import image_controller_of
from studio.media.image.mask import Mask
from studio.media.image.swatches import Swatches
from studio.media.image.uses import ACTIONS
from studio.state.generation import brief_of
from studio.state.titles import short_names
from studio.views.main_window import MainWindow
from studio.widgets.base import Elided
from tests.studio.windows import picture_fields, picture_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def until_use(qtbot: QtBot, window: MainWindow, use: Use) -> PictureBrief:
    qtbot.waitUntil(lambda: window.session.workspace.brief.use is use, timeout=8000)
    return window.session.workspace.brief


def painted(window: MainWindow) -> Mask:
    painting = picture_wall(window).masks.easel.painting
    assert painting is not None
    return painting


def paint(qtbot: QtBot, window: MainWindow) -> None:
    """Begin to fill a region of the current work, and draw one stroke."""
    qtbot.keyClick(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: window.stage.covers_work, timeout=8000)
    stroke(qtbot, window)


def stroke(qtbot: QtBot, window: MainWindow, down_px: int = 0) -> None:
    easel = picture_wall(window).masks.easel
    middle = easel.rect().center() + QPoint(0, down_px)
    qtbot.mousePress(easel, LEFT, pos=middle - QPoint(60, 0))
    qtbot.mouseMove(easel, middle)
    qtbot.mouseRelease(easel, LEFT, pos=middle)


# ---- the start ---------------------------------------------------------------------------------


def test_nothing_of_a_start_is_shown_without_one(made: MainWindow) -> None:
    start = picture_fields(made).start
    assert start.choose.isVisible()
    for part in (start.thumb, start.use_box, start.strength, start.paint, start.clear):
        assert not part.isVisible()


@pytest.mark.parametrize(("name", "use"), ACTIONS.items())
def test_the_current_work_is_gone_on_with_by_one_key(qtbot, made, name, use) -> None:
    work = made.session.workspace.project.works.get(made.session.workspace.current)
    keys = {"start": Qt.Key.Key_S, "fill": Qt.Key.Key_F, "extend": Qt.Key.Key_X}
    qtbot.keyClick(made, keys.get(name, Qt.Key.Key_L))
    brief = until_use(qtbot, made, use)
    assert brief.content == work.digest
    start = picture_fields(made).start
    assert uses.OF_A_PICTURE[start.use_box.currentIndex()] is use
    assert start.strength.isVisible() is (use is Use.RESTYLE)
    assert start.paint.isVisible() is (use is Use.FILL)
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL)
    assert made.session.workspace.brief.use is Use.COMPOSE
    assert start.choose.isVisible()


def test_the_panel_says_what_becomes_of_the_picture(qtbot, made) -> None:
    image_controller_of(made.session).start.use_work(made.session.workspace.current)
    until_use(qtbot, made, Use.RESTYLE)
    start, size_box = picture_fields(made).start, picture_fields(made).size_box
    start.strength.slider.setValue(160)
    qtbot.waitUntil(lambda: made.session.workspace.brief.strength == 1.6, timeout=4000)
    start.use_box.activated.emit(uses.OF_A_PICTURE.index(Use.ENLARGE))
    assert until_use(qtbot, made, Use.ENLARGE).width_px == 96
    qtbot.waitUntil(lambda: size_box.itemText(0).startswith("Twice"), timeout=4000)
    size_box.setCurrentIndex(2)
    size_box.activated.emit(2)
    assert made.session.workspace.brief.width_px == 192
    start.clear.click()
    assert made.session.workspace.brief.use is Use.COMPOSE
    assert start.choose.isVisible()


def test_a_picture_dropped_on_the_start_is_no_reference(qtbot, made, folder: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder / "picture 1.png"))])
    start = picture_fields(made).start
    copy, plain = Qt.DropAction.CopyAction, Qt.KeyboardModifier(0)
    start.dropEvent(QDropEvent(QPointF(5, 5), copy, mime, LEFT, plain))
    until_use(qtbot, made, Use.RESTYLE)
    assert len(made.references.cards()) == 3
    words = QMimeData()
    words.setText("no picture")
    start.dropEvent(QDropEvent(QPointF(5, 5), copy, words, LEFT, plain))
    qtbot.waitUntil(lambda: "no picture" in start.notice.text(), timeout=4000)


def test_the_menu_offers_what_is_there(qtbot, made) -> None:
    start = picture_fields(made).start
    QApplication.clipboard().clear()
    start.fill_menu()
    actions = [action for action in start.menu.actions() if not action.isSeparator()]
    assert [action.isEnabled() for action in actions] == [True, False, True, True, True, True]
    actions[3].trigger()
    until_use(qtbot, made, Use.RESTYLE)
    assert made.session.workspace.brief.content == made.session.workspace.references()[0].digest


def test_a_reference_has_a_menu_of_its_own(qtbot, made) -> None:
    card = made.references.cards()[1]
    menu = made.menus.reference_menu(card)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words[:2] == ["Vary", "Use as start"]
    menu.actions()[3].trigger()
    assert until_use(qtbot, made, Use.EXTEND).content == card.row.digest
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)


def test_a_reference_that_is_brought_back_keeps_its_name(qtbot, made) -> None:
    """It comes to stand last in the tray, though it was the first."""
    session = made.session
    first = session.workspace.references()[0]
    session.edits.remove_reference(first.id)
    session.workspace.history.undo()
    shown = {card.row.id: card.name.whole for card in made.references.cards()}
    names = short_names([row.name for row in session.workspace.references()])
    assert shown == {
        row.id: n for row, n in zip(session.workspace.references(), names, strict=True)
    }
    assert list(shown)[-1] == first.id


# ---- the mask ----------------------------------------------------------------------------------


def test_a_region_is_painted_and_filled(qtbot, made) -> None:
    paint(qtbot, made)
    assert picture_wall(made).mask_bar.isVisible()
    hint = picture_wall(made).mask_bar.findChild(Elided)
    assert hint is not None and hint.text() == hint.whole, "there is room for all of it"
    assert not made.work_bar.isVisible()
    qtbot.waitUntil(lambda: made.session.workspace.brief.mask != "", timeout=4000)
    qtbot.keyClick(made, Qt.Key.Key_Return, CONTROL)
    assert not made.stage.covers_work
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)
    assert made.work_bar.isVisible()


def test_strokes_are_undone_while_painting_and_the_mask_after(qtbot, made) -> None:
    paint(qtbot, made)
    painting = painted(made)
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL)
    assert painting.is_empty()
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert not painting.is_empty()
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert made.session.workspace.brief.mask
    assert made.session.workspace.brief.use is Use.FILL
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL)
    assert (made.session.workspace.brief.mask, made.session.workspace.brief.use) == ("", Use.FILL)


def test_keys_that_judge_do_nothing_while_painting(qtbot, made) -> None:
    paint(qtbot, made)
    easel = picture_wall(made).masks.easel
    for key in (Qt.Key.Key_4, Qt.Key.Key_K, Qt.Key.Key_V, Qt.Key.Key_X, Qt.Key.Key_M):
        qtbot.keyClick(easel, key)
    work = made.session.workspace.project.works.get(made.session.workspace.current)
    assert (work.rating, work.kept) == (0, False)
    assert easel.erases
    assert easel.box is not None
    assert not made.session.generation.is_busy
    assert made.session.workspace.brief.use is Use.FILL


def test_a_mask_is_gone_on_with_and_kept_when_closed(qtbot, made) -> None:
    paint(qtbot, made)
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    first = made.session.workspace.brief.mask
    picture_fields(made).start.paint.click()
    qtbot.waitUntil(lambda: made.stage.covers_work, timeout=4000)
    assert not painted(made).is_empty()
    stroke(qtbot, made, down_px=60)
    made.session.workspace.project_leaving.emit()
    assert made.session.workspace.brief.mask not in ("", first)
    assert made.session.workspace.project.blob(made.session.workspace.brief.mask)


def test_works_that_arrive_leave_the_brush_in_the_hand(qtbot, made) -> None:
    made.session.maker.again(made.session.workspace.current)
    paint(qtbot, made)
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=8000)
    assert made.stage.covers_work
    made.session.workspace.select(1)
    assert not made.stage.covers_work


def test_taking_the_picture_away_ends_painting(qtbot, made) -> None:
    paint(qtbot, made)
    picture_fields(made).start.clear.click()
    assert not made.stage.covers_work
    assert made.session.workspace.brief.mask == ""
    made.session.workspace.history.undo()
    assert made.session.workspace.brief.mask


def test_the_bar_works_the_brush(qtbot, made) -> None:
    paint(qtbot, made)
    bar, easel = picture_wall(made).mask_bar, picture_wall(made).masks.easel
    bar.tool.chosen.emit(1)
    assert easel.erases
    before = easel.brush_px
    bar.brush.setValue(bar.brush.value() + 20)
    assert easel.brush_px > before
    bar.verbs["fill_all"].click()
    bar.verbs["invert"].click()
    assert painted(made).is_empty()
    bar.box.click()
    assert easel.box is not None
    assert easel.hasFocus()
    bar.done.click()
    assert not made.stage.covers_work


def test_of_alternatives_for_a_region_one_is_picked(qtbot, made) -> None:
    """By a click or its number; what is pressed rates nothing."""
    paint(qtbot, made)
    bar, easel = picture_wall(made).mask_bar, picture_wall(made).easel
    before = made.session.workspace.brief
    assert bar.swap.isEnabled()
    bar.swap.click()
    assert not made.stage.covers_work
    qtbot.waitUntil(lambda: made.stage.is_choosing and len(easel.sheets()) == 8, timeout=20000)
    works = made.session.workspace.project.works
    rows = sorted(works.all(Medium.IMAGE), key=lambda row: row.id)[-8:]
    briefs = [brief_of(works.sidecar(row.id), PictureBrief()) for row in rows]
    assert {(each.use, each.content) for each in briefs} == {(Use.FILL, before.content)}
    assert all(each.mask == made.session.workspace.brief.mask != "" for each in briefs)
    assert made.session.workspace.brief.invention == before.invention, "the panel stays as it was"
    assert made.work_bar._facts.whole.startswith("Click the one")
    qtbot.keyClick(easel, Qt.Key.Key_3)
    assert made.session.workspace.current == rows[2].id
    assert not made.stage.is_choosing
    qtbot.waitUntil(lambda: len(easel.sheets()) == 1, timeout=8000)
    assert works.get(rows[2].id).rating == 0


def test_alternatives_are_picked_by_a_click_too(qtbot, made) -> None:
    paint(qtbot, made)
    picture_wall(made).mask_bar.swap.click()
    easel = picture_wall(made).easel
    qtbot.waitUntil(lambda: made.stage.is_choosing and len(easel.sheets()) == 8, timeout=20000)
    made.stage._on_picked(99)
    assert made.stage.is_choosing
    cell = easel._cells()[1].center().toPoint()
    qtbot.mouseClick(easel, LEFT, pos=cell)
    assert not made.stage.is_choosing
    rows = sorted(made.session.workspace.project.works.all(Medium.IMAGE), key=lambda row: row.id)
    assert made.session.workspace.current == rows[-7].id
    qtbot.waitUntil(lambda: len(easel.sheets()) == 1, timeout=8000)
    qtbot.mouseClick(easel, LEFT, pos=cell)
    assert made.session.workspace.current == rows[-7].id, "one work alone is not picked"


def test_nothing_is_swapped_where_nothing_is_marked(qtbot, made) -> None:
    paint(qtbot, made)
    bar = picture_wall(made).mask_bar
    bar.verbs["clear"].click()
    assert not bar.swap.isEnabled()


# ---- more --------------------------------------------------------------------------------------


def test_marks_and_symmetry(qtbot, made) -> None:
    more = picture_fields(made).rest
    more.brush.slider.setValue(50)
    qtbot.waitUntil(lambda: made.session.workspace.brief.brush == 2.0, timeout=4000)
    more.symmetry.chosen.emit(3)
    assert made.session.workspace.brief.symmetry is Symmetry.TURN
    made.session.workspace.history.undo()
    made.session.workspace.history.undo()
    assert (more.brush.value(), more.symmetry.value()) == (0, 0)


def test_chosen_colours(qtbot, made) -> None:
    fields = picture_fields(made).rest.palette_fields
    fields.palettes.chosen.emit(2)
    qtbot.waitUntil(lambda: made.session.workspace.brief.colours != (), timeout=4000)
    assert made.session.workspace.brief.palette is Palette.FIXED
    made.session.workspace.set_brief(
        replace(made.session.workspace.brief, colours=("#102030", "#c8102e"))
    )
    swatches = fields.swatches
    assert [swatch.colour for swatch in swatches.swatches()] == ["#102030", "#c8102e"]
    qtbot.keyClick(swatches.swatches()[0], Qt.Key.Key_Delete)
    assert made.session.workspace.brief.colours == ("#c8102e",)
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


def test_my_colours_only_with_a_picture_of_mine(qtbot, made) -> None:
    mine = picture_fields(made).rest.palette_fields.palettes._group.button(1)
    assert mine.isHidden()
    image_controller_of(made.session).start.use_work(made.session.workspace.current)
    until_use(qtbot, made, Use.RESTYLE)
    assert not mine.isHidden()
    made.session.workspace.set_brief(replace(made.session.workspace.brief, palette=Palette.MINE))
    image_controller_of(made.session).start.clear()
    assert made.session.workspace.brief.palette is Palette.THEIRS


def test_straying_begins_at_the_work_that_is_looked_at(qtbot, made) -> None:
    more = picture_fields(made).rest
    seed = made.session.workspace.project.works.get(made.session.workspace.current).seed
    more.variation.slider.setValue(30)
    qtbot.waitUntil(lambda: made.session.workspace.brief.variation == 0.3, timeout=4000)
    assert made.session.workspace.brief.root == seed
    assert more.root.isHidden()
    made.session.workspace.select(1)
    assert not more.root.isHidden()
    more.root.click()
    assert (
        made.session.workspace.brief.root
        == made.session.workspace.project.works.get(1).seed
        != seed
    )


def test_a_tile_is_seen_repeated(qtbot, made) -> None:
    assert not made.work_bar.repeat.isVisible()
    made.session.maker.seed_locked = True
    made.session.workspace.set_brief(
        PictureBrief(count=1, width_px=48, height_px=32, tile=True, seed=99)
    )
    made.session.maker.make()
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 4, timeout=8000)
    qtbot.waitUntil(made.work_bar.repeat.isVisible, timeout=4000)
    made.work_bar.repeat.click()
    qtbot.waitUntil(lambda: picture_wall(made).easel.sheets()[0].repeat == 3, timeout=4000)
    size = picture_wall(made).easel.sheets()[0].size
    assert (size.width(), size.height()) == (144, 96)
    picture_wall(made).easel.grab()
    made.session.workspace.select(1)
    qtbot.waitUntil(lambda: picture_wall(made).easel.sheets()[0].repeat == 1, timeout=4000)
    made.session.workspace.select(4)
    qtbot.keyClick(made, Qt.Key.Key_R)
    assert picture_wall(made).easel.sheets()[0].repeat == 1
