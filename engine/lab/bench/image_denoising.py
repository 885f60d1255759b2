"""Query loss of the denoiser against seconds of adaptation, by arm: does meta-learning help?

Seconds are counted in steps: each arm's pace is measured once, before anything else, and the grid
of seconds becomes numbers of steps, so that another program on the machine cannot turn the order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.lab.bench.image_arms import Arm, Task, context, full, learned, low_rank, scratch
from engine.lab.bench.image_styles import BenchStyle, with_own
from engine.lab.bench.intervals import mean_interval, paired_interval
from engine.lab.bench.report import Report, Row
from engine.media.image.generators.transport.weights import Prior

Tell = Callable[[str], None]
Build = Callable[[float], Arm]

BENCH = "image, denoising"
LOSS, RATIO, WORSE, PACE = "query loss", "loss / joint", "styles worse", "seconds a step"
RATE = "rate"
OWN = "styles with so many works"
JOINT, UNTOLD, LEARNED = "joint", "joint, untold", "meta-learned"
SCRATCH, FULL, LORA, CONTEXT = "from scratch", "full fine-tuning", "LoRA", "context only"
# Each arm's rates, the one in front where there are no validation styles to choose on.
LADDERS: dict[str, tuple[Build, tuple[float, ...]]] = {
    SCRATCH: (scratch, (1e-3,)),
    FULL: (full, (1e-4, 3e-5, 3e-4)),
    LORA: (low_rank, (1e-3, 3e-4, 3e-3)),
    CONTEXT: (context, (1e-2, 3e-3, 3e-2)),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One part of the bench: curves of some arms over some styles. title: of its rows."""

    styles: int
    references: tuple[int, ...]
    seeds: tuple[int, ...]
    grid_s: tuple[float, ...]
    arms: tuple[str, ...]
    title: str = BENCH
    choosing: int = 4  # validation styles on which rates are chosen; 0: the run before has them


@dataclass(frozen=True, slots=True)
class Question:
    """What every run shares. paces: seconds a step, by arm."""

    prior: Prior
    styles: Sequence[BenchStyle]
    validation: Sequence[BenchStyle]
    paces: Mapping[str, float]
    tell: Tell


def asked(
    prior: Prior,
    styles: Sequence[BenchStyle],
    validation: Sequence[BenchStyle],
    has_learned: bool,
    tell: Tell,
) -> Question:
    """The paces are those of a few steps on the first style."""
    tell("pace of each arm")
    task = Task.of(styles[0], prior, 1, 0)
    arms = {name: build(rates[0]) for name, (build, rates) in LADDERS.items()}
    if has_learned:
        arms[LEARNED] = learned()
    paces = {name: arm.pace(prior, task) for name, arm in arms.items()}
    return Question(prior, styles, validation, paces, tell)


def denoising(
    report: Report, question: Question, run: Run, known: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Adds the rows of one run. Returns the rates of the arms that have one for all; those that
    are `known` are not chosen anew."""
    names = [name for name in run.arms if name in question.paces]
    rates = {name: r for name, r in (known or {}).items() if name in names}
    open_ = [name for name in names if name in LADDERS and name not in rates]
    rates |= {name: best_rate(question, run, name) for name in open_}
    arms = {name: LADDERS[name][0](rates[name]) if name in rates else learned() for name in names}
    styles = question.styles[: run.styles]
    for name, rate in rates.items():
        _row(report, run, name, RATE, (rate, None, None), None, None, None)
    for name in arms:
        _row(report, run, name, PACE, (question.paces[name], None, None), None, None, None)
    for count in run.references:
        tasks = [[Task.of(s, question.prior, count, seed) for seed in run.seeds] for s in styles]
        own = float(with_own(styles, count))
        _row(report, run, JOINT, OWN, (own, None, None), len(styles), count, None)
        still = full(1e-4)  # takes no step
        base = _curves(question, still, tasks, (0,), JOINT)[0]
        untold = [[task.untold() for task in row] for row in tasks]
        _rows(report, run, JOINT, base, base, count, 0.0)
        _rows(report, run, UNTOLD, _curves(question, still, untold, (0,), UNTOLD)[0],
              base, count, 0.0)  # fmt: skip
        for name, arm in arms.items():
            looks = [max(1, round(s / question.paces[name])) for s in run.grid_s]
            losses = _curves(question, arm, tasks, looks, f"{name}, K = {count}")
            for seconds, loss in zip(run.grid_s, losses, strict=True):
                _rows(report, run, name, loss, base, count, seconds)
    return rates


def best_rate(question: Question, run: Run, name: str) -> float:
    """The constant rate with which an arm's curve goes lowest on validation styles, wherever on
    the grid that is: stopping early is open to all."""
    build, rates = LADDERS[name]
    styles = question.validation[: run.choosing]
    if not styles or len(rates) == 1:
        return rates[0]
    looks = [max(1, round(s / question.paces[name])) for s in run.grid_s]
    tasks = [[Task.of(s, question.prior, max(run.references), 0)] for s in styles]

    def lowest(rate: float) -> float:
        label = f"rate of {name}: {rate:g}"
        return float(_curves(question, build(rate), tasks, looks, label).mean(1).min())

    return min(rates, key=lowest)


def _curves(
    question: Question, arm: Arm, tasks: Sequence[Sequence[Task]], looks: Sequence[int], name: str
) -> Tensor:
    """(looks, styles): the means over seeds."""
    rows = []
    for done, row in enumerate(tasks, 1):
        question.tell(f"denoising · {name} · style {done} of {len(tasks)}")
        each = torch.tensor([arm.curve(question.prior, task, looks) for task in row])
        rows.append(each.mean(0))
    return torch.stack(rows, dim=1)


def _rows(
    report: Report, run: Run, arm: str, loss: Tensor, base: Tensor, count: int, seconds: float
) -> None:
    """The loss (styles,), its ratio to the joint model's and how many styles lose by the arm."""
    n = len(loss)
    _row(report, run, arm, LOSS, mean_interval(loss), n, count, seconds)
    if arm == JOINT:
        return
    _row(report, run, arm, RATIO, paired_interval(loss, base), n, count, seconds)
    worse = float((loss > base).double().mean())
    _row(report, run, arm, WORSE, (worse, None, None), n, count, seconds)


def _row(
    report: Report,
    run: Run,
    arm: str,
    metric: str,
    figures: tuple[float, float | None, float | None],
    styles: int | None,
    references: int | None,
    seconds: float | None,
) -> None:
    value, low, high = figures
    row = Row(
        bench=run.title,
        arm=arm,
        styles=styles,
        references=references,
        seconds=seconds,
        metric=metric,
        value=value,
        low=low,
        high=high,
    )
    report.add(row)
