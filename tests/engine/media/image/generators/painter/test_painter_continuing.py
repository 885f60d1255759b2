"""What a picture goes on with beyond its borders, before it is repainted."""

import pytest
import torch
import torch.nn.functional as F

from engine.media.image.generators.painter.continuing import continued
from engine.media.image.generators.transport import contents
from tests.engine.handmade import painting

AROUND = [(0, 12, 0, 0), (9, 0, 0, 0), (0, 0, 5, 7), (6, 6, 6, 6), (90, 0, 0, 60)]


def extended(
    inner: torch.Tensor,
    around: tuple[int, int, int, int],
    seed: int = 1,
    standing: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The picture with `around` (left, right, top, bottom) px more, and what of it is free."""
    free = F.pad(torch.zeros(inner.shape[1:]), around, value=1.0)
    standing = torch.zeros(inner.shape[1:]) if standing is None else standing
    return continued(F.pad(inner, around), free, F.pad(standing, around), seed), free


def calm(height: int, width: int) -> torch.Tensor:
    """(3, H, W): soft clouds."""
    clouds = torch.randn(1, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    return 0.2 * F.interpolate(clouds, (height, width), mode="bicubic")[0].clamp(-2, 2)


@pytest.mark.parametrize("around", AROUND)
def test_what_is_kept_stays(around: tuple[int, int, int, int]) -> None:
    inner = painting(24, 32)
    whole, free = extended(inner, around)
    assert whole.shape[1:] == free.shape
    assert torch.equal(whole[:, free == 0], inner.flatten(1))


def test_a_picture_of_few_pixels_goes_on() -> None:
    whole, _ = extended(torch.zeros(3, 2, 1), (40, 1, 3, 0))
    assert not whole.any()


def test_level_lines_go_on() -> None:
    stripes = torch.where(torch.arange(24) % 6 < 2, 1.0, -1.0)[None, :, None].expand(3, 24, 32)
    whole, _ = extended(stripes.contiguous(), (15, 20, 0, 0))
    assert (whole == whole[:, :, :1]).all()


def test_a_pattern_goes_on_with_its_period() -> None:
    columns = torch.where(torch.arange(40) % 8 < 3, 1.0, -1.0)
    whole, _ = extended(columns.expand(3, 20, 40).contiguous(), (0, 24, 0, 0))
    wanted = torch.where(torch.arange(64) % 8 < 3, 1.0, -1.0)
    assert torch.equal(whole[0, 0], wanted)


def test_seeds_go_on_with_other_parts() -> None:
    inner = painting(24, 64)
    found = [extended(inner, (0, 16, 0, 0), seed)[0] for seed in range(6)]
    assert any(not torch.equal(found[0], other) for other in found[1:])


def test_what_stands_out_is_not_shown_again() -> None:
    inner = calm(40, 60)
    inner[0, 10:30, 32:52] = 1.0
    standing = torch.zeros(40, 60)
    standing[10:30, 32:52] = 1.0
    for seed in range(3):
        for around in ((0, 30, 0, 0), (0, 0, 0, 20), (25, 0, 15, 0)):
            whole, free = extended(inner, around, seed, standing)
            assert not (whole[0][free > 0] > 0.9).any()


def test_a_ground_that_darkens_towards_its_border_goes_on_without_a_step() -> None:
    columns = torch.linspace(0.2, -0.2, 60).expand(3, 40, 60)
    whole, _ = extended(columns.contiguous(), (0, 30, 0, 0))
    assert float((whole[:, :, 1:] - whole[:, :, :-1]).abs().max()) < 0.05


@pytest.mark.parametrize(("value", "width"), [(-1.0, 2), (0.9, 3), (-0.9, 1)])
@pytest.mark.parametrize("turns", range(4))
def test_a_line_along_a_border_is_painted_over(value: float, width: int, turns: int) -> None:
    """It would go on in the midst of the canvas."""
    content = calm(200, 200)
    content[:, :, :width] = value
    content = torch.rot90(content, turns, (1, 2))
    canvas, free = contents.extended(content, (260, 260))
    kept = free == 0
    assert width <= 200 - int(kept.sum()) / 200 <= width + 2
    assert torch.equal(canvas[:, kept], F.pad(content, (30, 30, 30, 30))[:, kept])
    assert not (canvas == value).any()


def test_a_picture_without_such_a_line_is_kept_whole() -> None:
    content = calm(120, 160)
    _, free = contents.extended(content, (160, 200))
    assert int((free == 0).sum()) == 120 * 160
