"""The outer loop: one training loop for every medium and every meta-learner.

Each step: every rank draws its own tasks, the learner adds its meta-gradient, the ranks average,
the norm is clipped, the outer optimiser moves, the average of the weights follows. Step and
rank alone decide the tasks, so a resumed run is, on a CPU, the same to the last bit as one that
never stopped.
"""

import csv
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from engine.lab.training.checkpoint import (
    CHECKPOINT_NAME,
    Checkpoint,
    fingerprint,
    prefixed,
    read_checkpoint,
    without,
    write_checkpoint,
)
from engine.lab.training.config import OuterConfig
from engine.lab.training.distributed import (
    RankLostError,
    Ranks,
    average_gradients,
    join,
    leave,
    same_start,
)
from engine.lab.training.optimizers import OuterOptimizer
from engine.meta.errors import DivergedError
from engine.meta.learner import MetaLearner

LOG_NAME = "log.csv"
STEPS_A_CHUNK = 50  # between looks at the clock
COLUMNS = ("step", "seconds", "rate", "loss", "gradient_norm", "held_out")

# (step, rank, ranks) -> this rank's tasks: whatever the learner's `backward` takes
SampleTasks = Callable[[int, int, int], Any]
HeldOut = Callable[[MetaLearner], float]  # a figure on styles that are never trained on


class OuterLoop:
    """Trains `learner` on tasks from `sample`; checkpoints and logs to `folder`."""

    def __init__(
        self,
        learner: MetaLearner,
        sample: SampleTasks,
        config: OuterConfig,
        folder: Path,
        *,
        held_out: HeldOut | None = None,
        ranks: Ranks | None = None,
    ) -> None:
        self.learner, self.sample, self.config, self.folder = learner, sample, config, folder
        self.held_out, self.ranks = held_out, ranks or Ranks()
        self.step, self.seconds = 0, 0.0
        self._optimizer = OuterOptimizer(learner, config)
        same_start(learner, self.ranks)
        self._ema = {k: t.detach().clone() for k, t in learner.state_dict().items()}
        self._board = _tensorboard(folder) if config.tensorboard else None

    @property
    def checkpoint_path(self) -> Path:
        return self.folder / CHECKPOINT_NAME

    def averaged_weights(self) -> dict[str, Tensor]:
        """The exponential moving average of the meta-parameters: what is shipped."""
        return {name: tensor.clone() for name, tensor in self._ema.items()}

    def resume(self) -> None:
        """Go on from the folder's checkpoint. Raises `WrongCheckpointError`."""
        found = read_checkpoint(self.checkpoint_path, fingerprint(self.learner))
        self.learner.load_state_dict(without("model", found.tensors))
        ema = without("ema", found.tensors)
        self._ema = {name: ema[name].to(tensor) for name, tensor in self._ema.items()}
        self._optimizer.load(found.tensors)
        self.step = found.step
        self.seconds = float(str(found.notes["seconds"]))

    def save(self) -> None:
        """Write the checkpoint of the last whole step."""
        tensors = {
            **prefixed("model", self.learner.state_dict()),
            **prefixed("ema", self._ema),
            **self._optimizer.tensors(),
        }
        notes: dict[str, object] = {"config": asdict(self.config), "seconds": self.seconds}
        mark = Checkpoint(self.step, fingerprint(self.learner), tensors, notes)
        write_checkpoint(self.checkpoint_path, mark)

    def run(self, until: int | None = None) -> None:
        """Train to step `until` (all by default).

        Raises `DivergedError` for a loss that is no number and `RankLostError` where another
        process is gone; both leave a checkpoint of the last whole step.
        """
        last = self.config.steps if until is None else min(until, self.config.steps)
        bar = tqdm(
            total=self.config.steps, initial=self.step, unit="step", disable=not self.ranks.is_first
        )
        try:
            with bar:
                while self.step < last:
                    started = time.perf_counter()
                    loss, norm = self._one_step()
                    self.seconds += time.perf_counter() - started
                    self._report(float(loss), norm, bar)
                    if self.ranks.stopping:
                        raise RankLostError(
                            f"rank {self.ranks.rank} was asked to end after step {self.step}; "
                            "start the same command again with --resume"
                        )
        except (RankLostError, DivergedError, KeyboardInterrupt):
            self.save()
            raise
        if self.ranks.is_first:
            self.save()

    def _one_step(self) -> tuple[Tensor, float]:
        """One meta-step. Returns the loss before it and the gradient norm before clipping."""
        config = self.config
        tasks = self.sample(self.step, self.ranks.rank, self.ranks.ranks)
        self.learner.train()
        self._optimizer.zero_grad()
        device = next(self.learner.parameters()).device.type
        with torch.autocast(device, torch.bfloat16, enabled=config.bf16):
            loss = self.learner.backward(tasks)
        loss = average_gradients(self.learner.parameters(), loss, self.ranks)
        norm = torch.nn.utils.clip_grad_norm_(self.learner.parameters(), config.clip_norm)
        if not (torch.isfinite(loss) and torch.isfinite(norm)):
            raise DivergedError("outer", self.step)
        self._optimizer.step(config.rate_at(self.step))
        for name, tensor in self.learner.state_dict().items():
            self._ema[name].lerp_(tensor, 1 - min(config.ema_decay, (self.step + 1) / 10))
        self.step += 1
        return loss, float(norm)

    def _report(self, loss: float, norm: float, bar: tqdm) -> None:
        """Progress, log, held-out figure and checkpoint, each at its own pace; first rank only."""
        config = self.config
        if not self.ranks.is_first:
            return
        bar.update(1)
        evaluate = self.step % config.evaluate_every == 0 or self.step == config.steps
        held_out = self._evaluate() if evaluate and self.held_out else math.nan
        if self.step % config.log_every == 0 or evaluate:
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
            values = (self.seconds, config.rate_at(self.step - 1), loss, norm, held_out)
            _append(self.folder / LOG_NAME, [self.step, *(f"{v:.6g}" for v in values)])
            if self._board is not None:
                for name, value in zip(COLUMNS[1:], values, strict=True):
                    self._board.add_scalar(name, value, self.step)
        if self.step % config.checkpoint_every == 0:
            self.save()

    def _evaluate(self) -> float:
        """The held-out figure of the averaged weights."""
        assert self.held_out is not None
        current = {k: t.clone() for k, t in self.learner.state_dict().items()}
        self.learner.load_state_dict(self._ema)
        figure = self.held_out(self.learner)
        self.learner.load_state_dict(current)
        return figure


