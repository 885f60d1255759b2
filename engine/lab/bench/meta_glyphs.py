"""Few-shot glyphs: accuracy of every shipped learner on alphabets that no training saw."""

import time
from collections.abc import Iterator

import torch
from torch import nn

from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row
from engine.lab.training.distributed import best_device
from engine.lab.training.fewshot import GlyphTasks, evaluate
from engine.lab.training.fewshot_recipes import RECIPES
from engine.lab.training.fewshot_start import BODY_OF, begin
from engine.lab.training.glyphs import RESERVED_FILE, GlyphSet
from engine.lab.training.weights import load_learner, weights_path
from engine.meta.learner import MetaLearner
from engine.meta.metric import Prototypical

BENCH = "meta glyphs"
SETTINGS = ((5, 1, 3), (5, 5, 3), (20, 1, 2))  # ways, shots, queries
START = ", before its own training"
PIXELS = "Pixels, nearest class mean"
# Omniglot, 5-way 1-shot, from the learners' own papers: other data, shown for orientation alone.
PUBLISHED = {
    "MAML": 98.7, "Reptile": 97.7, "Prototypical": 98.8, "Matching": 98.1, "Siamese": 97.3,
    "Relation": 99.6, "Meta-SGD": 99.5, "MANN": 82.8,
}  # fmt: skip


def rows(
    episodes: int, seed: int, settings: tuple[tuple[int, int, int], ...] = SETTINGS
) -> Iterator[Row]:
    """A row for each learner and setting whose weights are shipped; the same episodes for all.

    With one shot also the learner as it was before its own training, on a quarter of the episodes.
    """
    tasks = GlyphTasks.of(GlyphSet.load(RESERVED_FILE), turns=False)
    for ways, shots, queries in settings:
        for name in [PIXELS, *RECIPES]:
            learner = _learner(name, ways)
            if learner is None:
                continue
            arms = {_metric(ways, shots): (learner, episodes)}
            if shots == 1 and name not in (PIXELS, BODY_OF):
                torch.manual_seed(seed)
                start = begin(name, ways).to(best_device())
                arms[_metric(ways, shots) + START] = (start, -(-episodes // 4))
            for metric, (subject, count) in arms.items():
                started = time.perf_counter()
                scores = evaluate(
                    subject, tasks, ways=ways, shots=shots, queries=queries,
                    episodes=count, seed=seed,
                )  # fmt: skip
                value, low, high = mean_interval(100 * scores)
                yield Row(
                    bench=BENCH, arm=name, styles=count, references=shots,
                    seconds=round((time.perf_counter() - started) / count, 5),
                    metric=metric, value=value, low=low, high=high,
                )  # fmt: skip


def _learner(name: str, ways: int) -> MetaLearner | None:
    if name == PIXELS:
        return Prototypical(nn.Flatten(), ways)
    if not weights_path(name, ways).exists():
        return None
    return load_learner(name, ways).to(best_device())


def _metric(ways: int, shots: int) -> str:
    return f"{ways}-way {shots}-shot accuracy %"


def comparison(report: Report) -> str:
    """One Markdown table, a learner a line, with the published Omniglot figure beside it."""
    found = {(row.arm, row.metric): row for row in report.rows if row.bench == BENCH}
    metrics = [_metric(ways, shots) for ways, shots, _ in SETTINGS]
    metrics += [_metric(ways, shots) + START for ways, shots, _ in SETTINGS if shots == 1]
    heads = [metric.replace(" accuracy %", "") for metric in metrics]
    lines = [
        "| learner | " + " | ".join(heads) + " | published, Omniglot 5-way 1-shot |",
        "| --- " * (len(heads) + 2) + "|",
    ]
    for arm in dict.fromkeys(arm for arm, _ in found):
        cells = [_cell(found.get((arm, metric))) for metric in metrics]
        lines.append(f"| {arm} | " + " | ".join(cells) + f" | {PUBLISHED.get(arm, '–')} |")
    return "\n".join(lines)


def _cell(row: Row | None) -> str:
    if row is None or row.high is None:
        return "–"
    return f"{row.value:.1f} ± {row.high - row.value:.1f}"
