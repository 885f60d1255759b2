"""How a causal language model reads works of one voice, and the steps that follow: meta-learned.

A task is an author: some of the author's works one after another, as the product reads references.
The start of the adapters, in every layer, is learned for reading: no inner step is taken, and the
loss is that of each work behind those before it (learning to learn in context: Min et al. 2022,
MetaICL). From that start the rates of the steps are learned: steps are taken on the references, in
the upper layers, and judged by what the model then thinks of other works behind the same
references (first-order MAML: Finn et al. 2017, section 5.2; one rate a tensor: Meta-SGD, Li et al.
2017). How many are taken is decided anew for each style, by works that are held back
(`style.adapt`). The base stays as it is.
python -m engine corpus fetch --medium modern && python -m engine corpus build --medium modern
python -m engine train causal-adapters --hours 2 [--resume]    # the start
python -m engine train causal-rates --hours 1 --resume         # the rates, from there on
Legend: N tokens of the references, Q of the queries; a task's `support_x` (1, N), `query_x` (1, Q).
"""

import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from engine.core.errors import BadInput
from engine.lab.training.config import OuterConfig
from engine.lab.training.corpus.modern import MODERN_FILE, MODERN_SOURCES
from engine.lab.training.corpus.sources import SOURCES
from engine.lab.training.corpus.works import WORKS_FILE, Part, Work, by_author
from engine.lab.training.distributed import Ranks
from engine.lab.training.loop import OuterLoop, train_and_ship
from engine.lab.training.text_data import load_corpus
from engine.lab.training.weights import save_weights
from engine.media.text.generators.causal_lm.adapters import (
    RATE,
    STEPS,
    Rates,
    below,
    between,
    loss_above,
    parted,
    plain_start,
    read_start,
    start_file,
)
from engine.media.text.generators.causal_lm.base import Base, Head, load
from engine.media.text.generators.causal_lm.models import (
    base_folder,
    first_installed,
    models_folder,
)
from engine.media.text.generators.causal_lm.prompt import SEPARATOR, context_of
from engine.media.text.generators.causal_lm.terms import notice_of, title_of
from engine.meta.episodes import TaskBatch
from engine.meta.inner_loop import Parameters, adapt, key_of, name_of
from engine.meta.learner import MetaLearner

CORPUS, MODERN, RUNS = Path("corpus/text"), Path("corpus/modern"), Path("runs/causal-adapters")
TASKS_A_STEP, WATCHED = 3, 12
REFERENCES, QUERIES = (3, 6), 2
CHARACTERS = {"en": (60, 320), "zh": (24, 140)}  # of a passage
MOST_TOKENS = 448  # of a task
CHINESE = 0.5  # the share of tasks
LINED = 0.3  # the share of tasks that are laid out in lines
WEIGHTS = {  # of a source; of the others 1
    "voices": 6.0,
    "wesnoth": 3.0,
    "cdda": 2.0,
    "endless-sky": 2.0,
    "shakespeare": 1.5,
    "sotu": 0.3,
    "king-james": 0.5,
}
FILL = -1  # no token
SHARE = 0.6  # of the way from the base to what was learned, which is shipped: chosen on the
# development sets of `modern_sets`; whole, it is too sure of itself on texts of other kinds
_ENDS = re.compile(r"(?<=[.!?。！？”\n])(?<![A-Z][a-z]\.)(?=[\s\u4e00-\u9fff“‘])")
_MARKS = re.compile(r"(?<=[,;:.!?，；：。！？])(?![\"”’])\s*")
CONFIG = OuterConfig(
    steps=1_000_000,
    rate=1e-3,
    final_share=0.05,
    warmup_steps=5,
    clip_norm=1.0,
    ema_decay=0.95,
    log_every=1,
    evaluate_every=10,
    checkpoint_every=5,
    decay="late",
)


