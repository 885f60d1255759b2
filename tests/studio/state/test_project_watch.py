"""A project whose file is moved, deleted, copied or damaged while it is open."""

import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.project.database import ProjectFullError
from studio.project.project import Project
from studio.state import project_watch
from studio.state.problems import Problem
from studio.state.session import Session
from tests.studio.conftest import SessionMaker


def add_work(project: Project, data: bytes = b"picture" * 1000) -> int:
    style = project.styles.latest() or project.styles.add(b"style", {}, {})
    return project.works.add(data, {}, style_id=style.id, seed=1).id


@pytest.fixture
def session(make_session: SessionMaker) -> Session:
    session = make_session()
    session.watch._timer.stop()  # the tests look themselves
    return session


@pytest.fixture
def told(session: Session) -> list[Problem]:
    problems: list[Problem] = []
    session.workspace.problem_raised.connect(problems.append)
    return problems


def reopened(path: Path) -> Project:
    project = Project.open(path)
    project.close()
    return Project.open(path)


def test_after_a_pause_a_copy_is_whole(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_watch, "PAUSE_S", 0.0)
    project = session.workspace.project
    work = add_work(project)
    session.watch.look()
    unfolded = project.document.seconds_unfolded
    qtbot.waitUntil(lambda: unfolded() is None, timeout=20_000)
    copy = Path(shutil.copyfile(project.path, project.path.with_name("Copy.maquette")))
    again = Project.open(copy)
    assert again.works.get(work).id == work
    again.close()


def test_a_renamed_project_goes_on_under_its_new_name(
    session: Session, told: list[Problem]
) -> None:
    project = session.workspace.project
    add_work(project)
    new = project.path.rename(project.path.with_name("New name.maquette"))
    moved: list[bool] = []
    session.workspace.project_moved.connect(lambda: moved.append(True))
    session.watch.look()
    session.watch.look()
    assert (project.path, moved) == (new, [True])
    assert [problem.key for problem in told] == ["error.project_moved"]
    assert session.settings.recent()[0] == new
    assert add_work(project) == 2


def test_a_deleted_project_is_written_anew_and_said(session: Session, told: list[Problem]) -> None:
    project = session.workspace.project
    work, path = add_work(project), project.path
    path.unlink()
    session.watch.look()
    assert [problem.key for problem in told] == ["error.project_put_back"]
    assert path.name in told[0].text
    add_work(project)
    session.close()
    again = reopened(path)
    assert [row.id for row in again.works.all()] == [work + 1, work]
    again.close()


def test_another_file_in_its_place_is_left_alone(session: Session, told: list[Problem]) -> None:
    project = session.workspace.project
    work, path = add_work(project), project.path
    path.unlink()
    path.write_bytes(b"from a synced folder")
    session.watch.look()
    assert path.read_bytes() == b"from a synced folder"
    assert project.path.name == "Study (2).maquette"
    assert [row.id for row in project.works.all()] == [work]
    assert "Study (2).maquette" in told[0].text


def test_a_disk_that_is_gone_leaves_it_in_the_other_folder(
    session: Session, told: list[Problem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = session.workspace.project
    add_work(project)
    monkeypatch.setattr(session.watch, "_other_folder", lambda: tmp_path / "other")
    project.path.unlink()
    home = project.path.parent
    monkeypatch.setattr(Path, "is_dir", lambda self: self != home)
    session.watch.look()
    assert project.path == tmp_path / "other" / "Study.maquette"
    assert str(project.path) in told[0].text


def test_what_cannot_be_written_anew_is_told_once_with_a_way_out(
    session: Session, told: list[Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = session.workspace.project
    add_work(project)
    project.path.unlink()

    def full(path: Path) -> None:
        raise ProjectFullError("project_full", name=path.name)

    monkeypatch.setattr(project.document, "put_back", full)
    session.watch.look()
    session.watch.look()
    assert [(each.key, each.way_out) for each in told] == [("error.project_homeless", "save_as")]
    add_work(project)  # it is kept as long as the window is open
    monkeypatch.undo()
    session.watch.look()
    assert project.document.is_in_place


def test_damage_that_is_found_while_it_is_open_is_left_behind(
    session: Session, told: list[Problem]
) -> None:
    project, path = session.workspace.project, session.workspace.project.path
    add_work(project, b"first" * 3000)
    add_work(project, b"second" * 3000)
    project.document.fold()
    content = bytearray(path.read_bytes())
    content[content.index(b"secondsecond") + 5] ^= 1
    with path.open("r+b") as file:
        file.write(content)
    project.document.read("PRAGMA shrink_memory")  # or it would be read from memory
    lost = project.works.get(2).digest
    session.workspace.attempt(lambda: project.blob(lost))
    session.watch.look()
    rescued = session.workspace.project
    assert rescued.path.name == "Study (rescued).maquette"
    assert [row.id for row in rescued.works.all()] == [1]
    assert [each.key for each in told] == ["error.blob_damaged", "error.project_rescued"]
    assert "1 of 2 works" in told[1].text
