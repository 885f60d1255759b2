"""The document: what is in stays in, and a failed action leaves nothing behind."""

import sqlite3
import threading

import pytest

from engine.protocol import MAX_REFERENCES, Medium, PictureBrief
from studio.project.database import (
    ProjectDamagedError,
    ProjectFullError,
)
from studio.project.project import Project
from studio.project.references import TooManyReferencesError
from studio.project.rows import WorkRow
from tests.no_blowup import no_blowup


def add_work(project: Project, data: bytes = b"png", seed: int = 1) -> WorkRow:
    style = project.styles.latest() or project.styles.add(b"style", {}, {})
    return project.works.add(
        data, {"seed": seed}, style_id=style.id, seed=seed, width_px=8, height_px=6
    )


def reopen(project: Project) -> Project:
    project.close()
    return Project.open(project.path)


def test_everything_is_there_after_reopening(project: Project) -> None:
    wave = project.references.add("Große Welle 🌊.png", b"wave", weight=2.0)
    gone = project.references.add("b.png", b"other")
    project.references.remove(gone.id)
    style = project.styles.add(b"style", {"seed": 3}, {wave.id: 2.0})
    work = add_work(project, b"picture", seed=2**40)
    project.works.rate(work.id, 4)
    project.works.set_kept(work.id, True)
    brief = PictureBrief(count=2, seed=9, invention=0.7, tile=True)
    project.working_state.save_brief(brief)

    again = reopen(project)
    assert again.references.all() == (wave,)
    assert again.references.get(gone.id).removed
    assert again.styles.latest() == style
    assert style.reference_weights == {wave.id: 2.0}
    (found,) = again.works.all()
    assert (found.rating, found.kept, found.seed) == (4, True, 2**40)
    assert again.works.sidecar(work.id) == {"seed": 2**40}
    assert again.blob(found.digest) == b"picture"
    assert again.blob(wave.digest) == b"wave"
    assert again.working_state.brief(Medium.IMAGE) == brief
    again.close()
    assert not list(project.path.parent.glob("*-wal"))


def test_what_is_kept_for_the_tray_is_not_in_it_before(project: Project) -> None:
    seen: list[int] = []
    project.document._connection.set_trace_callback(
        lambda words: seen.append(len(project.references.all())) if "COMMIT" in words else None
    )
    for _ in range(2):
        project.references.keep("a.png", b"a", Medium.IMAGE)
    project.document._connection.set_trace_callback(None)
    assert project.references.all() == ()
    assert seen == [0]
    assert project.references.add("again.png", b"a").name == "a.png"


def test_duplicates_are_recognised_and_removed_ones_return(project: Project) -> None:
    first = project.references.add("a", b"x")
    second = project.references.add("b", b"y")
    assert project.references.add("again", b"x") == first
    project.references.remove(first.id)
    assert [row.id for row in project.references.all()] == [second.id]
    project.references.add("a", b"x")
    assert [row.id for row in project.references.all()] == [first.id, second.id]


def test_ten_references_at_most(project: Project) -> None:
    rows = [project.references.add(str(n), bytes([n])) for n in range(MAX_REFERENCES)]
    with pytest.raises(TooManyReferencesError, match="at most 10"):
        project.references.add("one more", b"more")
    project.references.remove(rows[0].id)
    project.references.add("one more", b"more")
    with pytest.raises(TooManyReferencesError):
        project.references.restore(rows[0].id)
    assert len(project.references.all()) == MAX_REFERENCES


def test_ratings_are_a_log_and_the_newest_counts(project: Project) -> None:
    work = add_work(project)
    for value in (3, 5, 0, 4):
        project.works.rate(work.id, value)
    assert [row.value for row in project.works.rating_log()] == [3, 5, 0, 4]
    assert project.works.get(work.id).rating == 4
    with pytest.raises(ValueError, match="0 to 5"):
        project.works.rate(work.id, 6)
    with pytest.raises(KeyError):
        project.works.rate(99, 1)
    assert len(project.works.rating_log()) == 4


def test_works_are_listed_newest_first_and_filtered(project: Project) -> None:
    ids = [add_work(project, bytes([n]), seed=n).id for n in range(5)]
    project.works.rate(ids[1], 3)
    project.works.rate(ids[3], 5)
    project.works.set_kept(ids[0], True)
    project.works.set_hidden(ids[4], True)
    assert [work.id for work in project.works.all()] == [ids[3], ids[2], ids[1], ids[0]]
    assert [work.id for work in project.works.all(min_rating=3)] == [ids[3], ids[1]]
    assert [work.id for work in project.works.all(kept_only=True)] == [ids[0]]
    assert len(project.works.all(include_hidden=True)) == 5


def test_thousands_of_works_are_listed_quickly_without_their_pictures(project: Project) -> None:
    style = project.styles.add(b"s", {}, {})
    with project.document.write() as write:
        write.execute("INSERT INTO blobs VALUES ('d', zeroblob(1000000), NULL)")
        write.executemany(
            "INSERT INTO works (digest, sidecar, style_id, seed, width_px, height_px, created)"
            " VALUES ('d', '{}', ?, ?, 8, 6, '2026-01-01T00:00:00+00:00')",
            [(style.id, n) for n in range(5000)],
        )
    plan = project.document.read("EXPLAIN QUERY PLAN SELECT * FROM works")
    assert all("blobs" not in row["detail"] for row in plan)
    with no_blowup():
        assert len(project.works.all()) == 5000


def test_a_blob_that_rotted_is_refused(project: Project) -> None:
    work = add_work(project)
    project.close()
    with sqlite3.connect(project.path) as raw:
        raw.execute("UPDATE blobs SET data = x'00' WHERE digest = ?", (work.digest,))
    raw.close()
    again = Project.open(project.path)
    with pytest.raises(ProjectDamagedError, match="no longer reads"):
        again.blob(work.digest)
    again.close()


def test_a_failed_action_leaves_nothing_behind(project: Project) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        project.works.add(b"p", {}, style_id=99, seed=1, width_px=1, height_px=1)
    assert project.works.all() == ()
    assert project.document.read("SELECT * FROM blobs") == []


def test_a_full_disk_keeps_what_was_there(project: Project) -> None:
    add_work(project)
    (pages,) = project.document.read("PRAGMA page_count")[0]
    project.document.read(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(ProjectFullError, match="The disk is full"):
        add_work(project, b"x" * 1_000_000, seed=2)
    assert [work.seed for work in project.works.all()] == [1]
    project.document.read("PRAGMA max_page_count = 1000000")
    add_work(project, b"x" * 1_000_000, seed=3)
    again = reopen(project)
    assert [work.seed for work in again.works.all()] == [3, 1]
    again.close()


def test_any_thread_may_read_and_write(project: Project) -> None:
    work = add_work(project, b"x" * 100_000)
    errors: list[Exception] = []

    def use() -> None:
        try:
            for _ in range(20):
                project.blob(work.digest)
                project.works.rate(work.id, 2)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(project.works.rating_log()) == 80
