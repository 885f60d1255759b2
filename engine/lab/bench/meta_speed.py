"""MAML meta-steps per second: ours against `higher` and `torchopt`, same network, tasks, machine.

The three are timed in turns, so that a busy machine slows them alike, and must agree on the
meta-gradient before any time is taken.
"""

import statistics
import time
import warnings
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from engine.lab.bench.report import Row
from engine.lab.training.sinusoid import sample_sinusoids
from engine.meta.episodes import TaskBatch
from engine.meta.gradient_based import maml
from engine.meta.learner import Objective, cross_entropy, squared_error
from engine.meta.networks import MLP, conv4_classifier

BENCH = "meta speed"
STEPS = 3
Backward = Callable[[], None]


def rows(seconds: float, seed: int) -> Iterator[Row]:
    """Meta-steps per second, median and middle half of the turns, for two problems."""
    torch.manual_seed(seed)
    pictures = conv4_classifier(5).requires_grad_(True)  # torchopt asks it of the head too
    problems: dict[str, tuple[nn.Module, TaskBatch, Objective, float]] = {
        "sinusoid MLP, 25 tasks": (MLP(), sample_sinusoids(seed, 25), squared_error, 0.01),
        "Conv4 5-way 1-shot, 8 tasks": (pictures, _pictures(8), cross_entropy, 0.03),
    }
    for problem, (network, tasks, objective, rate) in problems.items():
        arms = _arms(network, tasks, objective, rate)
        _same_gradient(network, arms)
        for arm, speeds in _timed(arms, seconds).items():
            low, _, high = statistics.quantiles(speeds, n=4)
            yield Row(
                bench=BENCH, arm=arm, styles=len(tasks), metric=f"meta-steps/s, {problem}",
                value=statistics.median(speeds), low=low, high=high,
            )  # fmt: skip


def _pictures(count: int) -> TaskBatch:
    labels = torch.arange(5).expand(count, -1)
    x = torch.rand(2, count, 5, 1, 28, 28)
    return TaskBatch(x[0], labels, x[1], labels)


def _arms(
    network: nn.Module, tasks: TaskBatch, objective: Objective, rate: float
) -> dict[str, Backward]:
    """Name -> one meta-gradient into network's `.grad`; packages that are absent are left out."""
    learner = maml(network, rate, objective, steps=STEPS)
    arms: dict[str, Backward] = {"ours": lambda: _discard(learner.backward(tasks))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs, about their own age
        for name, make in {"higher": _higher, "torchopt": _torchopt}.items():
            try:
                arms[name] = make(network, tasks, objective, rate)
            except ImportError:
                continue
    return arms


def _discard(_: Tensor) -> None:
    """The loss is not wanted."""


def _higher(network: nn.Module, tasks: TaskBatch, objective: Objective, rate: float) -> Backward:
    import higher

    optimizer = torch.optim.SGD(network.parameters(), lr=rate)

    def backward() -> None:
        for i in range(len(tasks)):
            loop = higher.innerloop_ctx(network, optimizer, copy_initial_weights=False)
            with loop as (fast, inner):
                for _ in range(STEPS):
                    inner.step(objective(fast(tasks.support_x[i]), tasks.support_y[i]))
                loss = objective(fast(tasks.query_x[i]), tasks.query_y[i]) / len(tasks)
                loss.backward()

    return backward


def _torchopt(network: nn.Module, tasks: TaskBatch, objective: Objective, rate: float) -> Backward:
    import torchopt

    inner = torchopt.MetaSGD(network, lr=rate)
    start = torchopt.extract_state_dict(network, by="reference")
    start_inner = torchopt.extract_state_dict(inner, by="reference")

    def backward() -> None:
        for i in range(len(tasks)):
            for _ in range(STEPS):
                inner.step(objective(network(tasks.support_x[i]), tasks.support_y[i]))
            loss = objective(network(tasks.query_x[i]), tasks.query_y[i]) / len(tasks)
            loss.backward()
            torchopt.recover_state_dict(network, start)
            torchopt.recover_state_dict(inner, start_inner)

    return backward


def _same_gradient(network: nn.Module, arms: dict[str, Backward]) -> None:
    """Raises AssertionError where an arm computes something else: its time would mean nothing."""
    found: dict[str, list[Tensor]] = {}
    for arm, backward in arms.items():
        network.zero_grad()
        backward()
        found[arm] = [p.grad.clone() for p in network.parameters() if p.grad is not None]
    for gradients in found.values():
        torch.testing.assert_close(gradients, found["ours"], rtol=1e-2, atol=1e-4)


def _timed(arms: dict[str, Backward], seconds: float) -> dict[str, list[float]]:
    """Arm -> meta-steps per second of every turn; about `seconds` in all, at least five turns."""
    speeds: dict[str, list[float]] = {arm: [] for arm in arms}
    started = time.perf_counter()
    while time.perf_counter() - started < seconds or len(speeds["ours"]) < 5:
        for arm, backward in arms.items():
            before = time.perf_counter()
            backward()
            speeds[arm].append(1 / (time.perf_counter() - before))
    return speeds
