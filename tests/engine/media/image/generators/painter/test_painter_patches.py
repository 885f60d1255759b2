"""PatchMatch, votes, blending and regions: what each promises, on small canvases."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from engine.media.image.generators.painter import bands
from engine.media.image.generators.painter.blending import blended, gradients
from engine.media.image.generators.painter.nearest import PATCH_PX, Search, measure, part, sweep
from engine.media.image.generators.painter.regions import (
    NO_BAN,
    Limit,
    ban,
    edges_of,
    excess,
    grown_bans,
    no_bans,
    regions_of,
    taken,
)
from engine.media.image.generators.painter.scales import RepaintSettings, Work, scale_at
from engine.media.image.generators.painter.search import search_of
from engine.media.image.generators.painter.sources import Source, atlas_at, rows_of
from engine.media.image.generators.painter.voting import Votes, centred_window, vote


def texture(height: int, width: int, seed: int = 0) -> torch.Tensor:
    """Every patch is another one."""
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def found(
    canvas: torch.Tensor,
    source: Source,
    bans: np.ndarray | None = None,
    reach: int = 0,
    sweeps: int = 8,
) -> tuple[np.ndarray, np.ndarray]:
    """The field and its costs after some sweeps."""
    atlas = atlas_at([source], source.scale_px, None)
    shape = (canvas.shape[1] - PATCH_PX + 1, canvas.shape[2] - PATCH_PX + 1)
    active = np.ones(shape, np.uint8)
    bans = no_bans(shape) if bans is None else bans
    bias = np.ones(1, np.float32)
    search = Search(
        rows_of(canvas), atlas.keys, 3, active, active, atlas.valid, atlas.places, bias, bans, reach
    )
    rng = np.random.default_rng(1)
    field = atlas.places[rng.integers(0, len(atlas.places), shape)].copy()
    cost = np.zeros(shape, np.float32)
    list(bands.over_bands(*shape, lambda a, b: measure(search, field, cost, 3, a, b)))
    for turn in range(sweeps):
        before = field.copy()

        def act(a: int, b: int, turn: int = turn, before: np.ndarray = before) -> None:
            sweep(search, before, field, cost, 3, turn, 32, a, b)

        list(bands.over_bands(*shape, act))
    return field, cost


def test_a_piece_of_the_source_is_found_whole() -> None:
    source = texture(60, 70)
    field, cost = found(source[:, 11:51, 9:59], Source(source))
    exact = np.isclose(cost, 0, atol=1e-4)
    assert exact.mean() > 0.95
    rows, columns = np.mgrid[: field.shape[0], : field.shape[1]]
    assert (field[..., 1] - rows)[exact].tolist() == [11] * int(exact.sum())
    assert (field[..., 2] - columns)[exact].tolist() == [9] * int(exact.sum())


@pytest.mark.parametrize("threads", [1, 5])
def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    canvas, source = texture(80, 40, 1), Source(texture(50, 50, 2))
    usual, _ = found(canvas, source, sweeps=3)
    with ThreadPoolExecutor(threads) as pool:
        monkeypatch.setattr(bands, "_pool", lambda: pool)
        other, _ = found(canvas, source, sweeps=3)
    assert np.array_equal(usual, other)


def test_what_is_not_usable_is_never_taken() -> None:
    source = texture(60, 60)
    usable = torch.ones(60, 60)
    usable[20:40, 20:40] = 0
    field, _ = found(source[:, 15:45, 15:45], Source(source, usable))
    down, right = field[..., 1], field[..., 2]
    touches = (down > 20 - PATCH_PX) & (down < 40) & (right > 20 - PATCH_PX) & (right < 40)
    assert not touches.any()


def test_what_is_banned_is_not_taken() -> None:
    source = texture(60, 60)
    canvas = source[:, 10:40, 10:40]
    bans = no_bans((24, 24))
    bans[..., 0, :] = (0, 10, 10)
    field, _ = found(canvas, Source(source), bans, reach=4)
    rows, columns = np.mgrid[:24, :24]
    near = (abs(field[..., 1] - rows - 10) <= 4) & (abs(field[..., 2] - columns - 10) <= 4)
    assert not near.any()


def test_votes_by_mode_keep_what_most_say() -> None:
    """Six of ten patches say white: the mode is white, the mean is grey."""
    shape = (20, 20)
    values = np.stack([np.full((7, 21), 1.0), np.full((7, 21), -1.0)]).astype(np.float32)
    field = np.zeros((*shape, 3), np.int32)
    field[:, ::5, 0] = 1
    field[:, 1::5, 0] = 1
    window = centred_window()
    results = {}
    for rounds in (0, 3):
        canvas = np.zeros((26, 78), np.float32)
        votes = Votes(values, 3, field, np.ones(shape, np.float32), window, False, 0.35, rounds)
        vote(votes, canvas, 0, 26)
        results[rounds] = canvas.reshape(26, 26, 3)[8:18, 8:18]
    assert results[0].max() < 0.6
    assert results[3].mean() > results[0].mean() + 0.3


def test_no_vote_keeps_a_pixel() -> None:
    values = np.ones((1, 7, 21), np.float32)
    field, weights = np.zeros((4, 4, 3), np.int32), np.zeros((4, 4), np.float32)
    weights[0, 0] = 1
    canvas = np.full((10, 30), 0.25, np.float32)
    vote(Votes(values, 3, field, weights, centred_window(), False, 0.35, 2), canvas, 0, 10)
    pixels = canvas.reshape(10, 10, 3)
    assert (pixels[:7, :7] == 1).all()
    assert (pixels[7:] == 0.25).all()


@pytest.mark.parametrize("wrap", [False, True])
def test_blending_leaves_what_has_no_seams(wrap: bool) -> None:
    picture = texture(24, 30).permute(1, 2, 0).numpy()
    steps = gradients(picture.reshape(24, -1), 3).reshape(24, 30, 6)
    if wrap:
        steps[:, -1, :3] = picture[:, 0] - picture[:, -1]
        steps[-1, :, 3:] = picture[0] - picture[-1]
    assert np.abs(blended(picture, steps, 0.2, wrap) - picture).max() < 1e-4


def test_blending_dissolves_a_seam() -> None:
    """Two flat halves of which no vote knows the step between them."""
    colours = np.zeros((16, 40, 3), np.float32)
    colours[:, 20:] = 1
    smooth = blended(colours, np.zeros((16, 40, 6), np.float32), 0.05, False)
    assert np.abs(np.diff(smooth, axis=1)).max() < 0.2
    assert smooth[:, 0].mean() < 0.05
    assert smooth[:, -1].mean() > 0.95


def moved(shape: tuple[int, int], down: int, right: int) -> np.ndarray:
    """A field that takes everything from one place."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.stack([np.zeros(shape), rows + down, columns + right], -1).astype(np.int32)