class CausalLearner(MetaLearner):
    """The start and the rates. steps: inner ones; with none, the start alone is learned."""

    def __init__(self, base: Base, steps: int = 0, rate: float = RATE) -> None:
        super().__init__()
        first = plain_start(base.decoder, layers=range(base.decoder.shape.layers))
        self._base = [base]  # not a part: it is not learned here
        self._written = np.arange(base.tokens.size)
        self.steps, self.draw = steps, 0
        self.begin = nn.ParameterDict(
            {key_of(k): nn.Parameter(t) for k, t in first.updates.items()}
        )
        self.rule = Rates(parted(first.updates, base.decoder)[0], rate)

    @property
    def base(self) -> Base:
        return self._base[0]

    def start(self) -> Parameters:
        return {name_of(k): p for k, p in self.begin.items()}

    def adapted(self, head: Head, entering: Tensor, context: Tensor) -> Parameters:
        """All updates after the steps on a context (N,), which enters the upper layers as
        (1, N, C); the upper ones have moved."""
        base = self.base
        upper, slow = parted(self.start(), base.decoder)

        def loss(updates: Parameters, x: Tensor, y: Tensor) -> Tensor:
            return loss_above(base, head, updates, x, y[0])

        x = entering.detach()
        moved = adapt(loss, upper, x, context[None], self.rule, self.steps, first_order=True)
        return {**slow, **moved}

    def losses(self, tasks: TaskBatch) -> Tensor:
        rows = [
            (a[a != FILL], b[b != FILL])
            for a, b in zip(tasks.support_x, tasks.query_x, strict=True)
        ]
        return torch.stack([self.author_loss(context, query) for context, query in rows])

    def backward(self, tasks: TaskBatch) -> Tensor:
        total = torch.zeros(())
        for i in range(len(tasks)):
            self.draw += 1
            loss = self.losses(tasks.part(i, i + 1)).mean() / len(tasks)
            loss.backward()
            total += loss.detach()
        return total

    def author_loss(self, context: Tensor, query: Tensor) -> Tensor:
        """Mean -log p of the queries (Q,) behind the context (N,), after the steps on it."""
        base = self.base
        whole = torch.cat([context, query])
        head = Head.sampled(base, self._written, whole.tolist(), self.draw)
        entering, size = below(base, whole, self.start()), len(context)
        updates = self.adapted(head, entering[:, :size], context)
        return loss_above(base, head, updates, entering, whole, size)


class Passages:
    """Short texts of authors, as an artist's references are short."""

    def __init__(self, works: list[Work], part: Part) -> None:
        self.authors: dict[str, dict[str, list[list[Work]]]] = {"zh": {}, "en": {}}
        for group in by_author(works, part).values():
            forms: dict[tuple[str, str, str], list[Work]] = {}
            for work in group:
                forms.setdefault((work.language, work.source, work.form), []).append(work)
            for (language, source, _), mine in forms.items():
                if len(mine) >= REFERENCES[1] + QUERIES:
                    self.authors[language].setdefault(source, []).append(mine)

    def draw(self, rng: np.random.Generator) -> list[str]:
        """Passages of one author and one form, of about one length; the last QUERIES are asked."""
        chinese = rng.random() < CHINESE
        language = "zh" if (chinese and self.authors["zh"]) or not self.authors["en"] else "en"
        sources = self.authors[language]
        shares = np.array([WEIGHTS.get(source, 1.0) for source in sources])
        groups = sources[str(rng.choice(list(sources), p=shares / shares.sum()))]
        sizes = np.sqrt([len(group) for group in groups])
        mine = groups[int(rng.choice(len(groups), p=sizes / sizes.sum()))]
        count = int(rng.integers(REFERENCES[0], REFERENCES[1] + 1)) + QUERIES
        low, high = CHARACTERS[language]
        length, lined = int(rng.integers(low, high)), rng.random() < LINED
        picked = rng.permutation(len(mine))[:count]
        return [passage(mine[int(i)].text, length, lined, rng) for i in picked]


def passage(text: str, length: int, lined: bool, rng: np.random.Generator) -> str:
    """Some sentences in a row, `length` characters or a little more; a line each clause where
    `lined`."""
    sentences = [each for each in _ENDS.split(text) if each.strip()]
    first, taken, size = int(rng.integers(max(1, len(sentences) - 2))), [], 0
    if len(text) <= length * 3 // 2:
        first, length = 0, len(text)
    for sentence in sentences[first:]:
        taken.append(sentence)
        size += len(sentence)
        if size >= length:
            break
    space = "" if "\u4e00" <= text[:1] <= "\u9fff" else " "
    if lined:
        clauses = [clause for each in taken for clause in _MARKS.split(each) if clause.strip()]
        return "\n".join(" ".join(clause.split()) for clause in clauses)
    joined = "".join(each if "\n" in each else each.strip() + space for each in taken)
    return joined.strip()


