"""The tree of where a work came from, and where its lines lead."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from engine.protocol import Medium, PictureBrief, Use
from studio import i18n
from studio.project.judgements import Kind, Subject, like
from studio.state.lineage import Node, judged_until, tree_of
from studio.views.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
WAIT_MS = 20_000
ANYWHERE = Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive


def lines(node: Node, depth: int = 0) -> list[str]:
    below = [line for child in node.children for line in lines(child, depth + 1)]
    return [f"{'  ' * depth}{node.words}", *below]


def tree(window: MainWindow, work_id: int) -> Node:
    workspace = window.session.workspace
    return tree_of(workspace.project, workspace.media, work_id)


def item(widget: QTreeWidget, words: str) -> QTreeWidgetItem:
    return widget.findItems(words, ANYWHERE)[0]


def root_of(widget: QTreeWidget) -> QTreeWidgetItem:
    found = widget.topLevelItem(0)
    assert found is not None
    return found


def names_of_roots(widget: QTreeWidget) -> list[str]:
    items = [widget.topLevelItem(place) for place in range(widget.topLevelItemCount())]
    return [item.text(0) for item in items if item is not None]


def make_from(qtbot: QtBot, window: MainWindow, work_id: int) -> None:
    """One work that restyles another."""
    session = window.session
    digest = session.workspace.project.works.get(work_id).digest
    brief = PictureBrief(count=1, width_px=48, height_px=32, use=Use.RESTYLE, content=digest)
    session.workspace.set_brief(brief)
    before = len(session.workspace.project.works.all())
    session.maker.make()
    works = session.workspace.project.works
    qtbot.waitUntil(lambda: len(works.all()) == before + 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not session.generation.is_busy, timeout=WAIT_MS)


def test_a_work_comes_from_a_brief_and_a_style(made: MainWindow) -> None:
    assert lines(tree(made, 3)) == [
        "Work 3",
        "  Asked for: 48 × 32",
        "  Style learned from 3 references",
        "    Picture 0",
        "    Picture 1",
        "    Picture 2",
    ]


def test_works_that_began_from_works(qtbot: QtBot, made: MainWindow) -> None:
    make_from(qtbot, made, 2)
    make_from(qtbot, made, 4)
    style = ["Style learned from 3 references", *(f"  Picture {n}" for n in range(3))]
    below = [f"        {line}" for line in style]
    assert lines(tree(made, 5))[:5] == [
        "Work 5",
        "  Asked for: 48 × 32 · Restyle it",
        "    Work 4",
        "      Asked for: 48 × 32 · Restyle it",
        "        Work 2",
    ]
    assert f"  {below[0]}" in lines(tree(made, 5))
    assert lines(tree(made, 2))[-2:] == ["  One work began from it", "    Work 4"]


def test_a_reference_or_a_file_that_it_began_from(qtbot: QtBot, made: MainWindow) -> None:
    project = made.session.workspace.project
    reference = project.references.all()[1]
    own = project.put(b"a picture of mine")
    style = project.styles.all(Medium.IMAGE)[0]
    for content in (reference.digest, own, "ab" * 32):
        brief = {"medium": "image", "use": "restyle", "content": content}
        project.works.add(content.encode(), {"brief": brief}, style_id=style.id, seed=1)
    project.working_state.save_name(own, "boat.png")
    assert lines(tree(made, 4))[2] == "    Picture 1"
    assert lines(tree(made, 5))[2] == "    Began from boat.png"
    assert lines(tree(made, 6))[2] == "    Began from a file of yours"


def test_ratings_that_taught_the_style(made: MainWindow) -> None:
    project = made.session.workspace.project
    plain = project.styles.all(Medium.IMAGE)[0]
    project.works.rate(1, 5)
    project.works.rate(2, 3)
    project.works.rate(2, 0)
    project.judgements.add(like(Medium.IMAGE, 3), False)
    lineage = {"ratings": 2, "taught": "key"}
    taught = project.styles.add(b"taught", lineage, {}, Medium.IMAGE, parent_id=plain.id)
    assert judged_until(project, taught) == {1: 5.0, 3: 0.5}
    work = project.works.add(b"new", {}, style_id=taught.id, seed=1)
    found = lines(tree(made, work.id))
    assert found[1] == "  Taught by 2 ratings"
    assert "    Work 1 ★★★★★" in found
    assert "    Work 3, not liked" in found
    assert "    Style learned from 3 references" in found


def test_what_was_said_before_beginning_anew_taught_nothing(made: MainWindow) -> None:
    project = made.session.workspace.project
    plain = project.styles.all(Medium.IMAGE)[0]
    project.works.rate(1, 5)
    project.judgements.add(Subject(medium=Medium.IMAGE, kind=Kind.RESET), [1, 0])
    taught = project.styles.add(b"taught", {}, {}, Medium.IMAGE, parent_id=plain.id)
    assert 1 not in judged_until(project, taught)


def test_a_style_of_the_library(made: MainWindow) -> None:
    project = made.session.workspace.project
    lineage = {"library": "Waves", "references": ["wave.png"], "tray": {}}
    style = project.styles.add(b"theirs", lineage, {}, Medium.IMAGE)
    work = project.works.add(b"new", {}, style_id=style.id, seed=1)
    assert lines(tree(made, work.id))[1:] == ["  Style “Waves” from the library", "    Wave"]


def test_the_tree_follows_the_work_and_leads_on(qtbot: QtBot, made: MainWindow) -> None:
    make_from(qtbot, made, 2)
    workspace, panel = made.session.workspace, made.insight.lineage
    qtbot.keyClick(made.stage.focus_home(), Qt.Key.Key_I)
    qtbot.waitUntil(panel.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: panel.tree.topLevelItemCount() == 1, timeout=WAIT_MS)
    assert item(panel.tree, "Work 4") is panel.tree.topLevelItem(0)
    panel.tree.itemClicked.emit(item(panel.tree, "Work 2"), 0)
    assert workspace.current == 2
    qtbot.waitUntil(lambda: root_of(panel.tree).text(0) == "Work 2", timeout=WAIT_MS)
    panel.tree.itemActivated.emit(item(panel.tree, "Picture 1"), 0)
    assert made.stage.is_reading
    made.stage.leave()
    workspace.set_brief(replace(workspace.brief, width_px=1024))
    panel.tree.setCurrentItem(item(panel.tree, "Asked for"))
    panel.tree.itemActivated.emit(panel.tree.currentItem(), 0)
    assert workspace.brief.width_px == 48
    workspace.history.undo()
    assert workspace.brief.width_px == 1024


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_panel_has_names(qtbot: QtBot, made: MainWindow, language: str) -> None:
    panel = made.insight.lineage
    made.actions_["lineage"].trigger()
    i18n.set_language(language)
    name = {"en": "Work 3", "zh": "作品 3"}[language]
    qtbot.waitUntil(lambda: names_of_roots(panel.tree) == [name], timeout=WAIT_MS)
    assert panel.tree.accessibleName().strip()
    assert panel.tree.toolTip().strip()
    assert panel.tree.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert all(found.toolTip(0) for found in panel.tree.findItems("", ANYWHERE))
