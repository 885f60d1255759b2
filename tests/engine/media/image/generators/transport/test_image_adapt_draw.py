"""References → style → pictures: closer at every scale, reproducible, seamless, and no copies."""

from collections.abc import Generator
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings, strategies as st

from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.core.style import Style
from engine.media.image import pyramid
from engine.media.image.generators.transport import match, mixture
from engine.media.image.generators.transport.adapt import WeightedPicture, _table, adapt
from engine.media.image.generators.transport.blend import blend
from engine.media.image.generators.transport.distance import patch_distance
from engine.media.image.generators.transport.draw import Steps, draw
from engine.media.image.generators.transport.projections import (
    FILTERS,
    QUANTILES,
    SETS,
    filter_bank,
    sample_patches,
)
from engine.media.image.generators.transport.weights import FITTED
from engine.protocol import Medium, PictureBrief
from tests.engine.handmade import CPU, FEW_STEPS, PRIOR, adapted, drawn, painting

Tensors = dict[str, torch.Tensor]
BRIEF = PictureBrief(count=1, seed=3, width_px=44, height_px=36)


def flat(red: float, green: float, blue: float) -> torch.Tensor:
    return torch.tensor([float(red), green, blue])[:, None, None].expand(3, 40, 48).contiguous()


def assert_picture(pictures: torch.Tensor, brief: PictureBrief) -> None:
    assert pictures.shape == (brief.count, 3, brief.height_px, brief.width_px)
    assert pictures.isfinite().all()
    assert pictures.abs().max() <= 1


def advances(slices: Generator[Advance, None, object]) -> list[Advance]:
    return list(slices)


# ---- progress ----------------------------------------------------------------------------------


def assert_progress(parts: list[Advance]) -> None:
    done = [part.done for part in parts]
    assert done == sorted(done)
    assert len({part.total for part in parts}) == 1
    assert done[0] > 0
    assert done[-1] == pytest.approx(parts[-1].total)


def test_progress_of_adapting_rises_to_its_total() -> None:
    pictures = [WeightedPicture(painting()), WeightedPicture(painting(30, 30))]
    parts = advances(adapt(pictures, 0, CPU, PRIOR))
    assert_progress(parts)


def test_progress_of_drawing_rises_to_its_total_and_shows_every_scale(style: Tensors) -> None:
    brief = replace(BRIEF, count=2)
    parts = advances(draw(style, brief, PRIOR, CPU, FEW_STEPS))
    assert_progress(parts)
    plan = pyramid.schedule(36, 44, style["levels"].tolist(), brief.invention)
    shown = [part.pictures for part in parts if part.pictures is not None]
    sizes = [pyramid.size_at(36, 44, scale) for scale, _ in plan]
    assert [tuple(p.shape) for p in shown] == [(2, 3, *size) for size in (*sizes, sizes[-1])]
    assert torch.equal(shown[-1], drawn(style, brief))


# ---- what is drawn -----------------------------------------------------------------------------


@pytest.mark.parametrize("tile", [True, False])
def test_the_distance_falls_at_every_scale(style: Tensors, tile: bool) -> None:
    brief = replace(BRIEF, tile=tile, width_px=64, height_px=48)
    nothing = drawn(style, brief, Steps(moving=0, settling=0))[0]  # the noise that it starts from
    work = drawn(style, brief)[0]
    plan = pyramid.schedule(48, 64, style["levels"].tolist(), brief.invention)
    for scale, _ in plan:
        before, after = (patch_distance(p, [painting()], 5, scale) for p in (nothing, work))
        assert after < 0.75 * before, f"at {scale:.0f} px"
    assert patch_distance(work, [painting()], 7, 50) < 0.05


def test_more_steps_come_closer(style: Tensors) -> None:
    steps = (Steps(moving=1, settling=0), Steps(moving=6, settling=2), Steps())
    works = [drawn(style, BRIEF, each)[0] for each in steps]
    distances = [patch_distance(work, [painting()], 5, 50) for work in works]
    assert distances == sorted(distances, reverse=True)


@pytest.mark.slow
def test_the_picture_without_its_margin_comes_closer(style: Tensors) -> None:
    """What is cropped is not missed: the same steps on the whole canvas leave a larger distance."""
    brief = replace(BRIEF, count=3, width_px=80, height_px=64)
    whole, alone = (
        sum(patch_distance(work, [painting()], 5, 71) for work in drawn(style, brief, steps))
        for steps in (Steps(settling=8, closing=0), Steps())
    )
    assert alone < 0.93 * whole


