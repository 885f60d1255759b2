"""Reports on works, from files to the service's result."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.critic import calibration as calibration_file
from engine.critic.calibration import calibration
from engine.critic.diversity import diversity, vendi_score
from engine.interfaces import Measured, Quality
from engine.media.audio.features import FEATURES as OF_MUSIC
from engine.media.image.copying import nearest_patches
from engine.media.image.features import FEATURES as OF_PICTURES
from engine.media.text.features import FEATURES as OF_TEXTS
from engine.protocol import Failure, JudgeRequest, JudgeResult, Medium, Reference
from engine.service import Service
from tests.engine.handmade import run_engine

SAMPLES = Path(__file__).parents[3] / "assets" / "samples"
RESERVED = SAMPLES.parent / "bench" / "images"
SONNETS = sorted((SAMPLES / "texts").glob("shakespeare*"))
POEMS = sorted((SAMPLES / "texts").glob("wang*"))
HORNPIPES = sorted((SAMPLES / "music").glob("*.mid"))
PRINTS = sorted((SAMPLES / "images").glob("*.jpg"))


def judged(medium: Medium, references: list[Path], works: list[Path]) -> JudgeResult:
    job = JudgeRequest(
        job_id="j",
        medium=medium,
        references=tuple(Reference(path=str(path)) for path in references),
        works=tuple(map(str, works)),
    )
    last = list(Service(torch.device("cpu")).run(job))[-1]
    assert isinstance(last, JudgeResult), last
    return last


@pytest.mark.weights
@pytest.mark.parametrize(
    ("medium", "references", "own", "strange"),
    [
        (Medium.IMAGE, PRINTS[:3], PRINTS[3:], sorted(RESERVED.glob("nasa*"))[:2]),
        (Medium.AUDIO, [*HORNPIPES[1:3], HORNPIPES[4]], HORNPIPES[::3], []),
        (Medium.TEXT, SONNETS[:3], SONNETS[3:], []),
        (Medium.TEXT, POEMS[:3], POEMS[3:], []),
    ],
)
def test_own_works_match_better_than_strangers(
    medium: Medium, references: list[Path], own: list[Path], strange: list[Path]
) -> None:
    result = judged(medium, references, [*own, *strange])
    matches = [report.match for report in result.works]
    mine, others = matches[: len(own)], matches[len(own) :]
    assert all(0 <= match <= 1 for match in matches)
    assert all(report.copied < 0.1 for report in result.works)
    assert 1 <= result.diversity <= len(result.works)
    assert np.mean(mine) > max([*others, 0.35])


@pytest.mark.weights
def test_a_copy_is_told_and_is_not_new(tmp_path: Path) -> None:
    work = tmp_path / "work.txt"
    shutil.copy(SONNETS[0], work)
    report = judged(Medium.TEXT, SONNETS[:2], [work]).works[0]
    assert report.copied > 0.95
    assert report.novelty < 0.05
    assert report.nearest == SONNETS[0].name
    said = {each.code: each for each in report.said}
    assert said["copied"].details["name"] == SONNETS[0].name
    assert SONNETS[0].name in said["copied"].chinese


@pytest.mark.weights
def test_why_is_said_in_both_languages(tmp_path: Path) -> None:
    from PIL import Image

    orange = tmp_path / "orange.png"
    Image.new("RGB", (90, 70), (250, 130, 20)).save(orange)
    report = judged(Medium.IMAGE, PRINTS[:3], [orange]).works[0]
    differs = next(each for each in report.said if each.code == "differs")
    gaps = {feature.code: feature.gap for feature in report.features}
    named = str(differs.details["features"]).split(",")
    assert abs(gaps[named[0]]) == max(map(abs, gaps.values()))
    assert differs.english.endswith("than your references")
    assert differs.chinese.startswith("与参考相比")
    assert gaps["warmth"] > 1
    assert report.quality < 0.8


@pytest.mark.weights
def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    broken = tmp_path / "broken.txt"
    broken.write_bytes(b"")
    result = judged(Medium.TEXT, [*POEMS[:2], SONNETS[0]], [POEMS[2], broken])
    assert [r.code for r in result.refused] == ["language_differs", "empty_file"]
    assert len(result.works) == 1


def test_nothing_to_judge() -> None:
    job = JudgeRequest(job_id="j", references=(Reference(path=str(PRINTS[0])),), works=())
    last = list(Service(torch.device("cpu")).run(job))[-1]
    assert isinstance(last, Failure)
    assert last.code == "no_works"


@pytest.mark.process
def test_on_the_command_line(tmp_path: Path) -> None:
    shutil.copy(HORNPIPES[0], tmp_path)
    done = run_engine("judge", "--references", *HORNPIPES[1:3], "--works", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)["works"][0]
    assert report["path"].endswith(HORNPIPES[0].name)
    assert {"match", "quality", "novelty", "copied", "features", "said"} <= set(report)
    empty = run_engine("judge", "--references", HORNPIPES[1], "--works", tmp_path / "none")
    assert empty.returncode == 2


@pytest.mark.parametrize(
    ("kind", "features"),
    [
        ("image", OF_PICTURES),
        ("zh", OF_TEXTS["zh"]),
        ("en", OF_TEXTS["en"]),
        ("audio", OF_MUSIC),
    ],
)
def test_the_calibration_is_of_these_features(kind: str, features: tuple) -> None:
    fit = calibration(kind)
    assert fit.features == tuple(feature.code for feature in features)
    assert len(fit.centre) == len(fit.within) == len(fit.between) == len(features)
    assert (fit.within > 0).all()
    assert fit.logistic[1] <= 0
    assert fit.logistic[2] <= 0
    assert fit.match((0.05, 0.05)) > 0.9
    assert fit.match((50, 16)) < 0.05
    assert len(fit.spread) == len(features) + len(fit.unnamed)
    assert np.linalg.eigvalsh(fit.spread).min() > -1e-6


def test_vendi_counts_different_works() -> None:
    assert vendi_score(torch.eye(4).double()) == pytest.approx(4)
    assert vendi_score(torch.ones(4, 4).double()) == pytest.approx(1, abs=1e-4)
    one, other = (Measured(np.zeros(1), np.zeros(1), row) for row in np.eye(2))
    assert diversity([one, one, other]) == pytest.approx(1.89, abs=0.01)  # exp H(2/3, 1/3)
    assert diversity([]) == 0


def test_patches_at_a_quarter_still_show_copies() -> None:
    torch.manual_seed(0)
    small = torch.rand(1, 3, 24, 32) * 2 - 1
    picture = torch.nn.functional.interpolate(small, (192, 256), mode="bilinear")[0]
    other = torch.rand(3, 192, 256) * 2 - 1
    assert nearest_patches(picture, [picture], shrink=4).max() < 0.05
    assert nearest_patches(other, [picture], shrink=4).mean() > 0.5


def test_quality_names_the_worst_flaw_first() -> None:
    quality = Quality({"flaw_a": 0.7, "flaw_b": 0.5, "flaw_c": 0.9})
    assert quality.flaws == ["flaw_b", "flaw_a"]
    assert quality.score == pytest.approx(0.315)


def test_the_readme_quotes_what_was_measured() -> None:
    folder = Path(calibration_file.__file__).parent
    text = (folder / "README.md").read_text(encoding="utf-8")
    rows = json.loads(calibration_file.FILE.read_text(encoding="utf-8"))
    named = {"image": "pictures", "en": "English", "zh": "Chinese", "audio": "scores"}
    for kind, name in named.items():
        tried = rows[kind]["reserved"]
        figures = f"{tried['own']:.2f} | {tried['strangers']:.2f} | {tried['auc']:.0%}"
        assert f"| {name} | {tried['makers']} | {figures.replace('%', ' %')} |" in text, kind
