"""Works that are deleted for good: nothing of them is left, and nothing else is touched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.protocol import Medium, PictureBrief
from studio.project.judgements import like, pair
from studio.project.project import Project


@pytest.fixture
def works(project: Project) -> list[int]:
    style = project.styles.add(b"style", {}, {})
    rows = [
        project.works.add(f"the bytes of work {n}".encode(), {"seed": n}, style_id=style.id, seed=n)
        for n in range(4)
    ]
    return [row.id for row in rows]


def test_a_work_leaves_with_all_that_was_said_of_it(project: Project, works: list[int]) -> None:
    gone, other, *_ = works
    digest = project.works.get(gone).digest
    edit = project.put(b"as the artist left it")
    project.works.edit(gone, edit)
    project.works.rate(gone, 4)
    project.judgements.add(like(Medium.IMAGE, gone), True)
    project.judgements.add(pair(Medium.IMAGE, gone, other), gone)
    project.working_state.save_draft(gone, "words")
    project.works.delete([gone])
    assert gone not in [work.id for work in project.works.all(include_hidden=True)]
    assert project.works.rating_log() == ()
    assert project.judgements.log() == ()
    assert project.working_state.drafts() == {}
    for name in (digest, edit):
        with pytest.raises(KeyError):
            project.blob(name)
    assert project.blob(project.works.get(other).digest) == b"the bytes of work 1"


def test_its_bytes_are_overwritten_in_the_file(project: Project, works: list[int]) -> None:
    project.works.delete(works[:1])
    path = project.path
    project.close()
    data = path.read_bytes()
    assert b"the bytes of work 0" not in data
    assert b"the bytes of work 1" in data


def test_bytes_that_something_else_needs_stay(project: Project, works: list[int]) -> None:
    digest = [project.works.get(one).digest for one in works]
    style = project.styles.latest()
    assert style is not None
    project.works.add(b"x", {"brief": {"content": digest[0]}}, style_id=style.id, seed=9)
    project.working_state.save_brief(PictureBrief(content=digest[1]))
    project.references.add("kept.png", b"the bytes of work 2")
    project.works.delete(works)
    assert [project.blob(one) for one in digest[:3]] == [
        f"the bytes of work {n}".encode() for n in range(3)
    ]
    with pytest.raises(KeyError):
        project.blob(digest[3])


def test_of_several_all_go_or_none(project: Project, works: list[int], tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        project.works.delete([works[0], 999])
    assert len(project.works.all()) == 4
    project.works.delete(works[:2])
    assert [work.id for work in project.works.all()] == [works[3], works[2]]
    with closing(sqlite3.connect(f"file:{project.path}?mode=ro", uri=True)) as _:
        pass


def test_tags_are_kept(project: Project, works: list[int]) -> None:
    project.works.set_tags(works[0], ("sea", "海"))
    assert project.works.get(works[0]).tags == ("sea", "海")
    assert project.works.get(works[1]).tags == ()
    with pytest.raises(KeyError):
        project.works.set_tags(999, ())
