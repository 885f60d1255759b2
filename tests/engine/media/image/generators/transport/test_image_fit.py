"""The denoiser's steps on references, where they begin, and the weights that a style keeps."""

from itertools import count, islice
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from engine.core.errors import BadInput
from engine.core.progress import Advance, finished, shifted
from engine.media.image.codec.raster import to_tensor
from engine.media.image.crops import LONGEST_PX, any_cut, cut, small, stacked
from engine.media.image.generators.transport.adapt import WeightedPicture, adapt
from engine.media.image.generators.transport.denoiser import Denoiser, DenoiserConfig, StyleEncoder
from engine.media.image.generators.transport.fit import SIDES, fit, loss_of, minibatches
from engine.media.image.generators.transport.weights import FITTED, Prior, fitted, plain_start

SMALL = DenoiserConfig(channels=8, dilations=(1, 2), style=6, told=10)
CPU = torch.device("cpu")


@pytest.fixture
def prior() -> Prior:
    torch.manual_seed(1)
    denoiser = Denoiser(SMALL).requires_grad_(False)
    return Prior(
        denoiser, StyleEncoder(SMALL.style).requires_grad_(False), plain_start(denoiser, 3e-3)
    )


def stripes(width: int = 96, height: int = 64) -> Image.Image:
    row = bytes(255 * (x // 8 % 2) for x in range(width)) * height
    return Image.frombytes("L", (width, height), row).convert("RGB")


def test_minibatches_repeat_and_tell_whose_crops_they_are() -> None:
    white, black = Image.new("RGB", (60, 40), "white"), Image.new("RGB", (60, 40))
    styles = torch.tensor([[1.0, 0.0], [0.0, 1.0]])

    def draw() -> list:
        return list(islice(minibatches([white, black], [3.0, 1.0], styles, 4), 8))

    whites = total = 0
    for step, (one, two) in enumerate(zip(draw(), draw(), strict=True)):
        assert one.crops.shape[2:] == (SIDES[step % 4], SIDES[step % 4])
        assert torch.equal(one.crops, two.crops) and torch.equal(one.noise, two.noise)
        is_white = one.crops.mean((1, 2, 3)) > 0
        assert torch.equal(is_white, one.style[:, 0] > 0.5)
        whites, total = whites + int(is_white.sum()), total + len(is_white)
    assert whites / total == pytest.approx(0.75, abs=0.12)


def test_steps_fit_the_references_and_repeat(prior: Prior) -> None:
    styles = torch.zeros(1, 6)
    judged = list(islice(minibatches([stripes()], [1.0], styles, 9), 4))

    def run() -> dict[str, torch.Tensor]:
        batches = minibatches([stripes()], [1.0], styles, 2)
        return finished(fit(prior.denoiser, prior.start, batches, steps=20))

    moved, again = run(), run()
    assert all(torch.equal(moved[name], again[name]) for name in moved)

    def loss(weights: dict[str, torch.Tensor]) -> float:
        return sum(float(loss_of(prior.denoiser, weights, batch)) for batch in judged)

    assert loss(moved) < 0.9 * loss(prior.start.weights)
    assert all(name in dict(prior.denoiser.named_parameters()) for name in moved)


def test_no_time_and_no_steps(prior: Prior) -> None:
    batches = minibatches([stripes()], [1.0], torch.zeros(1, 6), 2)
    steps = fit(prior.denoiser, prior.start, batches, steps=5, seconds=0.0)
    assert [advance.done / advance.total for advance in steps] == [1]
    assert finished(fit(prior.denoiser, prior.start, batches, steps=0)) is prior.start.weights


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step_s", "most", "shares"), [(1.0, 50, [0.25, 0.5, 0.75, 1.0]), (0.0, 2, [0.5, 1.0])]
)
def test_progress_follows_the_clock_or_the_steps(
    prior: Prior, monkeypatch: pytest.MonkeyPatch, step_s: float, most: int, shares: list[float]
) -> None:
    """Whichever ends first: four seconds of one-second steps, or all the steps at once."""
    batches = minibatches([stripes()], [1.0], torch.zeros(1, 6), 2)
    clock = SimpleNamespace(monotonic=count(100.0, step_s).__next__)
    monkeypatch.setattr("engine.media.image.generators.transport.fit.time", clock)
    parts = list(fit(prior.denoiser, prior.start, batches, steps=most, seconds=4.0))
    assert [part.done / part.total for part in parts] == pytest.approx(shares)


def test_a_style_keeps_its_denoiser(prior: Prior) -> None:
    picture = WeightedPicture(to_tensor(stripes()))
    style = finished(adapt([picture], 0, CPU, prior, steps=6))
    own = fitted(style, prior)
    x, number = torch.randn(1, 3, 16, 16), torch.ones(1)
    assert not torch.equal(own(x, number, number, style["told"].float()),
                           prior.denoiser(x, number, number, style["told"].float()))  # fmt: skip
    bare = {name: tensor for name, tensor in style.items() if not name.startswith(FITTED)}
    assert fitted(bare, prior) is prior.denoiser
    other = {**bare, FITTED + "last.weight": torch.zeros(3, 3)}
    with pytest.raises(BadInput) as refused:
        fitted(other, prior)
    assert refused.value.code == "older_style"


def test_a_part_of_longer_work_tells_where_the_whole_is() -> None:
    def part():
        yield Advance(1, 2)
        yield Advance(2, 2)
        return "done"

    slices = shifted(part(), 3, 9, unit=3)
    assert [(a.done, a.total) for a in (next(slices), next(slices))] == [(6, 9), (9, 9)]
    with pytest.raises(StopIteration) as end:
        next(slices)
    assert end.value.value == "done"


def test_crops_of_odd_pictures() -> None:
    rng = np.random.default_rng(0)
    for size in ((16, 16), (600, 30), (9, 400)):
        picture = small(Image.new("RGB", size, "red"))
        assert max(picture.size) <= LONGEST_PX
        crops, scales = stacked([any_cut(picture, 24, rng), cut(picture, 24, 0.0, rng)])
        assert crops.shape == (2, 3, 24, 24) and (scales > 0).all()
        assert torch.allclose(crops[:, 0], torch.ones(2, 24, 24))