def task(base: Base, passages: Passages, rng: np.random.Generator, asked: int = 0) -> TaskBatch:
    """One author as a batch of one. asked: how many texts are queries; 0 for all but the first."""
    while True:
        texts = passages.draw(rng)
        first = len(texts) - asked if asked else 1
        context = context_of(base, texts[:first], [1.0] * first, MOST_TOKENS * 2 // 3)
        end = base.tokens.encode(SEPARATOR)
        queries = [t for text in texts[first:] for t in (*base.tokens.encode(text), *end)]
        queries = queries[: MOST_TOKENS - len(context)]
        if len(context) > 16 and len(queries) > 32:
            c, q = torch.tensor([context]), torch.tensor([queries])
            return TaskBatch(c, c, q, q)


def filled(tasks: Sequence[TaskBatch]) -> TaskBatch:
    """Several tasks as one batch, filled up with FILL."""
    contexts = pad_sequence([t.support_x[0] for t in tasks], True, FILL)
    queries = pad_sequence([t.query_x[0] for t in tasks], True, FILL)
    return TaskBatch(contexts, contexts, queries, queries)


def prepare(
    base: Base,
    works: list[Work],
    folder: Path,
    *,
    resume: bool,
    seed: int,
    ranks: Ranks | None,
    steps: int = 0,
) -> OuterLoop:
    """The outer loop, at its start or at its checkpoint. steps: inner ones."""
    learner, asked = CausalLearner(base, steps), QUERIES if steps else 0
    training, watching = (Passages(works, part) for part in ("training", "validation"))
    watched = [task(base, watching, np.random.default_rng((1, k)), asked) for k in range(WATCHED)]

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        rng = np.random.default_rng((seed, step, rank, 7))
        return filled([task(base, training, rng, asked) for _ in range(TASKS_A_STEP)])

    def held_out(model: MetaLearner) -> float:
        learner.draw = 0
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
    modern: Path = MODERN,
    steps: int = 0,
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
        works = [*load_corpus(corpus / WORKS_FILE), *load_corpus(modern / MODERN_FILE)]
        return prepare(base, works, folder, resume=resume, seed=seed, ranks=ranks, steps=steps)

    train_and_ship(hours, begin, partial(ship, path=start_file(base)))


def ship(loop: OuterLoop, path: Path, earlier: Path | None = None) -> None:
    """SHARE of the averaged start (between two models: Wortsman et al. 2022), in half precision.

    Its card has the rates and what it was learned from. earlier: a start that was shipped from the
    same run before; then the mean of both is, which is better on held-out sets than either.

    Adapters are made from a base and nothing without it, so its licence is theirs."""
    learner = loop.learner
    assert isinstance(learner, CausalLearner)
    learner.load_state_dict(loop.averaged_weights())
    about = learner.base.about
    card: dict[str, object] = {
        "model": f"text, where the adapters of {about.name} begin",
        "base": about.digest,
        "steps": learner.steps or STEPS,
        "rates": {name: float(f"{rate:.6g}") for name, rate in learner.rule.rates().items()},
        "share": SHARE,
        "outer_steps": loop.step,
        "outer_seconds": round(loop.seconds),
        "learned_from": {s.package: s.licence for s in (*SOURCES, *MODERN_SOURCES)},
        "licence": f"{title_of(about.licence)} (adapters derived from {about.name})",
        **({"notice": notice} if (notice := notice_of(about.licence)) else {}),
    }
    shrunk = between({}, learner.start(), SHARE)
    if earlier is not None:
        shrunk = between(read_start(earlier).updates, shrunk, 0.5)
        card["mean_with_outer_steps"] = json.loads(earlier.with_suffix(".json").read_text())[
            "outer_steps"
        ]
    tensors = {name: tensor.half() for name, tensor in shrunk.items()}
    save_weights(path, tensors, card)
