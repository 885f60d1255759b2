"""Scales: coarse to fine, the same amount of scene in every picture."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings, strategies as st

from engine.media.image.pyramid import LEVELS, PATCH_PX, resize, schedule, size_at, start_scale_px

SIDES = st.integers(32, 2048)


@settings(deadline=None, max_examples=80)
@given(height=SIDES, width=SIDES, invention=st.floats(0, 1), finest=st.integers(0, 15))
def test_a_schedule_runs_from_coarse_to_the_outputs_own_scale(
    height: int, width: int, invention: float, finest: int
) -> None:
    levels = list(LEVELS[: finest + 1])
    plan = schedule(height, width, levels, invention)
    scales = [scale for scale, _ in plan]
    served = [level for _, level in plan]
    assert scales == sorted(set(scales))
    assert scales[-1] == math.sqrt(height * width)
    assert size_at(height, width, scales[-1]) == (height, width)
    assert served == sorted(served)
    assert all(0 <= level < len(levels) for level in served)
    assert all(fine / coarse < 1.6 for coarse, fine in itertools.pairwise(scales))


@settings(deadline=None, max_examples=40)
@given(height=SIDES, width=SIDES, finest=st.integers(3, 15))
def test_each_scale_is_served_by_the_level_nearest_to_it(
    height: int, width: int, finest: int
) -> None:
    levels = list(LEVELS[: finest + 1])
    for scale, level in schedule(height, width, levels, 0.4):
        assert abs(math.log(levels[level] / scale)) == min(
            abs(math.log(other / scale)) for other in levels
        )


def test_more_invention_starts_finer() -> None:
    starts = [schedule(256, 256, list(LEVELS), share / 10)[0][0] for share in range(11)]
    assert starts == sorted(starts)
    assert starts[0] == pytest.approx(10)
    assert start_scale_px(0) == pytest.approx(10)
    assert start_scale_px(1) == pytest.approx(60)


def test_a_style_without_coarse_levels_starts_at_its_own() -> None:
    plan = schedule(256, 256, list(LEVELS[6:]), 0.0)
    assert plan[0] == (LEVELS[6], 0)


def test_a_small_output_has_one_scale_at_least() -> None:
    assert schedule(32, 32, list(LEVELS), 1.0) == [(32.0, 4)]


@settings(deadline=None, max_examples=80)
@given(height=SIDES, width=SIDES, scale=st.floats(10, 2048))
def test_a_size_keeps_the_aspect_and_the_area(height: int, width: int, scale: float) -> None:
    sides = size_at(height, width, scale)
    shrink = scale / math.sqrt(height * width)
    for side, full in zip(sides, (height, width), strict=True):
        assert side >= 1
        assert abs(side - full * shrink) <= 0.5 or side == 1


@pytest.mark.parametrize("scale", [10, 24, 100, 286.2])
def test_sizes_of_a_panorama(scale: float) -> None:
    height, width = size_at(64, 1280, scale)
    assert height == max(1, round(scale / math.sqrt(20)))
    assert width == round(scale * math.sqrt(20))


def test_resizing_keeps_range_and_flat_colours() -> None:
    flat = torch.full((1, 3, 40, 30), 0.25)
    torch.testing.assert_close(resize(flat, (11, 9)), torch.full((1, 3, 11, 9), 0.25))
    edges = torch.rand(1, 3, 40, 30).round() * 2 - 1
    assert resize(edges, (80, 61)).abs().max() <= 1
    assert resize(edges, (40, 30)) is edges
    assert resize(edges, (PATCH_PX, 1)).shape == (1, 3, PATCH_PX, 1)
