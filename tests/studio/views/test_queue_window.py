"""The queue in the window: list, keys, mouse; many works overnight, and what is told at the end."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent

from engine.protocol import Medium, PictureBrief
from studio import i18n
from studio.views import overnight_dialog
from studio.views.main_window import MainWindow
from studio.views.overnight_dialog import OvernightDialog
from tests.studio.windows import controls

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def shown(window: MainWindow) -> list[str]:
    """The first lines of the list."""
    entries = window.insight.queue.list
    return [entries.item(row).text().partition("\n")[0] for row in range(entries.count())]


@pytest.fixture
def window(qtbot, make_window) -> MainWindow:
    """One order that runs, and three that wait: of one, two, three and four pictures."""
    window = make_window("slow")
    session = window.session
    style = session.workspace.project.styles.add(b"a style", {}, {}, Medium.IMAGE)
    for count in range(1, 5):
        brief = PictureBrief(count=count, width_px=48, height_px=32, seed=count)
        session.generation.start(style, brief)
    qtbot.waitUntil(lambda: session.generation.queue.running is not None, timeout=60_000)
    qtbot.keyClick(window.stage, Qt.Key.Key_Q)
    qtbot.waitUntil(lambda: len(shown(window)) == 4, timeout=60_000)
    return window


def test_the_key_opens_the_list_with_what_runs_first(qtbot, window: MainWindow) -> None:
    assert window.insight.queue.isVisible()
    assert shown(window) == ["One picture", "2 pictures", "3 pictures", "4 pictures"]
    assert "being made" in window.insight.queue.list.item(0).text()
    assert window.brief.make_panel.queue.text() == "Queue (4)"
    qtbot.keyClick(window, Qt.Key.Key_Q)
    assert not window.insight.isVisible()


def test_keys_move_and_remove(qtbot, window: MainWindow) -> None:
    entries = window.insight.queue.list
    entries.setFocus()
    entries.setCurrentRow(3)
    qtbot.keyClick(entries, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert shown(window) == ["One picture", "2 pictures", "4 pictures", "3 pictures"]
    qtbot.keyClick(entries, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(entries, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)  # not before what runs
    assert shown(window) == ["One picture", "4 pictures", "2 pictures", "3 pictures"]
    assert entries.currentRow() == 1  # the selection goes with it
    qtbot.keyClick(entries, Qt.Key.Key_Delete)
    assert shown(window) == ["One picture", "2 pictures", "3 pictures"]


def test_the_mouse_drags_an_order_to_another_place(qtbot, window: MainWindow) -> None:
    entries = window.insight.queue.list
    entries.setCurrentRow(1)
    target = entries.visualItemRect(entries.item(3)).center()
    move, left, plain = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    entries.dropEvent(QDropEvent(QPointF(target), move, QMimeData(), left, plain))
    assert shown(window) == ["One picture", "3 pictures", "4 pictures", "2 pictures"]


def test_buttons_do_the_same_and_only_what_can_be_done(qtbot, window: MainWindow) -> None:
    queue = window.insight.queue
    assert not any(part.isEnabled() for part in (queue.earlier, queue.later, queue.remove))
    queue.list.setCurrentRow(0)
    assert queue.remove.isEnabled()
    assert not queue.later.isEnabled()
    queue.list.setCurrentRow(1)
    assert not queue.earlier.isEnabled()
    qtbot.mouseClick(queue.later, Qt.MouseButton.LeftButton)
    assert shown(window) == ["One picture", "3 pictures", "2 pictures", "4 pictures"]
    qtbot.mouseClick(queue.remove, Qt.MouseButton.LeftButton)
    assert shown(window) == ["One picture", "3 pictures", "4 pictures"]


def test_a_paused_queue_says_so_and_make_stays_make(qtbot, window: MainWindow) -> None:
    queue = window.insight.queue
    qtbot.mouseClick(queue.pause, Qt.MouseButton.LeftButton)
    assert queue.pause.text() == "Go on"
    assert window.brief.make_panel.queue.text() == "Queue (4), paused"
    assert window.brief.make_panel.make.text().startswith("Make ")
    qtbot.mouseClick(queue.pause, Qt.MouseButton.LeftButton)
    assert queue.pause.text() == "Pause the queue"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_of_the_queue_has_a_name(window: MainWindow, language: str) -> None:
    i18n.set_language(language)
    found = list(controls(window.insight.queue))
    assert len(found) >= 6
    assert all(control.accessibleName().strip() for control in found)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[OvernightDialog]:
    """The dialogs that were opened; each is accepted with six works."""
    opened: list[OvernightDialog] = []

    def accept(dialog: OvernightDialog) -> int:
        opened.append(dialog)
        dialog.number.setValue(6)
        dialog.yes.click()
        return 1

    monkeypatch.setattr(OvernightDialog, "exec", accept)
    return opened


def test_many_works_overnight_are_told_beforehand_and_at_the_end(
    qtbot, made: MainWindow, asked, monkeypatch
) -> None:
    told: list[tuple[str, str]] = []
    made.queue.notify = lambda title, words: told.append((title, words))
    monkeypatch.setattr(made, "isActiveWindow", lambda: False)
    made.actions_["overnight"].trigger()
    (dialog,) = asked
    assert dialog.work.isVisibleTo(dialog)
    assert "about" in dialog.time.text()  # three works were made before
    assert "free on this disk" in dialog.room.text()
    qtbot.waitUntil(lambda: bool(told), timeout=60_000)
    assert told == [("Maquette has made everything", "6 new works are in the gallery")]
    assert made.gallery.model.rowCount() == 9
    assert made.session.workspace.current == 3
    assert made.gallery.said.text() == "6 new works are in the gallery"


def test_nothing_is_told_to_who_looks_on(qtbot, made: MainWindow) -> None:
    told: list[tuple[str, str]] = []
    made.queue.notify = lambda title, words: told.append((title, words))
    qtbot.keyClick(made, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: made.gallery.model.rowCount() == 6, timeout=60_000)
    qtbot.waitUntil(lambda: not made.session.generation.is_busy, timeout=60_000)
    assert told == []


def test_a_full_disk_is_not_filled_overnight(qtbot, made: MainWindow, monkeypatch) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr(overnight_dialog.shutil, "disk_usage", lambda _path: Usage)
    dialog = OvernightDialog(made.session, made)
    qtbot.addWidget(dialog)
    assert not dialog.yes.isEnabled()
    assert dialog.warning.text()
