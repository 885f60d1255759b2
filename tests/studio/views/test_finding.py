"""Finding, sorting, tagging and throwing away, in a gallery of any size."""

from dataclasses import asdict
from unittest.mock import Mock

import pytest
from PySide6.QtCore import Qt

from engine.protocol import Medium, TextBrief
from studio import i18n
from studio.media.image.controller import image_controller_of
from studio.views.dialogs import Question
from studio.views.gallery_delegate import CELL
from studio.views.gallery_model import WORK_ROLE
from studio.views.gallery_order import Filter, Order
from studio.views.main_window import MainWindow
from studio.views.tag_dialog import TagDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
MANY = 5000


def shown(window: MainWindow) -> list[int]:
    model = window.gallery.model
    return [model.index(row).data(WORK_ROLE).id for row in range(model.rowCount())]


def search(qtbot, window: MainWindow, words: str) -> None:
    field = window.gallery.finder.words
    field.setFocus()
    field.selectAll()
    with qtbot.waitSignal(window.gallery.finder.searched, timeout=20_000):
        if words.isascii():
            qtbot.keyClicks(field, words)
        else:
            field.insert(words)  # as an input method does


def add_texts(window: MainWindow, *texts: str) -> list[int]:
    project = window.session.workspace.project
    moon = project.references.add("Moon over Li.txt", b"...", Medium.TEXT)
    style = project.styles.add(b"t", {}, {moon.id: 1.0}, Medium.TEXT)
    brief = {"brief": asdict(TextBrief(keywords=("orchard",)))}
    made = [project.works.add(text.encode(), {}, style_id=style.id, seed=1) for text in texts]
    made.append(project.works.add(b"other", brief, style_id=style.id, seed=4711))
    window.session.workspace.show_medium(Medium.TEXT)
    return [work.id for work in made]


# ---- searching ---------------------------------------------------------------------------------


def test_words_of_texts_names_and_briefs(qtbot, made: MainWindow) -> None:
    first, second, third = add_texts(made, "The QUIET hours", "野渡無人語")
    for words, found in (
        ("quiet", [first]),
        ("無人", [second]),
        ("quiet hours", [first]),
        ("quiet 無人", []),
        ("orchard", [third]),
        ("moon", [third, second, first]),
        ("4711", [third]),
    ):
        search(qtbot, made, words)
        qtbot.waitUntil(lambda found=found: shown(made) == found, timeout=5_000)
    assert made.gallery.show_all.isHidden() is False
    qtbot.keyClick(made.gallery.finder.words, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(shown(made)) == 3, timeout=20_000)


def test_what_is_not_found_is_said_with_the_way_back(qtbot, made: MainWindow) -> None:
    search(qtbot, made, "nowhere")
    qtbot.waitUntil(lambda: shown(made) == [], timeout=20_000)
    gallery = made.gallery
    assert gallery._empty.text() == "No work has these words"
    qtbot.mouseClick(gallery.show_all, LEFT)
    assert shown(made) == [3, 2, 1]
    assert gallery.finder.words.text() == ""


def test_an_edited_text_is_found_by_what_it_says_now(qtbot, made: MainWindow) -> None:
    first, *_ = add_texts(made, "The quiet hours")
    made.session.edits.edit(first, "a louder day")
    search(qtbot, made, "louder")
    qtbot.waitUntil(lambda: shown(made) == [first], timeout=20_000)


def test_the_key_opens_the_field_and_return_goes_to_the_works(qtbot, made: MainWindow) -> None:
    made.actions_["gallery"].setChecked(False)
    qtbot.keyClick(made, Qt.Key.Key_Slash)
    field = made.gallery.finder.words
    assert made.gallery.isVisible()
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "2")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(made.gallery.view.hasFocus)
    assert made.session.workspace.project.works.get(2).rating == 0, "typing rates nothing"


# ---- tags --------------------------------------------------------------------------------------


