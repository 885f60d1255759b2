"""What broke trust in the first ten minutes of a new user, a test each, through the real window."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QObject, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QImage, QWheelEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QMenu,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.protocol import Medium, PictureBrief, Progress, TextBrief
from studio import i18n
from studio.app.application import first_project
from studio.client.job import JobState
from studio.media.text.export import encode_text
from studio.project import opening
from studio.project.project import Project
from studio.project.shelf import glance, place, projects
from studio.state.adaptation import StyleState
from studio.state.course import Course
from studio.state.project_names import name_of, subject
from studio.state.settings import SettingsStore
from studio.views.actions import GROUPS
from studio.views.main_window import MainWindow
from studio.views.projects_dialog import ProjectsDialog
from studio.views.window_panels import first_size
from studio.widgets.slider import LabelledSlider
from studio.widgets.theme import load_fonts
from tests.studio.at_work import CONTROL, learn_from, make
from tests.studio.windows import (
    drop,
    files,
    music_fields,
    picture_fields,
    picture_wall,
    text_fields,
    text_wall,
)

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
PATIENCE_MS = 20_000
NEVER_MS = 10_000_000


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where projects without a file of their own live."""
    folder = tmp_path / "data"
    folder.mkdir()
    for module in ("state.settings", "views.file_commands"):
        monkeypatch.setattr(f"studio.{module}.data_folder", lambda: folder)
    return folder


@pytest.fixture
def poet(qtbot: QtBot, make_window, texts: list[Path]) -> MainWindow:
    """A window that has learned from three texts."""
    window = make_window()
    learn_from(qtbot, window, texts, form="五绝")
    window.session.maker.seed_locked = False
    return window


@pytest.fixture
def made_poems(qtbot: QtBot, poet: MainWindow) -> MainWindow:
    """Three poems in the gallery, the newest one on the wall."""
    make(qtbot, poet)
    qtbot.waitUntil(lambda: not poet.session.generation.is_busy, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(text_wall(poet).pages.pages()) == 1, timeout=PATIENCE_MS)
    text_wall(poet).pages.setFocus()
    return poet


def brief_of(window: MainWindow, work_id: int) -> dict:
    return window.session.workspace.project.works.sidecar(work_id)["brief"]


