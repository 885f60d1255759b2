"""What is being written survives: the end of the window, a full disk, kill -9."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.protocol import Medium
from studio.i18n.errors import MaquetteError
from studio.media.text import drafts
from studio.media.text.drafts import DraftKeptError
from studio.project.project import Project
from studio.state.history import History
from tests.studio.windows import text_wall

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
WRITER = Path(__file__).parents[2] / "writer.py"
ROOT = WRITER.parents[2]
MADE = "空山不見雨"


def add_text(project: Project) -> int:
    style = project.styles.add(b"style", {}, {}, Medium.TEXT)
    project.working_state.save_medium(Medium.TEXT)
    return project.works.add(MADE.encode(), {"seed": 1}, style_id=style.id, seed=1).id


def shown(project: Project, work_id: int) -> str:
    return project.blob(project.works.get(work_id).shown_digest).decode()


@pytest.mark.process
def test_a_killed_studio_loses_no_words(project: Project, tmp_path: Path) -> None:
    work_id = add_text(project)
    project.close()
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    paths = {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(WRITER), str(project.path), str(tmp_path), " and rain"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env=os.environ | home | paths, text=True
    ) as studio:
        assert studio.stdout is not None
        too_long = threading.Timer(40, studio.kill)
        too_long.start()
        assert studio.stdout.readline() == "written\n"
        too_long.cancel()
        studio.kill()
    again = Project.open(project.path)
    assert shown(again, work_id) == MADE, "nothing was ended by the artist yet"
    history = History(again)
    assert drafts.restore(again, history) == work_id
    assert shown(again, work_id) == f"{MADE} and rain"
    assert isinstance(again.notice, DraftKeptError)
    assert not again.working_state.drafts()
    history.undo()
    assert shown(again, work_id) == MADE
    again.close()


def test_the_next_window_shows_what_was_written(
    qtbot,
    make_session,
    project: Project,
) -> None:
    work_id = add_text(project)
    project.working_state.save_draft(work_id, "other words")
    session = make_session()
    assert (session.workspace.medium, session.workspace.current) == (Medium.TEXT, work_id)
    assert shown(project, work_id) == "other words"
    assert project.notice is not None
    assert project.notice.text("zh") != project.notice.text("en")
    session.workspace.history.undo()
    assert shown(project, work_id) == MADE


def test_words_are_kept_while_they_are_written_and_dropped_after(
    qtbot,
    made,
) -> None:
    project = made.session.workspace.project
    qtbot.keyClick(made, Qt.Key.Key_E)
    qtbot.keyClicks(text_wall(made).writing, "!")
    qtbot.waitUntil(lambda: project.working_state.drafts().get(3, "").endswith("!"), timeout=1000)
    qtbot.keyClicks(text_wall(made).writing, "?")
    qtbot.waitUntil(lambda: project.working_state.drafts()[3].endswith("!?"), timeout=1000)
    qtbot.keyClick(text_wall(made).writing, Qt.Key.Key_Escape)
    assert shown(project, 3).endswith("!?")
    qtbot.wait(2 * drafts.KEEP_MS)
    assert not project.working_state.drafts()


def test_changes_that_were_taken_back_leave_no_draft(qtbot, made) -> None:
    project = made.session.workspace.project
    qtbot.keyClick(made, Qt.Key.Key_E)
    writing = text_wall(made).writing
    qtbot.keyClicks(writing, "!")
    qtbot.waitUntil(lambda: bool(project.working_state.drafts()), timeout=1000)
    qtbot.keyClick(writing, Qt.Key.Key_Backspace)
    qtbot.keyClick(writing, Qt.Key.Key_Escape)
    assert not project.working_state.drafts()
    assert not project.works.get(3).edit


def test_a_copy_holds_what_is_being_written(
    qtbot,
    made,
    tmp_path: Path,
) -> None:
    old = made.session.workspace.project.path
    qtbot.keyClick(made, Qt.Key.Key_E)
    qtbot.keyClicks(text_wall(made).writing, "!")
    made.session.save_as(tmp_path / "copy.maquette")
    qtbot.waitUntil(lambda: made.session.workspace.project.path != old, timeout=8000)
    assert shown(made.session.workspace.project, 3).endswith("!")


def test_a_full_disk_is_told_and_the_draft_stays(
    qtbot,
    made,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = made.session.workspace.project
    told: list[object] = []
    made.session.workspace.problem_raised.connect(told.append)

    def full(*_: object) -> None:
        raise MaquetteError("project_full", name="Study")

    qtbot.keyClick(made, Qt.Key.Key_E)
    qtbot.keyClicks(text_wall(made).writing, "!")
    qtbot.waitUntil(lambda: bool(project.working_state.drafts()), timeout=1000)
    monkeypatch.setattr(project.works, "edit", full)
    monkeypatch.setattr(project.working_state, "save_draft", full)
    qtbot.keyClicks(text_wall(made).writing, "?")
    qtbot.waitUntil(lambda: bool(told), timeout=1000)
    qtbot.keyClick(text_wall(made).writing, Qt.Key.Key_Escape)
    assert project.working_state.drafts()[3].endswith("!")


@pytest.mark.parametrize("words", ["", "月\n\n 'quoted' \U0001f30a", "x" * 20_000])
def test_a_draft_is_kept_as_it_is(project: Project, words: str) -> None:
    work_id = add_text(project)
    project.working_state.save_draft(work_id, "older")
    project.working_state.save_draft(work_id, words)
    assert project.working_state.drafts() == {work_id: words}
    keep: Callable[[int], None] = project.working_state.drop_draft
    keep(work_id)
    keep(work_id)
    assert project.working_state.drafts() == {}
