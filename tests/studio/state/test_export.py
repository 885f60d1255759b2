"""Works leave whole, under readable names, and nothing of the artist's is overwritten."""

import errno
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from engine.protocol import Medium
from studio.project.opening import untitled
from studio.project.project import Project
from studio.state import export
from studio.state.export_format import ExportError, ExportFormat, ExportOptions
from studio.state.export_names import file_stem, title_of
from tests.studio.sessions import RULES

pytestmark = pytest.mark.usefixtures("qapp")


def export_all(
    project: Project, ids: list[int], target: Path, wanted: ExportFormat = ExportFormat.PNG
) -> tuple[Path, ...]:
    return export.export_works(project, RULES, ids, target, ExportOptions(wanted))


@pytest.fixture
def ids(project: Project, png: Callable[[int, int, int], bytes]) -> list[int]:
    style = project.styles.add(b"s", {}, {})
    works = [
        project.works.add(
            png(48, 32, n),
            {"seed": n, "brief": {"tile": True}},
            style_id=style.id,
            seed=n,
            width_px=48,
            height_px=32,
        )
        for n in (7, 8)
    ]
    project.works.rate(works[0].id, 4)
    return [work.id for work in works]


def test_png_is_the_original_with_its_sidecar(
    project: Project, ids: list[int], tmp_path: Path
) -> None:
    paths = export_all(project, ids, tmp_path / "out")
    assert [path.name for path in paths] == ["Study 0001.png", "Study 0002.png"]
    assert paths[0].read_bytes() == project.blob(project.works.get(ids[0]).digest)
    sidecar = json.loads(paths[0].with_suffix(".json").read_text(encoding="utf-8"))
    assert sidecar["made_with_ai"] is True
    assert sidecar["brief"] == {"tile": True}
    assert sidecar["studio"] == {"project": "Study", "work": 1, "rating": 4, "kept": False}
    assert len(list((tmp_path / "out").iterdir())) == 4


@pytest.mark.parametrize("wanted", [ExportFormat.JPEG, ExportFormat.WEBP])
def test_other_formats_read_back(
    project: Project, ids: list[int], tmp_path: Path, wanted: ExportFormat
) -> None:
    (path,) = export_all(project, ids[:1], tmp_path / "out", wanted)
    assert path.suffix == f".{wanted}"
    head = path.read_bytes()[:12]
    assert head.startswith(b"\xff\xd8") if wanted is ExportFormat.JPEG else head.endswith(b"WEBP")
    image = QImage(str(path))
    assert (image.width(), image.height()) == (48, 32)
    original = QImage.fromData(project.blob(project.works.get(ids[0]).digest)).pixelColor(9, 9)
    colour = image.pixelColor(9, 9)
    assert abs(colour.red() - original.red()) < 12
    assert abs(colour.green() - original.green()) < 12


def test_files_that_stand_there_are_never_overwritten(
    project: Project, ids: list[int], tmp_path: Path
) -> None:
    first = export_all(project, ids, tmp_path)
    before = first[0].read_bytes()
    second = export_all(project, ids, tmp_path)
    assert second[0].name == "Study 0001 (2).png"
    assert first[0].read_bytes() == before


def test_a_zip_holds_all_and_replaces_an_older_one(
    project: Project, ids: list[int], tmp_path: Path
) -> None:
    target = tmp_path / "works.zip"
    target.write_bytes(b"older")
    assert export_all(project, ids, target) == (target,)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            "Study 0001.json",
            "Study 0001.png",
            "Study 0002.json",
            "Study 0002.png",
        ]


def test_a_full_disk_says_what_is_whole(
    project: Project, ids: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = export.write

    def refuse(path: Path, data: bytes) -> None:
        if path.name.startswith("Study 0002"):
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(path, data)

    monkeypatch.setattr(export, "write", refuse)
    with pytest.raises(ExportError, match="1 of 2 works") as caught:
        export_all(project, ids, tmp_path / "out")
    assert caught.value.key == "export_full"
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["Study 0001.json", "Study 0001.png"]


def test_a_folder_that_is_a_file_is_said(project: Project, ids: list[int], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ExportError, match="Choose another folder"):
        export_all(project, ids, tmp_path / "taken")


def test_nothing_to_export_and_no_picture(project: Project, ids: list[int], tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="nothing to export"):
        export_all(project, [], tmp_path)
    style = project.styles.latest()
    assert style is not None
    odd = project.works.add(b"odd", {}, style_id=style.id, seed=1, width_px=1, height_px=1)
    with pytest.raises(ExportError, match=f"Work {odd.id}"):
        export_all(project, [*ids, odd.id], tmp_path, ExportFormat.JPEG)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{title} {number}", "Study 0001"),
        ("{project}-{seed}-{stars}", "Study-7-4"),
        ("a/b:c*{number}d. ", "a b c 0001d"),
        ("...", "0001"),
        ("con", "con file"),
        ("{nobody} {number}", "{nobody} 0001"),
        ("葛饰北斎 🌊 {number}", "葛饰北斎 🌊 0001"),
    ],
)
def test_names_are_fit_for_every_system(
    project: Project, ids: list[int], pattern: str, name: str
) -> None:
    work = project.works.get(ids[0])
    assert file_stem(pattern, project, RULES[work.medium], work) == name


def test_a_date_stands_as_it_sorts(project: Project, ids: list[int]) -> None:
    work = project.works.get(ids[0])
    assert file_stem("{date}", project, RULES[work.medium], work) == f"{work.created:%Y-%m-%d}"


def test_what_has_no_name_is_called_after_what_it_came_from(tmp_path: Path) -> None:
    project = untitled([tmp_path])
    references = [
        project.references.add(f"hokusai-{n}.jpg", n.encode()) for n in ("great-wave", "red-fuji")
    ]
    style = project.styles.add(b"s", {}, {row.id: 1.0 for row in references})
    work = project.works.add(b"w", {}, style_id=style.id, seed=1)
    assert title_of(project, RULES[Medium.IMAGE], work) == "Great wave, Red fuji"
    poem = "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。".encode()
    style = project.styles.add(b"t", {}, {}, Medium.TEXT)
    work = project.works.add(poem, {}, style_id=style.id, seed=1)
    assert title_of(project, RULES[Medium.TEXT], work) == "床前明月光，疑是地上霜"
    project.close()


def test_another_format_of_a_work_shares_its_sidecar(
    project: Project, ids: list[int], tmp_path: Path
) -> None:
    export_all(project, ids[:1], tmp_path)
    export_all(project, ids[:1], tmp_path, ExportFormat.WEBP)
    names = sorted(path.name for path in tmp_path.glob("Study 0001*"))
    assert names == ["Study 0001.json", "Study 0001.png", "Study 0001.webp"]
    project.works.rate(ids[0], 1)  # the sidecar would tell something else now
    (path,) = export_all(project, ids[:1], tmp_path, ExportFormat.JPEG)
    assert path.name == "Study 0001 (2).jpg"
    assert path.with_suffix(".json").is_file()


def test_files_can_leave_without_sidecars(project: Project, ids: list[int], tmp_path: Path) -> None:
    options = ExportOptions(ExportFormat.PNG, sidecars=False)
    export.export_works(project, RULES, ids, tmp_path / "out", options)
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".png", ".png"]
    export.export_works(project, RULES, ids, tmp_path / "out.zip", options)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == ["Study 0001.png", "Study 0002.png"]