def press_make(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.mouseClick(window.brief.make_panel.make, Qt.MouseButton.LeftButton)


# ---- 1. a brief is always what the window shows ------------------------------------------------


def test_words_that_are_typed_are_in_the_works_without_leaving_the_field(qtbot, poet) -> None:
    lines = text_fields(poet).lines
    lines["prompt"].setFocus()
    qtbot.keyClicks(lines["prompt"], "qiu ye")
    press_make(qtbot, poet)
    qtbot.waitUntil(lambda: poet.gallery.model.rowCount() == 3, timeout=PATIENCE_MS)
    assert brief_of(poet, 1)["prompt"] == "qiu ye"
    assert lines["prompt"].text() == "qiu ye"


def test_an_acrostic_survives_the_key_that_makes(qtbot, poet) -> None:
    poet.brief._folds[Medium.TEXT].head.setChecked(True)
    line = text_fields(poet).lines["acrostic"]
    line.setFocus()
    qtbot.keyClicks(line, "MOON ")
    assert line.text() == "MOON ", "what is being typed stays as it is typed"
    qtbot.keyClick(line, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: poet.gallery.model.rowCount() == 3, timeout=PATIENCE_MS)
    assert brief_of(poet, 1)["acrostic"] == "MOON"


def test_a_number_counts_at_every_keystroke_and_half_of_one_when_works_are_made(
    qtbot, poet
) -> None:
    workspace = poet.session.workspace
    seed = poet.brief.seed
    seed.setFocus()
    seed.selectAll()
    qtbot.keyClicks(seed, "18")
    assert workspace.brief.seed == 18
    workspace.show_medium(Medium.IMAGE)
    picture_fields(poet).more_asked.emit()
    wide = picture_fields(poet).rest.width_px
    wide.setFocus()
    wide.selectAll()
    qtbot.keyClicks(wide, "9")
    assert workspace.brief.width_px == PictureBrief().width_px, "too small to be a width yet"
    workspace.brief_closing.emit()
    assert workspace.brief.width_px == wide.value() == wide.minimum()


def test_a_tempo_can_be_typed_through_numbers_that_are_none(qtbot, make_window) -> None:
    window = make_window()
    window.session.workspace.show_medium(Medium.AUDIO)
    tempo = music_fields(window).tempo
    tempo.setFocus()
    tempo.selectAll()
    qtbot.keyClicks(tempo, "120")
    assert window.session.workspace.brief.tempo == 120


def test_a_slider_that_was_just_moved_counts(qtbot, poet) -> None:
    daring = text_fields(poet).daring.slider
    daring._rest.setInterval(NEVER_MS)
    daring.setValue(120)
    poet.brief.counts.chosen.emit(4)
    assert poet.session.workspace.brief.temperature == 1.2, "another edit does not take it back"
    daring.setValue(60)
    poet.session.workspace.show_medium(Medium.IMAGE)
    assert poet.session.workspace.briefs.of(Medium.TEXT).temperature == 0.6


def test_typed_words_are_undone_as_one_step(qtbot, poet) -> None:
    line = text_fields(poet).lines["prompt"]
    line.setFocus()
    qtbot.keyClicks(line, "autumn")
    poet.actions_["undo"].trigger()
    assert poet.session.workspace.brief.prompt == ""
    assert line.text() == ""


def test_after_making_the_keys_judge_and_are_no_words(qtbot, poet: MainWindow) -> None:
    line = text_fields(poet).lines["prompt"]
    line.setFocus()
    qtbot.keyClicks(line, "moon")
    press_make(qtbot, poet)
    qtbot.waitUntil(lambda: poet.session.workspace.current == 3, timeout=PATIENCE_MS)
    assert not line.hasFocus()
    poet.works.hold.setInterval(NEVER_MS)
    qtbot.keyClick(poet.focusWidget(), Qt.Key.Key_5)
    assert poet.session.workspace.project.works.get(3).rating == 5
    assert line.text() == "moon"


# ---- 2. another project has its own cards ------------------------------------------------------


def test_another_project_shows_its_own_references(qtbot, poet, pictures, data) -> None:
    poet.session.new()
    drop(poet, files(*pictures))
    qtbot.waitUntil(lambda: len(poet.references.cards()) == 3, timeout=PATIENCE_MS)
    names = [card.row.name for card in poet.references.cards()]
    assert names == [path.name for path in pictures]
    poet.session.go_back()
    assert {card.row.name for card in poet.references.cards()} != set(names)


# ---- 3. nothing is lost, and what was made is found again --------------------------------------


def test_a_new_project_says_what_is_kept_and_undo_goes_back(qtbot, made_poems) -> None:
    window = made_poems
    before = window.session.workspace.project.path
    qtbot.keyClick(window, Qt.Key.Key_N, CONTROL)
    assert window.session.workspace.project.path != before
    assert "Study" in window.notice.text()
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert window.session.workspace.project.path == before
    assert window.gallery.model.rowCount() == 3
    assert window.notice.text() == ""
    qtbot.keyClick(window, Qt.Key.Key_N, CONTROL)
    window.notice.act()
    assert window.session.workspace.project.path == before


def test_projects_are_called_by_their_references_and_the_day(qtbot, make_window, texts) -> None:
    window = make_window()
    window.session.new()  # the file of the fixture has a name already, and is empty
    window.session.new()
    drop(window, files(*texts))
    qtbot.waitUntil(lambda: len(window.references.cards()) == 3, timeout=PATIENCE_MS)
    name = name_of(window.session.workspace.project)
    assert name.startswith("Wang wei · ")
    assert window.windowTitle().startswith(name)
    assert window.top_bar._name.whole == name
    assert subject(("wave.png",)) == "Wave"
    assert subject(("hokusai-wave.png", "hokusai-ejiri.png")) == "Hokusai"
    assert subject(("wave.png", "ejiri.png", "rain.png")) == "Wave and 2 more"


def test_every_project_is_listed_with_its_cover(qtbot, made_poems, data, monkeypatch) -> None:
    window = made_poems
    left = window.session.workspace.project.path
    window.places.keep()
    window.session.new()
    menu = QMenu()
    window.files.fill_recent(menu)
    assert menu.actions()[0].text() == "Study"
    found = list(projects(data, window.session.settings.recent()))
    found = [one for one in found if one.path == left]
    assert len(found) == 1
    assert found[0].cover
    assert found[0].works == 3
    dialog = ProjectsDialog(found, window)
    qtbot.addWidget(dialog)
    dialog.open_button.click()
    assert dialog.choice == left
    monkeypatch.setattr("studio.views.projects_dialog.ProjectsDialog", lambda *_: dialog)
    monkeypatch.setattr(window.files, "_run", lambda _dialog: None)
    menu.actions()[-1].trigger()
    assert window.session.workspace.project.path == left


def test_projects_without_a_name_are_recent_too(made_poems, data) -> None:
    made_poems.session.new()
    assert made_poems.session.workspace.project.path in made_poems.session.settings.recent()


def test_a_restart_opens_the_last_project_where_it_was(made_poems: MainWindow, tmp_path) -> None:
    made_poems.session.workspace.select(2)
    made_poems.places.keep()
    copy = made_poems.session.workspace.project.save_as(tmp_path / "Last.maquette")
    copy.close()
    seen = glance(copy.path)
    assert seen is not None
    assert seen.cover
    assert seen.works == 3
    store = SettingsStore(tmp_path / "other.json")
    store.add_recent(copy.path)
    empty = opening.fresh(tmp_path)
    empty.close()
    store.add_recent(empty.path)
    again, problem = first_project(None, tmp_path, store.recent())
    assert problem is None
    assert again.path == copy.path
    assert place(again, "text")["current"] == 2
    again.close()


def test_a_window_that_opens_on_works_shows_one(qtbot, project: Project, make_window) -> None:
    style = project.styles.add(b"style", {}, {}, Medium.TEXT)
    for words in ("moon", "river"):
        project.works.add(words.encode(), {}, style_id=style.id, seed=1)
    project.working_state.save_medium(Medium.TEXT)
    window = make_window()
    assert window.session.workspace.current == 2
    assert window.gallery.selected() == [2]
    qtbot.waitUntil(lambda: len(text_wall(window).pages.pages()) == 1, timeout=PATIENCE_MS)
    assert text_wall(window).isVisible()


def test_the_wall_of_an_opened_project_has_its_work(qtbot, made_poems, tmp_path) -> None:
    window = made_poems
    window.session.workspace.select(2)
    path = window.session.workspace.project.path
    window.session.new()
    window.session.open(path)
    assert window.session.workspace.current == 2
    assert window.gallery.selected() == [2]
    qtbot.waitUntil(lambda: len(text_wall(window).pages.pages()) == 1, timeout=PATIENCE_MS)
    assert text_wall(window).isVisible()


def test_a_project_that_another_window_holds_is_left_to_it(data, tmp_path) -> None:
    held = Project.create(tmp_path / "Held.maquette")
    one, problem = first_project(None, data, [held.path])
    assert problem is None
    assert one.path.parent == data
    one.close()
    held.close()


# ---- 4. what keys act on is the work that was just rated ---------------------------------------


def test_five_then_keep_keeps_the_work_that_was_rated(qtbot, made_poems: MainWindow) -> None:
    window, works = made_poems, made_poems.session.workspace.project.works
    window.works.hold.setInterval(NEVER_MS)
    for key in (Qt.Key.Key_5, Qt.Key.Key_K, Qt.Key.Key_Y):
        qtbot.keyClick(window, key)
    assert window.session.workspace.current == 3, "the work stays while more is said of it"
    assert (works.get(3).rating, works.get(3).kept, works.get(3).liked) == (5, True, True)
    assert not works.get(2).kept
    window.works.hold.setInterval(0)
    qtbot.keyClick(window, Qt.Key.Key_N)
    assert works.get(3).liked is False
    qtbot.waitUntil(lambda: window.session.workspace.current == 2, timeout=PATIENCE_MS)


def test_what_is_done_with_a_rated_work_ends_the_waiting(qtbot, made_poems: MainWindow) -> None:
    window = made_poems
    window.works.hold.setInterval(NEVER_MS)
    qtbot.keyClick(window, Qt.Key.Key_4)
    assert window.works.hold.isActive()
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert not window.works.hold.isActive()
    qtbot.keyClick(window, Qt.Key.Key_4)
    qtbot.keyClick(text_wall(window).pages, Qt.Key.Key_Right)
    assert window.session.workspace.current == 2
    assert not window.works.hold.isActive()


def test_quick_clicks_on_make_are_done_in_their_order(qtbot, poet: MainWindow) -> None:
    jobs, asked = poet.session.jobs, []
    jobs.job_changed.connect(
        lambda job: (
            asked.append(job.request.brief.prompt)
            if job.state is JobState.WAITING and job.progress is None
            else None
        )
    )
    for words in ("one", "two", "three"):
        workspace = poet.session.workspace
        workspace.set_brief(replace(workspace.brief, prompt=words))
        press_make(qtbot, poet)
    qtbot.waitUntil(lambda: len(asked) == 3, timeout=PATIENCE_MS)
    assert asked == ["one", "two", "three"]
    qtbot.waitUntil(lambda: poet.gallery.model.rowCount() == 9, timeout=PATIENCE_MS)


def test_preparations_do_not_overtake_each_other(qtbot: QtBot, poet: MainWindow) -> None:
    from threading import Event

    background, gate, told = poet.session.workspace.background, Event(), []
    background.run(lambda: gate.wait(20), lambda _: told.append("first"), in_order=True)
    background.run(lambda: None, lambda _: told.append("second"), in_order=True)
    background.run(gate.set, lambda _: None)
    qtbot.waitUntil(lambda: len(told) == 2, timeout=PATIENCE_MS)
    assert told == ["first", "second"]


# ---- 5. a new project while a number is typed --------------------------------------------------


@pytest.mark.parametrize("name", ["seed", "width"])
def test_a_new_project_while_a_number_is_typed(qtbot, made: MainWindow, data, name) -> None:
    """`made` has three pictures; an error in any slot fails the test."""
    fields = picture_fields(made)
    made.brief._folds[Medium.IMAGE].head.setChecked(True)
    number = made.brief.seed if name == "seed" else fields.rest.width_px
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "77")
    qtbot.keyClick(number, Qt.Key.Key_N, CONTROL)
    assert made.session.workspace.current is None
    assert made.gallery.model.rowCount() == 0
    assert made.notice.text().startswith("“Study”")
    assert made.session.workspace.brief.width_px == PictureBrief().width_px


