"""What each process of the distributed tests runs: python ranked_run.py MODE FOLDER."""

import os
import sys
from pathlib import Path

import torch

from engine.lab.training.checkpoint import Checkpoint, write_checkpoint
from engine.lab.training.config import OuterConfig
from engine.lab.training.distributed import average_gradients, join, leave
from engine.lab.training.loop import OuterLoop
from engine.lab.training.sinusoid import sample_sinusoids
from engine.meta.gradient_based import maml
from engine.meta.learner import squared_error
from engine.meta.networks import MLP

TASKS = 8
DIES_AT_STEP = 5


def learner():
    torch.manual_seed(0)
    return maml(MLP((1, 16, 1)).double(), 0.01, squared_error)


def meta_gradient(folder: Path) -> None:
    """Every rank takes its share of the same eight tasks; the first writes the gradient."""
    ranks = join()
    share = TASKS // ranks.ranks
    tasks = sample_sinusoids(0, TASKS, dtype=torch.float64)
    model = learner()
    loss = model.backward(tasks.part(share * ranks.rank, share * (ranks.rank + 1)))
    loss = average_gradients(model.parameters(), loss, ranks)
    gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    if ranks.is_first:
        tensors = {**gradients, "loss": loss}
        write_checkpoint(folder / f"{ranks.ranks}.safetensors", Checkpoint(0, "", tensors, {}))
    leave()


def killed(folder: Path) -> None:
    """Rank 1 dies without a word in the middle of the run."""
    ranks = join()

    def sample(step: int, rank: int, count: int):
        if step == DIES_AT_STEP and rank == 1:
            os._exit(9)
        return sample_sinusoids(step * count + rank, 4, dtype=torch.float64)

    OuterLoop(learner(), sample, OuterConfig(steps=50), folder, ranks=ranks).run()


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"gradient": meta_gradient, "killed": killed}[sys.argv[1]](Path(sys.argv[2]))
