"""Tasks and training of the picture denoiser, on made-up pictures."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from PIL import Image

from engine.lab.training import image as training
from engine.lab.training.image_data import SIDES, Crops, StyleWorks
from engine.lab.training.loop import OuterLoop
from engine.media.image.crops import any_cut
from engine.media.image.generators.transport.denoiser import DenoiserConfig
from engine.media.image.generators.transport.weights import load_prior
from engine.meta.errors import WrongCheckpointError

SMALL = DenoiserConfig(channels=8, dilations=(1, 2), style=6, told=10)


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (90, 60)) -> Image.Image:
    return Image.new("RGB", size, colour)


@pytest.fixture
def crops() -> Crops:
    styles = [
        StyleWorks("red", "painting", [plain((200, 0, 0))], [plain((180, 0, 0))]),
        StyleWorks("blue", "painting", [plain((0, 0, 200))], [plain((0, 0, 180))]),
        StyleWorks("flat", "clip art", [plain((0, 200, 0))], [plain((0, 180, 0))]),
    ]
    return Crops(styles, {"painting": 0.8, "clip art": 0.2})


def test_a_batch_repeats_and_has_the_promised_shapes(crops):
    for step in range(len(SIDES)):
        one, two = (crops.batch(3, step, 0, styles=4) for _ in range(2))
        assert torch.equal(one.query_x, two.query_x) and torch.equal(one.query_y, two.query_y)
        side = SIDES[step]
        assert one.support_x.shape[:3] == (4, 6, 3)
        assert one.query_x.shape[2:] == (2, 3, side, side)
        assert one.query_y.shape == (*one.query_x.shape[:2], 2)
    other = crops.batch(3, 0, 1, styles=4)
    assert not torch.equal(other.query_x, crops.batch(3, 0, 0, styles=4).query_x)


def test_support_and_query_are_of_one_style_and_kinds_come_by_their_shares(crops):
    reds = greens = 0
    for step in range(40):
        tasks = crops.batch(0, step, 0, styles=12)
        support = tasks.support_x.mean((1, 3, 4)).argmax(1)
        query = tasks.query_x[:, :, 0].mean((1, 3, 4)).argmax(1)
        assert torch.equal(support, query)
        reds, greens = reds + int((query != 1).sum()), greens + int((query == 1).sum())
    assert greens / (reds + greens) == pytest.approx(0.2, abs=0.06)


def test_a_crop_shows_what_lies_in_its_window_at_the_scale_it_tells():
    ramp = np.linspace(0, 255, 120).astype(np.uint8)
    picture = Image.fromarray(np.stack([np.tile(ramp, (80, 1))] * 3, -1))
    for seed in range(20):
        cut, scale = any_cut(picture, 16, np.random.default_rng(seed))
        values = np.asarray(cut)[:, :, 0].astype(float)
        slope = abs(values[:, -1].mean() - values[:, 0].mean()) / 15
        shrink = (120 * 80) ** 0.5 / scale  # source pixels a crop's pixel
        assert slope == pytest.approx(255 / 119 * shrink, rel=0.25)
        assert 10 <= scale <= 98.1


@pytest.mark.slow
def test_training_lowers_the_loss_and_the_weights_can_be_loaded(crops, tmp_path):
    torch.manual_seed(0)
    learner = training.DenoiserLearner(SMALL)
    batches = [crops.batch(9, step, 0, styles=4) for step in range(2)]
    config = replace(training.CONFIG, steps=30, warmup_steps=2, rate=1e-2, ema_decay=0.5)
    before = training.watched_loss(learner, batches)
    loop = OuterLoop(learner, lambda k, r, n: crops.batch(0, k, r, styles=4), config, tmp_path)
    loop.run()
    learner.load_state_dict(loop.averaged_weights())
    assert training.watched_loss(learner, batches) < 0.8 * before
    path = tmp_path / "joint.safetensors"
    training.ship(loop, {"config": asdict(SMALL)}, path)
    prior = load_prior(path, torch.device("cpu"))
    assert prior.denoiser.config == SMALL
    found = prior.encoder(batches[0].support_x[0], batches[0].support_y[0])
    wanted = learner.encoder(batches[0].support_x[0], batches[0].support_y[0])
    torch.testing.assert_close(found, wanted, atol=1e-2, rtol=1e-2)


def test_weights_that_are_none_are_refused(tmp_path):
    path = tmp_path / "joint.safetensors"
    with pytest.raises(WrongCheckpointError, match="missing"):
        load_prior(path, torch.device("cpu"))
    path.write_bytes(b"\x80\x04pickle")
    path.with_suffix(".json").write_text(json.dumps({"config": {"channels": 8, "dilations": [1]}}))
    with pytest.raises(WrongCheckpointError, match="no picture denoiser"):
        load_prior(path, torch.device("cpu"))
