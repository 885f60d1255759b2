"""The outer loop: exact resume, honest failure, one figure for any number of processes."""

import csv

import pytest
import torch

from engine.lab.training.checkpoint import (
    Checkpoint,
    fingerprint,
    read_checkpoint,
    write_checkpoint,
)
from engine.lab.training.config import OuterConfig
from engine.lab.training.loop import COLUMNS, LOG_NAME, OuterLoop
from engine.lab.training.sinusoid import sample_sinusoids
from engine.meta.errors import DivergedError, WrongCheckpointError
from engine.meta.gradient_based import maml
from engine.meta.inner_loop import FixedRate
from engine.meta.learner import squared_error
from engine.meta.networks import MLP
from engine.meta.reptile import Reptile

CONFIG = OuterConfig(
    steps=12, rate=1e-2, warmup_steps=3, log_every=2, evaluate_every=6, checkpoint_every=5
)


def learner(hidden: int = 8):
    torch.manual_seed(0)
    return maml(MLP((1, hidden, 1)), 0.01, squared_error)


def sample(step: int, rank: int, ranks: int):
    return sample_sinusoids(step * ranks + rank, 4)


def tensors_of(loop: OuterLoop) -> dict[str, torch.Tensor]:
    loop.save()
    return read_checkpoint(loop.checkpoint_path).tensors


def test_a_resumed_run_is_the_same_to_the_last_bit(tmp_path):
    whole = OuterLoop(learner(), sample, CONFIG, tmp_path / "whole")
    whole.run()
    OuterLoop(learner(), sample, CONFIG, tmp_path / "cut").run(until=7)
    again = OuterLoop(learner(), sample, CONFIG, tmp_path / "cut")
    again.resume()
    assert again.step == 7
    again.run()
    expected, found = tensors_of(whole), tensors_of(again)
    assert expected.keys() == found.keys()
    assert any(name.startswith("outer/exp_avg_sq/") for name in found)
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_training_lowers_the_loss_and_keeps_an_average(tmp_path):
    config = OuterConfig(steps=150, rate=1e-2, ema_decay=0.9)
    loop = OuterLoop(learner(32), sample, config, tmp_path)
    test = sample_sinusoids(10**9, 200)
    before = loop.learner.losses(test).mean()
    loop.run()
    loop.learner.load_state_dict(loop.averaged_weights())
    assert loop.learner.losses(test).mean() < 0.9 * before


def test_the_log_has_a_held_out_figure_at_its_steps(tmp_path):
    loop = OuterLoop(learner(), sample, CONFIG, tmp_path, held_out=lambda _: 0.25)
    loop.run()
    with (tmp_path / LOG_NAME).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert {row["step"]: row["held_out"] for row in rows if row["held_out"] != "nan"} == {
        "6": "0.25",
        "12": "0.25",
    }


def test_the_rate_warms_up_and_falls_by_a_cosine():
    config = OuterConfig(steps=100, rate=1.0, warmup_steps=10, final_share=0.1)
    assert config.rate_at(0) == pytest.approx(0.1)
    assert config.rate_at(10) == pytest.approx(1.0)
    assert config.rate_at(55) == pytest.approx(0.55)
    assert config.rate_at(100) == pytest.approx(0.1)


def test_plain_sgd_takes_the_meta_gradient_as_it_is(tmp_path):
    config = OuterConfig(
        steps=4, rate=1.0, final_share=0.0, warmup_steps=0, optimizer="sgd", decay="linear"
    )
    assert [config.rate_at(step) for step in range(5)] == pytest.approx([1, 0.75, 0.5, 0.25, 0])
    model = Reptile(MLP((1, 8, 1)), squared_error, rule=FixedRate(0.01), steps=3)
    before = {name: p.detach().clone() for name, p in model.network.named_parameters()}
    tasks = sample(0, 0, 1)
    x = torch.cat([tasks.support_x, tasks.query_x], dim=1)
    y = torch.cat([tasks.support_y, tasks.query_y], dim=1)
    batches = model.minibatches(x.shape[1])
    trained, _ = torch.func.vmap(model.train_on_task, in_dims=(0, 0, None))(x, y, batches)
    loop = OuterLoop(model, sample, config, tmp_path)
    loop.run(until=1)
    for name, parameter in model.network.named_parameters():  # ε = 1: φ becomes the mean of the W
        torch.testing.assert_close(parameter.detach(), trained[name].mean(0).detach())
        assert not torch.equal(parameter, before[name])
    again = OuterLoop(model, sample, config, tmp_path)
    again.resume()
    assert again.step == 1


def test_an_unknown_outer_optimizer_is_refused():
    with pytest.raises(ValueError, match="choose among"):
        OuterConfig(steps=1, optimizer="lion")


def test_a_loss_that_is_no_number_ends_the_run_with_a_checkpoint(tmp_path):
    def poisoned(step: int, rank: int, ranks: int):
        tasks = sample(step, rank, ranks)
        if step == 4:
            tasks.query_y.fill_(float("nan"))
        return tasks

    loop = OuterLoop(learner(), poisoned, CONFIG, tmp_path)
    with pytest.raises(DivergedError, match="at step 4: lower the learning rate"):
        loop.run()
    again = OuterLoop(learner(), sample, CONFIG, tmp_path)
    again.resume()
    assert again.step == 4
    assert all(torch.isfinite(p).all() for p in again.learner.parameters())


def test_bf16_autocast_trains(tmp_path):
    config = OuterConfig(steps=3, bf16=True)
    OuterLoop(learner(), sample, config, tmp_path).run()
    found = read_checkpoint(tmp_path / "checkpoint.safetensors")
    assert all(t.dtype == torch.float32 for t in found.tensors.values())


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    loop = OuterLoop(learner(8), sample, CONFIG, tmp_path)
    loop.save()
    with pytest.raises(WrongCheckpointError, match="other names or shapes"):
        OuterLoop(learner(9), sample, CONFIG, tmp_path).resume()


def test_damaged_missing_and_newer_checkpoints_are_refused(tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    with pytest.raises(WrongCheckpointError, match="no such file"):
        read_checkpoint(path)
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(WrongCheckpointError, match="no safetensors file"):
        read_checkpoint(path)
    tensors = {"model/w": torch.zeros(2)}
    write_checkpoint(path, Checkpoint(3, fingerprint(learner()), tensors, {}))
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"format":"1"', b'"format":"9"'))
    with pytest.raises(WrongCheckpointError, match="newer than this Maquette"):
        read_checkpoint(path)


def test_muon_takes_the_matrices_and_adamw_the_rest(tmp_path):
    config = OuterConfig(steps=6, rate=1e-2, warmup_steps=0, optimizer="muon", decay="late")
    assert [config.rate_at(s) for s in (0, 4)] == [1e-2, 1e-2]
    assert config.rate_at(5) < 1e-2
    loop = OuterLoop(learner(), sample, config, tmp_path)
    loop.run(until=3)
    saved = tensors_of(loop)
    slots = {key.split("/")[1] for key in saved if key.startswith("outer/")}
    assert slots == {"momentum_buffer", "step", "exp_avg", "exp_avg_sq"}
    loop.run()
    again = OuterLoop(learner(), sample, config, tmp_path / "again")
    again.run(until=3)
    resumed = OuterLoop(learner(), sample, config, tmp_path / "again")
    resumed.resume()
    resumed.run()
    for name, parameter in loop.learner.state_dict().items():
        assert torch.equal(parameter, resumed.learner.state_dict()[name])
