"""`python -m engine train ...`: train the meta-learners, on one process or many.

python -m engine.lab.training.cli glyphs/MAML            # as many steps as the shipped weights took
torchrun --nproc-per-node 2 -m engine.lab.training.cli glyphs --hours 8 --resume
"""

import argparse
from pathlib import Path

import torch

from engine.lab.training.checkpoint import CHECKPOINT_NAME
from engine.lab.training.distributed import Ranks, join, leave
from engine.lab.training.fewshot import ship, train
from engine.lab.training.fewshot_recipes import RECIPES
from engine.lab.training.fewshot_start import BODY_OF
from engine.lab.training.sinusoid import ship_toy, toy_learners, train_toy
from engine.meta.errors import MetaError

RUNS = Path("runs")
WAYS = (5, 20)


class UnknownTargetError(MetaError):
    """There is nothing of this name to train."""

    def __init__(self, target: str) -> None:
        names = ", ".join(RECIPES)
        super().__init__(
            f"nothing to train is called {target!r}: give sinusoid, glyphs, or glyphs/NAME "
            f"with a name among {names}"
        )


def run(
    target: str, hours: float | None, resume: bool, *, folder: Path = RUNS, seed: int = 0
) -> None:
    """Train `target` ("sinusoid", "glyphs", "glyphs/NAME") and ship its weights.

    The hours are divided evenly among the glyph models of the target; without them each takes its
    recipe's steps, as the sinusoid always does.
    Raises `UnknownTargetError`, `CorpusMissingError`, `WrongCheckpointError`, `RankLostError`.
    """
    jobs = _jobs(target)
    ranks = join()
    if not torch.cuda.is_available():
        torch.set_num_threads(1)  # small tensors; more processes are the way to use more cores
    if target == "sinusoid":
        _run_toy(folder, ranks, resume, seed)
    for name, ways in jobs:
        place = folder / f"{name}-{ways}"
        going_on = resume and (place / CHECKPOINT_NAME).exists()
        seconds = None if hours is None else 3600 * hours / len(jobs)
        loop = train(name, ways, seconds, place, resume=going_on, seed=seed, ranks=ranks)
        if ranks.is_first:
            ship(name, ways, loop)
    leave()


def _jobs(target: str) -> list[tuple[str, int]]:
    """(learner, ways) of every model to train, the one whose body the others begin with first."""
    group, _, name = target.partition("/")
    if target == "sinusoid":
        return []
    if group != "glyphs" or (name and name not in RECIPES):
        raise UnknownTargetError(target)
    chosen = [name] if name else sorted(RECIPES, key=lambda n: n != BODY_OF)
    return [
        (n, ways)
        for n in chosen
        for ways in ((RECIPES[n].train_ways,) if RECIPES[n].any_ways else WAYS)
    ]


def _run_toy(folder: Path, ranks: Ranks, resume: bool, seed: int) -> None:
    for name in toy_learners():
        place = folder / "sinusoid" / name.partition(" ")[0]
        learner = train_toy(name, place, resume=resume, seed=seed, ranks=ranks)
        if ranks.is_first:
            ship_toy(name, learner)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", help="sinusoid, glyphs, or glyphs/NAME")
    parser.add_argument("--hours", type=float, help="of all models together")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    run(arguments.target, arguments.hours, arguments.resume, seed=arguments.seed)


if __name__ == "__main__":
    main()
