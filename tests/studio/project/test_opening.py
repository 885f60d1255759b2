"""A project opens by the best way there is: to work in, to read, or what is whole of it."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.protocol import Medium, PictureBrief
from studio.i18n.errors import MaquetteError
from studio.project import opening, salvage
from studio.project.backups import KEEP, backups
from studio.project.database import (
    FORMAT,
    ProjectDamagedError,
    ProjectFullError,
    ProjectInUseError,
    ProjectReadOnlyError,
    ProjectUnwritableError,
    backups_folder,
    wal_of,
)
from studio.project.document import Document
from studio.project.project import Project
from studio.project.works import Works

DAMAGED = Path(__file__).parents[2] / "cases" / "files" / "one_byte_in_created.maquette"
WORKS = 12


@pytest.fixture
def one_byte(tmp_path: Path) -> Path:
    """A file of an earlier format in which one byte of a time was flipped."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    path = shutil.copyfile(DAMAGED, folder / DAMAGED.name)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # as a studio leaves it
    return path


def fill(project: Project) -> None:
    """Two references, a style, works of several pages each, stars, a like."""
    refs = [project.references.add(f"{n}.png", bytes([n]) * 9_000) for n in range(2)]
    style = project.styles.add(b"style" * 2_000, {"seed": 1}, {row.id: 1.0 for row in refs})
    for seed in range(WORKS):
        data = bytes([65 + seed]) * 20_000
        work = project.works.add(data, {"seed": seed}, style_id=style.id, seed=seed)
        project.works.rate(work.id, 1 + seed % 5)


def everything(project: Project) -> list[tuple[int, int, bytes]]:
    rows = project.works.all(include_hidden=True)
    return [(row.id, row.rating, project.blob(row.digest)) for row in rows]


def key_of(project: Project) -> str:
    return project.notice.key if project.notice is not None else ""


# ---- for reading alone -------------------------------------------------------------------------


def test_a_second_studio_reads_what_the_first_has_and_says_so(project: Project) -> None:
    fill(project)  # all of it is in the log still
    before = everything(project)
    other = opening.open_project(project.path, project.path.parent)
    assert other.is_read_only
    assert key_of(other) == "project_read_in_use"
    assert everything(other) == before
    with pytest.raises(ProjectReadOnlyError, match="reading only"):
        other.works.rate(1, 5)
    other.working_state.save_medium(Medium.AUDIO)  # a state of the window: kept until it is closed
    assert other.working_state.medium() is Medium.AUDIO
    project.works.rate(1, 2)  # and the first is not disturbed
    with pytest.raises(ProjectInUseError):
        other.save_as(project.path)
    saved = other.save_as(project.path.with_name("Mine.maquette"))
    assert everything(saved) == before
    saved.works.rate(1, 4)
    saved.close()
    folder = other.document._reading.folder if other.document._reading else None
    assert folder is not None
    other.close()
    assert not folder.exists()


@pytest.mark.parametrize("error", [ProjectUnwritableError, ProjectFullError])
@pytest.mark.parametrize("was_killed", [False, True])
def test_a_disk_that_may_not_be_written_on_is_read(
    project: Project, monkeypatch: pytest.MonkeyPatch, error: type[MaquetteError], was_killed: bool
) -> None:
    fill(project)
    before = everything(project)
    copy = project.path.with_name("Copy.maquette")
    if was_killed:
        shutil.copyfile(wal_of(project.path), wal_of(copy))
        shutil.copyfile(project.path, copy)
    else:
        project.save_as(copy).close()
    stamp = [path.read_bytes() for path in (copy, wal_of(copy)) if path.exists()]
    stamp += [b""] * (2 - len(stamp))

    def refuse(path: Path) -> sqlite3.Connection:
        raise error("project_unwritable", name=path.name)

    monkeypatch.setattr("studio.project.document.own", refuse)
    other = opening.open_project(copy, copy.parent)
    assert (other.is_read_only, key_of(other)) == (True, "project_read_only")
    assert everything(other) == before
    other.close()
    assert [path.read_bytes() for path in (copy, wal_of(copy))] == stamp


