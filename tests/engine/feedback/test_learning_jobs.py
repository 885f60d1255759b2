"""From ratings of files to a style that chooses, through the service."""

import json
from pathlib import Path

import pytest
import torch

from engine.core.style import Style, load_style
from engine.feedback.taste import taste_of
from engine.interfaces import LoadedWork
from engine.media.text.features import Words
from engine.media.text.generators.maquette_lm.weights import shipped as text_base
from engine.media.text.notation import piece
from engine.protocol import (
    AdaptRequest,
    Event,
    Failure,
    GenerateRequest,
    LearnRequest,
    Medium,
    PictureBrief,
    Reference,
    StyleResult,
    WorksResult,
)
from engine.registry import installed
from engine.sequence.adapt import style_of
from engine.service import Service
from tests.engine.handmade import as_picture, colour, run_engine

pytestmark = pytest.mark.weights

CPU = torch.device("cpu")
TASTE = ("mean", "covariance", "centre", "scale", "count", "kind", "critic")
IMAGES, TEXTS = installed().medium(Medium.IMAGE), installed().medium(Medium.TEXT)


@pytest.fixture
def style_file(tmp_path: Path, style: dict[str, torch.Tensor]) -> Path:
    path = tmp_path / "a.style"
    Style("image", style, ()).save(path)
    return path


def textured(warmth: float, seed: int) -> bytes:
    torch.manual_seed(seed)
    pixels = 0.3 * torch.randn(3, 48, 64) + torch.tensor([warmth, 0, -warmth])[:, None, None]
    picture = as_picture(pixels)
    from tests.engine.handmade import encoded

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


@pytest.mark.slow
def test_a_learned_style_keeps_its_own_tensors(tmp_path: Path, style_file: Path) -> None:
    result = taught(style_file, works(tmp_path))
    before, after = load_style(style_file), load_style(Path(result.path))
    assert result.ratings_used == 10
    assert all(torch.equal(after.tensors[name], t) for name, t in before.tensors.items())
    assert {n for n in after.tensors if n not in before.tensors} == {
        *(f"taste/{name}" for name in TASTE)
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


# ---- what is held, without ratings -------------------------------------------------------------


def test_what_is_held_is_followed_before_any_rating(tmp_path: Path, style_file: Path) -> None:
    """Seen beside the pictures that are named, whatever these are called."""
    beside = tuple(works(tmp_path, 4))
    result = taught(style_file, {}, pin={"warmth": 0.8}, beside=beside)
    assert result.ratings_used == 0
    assert [(taste.code, round(taste.strength, 2)) for taste in result.tastes] == [("warmth", 0.8)]
    style = load_style(Path(result.path))
    before = load_style(style_file).tensors
    assert {name for name in style.tensors if name not in before} == {
        *(f"taste/{name}" for name in TASTE)
    }
    taste = taste_of(style.tensors)
    assert taste is not None
    judge = IMAGES.judge("image", CPU)
    seen = [judge.measure(IMAGES.load(path, CPU)).measured for path in beside]
    assert taste.seen(seen, judge.features).mean(0) == pytest.approx(0, abs=1e-9)
    assert taught(style_file, {}, pin={"warmth": 0.8}, beside=beside).digest == result.digest


def test_without_anything_beside_it_is_seen_beside_all_makers(style_file: Path) -> None:
    result = taught(style_file, {}, pin={"warmth": 0.8}, beside=("gone.png",))
    assert [refusal.code for refusal in result.refused] == ["missing_file"]
    taste = taste_of(load_style(Path(result.path)).tensors)
    assert taste is not None
    assert (taste.centre == 0).all()
    assert (taste.scale == 1).all()


def test_texts_are_seen_beside_what_the_style_keeps(tmp_path: Path) -> None:
    path = tmp_path / "verse.style"
    poems = [Words("空山不见人，但闻人语响。", "zh"), Words("返景入深林，复照青苔上。", "zh")]
    rows = text_base(CPU).tokens.works([piece(each.text, "zh") for each in poems])
    Style("text", style_of(rows, [1.0, 1.0]), ()).save(path)
    for language in ("", "zh"):
        result = taught(path, {}, pin={"line_length": 0.5}, language=language)
        taste = taste_of(load_style(Path(result.path)).tensors)
        assert taste is not None
        assert taste.domain == "zh"
        theirs = [
            each.measured for each in map(TEXTS.judge("zh", CPU).measure, map(as_opened, poems))
        ]
        seen = taste.seen(theirs, TEXTS.judge("zh", CPU).features)
        assert seen.mean(0) == pytest.approx(0, abs=1e-9)


def as_opened(words: Words) -> LoadedWork:
    return LoadedWork("", "zh", words)


def test_a_style_without_notes_has_nothing_to_see_it_beside(tmp_path: Path) -> None:
    path = tmp_path / "texture.style"
    Style("audio", {"texture/grains": torch.zeros(1)}, ()).save(path)
    job = LearnRequest(job_id="l", style=str(path), out="o.style", pin={"tempo": 0.5})
    found = last(job)
    assert isinstance(found, Failure)
    assert found.code == "no_ratings"


def test_works_that_are_gone_leave_what_is_held(tmp_path: Path, style_file: Path) -> None:
    result = taught(style_file, {str(tmp_path / "gone.png"): 4}, pin={"warmth": 0.8})
    assert result.ratings_used == 0
    assert [refusal.code for refusal in result.refused] == ["missing_file"]
    assert [taste.code for taste in result.tastes] == ["warmth"]


def test_the_next_works_follow_what_is_held(tmp_path: Path) -> None:
    """From a picture to a warmer and a colder batch, as the studio asks for them."""
    picture, style = tmp_path / "a.png", tmp_path / "plain.style"
    picture.write_bytes(textured(0.0, 1))
    adapt = AdaptRequest(
        job_id="a", references=(Reference(path=str(picture)),), out=str(style), seconds=0
    )
    assert isinstance(list(Service(CPU).run(adapt))[-1], StyleResult)
    judge = IMAGES.judge("image", CPU)
    at = [feature.code for feature in judge.features].index("warmth")
    found = {}
    for strength in (-1.0, 1.0):
        result = taught(style, {}, pin={"warmth": strength}, beside=(str(picture),))
        brief = PictureBrief(count=2, width_px=48, height_px=32, seed=3)
        made = str(tmp_path / f"{strength}")
        job = GenerateRequest(job_id="g", style=result.path, out_dir=made, brief=brief)
        done = list(Service(CPU).run(job))[-1]
        assert isinstance(done, WorksResult), done
        seen = [judge.measure(IMAGES.load(work.path, CPU)).measured for work in done.works]
        found[strength] = sum(each.values[at] for each in seen) / len(seen)
    assert found[1.0] > found[-1.0] + 3


def test_pairs_alone_teach(tmp_path: Path, style_file: Path) -> None:
    paths = list(works(tmp_path, 24))
    pairs = tuple((paths[i + 1], paths[i]) for i in range(0, 24, 2))
    result = taught(style_file, {}, pairs=pairs)
    assert result.ratings_used == 12
    taste = taste_of(load_style(Path(result.path)).tensors)
    assert taste is not None
    assert taste.normal.weights[taste.codes.index("warmth")] > 0.1


@pytest.mark.process
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
