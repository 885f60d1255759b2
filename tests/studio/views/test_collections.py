"""Collections: works put together under a name, and searches that are kept."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from engine.protocol import Medium
from studio import i18n
from studio.project.project import Project
from studio.project.work_groups import Collection
from studio.views.collect_dialog import CollectDialog
from studio.views.gallery_order import Filter
from studio.views.main_window import MainWindow
from tests.studio.windows import controls

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def shown(window: MainWindow) -> list[int]:
    return list(window.gallery.model._shown)


def answer(monkeypatch: pytest.MonkeyPatch, act) -> None:
    """What the artist does in the dialog, before Done."""

    def execute(self: CollectDialog) -> int:
        act(self)
        self.yes.click()
        return self.result()

    monkeypatch.setattr(CollectDialog, "exec", execute)


def tick(dialog: CollectDialog, name: str, on: bool = True) -> None:
    (item,) = dialog.list.findItems(name, Qt.MatchFlag.MatchExactly)
    item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def pick(window: MainWindow, words: str) -> None:
    box = window.gallery.filter_box
    box.setCurrentIndex(box.findText(words))
    box.activated.emit(box.currentIndex())


@pytest.fixture
def collected(qtbot: QtBot, made: MainWindow, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """Work 3 is in "Best"."""
    answer(monkeypatch, lambda dialog: dialog.new.setText("  Best\t"))
    qtbot.keyClick(made.stage.focus_home(), Qt.Key.Key_O)
    assert [one.name for one in made.session.workspace.collections()] == ["Best"]
    return made


def test_a_work_is_put_into_a_new_collection(collected: MainWindow) -> None:
    pick(collected, "Best")
    assert shown(collected) == [3]
    pick(collected, "All")
    assert shown(collected) == [3, 2, 1]


def test_several_are_put_in_and_taken_out(
    qtbot: QtBot, collected: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    pick(collected, "Best")
    pick(collected, "All")
    collected.gallery.view.selectAll()
    seen: list[Qt.CheckState] = []

    def act(dialog: CollectDialog) -> None:
        seen.append(dialog.list.item(0).checkState())
        if len(seen) == 2:
            tick(dialog, "Best")

    answer(monkeypatch, act)
    collected.actions_["collect"].trigger()  # half ticked stays as it is
    assert collected.session.workspace.collections()[0].works == (3,)
    collected.actions_["collect"].trigger()
    assert set(collected.session.workspace.collections()[0].works) == {1, 2, 3}
    assert seen == [Qt.CheckState.PartiallyChecked] * 2
    answer(monkeypatch, lambda dialog: tick(dialog, "Best", on=False))
    collected.actions_["collect"].trigger()
    assert collected.session.workspace.collections()[0].works == ()
    pick(collected, "Best")
    assert collected.gallery._empty.text() == "This collection is empty."
    collected.gallery.show_all.click()
    assert shown(collected) == [3, 2, 1]


def test_all_of_it_can_be_undone(
    qtbot: QtBot, collected: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = collected.session.workspace
    pick(collected, "Best")

    def act(dialog: CollectDialog) -> None:
        dialog.list.setCurrentRow(0)
        dialog.list.item(0).setSelected(True)
        dialog.remove.click()

    answer(monkeypatch, act)
    collected.actions_["collect"].trigger()
    assert not workspace.collections()
    assert shown(collected) == [3, 2, 1]  # what was shown is gone: all
    assert collected.gallery.filter_box.currentData() is Filter.ALL
    collected.actions_["undo"].trigger()
    assert [one.works for one in workspace.collections()] == [(3,)]
    collected.actions_["undo"].trigger()
    assert not workspace.collections()
    collected.actions_["redo"].trigger()
    assert [one.name for one in workspace.collections()] == ["Best"]


def test_a_collection_is_renamed(collected: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, lambda dialog: dialog.list.item(0).setText(" Finest "))
    pick(collected, "Best")
    collected.actions_["collect"].trigger()
    assert [one.name for one in collected.session.workspace.collections()] == ["Finest"]
    assert collected.gallery.filter_box.currentText() == "Finest"
    assert shown(collected) == [3]


def test_a_search_is_kept(qtbot: QtBot, made: MainWindow) -> None:
    gallery, finder = made.gallery, made.gallery.finder
    qtbot.waitUntil(lambda: gallery.model._finding._words != {}, timeout=8000)
    seed = str(made.session.workspace.project.works.get(2).seed)
    finder.words.setText(seed)
    finder.tags_wanted.emit()
    keep = finder.menu.actions()[-1]
    assert keep.text() == f"Keep “{seed}” as a collection"
    keep.trigger()
    assert gallery.filter_box.currentText() == f"{seed} (search)"
    first = shown(made)
    assert 2 in first
    pick(made, "All")
    assert finder.words.text() == ""
    assert shown(made) == [3, 2, 1]
    pick(made, f"{seed} (search)")
    assert finder.words.text() == seed
    assert shown(made) == first


def test_collections_belong_to_a_medium_and_a_project(
    collected: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    pick(collected, "Best")
    workspace = collected.session.workspace
    workspace.show_medium(Medium.TEXT)
    assert collected.gallery.filter_box.findText("Best") < 0
    workspace.show_medium(Medium.IMAGE)
    assert collected.gallery.filter_box.findText("Best") > 0
    assert shown(collected) == [3, 2, 1]
    collected.session.new()
    assert collected.gallery.filter_box.findText("Best") < 0


def test_what_is_not_understood_is_passed_over(project: Project) -> None:
    good = Collection(id="a", medium=Medium.IMAGE, name="Good", works=(1, 2))
    project.collections.save([good])
    assert project.collections.all() == (good,)
    kept = project.document.meta("collections")
    assert kept is not None
    for bad in ("{", "{}", '[{"id": 1}]', "[3]"):
        project.document.put_meta("collections", bad)
        assert project.collections.all() == ()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_dialog_has_names(qtbot: QtBot, made: MainWindow, language: str) -> None:
    i18n.set_language(language)
    smart = Collection(id="b", medium=Medium.IMAGE, name="Sea", words="sea")
    dialog = CollectDialog([1], [smart], Medium.IMAGE, made)
    qtbot.addWidget(dialog)
    assert isinstance(dialog.list, QListWidget)
    for control in controls(dialog):
        assert control.accessibleName().strip()
        assert control.toolTip().strip()
    assert dialog.collections == (smart,)
