"""Trains every meta-learner on the glyph corpus: the project's Omniglot.

Legend: W ways, K shots, Q queries, B tasks a step. One model a learner and number of ways; where
`shots` is a range, each step draws its K, so that one model serves 1 and 5 shots.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.lab.training.config import OuterConfig
from engine.lab.training.distributed import Ranks, agree, best_device
from engine.lab.training.fewshot_recipes import RECIPES, Recipe
from engine.lab.training.fewshot_start import BODY_OF, begin
from engine.lab.training.glyphs import TRAINING_FILE, GlyphSet, split_validation
from engine.lab.training.loop import HeldOut, OuterLoop, SampleTasks, steps_planned
from engine.lab.training.weights import save_weights, weights_path
from engine.meta.episodes import TaskBatch, TaskSampler, classification_batch
from engine.meta.learner import MetaLearner, accuracies

SHOTS = (1, 5)


@dataclass(frozen=True, slots=True)
class GlyphTasks:
    """Episodes from a glyph set, every class in four quarter turns when `turns` (as Omniglot's)."""

    corpus: GlyphSet
    pixels: Tensor
    turns: bool = True

    @classmethod
    def of(cls, corpus: GlyphSet, *, turns: bool = True) -> "GlyphTasks":
        return cls(corpus, corpus.pixels().to(best_device()), turns)

    def sampler(self, ways: int, shots: int, queries: int, seed: int) -> TaskSampler:
        """Episodes over the classes that have enough instances for them."""
        works = {k: w for k, w in self.corpus.works().items() if len(w) >= shots + queries}
        return TaskSampler(works, ways=ways, shots=shots, queries=queries, seed=seed)

    def batch(
        self, sampler: TaskSampler, step: int, count: int, rank: int, ranks: int
    ) -> TaskBatch:
        """The tasks of one rank at one step; classes turned by quarters where asked.

        The support works come in a random order, so that a learner which reads them one by one
        cannot tell a label by its place.
        """
        episodes = sampler.episodes(step, count, rank=rank, ranks=ranks)
        rng = np.random.default_rng((sampler.seed, step, rank, 2))
        tasks = _shuffled(classification_batch(episodes, self.pixels), rng)
        if not self.turns:
            return tasks
        rng = np.random.default_rng((sampler.seed, step, rank, 1))
        turns = torch.from_numpy(rng.integers(0, 4, (count, sampler.ways))).to(self.pixels.device)
        return TaskBatch(
            _turned(tasks.support_x, tasks.support_y, turns),
            tasks.support_y,
            _turned(tasks.query_x, tasks.query_y, turns),
            tasks.query_y,
        )


def _shuffled(tasks: TaskBatch, rng: np.random.Generator) -> TaskBatch:
    """The same tasks, each with its support works in an order of its own."""
    count, works = tasks.support_y.shape
    order = np.argsort(rng.random((count, works)), axis=1)
    which, order = torch.arange(count)[:, None], torch.from_numpy(order)
    return TaskBatch(
        tasks.support_x[which, order], tasks.support_y[which, order], tasks.query_x, tasks.query_y
    )


def _turned(x: Tensor, y: Tensor, turns: Tensor) -> Tensor:
    """x (B, S, 1, H, W) with the class y (B, S) turned by turns (B, W) quarters."""
    mine = turns.gather(1, y)
    out = x.clone()
    for quarter in (1, 2, 3):
        chosen = mine == quarter
        out[chosen] = torch.rot90(x[chosen], quarter, (-2, -1))
    return out


def evaluate(
    learner: MetaLearner, tasks: GlyphTasks, *, ways: int, shots: int, queries: int,
    episodes: int, seed: int, batch: int = 10,
) -> Tensor:  # fmt: skip
    """(episodes,) accuracy of each. No quarter turns unless `tasks` has them."""
    sampler = tasks.sampler(ways, shots, queries, seed)
    parts = [
        accuracies(learner, tasks.batch(sampler, step, batch, 0, 1))
        for step in range(-(-episodes // batch))
    ]
    return torch.cat(parts)[:episodes]


def train(
    name: str,
    ways: int,
    seconds: float | None,
    folder: Path,
    *,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    ranks: Ranks | None = None,
) -> OuterLoop:
    """Train one learner for so many steps, else for about so many seconds, else as its recipe says.

    Raises `CorpusMissingError`, `WrongCheckpointError` (with `resume`, or without a body).
    """
    recipe, ranks = RECIPES[name], ranks or Ranks()
    sample, held_out = _tasks(recipe, ways, seed)
    torch.manual_seed(seed)
    learner = begin(name, ways).to(best_device())
    if resume:
        steps = steps_planned(folder)
    elif steps is None and seconds is not None:
        steps = max(50, int(seconds / _seconds_a_step(learner, sample)))
    elif steps is None:
        steps = recipe.steps_for(ways)
    steps = agree(steps, ranks)
    config = OuterConfig(
        steps=steps,
        rate=recipe.rate,
        optimizer=recipe.optimizer,
        decay=recipe.decay,
        final_share=recipe.final_share,
        evaluate_every=max(50, steps // 4),
    )
    loop = OuterLoop(learner, sample, config, folder, held_out=held_out, ranks=ranks)
    if resume:
        loop.resume()
    loop.run()
    return loop


def _tasks(recipe: Recipe, ways: int, seed: int) -> tuple[SampleTasks, HeldOut]:
    """What to train on, and the accuracy on the watching alphabets."""
    corpus = GlyphSet.load(TRAINING_FILE)
    training, watching = split_validation(corpus.scripts())
    tasks, watch = GlyphTasks.of(corpus.keep(training)), GlyphTasks.of(corpus.keep(watching))
    count = max(2, recipe.tasks * 5 // ways)
    samplers = {k: tasks.sampler(ways, k, recipe.queries, seed) for k in SHOTS}

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        shots = SHOTS[1] if ways == 5 and step % 4 == 3 else SHOTS[0]
        return tasks.batch(samplers[shots], step, count, rank, ranks)

    def held_out(model: MetaLearner) -> float:
        scores = evaluate(model, watch, ways=ways, shots=1, queries=2, episodes=60, seed=1)
        return float(scores.mean())

    return sample, held_out


def _seconds_a_step(learner: MetaLearner, sample: SampleTasks) -> float:
    """Measured over eight steps, after one that pays for the first call."""
    learner.backward(sample(0, 0, 1))
    started = time.perf_counter()
    for step in range(8):
        learner.backward(sample(step, 0, 1))
    learner.zero_grad()
    return (time.perf_counter() - started) / 8


def ship(name: str, ways: int, loop: OuterLoop) -> None:
    """Keep the averaged weights in half precision, with a model card, among the assets."""
    card: dict[str, object] = {
        "learner": name,
        "ways": ways,
        "trained_on": "glyph corpus, training alphabets (engine/lab/training/glyph_recipe.json)",
        "started_from": f"the body of {BODY_OF}" if name != BODY_OF else "random",
        "steps": loop.step,
        "seconds": round(loop.seconds, 1),
        "config": asdict(loop.config),
    }
    halves = {k: t.half() for k, t in loop.averaged_weights().items()}
    save_weights(weights_path(name, ways), halves, card)
