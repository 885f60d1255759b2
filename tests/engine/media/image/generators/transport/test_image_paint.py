"""Strokes between transports: how strong they are, what they keep, what the denoiser is told."""

import pytest
import torch
from hypothesis import given, strategies as st

from engine.media.image.generators.transport.blend import blend
from engine.media.image.generators.transport.denoiser import SIGMAS, Denoiser, DenoiserConfig
from engine.media.image.generators.transport.memory import Memory
from engine.media.image.generators.transport.paint import Brush, added_noise, sigmas_at
from engine.media.image.generators.transport.plan import strokes
from engine.media.image.style_embedding import embedding
from engine.protocol import PictureBrief
from tests.engine.handmade import CPU, PRIOR, adapted, as_picture, drawn, painting

BRIEF = PictureBrief(count=1, seed=3, width_px=44, height_px=36)


@given(
    scale=st.floats(8, 1000), boldness=st.floats(0.01, 1), detail=st.floats(0, 1),
)  # fmt: skip
def test_strokes_grow_finer_and_stay_in_what_was_trained(
    scale: float, boldness: float, detail: float
) -> None:
    sigmas = sigmas_at(scale, boldness, detail)
    assert list(sigmas) == sorted(sigmas, reverse=True)
    assert all(SIGMAS[0] * 0.99 <= sigma <= SIGMAS[1] for sigma in sigmas)
    assert len(sigmas_at(scale, boldness, 1.0)) >= len(sigmas)
    assert sum(sigmas_at(10, boldness, detail)) >= sum(sigmas)


def test_no_boldness_is_transport_alone() -> None:
    assert sigmas_at(20, 0, 1) == ()
    assert len(sigmas_at(20, 0.01, 0)) == 1


def test_each_stroke_leaves_the_noise_that_the_next_takes_away() -> None:
    phases = list(strokes((0.4, 0.2, 0.1), 2))
    assert [p.sigma for p in phases] == [0.4, 0.2, 0.1]
    assert [p.added for p in phases] == [0.4, 0, 0]
    assert [p.left for p in phases] == [0.2, 0.1, 0]


def test_a_stroke_does_not_depend_on_the_neighbours_and_wraps_round_a_tile() -> None:
    torch.manual_seed(0)
    denoiser = Denoiser(DenoiserConfig(channels=8, dilations=(1, 2), style=6, told=10))
    torch.nn.init.normal_(denoiser.outward.weight, std=0.3)
    style, canvas = torch.randn(2, 6), torch.randn(2, 3, 20, 26)
    both = Brush(denoiser, style, wrap=True).stroke(canvas, 0.3, 40.0)
    alone = Brush(denoiser, style[1:], wrap=True).stroke(canvas[1:], 0.3, 40.0)
    assert torch.equal(both[1:], alone)
    moved = torch.roll(canvas, (6, 8), (2, 3))
    again = Brush(denoiser, style, wrap=True).stroke(moved, 0.3, 40.0)
    torch.testing.assert_close(again, torch.roll(both, (6, 8), (2, 3)), atol=1e-5, rtol=1e-4)
    inside = Brush(denoiser, style, wrap=False).stroke(canvas, 0.3, 40.0)
    assert inside.shape == canvas.shape and not torch.allclose(inside, both)


def test_added_noise_is_of_the_seed_and_the_turn() -> None:
    noise = added_noise((3, 30, 30), range(4, 6), 1)
    assert noise.std().item() == pytest.approx(1, rel=0.05)
    assert torch.equal(noise[1], added_noise((3, 30, 30), [5], 1)[0])
    assert not torch.equal(noise, added_noise((3, 30, 30), range(4, 6), 2))


@pytest.mark.parametrize(("height", "parts"), [(150, 4), (151, 2), (40, 64)])
def test_a_stroke_in_parts_is_the_whole_stroke(height: int, parts: int) -> None:
    torch.manual_seed(1)
    denoiser = Denoiser(DenoiserConfig(channels=4, style=6, told=10))
    torch.nn.init.normal_(denoiser.outward.weight, std=0.3)
    style, canvas = torch.randn(1, 6), torch.randn(1, 3, height, 21)
    whole = Brush(denoiser, style, wrap=False).stroke(canvas, 0.3, 40.0)
    cut = Brush(denoiser, style, False, Memory(parts=parts)).stroke(canvas, 0.3, 40.0)
    torch.testing.assert_close(cut, whole, atol=1e-5, rtol=1e-4)


@pytest.mark.slow
def test_boldness_and_detail_change_the_work() -> None:
    style = adapted([painting()])
    works = [
        drawn(style, PictureBrief(count=1, seed=3, width_px=44, height_px=36, boldness=b, detail=d))
        for b, d in ((0.0, 0.5), (0.5, 0.5), (1.0, 0.5), (0.5, 0.0))
    ]
    for i, one in enumerate(works):
        assert all((one - other).abs().mean() > 1e-3 for other in works[i + 1 :])


@pytest.mark.parametrize("size", [(64, 80), (8, 8), (20, 400), (700, 500)])
def test_the_embedding_is_the_same_for_the_same_seed_at_any_size(size: tuple[int, int]) -> None:
    picture, negative = as_picture(painting(*size)), as_picture(-painting(*size))
    told = embedding(picture, PRIOR.encoder, 1)
    assert told.shape == (6,) and told.isfinite().all()
    assert torch.equal(told, embedding(picture, PRIOR.encoder, 1))
    assert not torch.equal(told, embedding(negative, PRIOR.encoder, 1))
    assert told.device == CPU


def test_a_style_from_before_there_were_strokes_can_still_be_drawn_and_blended() -> None:
    new = adapted([painting()])
    old = {name: tensor for name, tensor in new.items() if name != "told"}
    assert drawn(old, BRIEF).isfinite().all()
    assert "told" not in blend([old, new], [1, 1])
    assert blend([new, new], [1, 1])["told"].shape == (1, 6)
