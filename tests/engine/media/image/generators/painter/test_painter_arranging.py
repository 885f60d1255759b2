"""What compositions begin with: pieces of a reference, on canvases of few pixels."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import find_objects, label

from engine.media.image.generators.painter.arranging import (
    LEAST_ZOOM,
    Arrangement,
    Seen,
    arranged,
    joined,
)
from engine.media.image.generators.painter.features import shipped_features
from engine.media.image.generators.painter.frames import unframed
from engine.media.image.generators.painter.horizon import horizon_of, with_horizon
from engine.media.image.generators.painter.margins import WIDE, Margins, with_margins
from engine.media.image.generators.painter.outlining import outlined
from engine.media.image.generators.painter.repeating import repeated
from engine.media.image.generators.painter.salience import (
    Figure,
    drawn_on_plain,
    figure_in,
    salience_of,
)
from engine.media.image.generators.painter.schemes import draws_of
from engine.media.image.generators.painter.sources import Source
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
    least = [int(7 * each.zoom) for each in layouts]
    runs = zip(inner, least, strict=True)
    assert sum(any(len(run) < n for run in row.split("0") if run) for row, n in runs) <= 2


def boxes(layout: Arrangement) -> list[tuple[int, int, int, int]]:
    """Of its figures: the first and last row and column."""
    found = []
    for number in range(1, len(layout.figures) + 1):
        own = layout.in_figure == number
        if own.any():
            down, right = (own.any(axis).nonzero()[:, 0] for axis in (1, 0))
            found.append((int(down[0]), int(down[-1]), int(right[0]), int(right[-1])))
    return found


@pytest.mark.parametrize("column", [0, 4, 8])
def test_figures_are_whole_and_together_no_larger_than_may_be_recognised(column: int) -> None:
    shown = 0
    for layout in laid_out(with_figure(column), range(16)):
        red = layout.picture[0] > 0
        if not layout.figures:  # what the border cut is not in every work
            assert column != 4
            assert not red.any()
            continue
        shown += 1
        assert (layout.in_figure[red] > 0).all()
        assert 0.5 * SIDE < (red.sum() ** 0.5) / SIZE[0] < 1.25 * SIDE
        whole = [(b - a + 1) * (d - c + 1) for a, b, c, d in boxes(layout)]
        assert whole
        assert (layout.in_figure > 0).sum() > 0.9 * sum(whole)
        if column == 0:  # what the border cut stays at it
            assert all(box[2] == 0 for box in boxes(layout))
    assert shown >= 10


@pytest.mark.parametrize("size", [(24, 36), (40, 17)])
def test_motifs_of_a_tile_are_whole_across_its_borders(size: tuple[int, int]) -> None:
    """Repeated side by side, each is the whole figure, and stands apart from all others."""
    crossing = 0
    for draws in draws_of(range(6)):
        tile = repeated(with_figure(), size, draws, 0.4, SIDE)
        around = tile.in_figure.repeat(3, 3)
        parts = np.zeros(around.shape, np.int32)
        label(around.numpy() > 0, output=parts)
        shapes: dict[int, set[tuple[object, ...]]] = {}
        for n, box in enumerate(find_objects(parts), start=1):
            if is_inside(box, around.shape):
                own = parts[box] == n
                number = int(around[box].max())
                shapes.setdefault(number, set()).add((own.shape, own.tobytes()))
        assert shapes
        assert all(len(alike) == 1 for alike in shapes.values())  # none is cut or covered
        red = tile.picture[0] > 0.5
        assert (red & (tile.in_figure > 0)).sum() > 0.5 * (tile.in_figure > 0).sum()
        edges = tile.in_figure
        crossing += bool(((edges[0] > 0) & (edges[-1] > 0)).any())
        crossing += bool(((edges[:, 0] > 0) & (edges[:, -1] > 0)).any())
    assert crossing


def is_inside(box: tuple[slice, ...], shape: torch.Size) -> bool:
    return all(part.start > 0 and part.stop < side for part, side in zip(box, shape, strict=True))


def test_the_ground_of_a_tile_has_no_bands() -> None:
    """Light above and dark below in the reference."""
    reference = with_figure()
    pixels = reference.pixels + torch.linspace(-0.5, 0.5, 48)[None, :, None]
    for draws in draws_of(range(4)):
        tile = repeated(replace(reference, pixels=pixels), SIZE, draws, 0.4, SIDE)
        ground = torch.where(tile.in_figure > 0, torch.nan, tile.picture[1])
        assert ground.nanmean(1).std() < 0.1
        assert (tile.picture[1, 0] - tile.picture[1, -1]).abs().mean() < 0.2


def test_figures_differ_in_number_place_and_size_from_seed_to_seed() -> None:
    layouts = laid_out(with_figure(), range(40, 48))
    found = [boxes(each) for each in layouts]
    assert len({len(each) for each in found}) >= 2
    firsts = torch.tensor([each[0] for each in found]).float()
    assert (firsts[:, 0] / SIZE[0]).std() > 0.08
    assert (firsts[:, 2] / SIZE[1]).std() > 0.12
    assert (firsts[:, 1] - firsts[:, 0]).unique().numel() >= 2


def test_the_horizon_moves_and_what_stands_on_it_keeps_its_height() -> None:
    """A tower on a horizon, in a scene without a figure."""
    pixels = torch.full((3, 48, 72), 0.5)
    pixels[:, 24:] = -0.5
    pixels[:, 16:26, 30:36] = 1.0
    salience = torch.zeros(48, 72)
    salience[14:27, 26:40] = 1.0
    scene = Seen(pixels, salience, None)
    strip = torch.cat([pixels, torch.zeros(1, 48, 72), salience[None], torch.zeros(2, 48, 72)])
    assert horizon_of(strip) == 24
    for target in (12, 24, 36):
        moved = with_horizon(strip, 24, 48, target)
        assert horizon_of(moved) == target
        assert (moved[0, :, 32] > 0.9).sum() == 10
    lines = [int((each.picture[0, :, 0] > 0).sum()) for each in laid_out(scene, range(8))]
    assert max(lines) - min(lines) > 0.4 * SIZE[0]


def test_consecutive_seeds_are_spread_evenly() -> None:
    """Of any eight seeds, each eighth of the heights has one."""
    for first in (0, 3, 1_000_003):
        heights = draws_of(range(first, first + 8))[:, 0]
        assert sorted((8 * heights).floor().int().tolist()) == list(range(8))


def test_a_figure_that_would_be_too_small_stays_in_its_place() -> None:
    small = LEAST_ZOOM * 0.5
    assert with_figure().figure_zoom(small) is None
    assert all(not each.figures for each in laid_out(with_figure(), range(3), side=small))


def test_what_is_drawn_on_a_plain_ground_is_one_object() -> None:
    """A ring and what hangs on it, beside a dot: all of it, and not what is inside the ring."""
    picture = torch.full((3, 80, 120), 0.9)
    rows, columns = torch.meshgrid(torch.arange(80), torch.arange(120), indexing="ij")
    far = (rows - 40) ** 2 + (columns - 50) ** 2
    picture[:, (far < 30**2) & (far > 20**2)] = -1
    picture[:, 38:42, 92:96] = -0.2
    found = drawn_on_plain(picture)
    assert found is not None
    assert found.on_plain
    assert found.is_free
    assert not found.is_cut
    assert found.columns == pytest.approx((20 / 120, 96 / 120), abs=0.02)
    inside = torch.nn.functional.interpolate(found.mask[None, None], (80, 120))[0, 0]
    assert inside[picture[0] < 0].all()
    assert inside[40, 50]
    layouts = laid_out(Seen(picture, torch.zeros(8, 12), found), range(8))
    assert len({len(each.figures) for each in layouts}) >= 3
    assert drawn_on_plain(painting(48, 72)) is None


def test_margins_are_added_where_nothing_is_cut_and_taken_off_again() -> None:
    """A bar on a plain ground that reaches the upper border, and is cut off at the lower one."""
    picture = torch.full((3, 100, 200), 0.9)
    picture[:, 0:40, 80:90] = -1
    picture[:, 40:, 40:160] = -1
    wide, margins = with_margins(Source(picture))
    assert margins == pytest.approx((WIDE, 0, WIDE, WIDE))
    assert wide.pixels.shape == (3, 115, 260)
    assert (wide.pixels[:, :15] == picture[0, 0, 0]).all()
    assert torch.equal(wide.pixels[:, 15:, 30:-30], picture)
    rows = np.array([0, round(255 * 15 / 115), round(255 * 65 / 115), 255])
    assert margins.without(rows, 0).tolist() == pytest.approx([0, 0, 127, 255], abs=2)
    assert with_margins(Source(painting(48, 72)))[1] == Margins()


def test_the_frame_of_a_scan_is_neither_shown_nor_taken() -> None:
    picture = painting(200, 300)
    assert unframed(Source(picture)).usable is None
    framed = picture.clone()
    framed[:, :2] = framed[:, :, :3] = -1.0
    found = unframed(Source(framed))
    assert found.usable is not None
    assert not found.usable[:2].any()
    assert not found.usable[:, :3].any()
    assert found.usable[4:, 5:].all()
    assert (found.pixels[:, :2, 150] - framed[:, 3:4, 150]).abs().max() < 0.2
    assert torch.equal(found.pixels[:, 4:, 5:], picture[:, 4:, 5:])


def test_the_outline_of_a_figure_is_that_of_its_colours() -> None:
    """A ring on a ground of two colours: known coarsely, with much of the ground around it."""
    rows, columns = torch.meshgrid(torch.arange(96), torch.arange(128), indexing="ij")
    far = (rows - 50) ** 2 + (columns - 60) ** 2
    own = (far < 26**2) & (far > 8**2)
    picture = torch.where(rows < 40, 0.3, -0.4).expand(3, 96, 128).clone()
    picture += torch.rand(3, 96, 128, generator=torch.Generator().manual_seed(0)) * 0.2
    picture[0][own], picture[2][own] = 0.9, -0.8
    salience = torch.zeros(16, 22)
    salience[3:14, 4:16] = 0.8
    coarse = figure_in(salience)
    assert coarse is not None
    found = outlined(coarse, salience, picture)
    assert found is not None
    mask = torch.nn.functional.interpolate(found.mask[None, None], (96, 128))[0, 0] > 0.5
    disc = far < 26**2  # holes are filled
    assert (mask & disc).sum() > 0.93 * (mask | disc).sum()
    assert found.rows == pytest.approx((24 / 96, 76 / 96), abs=0.03)
    assert found.side < coarse.side


def test_what_ends_as_wide_as_it_is_stands_at_the_lower_border() -> None:
    """A bust, and an animal on feet."""
    for level in (True, False):
        mask = torch.zeros(100, 60)
        mask[20:95, 15:45] = 1
        if not level:
            mask[70:95, 20:42] = 0
        figure = Figure((0.2, 0.95), (0.25, 0.75), 0.6, True, mask, mask)
        assert figure.ends_level == level
        assert not replace(figure, on_plain=True).ends_level


def test_a_join_cuts_nothing_that_stands_out() -> None:
    """A mast through all of the upper reference, and one on the sea of the lower."""
    upper, lower = (torch.zeros(48, 72) for _ in range(2))
    upper[4:44, 10:14] = 1
    lower[14:, 50:54] = 1
    greys = torch.linspace(0.5, 0, 48)[None, :, None].expand(3, 48, 72)
    both = [
        Seen(torch.where(stands > 0, -1.0, greys).contiguous(), stands, None)
        for stands in (upper, lower)
    ]
    whole = 0
    for draws in draws_of(range(6)):
        layouts = [arranged(each, SIZE, draws, 0.0, SIDE, 1.0) for each in both]
        work, is_lower = joined(layouts[0], layouts[1], draws)
        assert work.picture[:, :, 3:9].min() > -0.5
        mast = layouts[1].stands_out > 0.5
        assert len(is_lower[mast].unique()) == 1
        if is_lower[mast].any():
            whole += 1
            assert torch.equal(work.picture[:, mast], layouts[1].picture[:, mast])
    assert whole


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
