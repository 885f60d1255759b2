"""Where the denoiser's steps begin and how far they go: meta-learned, first order.

    python -m engine train image-steps --hours 1 [--resume]

A task is a style: the steps are taken on crops of some works and judged on crops of others, told
of the first alone, just as the product adapts. The outer loop moves the start of every tensor
(first-order MAML: Finn et al. 2017, section 5.2) and its rate (Meta-SGD, Li et al. 2017, one rate
a tensor). The encoder stays as it is.
Legend: B styles a step, K works that are the references, M query crops of P px, E numbers told.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from engine.lab.training.config import OuterConfig
from engine.lab.training.corpus.image_works import ImageWorks
from engine.lab.training.distributed import Ranks, best_device
from engine.lab.training.image import CORPUS
from engine.lab.training.image_data import Crops, StyleWorks, load_crops
from engine.lab.training.loop import LOG_NAME, OuterLoop, read_log, train_and_ship
from engine.lab.training.weights import save_weights
from engine.media.image.crops import any_cut
from engine.media.image.generators.transport.fit import PLAIN_RATE, Minibatch, loss_of, minibatches
from engine.media.image.generators.transport.weights import (
    STEPS_FILE,
    WEIGHTS_FILE,
    Prior,
    load_prior,
)
from engine.media.image.style_embedding import embedding
from engine.meta.inner_loop import LearnedAdam, Parameters, descend, key_of
from engine.meta.learner import MetaLearner

RUNS = Path("runs/image-steps")
STYLES_A_STEP, MOST_REFERENCES = 3, 5
STEPS = 8  # of the inner loop, in training
QUERY_SIDES, QUERY_PX = (16, 24, 32, 48), 12_000  # P, and the pixels of each size's crops
START_PACE = 0.03  # an outer step of the rate r moves a weight by 0.03 r
WATCHED_STEPS = 6  # batches of validation styles
CONFIG = OuterConfig(
    steps=1_000_000,
    rate=1e-3,
    final_share=0.05,
    warmup_steps=10,
    clip_norm=1.0,
    ema_decay=0.97,
    log_every=5,
    evaluate_every=50,
    checkpoint_every=50,
    decay="late",
)


@dataclass(frozen=True, slots=True)
class StyleTask:
    """One style: a minibatch for each inner step, and those that judge."""

    support: tuple[Minibatch, ...]
    query: tuple[Minibatch, ...]


class StepsLearner(MetaLearner):
    """The start and the rates of the denoiser's steps."""

    def __init__(self, prior: Prior, rate: float = PLAIN_RATE) -> None:
        super().__init__()
        self._denoiser = [prior.denoiser]  # not a part: its weights are only where the start begins
        self._joint = {k: t.detach() for k, t in prior.denoiser.named_parameters()}
        self.moved = nn.ParameterDict(
            {key_of(k): nn.Parameter(torch.zeros_like(t)) for k, t in self._joint.items()}
        )
        self.rule = LearnedAdam(self._joint, rate)

    def start(self) -> Parameters:
        """θ_0: the joint weights and what was learned on top, at a pace that does not undo them."""
        return {k: t + START_PACE * self.moved[key_of(k)] for k, t in self._joint.items()}

    def loss(self, parameters: Parameters, batch: Minibatch) -> Tensor:
        return loss_of(self._denoiser[0], parameters, batch)

    def style_loss(self, task: StyleTask) -> Tensor:
        """Of the queries, after the inner steps: ()."""
        steps = descend(self.loss, self.start(), task.support, self.rule, first_order=True)
        *_, weights = steps
        return torch.stack([self.loss(weights, batch) for batch in task.query]).mean()

    def backward(self, tasks: Sequence[StyleTask]) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        losses = []
        for task in tasks:
            loss = self.style_loss(task) / len(tasks)
            loss.backward()
            losses.append(loss.detach())
        return torch.stack(losses).sum()


