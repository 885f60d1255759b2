"""One step of transport, against what it should be written out by hand."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from engine.media.image.generators.transport.projections import PATCH_DIM, at_ranks, filter_bank
from engine.media.image.generators.transport.transport import Lattice, _Side, displacement
from tests.engine.handmade import painting

FILTERS = filter_bank()[0]
SIDES = [
    (length, stride, offset, wrap)
    for length, stride, offset, wrap in itertools.product(
        (7, 8, 13, 20), (1, 2, 3), (0, 1), (True, False)
    )
    if wrap or length - offset >= 7  # else there is no room for a patch
]


def starts(length: int, stride: int, offset: int, wrap: bool) -> list[int]:
    """The first pixel of every patch along one side."""
    if wrap:
        return [(offset + s) % length for s in range(0, length, stride)]
    return list(range(offset, length - 7 + 1, stride))


@pytest.mark.parametrize(("length", "stride", "offset", "wrap"), SIDES)
def test_cover_counts_the_patches_over_each_pixel(
    length: int, stride: int, offset: int, wrap: bool
) -> None:
    expected = torch.zeros(length)
    for start in starts(length, stride, offset, wrap):
        for k in range(7):
            expected[(start + k) % length] += 1
    side = _Side.of(length, stride, offset, wrap)
    assert torch.equal(side.cover(torch.device("cpu")), expected.clamp(min=1))


@pytest.mark.parametrize(("length", "stride", "offset", "wrap"), SIDES)
def test_put_is_the_transpose_of_take(length: int, stride: int, offset: int, wrap: bool) -> None:
    side = _Side.of(length, stride, offset, wrap)
    whole = torch.randn(2, length, dtype=torch.float64)
    seen = torch.randn(2, side.seen, dtype=torch.float64)
    torch.testing.assert_close(
        (side.take(whole, 1) * seen).sum(), (whole * side.put(seen, 1)).sum()
    )


@pytest.mark.parametrize("stride", [1, 2])
def test_fold_of_the_filters_is_the_transpose_of_their_convolution(stride: int) -> None:
    filters = FILTERS.double()
    picture = torch.randn(1, 3, 15, 19, dtype=torch.float64)
    projected = F.conv2d(picture, filters, stride=stride)
    moves = torch.randn_like(projected)
    back = F.fold(filters.flatten(1).T @ moves.flatten(2), (15, 19), 7, stride=stride)
    torch.testing.assert_close((projected * moves).sum(), (picture * back).sum())


def by_hand(picture: torch.Tensor, quantiles: torch.Tensor, lattice: Lattice) -> torch.Tensor:
    """The displacement of one picture, patch by patch."""
    height, width = picture.shape[1:]
    places = [
        (top, left)
        for top in starts(height, lattice.stride, lattice.down, lattice.wrap)
        for left in starts(width, lattice.stride, lattice.right, lattice.wrap)
    ]
    windows = []
    for top, left in places:
        rows = (torch.arange(7) + top) % height
        columns = (torch.arange(7) + left) % width
        windows.append((rows[:, None], columns[None]))
    rows = FILTERS.flatten(1)
    projected = rows @ torch.stack([picture[:, r, c].flatten() for r, c in windows]).T
    targets = at_ranks(quantiles, len(windows))
    moves = targets.gather(1, projected.argsort(1).argsort(1)) - projected
    total, cover = torch.zeros_like(picture), torch.zeros(height, width)
    for (r, c), move in zip(windows, (rows.T @ moves).T, strict=True):
        total[:, r, c] += move.reshape(3, 7, 7)
        cover[r, c] += 1
    return total / cover.clamp(min=1) * PATCH_DIM / len(FILTERS)


@pytest.mark.parametrize("wrap", [True, False])
@pytest.mark.parametrize(("stride", "down", "right"), [(1, 0, 0), (2, 0, 0), (2, 1, 0), (2, 1, 1)])
def test_displacement_is_what_patches_ask_for(
    stride: int, down: int, right: int, wrap: bool
) -> None:
    generator = torch.Generator().manual_seed(4)
    pictures = torch.randn(2, 3, 13, 12, generator=generator)
    quantiles = torch.randn(2, 64, 32, generator=generator).sort(-1).values
    lattice = Lattice(stride, down, right, wrap)
    ours = displacement(pictures, FILTERS, quantiles, lattice)
    for k in range(2):
        expected = by_hand(pictures[k], quantiles[k], lattice)
        torch.testing.assert_close(ours[k], expected, atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("wrap", [True, False])
def test_a_picture_with_its_own_quantiles_stays(wrap: bool) -> None:
    picture = painting(24, 28)[None]
    padded = F.pad(picture, (0, 6, 0, 6), mode="circular") if wrap else picture
    own = F.conv2d(padded, FILTERS).flatten(2).sort(-1).values
    moved = displacement(picture, FILTERS, own, Lattice(wrap=wrap))
    assert moved.abs().max().item() < 1e-5


def test_displacement_goes_towards_the_quantiles() -> None:
    picture, target = torch.zeros(1, 3, 20, 20), painting(20, 20)[None]
    quantiles = F.conv2d(target, FILTERS).flatten(2).sort(-1).values

    def distance(pixels: torch.Tensor) -> float:
        own = F.conv2d(pixels, FILTERS).flatten(2).sort(-1).values
        return (own - quantiles).abs().mean().item()

    picture = picture + 0.01 * torch.randn(
        picture.shape, generator=torch.Generator().manual_seed(0)
    )
    distances = [distance(picture)]
    for _ in range(3):
        picture = picture + 0.5 * displacement(picture, FILTERS, quantiles, Lattice())
        distances.append(distance(picture))
    assert distances == sorted(distances, reverse=True)


@pytest.mark.parametrize("roll", [(1, 0), (5, 3), (11, 17)])
def test_rolling_a_tiling_picture_rolls_its_displacement(roll: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(9)
    picture = torch.randn(1, 3, 16, 18, generator=generator)
    quantiles = torch.randn(1, 64, 32, generator=generator).sort(-1).values
    lattice = Lattice(wrap=True)
    rolled = displacement(picture.roll(roll, (2, 3)), FILTERS, quantiles, lattice)
    expected = displacement(picture, FILTERS, quantiles, lattice).roll(roll, (2, 3))
    torch.testing.assert_close(rolled, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("stride", "wrap"), [(1, False), (1, True), (2, False), (2, True)])
def test_only_what_touches_the_free_part_is_ranked_and_moved(stride: int, wrap: bool) -> None:
    """As if the other patches were not there: their values do not count."""
    generator = torch.Generator().manual_seed(4)
    picture = torch.randn(1, 3, 30, 28, generator=generator)
    quantiles = torch.randn(1, 64, 32, generator=generator).sort(-1).values
    free = torch.zeros(30, 28)
    free[12:15, 10:12] = 1
    other = torch.where(torch.arange(28) < 19, picture, 9.0)
    other[..., :3] = 9.0
    lattice = Lattice(stride, wrap=wrap)
    moves = [displacement(p, FILTERS, quantiles, lattice, free) for p in (picture, other)]
    torch.testing.assert_close(moves[0], moves[1])
    assert moves[0][..., 12:15, 10:12].abs().min() > 0
    assert moves[0][..., 22:, :].abs().max() == 0
    nothing = displacement(picture, FILTERS, quantiles, lattice, torch.zeros(30, 28))
    assert nothing.abs().max() == 0
    every = displacement(picture, FILTERS, quantiles, lattice, torch.ones(30, 28))
    torch.testing.assert_close(every, displacement(picture, FILTERS, quantiles, lattice))


def test_the_filters_in_parts_move_as_they_do_together() -> None:
    picture = painting(20, 24)[None]
    quantiles = torch.randn(1, 64, 32, generator=torch.Generator().manual_seed(0)).sort(-1).values
    whole = displacement(picture, FILTERS, quantiles, Lattice())
    cut = displacement(picture, FILTERS, quantiles, Lattice(), parts=8)
    torch.testing.assert_close(cut, whole, atol=1e-4, rtol=1e-4)