def test_an_older_format_is_read_without_changing_it(tmp_path: Path) -> None:
    old = Path(__file__).parents[2] / "formats" / "project-1.maquette"
    path = shutil.copyfile(old, tmp_path / "old.maquette")
    other = Project(Document.open_reading(path, in_use=False))
    assert other.works.all()
    other.close()
    assert path.read_bytes() == old.read_bytes()


# ---- damage ------------------------------------------------------------------------------------


def test_one_flipped_byte_in_a_time_loses_one_time(tmp_path: Path, one_byte: Path) -> None:
    path = shutil.copyfile(one_byte, tmp_path / "Study.maquette")
    before = path.read_bytes()
    project = opening.open_project(path, tmp_path)
    assert project.path.name == "Study (rescued).maquette"
    assert key_of(project) == "project_rescued"
    assert "49 of 50 works" in str(project.notice)  # a byte of a picture is another one, too
    assert project.works.get(21).created.year == 1970
    assert path.read_bytes() == before
    project.close()


def test_with_a_backup_nothing_is_lost(project: Project) -> None:
    fill(project)
    before = everything(project)
    project.close()
    Project.open(project.path).close()  # makes the backup
    damage(project.path, b"B" * 3_000)
    content = bytearray(project.path.read_bytes())
    content[8192 * 3 : 8192 * 5] = b"\xa5" * (8192 * 2)
    project.path.write_bytes(content)
    rescued = opening.open_project(project.path, project.path.parent)
    assert key_of(rescued) == "project_rescued_whole"
    assert everything(rescued) == before
    assert [row.name for row in rescued.references.all()] == ["0.png", "1.png"]
    rescued.close()


def damage(path: Path, content: bytes) -> None:
    """One byte of that content becomes another one."""
    data = bytearray(path.read_bytes())
    place = data.index(content)
    data[place + 7] ^= 1
    path.write_bytes(data)


def test_without_a_backup_the_rest_is_kept_and_the_loss_is_told(project: Project) -> None:
    fill(project)
    before = everything(project)
    project.close()
    damage(project.path, b"B" * 3_000)  # of the second work
    content = project.path.read_bytes().replace(b'{"seed": 5}', b'{"seed" 5}}')
    project.path.write_bytes(content)  # and the sixth one's sidecar
    rescued = opening.open_project(project.path, project.path.parent)
    assert everything(rescued) == [row for row in before if row[0] != 2]
    assert "11 of 12 works, 2 of 2 references, 11 of 12 ratings" in str(rescued.notice)
    assert rescued.works.sidecar(6) == {}
    rescued.close()


def test_works_outlive_the_style_that_is_lost(project: Project) -> None:
    fill(project)
    before = everything(project)
    project.close()
    damage(project.path, b"stylestyle")
    target = project.path.with_name("new.maquette")
    losses = salvage.salvage(project.path, target)
    assert (losses.kept["styles"], losses.of["styles"]) == (0, 1)
    rescued = Project.open(target)
    assert everything(rescued) == before
    assert rescued.styles.latest() is None
    assert rescued.styles.all(Medium.IMAGE) == ()
    rescued.close()


@pytest.mark.parametrize("place", [0, 20, 60, 70, 100, 108, 8192, 8192 * 2 + 3])
def test_damage_anywhere_never_keeps_a_project_from_opening(project: Project, place: int) -> None:
    """Of a project with a backup: headers, schema, pages."""
    fill(project)
    before = everything(project)
    project.close()
    Project.open(project.path).close()
    content = bytearray(project.path.read_bytes())
    content[place : place + 40] = b"\xa5" * 40
    project.path.write_bytes(content)
    found = opening.open_project(project.path, project.path.parent)
    try:
        assert everything(found) == before
    except ProjectDamagedError:  # it was opened, and found to be damaged when it was read
        assert found.document.is_damaged
        rescued = opening.rescue(found, project.path.parent)
        found.close()
        assert key_of(rescued) == "project_rescued_whole"
        assert everything(rescued) == before
        found = rescued
    found.close()


