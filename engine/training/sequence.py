"""What joint pre-training of the causal Transformers shares, whatever their tokens mean.

Reading the first works of an author as evidence for the next is learned by doing it (in-context
meta-learning: Hochreiter et al. 2001, Brown et al. 2020).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.meta.episodes import TaskBatch
from engine.meta.learner import MetaLearner
from engine.sequence.model import Transformer
from engine.training.config import OuterConfig
from engine.training.distributed import best_device
from engine.training.loop import read_log
from engine.training.sequence_eval import Probe, author_table
from engine.training.token_loss import token_loss

BEST_NAME = "best.safetensors"
PAD = 0  # in every vocabulary here
CONFIG = OuterConfig(
    steps=1_000_000,
    rate=3e-3,
    final_share=0.02,
    warmup_steps=60,
    weight_decay=0.05,
    clip_norm=1.0,
    ema_decay=0.98,
    log_every=10,
    evaluate_every=100,
    checkpoint_every=100,
    optimizer="muon",
    adamw_share=2 / 3,
    beta2=0.95,
    decay="late",
)


class SequenceLearner(MetaLearner):
    """The model as the outer loop wants it: a task batch is (B, T) tokens, the loss is theirs.

    compiled: with `torch.compile`, worth its half a minute from some hundred steps on.
    """

    def __init__(self, model: Transformer, *, compiled: bool = False) -> None:
        super().__init__()
        self.model = model
        self._states = torch.compile(model.states, dynamic=False) if compiled else model.states

    def backward(self, tasks: TaskBatch) -> Tensor:
        tokens, model = tasks.support_x, self.model
        states = self._states(tokens[:, :-1]).flatten(0, 1)
        targets = tokens[:, 1:].flatten()
        loss = token_loss(states, model.embedding.weight, model.bias, targets, PAD)
        loss.backward()
        return loss.detach()


@dataclass(slots=True)
class BestKeeper:
    """The held-out figure: nats a unit of validation authors after works of theirs.

    Writes the weights whenever it is the lowest so far.
    """

    found: Sequence[Probe]
    path: Path
    lowest: float = float("inf")

    def __call__(self, learner: MetaLearner) -> float:
        assert isinstance(learner, SequenceLearner)
        table = author_table(learner.model, self.found)
        figure = sum(float(row[-1]) for row in table.values()) / max(1, len(table))
        if figure < self.lowest:
            self.lowest = figure
            partial = self.path.with_name(self.path.name + ".partial")
            save_file({k: t.contiguous() for k, t in learner.model.state_dict().items()}, partial)
            partial.replace(self.path)
        return figure


def half_is_faster(model: Transformer) -> bool:
    """bfloat16 pays where matrix units take it (AMX, GPUs), and costs time where they do not."""
    if best_device().type == "cuda":
        return True
    rows = torch.ones(1, min(256, model.config.context), dtype=torch.int64)
    learner, task = SequenceLearner(model), TaskBatch(rows, rows, rows, rows)
    seconds = []
    for half in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            learner.backward(task)
            begun = time.perf_counter()
            learner.backward(task)
            learner.backward(task)
        seconds.append(time.perf_counter() - begun)
    model.zero_grad()
    return seconds[1] < seconds[0]


def lowest(path: Path) -> float:
    held = [row["held_out"] for row in read_log(path)] if path.exists() else []
    return min((h for h in held if h == h), default=float("inf"))
