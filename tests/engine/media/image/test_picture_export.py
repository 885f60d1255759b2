"""Works of pictures leave: in every format, and without a ground that is truly theirs."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from engine.__main__ import main
from engine.core.errors import BadInput
from engine.core.progress import finished
from engine.core.style import Style
from engine.media.image import ground
from engine.media.image.codec.raster import ON_GROUND, read
from engine.media.image.generators.painter.repaint import repaint
from engine.media.image.generators.painter.scales import RepaintSettings
from engine.media.image.generators.painter.sources import Source
from engine.media.image.ground import GroundKind
from engine.protocol import ExportRequest, ExportResult, Failure
from engine.service import Service
from tests.engine.handmade import CPU, as_picture, encoded, last, painting

PAPER, INK = (238, 228, 208), (24, 30, 70)


def drawing(paper: tuple[int, int, int] = PAPER) -> Image.Image:
    """A disc of ink with soft edges."""
    large = Image.new("RGB", (320, 240), paper)
    ImageDraw.Draw(large).ellipse((80, 40, 240, 200), fill=INK)
    return large.resize((80, 60), Image.Resampling.BOX)


def found(picture: Image.Image, *references: ground.Tensors, **taken: object) -> ground.Ground:
    return ground.find(np.asarray(picture), "a.png", references, taken)


# ---- where a ground is known from --------------------------------------------------------------


def test_the_colour_of_most_of_the_edge_is_the_ground() -> None:
    one = found(drawing())
    assert one.kind is GroundKind.EDGE
    assert one.colour is not None
    assert one.colour.tolist() == list(PAPER)


def test_where_no_colour_has_most_of_the_edge_there_is_none() -> None:
    noise = torch.rand(3, 40, 50, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with pytest.raises(BadInput) as caught:
        found(as_picture(noise))
    assert caught.value.code == "no_ground"
    assert "a.png" in str(caught.value)


def test_strokes_on_nothing_tell_the_ground_that_they_were_shown_on() -> None:
    """A little way from the edge's colour: what was really under the strokes counts."""
    strokes = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
    ImageDraw.Draw(strokes).line((10, 10, 70, 50), fill=(*INK, 255), width=2)
    reference = read(encoded(strokes), "strokes.png")
    assert ON_GROUND in reference.remarks
    kept = ground.neutral(reference)
    one = found(drawing((250, 250, 250)), kept)
    assert one.kind is GroundKind.REFERENCES
    assert one.colour is not None
    assert one.colour.tolist() == [255, 255, 255]
    assert found(drawing(), kept).kind is GroundKind.EDGE, "this work is on another one"


def test_cut_outs_lend_the_outline_of_the_one_that_gave_most() -> None:
    outlines = []
    for box in ((0, 0, 20, 60), (20, 0, 80, 60)):
        cut = as_picture(painting(60, 80)).convert("RGBA")
        alpha = Image.new("L", cut.size, 0)
        alpha.paste(255, box)
        cut.putalpha(alpha)
        reference = read(encoded(cut), "cut.png")
        assert reference.alpha is not None
        outlines.append(ground.neutral(reference))
    one = found(as_picture(painting(60, 80)), *outlines, references=[0.2, 0.8])
    assert one.kind is GroundKind.SHAPE
    clear = np.asarray(ground.cleared(np.asarray(as_picture(painting(60, 80))), one))
    assert (clear[:, :16, 3] == 0).all()
    assert (clear[:, 24:, 3] == 255).all()
    assert ground.neutral(read(encoded(drawing()), "plain.png")) == {}


# ---- how it is taken out -----------------------------------------------------------------------


def test_ink_stays_and_on_the_same_ground_the_work_looks_as_it_was() -> None:
    picture = drawing()
    clear = ground.cleared(np.asarray(picture), found(picture))
    assert clear.getpixel((2, 2)) == (0, 0, 0, 0)
    assert clear.getpixel((40, 30)) == (*INK, 255)
    alpha = np.asarray(clear)[..., 3]
    assert ((alpha > 0) & (alpha < 255)).any(), "edges are soft"
    laid = Image.alpha_composite(Image.new("RGBA", clear.size, (*PAPER, 255)), clear)
    gap = np.asarray(laid.convert("RGB")).astype(int) - np.asarray(picture)
    assert np.abs(gap).max() <= 8