def test_regions_are_of_one_displacement() -> None:
    field, active = moved((10, 12), 3, 4), np.ones((10, 12), np.uint8)
    field[:, 6:, 2] += 20
    active[0] = 0
    labels = regions_of(field, active, False)
    assert (labels[0] == -1).all()
    assert len(np.unique(labels[1:])) == 2


@pytest.mark.parametrize(("wrap", "share"), [(False, 7), (True, 12)])
def test_a_region_goes_on_across_the_borders_of_a_tile(wrap: bool, share: int) -> None:
    """All of one place, which the border parts after the seventh column."""
    field, active = moved((10, 12), 3, 4), np.ones((10, 12), np.uint8)
    field = np.roll(field, 7, 1)
    counts = np.unique(regions_of(field, active, wrap), return_counts=True)[1]
    assert counts.max() == 10 * share


def over_the_limit(field: np.ndarray, limit: Limit, edges: np.ndarray | None = None) -> np.ndarray:
    """Of a work of 20 × 20 patches."""
    shape = field.shape[:2]
    edges = np.zeros(shape) if edges is None else edges
    side = shape[0] + PATCH_PX - 1
    return excess(field, np.ones(shape, np.uint8), edges, limit, side, np.random.default_rng(0))


def test_what_exceeds_the_limit_is_banned() -> None:
    field, bans = moved((20, 20), 3, 4), no_bans((20, 20))
    over = over_the_limit(field, Limit(14 / 26))
    assert over.sum() == 400 - 64
    ban(bans, field, over, 1)
    banned = bans[..., 1, 0] != NO_BAN
    assert (banned == over).all()
    assert (bans[..., 1, 1:][banned] == (3, 4)).all()
    assert (bans[..., 0, 0] == NO_BAN).all()
    grown = grown_bans(bans, (40, 40), 2.0)
    assert (grown[..., 1, 1:][grown[..., 1, 0] != NO_BAN] == (6, 8)).all()