# ---- 6. wheel, lock, and exact copies ----------------------------------------------------------


def roll(widget: QWidget) -> None:
    at = QPointF(widget.rect().center())
    none = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase)
    event = QWheelEvent(at, at, QPoint(), QPoint(0, 120), *none, False)
    QApplication.sendEvent(widget, event)


def test_the_wheel_changes_no_field_that_has_no_focus(qtbot, made_poems: MainWindow) -> None:
    window = made_poems
    fields = [each for kind in (QAbstractSpinBox, QComboBox, QSlider) for each in of(window, kind)]
    assert len(fields) > 20
    text_wall(window).pages.setFocus()
    briefs = window.session.workspace.briefs
    before = [briefs.of(medium) for medium in Medium]
    for field in fields:
        said = value_of(field)
        roll(field)
        assert value_of(field) == said, field.accessibleName()
    assert [briefs.of(medium) for medium in Medium] == before
    assert not window.session.maker.seed_locked


def of(window: MainWindow, kind: type[QWidget]) -> list[QWidget]:
    return list(window.findChildren(kind))


def value_of(field: QWidget) -> object:
    return field.currentIndex() if isinstance(field, QComboBox) else field.property("value")


def test_the_lock_of_the_seed_goes_with_undo_and_stays_with_its_project(qtbot, poet, data) -> None:
    session, seed = poet.session, poet.brief.seed
    seed.setFocus()
    seed.selectAll()
    qtbot.keyClicks(seed, "1834")
    assert session.maker.seed_locked
    assert poet.brief.lock.isChecked()
    poet.session.workspace.history.undo()
    assert not session.maker.seed_locked
    assert not poet.brief.lock.isChecked()
    poet.brief.lock.click()
    path = session.workspace.project.path
    session.new()
    assert not session.maker.seed_locked
    assert not poet.brief.lock.isChecked()
    session.open(path)
    assert session.maker.seed_locked


