"""Meta-training of the denoiser's steps, on made-up pictures."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from PIL import Image

from engine.lab.training import image_steps as training
from engine.lab.training.image_data import Crops, StyleWorks
from engine.lab.training.loop import OuterLoop
from engine.lab.training.weights import save_weights
from engine.media.image.generators.transport.denoiser import Denoiser, DenoiserConfig, StyleEncoder
from engine.media.image.generators.transport.weights import Prior, load_prior, plain_start

SMALL = DenoiserConfig(channels=8, dilations=(1, 2), style=6, told=10)


@pytest.fixture(autouse=True)
def few_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "QUERY_PX", 3_000)
    monkeypatch.setattr(training, "START_PACE", 1.0)
    monkeypatch.setattr("engine.media.image.generators.transport.fit.PIXELS_A_STEP", 3_000)


@pytest.fixture
def prior() -> Prior:
    torch.manual_seed(1)
    denoiser = Denoiser(SMALL).requires_grad_(False)
    return Prior(denoiser, StyleEncoder(SMALL.style).requires_grad_(False), plain_start(denoiser))


def striped(step: int) -> Image.Image:
    row = bytes(255 * (x // step % 2) for x in range(80)) * 60
    return Image.frombytes("L", (80, 60), row).convert("RGB")


@pytest.fixture
def crops() -> Crops:
    styles = [StyleWorks(str(k), "painting", [striped(k)] * 3, [striped(k)] * 2) for k in (3, 5, 8)]
    return Crops(styles, {"painting": 1.0})


def test_tasks_repeat_and_judge_by_what_the_references_told(crops: Crops, prior: Prior) -> None:
    one, two = (training.tasks_of(crops, prior, (0, 3, 1)) for _ in range(2))
    assert len(one) == training.STYLES_A_STEP
    for a, b in zip(one, two, strict=True):
        assert len(a.support) == training.STEPS
        assert torch.equal(a.query[0].crops, b.query[0].crops)
        assert torch.allclose(a.query[0].style[0], a.support[0].style.mean(0), atol=0.5)
    other = training.tasks_of(crops, prior, (0, 4, 1))
    assert not torch.equal(one[0].query[0].crops, other[0].query[0].crops)


@pytest.mark.slow
def test_training_moves_start_and_rates_and_both_can_be_loaded(
    crops: Crops, prior: Prior, tmp_path
) -> None:
    learner = training.StepsLearner(prior, rate=1e-3)
    task = training.style_task(crops.styles[0], prior, np.random.default_rng(5), 2)
    before = float(learner.style_loss(task).detach())
    config = replace(training.CONFIG, steps=15, warmup_steps=2, rate=5e-3, ema_decay=0.5)

    def sample(step: int, rank: int, ranks: int) -> list[training.StyleTask]:
        return training.tasks_of(crops, prior, (0, step, rank))

    loop = OuterLoop(learner, sample, config, tmp_path)
    loop.run()
    learner.load_state_dict(loop.averaged_weights())
    assert float(learner.style_loss(task).detach()) < 0.9 * before
    assert len({round(rate, 6) for rate in learner.rule.rates().values()}) > 1
    joint, steps = tmp_path / "joint.safetensors", tmp_path / "steps.safetensors"
    training.ship(loop, steps)
    weights = {f"denoiser.{k}": t for k, t in prior.denoiser.state_dict().items()}
    weights |= {f"encoder.{k}": t for k, t in prior.encoder.state_dict().items()}
    save_weights(joint, weights, {"config": asdict(SMALL)})
    found = load_prior(joint, torch.device("cpu"), steps).start
    assert found.rates == pytest.approx(learner.rule.rates(), rel=1e-4)
    for name, tensor in learner.start().items():
        torch.testing.assert_close(found.weights[name], tensor.detach(), atol=2e-3, rtol=2e-3)
