"""Every edit and rating can be taken back, and the rating log only grows."""

import pytest

from engine.protocol import MAX_REFERENCES, Brief, MusicBrief, PictureBrief
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.project.references import TooManyReferencesError
from studio.project.rows import NewReference
from studio.state.briefs import BriefEdit
from studio.state.history import History

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def history(project: Project) -> History:
    return History(project)


@pytest.fixture
def work_id(project: Project) -> int:
    style = project.styles.add(b"s", {}, {})
    return project.works.add(b"p", {}, style_id=style.id, seed=1, width_px=1, height_px=1).id


def test_ratings_are_undone_by_another_entry(
    project: Project, history: History, work_id: int
) -> None:
    changed: list[int] = []
    history.work_changed.connect(changed.append)
    history.rate(work_id, 3)
    history.rate(work_id, 5)
    history.rate(work_id, 5)  # no change, no step
    history.undo()
    assert project.works.get(work_id).rating == 3
    history.undo()
    assert project.works.get(work_id).rating == 0
    history.redo()
    assert project.works.get(work_id).rating == 3
    assert [row.value for row in project.works.rating_log()] == [3, 5, 3, 0, 3]
    assert changed == [work_id] * 5
    assert history.stack.undoText() == "history.rate"


def test_references_are_added_and_removed_as_steps(project: Project, history: History) -> None:
    count: list[int] = []
    history.references_changed.connect(lambda: count.append(len(project.references.all())))
    rows = history.add_references(
        [NewReference("a", b"a"), NewReference("b", b"b"), NewReference("a again", b"a")]
    )
    assert [row.name for row in rows] == ["a", "b", "a"]
    history.remove_reference(rows[0].id)
    history.undo()
    history.undo()
    history.redo()
    history.redo()
    history.undo()
    assert [row.name for row in project.references.all()] == ["a", "b"]
    assert count == [2, 1, 2, 0, 2, 1, 2]
    steps = history.stack.count()
    history.add_references([NewReference("a", b"a")])  # is here already: no step
    assert history.stack.count() == steps


def test_references_that_do_not_all_fit_are_not_added(project: Project, history: History) -> None:
    project.references.add("first", b"first")
    with pytest.raises(TooManyReferencesError):
        history.add_references([NewReference(str(n), bytes([n])) for n in range(MAX_REFERENCES)])
    assert [row.name for row in project.references.all()] == ["first"]
    assert not history.stack.canUndo()


def test_one_slide_of_a_weight_is_one_step(project: Project, history: History) -> None:
    first, second = history.add_references([NewReference("a", b"a"), NewReference("b", b"b")])
    for weight in (1.2, 1.5, 2.0):
        history.set_weight(first.id, weight)
    history.set_weight(second.id, 0.5)
    history.undo()
    assert project.references.get(second.id).weight == 1.0
    assert project.references.get(first.id).weight == 2.0
    history.undo()
    assert project.references.get(first.id).weight == 1.0
    history.redo()
    assert project.references.get(first.id).weight == 2.0


def test_keeping_and_hiding_are_undone(project: Project, history: History, work_id: int) -> None:
    history.set_kept(work_id, True)
    history.set_hidden([work_id], True)
    history.undo()
    history.undo()
    work = project.works.get(work_id)
    assert (work.kept, work.hidden) == (False, False)
    history.redo()
    assert project.works.get(work_id).kept


def test_a_failing_edit_is_raised_and_leaves_no_step(
    project: Project, history: History, work_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MaquetteError("project_full", name="Study")

    monkeypatch.setattr(project.works, "rate", refuse)
    with pytest.raises(MaquetteError):
        history.rate(work_id, 3)
    assert not history.stack.canUndo()


def test_a_failing_undo_is_told_and_forgotten(
    project: Project, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[MaquetteError] = []
    history.failed.connect(failures.append)
    (row,) = history.add_references([NewReference("a", b"a")])
    history.set_weight(row.id, 3.0)

    def refuse(*_: object) -> None:
        raise MaquetteError("project_full", name="Study")

    with monkeypatch.context() as patch:
        patch.setattr(project.references, "set_weight", refuse)
        history.undo()
    assert [error.key for error in failures] == ["project_full"]
    assert project.references.get(row.id).weight == 3.0
    assert not history.stack.canRedo()
    history.undo()
    assert project.references.all() == ()


def test_briefs_of_two_media_are_two_steps(history: History) -> None:
    """Their fields have nothing in common."""
    shown: list[Brief] = []
    pairs = [
        (PictureBrief(), PictureBrief(invention=0.9)),
        (MusicBrief(), MusicBrief(nearness=0.9)),
    ]
    for before, after in pairs:
        history.stack.push(
            BriefEdit((before, False), (after, False), lambda brief, _: shown.append(brief))
        )
    history.undo()
    history.undo()
    assert shown[2:] == [MusicBrief(), PictureBrief()]