def test_exact_copies_are_said(qtbot, made_poems: MainWindow) -> None:
    window = made_poems
    window.session.maker.seed_locked = True
    make(qtbot, window, 6)
    notice = window.brief.make_panel.notice
    qtbot.waitUntil(lambda: "3 of these are exact copies" in notice.text(), timeout=PATIENCE_MS)


# ---- 7. a new project has the usual settings ---------------------------------------------------


def test_a_new_project_inherits_no_wishes(qtbot, poet: MainWindow, data) -> None:
    workspace = poet.session.workspace
    workspace.set_brief(
        replace(workspace.brief, acrostic="月山", prompt="秋", temperature=1.3, copy_limit=9)
    )
    poet.session.maker.seed_locked = True
    poet.session.new()
    workspace.show_medium(Medium.TEXT)
    assert replace(workspace.brief, seed=0) == TextBrief()
    assert not poet.session.maker.seed_locked
    poet.session.new()  # in one with nothing in it, too
    assert replace(workspace.brief, seed=0) == TextBrief()


def test_what_is_set_under_more_is_told_while_it_is_folded(qtbot, poet: MainWindow) -> None:
    workspace, head = poet.session.workspace, poet.brief._folds[Medium.TEXT].head
    assert head.text() == "More"
    workspace.set_brief(replace(workspace.brief, acrostic="月山", keywords=("花",)))
    assert head.text() == head.accessibleName() == "More · 2 set"
    workspace.set_brief(replace(workspace.brief, acrostic="", keywords=()))
    assert head.text() == "More"