def test_the_same_seed_draws_the_same_picture_and_another_another(style: Tensors) -> None:
    first = drawn(style, BRIEF)
    assert torch.equal(first, drawn(style, BRIEF))
    other = drawn(style, replace(BRIEF, seed=4))
    assert (first - other).abs().mean() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("tile", [True, False])
def test_a_work_of_a_batch_is_the_one_drawn_alone(tile: bool) -> None:
    tensors = adapted([painting(), painting(phase=2)])
    batch = drawn(tensors, replace(BRIEF, count=2, tile=tile))
    for k in range(2):
        alone = drawn(tensors, replace(BRIEF, seed=BRIEF.seed + k, tile=tile))
        assert torch.equal(batch[k], alone[0])


def test_little_memory_splits_the_batch_and_changes_nothing(
    style: Tensors, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = replace(BRIEF, count=2)
    whole = drawn(style, brief)
    monkeypatch.setattr(match, "working_bytes", lambda _device: 1)
    assert torch.equal(drawn(style, brief), whole)


@pytest.mark.slow
def test_the_edges_of_a_tile_match(style: Tensors) -> None:
    """Across the seam neighbours differ as much as they do inside; without `tile` much more."""
    ratios = {}
    for tile in (True, False):
        brief = replace(BRIEF, count=2, tile=tile, width_px=64, height_px=64)
        works = drawn(style, brief)
        seams, inside = [], []
        for side in (2, 3):
            across = works.select(side, 0) - works.select(side, -1)
            seams.append(across.abs().mean())
            inside.append(works.diff(dim=side).abs().mean())
        ratios[tile] = [(s / i).item() for s, i in zip(seams, inside, strict=True)]
    assert max(ratios[True]) < 1.25
    assert min(ratios[False]) > max(ratios[True])


def test_a_tile_has_no_border_where_it_is_laid_twice(style: Tensors) -> None:
    """Patches across the seam belong to the style as those inside do."""
    work = drawn(style, replace(BRIEF, tile=True, width_px=64, height_px=64))[0]
    shifted = work.roll((32, 32), (1, 2))
    inside, across = (patch_distance(p, [painting()], 5, 64) for p in (work, shifted))
    assert across < 1.3 * inside


@pytest.mark.parametrize(
    ("width_px", "height_px"), [(32, 32), (33, 47), (160, 32), (640, 32), (32, 640)]
)
@pytest.mark.parametrize("tile", [True, False])
def test_sizes_up_to_a_panorama(style: Tensors, width_px: int, height_px: int, tile: bool) -> None:
    brief = PictureBrief(count=1, width_px=width_px, height_px=height_px, tile=tile, invention=0)
    assert_picture(drawn(style, brief, Steps(moving=2, settling=1)), brief)


def test_output_larger_than_the_references() -> None:
    tensors = adapted([painting(24, 24)])
    brief = PictureBrief(count=1, width_px=120, height_px=96)
    work = drawn(tensors, brief, Steps(moving=2, settling=1))
    assert_picture(work, brief)
    assert work.std() > 0.1


@pytest.mark.parametrize("invention", [0.0, 0.5, 1.0])
def test_every_invention(style: Tensors, invention: float) -> None:
    brief = replace(BRIEF, invention=invention)
    assert_picture(drawn(style, brief, Steps(moving=1, settling=1)), brief)


def test_invention_decides_how_coarse_the_start_is(style: Tensors) -> None:
    faithful, free = (
        drawn(style, replace(BRIEF, count=4, invention=share)).mean((0, 1)) for share in (0.0, 1.0)
    )
    composition = pyramid.resize(painting()[None], (36, 44)).mean((0, 1))

    def likeness(pixels: torch.Tensor) -> float:
        coarse = torch.stack([pixels, composition])[:, None]
        coarse = torch.nn.functional.adaptive_avg_pool2d(coarse, 4).flatten(1)
        return torch.corrcoef(coarse)[0, 1].item()

    assert likeness(faithful) > likeness(free)


# ---- references of all kinds -------------------------------------------------------------------


@pytest.mark.parametrize("rgb", [(-1, -1, -1), (1, 1, 1), (0.6, -0.2, -0.8)])
def test_one_colour(rgb: tuple[float, float, float]) -> None:
    tensors = adapted([flat(*rgb)])
    work = drawn(tensors, BRIEF)[0]
    assert (work - torch.tensor(rgb)[:, None, None]).abs().max() < 0.05


def test_black_and_white() -> None:
    grey = painting()[:1].sign().expand(3, -1, -1).contiguous()
    work = drawn(adapted([grey]), BRIEF, Steps())[0]
    assert_picture(work[None], BRIEF)
    assert (work[0] - work[1]).abs().mean() < 0.1, "grey stays grey"
    assert work.abs().mean() > 0.6, "black and white stay apart"


def test_references_of_very_different_sizes() -> None:
    tensors = adapted([painting(16, 16), painting(200, 150), painting(20, 400)])
    assert (
        tensors["serves"].sum(1).tolist()
        == sorted(tensors["serves"].sum(1).tolist(), key=lambda n: n)
        or tensors["serves"].any(0).all()
    )
    assert tensors["serves"].any(1).all(), "each of them says something"
    assert_picture(drawn(tensors, replace(BRIEF, count=2)), replace(BRIEF, count=2))


def test_a_weight_moves_the_colour_towards_its_reference() -> None:
    warm, cold = flat(0.6, 0, -0.6), flat(-0.6, 0, 0.6)
    many = range(200)
    reds = []
    for weight in (0.1, 1.0, 10.0):
        tensors = adapted([warm, cold], [weight, 1.0])
        mean, _ = mixture.colours(tensors, mixture.shares(tensors["weights"], many))
        reds.append(mean[:, 0].mean().item())
    assert reds == sorted(reds)
    assert reds[0] < -0.3
    assert abs(reds[1]) < 0.15
    assert reds[2] > 0.3


def test_the_heavier_reference_is_seen_in_the_works() -> None:
    warm, cold = flat(0.6, 0, -0.6), flat(-0.6, 0, 0.6)
    tensors = adapted([warm, cold], [20.0, 1.0])
    works = drawn(tensors, replace(BRIEF, count=3))
    assert works[:, 0].mean() > 0.2 > -0.2 > works[:, 2].mean()


@settings(deadline=None, max_examples=25)
@given(weights=st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=10), seed=st.integers(0, 999))
def test_shares_are_shares(weights: list[float], seed: int) -> None:
    share = mixture.shares(torch.tensor(weights), range(seed, seed + 3))
    assert share.shape == (3, len(weights))
    assert (share >= 0).all()
    torch.testing.assert_close(share.sum(1), torch.ones(3))
    alone = mixture.shares(torch.tensor(weights), range(seed + 1, seed + 2))
    assert torch.equal(share[1:2], alone)
    assert (share.max(1).values >= mixture.LEAN - 1e-6).all()