def test_tags_of_several_works(qtbot, made: MainWindow, monkeypatch) -> None:
    edits = made.session.edits
    edits.set_tags(3, ("sea", "blue"))
    edits.set_tags(2, ("sea",))
    view, model = made.gallery.view, made.gallery.model
    for row in (0, 1):
        at = view.visualRect(model.index(row)).center()
        qtbot.mouseClick(view.viewport(), LEFT, CONTROL if row else Qt.KeyboardModifier(0), at)

    def answer(dialog: TagDialog) -> int:
        assert dialog.tags == ("sea",)
        dialog.field.setText("#ocean， night ")
        dialog.offers[0].click()  # the most used one, taken back in
        dialog.apply.click()
        return dialog.result()

    monkeypatch.setattr(TagDialog, "exec", answer)
    qtbot.keyClick(made, Qt.Key.Key_G)
    works = made.session.workspace.project.works
    assert works.get(3).tags == ("blue", "ocean", "night", "sea")
    assert works.get(2).tags == ("ocean", "night", "sea")
    assert works.get(1).tags == ()
    search(qtbot, made, "#oce")
    qtbot.waitUntil(lambda: shown(made) == [3, 2], timeout=20_000)
    made.gallery.finder.tags_wanted.emit()
    offered = [action.text() for action in made.gallery.finder.menu.actions()]
    assert sorted(one for one in offered if one.startswith("#")) == [
        *("#blue", "#night", "#ocean", "#sea"),
    ]
    made.session.workspace.history.undo()
    made.session.workspace.history.undo()
    assert works.get(3).tags == ("sea", "blue")


# ---- order -------------------------------------------------------------------------------------


def choose(window: MainWindow, order: Order) -> None:
    box = window.gallery.finder.order
    box.setCurrentIndex(box.findData(order))
    box.activated.emit(box.currentIndex())


def test_orders_by_age_and_stars(qtbot, made: MainWindow) -> None:
    made.session.edits.rate(1, 5)
    made.session.edits.rate(3, 2)
    for order, expected in (
        (Order.OLDEST, [1, 2, 3]),
        (Order.STARS, [1, 3, 2]),
        (Order.NEWEST, [3, 2, 1]),
    ):
        choose(made, order)
        assert shown(made) == expected, order
    choose(made, Order.STARS)
    made.session.edits.rate(2, 4)
    assert shown(made) == [1, 3, 2], "nothing jumps under the hand"
    choose(made, Order.STARS)
    assert shown(made) == [1, 2, 3]
    assert made.gallery.model.neighbour(1, 1) == 2


def test_closeness_asks_the_critic_and_sorts_by_its_word(qtbot, made: MainWindow) -> None:
    judging, works = made.session.judging, made.session.workspace.project.works
    choose(made, Order.CLOSE)
    rows = works.all(Medium.IMAGE)
    qtbot.waitUntil(lambda: all(judging.report(row) for row in rows), timeout=20_000)

    def matches() -> list[float]:
        reports = [judging.report(works.get(one)) for one in shown(made)]
        return [report.match for report in reports if report is not None]

    qtbot.waitUntil(lambda: matches() == sorted(matches(), reverse=True), timeout=20_000)
    assert len(matches()) == 3


# ---- the trash ---------------------------------------------------------------------------------