def test_patches_that_touch_transparency_are_never_taken() -> None:
    """Each visible place of a cut-out has its own colour, so what was taken can be told."""
    generator = torch.Generator().manual_seed(3)
    pixels = torch.rand(3, 48, 48, generator=generator) * 2 - 1
    usable = torch.ones(48, 48)
    usable[20:28, 20:28] = 0
    pixels[:, usable == 0] = 5.0  # a colour that nothing else has, and no work may
    slices = repaint(
        [pixels[:, :40, :40]], (40, 40), [Source(pixels, usable)], None, [1], RepaintSettings(40.0)
    )
    works, [taken] = finished(slices)
    assert works.max() <= 1
    assert works.isfinite().all()
    assert taken.shares == (1.0,)


# ---- files -------------------------------------------------------------------------------------


@pytest.fixture
def work(tmp_path: Path) -> Path:
    path = tmp_path / "7.png"
    drawing().save(path)
    about = {"file": "7.png", "made_with_ai": True, "taken": {"references": [1.0]}}
    path.with_suffix(".json").write_text(json.dumps(about), "utf-8")
    return path


def request(work: Path, out: Path, **more: object) -> ExportRequest:
    sidecar = str(work.with_suffix(".json"))
    told = {"sidecar": sidecar, "style": "", "clear_ground": True} | more
    return ExportRequest(job_id="e", work=str(work), out=str(out), **told)  # pyright: ignore


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_transparency_is_kept_in_every_format(work: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / "out" / f"8.{suffix}"
    out.parent.mkdir()
    result = last(Service(CPU).run(request(work, out)))
    assert isinstance(result, ExportResult)
    assert (result.paths, result.ground) == ((str(out),), "edge")
    with Image.open(out) as picture:
        assert picture.mode == "RGBA"
        assert picture.getchannel("A").getextrema() == (0, 255)
        told = picture.text["Comment"] if suffix == "png" else picture.getexif()[0x010E]  # pyright: ignore
        assert told == "made with AI"
    about = json.loads(out.with_suffix(".json").read_text("utf-8"))
    assert (about["file"], about["ground"], about["made_with_ai"]) == (out.name, "edge", True)
    assert drawing().tobytes() == Image.open(work).tobytes(), "the work itself stays as it is"


def test_formats_that_do_not_serve_are_told(work: Path, tmp_path: Path) -> None:
    for suffix, more in (("jpg", {}), ("bmp", {"clear_ground": False})):
        failure = last(Service(CPU).run(request(work, tmp_path / f"x.{suffix}", **more)))
        assert isinstance(failure, Failure)
        assert failure.code == "bad_picture_export"
        assert not (tmp_path / f"x.{suffix}").exists()


def test_the_style_is_asked_for_the_ground(work: Path, tmp_path: Path) -> None:
    shown_on = {ground.SHOWN_ON: torch.tensor(PAPER, dtype=torch.uint8)}
    Style("image", {}, (), neutral=(shown_on,)).save(tmp_path / "s.style")
    more = {"style": str(tmp_path / "s.style")}
    result = last(Service(CPU).run(request(work, tmp_path / "y.png", **more)))
    assert isinstance(result, ExportResult)
    assert result.ground == "references"


def test_the_command_line_says_how_the_ground_was_found(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "clear.webp"
    assert main(["export", str(work), "--out", str(out), "--ground", "clear"]) == 0
    assert "most of its edge" in capsys.readouterr().out
    assert Image.open(io.BytesIO(out.read_bytes())).mode == "RGBA"
    assert main(["export", str(work), "--out", str(tmp_path / "plain.jpg")]) == 0
    assert main(["export", str(work), "--out", str(tmp_path / "x.jpg"), "--ground", "clear"]) == 2
