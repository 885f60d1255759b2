"""Works of the painter: what each use keeps, what limits and masks promise, and how styles hold
their references."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import find_objects, label

from engine.core.progress import Advance, finished, placed
from engine.lab.bench import image_patches
from engine.lab.bench.image_patches import copied_share, recognised_share, similarity
from engine.media.image.codec.raster import to_picture
from engine.media.image.generators.painter import draw as painter_draw, features, kept_pictures
from engine.media.image.generators.painter.adapt import adapt, blend
from engine.media.image.generators.painter.cutting import cut_out, more_frequent
from engine.media.image.generators.painter.draw import Painted, draw
from engine.media.image.generators.painter.layout import half_drop
from engine.media.image.generators.painter.regions import Limit
from engine.media.image.generators.painter.repaint import joined, repaint
from engine.media.image.generators.painter.scales import Hold, RepaintSettings, Scale, scales
from engine.media.image.generators.painter.sources import Source
from engine.media.image.generators.transport.adapt import WeightedPicture
from engine.media.image.generators.transport.symmetry import fold
from engine.media.image.generators.transport.weights import shipped
from engine.meta.errors import WrongCheckpointError
from engine.protocol import PictureBrief, Symmetry, Use
from tests.engine.handmade import FEW_STEPS, as_picture, painting

pytestmark = pytest.mark.weights

Tensors = dict[str, torch.Tensor]
CPU = torch.device("cpu")
BRIEF = PictureBrief(count=1, seed=3, width_px=64, height_px=48)
TINY = PictureBrief(count=1, seed=3, width_px=40, height_px=30)  # where works are only compared


@pytest.fixture(scope="module")
def style() -> Tensors:
    pictures = [WeightedPicture(painting(72, 80, phase=k)) for k in (0, 2)]
    return finished(adapt(pictures, 0, CPU, shipped(CPU)))


@pytest.fixture
def content(tmp_path: Path) -> str:
    path = tmp_path / "content.png"
    as_picture(painting(48, 64, phase=1)).save(path)
    return str(path)


def painted(style: Tensors, brief: PictureBrief) -> Painted:
    return finished(draw(style, brief, shipped(CPU), CPU, FEW_STEPS))


# ---- uses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "use", [Use.COMPOSE, Use.RESTYLE, Use.SKETCH, Use.VARY, Use.EXTEND, Use.ENLARGE]
)
def test_every_use_paints_a_whole_picture(style: Tensors, content: str, use: Use) -> None:
    size = {"width_px": 96, "height_px": 72} if use is Use.EXTEND else {}
    brief = replace(BRIEF, use=use, content="" if use is Use.COMPOSE else content, **size)
    result = painted(style, brief)
    assert result.pictures.shape == (1, 3, brief.height_px, brief.width_px)
    assert result.pictures.isfinite().all()
    assert result.pictures.abs().max() <= 1
    assert sum(result.taken[0].shares) == pytest.approx(1)


@pytest.mark.parametrize("use", [Use.COMPOSE, Use.RESTYLE, Use.SKETCH, Use.VARY])
def test_a_work_is_the_same_alone_and_in_a_batch(style: Tensors, content: str, use: Use) -> None:
    brief = replace(TINY, use=use, content="" if use is Use.COMPOSE else content)
    both = painted(style, replace(brief, count=2)).pictures
    alone = painted(style, replace(brief, seed=4)).pictures
    assert torch.equal(both[1], alone[0])
    assert not torch.equal(both[0], both[1])


def test_short_memory_paints_one_by_one(style: Tensors, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same works, and every slice tells of it."""
    brief = replace(TINY, count=2)
    together = painted(style, brief)
    usual = painter_draw.repaint

    def short(layouts: list[torch.Tensor], *told: Any) -> Any:
        if len(layouts) > 1:
            raise MemoryError
        return usual(layouts, *told)

    monkeypatch.setattr(painter_draw, "repaint", short)
    slices = draw(style, brief, shipped(CPU), CPU, FEW_STEPS)
    told: list[Advance] = []
    alone = finished(placed(slices, lambda part: (told.append(part), part)[1]))
    assert torch.equal(alone.pictures, together.pictures)
    assert len(alone.taken) == 2
    assert told[-1].in_parts
    monkeypatch.setattr(painter_draw, "repaint", lambda *_: short([torch.empty(0)] * 2))
    with pytest.raises(MemoryError):
        painted(style, TINY)


