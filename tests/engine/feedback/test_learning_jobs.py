"""From ratings of files to a style that chooses, through the service."""

import json
from pathlib import Path

import pytest
import torch
from handmade import as_picture, colour, run_engine

from engine.feedback import showing
from engine.feedback.taste import taste_of
from engine.messages import (
    Brief,
    Event,
    Failure,
    GenerateRequest,
    LearnRequest,
    Medium,
    Preview,
    StyleResult,
    WorkFile,
)
from engine.progress import Pace
from engine.service import Service
from engine.style import Style, load_style

CPU = torch.device("cpu")


@pytest.fixture
def style_file(tmp_path: Path, style: dict[str, torch.Tensor]) -> Path:
    path = tmp_path / "a.style"
    Style("image", style, ()).save(path)
    return path


def textured(warmth: float, seed: int) -> bytes:
    torch.manual_seed(seed)
    pixels = 0.3 * torch.randn(3, 48, 64) + torch.tensor([warmth, 0, -warmth])[:, None, None]
    picture = as_picture(pixels)
    from handmade import encoded

    return encoded(picture)


def works(folder: Path, count: int = 10) -> dict[str, int]:
    """Warm ones have five stars, cold ones one."""
    ratings = {}
    for i in range(count):
        path = folder / f"work{i}.png"
        path.write_bytes(textured(0.5 if i % 2 else -0.5, i))
        ratings[str(path)] = 5 if i % 2 else 1
    return ratings


def last(job: LearnRequest) -> Event:
    return list(Service(CPU).run(job))[-1]


def taught(style_file: Path, ratings: dict[str, int], **more) -> StyleResult:
    out = style_file.with_name("t.style")
    result = last(
        LearnRequest(job_id="l", style=str(style_file), out=str(out), ratings=ratings, **more)
    )
    assert isinstance(result, StyleResult), result
    return result


def test_a_learned_style_keeps_its_own_tensors(tmp_path: Path, style_file: Path) -> None:
    result = taught(style_file, works(tmp_path))
    before, after = load_style(style_file)[0], load_style(Path(result.path))[0]
    assert result.ratings_used == 10
    assert all(torch.equal(after.tensors[name], t) for name, t in before.tensors.items())
    assert {n for n in after.tensors if n not in before.tensors} == {
        *(f"taste/{n}" for n in ("mean", "covariance", "centre", "scale", "count", "kind"))
    }
    warm = next(taste for taste in result.tastes if taste.code == "warmth")
    assert warm.strength > 0


def test_learning_again_replaces_what_was_learned(tmp_path: Path, style_file: Path) -> None:
    ratings = works(tmp_path)
    once = taught(style_file, ratings)
    taught(style_file, {path: 6 - stars for path, stars in ratings.items()})
    again = taught(style_file.with_name("t.style"), ratings)
    assert again.digest == once.digest


def test_deleted_works_are_left_out_and_told(tmp_path: Path, style_file: Path) -> None:
    ratings = works(tmp_path) | {str(tmp_path / "gone.png"): 5}
    result = taught(style_file, ratings)
    assert result.ratings_used == 10
    assert [refusal.code for refusal in result.refused] == ["missing_file"]


@pytest.mark.parametrize(
    ("ratings", "code"),
    [({}, "no_ratings"), ({"x.png": 6}, "bad_stars"), ({"gone.png": 3}, "no_rated_works")],
)
def test_ratings_that_teach_nothing(style_file: Path, ratings: dict[str, int], code: str) -> None:
    found = last(LearnRequest(job_id="l", style=str(style_file), out="o.style", ratings=ratings))
    assert isinstance(found, Failure)
    assert found.code == code


