"""Every meta-learner on one made-up problem that a few dozen steps can learn."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from engine.lab.training.fewshot_recipes import RECIPES
from engine.meta.episodes import TaskBatch
from engine.meta.errors import EmptySupportError, MetaError
from engine.meta.gradient_based import GradientLearner, maml
from engine.meta.inner_loop import Adam, LearnedAdam
from engine.meta.learned_optimizer import MetaLSTM, scaled
from engine.meta.learner import accuracies
from engine.meta.memory import LeastUsedMemory, Memory, MemoryAugmented
from engine.meta.meta_rnn import MetaRNN
from engine.meta.metric import Matching, Prototypical, Siamese, squared_distances
from engine.meta.networks import MLP

WAYS = 3


def noisy_classes(seed: int, count: int = 16, shots: int = 2) -> TaskBatch:
    """Classes are directions in 8 dimensions; half the dimensions are noise."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.randn(count, WAYS, 1, 8, generator=generator)
    spread = torch.tensor([0.3] * 4 + [3.0] * 4)
    x = centres + spread * torch.randn(count, WAYS, shots + 3, 8, generator=generator)
    labels = torch.arange(WAYS).repeat_interleave(shots).expand(count, -1)
    asked = torch.arange(WAYS).repeat_interleave(3).expand(count, -1)
    support, query = x[:, :, :shots].flatten(1, 2), x[:, :, shots:].flatten(1, 2)
    return TaskBatch(support, labels, query, asked)


LEARNERS = {
    "maml": lambda: maml(MLP((8, 32, WAYS)), 0.3, steps=3),
    "meta-lstm": lambda: GradientLearner(
        MLP((8, 32, WAYS)), MetaLSTM(), steps=3, first_order=True, truncate=2
    ),
    "prototypical": lambda: Prototypical(nn.Linear(8, 8), WAYS),
    "matching": lambda: Matching(nn.Linear(8, 8), WAYS),
    "siamese": lambda: Siamese(nn.Linear(8, 8), WAYS),
    "mann": lambda: MemoryAugmented(nn.Linear(8, 16), 16, WAYS, hidden=24, size=16),
    "meta-rnn": lambda: MetaRNN(nn.Linear(8, 16), 16, WAYS, each=12),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LEARNERS)
def test_a_learner_learns_to_learn(name):
    torch.manual_seed(0)
    learner = LEARNERS[name]()
    test = noisy_classes(10_000, 200)
    before = accuracies(learner, test).mean()
    optimizer = torch.optim.Adam(learner.parameters(), 5e-3)
    for step in range(250):
        optimizer.zero_grad()
        learner.backward(noisy_classes(step))
        optimizer.step()
    after = accuracies(learner, test).mean()
    assert after > before + 0.05, (before, after)
    assert after > 0.6


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_takes_pictures_and_gives_what_is_learned_a_gradient(name):
    torch.manual_seed(0)
    learner = RECIPES[name].make(WAYS)
    labels = torch.arange(WAYS).expand(2, -1)
    pictures = torch.rand(2, 2, WAYS, 1, 28, 28)
    tasks = TaskBatch(pictures[0], labels, pictures[1], labels)
    loss = learner.backward(tasks)
    assert torch.isfinite(loss)
    assert all(p.grad is not None for p in learner.parameters() if p.requires_grad)
    with torch.no_grad():
        assert learner.predict_all(tasks).shape == (2, WAYS, WAYS)


@pytest.mark.parametrize("name", LEARNERS)
def test_an_empty_support_set_is_refused(name):
    learner = LEARNERS[name]()
    x, y = torch.zeros(0, 8), torch.zeros(0, dtype=torch.long)
    with pytest.raises(EmptySupportError, match="at least one work"):
        learner.predict(x, y, torch.zeros(2, 8))
    with pytest.raises(MetaError):
        TaskBatch(x[None], y[None], torch.zeros(1, 2, 8), torch.zeros(1, 2))


def test_prototypes_are_class_means_and_scores_their_distances():
    learner = Prototypical(nn.Identity(), 2)
    x, y = torch.tensor([[0.0, 0], [2, 0], [0, 4]]), torch.tensor([0, 0, 1])
    support = learner.embed_support(x, y)
    assert support.tolist() == [[1, 0], [0, 4]]
    torch.testing.assert_close(
        learner.score(support, torch.tensor([[1.0, 1]])), torch.tensor([[-1.0, -10]])
    )