def test_what_stays_of_a_region_ends_at_a_contour() -> None:
    """A square of 8 × 8 with a contour around it, in the middle of what is even."""
    edges = np.zeros((20, 20))
    edges[5:15, 5:15], edges[6:14, 6:14] = 5.0, 0.0
    over = over_the_limit(moved((20, 20), 3, 4), Limit(14 / 26), edges)
    inside = (~over)[6:14, 6:14].mean()
    assert inside == 1 or inside == 0  # whole, or none of it


def test_large_regions_share_what_may_be_recognised() -> None:
    """Two halves, each within the side of a region: only one may stay whole."""
    field = moved((20, 20), 0, 0)
    field[:, 10:, 2] += 40
    stays = ~over_the_limit(field, Limit(1.0, known=10 / 26, share=0.5))
    counts = sorted([stays[:, :10].sum(), stays[:, 10:].sum()])
    assert counts == [16, 200]


def test_what_was_taken_is_told() -> None:
    field, active = moved((20, 30), 0, 0), np.ones((20, 30), np.uint8)
    field[:, 20:, 0] = 1
    told = taken(field, active, np.array([[30, 40], [30, 40]]))
    assert told.shares == pytest.approx((2 / 3, 1 / 3))
    assert told.largest == pytest.approx((400**0.5 + 6) / 26)
    assert set(np.unique(told.places[..., 0])) == {0, 1}


def test_what_is_still_over_the_limit_is_taken_to_pieces() -> None:
    """A work that is its reference, and no search for anything else: nothing of it stays whole that
    is larger than the limit."""
    canvas = texture(48, 60)
    source, size, limit = Source(canvas), (48, 60), Limit(0.4, known=0.4, share=0.1)
    field = moved((42, 54), 0, 0)
    settings = RepaintSettings(48.0, limit=limit)
    scale = scale_at([source.scale_px], 0, size, settings, None)
    work = Work(canvas, canvas, 1, np.ones(1, np.float32), field=field, bans=no_bans(scale.shape))
    atlas = atlas_at([source], source.scale_px, None)
    found_there = search_of(work, atlas, scale, settings)
    shut = found_there._replace(sought=np.zeros_like(scale.active))
    cost = np.zeros(scale.shape, np.float32)
    over = excess(field, scale.active, edges_of(canvas)[:42, :54], limit, 48, rng())
    assert over.mean() > 0.5
    part(shut, field, cost, over, 1)
    assert not excess(field, scale.active, edges_of(canvas)[:42, :54], limit, 48, rng()).any()
    kept = taken(field, scale.active, atlas.sizes)
    assert kept.largest <= 0.4 + 1e-6
    assert (field[..., 1:] <= np.array([41, 53])).all()
    assert (field[~over] == moved((42, 54), 0, 0)[~over]).all()


def rng() -> np.random.Generator:
    return np.random.default_rng(0)