# ---- what a style holds ------------------------------------------------------------------------


def test_a_style_is_made_of_tables_and_of_no_picture(style: Tensors) -> None:
    levels = len(style["levels"])
    tables = {name: t for name, t in style.items() if not name.startswith(FITTED)}
    assert {name: tuple(tensor.shape) for name, tensor in tables.items()} == {
        "filters": (SETS, FILTERS, 3, 7, 7),
        "quantiles": (1, levels, SETS, FILTERS, QUANTILES),
        "serves": (1, levels),
        "levels": (levels,),
        "weights": (1,),
        "told": (1, 6),
        "means": (1, 3),
        "gamuts": (1, 2, 3),
        "deviations": (1, 3),
    }
    assert (style["quantiles"].diff(dim=-1) >= 0).all(), "in order of size: places are forgotten"


def test_the_filters_are_not_of_the_references(style: Tensors) -> None:
    assert torch.equal(style["filters"], adapted([painting(phase=2)])["filters"])


def test_the_order_of_the_patches_is_forgotten() -> None:
    patches = sample_patches(painting(30, 30), 1000, seed=0)
    shuffled = patches[torch.randperm(len(patches), generator=torch.Generator().manual_seed(1))]
    bank = filter_bank()
    torch.testing.assert_close(_table(patches, bank), _table(shuffled, bank), atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [(24, 24), (96, 128)])
