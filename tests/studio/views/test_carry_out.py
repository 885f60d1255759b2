"""Works leave by the hand: copied, or dragged from the wall, the gallery and the button."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragMoveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from engine.protocol import Medium
from studio.state.carrying import Carrying
from studio.views.main_window import MainWindow
from studio.views.work_mime import FILES, OWN, PICTURE, PNG, WORDS, WorkMime
from tests.studio import fake_music
from tests.studio.windows import picture_wall, text_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
CONTROL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton
MIDI = b"MThd\0\0\0\6\0\0\0\1\1\xe0"


@pytest.fixture(autouse=True)
def carried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "Carried"
    monkeypatch.setattr("studio.state.carrying.carried_folder", lambda: folder)
    return folder


@pytest.fixture
def drags(monkeypatch: pytest.MonkeyPatch) -> list[QMimeData]:
    """What was dragged; nothing is dropped anywhere."""
    found: list[QMimeData] = []

    def carry(drag: QDrag, _actions: Qt.DropAction) -> Qt.DropAction:
        assert not drag.pixmap().isNull()
        found.append(drag.mimeData())
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", carry)
    return found


def add_text(window: MainWindow, words: str) -> int:
    project = window.session.workspace.project
    style = project.styles.add(b"t", {}, {}, Medium.TEXT)
    return project.works.add(words.encode(), {}, style_id=style.id, seed=1).id


def add_music(window: MainWindow, score: bytes = MIDI) -> int:
    project = window.session.workspace.project
    style = project.styles.add(b"a", {}, {}, Medium.AUDIO)
    about = {"score": b64encode(score).decode(), "seconds": 0.2}
    return project.works.add(fake_music.wav(0.2), about, style_id=style.id, seed=1).id


def pull(qtbot, widget: QWidget) -> None:
    """Press, move away, let go."""
    start = widget.rect().center()
    qtbot.mousePress(widget, LEFT, pos=start)
    for step in (4, 20, 40):
        qtbot.mouseMove(widget, start + QPoint(step, step))
    qtbot.mouseRelease(widget, LEFT, pos=start + QPoint(40, 40))


def clipboard() -> QMimeData:
    mime = QGuiApplication.clipboard().mimeData()
    assert mime is not None
    return mime


def copy(qtbot, window: MainWindow) -> None:
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(window, Qt.Key.Key_C, CONTROL)
    qtbot.waitUntil(lambda: window.gallery.said.text().startswith(("Copied", "2")), timeout=20_000)


# ---- copying -----------------------------------------------------------------------------------


def test_a_picture_is_copied_as_picture_and_file(qtbot, made: MainWindow, carried: Path) -> None:
    copy(qtbot, made)
    project = made.session.workspace.project
    data = project.blob(project.works.get(3).digest)
    mime = clipboard()
    assert QImage(mime.imageData()).size() == QImage.fromData(data).size()
    (url,) = mime.urls()
    assert Path(url.toLocalFile()) == carried / "Study 0003.png"
    assert (carried / "Study 0003.png").read_bytes() == data
    assert made.gallery.said.text() == "Copied: Study 0003.png"


def test_several_are_copied_as_files(qtbot, made: MainWindow, carried: Path) -> None:
    view, model = made.gallery.view, made.gallery.model
    at = view.visualRect(model.index(1)).center()
    qtbot.mouseClick(view.viewport(), LEFT, CONTROL, at)
    copy(qtbot, made)
    names = sorted(Path(url.toLocalFile()).name for url in clipboard().urls())
    assert names == ["Study 0002.png", "Study 0003.png"]
    assert not clipboard().hasImage()


def test_a_text_is_copied_as_words(qtbot, made: MainWindow) -> None:
    work = add_text(made, "床前明月光，\n疑是地上霜。\n")
    made.session.workspace.show_medium(Medium.TEXT)
    qtbot.waitUntil(lambda: made.session.workspace.current == work, timeout=20_000)
    copy(qtbot, made)
    assert clipboard().text() == "床前明月光，\n疑是地上霜。"
    assert not clipboard().hasUrls()


def test_music_is_copied_as_notes_or_as_sound(qtbot, made: MainWindow, carried: Path) -> None:
    work = add_music(made)
    made.session.workspace.show_medium(Medium.AUDIO)
    qtbot.waitUntil(lambda: made.session.workspace.current == work, timeout=20_000)
    copy(qtbot, made)
    (url,) = clipboard().urls()
    assert Path(url.toLocalFile()).name == f"Study {work:04d}.mid"
    assert Path(url.toLocalFile()).read_bytes() == MIDI
    made.actions_["as_sound"].trigger()
    assert made.session.settings.settings.carry_sound
    copy(qtbot, made)
    qtbot.waitUntil(lambda: clipboard().urls()[0].fileName().endswith(".flac"), timeout=20_000)


def test_a_texture_has_no_notes(qtbot, made: MainWindow) -> None:
    work = add_music(made, b"")
    path = made.session.carrying.file(work)
    assert path.suffix == ".flac"


def test_ctrl_c_in_a_field_copies_its_words(qtbot, made: MainWindow) -> None:
    made.brief.seed.setFocus()
    made.brief.seed.selectAll()
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(made.brief.seed, Qt.Key.Key_C, CONTROL)
    assert clipboard().text() == str(made.brief.seed.value())
    assert made.gallery.said.text() == ""


# ---- files -------------------------------------------------------------------------------------


def test_the_same_work_is_the_same_file(made: MainWindow, carried: Path) -> None:
    carrying: Carrying = made.session.carrying
    first = carrying.file(3)
    assert carrying.file(3) == first
    first.write_bytes(b"drawn on by the artist")
    assert carrying.file(3).name == "Study 0003 (2).png"
    assert first.read_bytes() == b"drawn on by the artist"
    assert len(list(carried.iterdir())) == 2


def test_a_file_is_written_only_when_it_is_asked_for(made: MainWindow, carried: Path) -> None:
    mime = WorkMime(made.session.carrying, [3], "picture")
    assert set(mime.formats()) == {OWN, FILES, PICTURE, PNG}
    assert not carried.exists()
    assert [url.fileName() for url in mime.urls()] == ["Study 0003.png"]
    assert [path.name for path in carried.iterdir()] == ["Study 0003.png"]
    assert bytes(mime.data(PNG).data()).startswith(b"\x89PNG")
    assert not QImage(mime.imageData()).isNull()


def test_what_cannot_be_written_is_told(made: MainWindow, carried: Path) -> None:
    carried.write_text("a file in the place of the folder")
    mime = WorkMime(made.session.carrying, [3], "picture")
    assert mime.urls() == []
    assert isinstance(mime.problem, OSError)


# ---- dragging ----------------------------------------------------------------------------------


def test_a_picture_is_dragged_from_the_wall(qtbot, made: MainWindow, drags) -> None:
    easel = picture_wall(made).easel
    pull(qtbot, easel)
    (mime,) = drags
    assert bytes(mime.data(OWN).data()) == b"3"


def test_a_pull_on_an_enlarged_picture_moves_the_picture(qtbot, made: MainWindow, drags) -> None:
    easel = picture_wall(made).easel
    easel.zoom_in()
    pull(qtbot, easel)
    assert drags == []


def test_while_two_are_compared_nothing_leaves(qtbot, made: MainWindow, drags) -> None:
    qtbot.keyClick(made, Qt.Key.Key_C)
    assert made.stage.is_comparing
    pull(qtbot, picture_wall(made).easel)
    assert drags == []


def test_works_are_dragged_from_the_gallery(qtbot, made: MainWindow, drags) -> None:
    view, model = made.gallery.view, made.gallery.model
    at = [view.visualRect(model.index(row)).center() for row in (0, 1)]
    qtbot.mouseClick(view.viewport(), LEFT, pos=at[0])
    qtbot.mouseClick(view.viewport(), LEFT, CONTROL, at[1])
    qtbot.mousePress(view.viewport(), LEFT, pos=at[1])
    for step in (4, 20, 40):
        qtbot.mouseMove(view.viewport(), at[1] + QPoint(step, 0))
    qtbot.mouseRelease(view.viewport(), LEFT, pos=at[1] + QPoint(40, 0))
    (mime,) = drags
    assert bytes(mime.data(OWN).data()) == b"3 2"


def test_a_text_is_dragged_as_words_and_file(qtbot, made: MainWindow, drags) -> None:
    add_text(made, "床前明月光，\n疑是地上霜。\n")
    made.session.workspace.show_medium(Medium.TEXT)
    qtbot.waitUntil(lambda: bool(text_wall(made).pages.pages()), timeout=20_000)
    pull(qtbot, text_wall(made).pages)
    (mime,) = drags
    assert {WORDS, FILES} <= set(mime.formats())
    assert mime.text() == "床前明月光，\n疑是地上霜。"
    assert [url.fileName() for url in mime.urls()] == ["床前明月光 0004.txt"]


def test_music_is_dragged_by_the_button(qtbot, made: MainWindow, drags, monkeypatch) -> None:
    work = add_music(made)
    made.session.workspace.show_medium(Medium.AUDIO)
    qtbot.waitUntil(made.work_bar.export.isEnabled, timeout=20_000)
    opened: list[bool] = []
    monkeypatch.setattr(made.exports, "_on_export", lambda: opened.append(True))
    pull(qtbot, made.work_bar.export)
    (mime,) = drags
    assert [url.fileName() for url in mime.urls()] == [f"Study {work:04d}.mid"]
    assert opened == []


# ---- our own window ----------------------------------------------------------------------------


def test_a_work_falls_among_the_references_alone(qtbot, made: MainWindow) -> None:
    mime = made.carry.mime([3])
    copy, plain = Qt.DropAction.CopyAction, Qt.KeyboardModifier(0)
    beside = made.stage.mapTo(made, made.stage.rect().center())
    inside = made.references.mapTo(made, made.references.rect().center())
    for place, accepted in ((beside, False), (inside, True)):
        move = QDragMoveEvent(place, copy, mime, LEFT, plain)
        made.dragMoveEvent(move)
        assert move.isAccepted() is accepted
    made.dropEvent(QDropEvent(QPointF(beside), copy, mime, LEFT, plain))
    assert len(made.references.cards()) == 3
    made.dropEvent(QDropEvent(QPointF(inside), copy, mime, LEFT, plain))
    qtbot.waitUntil(lambda: len(made.references.cards()) == 4, timeout=20_000)


def test_the_choice_of_sound_is_kept(made: MainWindow, tmp_path: Path) -> None:
    made.actions_["as_sound"].trigger()
    kept = json.loads((tmp_path / "settings.json").read_text("utf-8"))
    assert kept["carry_sound"] is True