def test_outside_the_mask_nothing_changes(style: Tensors, content: str, tmp_path: Path) -> None:
    mask = Image.new("L", (64, 48), 0)
    mask.paste(255, (24, 16, 44, 34))
    mask.save(tmp_path / "mask.png")
    brief = replace(BRIEF, use=Use.FILL, content=content, mask=str(tmp_path / "mask.png"))
    result = to_picture(painted(style, brief).pictures[0])
    before = Image.open(content).convert("RGB")
    for box in ((0, 0, 64, 14), (0, 36, 64, 48), (0, 0, 22, 48), (46, 0, 64, 48)):
        assert result.crop(box).tobytes() == before.crop(box).tobytes()
    assert result.crop((26, 18, 42, 32)).tobytes() != before.crop((26, 18, 42, 32)).tobytes()


def test_a_region_has_alternatives(tmp_path: Path) -> None:
    """Much invention puts things of content and references into a hole, another for each seed, the
    same one alone and in a batch; nothing changes around it."""
    content = shapes(
        120, 160, (0.6, 0.6, 0.5), [(30, 30, (-0.9, -0.6, 0.2)), (90, 40, (0.9, 0, 0))]
    )
    others = [(30, 40, (-0.8, 0.5, -0.8)), (85, 45, (-1, -1, -1)), (80, 120, (0.3, -0.8, 0.9))]
    style = finished(
        adapt([WeightedPicture(shapes(120, 160, (0.7, 0.5, 0.4), others))], 0, CPU, shipped(CPU))
    )
    as_picture(content).save(tmp_path / "content.png")
    mask = Image.new("L", (160, 120), 0)
    mask.paste(255, (85, 25, 145, 85))
    mask.save(tmp_path / "mask.png")
    brief = replace(
        BRIEF, use=Use.FILL, content=str(tmp_path / "content.png"), mask=str(tmp_path / "mask.png"),
        width_px=160, height_px=120, invention=1.0, count=4,
    )  # fmt: skip
    works = painted(style, brief).pictures
    ground = content[:, :, :1].mean((1, 2))
    holes = works[:, :, 30:80, 90:140]
    for hole in holes:  # something clear stands in each
        unlike = (hole - ground[:, None, None]).abs().amax(0) > 0.5
        assert 0.03 < float(unlike.float().mean()) < 0.9
    for one, other in combinations(holes, 2):
        assert (one - other).abs().mean() > 0.05
    alone = painted(style, replace(brief, count=1, seed=brief.seed + 2)).pictures[0]
    assert torch.equal(alone, works[2])
    before = Image.open(tmp_path / "content.png").convert("RGB")
    around = to_picture(works[0])
    assert around.crop((0, 0, 84, 120)).tobytes() == before.crop((0, 0, 84, 120)).tobytes()


