"""Projects of every format that ever was still open. The fixtures are kept for ever."""

import shutil
from pathlib import Path

import pytest

from engine.protocol import Medium, PictureBrief, TextBrief
from studio.project.database import FORMAT
from studio.project.judgements import Place, like
from studio.project.project import Project
from studio.state.feedback import feedback_of

FOLDER = Path(__file__).parent


def test_every_format_has_its_fixture() -> None:
    assert all((FOLDER / f"project-{n}.maquette").is_file() for n in range(1, FORMAT + 1))


@pytest.mark.parametrize("version", range(1, FORMAT + 1))
def test_an_old_project_opens_with_all_it_holds(version: int, tmp_path: Path) -> None:
    path = tmp_path / "old.maquette"
    shutil.copy(FOLDER / f"project-{version}.maquette", path)
    project = Project.open(path)
    (wave,) = project.references.all(Medium.IMAGE)
    assert (wave.name, wave.weight) == ("Wave 波.png", 1.5)
    assert project.blob(wave.digest) == b"the bytes of a wave"
    style = project.styles.latest()
    assert style is not None
    assert (style.lineage, style.reference_weights) == ({"seed": 3}, {wave.id: 1.5})
    newest, oldest = project.works.all(Medium.IMAGE)
    assert (newest.seed, newest.rating, newest.kept) == (1835, 5, True)
    assert (oldest.seed, oldest.rating, oldest.kept) == (1834, 2, False)
    assert project.blob(newest.digest) == b"work 1835"
    assert [row.value for row in project.works.rating_log()] == [2, 2, 5]
    assert project.working_state.brief(Medium.IMAGE) == PictureBrief(seed=1834, invention=0.5)
    project.close()


@pytest.mark.parametrize("version", range(2, FORMAT + 1))
def test_its_texts_are_there_too(version: int, tmp_path: Path) -> None:
    path = tmp_path / "old.maquette"
    shutil.copy(FOLDER / f"project-{version}.maquette", path)
    project = Project.open(path)
    assert project.working_state.medium() is Medium.TEXT
    (moon,) = project.references.all(Medium.TEXT)
    assert (moon.name, moon.weight) == ("Moon 月.txt", 0.5)
    style = project.styles.latest(Medium.TEXT)
    assert style is not None
    assert (style.lineage, style.reference_weights) == ({"seed": 4}, {moon.id: 0.5})
    (poem,) = project.works.all(Medium.TEXT)
    assert project.blob(poem.digest).decode() == "疑是地上霜"
    assert project.blob(poem.shown_digest).decode() == "舉頭望明月"
    assert project.working_state.brief(Medium.TEXT) == TextBrief(form="五绝", keywords=("月",))
    project.close()


def test_a_project_of_pictures_alone_takes_texts_now(tmp_path: Path) -> None:
    path = tmp_path / "old.maquette"
    shutil.copy(FOLDER / "project-1.maquette", path)
    project = Project.open(path)
    assert project.media() == {Medium.IMAGE}
    project.references.add("a.txt", b"words", Medium.TEXT)
    assert project.media() == {Medium.IMAGE, Medium.TEXT}
    work = project.works.all()[0]
    project.works.edit(work.id, project.put(b"other"))
    assert project.works.get(work.id).shown_digest != work.digest
    project.close()
    assert (tmp_path / "old.maquette.backups" / "format 1.maquette").is_file()


@pytest.mark.parametrize("version", range(3, FORMAT + 1))
def test_what_was_said_is_there_too(version: int, tmp_path: Path) -> None:
    path = tmp_path / "old.maquette"
    shutil.copy(FOLDER / f"project-{version}.maquette", path)
    project = Project.open(path)
    newest, oldest = project.works.all(Medium.IMAGE)
    said = feedback_of(project, Medium.IMAGE)
    assert said.stars == {oldest.id: 2, newest.id: 5}
    assert said.likes == {oldest.id: False}
    assert said.pairs == ((newest.id, oldest.id),)
    (mark,) = feedback_of(project, Medium.TEXT).marks
    assert (mark.place, mark.liked) == (Place(start=0, end=1), True)
    style = project.styles.latest()
    assert style is not None
    (taught,) = project.styles.children(style.id)
    assert taught.parent_id == style.id
    assert project.blob(taught.digest) == b"the bytes of a style, taught"
    assert project.styles.all(Medium.IMAGE) == (style,)
    project.close()


@pytest.mark.parametrize("version", range(1, 3))
def test_an_older_project_takes_judgements_now(version: int, tmp_path: Path) -> None:
    path = tmp_path / "old.maquette"
    shutil.copy(FOLDER / f"project-{version}.maquette", path)
    project = Project.open(path)
    newest, oldest = project.works.all(Medium.IMAGE)
    assert feedback_of(project, Medium.IMAGE).stars == {oldest.id: 2, newest.id: 5}
    project.judgements.add(like(Medium.IMAGE, newest.id), True)
    assert feedback_of(project, Medium.IMAGE).likes == {newest.id: True}
    project.close()
    assert (tmp_path / "old.maquette.backups" / f"format {version}.maquette").is_file()


@pytest.mark.parametrize("version", range(4, FORMAT + 1))
def test_tags_are_there_too(version: int, tmp_path: Path) -> None:
    path = tmp_path / "old.maquette"
    shutil.copy(FOLDER / f"project-{version}.maquette", path)
    project = Project.open(path)
    newest, oldest = project.works.all(Medium.IMAGE)
    assert (newest.tags, oldest.tags) == (("sea", "海"), ())
    project.close()


@pytest.mark.parametrize("version", range(1, 4))
def test_an_older_project_takes_tags_and_lets_works_go_now(version: int, tmp_path: Path) -> None:
    path = tmp_path / "old.maquette"
    shutil.copy(FOLDER / f"project-{version}.maquette", path)
    project = Project.open(path)
    newest, oldest = project.works.all(Medium.IMAGE)
    assert newest.tags == ()
    project.works.set_tags(newest.id, ("sea",))
    project.works.delete([oldest.id])
    (left,) = project.works.all(Medium.IMAGE, include_hidden=True)
    assert left.tags == ("sea",)
    project.close()
