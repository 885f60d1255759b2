"""Where the low-rank steps of a Transformer begin and how far they go: meta-learned, first order.

A task is an author: the steps are taken on some works, read one after another, and judged by what
the model then thinks of others, read after the same works: just as the product adapts. The outer
loop moves the start of every A and B (first-order MAML: Finn et al. 2017, section 5.2) and the
rate of each (Meta-SGD, Li et al. 2017, one rate a tensor). The model itself stays as it is.
Legend: B authors a step, N tokens of the references, T tokens of references and queries.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.func import functional_call

from engine.lab.training.config import OuterConfig
from engine.lab.training.distributed import Ranks, best_device
from engine.lab.training.loop import OuterLoop
from engine.meta.episodes import TaskBatch
from engine.meta.inner_loop import LearnedAdam, Parameters, adapt, key_of, name_of
from engine.meta.learner import MetaLearner
from engine.sequence.low_rank import RATE, merged, plain_start, reading_loss, steps_for
from engine.sequence.model import Transformer

AUTHORS_A_STEP = 4
WATCHED_STEPS = 8  # batches of validation authors
FILL = -1  # no token
Draw = Callable[[np.random.Generator], tuple[list[int], list[int]]]
# -> the tokens of some works of one author, and these with others of the same behind
CONFIG = OuterConfig(
    steps=1_000_000,
    rate=1e-3,
    final_share=0.05,
    warmup_steps=10,
    clip_norm=1.0,
    ema_decay=0.95,
    log_every=5,
    evaluate_every=40,
    checkpoint_every=40,
    decay="late",
)


class LowRankLearner(MetaLearner):
    """The start and the rates; a task is support_x (B, N) tokens of the references and query_x
    (B, T) the same with queries behind, both filled up with FILL."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        first = plain_start(model).updates
        self._model = [model.requires_grad_(False)]  # not a part: it is not learned here
        self.begin = nn.ParameterDict({key_of(k): nn.Parameter(t) for k, t in first.items()})
        self.rule = LearnedAdam(first, RATE)

    def start(self) -> Parameters:
        return {name_of(k): p for k, p in self.begin.items()}

    def author_loss(self, context: Tensor, whole: Tensor) -> Tensor:
        """Of one author, (N,) and (T,): mean -ln p of what follows the references."""
        (model,) = self._model

        def loss(updates: Parameters, x: Tensor, _: Tensor) -> Tensor:
            return reading_loss(model, updates, x)

        row, steps = context[None], steps_for(len(context))
        updates = adapt(loss, self.start(), row, row, self.rule, steps, first_order=True)
        weights = dict(model.named_parameters()) | merged(model, updates)
        logits = functional_call(model, weights, (whole[None, :-1],))[0]
        asked = slice(len(context) - 1, None)
        return F.cross_entropy(logits[asked].float(), whole[len(context) :])

    def losses(self, tasks: TaskBatch) -> Tensor:
        rows = zip(tasks.support_x, tasks.query_x, strict=True)
        return torch.stack([self.author_loss(a[a != FILL], b[b != FILL]) for a, b in rows])

    def backward(self, tasks: TaskBatch) -> Tensor:
        total = torch.zeros((), device=tasks.support_x.device)
        for i in range(len(tasks)):
            loss = self.losses(tasks.part(i, i + 1)).mean() / len(tasks)
            loss.backward()
            total += loss.detach()
        return total


def tasks_of(draw: Draw, seed: int, step: int, rank: int) -> TaskBatch:
    """AUTHORS_A_STEP authors, always the same for these arguments."""
    rng = np.random.default_rng((seed, step, rank, 5))
    pairs = [draw(rng) for _ in range(AUTHORS_A_STEP)]
    context, whole = _filled([c for c, _ in pairs]), _filled([w for _, w in pairs])
    return TaskBatch(context, context, whole, whole)


def _filled(rows: Sequence[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [FILL] * (longest - len(row)) for row in rows])


def prepare(
    model: Transformer,
    training: Draw,
    watching: Draw,
    folder: Path,
    *,
    resume: bool,
    seed: int = 0,
    ranks: Ranks | None = None,
) -> OuterLoop:
    """The outer loop, at its start or at its checkpoint."""
    device = best_device()
    learner = LowRankLearner(model.to(device)).to(device)
    batches = [tasks_of(watching, 1, k, 0).to(device) for k in range(WATCHED_STEPS)]

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        return tasks_of(training, seed, step, rank).to(device)

    def held_out(model: MetaLearner) -> float:
        with torch.no_grad():
            return float(torch.cat([model.losses(tasks) for tasks in batches]).mean())

    loop = OuterLoop(learner, sample, CONFIG, folder, held_out=held_out, ranks=ranks)
    if resume:
        loop.resume()
    return loop


def ship(loop: OuterLoop, path: Path) -> None:
    """The averaged start, in half precision, with the rates in the file's own notes."""
    learner = loop.learner
    assert isinstance(learner, LowRankLearner)
    learner.load_state_dict(loop.averaged_weights())
    tensors = {name: t.detach().half().contiguous() for name, t in learner.start().items()}
    rates = {name: f"{rate:.6g}" for name, rate in learner.rule.rates().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    save_file(tensors, partial, metadata={"steps": str(loop.step), **rates})
    partial.replace(path)
