"""The sinusoid toy: query error after 0, 1, 5 and 10 steps, shipped weights, unseen waves."""

from collections.abc import Iterator

import torch
from torch import Tensor

from engine.lab.bench.intervals import mean_interval, paired_interval
from engine.lab.bench.report import Row
from engine.lab.training.sinusoid import (
    SHOTS,
    TEST_STEPS,
    errors_after,
    fine_tuners,
    sample_sinusoids,
    toy_learners,
    toy_path,
)
from engine.lab.training.weights import load_weights

BENCH = "meta sinusoid"
UNSEEN_SEED = 10**9  # training draws its seeds from 0 upwards
JOINT = "joint + fine-tuning"


def rows(waves: int, seed: int) -> Iterator[Row]:
    """A row for each learner and number of steps, then the issue's ratio."""
    tasks = sample_sinusoids(UNSEEN_SEED + seed, waves, SHOTS, queries=100)
    errors: dict[tuple[str, int], Tensor] = {}
    for name, make in toy_learners().items():
        learner = load_weights(toy_path(name), make())
        for note, tuner in fine_tuners(learner).items():
            for steps in TEST_STEPS:
                errors[name + note, steps] = found = errors_after(tuner, tasks, steps)
                value, low, high = mean_interval(found)
                yield Row(
                    bench=BENCH, arm=name + note, styles=waves, references=SHOTS,
                    metric=f"MSE after {steps} steps", value=value, low=low, high=high,
                )  # fmt: skip
    yield _ratio(errors, waves)


def _ratio(errors: dict[tuple[str, int], Tensor], waves: int) -> Row:
    """Joint pre-training after ten steps of its best rule, over MAML after one: at least 5."""
    tuned = {arm: e for (arm, steps), e in errors.items() if arm.startswith(JOINT) and steps == 10}
    finite = {arm: e for arm, e in tuned.items() if torch.isfinite(e).all()}
    best = min(finite, key=lambda arm: float(finite[arm].mean()))
    value, low, high = paired_interval(finite[best], errors["MAML", 1])
    return Row(
        bench=BENCH, arm=f"{best} / MAML", styles=waves, references=SHOTS,
        metric="error after 10 steps / error after 1", value=value, low=low, high=high,
    )  # fmt: skip