def train_until(loop: OuterLoop, ends: float) -> None:
    """Train until `time.monotonic()` is `ends`; the decay is fitted to the time left."""
    started, first = time.monotonic(), loop.step
    loop.run(loop.step + 4)
    while time.monotonic() < ends and not loop.ranks.stopping:
        pace = (time.monotonic() - started) / (loop.step - first)
        left = int((ends - time.monotonic()) / pace)
        loop.config = replace(loop.config, steps=loop.step + max(1, left))
        loop.run(min(loop.config.steps, loop.step + STEPS_A_CHUNK))
    if loop.step < loop.config.steps and not loop.ranks.stopping:
        loop.config = replace(loop.config, steps=loop.step + 1)  # the last step is measured
        loop.run()


def train_and_ship(
    hours: float, begin: Callable[[Ranks], OuterLoop], ship: Callable[[OuterLoop], object]
) -> None:
    """What every medium does: begin or resume, train for `hours`, and ship from the first rank.

    The hours count from here, so that reading the corpus is among them.
    """
    ends = time.monotonic() + 3600 * hours
    ranks = join()
    loop = begin(ranks)
    train_until(loop, ends)
    if ranks.is_first:
        ship(loop)
    leave()


def steps_planned(folder: Path) -> int:
    """How many steps the run in this folder was to take. Raises `WrongCheckpointError`."""
    notes = read_checkpoint(folder / CHECKPOINT_NAME).notes
    config = notes["config"]
    assert isinstance(config, dict)
    return int(config["steps"])


def read_log(path: Path) -> list[dict[str, float]]:
    """The rows of a log, as numbers."""
    with path.open(encoding="utf-8") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def _append(path: Path, row: list[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(COLUMNS)
        writer.writerow(row)


def _tensorboard(folder: Path):
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder))
