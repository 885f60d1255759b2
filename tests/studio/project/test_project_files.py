"""The document as a file: killed studios, one owner, refusals, backups, migrations."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from studio.project import migrations, opening
from studio.project.backups import KEEP, backups
from studio.project.database import (
    APPLICATION_ID,
    FORMAT,
    ProjectDamagedError,
    ProjectExistsError,
    ProjectForeignError,
    ProjectInUseError,
    ProjectMissingError,
    ProjectTooNewError,
)
from studio.project.document import Document
from studio.project.project import Project
from studio.project.rows import WorkRow

ROOT = Path(__file__).parents[3]


def add_work(project: Project, data: bytes = b"png", seed: int = 1) -> WorkRow:
    style = project.styles.latest() or project.styles.add(b"style", {}, {})
    return project.works.add(
        data, {"seed": seed}, style_id=style.id, seed=seed, width_px=8, height_px=6
    )


def reopen(project: Project) -> Project:
    project.close()
    return Project.open(project.path)


KILLED = """
import sys
from pathlib import Path
from studio.project import opening
from studio.project.project import Project
project = opening.untitled([Path(sys.argv[1])])
style = project.styles.add(b"s", {}, {})
work = project.works.add(b"p" * 100_000, {}, style_id=style.id, seed=5, width_px=1, height_px=1)
project.works.rate(work.id, 5)
print("committed", flush=True)
with project.document.write() as write:
    write.execute("UPDATE works SET seed = 6")
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.process
def test_a_killed_studio_loses_no_committed_action(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:
        assert child.stdout.readline() == b"committed\n"
        assert child.stdout.readline() == b"open\n"
        with pytest.raises(ProjectInUseError):
            Project.open(tmp_path / "Untitled.maquette")
        child.kill()
        child.wait()
    assert (tmp_path / "Untitled.maquette-wal").stat().st_size > 0
    project = opening.untitled((tmp_path,))
    (work,) = project.works.all()
    assert (work.seed, work.rating) == (5, 5)
    assert project.blob(work.digest) == b"p" * 100_000
    assert project.path.name == "Untitled.maquette"
    project.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "Untitled.maquette",
        "Untitled.maquette.backups",
    ]


def test_one_owner_at_a_time(project: Project) -> None:
    with pytest.raises(ProjectInUseError, match="open in another"):
        Project.open(project.path)
    add_work(project)  # and the owner is not disturbed
    other = opening.untitled((project.path.parent,))
    second = opening.untitled((project.path.parent,))
    assert (other.path.name, second.path.name) == ("Untitled.maquette", "Untitled 2.maquette")
    other.close()
    second.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all, but longer than a header" * 9])
def test_a_foreign_file_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.maquette"
    path.write_bytes(content)
    with pytest.raises(ProjectForeignError, match="not a Maquette project"):
        Project.open(path)
    assert path.read_bytes() == content
    with pytest.raises(ProjectExistsError):
        Project.create(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.maquette"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE t (x)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(ProjectForeignError):
        Project.open(path)
    assert path.read_bytes() == before


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ProjectMissingError):
        Project.open(tmp_path / "gone.maquette")
    assert list(tmp_path.iterdir()) == []


def test_a_newer_format_is_refused_politely_and_untouched(project: Project) -> None:
    project.close()
    with sqlite3.connect(project.path) as raw:
        raw.execute(f"PRAGMA user_version = {FORMAT + 1}")
    raw.close()
    before = project.path.read_bytes()
    with pytest.raises(ProjectTooNewError, match="newer Maquette") as caught:
        Project.open(project.path)
    assert "请更新" in caught.value.text("zh")
    assert project.path.read_bytes() == before


def test_damage_is_found_before_it_displaces_a_good_backup(project: Project) -> None:
    for n in range(50):
        add_work(project, bytes([n]) * 20_000, seed=n)
    again = reopen(project)
    good = backups(project.path)
    again.works.rate(1, 3)
    again.close()
    content = bytearray(project.path.read_bytes())
    content[8192 * 20 : 8192 * 40] = b"\xa5" * (8192 * 20)
    project.path.write_bytes(content)
    with pytest.raises(ProjectDamagedError, match="backups"):
        Project.open(project.path)
    assert backups(project.path) == good
    assert project.path.read_bytes() == content
    rescued = Project.open(good[0])
    assert len(rescued.works.all()) == 50
    rescued.close()


def test_a_document_without_its_tables_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "empty.maquette"
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        raw.execute(f"PRAGMA user_version = {FORMAT}")
        raw.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    raw.close()
    with pytest.raises(ProjectDamagedError):
        Project.open(path)


def test_save_as_copies_everything_and_is_no_longer_untitled(tmp_path: Path) -> None:
    untitled = opening.untitled((tmp_path,))
    assert untitled.is_untitled
    work = add_work(untitled)
    target = tmp_path / "sub" / "Wave #1 %20 é.maquette"
    saved = untitled.save_as(target)
    assert not saved.is_untitled
    assert saved.name == "Wave #1 %20 é"
    assert saved.blob(work.digest) == b"png"
    saved.works.rate(work.id, 5)
    assert untitled.works.get(work.id).rating == 0
    assert untitled.save_as(untitled.path) is untitled
    with pytest.raises(ProjectInUseError):
        untitled.save_as(target)
    saved.close()
    over = untitled.save_as(target)  # the dialog has asked
    assert over.works.get(work.id).rating == 0
    over.close()
    fresh = opening.fresh(tmp_path)
    assert fresh.path.name == "Untitled 2.maquette"
    fresh.close()
    untitled.close()


def test_backups_are_made_when_something_changed_and_the_oldest_go(project: Project) -> None:
    for n in range(KEEP + 2):
        add_work(project, bytes([n]), seed=n)
        project = reopen(project)
        project = reopen(project)  # unchanged: no second copy
    copies = backups(project.path)
    assert len(copies) == KEEP
    project.close()
    backup = Project(Document.open(copies[0], back_up=False))
    assert len(backup.works.all()) == KEEP + 2
    backup.close()


def test_migrations_run_on_a_copy_and_the_old_file_is_kept(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_work(project)
    project.close()

    def step(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE works ADD COLUMN medium TEXT NOT NULL DEFAULT 'image'")

    migrations.migrate(project.path, 1, {1: step}, target=2)
    raw = sqlite3.connect(project.path)
    assert raw.execute("PRAGMA user_version").fetchone() == (2,)
    assert raw.execute("SELECT medium FROM works").fetchone() == ("image",)
    raw.close()
    kept = Project.open(project.path.with_name("Study.maquette.backups") / "format 1.maquette")
    assert len(kept.works.all()) == 1
    kept.close()


def test_a_migration_that_fails_changes_nothing(project: Project) -> None:
    project.close()
    before = project.path.read_bytes()

    def step(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE works")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        migrations.migrate(project.path, 1, {1: step}, target=2)
    assert project.path.read_bytes() == before
    again = Project.open(project.path)
    again.close()