def style_task(
    style: StyleWorks, prior: Prior, rng: np.random.Generator, references: int, steps: int = STEPS
) -> StyleTask:
    """Of a style: so many of its support works are the references."""
    seed = int(rng.integers(2**31))
    chosen = [style.support[int(i)] for i in rng.permutation(len(style.support))[:references]]
    told = torch.stack([embedding(p, prior.encoder, seed + k) for k, p in enumerate(chosen)])
    support = islice(minibatches(chosen, [1.0] * len(chosen), told, seed), steps)
    query = [judging(rng, style.query, side, told.mean(0), QUERY_PX) for side in QUERY_SIDES]
    return StyleTask(tuple(support), tuple(query))


def judging(
    rng: np.random.Generator, works: Sequence[Image.Image], side: int, style: Tensor, pixels: int
) -> Minibatch:
    """Crops of `side` px from any of the works, of so many `pixels` together, told style (E,)."""
    count = pixels // side**2
    cuts = [any_cut(works[int(rng.integers(len(works)))], side, rng) for _ in range(count)]
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    return Minibatch.of(cuts, style.expand(count, -1), generator)


def run(
    hours: float, resume: bool, folder: Path = RUNS, seed: int = 0, *, corpus: Path = CORPUS
) -> None:
    """Train for `hours`, then ship the start and its rates.

    Raises `FileNotFoundError` without a corpus, `WrongCheckpointError`, `RankLostError`.
    """

    def begin(ranks: Ranks) -> OuterLoop:
        works = ImageWorks(corpus)
        training, watching = (load_crops(works, part) for part in ("training", "validation"))
        prior = load_prior(WEIGHTS_FILE, best_device())
        return prepare(prior, training, watching, folder, resume=resume, seed=seed, ranks=ranks)

    train_and_ship(hours, begin, ship)


def prepare(
    prior: Prior,
    training: Crops,
    watching: Crops,
    folder: Path,
    *,
    resume: bool,
    seed: int = 0,
    ranks: Ranks | None = None,
) -> OuterLoop:
    """The outer loop, at its start or at its checkpoint."""

    def sample(step: int, rank: int, ranks: int) -> list[StyleTask]:
        return tasks_of(training, prior, (seed, step, rank))

    batches = [tasks_of(watching, prior, (1, step, 0)) for step in range(WATCHED_STEPS)]

    def held_out(model: MetaLearner) -> float:
        assert isinstance(model, StepsLearner)
        with torch.no_grad():
            losses = [model.style_loss(task) for tasks in batches for task in tasks]
            return float(torch.stack(losses).mean())

    learner = StepsLearner(prior)
    loop = OuterLoop(learner, sample, CONFIG, folder, held_out=held_out, ranks=ranks)
    if resume:
        loop.resume()
    return loop


def tasks_of(crops: Crops, prior: Prior, key: tuple[int, int, int]) -> list[StyleTask]:
    """The tasks of one step and rank, always the same for their key."""
    rng = np.random.default_rng((*key, 7))
    counts = rng.integers(1, MOST_REFERENCES + 1, STYLES_A_STEP)
    return [style_task(crops.style(rng), prior, rng, int(count)) for count in counts]


def ship(loop: OuterLoop, path: Path = STEPS_FILE) -> None:
    """The averaged start, in half precision, with the rates in its card."""
    learner = loop.learner
    assert isinstance(learner, StepsLearner)
    learner.load_state_dict(loop.averaged_weights())
    save_weights(
        path, {name: t.detach().half() for name, t in learner.start().items()}, card_of(loop)
    )


def card_of(loop: OuterLoop) -> dict[str, object]:
    """What was trained, for how long, to which figure; and the rate of each tensor."""
    learner = loop.learner
    assert isinstance(learner, StepsLearner)
    held = [row["held_out"] for row in read_log(loop.folder / LOG_NAME)]
    return {
        "model": "where the picture denoiser's steps on references begin, and their rates",
        "trained_on": f"the works of {WEIGHTS_FILE.with_suffix('.json').name}",
        "split": "styles whose name's sha256 begins below 26 were never trained on",
        "steps": loop.step,
        "seconds": round(loop.seconds),
        "validation_loss": [round(value, 5) for value in held if value == value],
        "outer": asdict(loop.config),
        "rates": learner.rule.rates(),
    }
