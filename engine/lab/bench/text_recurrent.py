"""For the record: a recurrent network of equal size beside the Transformer of texts.

    python -m engine.lab.bench.text_recurrent CORPUS --steps 150 --out measured_recurrent.json

Both begin with random weights and counts of the corpus, and see the same sequences in the same
order, with the same optimiser at the same rate; nothing was tuned for either. The budget is a small
part of what the shipped weights saw: it tells how fast each learns, and how well each reads
references, not what more hours would bring. Gated recurrent units: Cho et al. 2014.
Legend: B sequences, T tokens, V vocabulary, C width, H hidden.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row
from engine.lab.training.config import OuterConfig
from engine.lab.training.corpus.sample import SAMPLE_FILE
from engine.lab.training.corpus.works import Work, by_author, read_works
from engine.lab.training.loop import LOG_NAME, OuterLoop, read_log
from engine.lab.training.sequence_eval import TokenModel, author_table
from engine.lab.training.sequence_start import start_from_counts
from engine.lab.training.text_data import Library
from engine.lab.training.text_eval import CONTEXTS_OF, probes
from engine.lab.training.token_loss import token_loss
from engine.media.text.tokens import PAD, Tokens
from engine.meta.episodes import TaskBatch
from engine.meta.learner import MetaLearner
from engine.sequence.model import Transformer, TransformerConfig

SEQUENCES, LENGTH = 8, 256  # of a step
CONTEXT = 1024  # tokens of references and a work that are scored
RECURRENT, ATTENDING = "gated recurrent units", "Transformer"
BENCH = "text, recurrent arm"
CONFIG = OuterConfig(
    steps=150,
    rate=2e-3,
    final_share=0.1,
    warmup_steps=5,
    weight_decay=0.05,
    clip_norm=1.0,
    ema_decay=0.9,
    log_every=5,
    evaluate_every=15,
    checkpoint_every=15,
    decay="late",
)


HeldOut = Callable[[TokenModel], float]


class Recurrent(nn.Module):
    """Tokens (B, T) -> states (B, T, C): two layers of gated recurrent units between a tied table;
    6.9 M parameters, as many as the Transformer has."""

    def __init__(self, vocabulary: int = 8192, width: int = 256, hidden: int = 672) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.layers = nn.GRU(width, hidden, num_layers=2, batch_first=True)
        self.outward = nn.Linear(hidden, width, bias=False)
        self.norm = nn.RMSNorm(width)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        nn.init.normal_(self.embedding.weight, std=0.02)

    def states(self, tokens: Tensor) -> Tensor:
        read, _ = self.layers(self.embedding(tokens))
        return self.norm(self.outward(read))

    def logits(self, states: Tensor) -> Tensor:
        """(..., C) -> (..., V)."""
        return nn.functional.linear(states, self.embedding.weight, self.bias)


class Learner(MetaLearner):
    """The mean loss of the next token over sequences that are several works of one author."""

    def __init__(self, model: Transformer | Recurrent) -> None:
        super().__init__()
        self.model = model

    def backward(self, tasks: TaskBatch) -> Tensor:
        rows, model = tasks.support_x, self.model
        states = model.states(rows[:, :-1]).flatten(0, 1)
        targets = rows[:, 1:].flatten()
        loss = token_loss(states, model.embedding.weight, model.bias, targets, PAD)
        loss.backward()
        return loss.detach()


def arms(tokens: Tokens) -> dict[str, Callable[[], Transformer | Recurrent]]:
    """By name, what makes a model with random weights."""
    return {
        ATTENDING: lambda: Transformer(TransformerConfig(vocabulary=tokens.size)),
        RECURRENT: lambda: Recurrent(tokens.size),
    }


def parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def train(
    model: Transformer | Recurrent, library: Library, folder: Path, steps: int, watched: HeldOut
) -> OuterLoop:
    """From random weights, or from the folder's checkpoint, to the end of the budget."""

    def sample(step: int, rank: int, ranks: int) -> TaskBatch:
        rows = torch.from_numpy(library.batch(0, step, rank, SEQUENCES, LENGTH))
        return TaskBatch(rows, rows, rows, rows)

    learner = Learner(model)
    loop = OuterLoop(
        learner, sample, replace(CONFIG, steps=steps), folder, held_out=lambda _: watched(model)
    )
    if loop.checkpoint_path.exists():
        loop.resume()
    loop.run()
    learner.load_state_dict(loop.averaged_weights())
    return loop


