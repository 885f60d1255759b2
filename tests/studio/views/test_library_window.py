"""The page of styles through its real widgets: saved, found, used, blended, shared, thrown away."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.protocol import BlendRequest, Medium, PictureBrief
from engine.protocol.style_label import label_of, unlabelled
from studio import i18n
from studio.state.adaptation import StyleState
from studio.state.library_files import LibraryFiles
from studio.state.png import decode
from studio.views import library_dialog
from studio.views.library_dialog import LibraryDialog
from studio.views.main_window import MainWindow
from tests.studio import fake_engine
from tests.studio.windows import controls

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
WAIT_MS = 20_000


def open_page(qtbot: QtBot, window: MainWindow) -> LibraryDialog:
    window.actions_["library"].trigger()
    page = window.files.library.page
    assert isinstance(page, LibraryDialog)
    qtbot.waitUntil(lambda: page.library.is_read, timeout=WAIT_MS)
    return page


def names(page: LibraryDialog) -> list[str]:
    return [page.list.item(n).text().split("\n")[0] for n in range(page.list.count())]


def save(qtbot: QtBot, page: LibraryDialog, name: str) -> None:
    before = page.list.count()
    page.save.click()
    qtbot.waitUntil(lambda: page.list.count() == before + 1, timeout=WAIT_MS)
    qtbot.waitUntil(page.name.hasFocus, timeout=WAIT_MS)
    qtbot.keyClicks(page.name, name)
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: name in names(page), timeout=WAIT_MS)
    assert page.list.count() == before + 1, "Enter in the name's field is no click on a button"


def choose(page: LibraryDialog, *wanted: str) -> None:
    page.list.clearSelection()
    for n in range(page.list.count()):
        item = page.list.item(n)
        item.setSelected(item.text().split("\n")[0] in wanted)


@pytest.fixture
def page(qtbot: QtBot, made: MainWindow) -> LibraryDialog:
    """With two styles in it."""
    page = open_page(qtbot, made)
    save(qtbot, page, "Waves")
    session = made.session
    session.edits.remove_reference(session.workspace.references()[2].id)
    qtbot.waitUntil(lambda: session.adaptation.is_busy, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=WAIT_MS)
    save(qtbot, page, "Hills")
    return page


def test_a_style_is_kept_once(qtbot: QtBot, page: LibraryDialog) -> None:
    page.save.click()
    qtbot.waitUntil(lambda: "already, as “Hills”" in page.notice.text(), timeout=WAIT_MS)
    assert names(page) == ["Hills", "Waves"]


def test_the_style_of_a_project_is_saved_with_its_work_for_a_cover(
    qtbot: QtBot, made: MainWindow
) -> None:
    page = open_page(qtbot, made)
    assert page.list.isHidden()
    assert "No style is saved yet" in page._nothing.text()
    page.save.click()
    qtbot.waitUntil(lambda: page.list.count() == 1, timeout=WAIT_MS)
    (entry,) = page.library.entries()
    assert entry.name == "Picture"  # what its references have in common
    assert entry.references == ("picture 0.png", "picture 1.png", "picture 2.png")
    assert decode(entry.cover).size().toTuple() == (264, 176)  # the work's own shape
    assert page.name.hasFocus()
    assert page.name.selectedText() == "Picture"
    folder = made.session.settings.shared_folder() / "styles"
    assert LibraryFiles(folder).load()[0] == {entry.id: entry}


def test_another_project_works_in_it(qtbot: QtBot, page: LibraryDialog, made: MainWindow) -> None:
    session = made.session
    choose(page, "Waves")
    style = page.library.find(page.chosen_ids()[0])
    assert style is not None
    session.new()
    assert session.adaptation.state is StyleState.EMPTY
    assert not page.save.isEnabled()
    page.use.click()
    qtbot.waitUntil(lambda: session.adaptation.brought == "Waves", timeout=WAIT_MS)
    assert "“Waves” from the library" in made.references.style_line.line.text()
    assert made.references.style_line.learn_again.isHidden()  # there is nothing to learn from
    assert page.said.text() == made.references.style_line.line.text()
    assert session.maker.can_make()
    session.workspace.set_brief(PictureBrief(count=1, width_px=48, height_px=32))
    session.maker.make()
    qtbot.waitUntil(lambda: len(session.workspace.project.works.all()) == 1, timeout=WAIT_MS)
    (work,) = session.workspace.project.works.all()
    assert session.workspace.project.styles.get(work.style_id).digest == style.digest


def test_it_is_there_again_when_the_project_is_opened_again(
    qtbot: QtBot, page: LibraryDialog, made: MainWindow, tmp_path: Path
) -> None:
    session = made.session
    session.new()
    choose(page, "Hills")
    page.use.click()
    qtbot.waitUntil(lambda: session.adaptation.brought == "Hills", timeout=WAIT_MS)
    jobs = len(session.jobs.jobs())
    session.save_as(tmp_path / "Copy.maquette")
    qtbot.waitUntil(lambda: session.workspace.project.name == "Copy", timeout=WAIT_MS)
    assert session.adaptation.brought == "Hills"
    assert len(session.jobs.jobs()) == jobs


def test_references_win_when_they_change_or_are_asked_for(
    qtbot: QtBot, page: LibraryDialog, made: MainWindow
) -> None:
    session, line = made.session, made.references.style_line
    choose(page, "Waves")
    page.use.click()
    qtbot.waitUntil(lambda: session.adaptation.brought == "Waves", timeout=WAIT_MS)
    assert line.learn_again.isVisible()
    line.learn_again.click()
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=WAIT_MS)
    assert session.adaptation.brought == ""
    page.use.click()
    qtbot.waitUntil(lambda: session.adaptation.brought == "Waves", timeout=WAIT_MS)
    session.edits.remove_reference(session.workspace.references()[0].id)
    qtbot.waitUntil(lambda: session.adaptation.brought == "", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: session.adaptation.state is StyleState.READY, timeout=WAIT_MS)


def test_styles_are_found_by_name_references_and_medium(qtbot: QtBot, page: LibraryDialog) -> None:
    page.words.setText("hil")
    qtbot.waitUntil(lambda: names(page) == ["Hills"], timeout=WAIT_MS)
    page.words.setText("PICTURE 2")
    qtbot.waitUntil(lambda: names(page) == ["Waves"], timeout=WAIT_MS)
    page.media.setCurrentIndex(page.media.findData(Medium.AUDIO.value))
    page.media.activated.emit(page.media.currentIndex())
    assert names(page) == []
    assert "fits these words" in page._nothing.text()


def test_two_are_blended_with_a_small_work(
    qtbot: QtBot, page: LibraryDialog, made: MainWindow
) -> None:
    assert page.blend.isHidden()
    choose(page, "Waves", "Hills")
    assert page.blend.isVisible()
    assert not page.blend.keep.isEnabled()
    blending = page.library.blending
    qtbot.waitUntil(lambda: blending.has_picture, timeout=WAIT_MS)
    assert not page.blend.picture.image.isNull()
    slider = page.blend.shares[0].slider
    assert slider.accessibleName() == "Share of Hills"
    slider.setValue(80)
    assert not page.blend.keep.isEnabled()
    qtbot.waitUntil(lambda: blending.has_picture, timeout=WAIT_MS)
    requests = [job.request for job in made.session.jobs.jobs()]
    blend = [one for one in requests if isinstance(one, BlendRequest)][-1]
    assert [style.weight for style in blend.styles] == [80.0, 50.0]
    assert [Path(style.path).stem for style in blend.styles] == ["Hills", "Waves"]
    page.blend.keep.click()
    qtbot.waitUntil(lambda: page.list.count() == 3, timeout=WAIT_MS)
    entry = page.library.entries()[0]
    assert entry.name == "Hills × Waves"
    assert entry.made_of == ("Hills", "Waves")
    assert decode(entry.cover).size().toTuple() == (264, 176)


def test_the_blend_makes_works_here(qtbot: QtBot, page: LibraryDialog, made: MainWindow) -> None:
    choose(page, "Waves", "Hills")
    qtbot.waitUntil(page.blend.use.isEnabled, timeout=WAIT_MS)
    page.blend.use.click()
    adaptation = made.session.adaptation
    qtbot.waitUntil(lambda: adaptation.brought == "Hills × Waves", timeout=WAIT_MS)


def test_unlike_styles_are_not_blended(
    qtbot: QtBot, page: LibraryDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared = tmp_path / "Fuji.style"
    shared.write_bytes(fake_engine.style_bytes("of another generator"))
    monkeypatch.setattr(library_dialog, "choose_files", lambda *_: [shared])
    page.take_in.click()
    qtbot.waitUntil(lambda: "Fuji" in names(page), timeout=WAIT_MS)
    choose(page, "Waves", "Fuji")
    assert page.blend.isHidden()
    assert "same generator" in page._why.text()


def test_a_style_is_shared_as_a_file_and_taken_in_again(
    qtbot: QtBot, page: LibraryDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "for a friend"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    choose(page, "Waves")
    entry = page.chosen()[0]
    page.share.click()
    written = target.with_suffix(".style")
    qtbot.waitUntil(lambda: page.said.text() == "Written as “for a friend.style”.", timeout=WAIT_MS)
    label = label_of(written.read_bytes())
    assert label is not None
    assert label.name == "Waves"
    assert page.library._files.read(entry) == unlabelled(written.read_bytes())
    monkeypatch.setattr(library_dialog, "choose_files", lambda *_: [written])
    page.take_in.click()
    qtbot.waitUntil(lambda: "already" in page.notice.text(), timeout=WAIT_MS)
    assert page.list.count() == 2
    page.trash.click()
    qtbot.waitUntil(lambda: names(page) == ["Hills"], timeout=WAIT_MS)
    page.take_in.click()
    qtbot.waitUntil(lambda: "Waves" in names(page), timeout=WAIT_MS)
    new = page.library.entries()[0]
    assert new.id != entry.id
    assert new.references == ("Mount Fuji.png", "Mount Hakone.png")
    plain = QImage.Format.Format_RGB888
    seen, shared = (QImage.fromData(one.cover).convertedTo(plain) for one in (new, entry))
    assert seen == shared


def test_a_style_without_a_label_is_called_by_its_file_and_pictured_here(
    qtbot: QtBot, page: LibraryDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = tmp_path / "for a friend.style"
    plain.write_bytes(fake_engine.style_bytes("elsewhere"))
    monkeypatch.setattr(library_dialog, "choose_files", lambda *_: [plain])
    page.take_in.click()
    qtbot.waitUntil(lambda: "For a friend" in names(page), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(page.library.entries()[0].cover), timeout=WAIT_MS)


@pytest.mark.parametrize("content", [b"", b"no style at all"])
def test_a_bad_file_gets_one_sentence(
    qtbot: QtBot,
    page: LibraryDialog,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: bytes,
) -> None:
    bad = tmp_path / "bad.style"
    bad.write_bytes(content)
    monkeypatch.setattr(library_dialog, "choose_files", lambda *_: [bad, tmp_path / "gone.style"])
    page.take_in.click()
    qtbot.waitUntil(lambda: not page.library.imports.is_busy, timeout=WAIT_MS)
    assert page.notice.text()
    assert page.list.count() == 2
    parts = page.library._files.folder  # a cover may be on its way just now
    qtbot.waitUntil(lambda: not list(parts.glob("*.part")), timeout=WAIT_MS)


def test_a_style_goes_to_the_trash_and_comes_back(qtbot: QtBot, page: LibraryDialog) -> None:
    choose(page, "Waves")
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(page) == ["Hills"], timeout=WAIT_MS)
    page.said.link.click()
    qtbot.waitUntil(lambda: names(page) == ["Hills", "Waves"], timeout=WAIT_MS)
    choose(page, "Waves", "Hills")
    page.trash.click()
    qtbot.waitUntil(lambda: names(page) == [], timeout=WAIT_MS)
    page.shelf.setCurrentIndex(1)
    page.shelf.activated.emit(1)
    assert names(page) == ["Hills", "Waves"]
    assert page.use.isHidden()
    choose(page, "Hills")
    page.restore.click()
    qtbot.waitUntil(lambda: names(page) == ["Waves"], timeout=WAIT_MS)


def test_a_style_is_deleted_for_good_after_a_question(
    qtbot: QtBot, page: LibraryDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(page, "Waves", "Hills")
    page.trash.click()
    qtbot.waitUntil(lambda: names(page) == [], timeout=WAIT_MS)
    page.shelf.setCurrentIndex(1)
    page.shelf.activated.emit(1)
    choose(page, "Waves")
    monkeypatch.setattr(library_dialog.Question, "exec", lambda _self: 0)
    page.delete.click()
    assert names(page) == ["Hills", "Waves"]
    monkeypatch.setattr(library_dialog.Question, "exec", lambda _self: 1)
    page.delete.click()
    qtbot.waitUntil(lambda: names(page) == ["Hills"], timeout=WAIT_MS)
    assert len(LibraryFiles(page.library._files.folder).load()[0]) == 1


def test_what_was_damaged_is_said_when_the_page_opens(qtbot: QtBot, page: LibraryDialog) -> None:
    page.close()
    entry = page.library.entries()[0]
    (page.library._files.folder / f"{entry.id}.json").write_text("{")
    window = page.parent()
    assert isinstance(window, MainWindow)
    again = open_page(qtbot, window)
    qtbot.waitUntil(lambda: again.list.count() == 1, timeout=WAIT_MS)
    assert "set aside" in again.notice.text()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_has_a_name_and_says_what_it_does(
    qtbot: QtBot, page: LibraryDialog, language: str
) -> None:
    choose(page, "Waves", "Hills")
    i18n.set_language(language)
    found = list(controls(page))
    assert len(found) > 15
    for control in found:
        assert control.accessibleName().strip(), type(control).__name__
        assert control.toolTip().strip(), control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName()
