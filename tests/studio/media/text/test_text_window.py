"""The window at work on texts: read, make, judge, write over, switch; by keys and by drops."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox

from engine.protocol import Medium, Script
from studio import i18n
from studio.media.text.card import TextCard
from studio.views.main_window import MainWindow
from tests.studio.at_work import CONTROL, make, never_blocked
from tests.studio.windows import controls, drop, files, picture_fields, text_fields, text_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def words(window: MainWindow) -> str:
    return text_wall(window).pages.pages()[0].text


def test_texts_stand_readable_in_the_tray(qtbot, window: MainWindow) -> None:
    cards = window.references.cards()
    assert all(isinstance(card, TextCard) for card in cards)
    qtbot.waitUntil(lambda: "息夫人" in cards[0].accessibleDescription(), timeout=8000)
    assert "23 characters" in cards[0].accessibleDescription()
    assert not picture_fields(window).isVisible()
    assert text_fields(window).isVisible()


def test_what_the_reader_remarks_is_on_the_card_before_learning(
    qtbot, make_window, tmp_path
) -> None:
    (tmp_path / "good.txt").write_text("床前明月光，疑是地上霜。")
    (tmp_path / "bad bytes.txt").write_text("舉頭望明月，\ufffd頭思故鄉。")
    one = make_window("slow")  # nothing is learned yet
    drop(one, files(tmp_path / "good.txt", tmp_path / "bad bytes.txt"))
    qtbot.waitUntil(lambda: len(one.references.cards()) == 2, timeout=20_000)
    bad, good = sorted(one.references.cards(), key=lambda card: card.row.name)
    qtbot.waitUntil(lambda: "bytes that are no text" in bad.face.toolTip(), timeout=20_000)
    assert "bad bytes.txt" in bad.accessibleDescription()
    assert bad.face.remarked and not bad.face.refused and bad.weight.isEnabled()
    qtbot.waitUntil(lambda: "10 characters" in good.accessibleDescription(), timeout=20_000)
    assert not good.face.remarked
    assert one.session.adaptation.style is None


def test_words_pasted_anywhere_become_a_reference(qtbot, make_window) -> None:
    one = make_window()
    QGuiApplication.clipboard().setText("床前明月光，疑是地上霜。")
    qtbot.keyClick(one, Qt.Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: len(one.references.cards()) == 1, timeout=8000)
    assert one.session.workspace.medium is Medium.TEXT
    assert one.session.workspace.references()[0].name.startswith("床前明月光")


def test_a_reference_opens_on_the_wall_and_escape_leaves_it(qtbot, made: MainWindow) -> None:
    card = made.references.cards()[1]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "息夫人" in words(made), timeout=8000)
    assert made.stage.is_reading
    qtbot.keyClick(made, Qt.Key.Key_4)
    assert made.session.workspace.project.works.get(3).rating == 0, "a reference is not rated"
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert not made.stage.is_reading
    assert "息夫人" not in words(made)


def test_texts_grow_and_then_hang(qtbot, window: MainWindow) -> None:
    seen: list[int] = []
    window.stage.shown_changed.connect(
        lambda: (
            seen.append(len(text_wall(window).pages.pages())) if window.stage.is_growing else None
        )
    )
    qtbot.keyClick(window, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: window.gallery.model.rowCount() == 3, timeout=8000)
    qtbot.waitUntil(lambda: not window.stage.is_growing, timeout=8000)
    assert set(seen) == {3}, "all works of the batch, side by side"


def test_judging_works_as_for_pictures(qtbot, made: MainWindow) -> None:
    project = made.session.workspace.project
    made.works.hold.setInterval(0)
    qtbot.keyClick(made, Qt.Key.Key_4)
    assert project.works.get(3).rating == 4
    qtbot.waitUntil(lambda: made.session.workspace.current == 2, timeout=20000)
    qtbot.keyClick(made, Qt.Key.Key_K)
    assert project.works.get(2).kept
    qtbot.keyClick(made, Qt.Key.Key_Z, CONTROL)
    assert not project.works.get(2).kept
    qtbot.keyClick(text_wall(made).pages, Qt.Key.Key_Right)
    assert made.session.workspace.current == 1
    qtbot.keyClick(made, Qt.Key.Key_C)
    assert len(text_wall(made).pages.pages()) == 2
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    qtbot.keyClick(made, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert project.works.get(1).hidden


def test_what_was_copied_stands_below(made: MainWindow) -> None:
    notes = []
    for work_id in (3, 2):
        made.session.workspace.select(work_id)
        notes.append(text_wall(made).note.text())
    assert "from wang-wei-3" in notes[0]
    assert notes[1] == "Nothing copied"


def test_a_text_is_written_over_and_undone(qtbot, made: MainWindow) -> None:
    before = words(made)
    qtbot.keyClick(made, Qt.Key.Key_E)
    writing = text_wall(made).writing
    assert writing.isVisible()
    qtbot.keyClicks(writing, " 5k")
    assert made.session.workspace.project.works.get(3).rating == 0, "keys write"
    qtbot.keyClick(writing, Qt.Key.Key_Escape)
    assert not writing.isVisible()
    qtbot.waitUntil(lambda: words(made) == f"{before} 5k", timeout=8000)
    assert "edited" in made.work_bar._facts._whole
    qtbot.keyClick(made, Qt.Key.Key_E)
    assert text_wall(made).restore.isVisible()
    text_wall(made).restore.click()
    qtbot.waitUntil(lambda: words(made) == before, timeout=8000)
    made.session.workspace.history.undo()
    qtbot.waitUntil(lambda: words(made) == f"{before} 5k", timeout=8000)
    made.session.workspace.history.undo()
    assert not made.session.workspace.project.works.get(3).edit


def test_going_elsewhere_keeps_what_was_written(qtbot, made: MainWindow, tmp_path) -> None:
    qtbot.keyClick(made, Qt.Key.Key_E)
    qtbot.keyClicks(text_wall(made).writing, "!")
    made.session.workspace.select(1)
    assert made.session.workspace.project.works.get(3).edit
    qtbot.keyClick(made, Qt.Key.Key_E)
    qtbot.keyClicks(text_wall(made).writing, "?")
    old = made.session.workspace.project.path
    made.session.save_as(tmp_path / "copy.maquette")
    qtbot.waitUntil(lambda: made.session.workspace.project.path != old, timeout=8000)
    assert not made.stage.is_editing


def test_columns_by_key_and_remembered(qtbot, made: MainWindow) -> None:
    assert made.work_bar.vertical.isVisible()
    qtbot.keyClick(made, Qt.Key.Key_T)
    assert text_wall(made).pages.is_vertical
    assert made.session.settings.settings.vertical
    qtbot.keyClick(made, Qt.Key.Key_Plus)
    assert not text_wall(made).pages.is_at_home()
    qtbot.keyClick(text_wall(made).pages, Qt.Key.Key_Space)
    assert text_wall(made).pages.is_at_home()
    qtbot.keyClick(made, Qt.Key.Key_T)
    assert not text_wall(made).pages.is_vertical


def test_the_medium_is_switched_above(qtbot, made: MainWindow, folder) -> None:
    assert not made.top_bar.media.isVisible()
    drop(made, files(folder))
    qtbot.waitUntil(lambda: made.session.workspace.medium is Medium.IMAGE, timeout=8000)
    assert made.top_bar.media.isVisible()
    assert made.gallery.model.rowCount() == 0
    assert picture_fields(made).isVisible()
    qtbot.keyClick(made, Qt.Key.Key_M, CONTROL)
    assert made.session.workspace.medium is Medium.TEXT
    assert made.gallery.model.rowCount() == 3
    assert made.session.workspace.current == 3
    assert len(made.references.cards()) == 3


def test_the_brief_asks_what_the_form_has_a_place_for(qtbot, window: MainWindow) -> None:
    fields = text_fields(window)
    window.brief._folds[Medium.TEXT].head.click()
    qtbot.waitUntil(lambda: fields.tones.isVisible() and fields._rooms["script"].isVisible())
    assert not fields._rooms["length"].isVisible()
    fields.form.chosen.emit("sonnet")
    assert window.session.workspace.brief.form == "sonnet"
    assert not fields.tones.isVisible()
    assert not fields._rooms["script"].isVisible()
    fields.form.chosen.emit("prose")
    assert fields._rooms["length"].isVisible()
    fields.length.setValue(120)
    assert window.session.workspace.brief.length == 120
    assert "words" in fields.length.text()


def test_wishes_in_words(qtbot, window: MainWindow) -> None:
    lines = text_fields(window).lines
    window.brief._folds[Medium.TEXT].head.click()
    for name, typed in (("prompt", "空山"), ("keywords", "月，雨, 夜"), ("acrostic", "空但明孤")):
        lines[name].setText(typed)
        lines[name].textEdited.emit(typed)
        lines[name].editingFinished.emit()
    brief = window.session.workspace.brief
    assert (brief.prompt, brief.acrostic) == ("空山", "空但明孤")
    assert brief.keywords == ("月", "雨", "夜")
    assert lines["keywords"].text() == "月，雨，夜"
    tones: QCheckBox = text_fields(window).tones
    tones.click()
    text_fields(window).script.chosen.emit(1)
    assert window.session.workspace.brief.tones
    assert window.session.workspace.brief.script is Script.TRADITIONAL
    text_fields(window).copy_limit.setValue(7)
    text_fields(window).daring.settled.emit(120)
    text_fields(window).strength.settled.emit(150)
    brief = window.session.workspace.brief
    assert (brief.copy_limit, brief.temperature, brief.strength) == (7, 1.2, 1.5)
    i18n.set_language("zh")
    assert text_fields(window).form.itemText(0) == "随参考"


def test_the_forms_are_grouped_and_headings_cannot_be_taken(qtbot, window: MainWindow) -> None:
    """The language of the references, once they are read, comes first."""
    box = text_fields(window).form
    qtbot.waitUntil(lambda: box.itemData(2) == "五绝")
    enabled = [bool(box.model().index(n, 0).flags() & Qt.ItemFlag.ItemIsEnabled) for n in range(9)]
    assert enabled[:3] == [True, False, True]
    assert box.itemData(0) == ""


def test_samples_of_both_media_are_offered(qtbot, make_window) -> None:
    one = make_window()
    one.stage.empty.cards.by_name["verse"].samples.click()
    qtbot.waitUntil(lambda: len(one.references.cards()) == 5, timeout=8000)
    assert one.session.workspace.medium is Medium.TEXT


def test_a_drop_of_words_is_invited(qtbot, make_window) -> None:
    one = make_window()
    mime = QMimeData()
    mime.setText("Shall I compare thee to a summer's day?")
    drop(one, mime)
    qtbot.waitUntil(lambda: len(one.references.cards()) == 1, timeout=8000)


def test_streaming_never_blocks_the_window(qtbot, window: MainWindow) -> None:
    window.session.workspace.set_brief(replace(window.session.workspace.brief, count=8))
    qtbot.wait(200)
    with never_blocked(window):
        make(qtbot, window, 8)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_of_texts_has_a_name(window: MainWindow, language: str) -> None:
    i18n.set_language(language)
    for control in controls(window):
        assert control.accessibleName().strip(), (type(control).__name__, control.parentWidget())


def test_prose_and_other_odd_files_do_no_harm(qtbot, make_window, tmp_path) -> None:
    one = make_window()
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7 nothing that we read")
    (tmp_path / "noise.txt").write_bytes(bytes(range(256)) * 50)
    (tmp_path / "right to left.txt").write_text("שלום עולם " * 300, "utf-8")
    (tmp_path / "long.txt").write_text("It rained. " * 40_000, "utf-8")
    names = ("empty.txt", "paper.pdf", "noise.txt", "right to left.txt", "long.txt")
    drop(one, files(*(tmp_path / name for name in names)))
    qtbot.waitUntil(lambda: len(one.references.cards()) == 4, timeout=8000)
    assert "empty.txt" in one.references.notice.text()
    for card in one.references.cards():
        card.read_asked.emit(card.row.id)
        qtbot.waitUntil(lambda: bool(text_wall(one).pages.pages()), timeout=8000)
        text_wall(one).pages.grab()
        one.references.grab()