def shapes(
    height: int,
    width: int,
    ground: tuple[float, float, float],
    things: list[tuple[int, int, tuple[float, float, float]]],
) -> torch.Tensor:
    """(3, H, W): striped discs, each at (down, right) in a colour, on an even ground."""
    generator = torch.Generator().manual_seed(5)
    picture = torch.tensor(ground)[:, None, None] + 0.03 * torch.randn(
        3, height, width, generator=generator
    )
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    for down, right, colour in things:
        inside = (y - down) ** 2 + (x - right) ** 2 < 16**2
        stripes = torch.where((x // 4 + down) % 2 > 0, 1.0, 0.6)
        picture = torch.where(inside, torch.tensor(colour)[:, None, None] * stripes, picture)
    return picture.clamp(-1, 1)


@pytest.mark.parametrize("box", [(40, 20, 43, 23), (0, 0, 64, 47), (5, 20, 60, 22)])
def test_a_hole_of_any_shape_is_filled(
    style: Tensors, content: str, tmp_path: Path, box: tuple[int, int, int, int]
) -> None:
    mask = Image.new("L", (64, 48), 0)
    mask.paste(255, box)
    mask.save(tmp_path / "mask.png")
    brief = replace(BRIEF, use=Use.FILL, content=content, mask=str(tmp_path / "mask.png"))
    assert painted(style, replace(brief, invention=1.0)).pictures.isfinite().all()


def test_a_thing_is_cut_out_along_its_contour() -> None:
    piece = shapes(60, 60, (0.6, 0.6, 0.5), [(30, 30, (0.9, -0.5, -0.8))]).numpy()
    y, x = np.mgrid[:60, :60]
    true = (y - 30) ** 2 + (x - 30) ** 2 < 16**2
    core = (y - 30) ** 2 + (x - 30) ** 2 < 20**2
    never = np.ones((60, 60), bool)
    never[2:-2, 2:-2] = False
    likely = more_frequent(piece, core, ~core) - 0.5
    found, cost = cut_out(piece, likely, np.ones((60, 60)), never)
    assert (found != true).mean() < 0.02
    assert cost < 0.15


def test_past_the_middle_varying_moves_things_farther(style: Tensors, tmp_path: Path) -> None:
    """A picture whose colour says where it is."""
    path = tmp_path / "places.png"
    down, right = torch.linspace(-1, 1, 48)[:, None], torch.linspace(-1, 1, 64)
    own = torch.stack([down.expand(48, 64), right.expand(48, 64), torch.zeros(48, 64)])
    as_picture(own).save(path)
    brief = replace(BRIEF, use=Use.VARY, content=str(path))
    near, far = (
        (painted(style, replace(brief, strength=strength)).pictures[0] - own).abs().mean()
        for strength in (1.0, 2.0)
    )
    assert far > 1.25 * near


def test_a_hole_in_stripes_gets_its_stripes_back() -> None:
    row = torch.sin(torch.arange(72) * 2 * torch.pi / 8).expand(3, 60, 72).contiguous()
    free = torch.zeros(60, 72)
    free[22:40, 26:48] = 1
    start = torch.where(free > 0, torch.zeros(()), row)
    source = Source(row, 1 - free)
    slices = repaint([start], (60, 72), [source], None, [1], RepaintSettings(30.0), Hold(row, free))
    result = finished(slices)[0][0]
    assert (result - row)[:, free > 0].abs().mean() < 0.1
    assert torch.equal(result[:, free == 0], row[:, free == 0])


@pytest.mark.parametrize("symmetry", [Symmetry.MIRROR, Symmetry.TURN])
def test_symmetric_works_are_exactly_so(style: Tensors, symmetry: Symmetry) -> None:
    works = painted(style, replace(BRIEF, symmetry=symmetry)).pictures
    assert torch.equal(works, fold(works, symmetry))


def test_tiles_meet_at_their_borders(style: Tensors) -> None:
    work = painted(style, replace(BRIEF, tile=True)).pictures[0]
    inside = (work[:, 1:] - work[:, :-1]).abs().mean()
    across = (work[:, 0] - work[:, -1]).abs().mean()
    assert across < 2.5 * inside


def test_a_motif_is_painted_whole_across_the_borders_of_its_tile() -> None:
    """A disc on plain paper: there are discs in the repeat, and none is cut; so it is in a batch,
    of which the other work has more of them."""
    pixels = torch.full((3, 96, 96), 0.9)
    rows, columns = torch.meshgrid(torch.arange(96), torch.arange(96), indexing="ij")
    pixels[:, (rows - 50).square() + (columns - 46).square() < 26**2] = -0.8
    own = finished(adapt([WeightedPicture(pixels)], 0, CPU, shipped(CPU)))
    brief = PictureBrief(count=1, seed=1, width_px=96, height_px=96, tile=True)
    work = painted(own, brief).pictures[0]
    assert torch.equal(work, painted(own, replace(brief, count=2, seed=0)).pictures[1])
    dark = work.mean(0) < 0
    assert dark[:, 0].any() or dark[0].any()
    parts = np.zeros((288, 288), np.int32)
    label(dark.repeat(3, 3).numpy(), output=parts)
    boxes = enumerate(find_objects(parts), start=1)
    inner = [
        parts[box] == n
        for n, box in boxes
        if all(each.start > 0 and each.stop < 288 for each in box)
    ]
    assert inner
    for disc in inner:
        assert abs(disc.shape[0] - disc.shape[1]) <= 3
        assert 0.65 < disc.mean() < 0.9  # π / 4


def test_figures_of_several_references_are_the_same_alone_and_in_a_batch() -> None:
    """Discs of two colours: a figure is taken out of its ground whoever else is painted."""
    rows, columns = torch.meshgrid(torch.arange(96), torch.arange(80), indexing="ij")
    disc = (rows - 50).square() + (columns - 40).square() < 18**2
    pictures = [0.2 * painting(96, 80, phase=k) for k in (0, 2)]
    for pixels, colour in zip(pictures, ([0.9, -0.8, -0.8], [-0.8, -0.8, 0.9]), strict=True):
        pixels[:, disc] = torch.tensor(colour)[:, None]
    own = finished(adapt([WeightedPicture(each) for each in pictures], 0, CPU, shipped(CPU)))
    brief = PictureBrief(count=1, seed=0, width_px=80, height_px=96)
    together = painted(own, replace(brief, count=3)).pictures
    for i in range(3):
        assert torch.equal(together[i], painted(own, replace(brief, seed=i)).pictures[0]), i


@pytest.mark.parametrize(("step", "is_dissolved"), [(0.05, True), (-0.04, True), (0.6, False)])
def test_small_steps_at_the_edge_of_a_hole_are_dissolved(step: float, is_dissolved: bool) -> None:
    """A patch may be a little darker than what is beside it; what is another thing stays one."""
    size = (64, 96)
    free = torch.zeros(size)
    free[:, 40:] = 1
    before = np.zeros((64, 96 * 3), np.float32)
    voted, steps = before.copy(), np.zeros((64, 96 * 6), np.float32)
    voted[:, 40 * 3 :] = step
    active = np.ones((58, 90), np.uint8)
    scale = Scale(80.0, size, True, active, torch.zeros(3, *size), free, 0.5, 0.0)
    row = joined(voted, steps, before, scale, wrap=False).reshape(64, 96, 3)[32, :, 0]
    assert np.abs(row[:40]).max() < max(0.01, 0.06 * abs(step))
    assert abs(row[40 + 36] - step) < 0.35 * abs(step)
    if is_dissolved:
        assert np.abs(np.diff(row)).max() < 0.2 * abs(step)
    else:
        assert abs(row[40 + 8] - step) < 0.15 * abs(step)


def test_what_is_a_band_in_a_layout_stands_beside_a_gap_in_its_tile() -> None:
    band = torch.full((1, 3, 8, 5), -1.0)
    band[:, :, :4] = 1.0
    tile = half_drop(band)
    assert tile.shape == (1, 3, 8, 10)
    assert not tile.mean((1, 3)).any()


# ---- what may be recognised --------------------------------------------------------------------


def test_no_region_exceeds_the_limit() -> None:
    """The layout is the source itself: without a limit it would come back whole."""
    source = torch.rand(3, 96, 96, generator=torch.Generator().manual_seed(0)) * 2 - 1
    sides = {}
    for limit in (None, 0.3):
        settings = RepaintSettings(48.0, limit=None if limit is None else Limit(limit))
        slices = repaint([source], (96, 96), [Source(source)], None, [2], settings)
        sides[limit] = finished(slices)[1][0].largest
    assert sides[None] > 0.9
    assert sides[0.3] <= 0.36


def test_a_piece_at_most_so_large_may_be_recognised(style: Tensors) -> None:
    new, collage = (
        painted(style, replace(BRIEF, width_px=96, height_px=96, collage=c)).taken[0].largest
        for c in (0.0, 1.0)
    )
    assert new < 0.3
    assert new < collage


def test_transparent_places_are_never_taken() -> None:
    """Half of the reference is a red that is not opaque."""
    pixels = painting(64, 64)
    pixels[:, :, 32:] = torch.tensor([1.0, -1.0, -1.0])[:, None, None]
    opaque = torch.ones(64, 64)
    opaque[:, 32:] = 0
    kept = kept_pictures.kept([pixels], [1.0], [opaque])
    [(back, mask)] = kept_pictures.pictures_in(kept)
    assert mask is not None
    layout = torch.tensor([1.0, -1.0, -1.0])[:, None, None].expand(3, 24, 24).contiguous()
    work = finished(
        repaint([layout], (48, 48), [Source(back, mask)], None, [1], RepaintSettings(24.0))
    )[0][0]
    red = (work[0] > 0.8) & (work[1] < -0.8)
    assert red.float().mean() < 0.02


@pytest.mark.slow
def test_an_object_on_a_plain_ground_stays_whole() -> None:
    """A disc that nearly fills its picture: works show discs, as round as it is."""
    rows, columns = torch.meshgrid(torch.arange(96), torch.arange(96), indexing="ij")
    picture = torch.full((3, 96, 96), 0.9)
    picture[:, (rows - 47.5) ** 2 + (columns - 47.5) ** 2 < 45**2] = -0.9
    discs = finished(adapt([WeightedPicture(picture)], 0, CPU, shipped(CPU)))
    works = painted(discs, replace(BRIEF, count=3, width_px=144, height_px=112)).pictures
    counts = []
    for work in works:
        parts = np.zeros((112, 144), np.int32)
        label((work.mean(0) < 0).numpy(), output=parts)
        boxes = [parts[found] > 0 for found in find_objects(parts)]
        large = [own for own in boxes if own.sum() > 60]
        assert large
        for own in large:
            assert 0.8 < own.shape[0] / own.shape[1] < 1.25
            assert own.mean() == pytest.approx(0.785, abs=0.07)
        counts.append(len(large))
        assert len(boxes) <= len(large) + 2
    assert len(set(counts)) > 1


def test_works_are_made_of_the_references(style: Tensors) -> None:
    references = [pixels for pixels, _ in kept_pictures.pictures_in(style)]
    work = painted(style, replace(BRIEF, width_px=80, height_px=64)).pictures[0]
    noise = torch.rand(3, 64, 80, generator=torch.Generator().manual_seed(1)) * 2 - 1
    ours, theirs = (similarity(each, references, 80) for each in (work, noise))
    assert ours.coherence[1] < 0.6 * theirs.coherence[1]
    assert ours.coverage[1] < theirs.coverage[1]


def test_a_copy_is_told_as_one() -> None:
    reference = torch.rand(3, 120, 120, generator=torch.Generator().manual_seed(0)) * 2 - 1
    same = similarity(reference, [reference], short_px=96)
    assert same.copied > 0.9
    assert max(same.coherence) < 0.05
    other = torch.rand(3, 120, 120, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert similarity(other, [reference], short_px=96).copied == 0


@pytest.mark.slow
def test_a_copy_of_another_size_or_mirrored_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the reference's side, mirrored, amid noise."""
    monkeypatch.setattr(image_patches, "SHOWN", (0.5,))
    reference = painting(256, 256)
    small = torch.nn.functional.interpolate(reference[None], (128, 128), mode="area")[0].flip(2)
    work = torch.randn(3, 256, 256, generator=torch.Generator().manual_seed(1)).clamp(-1, 1)
    work[:, 64:192, 64:192] = small
    assert copied_share(work, [reference]) < 0.05
    assert recognised_share(work, [reference]) > 0.1


# ---- styles ------------------------------------------------------------------------------------


def test_a_style_is_small() -> None:
    pictures = [torch.rand(3, 800, 800) * 2 - 1] * 10
    kept = kept_pictures.kept(pictures, [1.0] * 10, [None] * 10)
    assert sum(t.numel() * t.element_size() for t in kept.values()) < 10 * 2**20


def test_a_blend_paints_with_the_pictures_of_all(style: Tensors) -> None:
    both = blend([style, style], [3.0, 1.0])
    assert len(kept_pictures.pictures_in(both)) == 4
    assert both[kept_pictures.WEIGHTS].tolist() == pytest.approx([1.5, 1.5, 0.5, 0.5])
    assert painted(both, BRIEF).pictures.shape == (1, 3, 48, 64)


def test_scales_end_with_the_work() -> None:
    plan = scales((300, 400), 40.0)
    assert plan[-1] == pytest.approx((300 * 400) ** 0.5)
    assert 33 < plan[0] < 47
    assert scales((20, 20), 40.0) == [20.0]


def test_descriptors_are_of_half_the_size() -> None:
    net = features.shipped_features(CPU)
    found = net(painting(25, 32))
    assert found.shape == (448, 13, 16)
    axes = features.principal_axes([found], 8)
    assert axes.of(found).shape == (8, 13, 16)
    assert axes.of(found).mean((1, 2)).abs().max() < 0.2


def test_missing_features_are_named(tmp_path: Path) -> None:
    with pytest.raises(WrongCheckpointError):
        features.load_features(tmp_path / "vgg16.safetensors", CPU)
