"""MAML and first-order MAML against `higher`, `torchopt` and finite differences, in float64."""

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from engine.lab.training.sinusoid import sample_sinusoids
from engine.meta.episodes import TaskBatch
from engine.meta.gradient_based import ANIL, GradientLearner, maml, meta_sgd
from engine.meta.inner_loop import FixedRate
from engine.meta.learner import squared_error
from engine.meta.networks import MLP, BodyAndHead, conv4_classifier
from engine.meta.reptile import Reptile

RATE, STEPS, TASKS = 0.05, 3, 4
pytestmark = pytest.mark.filterwarnings("ignore")  # of the foreign packages, not ours


@pytest.fixture
def network() -> MLP:
    torch.manual_seed(0)
    return MLP((1, 12, 12, 1)).double()


@pytest.fixture
def tasks() -> TaskBatch:
    return sample_sinusoids(3, TASKS, dtype=torch.float64)


def assert_same(found: object, expected: object) -> None:
    """Equal in float64, but for the order of sums."""
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)


def each(tasks: TaskBatch):
    return zip(tasks.support_x, tasks.support_y, tasks.query_x, tasks.query_y, strict=True)


def ours(network: nn.Module, tasks: TaskBatch, *, first_order: bool) -> list[Tensor]:
    learner = maml(network, RATE, squared_error, steps=STEPS, first_order=first_order)
    learner.backward(tasks)
    return [p.grad for p in network.parameters() if p.grad is not None]


def our_adapted(network: nn.Module, tasks: TaskBatch) -> list[Tensor]:
    learner = maml(network, RATE, squared_error, steps=STEPS)
    adapted = learner.adapt(tasks.support_x[0], tasks.support_y[0])
    return list(adapted.values())


@pytest.mark.parametrize("first_order", [False, True])
def test_higher_gives_the_same_adapted_parameters_and_meta_gradient(network, tasks, first_order):
    higher = pytest.importorskip("higher", reason="`higher` is not installed (pip install .[dev])")
    twin = copy.deepcopy(network)
    optimizer = torch.optim.SGD(twin.parameters(), lr=RATE)
    adapted = []
    for sx, sy, qx, qy in each(tasks):
        with higher.innerloop_ctx(
            twin, optimizer, copy_initial_weights=False, track_higher_grads=not first_order
        ) as (fast, inner):
            for _ in range(STEPS):
                inner.step(squared_error(fast(sx), sy))
            adapted.append([p.detach() for p in fast.parameters()])
            loss = squared_error(fast(qx), qy) / TASKS
            if first_order:  # the gradient at θ' is the meta-gradient
                for p, g in zip(
                    twin.parameters(),
                    torch.autograd.grad(loss, list(fast.parameters())),
                    strict=True,
                ):
                    p.grad = g if p.grad is None else p.grad + g
            else:
                loss.backward()
    assert_same(our_adapted(network, tasks), adapted[0])
    theirs = [p.grad for p in twin.parameters()]
    assert_same(ours(network, tasks, first_order=first_order), theirs)


def test_torchopt_gives_the_same_adapted_parameters_and_meta_gradient(network, tasks):
    torchopt = pytest.importorskip("torchopt", reason="`torchopt` is not installed")
    twin = copy.deepcopy(network)
    inner = torchopt.MetaSGD(twin, lr=RATE)
    start_network = torchopt.extract_state_dict(twin, by="reference")
    start_optimizer = torchopt.extract_state_dict(inner, by="reference")
    leaves = list(twin.parameters())
    adapted, total = [], torch.zeros((), dtype=torch.float64)
    for sx, sy, qx, qy in each(tasks):
        for _ in range(STEPS):
            inner.step(squared_error(twin(sx), sy))
        adapted.append([p.detach().clone() for p in twin.parameters()])
        total = total + squared_error(twin(qx), qy) / TASKS
        torchopt.recover_state_dict(twin, start_network)
        torchopt.recover_state_dict(inner, start_optimizer)
    theirs = list(torch.autograd.grad(total, leaves))
    assert_same(our_adapted(network, tasks), adapted[0])
    assert_same(ours(network, tasks, first_order=False), theirs)


