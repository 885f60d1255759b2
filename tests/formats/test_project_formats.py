"""Projects of every format that ever was still open. The fixtures are kept for ever."""

import shutil
from pathlib import Path

import pytest

from engine.messages import Brief
from studio.database import FORMAT
from studio.project import Project

FOLDER = Path(__file__).parent


def test_every_format_has_its_fixture() -> None:
    assert all((FOLDER / f"project-{n}.maquette").is_file() for n in range(1, FORMAT + 1))


@pytest.mark.parametrize("version", range(1, FORMAT + 1))
def test_an_old_project_opens_with_all_it_holds(version: int, tmp_path: Path) -> None:
    path = tmp_path / "old.maquette"
    shutil.copy(FOLDER / f"project-{version}.maquette", path)
    project = Project.open(path)
    (wave,) = project.references()
    assert (wave.name, wave.weight) == ("Wave 波.png", 1.5)
    assert project.blob(wave.digest) == b"the bytes of a wave"
    style = project.latest_style()
    assert style is not None
    assert (style.lineage, style.reference_weights) == ({"seed": 3}, {wave.id: 1.5})
    newest, oldest = project.works()
    assert (newest.seed, newest.rating, newest.kept) == (1835, 5, True)
    assert (oldest.seed, oldest.rating, oldest.kept) == (1834, 2, False)
    assert project.blob(newest.digest) == b"work 1835"
    assert [row.value for row in project.rating_log()] == [2, 2, 5]
    assert project.brief() == Brief(seed=1834, invention=0.5)
    project.close()