def test_squared_distances_are_those_of_cdist():
    a, b = torch.randn(5, 7).double(), torch.randn(4, 7).double()
    torch.testing.assert_close(squared_distances(a, b), torch.cdist(a, b) ** 2)


def test_matching_gives_the_attention_of_the_support():
    learner = Matching(nn.Identity(), 2)
    keys = F.normalize(torch.randn(3, 4), dim=1)
    labels, query = torch.tensor([0, 1, 1]), torch.randn(2, 4)
    attention = torch.softmax(math.exp(4) * F.normalize(query, dim=1) @ keys.T, dim=1)
    found = learner.score(learner.embed_support(keys, labels), query).exp()
    expected = torch.stack([attention[:, 0], attention[:, 1:].sum(1)], dim=1)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_memory_writes_to_the_least_used_slot_and_finds_it_again():
    memory = LeastUsedMemory(slots=4, size=3)
    with torch.no_grad():
        memory.write_gate.fill_(-20.0)  # write to the least used slot alone
    state = Memory(
        torch.full((4, 3), 1e-6), torch.tensor([3.0, 1.0, 0.5, 2.0]), torch.zeros(1, 4),
        torch.zeros(1), torch.zeros(1),
    )  # fmt: skip
    key = torch.tensor([[1.0, 2.0, 3.0]])
    weights, least = memory.write_weights(state)
    slots = memory.write(state, key, weights, least)
    assert least.argmax() == 2
    torch.testing.assert_close(slots[2], key[0])
    _, read = memory.read(slots, key)
    assert read.argmax() == 2
    usage = memory.used(state.usage, read, weights)
    assert usage[2] > 0.95 * state.usage[2] + 1


def test_meta_lstm_begins_as_gradient_descent():
    torch.manual_seed(0)
    rule = MetaLSTM(rate=0.4).double()
    with torch.no_grad():
        for gate in (rule.write_gate, rule.forget_gate):
            gate.weight.zero_()
        rule.forget_gate.bias.fill_(50.0)
    theta = {"a": torch.randn(3, 2).double(), "b": torch.randn(2).double()}
    gradient = {k: torch.randn_like(p) for k, p in theta.items()}
    moved, _ = rule(theta, gradient, torch.tensor(1.0).double(), rule.start(theta))
    expected = {k: p - 0.4 * gradient[k] for k, p in theta.items()}
    torch.testing.assert_close(moved, expected)


def test_the_inputs_of_the_meta_lstm_are_scaled_as_in_the_paper():
    x = torch.tensor([1.0, -1e-2, 1e-6, 0.0], dtype=torch.float64)
    log = math.log(1e-2) / 10
    expected = [[0.0, 1.0], [log, -1.0], [-1.0, 1e-6 * math.exp(10)], [-1.0, 0.0]]
    torch.testing.assert_close(scaled(x), torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("name", ["MAML", "Prototypical", "MANN"])
def test_learners_follow_the_dtype_of_their_input(name):
    learner = RECIPES[name].make(WAYS).double()
    pictures = torch.rand(1, WAYS, 1, 28, 28, dtype=torch.float64)
    labels = torch.arange(WAYS)[None]
    tasks = TaskBatch(pictures, labels, pictures, labels)
    assert learner.losses(tasks).dtype == torch.float64


def test_adam_with_learned_rates_is_adam_and_its_rates_can_be_learned():
    parameters = {"a.weight": torch.tensor([1.0, -2.0]), "b": torch.tensor([0.5])}
    gradients = {"a.weight": torch.tensor([0.3, -0.1]), "b": torch.tensor([2.0])}
    plain, learned = Adam(0.01, beta1=0.9), LearnedAdam(parameters, 0.01)
    states = plain.start(parameters), learned.start(parameters)
    ours = theirs = parameters
    for _ in range(3):
        theirs, first = plain(theirs, gradients, torch.tensor(0.0), states[0])
        ours, second = learned(ours, gradients, torch.tensor(0.0), states[1])
        states = first, second
    for name in parameters:
        torch.testing.assert_close(ours[name].detach(), theirs[name])
    ours["b"].sum().backward()
    assert learned.log_rates["b"].grad is not None and learned.log_rates["b"].grad != 0
    learned.set_rates({"a.weight": 0.2, "b": 0.03})
    assert learned.rates() == pytest.approx({"a.weight": 0.2, "b": 0.03}, rel=1e-5)
