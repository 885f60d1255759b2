"""Export as an artist does it: the dialog, what it remembers, and the line that tells of it."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from studio import i18n
from studio.state import json_file
from studio.state.settings import SettingsStore, usual_folder
from studio.views.dialogs import Question
from studio.views.export_dialog import SHAPES, ExportDialog
from studio.views.main_window import MainWindow
from studio.views.preset_dialog import PresetDialog
from tests.studio.windows import controls

pytestmark = pytest.mark.qt_log_ignore("does not support", extend=True)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def dialog(qtbot, made: MainWindow, tmp_path: Path) -> ExportDialog:
    made.session.settings.remember_folder("export.image", _folder(tmp_path))
    dialog = ExportDialog(made.session, made.exports.choices(), made)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Out"
    folder.mkdir(exist_ok=True)
    return folder


def _choose(dialog: ExportDialog, shape: str) -> None:
    dialog.shape.set_value(SHAPES.index(shape))
    dialog.shape.chosen.emit(SHAPES.index(shape))


def _answer(monkeypatch: pytest.MonkeyPatch, shape: str = "files") -> list[ExportDialog]:
    """Whoever opens the dialog presses its button at once."""
    seen: list[ExportDialog] = []

    def answer(dialog: ExportDialog) -> int:
        seen.append(dialog)
        _choose(dialog, shape)
        dialog.export.click()
        return 1

    monkeypatch.setattr(ExportDialog, "exec", answer)
    return seen


def test_a_success_is_one_line_with_a_tick_and_the_way_there(
    qtbot, made: MainWindow, tmp_path, monkeypatch
) -> None:
    folder = _folder(tmp_path)
    made.session.settings.remember_folder("export.image", folder)
    _answer(monkeypatch)
    qtbot.keyClick(made, Qt.Key.Key_E, CONTROL)
    said = made.gallery.said
    qtbot.waitUntil(lambda: said.is_done and bool(said.text()), timeout=20_000)
    assert said.text() == "1 work exported to “Out”"
    assert said.link.isVisible()
    assert said.height() < 2 * said.fontMetrics().height() + 8, "one line"
    assert not made.notice.isVisible()
    assert sorted(p.name for p in folder.iterdir()) == ["Study 0003.json", "Study 0003.png"]


def test_it_opens_where_pictures_are_and_then_where_the_last_ones_went(
    qtbot, made: MainWindow, tmp_path, monkeypatch
) -> None:
    dialog = ExportDialog(made.session, made.exports.choices(), made)
    qtbot.addWidget(dialog)
    assert dialog.place.whole == str(usual_folder("image"))
    asked: list[str] = []

    def choose(_parent, _title, folder) -> str:
        asked.append(folder)
        return str(_folder(tmp_path))

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    dialog.change.click()
    assert asked == [str(usual_folder("image"))]
    assert dialog.place.whole == str(_folder(tmp_path))
    dialog.export.click()
    again = ExportDialog(made.session, made.exports.choices(), made)
    qtbot.addWidget(again)
    assert again.place.whole == str(_folder(tmp_path))


def test_the_example_lives(qtbot, dialog: ExportDialog) -> None:
    assert dialog.example.whole == "gives Study 0003.png and Study 0003.json"
    dialog.pattern.selectAll()
    qtbot.keyClicks(dialog.pattern, "fuji {number}")
    assert dialog.example.whole == "gives fuji 0003.png and fuji 0003.json"
    dialog.insert.menu().actions()[-1].trigger()
    assert dialog.pattern.text() == "fuji {number}{stars}"
    dialog.sidecars.click()
    assert dialog.example.whole == "gives fuji 00030.png"
    dialog.format.setCurrentIndex(dialog.format.findData("jpg"))
    assert dialog.example.whole == "gives fuji 00030.jpg"


def test_only_what_means_something_is_shown(dialog: ExportDialog) -> None:
    shown = {
        "png": (False, True, True),
        "jpg": (True, True, False),
        "webp": (True, True, True),
        "tif": (False, True, True),
    }
    parts = dialog.quality, dialog.sizes, dialog.clear_paper
    for name, expected in shown.items():
        dialog.format.setCurrentIndex(dialog.format.findData(name))
        assert tuple(part.isVisible() for part in parts) == expected, name
    assert not dialog.side.isVisible()
    dialog.sizes.setCurrentIndex(dialog.sizes.findData(0))
    assert dialog.side.isVisible()
    for shape, named in (("sheet", False), ("page", True)):
        _choose(dialog, shape)
        assert not any(part.isVisible() for part in (*parts, dialog.format))
        assert dialog.pattern.isVisible() is named


def test_what_was_chosen_is_there_the_next_time(qtbot, made: MainWindow, dialog) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData("webp"))
    dialog.quality.setValue(71)
    dialog.sizes.setCurrentIndex(dialog.sizes.findData(0))
    dialog.side.setValue(333)
    dialog.clear_paper.setChecked(True)
    dialog.pattern.setText("{date} {number}")
    dialog.sidecars.setChecked(False)
    _choose(dialog, "zip")
    dialog.export.click()
    assert dialog.order.target.name == "Study works.zip"
    again = ExportDialog(made.session, made.exports.choices(), made)
    qtbot.addWidget(again)
    assert again.options() == dialog.order.options
    assert again.chosen_shape() == "zip"


@pytest.mark.parametrize(
    ("shape", "name"),
    [("zip", "Study works.zip"), ("sheet", "Study contact sheet.pdf"), ("page", "Study portfolio")],
)
def test_kept_works_as_one(
    qtbot, made: MainWindow, tmp_path, monkeypatch, shape: str, name: str
) -> None:
    folder = _folder(tmp_path)
    made.session.settings.remember_folder("export.image", folder)
    for work_id in (1, 2):
        made.session.edits.toggle_kept(work_id)
    made.session.workspace.select(None)
    _answer(monkeypatch, shape)
    for expected in (name, f"{Path(name).stem} (2){Path(name).suffix}"):
        qtbot.keyClick(made, Qt.Key.Key_E, CONTROL)
        qtbot.waitUntil((folder / expected).exists, timeout=20_000)
    said = made.gallery.said
    qtbot.waitUntil(lambda: said.is_done, timeout=20_000)
    assert "2 works are in “" in said.text()
    assert len(list(folder.iterdir())) == 2, "nothing half done lies about"


def test_a_failure_stands_above_all_and_not_in_the_line_of_success(
    qtbot, made: MainWindow, tmp_path, monkeypatch
) -> None:
    folder = _folder(tmp_path)
    made.session.settings.remember_folder("export.image", folder)
    seen = _answer(monkeypatch)

    def refuse(*_arguments) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.state.export.write", refuse)
    qtbot.keyClick(made, Qt.Key.Key_E, CONTROL)
    qtbot.waitUntil(lambda: "0 of 1" in made.notice.text(), timeout=20_000)
    assert made.gallery.said.text() == ""
    assert len(seen) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_has_a_name(made: MainWindow, qtbot, language: str) -> None:
    i18n.set_language(language)
    dialog = ExportDialog(made.session, made.exports.choices(), made)
    qtbot.addWidget(dialog)
    for control in controls(dialog):
        assert control.accessibleName().strip(), type(control).__name__


def test_other_dialogs_remember_too(qtbot, made: MainWindow, tmp_path, monkeypatch) -> None:
    asked: list[str] = []
    chosen = _folder(tmp_path) / "more.png"
    chosen.write_bytes((tmp_path / "pictures" / "picture 0.png").read_bytes())

    def choose(_parent, _title, folder, _names) -> tuple[list[str], str]:
        asked.append(folder)
        return [str(chosen)], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    for _time in range(2):
        qtbot.keyClick(made, Qt.Key.Key_I, CONTROL)
    assert asked == [str(usual_folder("image")), str(chosen.parent)]
    QApplication.processEvents()


def _name_it(monkeypatch: pytest.MonkeyPatch, name: str) -> list[PresetDialog]:
    """Whoever is asked for a name types it and presses Save."""
    seen: list[PresetDialog] = []

    def answer(dialog: PresetDialog) -> int:
        seen.append(dialog)
        dialog.field.setText(name)
        return int(dialog.yes.isEnabled())

    monkeypatch.setattr(PresetDialog, "exec", answer)
    return seen


def _entry(dialog: ExportDialog, text: str) -> QAction:
    dialog.presets.fill()
    return next(each for each in dialog.presets.menu.actions() if each.text() == text)


def test_choices_under_a_name_come_back_in_the_next_dialog(
    qtbot, dialog: ExportDialog, made: MainWindow, tmp_path, monkeypatch
) -> None:
    seen = _name_it(monkeypatch, " For  the shop ")
    dialog.format.setCurrentIndex(dialog.format.findData("jpg"))
    dialog.quality.setValue(80)
    dialog.sizes.setCurrentIndex(dialog.sizes.findData(0))
    dialog.side.setValue(1200)
    dialog.pattern.setText("shop {number}")
    dialog.sidecars.setChecked(False)
    named = dialog.choice()
    _entry(dialog, "Save these choices as a preset…").trigger()
    assert len(seen) == 1
    made.session.settings.remember_folder("export.image", usual_folder("image"))
    again = ExportDialog(made.session, made.exports.choices(), made)
    qtbot.addWidget(again)
    assert again.choice() != named
    _entry(again, "For the shop").trigger()
    assert again.choice() == named, "its folder too"
    assert again.example.whole == "gives shop 0003.jpg"
    stored = SettingsStore(made.session.settings.path).settings.export_presets
    assert stored == {"image": {"For the shop": named}}


def test_a_preset_whose_folder_is_gone_stays_where_the_dialog_is(
    dialog: ExportDialog, tmp_path, monkeypatch
) -> None:
    _name_it(monkeypatch, "gone")
    folder = dialog.place.whole
    gone = replace(dialog.choice(), folder=str(tmp_path / "gone"), quality=70)
    dialog.show_choice(gone)
    assert (dialog.place.whole, dialog.quality.value()) == (folder, 70)


def test_a_preset_is_deleted_only_when_asked_twice(dialog: ExportDialog, monkeypatch) -> None:
    _name_it(monkeypatch, "shop")
    _entry(dialog, "Save these choices as a preset…").trigger()
    answers = iter((0, 1))
    monkeypatch.setattr(Question, "exec", lambda _question: next(answers))
    for kept in (1, 0):
        delete = _entry(dialog, "Delete a preset").menu()
        assert isinstance(delete, QMenu)
        delete.actions()[0].trigger()
        assert len(dialog.presets._presets()) == kept


def test_a_preset_that_cannot_be_saved_is_told(
    dialog: ExportDialog, made: MainWindow, monkeypatch
) -> None:
    _name_it(monkeypatch, "shop")
    with patch.object(json_file, "save", side_effect=OSError(28, "No space left")):
        _entry(dialog, "Save these choices as a preset…").trigger()
    assert "No space left" in made.notice.text()
