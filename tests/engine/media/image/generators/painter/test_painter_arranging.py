"""What compositions begin with: pieces of a reference, on canvases of few pixels."""

import pytest
import torch

from engine.media.image.generators.painter.arranging import (
    LEAST_ZOOM,
    Arrangement,
    Seen,
    arranged,
    draws_of,
)
from engine.media.image.generators.painter.features import shipped_features
from engine.media.image.generators.painter.salience import Figure, figure_in, salience_of
from tests.engine.handmade import painting

SIZE = (24, 36)
SIDE = 0.36
GREYS = torch.linspace(-1, 1, 48)[None, :, None].expand(3, 48, 72).contiguous()


def seen(pixels: torch.Tensor, salience: torch.Tensor | None = None) -> Seen:
    salience = torch.zeros(8, 12) if salience is None else salience
    return Seen(pixels, salience, figure_in(salience))


def laid_out(
    reference: Seen, seeds: range, invention: float = 0.4, side: float = SIDE
) -> list[Arrangement]:
    return [arranged(reference, SIZE, draws, invention, side) for draws in draws_of(seeds)]


def with_figure(first_column: int = 4) -> Seen:
    """Something red on green, that stands out."""
    pixels = torch.full((3, 48, 72), -1.0)
    pixels[1] = 0.2
    salience = torch.zeros(8, 12)
    salience[2:7, first_column : first_column + 4] = 1
    pixels[:, 12:42, 6 * first_column : 6 * first_column + 24] = torch.tensor([1.0, -1, -1])[
        :, None, None
    ]
    return seen(pixels, salience)


@pytest.mark.parametrize("shape", [(48, 72), (72, 48), (30, 200), (24, 36), (9, 9)])
@pytest.mark.parametrize("invention", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("column", [None, 4])
def test_a_layout_has_its_size_whatever_the_reference(
    shape: tuple[int, int], invention: float, column: int | None
) -> None:
    reference = painting(*shape)
    salience = None if column is None else with_figure(column).salience
    for layout in laid_out(seen(reference, salience), range(8), invention):
        assert layout.picture.shape == (3, *SIZE)
        assert layout.picture.abs().max() <= 1
        for plane in (layout.heights, layout.stands_out):
            assert plane.shape == SIZE
            assert 0 <= plane.min() <= plane.max() <= 1
        assert layout.moved.shape == (2, *SIZE)


def test_nothing_is_moved_where_nothing_is_invented() -> None:
    one, other = laid_out(seen(painting(48, 72)), range(2), 0.0)
    assert torch.equal(one.picture, other.picture)
    assert one.zoom == 1
    assert not one.moved.any()


def test_what_was_level_stays_level() -> None:
    """A reference that only changes from top to bottom: every row of a layout is of one grey, that
    of the height that it is said to be of."""
    for layout in laid_out(seen(GREYS), range(12)):
        assert layout.picture.std(2).max() < 0.01
        assert torch.allclose(layout.picture[0], 2 * layout.heights - 1, atol=0.06)


def test_layouts_differ() -> None:
    layouts = torch.stack([each.picture for each in laid_out(seen(painting(48, 72)), range(8))])
    assert torch.cdist(layouts.flatten(1), layouts.flatten(1)).triu(1).count_nonzero() == 28


def test_places_are_said_to_be_where_they_were() -> None:
    """A reference of which every pixel tells its row and column."""
    rows, columns = torch.meshgrid(
        torch.linspace(-1, 1, 24), torch.linspace(-1, 1, 36), indexing="ij"
    )
    for layout in laid_out(seen(torch.stack([rows, columns, 0 * rows])), range(6)):
        there = [24 * layout.zoom - 1, 36 * layout.zoom - 1]
        told = torch.stack([rows, columns]) * 0
        for axis, length in ((0, 24), (1, 36)):
            shape = (-1, 1) if axis == 0 else (1, -1)
            own = torch.arange(length).view(shape) + layout.moved[axis] * length
            told[axis] = 2 * own / there[axis] - 1
        assert (told - layout.picture[:2]).abs().mean() < 0.03


def test_pieces_seldom_cut_what_stands_out() -> None:
    """A bar that stands out, on a ground of noise: it is whole, or it is not there."""
    reference = torch.rand(3, 24, 48, generator=torch.Generator().manual_seed(0)) * 0.2
    reference[:, :, 21:29] = 1
    salience = torch.zeros(8, 48)
    salience[:, 20:30] = 0.45
    layouts = laid_out(seen(reference, salience), range(24))
    rows = ["".join(str(int(v)) for v in each.picture[0, 12].round()) for each in layouts]
    inner = [row.strip("1") for row in rows]  # the border may cut one
    assert sum(any(len(run) < 7 for run in row.split("0") if run) for row in inner) <= 2


@pytest.mark.parametrize("column", [0, 4, 8])
def test_a_figure_is_shown_whole_and_no_larger_than_may_be_recognised(column: int) -> None:
    reference = with_figure(column)
    for layout in laid_out(reference, range(8)):
        assert layout.in_figure is not None
        red = (layout.picture[0] > 0).float()
        assert (layout.in_figure >= red).all()
        assert 0.6 * SIDE < (red.sum() ** 0.5) / SIZE[0] < 1.2 * SIDE
        down, right = red.any(1).nonzero()[:, 0], red.any(0).nonzero()[:, 0]
        whole = (down[-1] - down[0] + 1) * (right[-1] - right[0] + 1)
        assert red.sum() > 0.9 * whole
        if column == 0:  # what the border cut stays at it
            assert right[0] == 0


def test_a_figure_that_would_be_too_small_stays_in_its_place() -> None:
    small = LEAST_ZOOM * 0.5
    assert with_figure().figure_zoom(small) is None
    assert all(each.in_figure is None for each in laid_out(with_figure(), range(3), side=small))


def test_a_figure_is_what_stands_out_most() -> None:
    salience = torch.zeros(20, 30)
    assert figure_in(salience) is None
    salience[6:15, 5:15] = 1
    salience[8:12, 20:23] = 1
    found = figure_in(salience)
    assert isinstance(found, Figure)
    assert found.rows == pytest.approx((0.3, 0.75))
    assert found.columns == pytest.approx((1 / 6, 0.5))
    assert found.is_free
    assert not found.mask[8:12, 20:23].any()
    salience[8:10] = 1  # from the left border to the right: the horizon
    assert figure_in(salience) is None


@pytest.mark.weights
def test_a_disc_on_grass_stands_out() -> None:
    generator = torch.Generator().manual_seed(0)
    picture = torch.rand(3, 96, 128, generator=generator) * 0.3 - 0.5
    rows, columns = torch.meshgrid(torch.arange(96), torch.arange(128), indexing="ij")
    disc = (rows - 56) ** 2 + (columns - 40) ** 2 < 24**2
    picture[0][disc] += 1.0
    salience = salience_of(picture, shipped_features(torch.device("cpu")))
    assert 0 <= salience.min() <= salience.max() <= 1
    figure = figure_in(salience)
    assert figure is not None
    assert figure.rows[0] < 56 / 96 < figure.rows[1]
    assert figure.columns[0] < 40 / 128 < figure.columns[1] < 0.7
