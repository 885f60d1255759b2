"""Whose colours a work has: conversions, palettes of few colours, another picture's colours."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, strategies as st

from engine.media.image.generators.painter.recolouring import recoloured
from engine.media.image.generators.transport import palette
from engine.protocol import Palette, PictureBrief, Symmetry, Use
from tests.engine.handmade import as_picture, drawn, painting

BRIEF = PictureBrief(count=1, seed=3, width_px=48, height_px=40)
INKS = ("#101820", "#c8102e", "#f2e8d5", "#3d6b8e")


def test_oklab_of_known_colours() -> None:
    """Ottosson 2020: white has lightness 1 and no colour, red some 0.628."""
    lab = palette.from_hex(("#ffffff", "#000000", "#ff0000"))
    torch.testing.assert_close(lab[:, 0], torch.tensor([1.0, 0, 0]), atol=1e-3, rtol=0)
    assert lab[:, 1].abs().max() < 1e-3
    torch.testing.assert_close(lab[:, 2], torch.tensor([0.628, 0.225, 0.126]), atol=1e-3, rtol=0)


@given(rgb=st.tuples(*[st.floats(-1, 1)] * 3))
def test_there_and_back(rgb: tuple[float, float, float]) -> None:
    colour = torch.tensor(rgb)[:, None]
    back = palette.from_oklab(palette.to_oklab(colour))
    torch.testing.assert_close(back, colour, atol=2e-3, rtol=0)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_work_consists_of_its_palette(style: dict[str, torch.Tensor], count: int) -> None:
    brief = replace(BRIEF, palette=Palette.FIXED, colours=INKS[:count])
    lab = palette.to_oklab(drawn(style, brief)[0].flatten(1))
    gaps = torch.cdist(lab.T, palette.from_hex(INKS[:count]).T)
    assert gaps.amin(1).mean() < 0.12
    assert set(gaps.argmin(1).tolist()) == set(range(count)), "all of them are used"
    assert len(lab.T.unique(dim=0)) > 100, "with some shading"


def test_a_recoloured_work_keeps_lights_and_darks() -> None:
    picture = painting()
    lightness = [
        palette.to_oklab(p.flatten(1))[0]
        for p in (picture, palette.recoloured(picture, palette.from_hex(INKS)))
    ]
    assert torch.corrcoef(torch.stack(lightness))[0, 1] > 0.8


def test_one_colour_can_be_recoloured() -> None:
    flat = torch.full((3, 20, 20), 0.3)
    assert palette.recoloured(flat, palette.from_hex(INKS)).isfinite().all()
    assert palette.transported(flat, painting().flatten(1)).isfinite().all()
    assert palette.transported(painting(), flat.flatten(1)).isfinite().all()


def test_the_colours_of_the_content(style: dict[str, torch.Tensor], tmp_path: Path) -> None:
    own = painting(40, 48) * 0.2 + torch.tensor([0.7, -0.2, -0.7])[:, None, None]
    as_picture(own).save(tmp_path / "content.png")
    brief = replace(BRIEF, content=str(tmp_path / "content.png"), symmetry=Symmetry.TURN)
    for use in (Use.COMPOSE, Use.RESTYLE):
        theirs, mine = (
            drawn(style, replace(brief, use=use, palette=p)) for p in (Palette.THEIRS, Palette.MINE)
        )
        gaps = [(w.mean((0, 2, 3)) - own.mean((1, 2))).abs().max() for w in (theirs, mine)]
        assert gaps[1] < 0.1 < gaps[0]
        assert torch.equal(mine, mine.flip(2, 3)), "and exact symmetry"


def test_the_steps_of_a_jpeg_are_no_contours() -> None:
    """A sky of squares that differ by one level of 255, over a ground of many colours."""
    picture = painting(96, 96) * 0.8
    squares = (torch.arange(48)[:, None] // 8 + torch.arange(96) // 8) % 2
    picture[:, :48] = torch.tensor([-0.5, -0.1, 0.1])[:, None, None] + squares * 2 / 255
    reference = painting(96, 96, phase=2)
    sky = recoloured(picture, [reference], torch.ones(1))[:, 8:32, 16:80]
    seen = squares[8:32, 16:80].bool()
    gap = (sky[:, seen].mean(1) - sky[:, ~seen].mean(1)).abs().max()
    assert gap < 3 * 2 / 255
