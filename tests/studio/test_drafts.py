"""What is being written survives: the end of the window, a full disk, kill -9."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.messages import Medium
from studio import drafts
from studio.drafts import DraftKeptError
from studio.errors import MaquetteError
from studio.history import History
from studio.project import Project
from tests.studio.test_text_window import made, window  # noqa: F401 - fixtures
from tests.studio.test_texts import texts  # noqa: F401 - a fixture
from tests.studio.test_window import make_window  # noqa: F401 - a fixture

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
WRITER = Path(__file__).with_name("writer.py")
ROOT = WRITER.parents[2]
MADE = "空山不見雨"


def add_text(project: Project) -> int:
    style = project.add_style(b"style", {}, {}, Medium.TEXT)
    project.save_medium(Medium.TEXT)
    return project.add_work(MADE.encode(), {"seed": 1}, style_id=style.id, seed=1).id


def shown(project: Project, work_id: int) -> str:
    return project.blob(project.work(work_id).shown_digest).decode()


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
    assert not again.drafts()
    history.undo()
    assert shown(again, work_id) == MADE
    again.close()


def test_the_next_window_shows_what_was_written(
    qtbot,
    make_session,
    project: Project,
) -> None:
    work_id = add_text(project)
    project.save_draft(work_id, "other words")
    session = make_session()
    assert (session.medium, session.current) == (Medium.TEXT, work_id)
    assert shown(project, work_id) == "other words"
    assert project.notice is not None
    assert project.notice.text("zh") != project.notice.text("en")
    session.history.undo()
    assert shown(project, work_id) == MADE


def test_words_are_kept_while_they_are_written_and_dropped_after(
    qtbot,
    made,  # noqa: F811
) -> None:
    project = made.session.project
    qtbot.keyClick(made, Qt.Key.Key_E)
    qtbot.keyClicks(made.stage.texts.writing, "!")
    qtbot.waitUntil(lambda: project.drafts().get(3, "").endswith("!"), timeout=1000)
    qtbot.keyClicks(made.stage.texts.writing, "?")
    qtbot.waitUntil(lambda: project.drafts()[3].endswith("!?"), timeout=1000)
    qtbot.keyClick(made.stage.texts.writing, Qt.Key.Key_Escape)
    assert shown(project, 3).endswith("!?")
    qtbot.wait(2 * drafts.KEEP_MS)
    assert not project.drafts()


def test_changes_that_were_taken_back_leave_no_draft(qtbot, made) -> None:  # noqa: F811
    project = made.session.project
    qtbot.keyClick(made, Qt.Key.Key_E)
    writing = made.stage.texts.writing
    qtbot.keyClicks(writing, "!")
    qtbot.waitUntil(lambda: bool(project.drafts()), timeout=1000)
    qtbot.keyClick(writing, Qt.Key.Key_Backspace)
    qtbot.keyClick(writing, Qt.Key.Key_Escape)
    assert not project.drafts()
    assert not project.work(3).edit


def test_a_copy_holds_what_is_being_written(
    qtbot,
    made,  # noqa: F811
    tmp_path: Path,
) -> None:
    old = made.session.project.path
    qtbot.keyClick(made, Qt.Key.Key_E)
    qtbot.keyClicks(made.stage.texts.writing, "!")
    made.session.save_as(tmp_path / "copy.maquette")
    qtbot.waitUntil(lambda: made.session.project.path != old, timeout=8000)
    assert shown(made.session.project, 3).endswith("!")


def test_a_full_disk_is_told_and_the_draft_stays(
    qtbot,
    made,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = made.session.project
    told: list[object] = []
    made.session.problem_raised.connect(told.append)

    def full(*_: object) -> None:
        raise MaquetteError("project_full", name="Study")

    qtbot.keyClick(made, Qt.Key.Key_E)
    qtbot.keyClicks(made.stage.texts.writing, "!")
    qtbot.waitUntil(lambda: bool(project.drafts()), timeout=1000)
    monkeypatch.setattr(project, "edit", full)
    monkeypatch.setattr(project, "save_draft", full)
    qtbot.keyClicks(made.stage.texts.writing, "?")
    qtbot.waitUntil(lambda: bool(told), timeout=1000)
    qtbot.keyClick(made.stage.texts.writing, Qt.Key.Key_Escape)
    assert project.drafts()[3].endswith("!")


@pytest.mark.parametrize("words", ["", "月\n\n 'quoted' \U0001f30a", "x" * 20_000])
def test_a_draft_is_kept_as_it_is(project: Project, words: str) -> None:
    work_id = add_text(project)
    project.save_draft(work_id, "older")
    project.save_draft(work_id, words)
    assert project.drafts() == {work_id: words}
    keep: Callable[[int], None] = project.drop_draft
    keep(work_id)
    keep(work_id)
    assert project.drafts() == {}
