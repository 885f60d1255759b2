"""The box of colours: what a work may not leave."""

import torch

from engine.media.image.generators.transport import gamut
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt
from engine.media.image.generators.transport.draw import Steps, draw
from engine.protocol import PictureBrief
from tests.engine.handmade import PRIOR

CPU = torch.device("cpu")


def finish(slices):
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value


def test_the_axes_are_orthonormal_and_inside_nothing_moves() -> None:
    assert torch.allclose(gamut.AXES @ gamut.AXES.T, torch.eye(3), atol=1e-6)
    picture = torch.rand(3, 40, 50, generator=torch.Generator().manual_seed(1)) * 2 - 1
    everything = torch.tensor([[-9.0] * 3, [9.0] * 3])
    assert torch.allclose(gamut.into(picture[None], everything)[0], picture, atol=1e-5)


def test_outside_goes_to_the_nearest_face_and_stays_there() -> None:
    noise = torch.randn(1, 3, 30, 30, generator=torch.Generator().manual_seed(2))
    bounds = torch.tensor([[-0.5, -0.1, 0.0], [0.5, 0.2, 0.1]])
    moved = gamut.into(noise, bounds)
    along = torch.einsum("ac,nchw->nahw", gamut.AXES, moved)
    assert (along >= bounds[0][:, None, None] - 1e-5).all()
    assert (along <= bounds[1][:, None, None] + 1e-5).all()
    assert torch.allclose(gamut.into(moved, bounds), moved, atol=1e-5)


def test_a_black_and_white_reference_gives_black_and_white_works() -> None:
    generator = torch.Generator().manual_seed(3)
    grey = (torch.rand(1, 64, 80, generator=generator) * 2 - 1).expand(3, -1, -1).contiguous()
    style = finish(adapt([WeightedPicture(grey)], 0, CPU, PRIOR))
    brief = PictureBrief(count=1, seed=4, width_px=64, height_px=48)
    work = finish(draw(style, brief, PRIOR, CPU, Steps(moving=6, settling=2)))[0]
    assert (work.amax(0) - work.amin(0)).max() < 1e-4
    assert work.std() > 0.1
