"""Joint pre-training of the timbre synthesiser: every preset at once, each told by its own notes.

    python -m engine train timbre --hours 1 [--resume]

The set encoder and the decoder learn together: what helps to play other notes of a preset is what
the encoder learns to say of it (a conditional neural process: Garnelo et al. 2018).
Legend: B presets, S support notes, Q query notes, Z context.
"""

from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from engine.lab.training.config import OuterConfig
from engine.lab.training.corpus.instruments import InstrumentNotes
from engine.lab.training.distributed import Ranks, best_device
from engine.lab.training.loop import LOG_NAME, OuterLoop, train_and_ship
from engine.lab.training.timbre_data import Instruments, TimbreTasks
from engine.media.audio.timbre.decoder import TimbreConfig, TimbreDecoder
from engine.media.audio.timbre.encoder import TimbreEncoder
from engine.media.audio.timbre.loss import decoded_losses
from engine.meta.learner import MetaLearner

CORPUS = Path("corpus/timbre")
RUNS = Path("runs/timbre")
UNTOLD = 0.1  # of the presets are not told: the synthesiser without a timbre
CHANGED = 0.6  # of the melodic presets of a step are made other instruments
WATCHED_STEPS = 6  # batches of validation presets
CONFIG = OuterConfig(
    steps=1_000_000,
    rate=2e-3,
    final_share=0.02,
    warmup_steps=100,
    weight_decay=0.01,
    clip_norm=1.0,
    ema_decay=0.998,
    log_every=20,
    evaluate_every=250,
    checkpoint_every=250,
    decay="late",
    beta2=0.99,
)


class TimbreLearner(MetaLearner):
    """The decoder and its set encoder, as the outer loop wants them."""

    def __init__(self, config: TimbreConfig | None = None) -> None:
        super().__init__()
        self.decoder, self.encoder = TimbreDecoder(config), TimbreEncoder(config)

    def conditioning(self, tasks: TimbreTasks) -> Tensor:
        """(B, Z)."""
        return self.encoder(tasks.heard, tasks.there)

    def query_losses(self, tasks: TimbreTasks, conditioning: Tensor, ratios: Tensor) -> Tensor:
        """(B,) means over the query notes, under contexts (B, Z) and ratios (B, M)."""
        each = tasks.notes.shape[0] // conditioning.shape[0]
        contexts, partials = (t.repeat_interleave(each, 0) for t in (conditioning, ratios))
        losses = decoded_losses(self.decoder, tasks.notes, tasks.looks, contexts, partials)
        return losses.view(-1, each).mean(1)

    def backward(self, tasks: TimbreTasks) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        conditioning = self.conditioning(tasks)
        known = torch.ones(len(conditioning), 1, device=conditioning.device)
        known[: round(UNTOLD * len(conditioning))] = 0
        loss = self.query_losses(tasks, conditioning * known, tasks.ratios * known).mean()
        loss.backward()
        return loss.detach()


@torch.no_grad()
def watched_loss(learner: MetaLearner, batches: list[TimbreTasks]) -> float:
    """The mean loss of validation presets."""
    assert isinstance(learner, TimbreLearner)
    losses = [learner.query_losses(t, learner.conditioning(t), t.ratios).mean() for t in batches]
    return float(torch.stack(losses).mean())


def run(
    hours: float, resume: bool, folder: Path = RUNS, seed: int = 0, *, corpus: Path = CORPUS
) -> None:
    """Train for `hours`, then ship the averaged weights with their card.

    Raises `FileNotFoundError` without a corpus, `WrongCheckpointError`, `RankLostError`.
    """
    from engine.lab.training.timbre_ship import ship

    notes = InstrumentNotes(corpus)

    def begin(ranks: Ranks) -> OuterLoop:
        return prepare(notes, folder, resume=resume, seed=seed, ranks=ranks)

    train_and_ship(hours, begin, lambda loop: ship(loop, notes))


def prepare(
    corpus: InstrumentNotes,
    folder: Path,
    *,
    resume: bool,
    seed: int = 0,
    ranks: Ranks | None = None,
    config: TimbreConfig | None = None,
) -> OuterLoop:
    """The outer loop, at its start or at its checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    learner = TimbreLearner(config).to(best_device())
    training = Instruments(corpus, "training", CHANGED)
    watching = Instruments(corpus, "validation")
    batches = [watching.batch(1, step, 0) for step in range(WATCHED_STEPS)]

    def sample(step: int, rank: int, ranks: int) -> TimbreTasks:
        return training.batch(seed, step, rank)

    def held_out(model: MetaLearner) -> float:
        return watched_loss(model, batches)

    if not resume:
        (folder / LOG_NAME).unlink(missing_ok=True)
    loop = OuterLoop(learner, sample, CONFIG, folder, held_out=held_out, ranks=ranks)
    if resume:
        loop.resume()
    return loop


def parameters_of(learner: TimbreLearner) -> dict[str, int]:
    """How many numbers each part has."""
    parts = {"decoder": learner.decoder, "encoder": learner.encoder}
    return {name: sum(p.numel() for p in part.parameters()) for name, part in parts.items()}


def config_of(learner: TimbreLearner) -> dict[str, int]:
    return asdict(learner.decoder.config)