@pytest.mark.parametrize("kind", ["maml", "meta_sgd", "conv"])
def test_the_meta_gradient_agrees_with_finite_differences(network, tasks, kind):
    if kind == "conv":
        torch.manual_seed(1)
        learner = maml(conv4_classifier(3, channels=8).double(), 0.1, steps=2)
        labels = torch.arange(3).repeat(2, 2)
        pictures = torch.rand(4, 2, 6, 1, 28, 28, dtype=torch.float64)
        tasks = TaskBatch(pictures[0], labels, pictures[1], labels)
    else:
        make = maml if kind == "maml" else meta_sgd
        learner = make(network, RATE, squared_error, steps=2)
    learner.backward(tasks)
    named = [(p, p.grad) for p in learner.parameters() if p.grad is not None]
    torch.manual_seed(2)
    directions = [torch.randn_like(p) for p, _ in named]
    slope = sum(float((g * d).sum()) for (_, g), d in zip(named, directions, strict=True))
    width, ends = 1e-8, []  # so narrow that no ReLU of the support pass changes sides
    for sign in (1, -1):
        with torch.no_grad():
            for (p, _), d in zip(named, directions, strict=True):
                p.add_(d, alpha=sign * width)
            # under no_grad the learner need not differentiate the inner loop, the value is equal
            ends.append(float(learner.losses(tasks).mean()))
            for (p, _), d in zip(named, directions, strict=True):
                p.sub_(d, alpha=sign * width)
    assert slope == pytest.approx((ends[0] - ends[1]) / (2 * width), rel=1e-4)


def test_vmap_over_tasks_is_the_same_as_one_after_the_other(network, tasks):
    learner = maml(network, RATE, squared_error, steps=STEPS)
    together = learner.losses(tasks)
    alone = torch.stack([learner.task_loss(*task) for task in each(tasks)])
    assert_same(together, alone)


def test_meta_sgd_against_a_hand_made_step(network, tasks):
    learner = meta_sgd(network, RATE, squared_error)
    with torch.no_grad():
        for rate in learner.rule.parameters():
            rate.uniform_(0.01, 0.1, generator=torch.Generator().manual_seed(4))
    learner.backward(tasks)
    names = [name for name, _ in network.named_parameters()]
    rates = [learner.rule.get_parameter("rates." + n.replace(".", "/")) for n in names]
    theta = [p.detach().clone().requires_grad_() for p in network.parameters()]
    alpha = [r.detach().clone().requires_grad_() for r in rates]
    total = torch.zeros((), dtype=torch.float64)
    for sx, sy, qx, qy in each(tasks):
        before = functional_call(network, dict(zip(names, theta, strict=True)), (sx,))
        grads = torch.autograd.grad(squared_error(before, sy), theta, create_graph=True)
        moved = {n: t - a * g for n, t, a, g in zip(names, theta, alpha, grads, strict=True)}
        total = total + squared_error(functional_call(network, moved, (qx,)), qy) / TASKS
    expected = torch.autograd.grad(total, theta + alpha)
    found = [p.grad for p in network.parameters()] + [r.grad for r in rates]
    assert_same(found, list(expected))


def test_reptile_against_plain_sgd(network, tasks):
    learner = Reptile(
        network, squared_error, rule=FixedRate(RATE), steps=4, test_steps=4, minibatch=6
    )
    learner.backward(tasks)
    expected = [torch.zeros_like(p) for p in network.parameters()]
    batches = learner.minibatches(20)
    for sx, sy, qx, qy in each(tasks):
        twin = copy.deepcopy(network)
        twin.zero_grad()
        optimizer = torch.optim.SGD(twin.parameters(), lr=RATE)
        x, y = torch.cat([sx, qx]), torch.cat([sy, qy])
        for positions in batches:
            optimizer.zero_grad()
            squared_error(twin(x[positions]), y[positions]).backward()
            optimizer.step()
        for total, old, new in zip(expected, network.parameters(), twin.parameters(), strict=True):
            total += (old.detach() - new.detach()) / TASKS
    assert_same([p.grad for p in network.parameters()], expected)


def test_anil_is_maml_of_the_head_alone(tasks):
    torch.manual_seed(5)
    network = BodyAndHead(nn.Sequential(nn.Linear(1, 9), nn.Tanh()), 9, 1).double()
    general = GradientLearner(network, FixedRate(RATE), squared_error, steps=2, adapted=["head.*"])
    general.backward(tasks)
    expected = [p.grad.clone() for p in network.parameters() if p.grad is not None]
    network.zero_grad()
    ANIL(network, RATE, squared_error, steps=2).backward(tasks)
    assert_same([p.grad for p in network.parameters()], expected)