# ---- 12. words that a space parts --------------------------------------------------------------


def test_chinese_words_may_be_parted_by_spaces(qtbot, poet: MainWindow) -> None:
    line = text_fields(poet).lines["keywords"]
    line.setFocus()
    line.setText("月 山")
    line.textEdited.emit(line.text())
    assert poet.session.workspace.brief.keywords == ("月", "山")
    line.setText("quiet night, moon")
    line.textEdited.emit(line.text())
    assert poet.session.workspace.brief.keywords == ("quiet night", "moon")
    assert "comma" in line.placeholderText()


# ---- 17. a reference can be seen large ---------------------------------------------------------


def test_a_double_click_shows_a_reference_large(qtbot, made: MainWindow) -> None:
    card = made.references.cards()[1]
    qtbot.mouseDClick(card.face, Qt.MouseButton.LeftButton)
    easel = picture_wall(made).easel
    qtbot.waitUntil(
        lambda: easel.sheets() and card.row.name in easel.sheets()[0].caption, timeout=PATIENCE_MS
    )
    assert made.stage.is_reading
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert not made.stage.is_reading
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert made.stage.is_reading


# ---- 18. hiding several is one step ------------------------------------------------------------


def test_several_hidden_works_come_back_with_one_undo(qtbot, made_poems: MainWindow) -> None:
    window = made_poems
    window.gallery.view.selectAll()
    qtbot.keyClick(window, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert window.gallery.model.rowCount() == 0
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert window.gallery.model.rowCount() == 3


# ---- 9. one bar, one falling number ------------------------------------------------------------


def test_the_bar_of_learning_fills_once_and_the_time_left_is_of_the_whole() -> None:
    now = [0.0]
    course = Course({"reading": 1.0, "adapting": 4.0, "drawing": 5.0}, lambda: now[0])
    seen = []

    def hear(stage: str, done: float, at: float, left: float | None = None) -> float | None:
        now[0] = at
        course.take(Progress(job_id="1", done=done, total=1.0, stage=stage, seconds_left=left))
        seen.append(course.fraction())
        return course.seconds_left()

    assert hear("reading", 0.5, 0.5) == pytest.approx(9.5)
    assert hear("adapting", 0.5, 3.0, left=2.0) == pytest.approx(7.0), "with what comes after it"
    hear("drawing", 0.0, 5.0)
    assert hear("drawing", 0.2, 6.0, left=4.0) == pytest.approx(4.0)
    now[0] = 8.0
    assert course.seconds_left() == pytest.approx(2.0), "it falls while nothing is heard"
    now[0] = 20.0
    assert course.seconds_left() == 0.0
    hear("drawing", 1.0, 21.0)
    assert seen == sorted(seen)
    assert seen[-1] < 1.0
    course.finish()
    assert course.took == pytest.approx({"reading": 3.0, "adapting": 2.0, "drawing": 16.0})


def test_the_window_shows_the_course_of_the_whole_job(qtbot, make_window, folder) -> None:
    window = make_window()
    adaptation, bar, seen = window.session.adaptation, window.references.style_line.bar, []
    adaptation.progressed.connect(lambda: seen.append(bar.value()))
    drop(window, files(folder))
    qtbot.waitUntil(lambda: adaptation.state is StyleState.READY, timeout=PATIENCE_MS)
    assert seen == sorted(seen)


def test_an_estimate_stays_when_another_form_is_asked_for(qtbot, made_poems: MainWindow) -> None:
    workspace, maker = made_poems.session.workspace, made_poems.session.maker
    assert maker.estimate_s() is not None
    workspace.set_brief(replace(workspace.brief, form="sonnet"))
    assert maker.estimate_s() is not None
    assert "unknown" not in made_poems.brief.make_panel.hint.text()


# ---- 11. a poem on paper -----------------------------------------------------------------------


@pytest.mark.parametrize("vertical", [False, True])
def test_a_poem_fills_a_portrait_page(qapp, vertical: bool) -> None:
    load_fonts(qapp)
    page, ink = printed(
        "\n".join(("空山不見雨，但聞夜泉聲。", "明月來相照，孤雲何處行。") * 2), vertical
    )
    assert page.height() > page.width()
    assert ink.height() > 0.15 * page.height()
    assert ink.width() > 0.3 * page.width()
    middle = ink.center().x() / page.width()
    assert 0.4 < middle < 0.6, "in the middle of the page"


def printed(words: str, vertical: bool) -> tuple[QRect, QRect]:
    """The first page of a PDF, and what is printed on it, in pixels."""
    owner, buffer = QObject(), QBuffer()
    document = QPdfDocument(owner)
    buffer.setData(encode_text(words, ".pdf", vertical=vertical))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    document.load(buffer)
    size = document.pagePointSize(0).toSize()
    image = document.render(0, size).convertToFormat(QImage.Format.Format_ARGB32)
    dark = [
        (x, y)
        for y in range(0, size.height(), 2)
        for x in range(0, size.width(), 2)
        if image.pixelColor(x, y).alpha() > 128 and image.pixelColor(x, y).lightness() < 128
    ]
    across, down = [x for x, _ in dark], [y for _, y in dark]
    ink = QRect(QPoint(min(across), min(down)), QPoint(max(across), max(down)))
    document.close()
    return QRect(QPoint(0, 0), size), ink


# ---- 13. every size of the window --------------------------------------------------------------


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900), (2560, 1440)])
def test_nothing_overlaps_under_the_work(qtbot, made_poems: MainWindow, size) -> None:
    window = made_poems
    window.resize(*size)
    qtbot.waitUntil(lambda: window.size().toTuple() == size, timeout=PATIENCE_MS)
    for medium in Medium:
        window.session.workspace.show_medium(medium)
        QApplication.processEvents()
        bar = window.work_bar
        tools = [tool for tool in bar.findChildren(QToolButton) if tool.isVisible()]
        places = [tool.geometry() for tool in (*tools, bar.stars)]
        for one, other in itertools.combinations(places, 2):
            assert not one.intersects(other), (size, medium, one, other)
        assert all(bar.rect().contains(place) for place in places), (size, medium)
    assert window.width() == size[0]


