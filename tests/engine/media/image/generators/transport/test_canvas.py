"""The canvas: its size at every scale, its margin, and its seams."""

import pytest
import torch
from hypothesis import example, given, settings, strategies as st

from engine.media.image.generators.transport.canvas import (
    MARGIN_PX,
    crop,
    full_size,
    grow,
    lay,
    margin_px,
    noise,
)
from engine.media.image.pyramid import LEVELS, PATCH_PX, schedule, size_at

SIDES = st.integers(32, 400)


def canvas_size(size: tuple[int, int], tile: bool) -> tuple[int, ...]:
    margin = 0 if tile else margin_px(size, tile)
    return tuple(max(side + 2 * margin, PATCH_PX) for side in size)


@settings(deadline=None, max_examples=20)
@given(height=SIDES, width=SIDES, tile=st.booleans(), invention=st.floats(0, 1))
def test_a_canvas_has_the_size_of_its_scale_from_noise_to_the_end(
    height: int, width: int, tile: bool, invention: float
) -> None:
    plan = schedule(height, width, list(LEVELS[:9]), invention)
    sizes = [size_at(height, width, scale) for scale, _ in plan]
    canvas = noise(range(1), sizes[0], tile)
    previous = sizes[0]
    for size in sizes:
        canvas = grow(canvas, previous, size, tile)
        assert canvas.shape == (1, 3, *canvas_size(size, tile))
        assert crop(canvas, size).shape == (1, 3, *size)
        previous = size
    assert crop(canvas, previous).shape == (1, 3, height, width)


@settings(deadline=None, max_examples=30)
@given(
    old=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    ratio=st.floats(1, 1.6),
    tile=st.booleans(),
)
@example(old=(1, 10), ratio=1.0, tile=True)
@example(old=(2, 40), ratio=1.3, tile=True)
@example(old=(1, 40), ratio=1.3, tile=False)
def test_growing_by_any_ratio_gives_the_size_asked_for(
    old: tuple[int, int], ratio: float, tile: bool
) -> None:
    size = (max(1, round(old[0] * ratio)), max(1, round(old[1] * ratio)))
    canvas = noise(range(2), old, tile)
    assert grow(canvas, old, size, tile).shape == (2, 3, *canvas_size(size, tile))


def test_margins() -> None:
    assert margin_px((500, 500), tile=False) == MARGIN_PX
    assert margin_px((10, 10), tile=False) == 2
    assert margin_px((40, 40), tile=False) == 5
    assert margin_px((500, 500), tile=True) == 0


def test_noise_follows_each_pictures_own_seed() -> None:
    batch = noise(range(3, 6), (8, 10), tile=False)
    for k in range(3):
        assert torch.equal(batch[k], noise(range(3 + k, 4 + k), (8, 10), tile=False)[0])
    assert not torch.equal(batch[0], batch[1])


def test_what_grew_of_a_tile_still_tiles() -> None:
    """Growing a rolled tile by a whole factor is rolling the grown one."""
    canvas = torch.randn(1, 3, 12, 16, generator=torch.Generator().manual_seed(0))
    grown = grow(canvas, (12, 16), (24, 32), tile=True)
    rolled = grow(canvas.roll((5, 3), (2, 3)), (12, 16), (24, 32), tile=True)
    torch.testing.assert_close(rolled, grown.roll((10, 6), (2, 3)), atol=1e-5, rtol=1e-5)


def test_growing_keeps_the_middle_in_the_middle() -> None:
    canvas = torch.zeros(1, 3, 41, 41)
    canvas[:, :, 20, 20] = 1
    grown = grow(canvas, (31, 31), (41, 41), tile=False)[0, 0]
    peak = divmod(int(grown.argmax()), grown.shape[1])
    centre = (grown.shape[0] - 1) / 2
    assert max(abs(p - centre) for p in peak) <= 1


def test_cropping_takes_the_middle_and_clamps() -> None:
    canvas = torch.arange(100.0).reshape(1, 1, 10, 10).expand(1, 3, 10, 10) / 50 - 1
    cropped = crop(canvas, (6, 4))
    assert torch.equal(cropped, canvas[:, :, 2:8, 3:7])
    assert crop(canvas * 3, (10, 10)).abs().max() == 1


@pytest.mark.parametrize("tile", [True, False])
@pytest.mark.parametrize("size", [(20, 30), (4, 40), (1, 20)])
def test_growing_to_the_same_size_changes_nothing(size: tuple[int, int], tile: bool) -> None:
    canvas = noise(range(1), size, tile)
    torch.testing.assert_close(grow(canvas, size, size, tile), canvas)


@settings(deadline=None, max_examples=30)
@given(size=st.tuples(st.integers(1, 40), st.integers(1, 40)), tile=st.booleans())
def test_a_picture_lies_in_the_middle_of_its_canvas(size: tuple[int, int], tile: bool) -> None:
    picture = torch.rand(1, 3, *size)
    canvas = lay(picture, tile)
    assert canvas.shape == (1, 3, *full_size(size, tile))
    assert torch.equal(crop(canvas, size), picture)
    assert set(canvas.unique().tolist()) == set(picture.unique().tolist())
