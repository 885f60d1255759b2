"""Where the low-rank steps of a causal language model begin and how long they are: meta-learned.

A task is an author: the steps are taken on some passages, read one after another, and judged by
what the model then thinks of others, each read behind the same passages, as the product adapts. The
outer loop moves the start of every A and B (first-order MAML: Finn et al. 2017, section 5.2) and
the rate of each (Meta-SGD, Li et al. 2017, one rate a tensor); the base stays as it is.
python -m engine train causal-adapters --hours 2 [--resume]
Legend: N tokens of the references, Q of the queries; a task's `support_x` (1, N), `query_x` (1, Q).
"""

import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from engine.core.errors import BadInput
from engine.lab.training.config import OuterConfig
from engine.lab.training.corpus.works import WORKS_FILE, Part, Work, by_author
from engine.lab.training.distributed import Ranks
from engine.lab.training.loop import OuterLoop, train_and_ship
from engine.lab.training.text_data import load_corpus
from engine.media.text.generators.causal_lm.adapters import (
    RATE,
    STEPS,
    Rates,
    below,
    loss_above,
    plain_start,
    start_file,
)
from engine.media.text.generators.causal_lm.base import Base, Head, load
from engine.media.text.generators.causal_lm.models import (
    base_folder,
    first_installed,
    models_folder,
)
from engine.media.text.generators.causal_lm.prompt import SEPARATOR, context_of
from engine.meta.episodes import TaskBatch
from engine.meta.inner_loop import Parameters, adapt, key_of, name_of
from engine.meta.learner import MetaLearner

CORPUS, RUNS = Path("corpus/text"), Path("runs/causal-adapters")
TASKS_A_STEP, WATCHED = 4, 8
REFERENCES, QUERIES = (3, 6), 2
CHARACTERS = {"en": (60, 220), "zh": (24, 80)}  # of a passage
MOST_TOKENS = 320  # of a context
CHINESE = 0.4  # the share of tasks
LINED = 0.4  # the share of tasks that are laid out in lines
FILL = -1  # no token
_MARKS = re.compile(r"(?<=[,;:.!?，；：。！？])\s*")
CONFIG = OuterConfig(
    steps=1_000_000,
    rate=1e-4,
    final_share=0.05,
    warmup_steps=3,
    clip_norm=1.0,
    ema_decay=0.9,
    log_every=1,
    evaluate_every=10,
    checkpoint_every=2,
    decay="late",
)


class CausalLearner(MetaLearner):
    """The start and the rates."""

    def __init__(self, base: Base, steps: int = STEPS, rate: float = RATE) -> None:
        super().__init__()
        first = plain_start(base.decoder).updates
        self._base = [base]  # not a part: it is not learned here
        self._written = np.arange(base.tokens.size)
        self.steps = steps
        self.begin = nn.ParameterDict({key_of(k): nn.Parameter(t) for k, t in first.items()})
        self.rule = Rates(first, rate)

    def start(self) -> Parameters:
        return {name_of(k): p for k, p in self.begin.items()}

    def adapted(self, head: Head, entering: Tensor, context: Tensor) -> Parameters:
        """After the steps on a context (N,), which enters the upper layers as (1, N, C)."""
        (base,) = self._base

        def loss(updates: Parameters, x: Tensor, y: Tensor) -> Tensor:
            return loss_above(base, head, updates, x, y[0])

        return adapt(
            loss, self.start(), entering, context[None], self.rule, self.steps, first_order=True
        )

    def losses(self, tasks: TaskBatch) -> Tensor:
        rows = [
            (a[a != FILL], b[b != FILL])
            for a, b in zip(tasks.support_x, tasks.query_x, strict=True)
        ]
        return torch.stack([self.author_loss(context, query) for context, query in rows])

    def backward(self, tasks: TaskBatch) -> Tensor:
        total = torch.zeros(())
        for i in range(len(tasks)):
            loss = self.losses(tasks.part(i, i + 1)).mean() / len(tasks)
            loss.backward()
            total += loss.detach()
        return total

    def author_loss(self, context: Tensor, query: Tensor) -> Tensor:
        """Mean -log p of the queries (Q,) behind the context (N,), after the steps on it."""
        (base,) = self._base
        whole = torch.cat([context, query])
        head, entering, size = self.head_of(whole), below(base, whole), len(context)
        updates = self.adapted(head, entering[:, :size], context)
        return loss_above(base, head, updates, entering, whole, size)

    def head_of(self, tokens: Tensor) -> Head:
        """The frequent tokens and those that occur."""
        return Head.sampled(self._base[0], self._written, tokens.tolist())