@pytest.mark.parametrize("version", range(1, FORMAT))
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE works SET created = 'never' WHERE id = 1",
        "UPDATE works SET sidecar = '{' WHERE id = 1",
        "UPDATE refs SET weight = -1",
    ],
)
def test_an_old_project_is_checked_before_it_is_migrated(
    tmp_path: Path, version: int, statement: str
) -> None:
    path = old_project(tmp_path, version)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
    before = path.read_bytes()
    project = opening.open_project(path, tmp_path)
    assert key_of(project) in ("project_rescued", "project_rescued_whole")
    assert path.read_bytes() == before
    assert not (tmp_path / "old.maquette.backups").exists()
    assert {work.seed for work in project.works.all(Medium.IMAGE)} == {1834, 1835}
    assert project.working_state.brief(Medium.IMAGE) == PictureBrief(seed=1834, invention=0.5)
    project.close()


@pytest.mark.parametrize("version", range(1, FORMAT))
def test_damaged_pages_of_an_old_project_are_seen_before_it_is_migrated(
    tmp_path: Path, version: int
) -> None:
    path = old_project(tmp_path, version)
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'works'")
        (page,), (size,) = found.fetchone(), connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xa5" * size
    path.write_bytes(content)
    project = opening.open_project(path, tmp_path)
    assert key_of(project) == "project_rescued"
    assert path.read_bytes() == bytes(content)
    assert [reference.name for reference in project.references.all(Medium.IMAGE)] == ["Wave 波.png"]
    project.close()


def old_project(folder: Path, version: int) -> Path:
    formats = Path(__file__).parents[2] / "formats"
    return shutil.copyfile(formats / f"project-{version}.maquette", folder / "old.maquette")


# ---- the untitled project ----------------------------------------------------------------------


def test_a_damaged_untitled_is_set_aside_and_goes_on(tmp_path: Path, one_byte: Path) -> None:
    shutil.copyfile(one_byte, tmp_path / "Untitled.maquette")
    project = opening.untitled([tmp_path])
    assert project.path.name == "Untitled.maquette"
    assert project.is_untitled
    assert len(project.works.all()) == 49
    assert len(project.works.rating_log()) == 59
    aside = tmp_path / "Untitled (damaged).maquette"
    assert aside.read_bytes() == one_byte.read_bytes()
    assert aside.name in str(project.notice)
    project.close()
    again = opening.untitled([tmp_path])  # it is said once
    assert (again.path, again.notice) == (project.path, None)
    again.close()


def test_rubbish_is_set_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    (tmp_path / "Untitled.maquette").write_bytes(b"rubbish" * 100)
    project = opening.untitled([tmp_path])
    assert (project.path.name, key_of(project)) == ("Untitled.maquette", "untitled_aside")
    assert (tmp_path / "Untitled (damaged).maquette").read_bytes() == b"rubbish" * 100
    project.close()


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    bad, good = tmp_path / "file" / "data", tmp_path / "other"
    project = opening.untitled([bad, good])
    assert (project.path.parent, key_of(project)) == (good, "untitled_elsewhere")
    project.close()
    project = opening.untitled([bad])
    assert (project.is_homeless, key_of(project)) == (True, "untitled_unsaved")
    fill(project)
    saved = project.save_as(good / "Saved.maquette")
    assert everything(saved) == everything(project)
    saved.close()
    project.close()


# ---- a file that is not where it was -----------------------------------------------------------


def test_a_moved_file_is_followed_and_nothing_is_lost(project: Project) -> None:
    fill(project)
    document, old = project.document, project.path
    new = old.with_name("Renamed.maquette")
    old.rename(new)
    project.works.rate(1, 5)  # into the log at the old name
    assert not document.is_in_place
    assert document.whereabouts() == new
    document.continue_at(new)
    project.works.rate(2, 5)
    before = everything(project)
    assert document.is_in_place
    assert not wal_of(old).exists()
    project.close()
    again = Project.open(new)
    assert everything(again) == before
    again.close()


@pytest.mark.parametrize("trash", [False, True])
def test_a_deleted_file_is_put_back_whole(project: Project, trash: bool) -> None:
    fill(project)
    before = everything(project)
    if trash:
        bin_ = project.path.parent / ".Trash" / "files"
        bin_.mkdir(parents=True)
        project.path.rename(bin_ / project.path.name)
    else:
        project.path.unlink()
    assert project.document.whereabouts() is None
    assert project.save_as(project.path) is project
    assert project.document.is_in_place
    project.works.rate(1, 5)
    project.close()
    again = Project.open(project.path)
    assert everything(again)[:-1] == before[:-1]
    assert again.works.get(1).rating == 5
    again.close()


