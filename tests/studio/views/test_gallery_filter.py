"""The gallery through a filter: what passes, what stays while it is looked at, what is selected."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.protocol import Medium
from studio import i18n
from studio.project.rows import WorkRow
from studio.views.gallery_model import WORK_ROLE
from studio.views.gallery_order import Filter
from studio.views.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
WORK = WorkRow(
    id=1, medium=Medium.IMAGE, digest="d", edit="", style_id=1, seed=1, width_px=4, height_px=3,
    created=datetime(2026, 1, 1, tzinfo=UTC), kept=False, hidden=False, rating=0,
)  # fmt: skip


def shown(window: MainWindow) -> list[int]:
    model = window.gallery.model
    return [model.index(row).data(WORK_ROLE).id for row in range(model.rowCount())]


def until_shown(qtbot: QtBot, window: MainWindow, works: Sequence[int]) -> None:
    qtbot.waitUntil(lambda: shown(window) == list(works), timeout=4000)


def choose(window: MainWindow, chosen: Filter) -> None:
    """As the artist does in the box."""
    box = window.gallery.filter_box
    place = box.findData(chosen)
    box.setCurrentIndex(place)
    box.activated.emit(place)


@pytest.mark.parametrize(
    ("work", "passed"),
    [
        (WORK, {Filter.UNRATED}),
        (replace(WORK, rating=2), {Filter.STARS_1, Filter.STARS_2}),
        (replace(WORK, liked=True), {Filter.LIKED}),
        (replace(WORK, liked=False), set()),
        (replace(WORK, kept=True), {Filter.UNRATED, Filter.KEPT}),
        (
            replace(WORK, rating=4),
            {Filter.LIKED, *(Filter(f"stars_{n}") for n in range(1, 5))},
        ),
    ],
)
def test_what_passes(work: WorkRow, passed: set[Filter]) -> None:
    assert {each for each in Filter if each.passes(work)} == passed | {Filter.ALL}
    assert {each for each in Filter if each.passes(replace(work, hidden=True))} == {Filter.HIDDEN}


def test_a_rated_work_stays_while_it_is_looked_at(qtbot: QtBot, made: MainWindow) -> None:
    choose(made, Filter.UNRATED)
    made.work_bar.stars.rated.emit(4)
    qtbot.wait(20)
    assert shown(made) == [3, 2, 1]
    assert (made.session.workspace.current, made.gallery.selected()) == (3, [3])
    qtbot.keyClick(made, Qt.Key.Key_Right)
    assert made.session.workspace.current == 2
    until_shown(qtbot, made, [2, 1])
    assert (made.session.workspace.current, made.gallery.selected()) == (2, [2])
    assert made.gallery._count.text() == "2 of 3"


def test_rating_by_key_works_off_what_is_not_rated(qtbot: QtBot, made: MainWindow) -> None:
    choose(made, Filter.UNRATED)
    made.works.hold.setInterval(0)
    for work, left in ((3, [2, 1]), (2, [1])):
        assert made.session.workspace.current == work
        qtbot.keyClick(made, Qt.Key.Key_3)
        until_shown(qtbot, made, left)
    qtbot.keyClick(made, Qt.Key.Key_5)
    qtbot.waitUntil(lambda: not made.works.hold.isActive(), timeout=20000)
    assert shown(made) == [1], "the last one is still looked at"
    assert made.session.workspace.current == 1
    assert [made.session.workspace.project.works.get(n).rating for n in (3, 2, 1)] == [3, 3, 5]


def test_a_rating_taken_back_lets_a_work_stay(qtbot: QtBot, made: MainWindow) -> None:
    choose(made, Filter.UNRATED)
    made.session.edits.rate(3, 4)
    made.session.workspace.history.undo()
    made.session.workspace.select(1)
    qtbot.wait(20)
    assert shown(made) == [3, 2, 1]
    made.session.edits.rate(3, 4)
    assert shown(made) == [2, 1], "nobody looks at it: it leaves at once"
    made.session.workspace.history.undo()
    assert shown(made) == [3, 2, 1]
    assert (made.session.workspace.current, made.gallery.selected()) == (1, [1])


def test_what_is_no_longer_kept_stays_until_the_next(qtbot: QtBot, made: MainWindow) -> None:
    made.session.edits.toggle_kept(3)
    made.session.edits.toggle_kept(1)
    choose(made, Filter.KEPT)
    qtbot.keyClick(made, Qt.Key.Key_K)
    assert shown(made) == [3, 1]
    made.gallery.view.setFocus()
    qtbot.keyClick(made.gallery.view, Qt.Key.Key_Right)
    until_shown(qtbot, made, [1])
    assert (made.session.workspace.current, made.gallery.selected()) == (1, [1])


def test_a_click_selects_what_was_clicked_though_another_leaves(qtbot, made) -> None:
    choose(made, Filter.UNRATED)
    made.session.edits.rate(3, 5)
    view = made.gallery.view
    at = view.visualRect(made.gallery.model.index(1)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    until_shown(qtbot, made, [2, 1])
    assert (made.session.workspace.current, made.gallery.selected()) == (2, [2])


def test_the_stage_follows_the_filter_to_the_nearest_work(made: MainWindow) -> None:
    made.session.edits.rate(1, 5)
    choose(made, Filter.LIKED)
    assert shown(made) == [1]
    assert (made.session.workspace.current, made.gallery.selected()) == (1, [1])
    choose(made, Filter.UNRATED)
    assert made.session.workspace.current == 2, "the next newer one, where there is no older"
    assert made.gallery.delegate.current == 2
    choose(made, Filter.ALL)
    assert (made.session.workspace.current, made.gallery.selected()) == (2, [2])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_filter_says_so_and_leads_out(made: MainWindow, language: str) -> None:
    i18n.set_language(language)
    gallery = made.gallery
    said = set()
    for each in (*(each for each in Filter if each not in (Filter.ALL, Filter.UNRATED)),):
        choose(made, each)
        assert not shown(made)
        assert gallery._empty.isVisible()
        said.add(gallery._empty.text())
        assert made.session.workspace.current == 3, "the work on the easel stays there"
        assert gallery.selected() == []
    assert len(said) == 8
    assert gallery.first() is gallery.filter_box
    gallery.show_all.click()
    assert gallery.filter_box.currentData() is Filter.ALL
    assert shown(made) == [3, 2, 1]
    assert not gallery._empty.isVisible()
    assert gallery.selected() == [3]


def test_all_rated_and_all_hidden_are_told(made: MainWindow) -> None:
    for work in (1, 2, 3):
        made.session.edits.rate(work, 1)
    choose(made, Filter.UNRATED)
    assert made.gallery._empty.text() == "Every work is rated"
    for work in (1, 2, 3):
        made.session.edits.set_hidden([work], True)
    choose(made, Filter.ALL)
    assert made.gallery._empty.text() == "All works are in the trash"
    assert not made.gallery.show_all.isVisible()


def test_nothing_made_yet_is_no_matter_of_the_filter(make_window) -> None:
    window = make_window()
    choose(window, Filter.KEPT)
    assert window.gallery._empty.text() == "Everything you make hangs here"
    assert not window.gallery.show_all.isVisible()


def test_hiding_takes_a_work_away_at_once(qtbot: QtBot, made: MainWindow) -> None:
    choose(made, Filter.UNRATED)
    qtbot.keyClick(made, Qt.Key.Key_Delete, SHIFT)
    assert shown(made) == [2, 1]
    assert made.session.workspace.current == 2
    choose(made, Filter.HIDDEN)
    assert (shown(made), made.session.workspace.current) == ([3], 3)
    qtbot.keyClick(made, Qt.Key.Key_Delete, SHIFT)
    assert shown(made) == []


def test_new_works_do_not_slip_through(qtbot: QtBot, made: MainWindow) -> None:
    made.session.edits.rate(2, 5)
    choose(made, Filter.LIKED)
    made.session.maker.make()
    qtbot.waitUntil(lambda: made.gallery.model.total() == 6, timeout=8000)
    qtbot.waitUntil(lambda: not made.session.generation.is_busy, timeout=8000)
    qtbot.waitUntil(lambda: made.session.workspace.current == 6, timeout=4000)
    qtbot.wait(20)
    assert shown(made) == [2]
    assert made.session.workspace.current == 6, "looked at, though not in this filter"
    assert made.gallery.selected() == []
    qtbot.keyClick(made, Qt.Key.Key_Right)
    assert made.session.workspace.current == 2


def test_the_filter_is_remembered_and_ends_with_the_project(made: MainWindow) -> None:
    choose(made, Filter.KEPT)
    made.session.workspace.show_medium(Medium.TEXT)
    made.session.workspace.show_medium(Medium.IMAGE)
    i18n.set_language("zh")
    assert made.gallery.filter_box.currentData() is Filter.KEPT
    assert made.gallery.model.filter is Filter.KEPT
    made.session.new()
    assert made.gallery.filter_box.currentData() is Filter.ALL
    assert made.gallery.model.filter is Filter.ALL


@pytest.mark.qt_log_ignore("does not support", extend=True)  # lists that open, without a screen
def test_the_filter_is_chosen_with_the_keys(qtbot: QtBot, made: MainWindow) -> None:
    made.actions_["gallery"].setChecked(False)
    qtbot.keyClick(made, Qt.Key.Key_F, CONTROL)
    box = made.gallery.filter_box
    qtbot.waitUntil(lambda: box.view().isVisible(), timeout=4000)
    assert made.gallery.isVisible()
    qtbot.keyClick(box.view(), Qt.Key.Key_Down)
    qtbot.keyClick(box.view(), Qt.Key.Key_Return)
    assert made.gallery.model.filter is Filter.UNRATED
    assert box.hasFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert made.gallery.model.filter is Filter.LIKED


def test_several_are_selected_with_control(qtbot: QtBot, made: MainWindow) -> None:
    view, model = made.gallery.view, made.gallery.model
    for row, selected in ((1, [3, 2]), (2, [3, 2, 1]), (1, [3, 1])):
        at = view.visualRect(model.index(row)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, CONTROL, at)
        qtbot.wait(20)
        assert made.gallery.selected() == selected