class Passages:
    """Short texts of authors, as an artist's references are short."""

    def __init__(self, works: list[Work], part: Part) -> None:
        self.authors: dict[str, list[list[Work]]] = {"zh": [], "en": []}
        for group in by_author(works, part).values():
            forms: dict[tuple[str, str], list[Work]] = {}
            for work in group:
                forms.setdefault((work.language, work.form), []).append(work)
            for (language, _), mine in forms.items():
                if len(mine) >= REFERENCES[1] + QUERIES:
                    self.authors[language].append(mine)

    def draw(self, rng: np.random.Generator) -> list[str]:
        """Passages of one author and one form, of about one length; the last QUERIES are asked."""
        chinese = rng.random() < CHINESE
        language = "zh" if (chinese and self.authors["zh"]) or not self.authors["en"] else "en"
        groups = self.authors[language]
        mine = groups[int(rng.integers(len(groups)))]
        count = int(rng.integers(REFERENCES[0], REFERENCES[1] + 1)) + QUERIES
        low, high = CHARACTERS[language]
        length, lined = int(rng.integers(low, high)), rng.random() < LINED
        picked = rng.permutation(len(mine))[:count]
        return [passage(mine[int(i)].text, length, lined, rng) for i in picked]


def passage(text: str, length: int, lined: bool, rng: np.random.Generator) -> str:
    """Some clauses in a row, `length` characters or a little more, a line each where `lined`."""
    clauses = [clause for clause in _MARKS.split(text) if clause.strip()]
    first, taken, size = int(rng.integers(max(1, len(clauses) - 2))), [], 0
    for clause in clauses[first:]:
        taken.append(clause)
        size += len(clause)
        if size >= length:
            break
    between = "\n" if lined else "" if "\u4e00" <= text[:1] <= "\u9fff" else " "
    return between.join(" ".join(clause.split()) for clause in taken)


def task(base: Base, passages: Passages, rng: np.random.Generator) -> TaskBatch:
    """One author as a batch of one."""
    while True:
        texts = passages.draw(rng)
        references, queries = texts[:-QUERIES], texts[-QUERIES:]
        context = context_of(base, references, [1.0] * len(references), MOST_TOKENS)
        end = base.tokens.encode(SEPARATOR)
        asked = [t for query in queries for t in (*base.tokens.encode(query), *end)]
        if len(context) > 60 and 16 < len(asked) < MOST_TOKENS:
            c, q = torch.tensor([context]), torch.tensor([asked])
            return TaskBatch(c, c, q, q)


def filled(tasks: Sequence[TaskBatch]) -> TaskBatch:
    """Several tasks as one batch, filled up with FILL."""
    contexts = pad_sequence([t.support_x[0] for t in tasks], True, FILL)
    queries = pad_sequence([t.query_x[0] for t in tasks], True, FILL)
    return TaskBatch(contexts, contexts, queries, queries)


def prepare(
    base: Base, works: list[Work], folder: Path, *, resume: bool, seed: int, ranks: Ranks | None
) -> OuterLoop:
    """The outer loop, at its start or at its checkpoint."""
    learner = CausalLearner(base)
    training, watching = (Passages(works, part) for part in ("training", "validation"))
    watched = [task(base, watching, np.random.default_rng((1, k))) for k in range(WATCHED)]

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        rng = np.random.default_rng((seed, step, rank, 7))
        return filled([task(base, training, rng) for _ in range(TASKS_A_STEP)])

    def held_out(model: MetaLearner) -> float:
        with torch.no_grad():
            return float(torch.cat([model.losses(each) for each in watched]).mean())

    loop = OuterLoop(learner, sample, CONFIG, folder, held_out=held_out, ranks=ranks)
    if resume:
        loop.resume()
    return loop


def run(
    hours: float,
    resume: bool,
    folder: Path = RUNS,
    seed: int = 0,
    *,
    model: Path | None = None,
    corpus: Path = CORPUS,
) -> None:
    """Train for `hours` over a converted model, by default the one installed first, then ship.

    Raises `FileNotFoundError` without a corpus, BadInput, `WrongCheckpointError`, `RankLostError`.
    """
    if model is None:
        row = first_installed(models_folder())
        if row is None:
            raise BadInput("no_model")
        model = base_folder(row.digest, models_folder())
    base = load(model, torch.device("cpu"))

    def begin(ranks: Ranks) -> OuterLoop:
        works = load_corpus(corpus / WORKS_FILE)
        return prepare(base, works, folder, resume=resume, seed=seed, ranks=ranks)

    train_and_ship(hours, begin, partial(ship, path=start_file(base)))


def ship(loop: OuterLoop, path: Path) -> None:
    """The averaged start, in half precision, with the rates in the file's own notes."""
    learner = loop.learner
    assert isinstance(learner, CausalLearner)
    learner.load_state_dict(loop.averaged_weights())
    tensors = {name: t.detach().half().contiguous() for name, t in learner.start().items()}
    rates = {name: float(f"{rate:.6g}") for name, rate in learner.rule.rates().items()}
    about = {"steps": learner.steps, "rates": rates, "outer_steps": loop.step}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial_path = path.with_name(path.name + ".partial")
    save_file(tensors, partial_path, metadata={"start": json.dumps(about)})
    partial_path.replace(path)
