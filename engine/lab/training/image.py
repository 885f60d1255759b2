"""Joint pre-training of the picture denoiser: every style at once, each told by crops of its own.

    python -m engine train image --hours 1 [--resume]

The style encoder and the denoiser learn together: what helps to denoise other works of a style is
what the encoder learns to say of it (a conditional neural process: Garnelo et al. 2018).
Legend: B styles, K support crops, M query crops of P px.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from engine.lab.training.config import OuterConfig
from engine.lab.training.corpus.image_works import WORKS_FILE, ImageWorks
from engine.lab.training.distributed import Ranks, best_device
from engine.lab.training.image_data import load_crops
from engine.lab.training.loop import LOG_NAME, OuterLoop, train_and_ship
from engine.lab.training.weights import save_weights
from engine.media.image.generators.transport.denoiser import (
    Denoiser,
    DenoiserConfig,
    StyleEncoder,
    denoising_loss,
)
from engine.media.image.generators.transport.weights import WEIGHTS_FILE
from engine.meta.episodes import TaskBatch
from engine.meta.learner import MetaLearner

CORPUS = Path("corpus/image") / WORKS_FILE
RUNS = Path("runs/image")
UNTOLD = 0.1  # of the styles are not told: the network without a style
WATCHED_STEPS = 12  # batches of validation styles: two of each size of crop
CONFIG = OuterConfig(
    steps=1_000_000,
    rate=2e-3,
    final_share=0.02,
    warmup_steps=50,
    weight_decay=0.01,
    clip_norm=1.0,
    ema_decay=0.998,
    log_every=20,
    evaluate_every=200,
    checkpoint_every=200,
    decay="late",
)


class DenoiserLearner(MetaLearner):
    """The denoiser and its style encoder, as the outer loop wants them."""

    def __init__(self, config: DenoiserConfig | None = None) -> None:
        super().__init__()
        self.denoiser = Denoiser(config)
        self.encoder = StyleEncoder(self.denoiser.config.style)

    def style(self, tasks: TaskBatch) -> Tensor:
        """(B, E)."""
        count = tasks.support_y.shape[0]
        said = self.encoder.each(tasks.support_x.flatten(0, 1), tasks.support_y.flatten())
        return said.view(count, -1, said.shape[1]).mean(1)

    def query_losses(self, tasks: TaskBatch, style: Tensor) -> Tensor:
        """(B, M) of the query crops under styles (B, E)."""
        clean, noise = tasks.query_x.flatten(0, 1).unbind(1)  # (B·M, 3, P, P) each
        scale, sigma = tasks.query_y.flatten(0, 1).unbind(1)
        each = style.repeat_interleave(tasks.query_y.shape[1], 0)
        denoised = self.denoiser(clean + sigma[:, None, None, None] * noise, sigma, scale, each)
        return denoising_loss(denoised, clean, sigma).view(tasks.query_y.shape[:2])

    def backward(self, tasks: TaskBatch) -> Tensor:
        style = self.style(tasks)
        told = torch.ones(len(style), 1, device=style.device)
        told[: round(UNTOLD * len(style))] = 0
        loss = self.query_losses(tasks, style * told).mean()
        loss.backward()
        return loss.detach()


@torch.no_grad()
def watched_loss(learner: MetaLearner, batches: list[TaskBatch]) -> float:
    """The mean denoising loss of validation styles."""
    assert isinstance(learner, DenoiserLearner)
    losses = [learner.query_losses(tasks, learner.style(tasks)).mean() for tasks in batches]
    return float(torch.stack(losses).mean())


def run(
    hours: float, resume: bool, folder: Path = RUNS, seed: int = 0, *, corpus: Path = CORPUS
) -> None:
    """Train for `hours`, then ship the averaged weights with their card.

    Raises `FileNotFoundError` without a corpus, `WrongCheckpointError`, `RankLostError`.
    """
    works = ImageWorks(corpus)

    def begin(ranks: Ranks) -> OuterLoop:
        return prepare(works, folder, resume=resume, seed=seed, ranks=ranks)

    train_and_ship(hours, begin, lambda loop: ship(loop, card_of(works, loop)))


def prepare(
    works: ImageWorks, folder: Path, *, resume: bool, seed: int = 0, ranks: Ranks | None = None
) -> OuterLoop:
    """The outer loop, at its start or at its checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    device = best_device()
    learner = DenoiserLearner().to(device)
    training = load_crops(works, "training")
    watching = load_crops(works, "validation")
    batches = [watching.batch(1, step, 0).to(device) for step in range(WATCHED_STEPS)]

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        return training.batch(seed, step, rank).to(device)

    def held_out(model: MetaLearner) -> float:
        return watched_loss(model, batches)

    if not resume:
        (folder / LOG_NAME).unlink(missing_ok=True)
    loop = OuterLoop(learner, sample, CONFIG, folder, held_out=held_out, ranks=ranks)
    if resume:
        loop.resume()
    return loop


def ship(loop: OuterLoop, card: Mapping[str, object], path: Path = WEIGHTS_FILE) -> None:
    """The averaged weights in half precision."""
    save_weights(path, {k: t.half() for k, t in loop.averaged_weights().items()}, dict(card))


def card_of(works: ImageWorks, loop: OuterLoop) -> Mapping[str, object]:
    """What the weights were trained on, and how long."""
    learner = loop.learner
    assert isinstance(learner, DenoiserLearner)
    sources: dict[str, dict[str, object]] = {}
    for work in works.works:
        if work.part == "training":
            entry = sources.setdefault(work.source, {"licence": work.licence, "works": 0})
            entry["works"] = int(str(entry["works"])) + 1
    return {
        "model": "picture denoiser with its style encoder, joint pre-training",
        "config": asdict(learner.denoiser.config),
        "parameters": sum(p.numel() for p in learner.parameters()),
        "trained_on": sources,
        "split": "styles whose name's sha256 begins below 26 were never trained on",
        "steps": loop.step,
        "seconds": round(loop.seconds),
        "outer": asdict(loop.config),
    }