def test_pairs_alone_teach(tmp_path: Path, style_file: Path) -> None:
    paths = list(works(tmp_path, 24))
    pairs = tuple((paths[i + 1], paths[i]) for i in range(0, 24, 2))
    result = taught(style_file, {}, pairs=pairs)
    assert result.ratings_used == 12
    taste = taste_of(load_style(Path(result.path))[0].tensors)
    assert taste is not None
    assert taste.normal.weights[taste.codes.index("warmth")] > 0.1


# ---- works by a style with a taste -------------------------------------------------------------


def made(job, style, digest, device, pace):
    """A medium that paints warm and cold pictures in turn; sees no taste."""
    assert not any(name.startswith("taste/") for name in style.tensors)
    found = []
    for i in range(job.brief.count):
        yield Preview(job_id=job.job_id, index=i, text="")
        path = Path(job.out_dir) / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(textured(-0.5 if i % 3 else 0.5, 100 + i))
        path.with_suffix(".json").write_text(json.dumps({"file": path.name}))
        sidecar = str(path.with_suffix(".json"))
        found.append(WorkFile(path=str(path), sidecar=sidecar, seed=i))
    return found


def generated(path: Path, out: Path, count: int) -> tuple[list[Event], list[WorkFile]]:
    style, digest = load_style(path)
    job = GenerateRequest(
        job_id="g", style=str(path), out_dir=str(out), brief=Brief(medium=Medium.IMAGE, count=count)
    )
    slices, events = showing.generate(job, style, digest, CPU, Pace(), made), []
    while True:
        try:
            events.append(next(slices))
        except StopIteration as end:
            return events, end.value


def test_a_taught_style_shows_the_best_of_more(tmp_path: Path, style_file: Path) -> None:
    learned = Path(taught(style_file, works(tmp_path, 24)).path)
    events, shown = generated(learned, tmp_path / "out", 4)
    assert len(shown) == 4
    assert sum(work.seed % 3 == 0 for work in shown) >= 3  # of twelve, four are warm
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        name for work in shown for name in (Path(work.path).name, Path(work.sidecar).name)
    }
    assert {event.index for event in events if isinstance(event, Preview)} == {0, 1, 2, 3}
    again = generated(learned, tmp_path / "again", 4)[1]
    assert [work.seed for work in again] == [work.seed for work in shown]


def test_an_untaught_style_makes_what_is_asked(tmp_path: Path, style_file: Path) -> None:
    shown = generated(style_file, tmp_path / "out", 2)[1]
    assert [work.seed for work in shown] == [0, 1]


def test_a_stopped_job_leaves_no_candidates(tmp_path: Path, style_file: Path) -> None:
    learned = Path(taught(style_file, works(tmp_path)).path)
    style, digest = load_style(learned)
    out = tmp_path / "out"
    job = GenerateRequest(job_id="g", style="", out_dir=str(out), brief=Brief(count=2))
    slices = showing.generate(job, style, digest, CPU, Pace(), made)
    next(slices)
    slices.close()
    assert list(out.iterdir()) == []


def test_on_the_command_line(tmp_path: Path, style_file: Path) -> None:
    named = {Path(path).name: stars for path, stars in works(tmp_path).items()}
    ratings, out = tmp_path / "ratings.json", tmp_path / "t.style"
    ratings.write_text(json.dumps(named))
    call = ("learn", "--style", style_file, "--works", tmp_path, "--out", out, "--ratings", ratings)
    done = run_engine(*call)
    assert done.returncode == 0, done.stderr
    assert "learned from 10 ratings" in done.stdout
    assert out.exists()
    ratings.write_text('["no ratings"]')
    refused = run_engine(*call)
    assert refused.returncode == 2
    assert "holds no ratings" in refused.stderr


def test_flat_works_can_be_rated(tmp_path: Path, style_file: Path) -> None:
    ratings = {}
    for i in range(3):
        path = tmp_path / f"{i}.png"
        colour(40, 40, 50 * i, 90, 90).save(path)
        ratings[str(path)] = 1 + i
    assert taught(style_file, ratings).ratings_used == 3