def test_tools_that_have_no_room_are_in_the_menu(qtbot, made: MainWindow) -> None:
    made.resize(1024, 700)
    qtbot.waitUntil(lambda: made.width() == 1024, timeout=PATIENCE_MS)
    stowed = {action.objectName() for action in made.work_bar.rest_menu.actions()}
    bar = {"keep": made.work_bar.keep, "vary": made.work_bar.vary, "compare": made.work_bar.compare}
    for name, tool in bar.items():
        assert tool.isVisible() is not (name in stowed)
    assert made.work_bar.keep.isVisible()


def test_the_first_window_is_smaller_than_its_screen() -> None:
    assert first_size(QSize(1440, 900)).height() < 900
    assert first_size(QSize(1024, 768)).width() < 1024
    assert first_size(QSize(2560, 1440)) == QSize(1920, 1200)


# ---- 14. names in the manual are names in the window -------------------------------------------

ROOT = Path(__file__).parents[2]


def test_every_name_in_bold_in_the_readme_is_in_the_window() -> None:
    """In bold stand what is pressed: a button's words, or a key of an action."""
    words = {text.format_map(Some()) for text in i18n.catalogue("en").values()}
    keys = {key for group in GROUPS.values() for each in group.values() for key in each}
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        lines = page.read_text("utf-8").splitlines()
        text = "\n".join(line for line in lines if not line.startswith("|"))  # tables have heads
        for name in re.findall(r"\*\*([^*\n]+)\*\*", text):
            assert name in words | keys or re.sub(r"\d+", "4", name) in words, (page.name, name)


