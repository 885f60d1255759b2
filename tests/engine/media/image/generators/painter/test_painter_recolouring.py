"""A content in the colours of the references."""

import torch
from torch import Tensor

from engine.media.image.generators.painter.recolouring import recoloured
from engine.media.image.generators.transport.palette import to_oklab


def bands(*colours: tuple[float, float, float]) -> Tensor:
    """(3, 90, 120): as many bands across, with a little grain."""
    generator = torch.Generator().manual_seed(0)
    rows = torch.arange(90) * len(colours) // 90
    picture = torch.tensor(colours)[rows].T[:, :, None].expand(3, 90, 120)
    return (picture + 0.04 * torch.randn(3, 90, 120, generator=generator)).clamp(-1, 1)


def test_an_even_sky_stays_even_in_one_colour() -> None:
    """Though it is most of the picture, goes from dark to light, and the references have more
    colours than it."""
    sky = torch.linspace(-0.75, -0.15, 60)[:, None].expand(60, 120)
    content = bands((-0.2, -0.3, -0.5), (-0.2, -0.3, -0.5))
    content[:, :60] = torch.stack([sky - 0.15, sky, sky + 0.25]).clamp(-1, 1)
    reference = bands((-0.3, -0.4, -0.5), (0.2, 0.4, 0.9), (0.6, 0.7, 0.9), (0.9, 0.6, 0.0))
    before = to_oklab(content[:, :60].flatten(1))[1:]
    result = recoloured(content, [reference], torch.ones(1))
    after = to_oklab(result[:, :60].flatten(1))[1:]
    assert after.std(1).norm() < before.std(1).norm() + 0.035
    assert result[:, :55].diff(dim=1).abs().max() < 0.1
    assert (result[:, :60].mean() - content[:, :60].mean()) > 0.2  # in their light, all the same


def test_colours_become_the_references() -> None:
    content, reference = (
        bands((-0.8, -0.8, -0.8), (0.8, 0.8, 0.8)),
        bands((-0.9, 0, 0), (0, 0.9, 0)),
    )
    result = recoloured(content, [reference], torch.ones(1))
    for rows in (slice(0, 40), slice(50, 90)):
        mean, theirs = (each[:, rows].mean((1, 2)) for each in (result, reference))
        assert (mean - theirs).abs().max() < 0.25
