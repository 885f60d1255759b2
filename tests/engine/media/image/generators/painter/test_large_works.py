"""Works too large to be painted whole: tiles without seams, holes with what surrounds them, and
what is told where memory is short."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import torch
from PIL import Image

from engine.core.progress import Advance, finished, placed
from engine.core.style import Stamp, Style
from engine.media.image.codec.raster import to_picture
from engine.media.image.generators.painter import (
    INFO,
    bands,
    draw as painter_draw,
    generator,
    repaint as repaint_module,
    search,
    tiles,
)
from engine.media.image.generators.painter.adapt import adapt
from engine.media.image.generators.painter.draw import Painted, draw
from engine.media.image.generators.painter.from_content import RepaintPlan
from engine.media.image.generators.painter.hole import window_around
from engine.media.image.generators.painter.regions import Limit
from engine.media.image.generators.painter.scales import RepaintSettings
from engine.media.image.generators.painter.sources import Source
from engine.media.image.generators.painter.tiles import Tiling, tile_boxes
from engine.media.image.generators.transport.adapt import WeightedPicture
from engine.media.image.generators.transport.symmetry import fold
from engine.media.image.generators.transport.weights import shipped
from engine.protocol import GenerateRequest, PictureBrief, Symmetry, Use, WorksResult
from engine.service import Service
from tests.engine.handmade import FEW_STEPS, as_picture, last, painting

pytestmark = pytest.mark.weights

CPU = torch.device("cpu")
SMALL = Tiling(whole=64, tile=40, margin=12)
BRIEF = PictureBrief(count=1, seed=3, width_px=80, height_px=56)  # two by two tiles


@pytest.fixture(scope="module")
def style() -> dict[str, torch.Tensor]:
    pictures = [WeightedPicture(painting(72, 80, phase=k)) for k in (0, 2)]
    return finished(adapt(pictures, 0, CPU, shipped(CPU)))


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if memory lasted for 64 px."""
    monkeypatch.setattr(tiles, "USUAL", SMALL)
    monkeypatch.setattr(tiles, "SCARCE", Tiling(40, 24, 8))
    usual = tiles.is_large
    large: Any = lambda size, tiling=SMALL: usual(size, tiling)  # noqa: E731
    monkeypatch.setattr(tiles, "is_large", large)
    monkeypatch.setattr(generator, "is_large", large)


@pytest.fixture
def content(tmp_path: Path) -> str:
    path = tmp_path / "content.png"
    as_picture(painting(28, 40, phase=1)).save(path)
    return str(path)


def painted(style: dict[str, torch.Tensor], brief: PictureBrief) -> Painted:
    return finished(draw(style, brief, shipped(CPU), CPU, FEW_STEPS))


# ---- tiles -------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [False, True])
def test_tiles_cover_the_canvas_with_margins(wrap: bool) -> None:
    size = 80, 112
    covered, kept = torch.zeros(size), torch.zeros(size)
    for box in tile_boxes(size, SMALL, wrap):
        assert max(box.size) <= SMALL.tile + 2 * SMALL.margin
        box.put(covered, torch.ones(box.size), torch.ones(box.size, dtype=torch.bool))
        box.put(kept, torch.ones(box.size), box.kept)
    assert covered.all()
    assert kept.all()


@pytest.mark.parametrize("use", [Use.COMPOSE, Use.RESTYLE, Use.VARY, Use.ENLARGE, Use.EXTEND])
def test_every_use_paints_large_works(
    style: dict[str, torch.Tensor], content: str, use: Use
) -> None:
    brief = replace(BRIEF, use=use, content="" if use is Use.COMPOSE else content)
    result = painted(style, brief)
    assert result.pictures.shape == (1, 3, 56, 80)
    assert result.pictures.isfinite().all()
    assert sum(result.taken[0].shares) == pytest.approx(1, abs=1e-5)
    assert 0 < result.taken[0].largest <= 1
    assert torch.equal(result.pictures, painted(style, brief).pictures), "the same for a seed"