class Some(dict):
    def __missing__(self, key: str) -> str:
        return "4"


# ---- 15. Tab moves the focus, everywhere -------------------------------------------------------


def test_tab_moves_the_focus_and_hides_nothing(qtbot, made: MainWindow) -> None:
    panels = (made.top_bar, made.references, made.brief, made.gallery, made.work_bar)
    for home in (picture_wall(made).easel, made.gallery.view, made.brief.seed):
        home.setFocus()
        qtbot.keyClick(home, Qt.Key.Key_Tab)
        assert not home.hasFocus()
        assert all(panel.isVisible() for panel in panels)
    picture_wall(made).easel.setFocus()
    qtbot.keyClick(picture_wall(made).easel, Qt.Key.Key_H)
    assert not any(panel.isVisible() for panel in panels)
    qtbot.keyClick(picture_wall(made).easel, Qt.Key.Key_H)
    assert all(panel.isVisible() for panel in panels)


# ---- 16. names, roles and values ---------------------------------------------------------------


def test_whoever_cannot_see_hears_names_roles_and_values(qtbot, made: MainWindow) -> None:
    made.session.workspace.project.works.rate(3, 4)
    made.session.workspace.work_changed.emit(3)
    text, role = QAccessible.Text, QAccessible.Role
    stars = QAccessible.queryAccessibleInterface(made.work_bar.stars)
    assert (stars.role(), stars.text(text.Name)) == (role.Slider, "Stars of this work")
    assert stars.valueInterface().currentValue() == 4
    assert stars.valueInterface().maximumValue() == 5
    stage = QAccessible.queryAccessibleInterface(made.stage)
    assert stage.text(text.Name) == "The wall"
    assert "4 stars" in stage.text(text.Description)
    easel = QAccessible.queryAccessibleInterface(picture_wall(made).easel)
    assert "4 stars" in easel.text(text.Description)
    combos = [box for box in made.findChildren(QComboBox) if box.isVisible()]
    assert len(combos) >= 2
    for box in combos:
        labels = QAccessible.queryAccessibleInterface(box).relations(QAccessible.RelationFlag.Label)
        names = [label.text(text.Name) for label, _relation in labels]
        assert any(name.strip() for name in names), box.accessibleName()