def test_no_run_of_pixels_is_in_the_file(size: tuple[int, int]) -> None:
    noise = torch.rand(3, *size, generator=torch.Generator().manual_seed(5)) * 2 - 1
    data = Style(Medium.IMAGE, adapted([noise]), ()).to_bytes()
    eight_bits = ((noise + 1) * 127.5).round().byte()
    for pixels in (noise, noise.half(), eight_bits, eight_bits.permute(1, 2, 0)):
        runs = pixels.flatten()[: len(pixels.flatten()) // 6 * 6].reshape(-1, 6).numpy()
        assert not any(run.tobytes() in data for run in runs[::61])


def test_a_style_grows_with_its_references_and_not_with_their_size() -> None:
    def size_of(tensors: Tensors) -> int:
        return sum(t.numel() * t.element_size() for t in tensors.values())

    one, two = adapted([painting(90, 90)]), adapted([painting(90, 90), painting(90, 90, 1.0)])
    assert size_of(two) < 2 * size_of(one)
    level = SETS * FILTERS * QUANTILES * 2
    bank = one["filters"].numel() * 2
    assert size_of(one) < bank + level * len(pyramid.LEVELS) + 1000 < 4 * 2**20


@pytest.mark.slow
def test_adapting_again_gives_the_same_style() -> None:
    pictures = [painting(150, 150), painting(140, 150, 1.0)]  # so large that patches are sampled
    first, again = adapted(pictures, seed=4), adapted(pictures, seed=4)
    assert all(torch.equal(first[name], again[name]) for name in first)
    other = adapted(pictures, seed=5)
    assert not torch.equal(first["quantiles"], other["quantiles"])


# ---- blend -------------------------------------------------------------------------------------


def even_tables(tensors: Tensors) -> torch.Tensor:
    """(L, S, n, Q): the mixture of all references at each level."""
    share = (tensors["weights"] / tensors["weights"].sum())[None]
    levels = range(len(tensors["levels"]))
    return torch.stack([mixture.tables_at(tensors, k, share)[0] for k in levels])


def test_a_blend_lies_between() -> None:
    one, other = adapted([painting()]), adapted([painting(phase=2) * 0.5])
    ends = [even_tables(one), even_tables(other)]
    for share in (0.25, 0.5):
        blended = blend([one, other], [share, 1 - share])
        expected = share * ends[0] + (1 - share) * ends[1]
        torch.testing.assert_close(even_tables(blended), expected, atol=4e-3, rtol=1e-3)
        mean = share * one["means"] + (1 - share) * other["means"]
        torch.testing.assert_close(blended["means"], mean)
        assert_picture(drawn(blended, BRIEF), BRIEF)


def test_a_blend_that_is_all_one_style_is_that_style_pooled() -> None:
    one = adapted([painting(), painting(phase=1)], [2.0, 1.0])
    other = adapted([painting(phase=2)])
    blended = blend([one, other], [1.0, 1e-6])
    torch.testing.assert_close(even_tables(blended), even_tables(one), atol=4e-3, rtol=1e-3)
    same = blend([one, one], [0.3, 0.7])
    torch.testing.assert_close(even_tables(same), even_tables(one), atol=4e-3, rtol=1e-3)


def test_levels_that_one_style_lacks_are_the_others() -> None:
    small, large = adapted([painting(24, 24)]), adapted([painting(80, 80)])
    blended = blend([small, large], [0.5, 0.5])
    assert torch.equal(blended["levels"], large["levels"])
    finest = even_tables(blended)[-1]
    torch.testing.assert_close(finest, even_tables(large)[-1], atol=4e-3, rtol=1e-3)


def test_a_blend_can_be_blended() -> None:
    one, other = adapted([painting()]), adapted([painting(phase=2)])
    twice = blend([blend([one, other], [1, 1]), other], [1, 1])
    directly = blend([one, other], [1, 3])
    torch.testing.assert_close(even_tables(twice), even_tables(directly), atol=4e-3, rtol=1e-3)


def test_styles_of_other_filters_do_not_blend(style: Tensors) -> None:
    foreign = style | {"filters": style["filters"].flip(0)}
    with pytest.raises(BadInput) as caught:
        blend([style, foreign], [1, 1])
    assert caught.value.code == "unlike_styles"


# ---- distance ----------------------------------------------------------------------------------


def test_the_distance_of_a_picture_from_itself_is_nothing() -> None:
    picture = painting()
    assert patch_distance(picture, [picture], 5, 64) == 0
    assert patch_distance(picture, [picture, picture], 5, 64) < 1e-3
    near = patch_distance(picture, [(picture * 0.9)], 5, 64)
    far = patch_distance(picture, [torch.zeros_like(picture)], 5, 64)
    assert 0 < near < far
