"""Presets and earlier briefs through the buttons over the wishes."""

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.protocol import Medium, PictureBrief
from studio.views.dialogs import Question
from studio.views.main_window import MainWindow
from studio.views.preset_dialog import PresetDialog
from tests.studio.windows import controls

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def entries(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def trigger(menu: QMenu, words: str) -> None:
    next(action for action in menu.actions() if words in action.text()).trigger()


def answer(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """Types this name and clicks Save. Returns what was offered, once it is."""
    offered: list[str] = []

    def execute(self: PresetDialog) -> int:
        offered.append(self.field.text())
        self.field.setText("   ")
        assert not self.yes.isEnabled()
        self.field.setText(name)
        self.yes.click()
        return self.result()

    monkeypatch.setattr(PresetDialog, "exec", execute)
    return offered


def test_wishes_are_named_and_taken_up_again(
    made: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, menu = made.session.workspace, made.brief.menus.presets_menu
    assert entries(menu) == ["No preset is saved yet", "Save this brief as a preset…"]
    workspace.set_brief(PictureBrief(width_px=1024, height_px=256, seed=3, light=0.5))
    offered = answer(monkeypatch, "Panorama & light")
    trigger(menu, "Save this brief")
    assert offered == ["1024 × 256 · one more wish"]
    workspace.set_brief(PictureBrief(seed=8))
    assert entries(menu)[0] == "Panorama && light"
    trigger(menu, "Panorama")
    assert workspace.brief == PictureBrief(width_px=1024, height_px=256, seed=8, light=0.5)
    workspace.history.undo()
    assert workspace.brief == PictureBrief(seed=8)
    workspace.show_medium(Medium.TEXT)
    assert "Panorama && light" not in entries(menu)


def test_a_preset_is_deleted_after_a_question(
    made: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    menu, store = made.brief.menus.presets_menu, made.session.presets
    answer(monkeypatch, "Plain")
    entries(menu)
    trigger(menu, "Save this brief")
    for yes in (0, 1):
        monkeypatch.setattr(Question, "exec", lambda _self, yes=yes: yes)
        entries(menu)
        delete = next(action.menu() for action in menu.actions() if action.menu())
        assert isinstance(delete, QMenu)
        trigger(delete, "Plain")
        assert bool(store.of(Medium.IMAGE)) is not bool(yes)


def test_a_menu_that_opens_often_does_not_grow(made: MainWindow, qtbot: QtBot) -> None:
    menu, workspace = made.brief.menus.presets_menu, made.session.workspace
    made.session.presets.keep("Plain", PictureBrief(), workspace.media[Medium.IMAGE])
    for _ in range(3):
        menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: len(menu.findChildren(QMenu)) == 1)


def test_one_click_goes_back_to_an_earlier_brief(qtbot: QtBot, made: MainWindow) -> None:
    workspace, menu = made.session.workspace, made.brief.menus.past_menu
    before = workspace.brief
    workspace.set_brief(PictureBrief(tile=True))
    (line,) = entries(menu)
    assert line.endswith("3 works · 48 × 32")
    trigger(menu, "48 × 32")
    assert (workspace.brief.width_px, workspace.brief.count) == (before.width_px, 3)
    assert workspace.brief.seed == before.seed
    workspace.show_medium(Medium.AUDIO)
    assert entries(menu) == ["Nothing was made yet"]


def test_a_damaged_file_is_said_once(made: MainWindow) -> None:
    path = made.session.presets._path
    path.write_text("{")
    entries(made.brief.menus.presets_menu)
    assert "presets could not be read" in made.notice.text()
    made.notice.show_text("")
    entries(made.brief.menus.presets_menu)
    assert made.notice.text() == ""


def test_the_dialog_has_names(qtbot: QtBot, made: MainWindow) -> None:
    dialog = PresetDialog("Wide", "All wishes", made)
    qtbot.addWidget(dialog)
    for control in controls(dialog):
        assert control.accessibleName().strip()
        assert control.toolTip().strip()