def test_the_whole_tree_has_names(qtbot, made: MainWindow) -> None:
    """Walked from the window: what can take the focus has a name or a label."""
    text, seen, nameless = QAccessible.Text, 0, []
    todo = [QAccessible.queryAccessibleInterface(made)]
    while todo:
        one = todo.pop()
        todo.extend(one.child(place) for place in range(one.childCount()))
        widget = one.object()
        if not isinstance(widget, QWidget) or not widget.isVisible():
            continue
        inner = isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not inner:
            seen += 1
            if not one.text(text.Name).strip():
                nameless.append(type(widget).__name__)
    assert seen > 30
    assert nameless == []


# ---- 19. the report on all works ---------------------------------------------------------------


def test_the_best_of_them_are_different_works(qtbot, made_poems: MainWindow) -> None:
    window = made_poems
    window.session.maker.seed_locked = True
    make(qtbot, window, 6)
    qtbot.waitUntil(lambda: not window.session.generation.is_busy, timeout=PATIENCE_MS)
    window.actions_["overview"].trigger()
    works = window.session.workspace.project.works
    buttons = window.stage.overview.best
    qtbot.waitUntil(lambda: not buttons[0].isHidden(), timeout=PATIENCE_MS)
    named = [button.work_id for button in buttons if not button.isHidden()]
    digests = [works.get(work_id).shown_digest for work_id in named]
    assert len(digests) == len(set(digests)) == 3


# ---- and what artists expect beside ------------------------------------------------------------


def test_no_field_is_made_but_of_those_that_the_wheel_leaves_alone() -> None:
    for file in (ROOT / "studio").rglob("*.py"):
        if file.name != "inputs.py":
            text = file.read_text("utf-8")
            assert not re.search(r"\b(QComboBox|QSpinBox|QDoubleSpinBox)\(", text), file


def test_every_slider_shows_its_number_and_a_double_click_resets_it(qtbot, poet) -> None:
    sliders = [one for one in poet.brief.findChildren(LabelledSlider) if one.isVisible()]
    assert sliders
    daring = text_fields(poet).daring
    daring.slider.setValue(120)
    assert daring.number.text() == "120 %"
    qtbot.mouseDClick(daring.slider, Qt.MouseButton.LeftButton)
    assert (daring.value(), daring.number.text()) == (90, "90 %")
    assert text_fields(poet).line.number.text() == "× 1.00"


def test_shift_and_arrows_select_several(qtbot, made_poems: MainWindow) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(text_wall(made_poems).pages, Qt.Key.Key_Right, shift)
    assert made_poems.gallery.selected() == [3, 2]
    assert made_poems.session.workspace.current == 2


def test_a_slideshow_walks_through_the_works_and_escape_ends_it(qtbot, made_poems) -> None:
    window, workspace = made_poems, made_poems.session.workspace
    window.slideshow.pause.setInterval(NEVER_MS)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    assert window.actions_["fullscreen"].isChecked()
    assert not window.brief.isVisible()
    seen = []
    for _ in range(3):
        window.slideshow.pause.timeout.emit()
        seen.append(workspace.current)
    assert seen == [2, 1, 3]
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.slideshow.pause.isActive()
    assert not window.actions_["fullscreen"].isChecked()
    assert window.brief.isVisible()