def test_a_copy_is_whole_once_the_log_is_folded_in(project: Project) -> None:
    fill(project)
    before = everything(project)
    assert project.document.seconds_unfolded() is not None
    project.document.fold()
    assert project.document.seconds_unfolded() is None
    copy = Path(shutil.copyfile(project.path, project.path.with_name("Copy.maquette")))
    again = Project.open(copy)
    assert everything(again) == before
    again.close()


# ---- backups and parts -------------------------------------------------------------------------


def test_backups_survive_a_clock_that_is_set_back(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    years = iter(range(2030, 2000, -1))

    class Clock:
        @staticmethod
        def now(zone):
            from datetime import datetime

            return datetime(next(years), 1, 1, tzinfo=zone)

    monkeypatch.setattr("studio.project.backups.datetime", Clock)
    path = project.path
    fill(project)
    for rating in range(1, KEEP + 3):
        project.works.rate(1, rating % 5 + 1)
        project.close()
        project = Project.open(path)
    copies = backups(path)
    assert len(copies) == KEEP
    counts = [int(each.name[:5]) for each in copies]
    assert counts == sorted(counts, reverse=True)
    newest = Project(Document.open_reading(copies[0], in_use=False))
    assert newest.works.get(1).rating == project.works.get(1).rating
    newest.close()
    project.close()


def test_backups_of_earlier_versions_are_the_oldest(project: Project) -> None:
    project.references.add("a", b"a")
    project.close()
    folder = backups_folder(project.path)
    folder.mkdir()
    shutil.copyfile(project.path, folder / "2031-01-01 000000 r99.maquette")
    Project.open(project.path).close()
    assert [each.name[:5] for each in backups(project.path)] == ["00001", "2031-"]


@pytest.fixture
def dead_pid(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("psutil.pid_exists", lambda pid: pid == os.getpid())
    return 4_000_000


def test_what_killed_processes_were_writing_is_removed(
    tmp_path: Path, dead_pid: int, project: Project
) -> None:
    from engine.core import files
    from studio.project.atomic_write import atomic_write

    mine = files.part_beside(tmp_path / "x.png")
    dead = mine.with_name(mine.name.replace(str(os.getpid()), str(dead_pid)))
    elsewhere = mine.with_name(".maquette-00000000-4000000-aaaaaaaa.part")  # on a shared folder
    for path in (mine, dead, dead.with_name(dead.name + "-journal"), elsewhere):
        path.write_bytes(b"half")
    files._sweep_once.cache_clear()  # as in the next process
    with atomic_write(tmp_path / ("长" * 80 + ".png")) as part:
        part.write_bytes(b"whole")
        assert mine.exists()
    assert sorted(path.name for path in tmp_path.glob(".maquette-*")) == sorted(
        [mine.name, elsewhere.name]
    )


def test_a_process_looks_through_a_folder_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.core import files

    looked: list[Path] = []
    monkeypatch.setattr(files, "sweep", looked.append)
    for name in ("a", "b", "c"):
        files.write_atomic(tmp_path / name, b"x")
    files.write_atomic(tmp_path / "other" / "a", b"x")
    assert looked == [tmp_path, tmp_path / "other"]


def test_two_writers_of_one_file_never_meet(tmp_path: Path) -> None:
    from studio.project.atomic_write import atomic_write

    path = tmp_path / "both.zip"
    with atomic_write(path) as one, atomic_write(path) as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
    assert path.read_bytes() in (b"one", b"other")
    assert [each.name for each in tmp_path.iterdir()] == ["both.zip"]


def test_a_row_of_a_kind_that_nobody_thought_of_is_damage_not_a_crash(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(project)
    project.close()
    whole: Callable = Works.all

    def broken(self: Works, *arguments: object, **options: object) -> object:
        raise TypeError("what is this?")

    monkeypatch.setattr(Works, "all", broken)
    with pytest.raises(MaquetteError, match="damaged"):
        Project.open(project.path)
    monkeypatch.setattr(Works, "all", whole)
    Project.open(project.path).close()