def to_trash(qtbot, window: MainWindow, *work_ids: int) -> None:
    for work_id in work_ids:
        window.session.workspace.select(work_id)
        qtbot.waitUntil(lambda one=work_id: window.gallery.selected() == [one], timeout=20_000)
        qtbot.keyClick(window, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    window.gallery.filter(Filter.HIDDEN)


def test_the_trash_gives_back(qtbot, made: MainWindow) -> None:
    assert not made.gallery.trash.isVisible()
    to_trash(qtbot, made, 3, 2)
    trash = made.gallery.trash
    assert shown(made) == [3, 2]
    assert trash.isVisible()
    qtbot.waitUntil(trash.restore.isEnabled, timeout=20_000)
    made.session.workspace.select(3)
    qtbot.waitUntil(lambda: made.gallery.selected() == [3], timeout=20_000)
    qtbot.mouseClick(trash.restore, LEFT)
    qtbot.waitUntil(lambda: shown(made) == [2], timeout=20_000)
    made.gallery.filter(Filter.ALL)
    assert shown(made) == [3, 1]
    assert not trash.isVisible()


@pytest.mark.parametrize("sure", [False, True])
def test_deleting_for_good_asks_first(qtbot, made: MainWindow, monkeypatch, sure: bool) -> None:
    to_trash(qtbot, made, 3, 2)
    asked: list[str] = []

    def answer(question: Question) -> int:
        asked.append(question.windowTitle())
        (question.yes if sure else question.no).click()
        return question.result()

    monkeypatch.setattr(Question, "exec", answer)
    qtbot.mouseClick(made.gallery.trash.empty, LEFT)
    works = made.session.workspace.project.works
    assert asked == ["Delete 2 works for good?"]
    assert [work.id for work in works.all(include_hidden=True)] == ([1] if sure else [3, 2, 1])
    if sure:
        assert shown(made) == []
        assert made.gallery.model.in_trash() == []
        assert not made.actions_["undo"].isEnabled()
        made.gallery.filter(Filter.ALL)
        assert made.session.workspace.current == 1


# ---- thousands ---------------------------------------------------------------------------------


@pytest.fixture
def many(made: MainWindow, png) -> MainWindow:
    """A gallery of five thousand pictures, no two alike to the cache."""
    project = made.session.workspace.project
    data = png(24, 16, 5)
    with project.document.write() as write:
        digest = made.session.workspace.project.works.get(1).digest
        write.execute("INSERT OR IGNORE INTO blobs VALUES ('d', ?, NULL)", (data,))
        write.executemany(
            "INSERT INTO works (digest, sidecar, style_id, seed, width_px, height_px, created)"
            " VALUES (?, ?, 1, ?, 24, 16, '2026-01-01T00:00:00.000+00:00')",
            [(digest, '{"brief": {"use": "compose"}}', n) for n in range(MANY)],
        )
    made.gallery.model.load(project, Medium.IMAGE)
    made.gallery._show_count()
    return made


def test_of_thousands_only_what_is_seen_is_drawn(qtbot, many: MainWindow, monkeypatch) -> None:
    drawn: list[int] = []
    pictures, view = many.gallery.delegate._views[Medium.IMAGE], many.gallery.view
    draw_cell = pictures.draw_cell

    def draw(painter, box, work) -> None:
        drawn.append(work.id)
        draw_cell(painter, box, work)

    monkeypatch.setattr(pictures, "draw_cell", draw)
    room = -(-view.viewport().width() // CELL.width()) + 2
    bar = view.horizontalScrollBar()
    assert many.gallery.model.rowCount() == MANY + 3
    for place in (0, bar.maximum() // 2, bar.maximum()):
        bar.setValue(place)
        drawn.clear()
        view.viewport().grab()
        assert 0 < len(set(drawn)) <= room
        assert len(drawn) <= 2 * room, "each is drawn once or twice"


def test_a_change_touches_one_row_and_reads_one_work(many: MainWindow, monkeypatch) -> None:
    model, project = many.gallery.model, many.session.workspace.project
    read = Mock(wraps=project.works.get)
    monkeypatch.setattr(project.works, "get", read)
    whole = Mock(wraps=project.works.all)
    monkeypatch.setattr(project.works, "all", whole)
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    project.works.rate(2500, 4)
    model.update(2500)
    assert [call.args for call in read.call_args_list] == [(2500,)]
    assert whole.call_count == 0
    assert changed == [(MANY + 3 - 2500, MANY + 3 - 2500)]
    model.release()
    assert read.call_count == 1


def test_thousands_are_searched_by_their_words_without_their_pictures(
    qtbot, many: MainWindow
) -> None:
    caches = image_controller_of(many.session).caches
    decoded: list[str] = []
    caches.thumbs.ready.connect(decoded.append)
    search(qtbot, many, "4321")
    qtbot.waitUntil(lambda: many.gallery.model.rowCount() in (1, 2), timeout=20_000)
    assert len(set(decoded)) <= 4


def test_rows_keep_their_order_while_works_come_and_go(many: MainWindow) -> None:
    model = many.gallery.model
    for order in (Order.NEWEST, Order.STARS, Order.OLDEST):
        model.set_order(order)
        before = shown(many)
        model.forget([before[10]])
        row = many.session.workspace.project.works.get(before[10])
        model.add([row])
        assert shown(many) == before, order


# ---- looks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_speaks_both_languages(made: MainWindow, language: str) -> None:
    i18n.set_language(language)
    finder = made.gallery.finder
    assert finder.words.placeholderText() == {"en": "Search", "zh": "搜索"}[language]
    assert finder.order.currentText() == {"en": "Newest first", "zh": "新作在前"}[language]
    assert made.gallery.filter_box.itemText(9) == {"en": "Trash", "zh": "废纸篓"}[language]
