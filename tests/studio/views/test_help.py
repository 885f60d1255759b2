"""Help: every control says what it does, and a report is seen before it is saved."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWhatsThis, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol import Medium
from studio import i18n
from studio.views import report_dialog
from studio.views.main_window import MainWindow
from studio.views.report_dialog import ReportDialog
from studio.views.whats_this import WhatsThis, explained
from tests.studio.windows import controls

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_says_what_it_does(made: MainWindow, language: str) -> None:
    for medium in Medium:
        made.session.workspace.show_medium(medium)
    i18n.set_language(language)
    found = list(controls(made))
    assert len(found) > 100
    silent = {(type(one).__name__, one.accessibleName()) for one in found if not one.toolTip()}
    assert not silent


def test_a_click_in_the_mode_explains(made: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QWhatsThis, "showText", lambda _at, words, _of: said.append(words))
    entered: list[bool] = []
    monkeypatch.setattr(QWhatsThis, "enterWhatsThisMode", lambda: entered.append(True))
    made.actions_["whats_this"].trigger()
    assert entered
    seed = made.brief.seed
    query = QHelpEvent(QEvent.Type.QueryWhatsThis, QPoint(), QPoint())
    assert QApplication.sendEvent(seed, query)
    QApplication.sendEvent(seed, QHelpEvent(QEvent.Type.WhatsThis, QPoint(), QPoint()))
    assert said == [f"Seed: {seed.toolTip()}"]
    label = made.brief.make_panel.hint  # part of something that says nothing either
    QApplication.sendEvent(label, QHelpEvent(QEvent.Type.WhatsThis, QPoint(), QPoint()))
    assert len(said) == 1
    QApplication.sendEvent(made, QEvent(QEvent.Type.LeaveWhatsThisMode))
    QApplication.sendEvent(seed, QHelpEvent(QEvent.Type.WhatsThis, QPoint(), QPoint()))
    assert len(said) == 1  # nobody listens any more


def test_the_name_is_said_once(qtbot: QtBot) -> None:
    part = QWidget()
    qtbot.addWidget(part)
    assert explained(part) == ""
    part.setToolTip("Keep  K")
    part.setAccessibleName("Keep")
    assert explained(part) == "Keep  K"
    child = QWidget(part)
    assert explained(child) == "Keep  K"
    assert isinstance(WhatsThis(), WhatsThis)


def test_help_is_in_the_menu(made: MainWindow) -> None:
    names = [action.objectName() for action in made.top_bar.help_menu.actions()]
    assert names == ["tour", "whats_this", "shortcuts", "error_report", "about"]
    assert made.top_bar.help_menu.menuAction() in made.top_bar.menu.actions()


@pytest.fixture
def dialog(qtbot: QtBot, made: MainWindow, monkeypatch: pytest.MonkeyPatch) -> ReportDialog:
    monkeypatch.setattr(report_dialog.error_report, "gathered", lambda _session: "== Facts ==\n")
    one = ReportDialog(made.session, made)
    qtbot.addWidget(one)
    return one


def test_the_report_is_seen_whole_before_it_is_saved(
    dialog: ReportDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert dialog.report.toPlainText() == "== Facts ==\n"
    dialog.words.setPlainText("I clicked")
    target = tmp_path / "report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    dialog.save.click()
    assert target.read_text("utf-8") == "== Words ==\nI clicked\n\n== Facts ==\n"
    assert "report.txt" in dialog._said.text()


def test_a_folder_that_takes_no_report_is_said(
    dialog: ReportDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "no folder" / "report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    dialog.save.click()
    assert "could not be saved" in dialog.notice.text()


def test_the_dialog_opens_from_its_action(
    made: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QDialog] = []

    def show(self: QDialog) -> int:
        opened.append(self)
        return 0

    monkeypatch.setattr(QDialog, "exec", show)
    made.actions_["error_report"].trigger()
    assert isinstance(opened[0], ReportDialog)
    for control in controls(opened[0]):
        assert control.accessibleName().strip()
        assert control.toolTip().strip()
    assert opened[0].words.focusPolicy() & Qt.FocusPolicy.TabFocus
