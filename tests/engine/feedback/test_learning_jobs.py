"""From ratings of files to a style that chooses, through the service."""

import json
from pathlib import Path

import pytest
import torch
from handmade import as_picture, colour, run_engine

from engine.feedback.taste import taste_of
from engine.messages import (
    Event,
    Failure,
    LearnRequest,
    StyleResult,
)
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