def watching(groups: Mapping[str, Sequence[Work]], tokens: Tokens) -> HeldOut:
    """Nats a character of works by validation authors behind five others of theirs."""
    mine = {name: group for name, group in groups.items() if group[0].language == "zh"}
    found = probes(mine, tokens, authors=8, queries=1, context=CONTEXT, numbers=(5,))

    def figure(model: TokenModel) -> float:
        return float(sum(row[0] for row in author_table(model, found).values()) / len(found))

    return figure


def measure(
    report: Report,
    arm: str,
    model: TokenModel,
    groups: Mapping[str, Sequence[Work]],
    tokens: Tokens,
    authors: int,
) -> None:
    """Nats a character of reserved authors by the number of works before them, and the gain."""
    for language, numbers in CONTEXTS_OF.items():
        mine = {name: group for name, group in groups.items() if group[0].language == language}
        found = probes(mine, tokens, authors=authors, queries=2, context=CONTEXT, numbers=numbers)
        if not found:
            continue
        rows = torch.tensor([row.tolist() for row in author_table(model, found).values()])
        for place, number in enumerate(numbers):
            for metric, values in (
                ("nats a character", rows[:, place]),
                ("gain over none", rows[:, 0] - rows[:, place]),
            ):
                _row(report, f"{arm}, {language}", metric, values, number)


def _row(report: Report, arm: str, metric: str, values: Tensor, references: int) -> None:
    value, low, high = mean_interval(values)
    row = Row(
        bench=BENCH,
        arm=arm,
        metric=metric,
        styles=len(values),
        references=references,
        value=value,
        low=low,
        high=high,
    )
    report.add(row)


def curve(report: Report, arm: str, folder: Path) -> None:
    """What was held out while it learned, by tokens seen."""
    for row in read_log(folder / LOG_NAME):
        if row["held_out"] == row["held_out"]:  # a number
            seen = int(row["step"]) * SEQUENCES * LENGTH
            value = torch.tensor([row["held_out"]])
            _row(report, f"{arm}, after {seen} tokens", "held out", value, 5)
    last = read_log(folder / LOG_NAME)[-1]
    _row(report, arm, "seconds of training", torch.tensor([last["seconds"]]), 0)


def run(
    works: Sequence[Work],
    asked: Sequence[Work],
    tokens: Tokens,
    makers: Mapping[str, Callable[[], Transformer | Recurrent]],
    folder: Path,
    steps: int,
    authors: int = 30,
) -> Report:
    """The arms one after another. works: learned from, and watched; asked: of reserved authors."""
    report = Report()
    library = Library.of(by_author(works, "training"), tokens)
    held = watching(by_author(works, "validation"), tokens)
    for arm, make in makers.items():
        torch.manual_seed(0)
        model, own = make(), folder / arm.replace(" ", "-")
        start_from_counts(model, library.tokens)
        train(model, library, own, steps, held)
        _row(report, arm, "parameters", torch.tensor([float(parameters(model))]), 0)
        curve(report, arm, own)
        measure(report, arm, model, by_author(asked, "reserved"), tokens, authors)
    return report


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path, help="works.jsonl.gz")
    parser.add_argument("--steps", type=int, default=CONFIG.steps)
    parser.add_argument("--folder", type=Path, default=Path("runs/text-recurrent"))
    parser.add_argument("--out", type=Path, default=Path("measured_recurrent.json"))
    asked = parser.parse_args(arguments)
    works, sample, tokens = read_works(asked.corpus), read_works(SAMPLE_FILE), Tokens.load()
    run(works, sample, tokens, arms(tokens), asked.folder, asked.steps).write(asked.out)


if __name__ == "__main__":
    main()
