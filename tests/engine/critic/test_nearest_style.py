"""The style that a work is nearest to, among some that are stored."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.core.style import Style
from engine.critic.calibration import calibration
from engine.critic.nearest import KnownStyle, nearest_styles
from engine.critic.reference_profile import EmbeddingProfile
from engine.interfaces import Measured
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.notation import piece
from engine.protocol import JudgeRequest, JudgeResult, Medium, NamedStyle, Progress, Reference
from engine.sequence.adapt import style_of
from engine.service import Service
from tests.engine.handmade import run_engine

SAMPLES = Path(__file__).parents[3] / "assets" / "samples"
SONNETS = sorted((SAMPLES / "texts").glob("shakespeare*"))
POEMS = sorted((SAMPLES / "texts").glob("wang*"))
CPU = torch.device("cpu")
FIT = calibration("image")


def at(place: np.ndarray) -> Measured:
    return Measured(np.zeros(1), place, np.zeros(1))


def known(*places: np.ndarray) -> list[KnownStyle]:
    named = zip("abc", places, strict=False)
    return [
        KnownStyle(i, name, EmbeddingProfile(FIT, place[None]))
        for i, (name, place) in enumerate(named)
    ]


def corner(axis: int) -> np.ndarray:
    return 5.0 * np.eye(FIT.projection.shape[1])[axis]


def test_a_work_is_nearest_to_the_style_that_it_is_like() -> None:
    styles = known(corner(0), corner(1), corner(2))
    first, last = nearest_styles([at(corner(0)), at(0.9 * corner(2))], styles)
    assert first is not None
    assert last is not None
    assert (first.name, first.index) == ("a", 0)
    assert (last.name, last.index) == ("c", 2)
    assert first.share > 0.6 > first.next_share
    assert first.share + first.next_share <= 1.0001


def test_between_two_styles_both_are_about_as_near() -> None:
    styles = known(np.zeros(FIT.projection.shape[1]), corner(0))
    (near,) = nearest_styles([at(0.5 * corner(0))], styles)
    assert near is not None
    assert near.share == pytest.approx(0.5, abs=0.01)
    assert {near.name, near.next} == {"a", "b"}


def test_one_style_is_the_nearest_and_none_is_none() -> None:
    (near,) = nearest_styles([at(corner(0))], known(corner(1)))
    assert near is not None
    assert (near.share, near.next) == (1.0, "")
    assert nearest_styles([at(corner(0))], []) == [None]


# ---- styles on files ---------------------------------------------------------------------------


def text_style(folder: Path, name: str, files: list[Path]) -> NamedStyle:
    """As adapting keeps it, without low-rank steps."""
    language = "zh" if files[0] in POEMS else "en"
    pieces = [piece(file.read_text("utf-8"), language) for file in files]
    rows = shipped(CPU).tokens.works(pieces)
    path = folder / f"{name}.style"
    Style("text", style_of(rows, [1.0] * len(rows)), ()).save(path)
    return NamedStyle(path=str(path), name=name)


def judged(works: list[Path], styles: list[NamedStyle], references: list[Path]) -> JudgeResult:
    job = JudgeRequest(
        job_id="j",
        medium=Medium.TEXT,
        references=tuple(Reference(path=str(path)) for path in references),
        works=tuple(map(str, works)),
        styles=tuple(styles),
    )
    *before, last = Service(CPU).run(job)
    assert isinstance(last, JudgeResult), last
    progress = [event for event in before if isinstance(event, Progress)]
    assert progress[-1].done == progress[-1].total == len(works) + len(styles)
    return last


@pytest.mark.weights
def test_texts_are_nearest_to_the_style_that_holds_them(tmp_path: Path) -> None:
    styles = [text_style(tmp_path, "late", SONNETS[:2]), text_style(tmp_path, "early", SONNETS[2:])]
    result = judged([SONNETS[0], SONNETS[2]], styles, SONNETS)
    assert [work.style.name for work in result.works if work.style] == ["late", "early"]


@pytest.mark.weights
def test_styles_that_cannot_be_told_are_refused_by_name(tmp_path: Path) -> None:
    damaged, picture = tmp_path / "damaged.style", tmp_path / "picture.style"
    damaged.write_bytes(b"no style")
    Style("image", {"told": torch.zeros(1, 2)}, ()).save(picture)
    named = [
        NamedStyle(path=str(tmp_path / "gone.style"), name="gone"),
        NamedStyle(path=str(damaged), name="damaged"),
        NamedStyle(path=str(picture), name="picture"),
        text_style(tmp_path, "verse", POEMS[:2]),
        text_style(tmp_path, "sonnets", SONNETS[:2]),
    ]
    result = judged([SONNETS[2]], named, SONNETS[:1])
    assert [(Path(r.path).stem, r.code) for r in result.refused] == [
        ("gone", "missing_file"),
        ("damaged", "not_a_style"),
        ("picture", "other_medium"),
    ]
    near = result.works[0].style
    assert near is not None
    assert (near.name, near.index, near.next) == ("sonnets", 4, ""), "verse holds nothing English"


@pytest.mark.weights
def test_a_style_file_that_was_written_over_is_read_anew(tmp_path: Path) -> None:
    styles = [text_style(tmp_path, "one", SONNETS[:1]), text_style(tmp_path, "two", SONNETS[1:])]
    before = judged([SONNETS[0]], styles, SONNETS[:1]).works[0].style
    text_style(tmp_path, "one", POEMS)
    after = judged([SONNETS[0]], styles, SONNETS[:1]).works[0].style
    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("one", "two")


@pytest.mark.weights
@pytest.mark.process
def test_on_the_command_line_in_one_line(tmp_path: Path) -> None:
    styles = [text_style(tmp_path, "late", SONNETS[:2]), text_style(tmp_path, "early", SONNETS[2:])]
    works = tmp_path / "works"
    works.mkdir()
    shutil.copy(SONNETS[2], works)
    call = ("judge", "--references", SONNETS[0], "--works", works, "--styles")
    done = run_engine(*call, *(style.path for style in styles), tmp_path / "gone.style")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "nearest style" in line]
    assert line.startswith("  nearest style: early (")
    assert "; next late, " in line
    assert "there is no file" in done.stdout