def test_no_seam_is_seen_where_tiles_meet(style: dict[str, torch.Tensor], content: str) -> None:
    """Steps across the borders of tiles are no larger than those elsewhere."""
    brief = replace(BRIEF, use=Use.ENLARGE, content=content, width_px=112, height_px=80)
    work = painted(style, brief).pictures[0]
    steps = (work[:, :, 1:] - work[:, :, :-1]).abs().mean((0, 1))
    count = -(-112 // SMALL.tile)
    borders = [round(112 * n / count) for n in range(1, count)]
    near = torch.stack([steps[b - 6 : b + 6].max() for b in borders]).max()
    assert near <= 1.5 * steps.quantile(0.95)


def test_an_enlargement_looks_like_its_original_from_further_away(
    style: dict[str, torch.Tensor], content: str
) -> None:
    work = painted(style, replace(BRIEF, use=Use.ENLARGE, content=content)).pictures[0]
    small = to_picture(work).resize((40, 28), Image.Resampling.BOX)
    gap = torch.tensor(list(small.tobytes())).float() - torch.tensor(
        list(Image.open(content).tobytes())
    )
    assert gap.abs().mean() < 10  # of 255


def test_large_tiles_meet_at_their_borders(style: dict[str, torch.Tensor]) -> None:
    work = painted(style, replace(BRIEF, tile=True, width_px=80, height_px=80)).pictures[0]
    inside = (work[:, 1:] - work[:, :-1]).abs().mean()
    assert (work[:, 0] - work[:, -1]).abs().mean() < 2.5 * inside


@pytest.mark.parametrize("symmetry", [Symmetry.MIRROR, Symmetry.TURN])
def test_large_symmetric_works_are_exactly_so(
    style: dict[str, torch.Tensor], symmetry: Symmetry
) -> None:
    work = painted(style, replace(BRIEF, symmetry=symmetry)).pictures
    assert torch.equal(work, fold(work, symmetry))


def test_progress_rises_to_its_end_and_what_is_shown_is_small(
    style: dict[str, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "_SEEN_PX", 48)
    told: list[Advance] = []
    slices = draw(style, BRIEF, shipped(CPU), CPU, FEW_STEPS)
    finished(placed(slices, lambda part: (told.append(part), part)[1]))
    shares = [part.done / part.total for part in told]
    gained = [later - one for one, later in pairwise(shares)]
    assert min(gained) > -1e-9
    assert max(gained) < 0.35
    assert shares[-1] == pytest.approx(1)
    seen = [part.pictures for part in told if part.pictures is not None]
    assert max(seen[-1].shape[2:]) <= 48


def test_a_job_that_is_stopped_among_its_tiles_ends(style: dict[str, torch.Tensor]) -> None:
    slices = draw(style, BRIEF, shipped(CPU), CPU, FEW_STEPS)
    part = next(part for part in slices if part.done > 0.6 * part.total)
    assert part.done < part.total
    slices.close()


def test_a_step_without_slices_is_waited_for() -> None:
    ready = Event()
    waiting = bands.waited(lambda: ready.wait(60))
    assert isinstance(next(waiting), Advance)
    ready.set()
    assert finished(waiting) is True
    with pytest.raises(MemoryError):
        finished(bands.waited(lambda: (_ for _ in ()).throw(MemoryError())))


def test_a_job_that_is_stopped_leaves_the_bands_that_have_not_begun() -> None:
    """The threads are free for the next job as soon as what they are at has ended."""
    go_on, begun = Event(), []

    def act(first: int, last: int) -> None:
        begun.append(first)
        go_on.wait(60)

    workers = bands._pool()._max_workers
    slices = bands.over_bands(bands.BAND_ROWS * (workers + 3), 8, act)
    next(slices)  # though no band has ended
    slices.close()
    go_on.set()
    finished(bands.waited(lambda: None))
    assert len(begun) <= workers


# ---- holes -------------------------------------------------------------------------------------


def test_a_hole_in_a_large_picture_is_filled_with_what_surrounds_it(
    style: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of the mask every bit stays; only the surroundings are looked at."""
    monkeypatch.setattr("engine.media.image.generators.painter.hole.LEAST_PX", 12)
    as_picture(painting(80, 112, phase=1)).save(tmp_path / "large.png")
    mask = Image.new("L", (112, 80), 0)
    mask.paste(255, (20, 30, 34, 44))
    mask.save(tmp_path / "mask.png")
    given = {"content": str(tmp_path / "large.png"), "mask": str(tmp_path / "mask.png")}
    brief = replace(BRIEF, use=Use.FILL, width_px=112, height_px=80, **given)
    calls = []
    usual = painter_draw.repaint
    monkeypatch.setattr(
        painter_draw, "repaint", lambda *told: (calls.append(told[1]), usual(*told))[1]
    )
    result = painted(style, brief)
    assert calls == [(42, 42)]
    work, before = to_picture(result.pictures[0]), Image.open(tmp_path / "large.png")
    for box in ((0, 0, 112, 30), (0, 44, 112, 80), (0, 0, 20, 80), (34, 0, 112, 80)):
        assert work.crop(box).tobytes() == before.crop(box).tobytes()
    assert work.crop((22, 32, 32, 42)).tobytes() != before.crop((22, 32, 32, 42)).tobytes()
    places = result.taken[0].places
    assert places.shape == (40, 56, 3)
    assert (places[:, 30:] == -1).all()


def test_a_hole_that_is_most_of_the_picture_has_no_window() -> None:
    free = torch.zeros(400, 600)
    free[100:300, 100:500] = 1
    assert window_around(free) is None


# ---- jobs --------------------------------------------------------------------------------------


def test_large_works_are_painted_and_written_one_by_one(
    style: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    usual = generator.draw
    monkeypatch.setattr(
        generator, "draw", lambda *told: (counts.append(told[1].count), usual(*told))[1]
    )
    result = _made(style, tmp_path, replace(BRIEF, count=2))
    assert counts == [1, 1]
    assert [work.seed for work in result.works] == [3, 4]
    assert not any(work.in_parts for work in result.works)


def test_short_memory_means_small_tiles_and_is_told(
    style: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = tiles.repaint

    def short(layouts: Any, size: tuple[int, int], *told: Any) -> Any:
        if max(size) > 40:
            raise MemoryError
        return usual(layouts, size, *told)

    monkeypatch.setattr(tiles, "repaint", short)
    result = _made(style, tmp_path, BRIEF)
    (work,) = result.works
    assert work.in_parts
    assert '"drawn_in_parts": true' in Path(work.sidecar).read_text("utf-8")
    with Image.open(work.path) as picture:
        assert picture.size == (80, 56)


def _made(style: dict[str, torch.Tensor], folder: Path, brief: PictureBrief) -> WorksResult:
    path = folder / "s.style"
    Style("image", style, (), generator=Stamp(INFO.id, INFO.version)).save(path)
    job = GenerateRequest(job_id="g", style=str(path), out_dir=str(folder / "out"), brief=brief)
    result = last(Service(CPU).run(job))
    assert isinstance(result, WorksResult), result
    return result


# ---- how often a large work may be stopped -----------------------------------------------------


def test_between_two_checks_of_cancellation_little_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a work in tiles: kernels look at few patches until the next check, whatever the size of
    the work, and no step that is one piece runs where the checks are made."""
    monkeypatch.setattr(bands, "PATCHES_A_SLICE", 600)
    done, most, here = 0, 0, threading.get_ident()

    def banded(rows: int, columns: int, act: Any) -> Iterator[None]:
        nonlocal done

        def counted(first: int, last: int) -> None:
            nonlocal done
            done += (last - first) * columns
            act(first, last)

        yield from usual(rows, columns, counted)

    usual = bands.over_bands
    for module in (search, repaint_module):
        monkeypatch.setattr(module, "over_bands", banded)
    elsewhere: set[str] = set()
    of_scales = ("scale_at", "atlas_at", "carry", "gradients", "joined", "_hold", "taken")
    for module, name in (
        *((repaint_module, name) for name in of_scales),
        *((search, name) for name in ("excess", "part")),
        (tiles, "_begun"),
    ):
        monkeypatch.setattr(module, name, _never_here(getattr(module, name), name, here, elsewhere))
    picture = painting(88, 120)
    plan = RepaintPlan(
        [picture],
        [Source(picture)],
        torch.ones(1, 1),
        RepaintSettings(40.0, limit=Limit(0.3, 0.2, 0.1)),
    )
    for _ in tiles.repaint_in_tiles(plan, (88, 120), [1], SMALL):
        most, done = max(most, done), 0
    workers = bands._pool()._max_workers
    assert 0 < most <= max(600, workers * bands.BAND_ROWS * 80) + bands.BAND_ROWS * 80
    assert elsewhere == {*of_scales, "excess", "part", "_begun"}


def _never_here(act: Any, name: str, here: int, elsewhere: set[str]) -> Any:
    def watched(*given: Any, **named: Any) -> Any:
        assert threading.get_ident() != here, name
        elsewhere.add(name)
        return act(*given, **named)

    return watched
