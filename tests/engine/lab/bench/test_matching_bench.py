"""Descriptors of patches, and the bench that compares them."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from engine.core.progress import finished
from engine.lab.bench import image_matching as bench
from engine.lab.bench.image_descriptors import (
    components,
    learned,
    of_denoiser,
    principal,
    scaled,
)
from engine.lab.bench.image_styles import bench_style
from engine.lab.bench.image_tables import descriptors as table
from engine.lab.bench.report import Report
from engine.lab.training.matching_network import matching_network
from engine.media.image.generators.painter.repaint import repaint
from engine.media.image.generators.painter.scales import RepaintSettings
from engine.media.image.generators.painter.sources import Descriptors, Source, atlas_at
from tests.engine.handmade import painting
from tests.engine.lab.bench.test_image_bench import PRIOR

PATCHES = partial(scaled, components)


def neighbours(picture: Tensor) -> Tensor:
    """(32, H/2, W/2), as a feature network would answer."""
    seen = torch.nn.functional.unfold(picture[None], 4, stride=2, padding=1)[0]
    return seen[:32].view(32, picture.shape[1] // 2, picture.shape[2] // 2)


def untrained() -> Descriptors:
    torch.manual_seed(2)
    return learned(matching_network("random").requires_grad_(False))


DESCRIPTORS: dict[str, Callable[[], Descriptors]] = {
    "components": lambda: PATCHES,
    "features": lambda: partial(scaled, partial(principal, neighbours)),
    "denoiser": lambda: partial(scaled, partial(principal, of_denoiser(PRIOR))),
    "learned": untrained,
}


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_a_picture_is_painted_again_from_itself(name: str) -> None:
    picture = painting(40, 56) + 0.3 * torch.rand(3, 40, 56)
    picture = picture.clamp(-1, 1)
    settings = RepaintSettings(begin_px=47.0, descriptors=DESCRIPTORS[name]())
    slices = repaint([picture], (40, 56), [Source(picture)], None, [0], settings)
    works, _ = finished(slices)
    assert (works[0] - picture).abs().mean() < 0.02


def test_descriptors_are_as_far_apart_as_patches() -> None:
    source = Source(painting(40, 56) + 0.2 * torch.rand(3, 40, 56))
    spreads = []
    for descriptors in (None, *(make() for make in DESCRIPTORS.values())):
        atlas = atlas_at([source], source.scale_px, None, descriptors=descriptors)
        keys = torch.from_numpy(atlas.keys[0]).view(*atlas.valid.shape[1:], -1)
        pixels = 49 if descriptors is None else 1  # of a patch, that are compared
        spreads.append(pixels * float(keys[:34, :50].flatten(0, 1).var(0).sum()))
    assert all(0.7 * spreads[0] < spread < 1.4 * spreads[0] for spread in spreads)


@pytest.mark.slow
def test_the_bench_measures_every_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "SHORT_PX", 48)
    monkeypatch.setattr(bench, "FAR_PX", 24.0)
    several = [painting(60, 60, phase) for phase in (0.0, 1.0, 2.0)]
    report = Report(machine="a machine")
    arms = {"patches": None, "components": PATCHES}
    style = bench_style("waves", several[:2], several[2:])
    sheet = bench.comparing(report, [style], PRIOR, 1, arms)
    assert set(sheet.cells) == {"waves", "waves, held out"}
    assert set(arms) < set(sheet.cells["waves"])
    found = {(row.bench, row.arm): row.value for row in report.rows if row.metric == bench.PSNR}
    assert set(found) == {(bench.REPAINTED, arm) for arm in (*arms, bench.ENLARGED)}
    assert "| patches | 1 |" in table(report)
