"""What a picture goes on with beyond its borders, before it is repainted."""

import pytest
import torch
import torch.nn.functional as F

from engine.media.image.generators.painter.continuing import continued
from tests.engine.handmade import painting

AROUND = [(0, 12, 0, 0), (9, 0, 0, 0), (0, 0, 5, 7), (6, 6, 6, 6), (90, 0, 0, 60)]


def extended(
    inner: torch.Tensor, around: tuple[int, int, int, int], seed: int = 1
) -> tuple[torch.Tensor, torch.Tensor]:
    """The picture with `around` (left, right, top, bottom) px more, and what of it is free."""
    free = F.pad(torch.zeros(inner.shape[1:]), around, value=1.0)
    return continued(F.pad(inner, around), free, seed), free


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
