"""What joint pre-training of the causal Transformers shares, whatever their tokens mean.

Reading the first works of an author as evidence for the next is learned by doing it (in-context
meta-learning: Hochreiter et al. 2001, Brown et al. 2020).
"""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.lab.training.checkpoint import CHECKPOINT_NAME
from engine.lab.training.config import OuterConfig
from engine.lab.training.distributed import Ranks, best_device
from engine.lab.training.loop import LOG_NAME, OuterLoop, SampleTasks, read_log
from engine.lab.training.sequence_eval import Probe, author_table
from engine.lab.training.token_loss import token_loss
from engine.meta.episodes import TaskBatch
from engine.meta.learner import MetaLearner
from engine.sequence.model import Transformer, TransformerConfig
from engine.sequence.weights import load_model

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


def sequence_loop(
    shape: TransformerConfig,
    start: Callable[[Transformer], None],
    shipped: Path,
    sample: SampleTasks,
    watch: Callable[[], Sequence[Probe]],
    folder: Path,
    *,
    resume: bool,
    config: OuterConfig = CONFIG,
    seed: int = 0,
    ranks: Ranks | None = None,
    compiled: bool = False,
) -> OuterLoop:
    """The outer loop, at its start, at the folder's checkpoint or at the shipped weights.

    start: what fills a fresh model. resume: from the checkpoint; where there is none, from what is
    shipped, more slowly, which stays the best until something is better.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model, saved = Transformer(shape), (folder / CHECKPOINT_NAME).exists()
    if resume and not saved:
        model, config = load_model(shipped), replace(config, rate=config.rate / 2)
    elif not resume:
        start(model)
        (folder / LOG_NAME).unlink(missing_ok=True)
    learner = SequenceLearner(model.train(), compiled=compiled).to(best_device())
    keeper = BestKeeper(watch(), folder / BEST_NAME)
    config = replace(config, bf16=half_is_faster(model))
    loop = OuterLoop(learner, sample, config, folder, held_out=keeper, ranks=ranks)
    if resume and saved:
        loop.resume()
        keeper.lowest = lowest(folder / LOG_NAME)
    elif resume:
        keeper(learner)
    return loop


def history(folder: Path, model: Transformer) -> dict[str, object]:
    """What a model card says of how a model came about: its shape, steps, curve and machine."""
    log = read_log(folder / LOG_NAME)
    curve = [
        [int(r["step"]), r["loss"], r["held_out"]] for r in log if r["held_out"] == r["held_out"]
    ]
    return {
        "config": asdict(model.config),
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": int(log[-1]["step"]),
        "seconds": round(log[-1]["seconds"]),
        "curve": {"columns": ["step", "training nats a token", "validation"], "rows": curve},
        "machine": f"{platform.machine()} CPU, {torch.get_num_threads()} threads",
        "torch": str(torch.__version__),
        "date": date.today().isoformat(),
    }
