"""The toy of the MAML paper: regress a sine wave from ten points (Finn et al. 2017, section 5.1).

Legend: B tasks, K = 10 support points, Q query points; x (B, K, 1) in -5..5; y = a sin(x - b) with
amplitude a in 0.1..5 and phase b in 0..π. The network is 1-40-40-1 with ReLU.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.func import vmap

from engine.lab.training.config import OuterConfig
from engine.lab.training.distributed import Ranks
from engine.lab.training.loop import OuterLoop
from engine.lab.training.weights import WEIGHTS_FOLDER, save_weights
from engine.meta.context_networks import ContextMLP
from engine.meta.episodes import TaskBatch
from engine.meta.gradient_based import CAVIA, GradientLearner, maml
from engine.meta.inner_loop import Adam, FixedRate
from engine.meta.learner import MetaLearner, squared_error
from engine.meta.networks import MLP
from engine.meta.reptile import Reptile

SHOTS, RATE, CONTEXT = 10, 0.01, 4
TEST_STEPS = (0, 1, 5, 10)


def sample_sinusoids(
    seed: int, count: int, shots: int = SHOTS, queries: int = SHOTS, *, dtype=torch.float32
) -> TaskBatch:
    """`count` waves, always the same for a seed."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(*shape: int, low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=generator, dtype=dtype)

    amplitude = uniform(count, 1, 1, low=0.1, high=5.0)
    phase = uniform(count, 1, 1, low=0.0, high=torch.pi)
    x = uniform(count, shots + queries, 1, low=-5.0, high=5.0)
    y = amplitude * torch.sin(x - phase)
    return TaskBatch(x[:, :shots], y[:, :shots], x[:, shots:], y[:, shots:])


class JointRegressor(MetaLearner):
    """Pre-training on all tasks together, as if they were one: the paper's baseline."""

    def __init__(self, network: MLP) -> None:
        super().__init__()
        self.network = network

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        x, y = torch.cat([support_x, query_x]), torch.cat([support_y, query_y])
        return squared_error(self.network(x), y)


def toy_learners() -> dict[str, Callable[[], MetaLearner]]:
    """Name -> a new learner; all but CAVIA's context on the same 1-40-40-1 network."""
    return {
        "joint + fine-tuning": lambda: JointRegressor(MLP()),
        "MAML": lambda: maml(MLP(), RATE, squared_error),
        "FOMAML": lambda: maml(MLP(), RATE, squared_error, first_order=True),
        "CAVIA": lambda: CAVIA(ContextMLP(CONTEXT), CONTEXT, 1.0, squared_error),
        "Reptile": lambda: Reptile(
            MLP(), squared_error, rule=FixedRate(0.02), steps=10, test_steps=10, minibatch=10
        ),
    }


@dataclass(frozen=True, slots=True)
class ToyRecipe:
    """Outer steps and rate; waves a step and query points of each."""

    steps: int = 15_000
    rate: float = 3e-3
    waves: int = 25
    queries: int = SHOTS


LONG = ToyRecipe(steps=40_000, rate=5e-3, waves=50, queries=40)
TOY_RECIPES = {  # the baseline has what MAML has; the rest were done with less
    "MAML": LONG,
    "joint + fine-tuning": LONG,
    "FOMAML": ToyRecipe(steps=40_000),
    "CAVIA": ToyRecipe(),
    "Reptile": ToyRecipe(),
}


def toy_path(name: str) -> Path:
    return WEIGHTS_FOLDER / f"sinusoid-{name.partition(' ')[0].lower()}.safetensors"


def train_toy(
    name: str,
    folder: Path,
    steps: int | None = None,
    *,
    resume: bool = False,
    seed: int = 0,
    ranks: Ranks | None = None,
) -> MetaLearner:
    """Train one toy learner as its recipe says; returns it with its averaged weights.

    resume: go on from the folder's checkpoint where there is one. Raises `WrongCheckpointError`.
    """
    torch.manual_seed(seed)
    learner = toy_learners()[name]()
    recipe = TOY_RECIPES[name]
    steps = recipe.steps if steps is None else steps
    config = OuterConfig(
        steps=steps,
        rate=recipe.rate,
        ema_decay=0.999,
        log_every=1000,
        evaluate_every=10 * steps,
        checkpoint_every=5000,
    )

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        number = step * ranks + rank + seed * 10**8
        return sample_sinusoids(number, recipe.waves, SHOTS, recipe.queries)

    loop = OuterLoop(learner, sample, config, folder, ranks=ranks)
    if resume and loop.checkpoint_path.exists():
        loop.resume()
    loop.run()
    learner.load_state_dict(loop.averaged_weights())
    return learner


def ship_toy(name: str, learner: MetaLearner) -> None:
    """Keep the weights, with a model card, among the assets."""
    card: dict[str, object] = {
        "learner": name,
        "trained_on": "sinusoids",
        "recipe": asdict(TOY_RECIPES[name]),
    }
    save_weights(toy_path(name), dict(learner.state_dict()), card)


def fine_tuners(learner: MetaLearner) -> dict[str, GradientLearner]:
    """The learner(s) that adapt at test time. The joint model is tuned by each fair rule."""
    if isinstance(learner, GradientLearner):
        return {"": learner}
    assert isinstance(learner, JointRegressor)
    rules = {
        " (SGD 0.01)": FixedRate(0.01),
        " (SGD 0.1)": FixedRate(0.1),
        " (Adam 0.01)": Adam(0.01, beta1=0.9),
        " (Adam 0.1)": Adam(0.1, beta1=0.9),
    }
    return {
        note: GradientLearner(learner.network, rule, squared_error) for note, rule in rules.items()
    }


@torch.no_grad()
def errors_after(learner: GradientLearner, tasks: TaskBatch, steps: int) -> Tensor:
    """(B,) mean squared query error after so many inner steps."""
    before = learner.test_steps
    learner.eval()
    learner.test_steps = steps
    predictions = vmap(learner.predict)(tasks.support_x, tasks.support_y, tasks.query_x)
    learner.test_steps = before
    learner.train()
    return (predictions - tasks.query_y).square().mean((1, 2))
