"""Pictures that start from a picture: what is kept, what is painted anew, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.core.errors import BadInput
from engine.media.image.generators.transport import contents, match
from engine.media.image.generators.transport.finish import Finish
from engine.media.image.generators.transport.start import read_start
from engine.media.image.generators.transport.symmetry import fold
from engine.protocol import Palette, PictureBrief, Symmetry, Use
from tests.engine.handmade import FEW_STEPS, as_picture, colour, drawn, painting

pytestmark = pytest.mark.slow  # pictures and sounds are made

Tensors = dict[str, torch.Tensor]
CPU = torch.device("cpu")
BRIEF = PictureBrief(count=1, seed=3, width_px=48, height_px=40)
PLACED = (Use.RESTYLE, Use.VARY, Use.FILL, Use.EXTEND, Use.ENLARGE)


@pytest.fixture
def content(tmp_path: Path) -> str:
    path = tmp_path / "content.png"
    as_picture(painting(40, 48, phase=1)).save(path)
    return str(path)


@pytest.fixture
def mask(tmp_path: Path) -> str:
    """The middle is light."""
    path = tmp_path / "mask.png"
    picture = Image.new("L", (48, 40), 0)
    picture.paste(255, (14, 12, 34, 28))
    picture.save(path)
    return str(path)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(BadInput) as caught:
        call()
    return caught.value.code


def gap(one: torch.Tensor, other: torch.Tensor) -> float:
    return (one - other).abs().mean().item()


# ---- what is kept ------------------------------------------------------------------------------


@pytest.mark.parametrize("use", [Use.RESTYLE, Use.VARY])
def test_the_strength_says_how_far_from_the_content(style: Tensors, content: str, use: Use) -> None:
    own = contents.read_picture(content)
    briefs = [replace(BRIEF, use=use, content=content, strength=k) for k in (0.0, 0.5, 1.0, 2.0)]
    gaps = [gap(drawn(style, brief)[0], own) for brief in briefs]
    assert gaps[0] < 0.12
    assert gaps == sorted(gaps)


def test_filling_keeps_the_rest_to_the_pixel(style: Tensors, content: str, mask: str) -> None:
    brief = replace(BRIEF, use=Use.FILL, content=content, mask=mask, count=2)
    works, own = drawn(style, brief), contents.read_picture(content)
    same = (works == own).all(1)
    far = torch.ones(40, 48, dtype=torch.bool)
    far[8:32, 10:38] = False
    assert same[:, far].all()
    assert not same[:, 14:26, 16:32].any(0).all()
    assert gap(works[:, :, 12:28, 14:34], own[:, 12:28, 14:34]) > 0.05


@pytest.mark.parametrize(
    "asked",
    [
        {"light": 1.0, "warmth": 1.0},
        {"palette": Palette.FIXED, "colours": ("#ff0000", "#00ff00")},
        {"palette": Palette.MINE, "vividness": 1.0},
    ],
)
def test_colours_that_were_asked_for_stay_inside_the_mask(
    style: Tensors, content: str, mask: str, asked: dict[str, object]
) -> None:
    brief = replace(BRIEF, use=Use.FILL, content=content, mask=mask, **asked)
    work, own = drawn(style, brief)[0], contents.read_picture(content)
    outside = contents.read_mask(mask) == 0
    assert outside.any()
    assert torch.equal(work[:, outside], own[:, outside])
    assert not torch.equal(work, own)


def test_a_mask_is_where_one_painted_on_nothing(
    style: Tensors, content: str, mask: str, tmp_path: Path
) -> None:
    painted = contents.read_mask(mask) > 0
    for ink in (0, 128, 255):
        layer = np.zeros((*painted.shape, 4), dtype=np.uint8)
        layer[painted.numpy()] = (ink, ink, ink, 255)
        path = tmp_path / f"layer {ink}.png"
        Image.fromarray(layer).save(path)
        assert torch.equal(contents.read_mask(str(path)) > 0, painted)


def test_a_mask_of_another_size_is_resized(style: Tensors, content: str, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    picture = Image.new("L", (480, 400), 0)
    picture.paste(255, (0, 0, 240, 400))
    picture.save(path)
    brief = replace(BRIEF, use=Use.FILL, content=content, mask=str(path))
    same = (drawn(style, brief)[0] == contents.read_picture(content)).all(0)
    assert same[:, 30:].all() and not same[:, :20].all()


def test_a_mask_of_everything_composes_and_one_of_nothing_is_refused(
    style: Tensors, content: str, tmp_path: Path
) -> None:
    full, none = tmp_path / "full.png", tmp_path / "none.png"
    colour(40, 48, 255, 255, 255).save(full)
    colour(40, 48, 0, 0, 0).save(none)
    brief = replace(BRIEF, use=Use.FILL, content=content, mask=str(full))
    assert torch.equal(drawn(style, brief), drawn(style, BRIEF))
    assert code_of(lambda: drawn(style, replace(brief, mask=str(none)))) == "empty_mask"


def test_extending_keeps_the_content_in_the_middle(style: Tensors, content: str) -> None:
    brief = replace(BRIEF, use=Use.EXTEND, content=content, width_px=70, height_px=53)
    work, own = drawn(style, brief)[0], contents.read_picture(content)
    assert torch.equal(work[:, 6:46, 11:59], own)
    assert work[:, :, :11].std() > 0.02


@pytest.mark.parametrize(
    ("width", "height", "fits"), [(48, 40, False), (40, 40, False), (90, 32, True)]
)
def test_an_extension_needs_room(
    style: Tensors, content: str, width: int, height: int, fits: bool
) -> None:
    brief = replace(BRIEF, use=Use.EXTEND, content=content, width_px=width, height_px=height)
    if width == height:  # less wide than the content: it is made smaller, and has room above
        brief = replace(brief, height_px=34)
    if fits:
        assert drawn(style, brief).shape == (1, 3, height, width)
    else:
        assert code_of(lambda: drawn(style, brief)) == "small_extension"


def test_an_enlargement_looks_like_its_original_from_afar(style: Tensors, content: str) -> None:
    brief = replace(BRIEF, use=Use.ENLARGE, content=content, width_px=96, height_px=80)
    work, own = drawn(style, brief), contents.read_picture(content)
    smaller = torch.nn.functional.interpolate(work, (40, 48), mode="area")[0]
    assert gap(smaller, own) < 0.1


# ---- every use with every option ---------------------------------------------------------------


@pytest.mark.parametrize("use", PLACED)
@pytest.mark.parametrize("size", [(45, 36), (160, 32)])
def test_every_use_tiled_at_every_size(
    style: Tensors, content: str, mask: str, use: Use, size: tuple[int, int]
) -> None:
    width, height = size if use is not Use.EXTEND else (size[0] + 16, size[1])
    brief = PictureBrief(
        count=1, width_px=width, height_px=height, use=use, content=content, mask=mask, tile=True
    )
    work = drawn(style, brief)
    assert work.shape == (1, 3, height, width)
    assert work.isfinite().all() and work.abs().max() <= 1


@pytest.mark.parametrize("use", [Use.COMPOSE, *PLACED])
def test_a_work_of_a_batch_is_the_one_made_alone(
    style: Tensors, content: str, mask: str, use: Use
) -> None:
    wider = 60 if use is Use.EXTEND else 48
    brief = replace(BRIEF, count=2, use=use, content=content, mask=mask, width_px=wider)
    brief = replace(brief, variation=0.5, root=9, boldness=0.7)
    batch = drawn(style, brief)
    alone = drawn(style, replace(brief, count=1, seed=brief.seed + 1))
    assert torch.equal(batch[1], alone[0])
    assert not torch.equal(batch[0], batch[1])


@pytest.mark.parametrize("symmetry", list(Symmetry)[1:])
@pytest.mark.parametrize(
    ("use", "width", "tile"),
    [(Use.COMPOSE, 47, False), (Use.COMPOSE, 48, True), (Use.RESTYLE, 47, True)],
)
def test_symmetry_is_exact(
    style: Tensors, content: str, symmetry: Symmetry, use: Use, width: int, tile: bool
) -> None:
    brief = replace(BRIEF, width_px=width, height_px=33, symmetry=symmetry, tile=tile)
    work = drawn(style, replace(brief, use=use, content=content))
    images = {
        Symmetry.MIRROR: [work.flip(3)],
        Symmetry.BOTH: [work.flip(3), work.flip(2)],
        Symmetry.TURN: [work.flip(2, 3)],
    }[symmetry]
    assert all(torch.equal(work, image) for image in images)
    assert torch.equal(fold(work, symmetry), work)


@pytest.mark.slow
def test_variation_strays_from_the_root(style: Tensors) -> None:
    root = drawn(style, replace(BRIEF, seed=7))
    briefs = [replace(BRIEF, root=7, variation=v) for v in (0.0, 0.3, 1.0)]
    gaps = [gap(drawn(style, brief), root) for brief in briefs]
    assert gaps[0] < 1e-5
    assert gaps == sorted(gaps) and gaps[1] < 0.8 * gaps[2]
    assert torch.equal(drawn(style, briefs[2]), drawn(style, BRIEF)), "the usual"


@pytest.mark.slow
def test_the_brush_makes_marks_larger(style: Tensors) -> None:
    def fineness(brush: float) -> float:
        brief = replace(BRIEF, width_px=64, height_px=64, boldness=0.0, brush=brush)
        work = drawn(style, brief)
        return (work.diff(dim=3).abs().mean() / work.std()).item()

    assert fineness(0.5) > fineness(1.0) > fineness(2.0)


# ---- contents of all kinds ---------------------------------------------------------------------


def contents_of_all_kinds() -> dict[str, Image.Image]:
    line = Image.new("RGBA", (60, 50), (0, 0, 0, 0))
    line.paste((0, 0, 0, 255), (10, 10, 14, 44))
    return {
        "one colour": colour(30, 30, 200, 30, 30),
        "tiny": as_picture(painting(16, 16)),
        "panorama": as_picture(painting(20, 400)),
        "line art on nothing": line,
        "grey": colour(40, 48, 9, 9, 9).convert("L"),
    }


@pytest.mark.parametrize("kind", list(contents_of_all_kinds()))
@pytest.mark.parametrize("use", [u for u in PLACED if u is not Use.FILL])
def test_contents_of_all_kinds(style: Tensors, tmp_path: Path, kind: str, use: Use) -> None:
    path = tmp_path / "content.png"
    contents_of_all_kinds()[kind].save(path)
    brief = PictureBrief(count=1, width_px=64, height_px=64, use=use, content=str(path))
    work = drawn(style, brief)
    assert work.isfinite().all() and work.shape == (1, 3, 64, 64)


def test_contents_that_are_missing_or_damaged(style: Tensors, content: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(Path(content).read_bytes()[:300])
    restyle = replace(BRIEF, use=Use.RESTYLE)
    gone = str(tmp_path / "gone.png")
    assert code_of(lambda: drawn(style, replace(restyle, content=gone))) == "missing_file"
    assert code_of(lambda: drawn(style, replace(restyle, content=str(bad)))) == "damaged_picture"


def test_the_content_is_cropped_to_the_middle() -> None:
    picture = torch.zeros(3, 20, 60)
    picture[:, :, 20:40] = 1
    assert torch.equal(contents.covering(picture, (20, 20)), torch.ones(3, 20, 20))
    assert contents.covering(picture, (33, 47)).shape == (3, 33, 47)


def test_a_periodic_picture_has_no_seam() -> None:
    slope = torch.linspace(-0.9, 0.9, 40).expand(3, 30, 40)
    flat = contents.periodic(slope)
    assert (flat[..., 0] - flat[..., -1]).abs().max() < 0.2
    torch.testing.assert_close(contents.periodic(torch.ones(3, 8, 9) / 2), torch.ones(3, 8, 9) / 2)


# ---- little memory -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("fits", [1, 0.25])
def test_a_failed_allocation_is_made_up_for_and_told(
    style: Tensors, monkeypatch: pytest.MonkeyPatch, fits: float
) -> None:
    """fits: how many pictures' work can be held."""
    brief = replace(BRIEF, count=3)
    whole, held = drawn(style, brief), match.displacement

    def small(pictures, filters, quantiles, lattice, free, parts):
        if len(pictures) / parts > fits:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ...")
        return held(pictures, filters, quantiles, lattice, free, parts)

    monkeypatch.setattr(match, "displacement", small)
    torch.testing.assert_close(drawn(style, brief), whole, atol=2e-2, rtol=0)


def test_what_never_fits_is_out_of_memory(style: Tensors, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> torch.Tensor:
        raise MemoryError

    monkeypatch.setattr(match, "displacement", never)
    with pytest.raises(MemoryError):
        drawn(style, BRIEF, FEW_STEPS)


def test_nothing_is_read_for_a_composition(tmp_path: Path) -> None:
    brief = replace(BRIEF, content=str(tmp_path / "gone.png"))
    assert read_start(brief, CPU).content is None
    missing = replace(brief, palette=Palette.MINE)
    assert code_of(lambda: read_start(missing, CPU)) == "missing_file"
    assert torch.equal(
        Finish(brief, read_start(brief, CPU))(torch.zeros(1, 3, 9, 9)), torch.zeros(1, 3, 9, 9)
    )
