"""`bench audio`, the notes part: nats a note of works of reserved styles, after K of their works.

Legend: E styles, P points of an arm's curve. Wholly new composers are also counted apart from new
sections of tune books whose other sections were trained on; and all without the style that is one
halved piece, where telling the second half from the first is easier than telling another work.
The headline is of those. Intervals are paired bootstraps over styles, of which there are few: three
composers make a wide one, and a rough one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from engine.lab.bench.audio_notes_arms import (
    Arm,
    Grams,
    Tuning,
    as_shipped,
    in_context,
    plain,
    remembering,
    with_steps,
)
from engine.lab.bench.audio_notes_matching import over_bars
from engine.lab.bench.audio_notes_styles import Episode, episodes
from engine.lab.bench.report import Report, Row
from engine.lab.training.corpus.notes_works import NotesWorks
from engine.media.audio.generators.score.weights import Shipped
from engine.sequence.model import Transformer

BENCH = "notes"
NEW, KNOWN = f"{BENCH}, new composers", f"{BENCH}, new sections of known books"
OTHERS = f"{BENCH}, without the halved piece"
HEADLINE, CHOSEN = f"{BENCH}, headline", f"{BENCH}, chosen on validation styles"
NATS, BITS, NATS_TOKEN = "nats a note", "bits a note", "nats a token"
GAIN, WORSE = "gain over joint, nats a note", "styles worse than joint"
JOINT, CONTEXT, MEMORY = "joint, no references", "references in context", "in context + memory"
VERSION_1 = "version 1: two or three references in context, memory"
STEPS = "in context, low-rank steps, memory"
OWN_BARS = "joint + matching over the work's own bars"
SHIPPED = "as shipped: joint + matching over the bars of the references and its own"
FULL_TUNING, LORA, SCRATCH = "joint + full fine-tuning", "joint + LoRA", "scratch"
CONTEXT_LORA, DYNAMIC = "in context + LoRA", "in context + dynamic evaluation"
LORA_MEMORY = "LoRA on single works, then in context + memory"
GRAMS, MIXED_GRAMS = "Kneser-Ney n-grams alone", "joint mixed with Kneser-Ney n-grams"
MAIN, RANK, DRAWS = 5, 8, 2000
FULL_RATES, LOW_RANK_RATES = (3e-5, 1e-4, 3e-4), (3e-4, 1e-3, 3e-3)
SCRATCH_RATES = (1e-3, 3e-3, 1e-2)
ORDERS, DISCOUNTS, WEIGHTS = (3, 5, 7), (0.5, 0.75, 0.9), (0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class NotesBenchPlan:
    """seconds: of every arm that takes steps; long: of full fine-tuning and from scratch.

    styles: of new composers and of known books, each. chosen: rates by the validation styles, else
    those of FOUND. whole: every arm, else those that the product is judged by.
    """

    queries: int
    references: tuple[int, ...]
    seconds: tuple[float, ...]
    long: tuple[float, ...]
    styles: int = 100
    chosen: bool = True
    whole: bool = True


FULL = NotesBenchPlan(8, (1, 3, 5, 10), (0.5, 1, 2, 5, 10), (0.5, 1, 2, 5, 10, 30, 60))
QUICK = NotesBenchPlan(2, (1, 5), (0.5,), (0.5, 1), styles=3, chosen=False, whole=False)
# Found on validation styles as `chosen` does, with 1 and 2 s: rates, (order, discount, weight).
FOUND_RATES = {FULL_TUNING: 1e-4, LORA: 1e-3, SCRATCH: 3e-3}
FOUND_GRAMS = {GRAMS: (5, 0.9, 1.0), MIXED_GRAMS: (5, 0.75, 0.02)}


def notes(report: Report, base: Shipped, works: NotesWorks, plan: NotesBenchPlan) -> None:
    """All rows: every arm at MAIN references; some by their number; the headline."""
    asked = of_both_kinds(_episodes(works, "reserved", plan), plan.styles)
    model = base.model
    curves = Curves(report, model, asked)
    counts = plan.references if plan.whole else (MAIN,)
    for count in plan.references:
        curves.measure(SHIPPED, partial(over_bars, references=True), count)
    curves.measure(OWN_BARS, partial(over_bars, references=False), MAIN)
    for count in counts:
        curves.measure(CONTEXT, in_context, count)
    for count in counts:
        curves.measure(VERSION_1, partial(as_shipped, gate=base.gate), count)
    if plan.whole:
        curves.measure(MEMORY, partial(remembering, gate=base.gate), MAIN)
        steps = partial(with_steps, gate=base.gate, start=base.start)
        curves.measure(STEPS, steps, MAIN)
    arms = chosen(model, _episodes(works, "validation", plan), plan) if plan.chosen else found(plan)
    for name, arm in arms.items():
        for metric, value in choices(arm).items():
            report.add(Row(bench=CHOSEN, arm=name, metric=metric, value=value))
    if plan.whole:
        lora = arms[LORA]
        assert isinstance(lora, Tuning)
        arms[LORA_MEMORY] = replace(lora, gate=base.gate)
    for name, arm in arms.items():
        curves.measure(name, arm, MAIN)
    for count in counts:
        if count != MAIN:
            short = Tuning(_rate(arms[FULL_TUNING]), plan.seconds)
            curves.measure(FULL_TUNING, short, count)
    curves.headline()


def _episodes(works: NotesWorks, part, plan: NotesBenchPlan) -> list[Episode]:
    groups = works.by_style(part)
    return episodes(works, groups, references=max(plan.references), queries=plan.queries)


def of_both_kinds(found: Sequence[Episode], most: int) -> list[Episode]:
    """At most so many new composers and so many known books, by name."""
    new = [episode for episode in found if episode.new_composer]
    known = [episode for episode in found if not episode.new_composer]
    return new[:most] + known[-most:]


def found(plan: NotesBenchPlan) -> dict[str, Arm]:
    """The arms that leave something open, as the full bench settled it."""
    arms: dict[str, Arm] = {name: Grams(*numbers) for name, numbers in FOUND_GRAMS.items()}
    for name in (FULL_TUNING, LORA, SCRATCH) if plan.whole else (FULL_TUNING, LORA):
        arms[name] = _tuning(name, FOUND_RATES[name], plan)
    return arms


def chosen(
    model: Transformer, validation: Sequence[Episode], plan: NotesBenchPlan
) -> dict[str, Arm]:
    """The same with what is best on the validation styles, each at its best point there.

    Rates are tried with the short seconds, whatever time the arm has later.
    """
    rates = {
        FULL_TUNING: FULL_RATES,
        LORA: LOW_RANK_RATES,
        CONTEXT_LORA: LOW_RANK_RATES,
        DYNAMIC: FULL_RATES,
        SCRATCH: SCRATCH_RATES,
    }
    arms: dict[str, Arm] = {}
    for name, ladder in rates.items():
        tried = [_tuning(name, rate, plan, short=True) for rate in ladder]
        best = min(tried, key=partial(lowest, model, validation))
        arms[name] = _tuning(name, best.rate, plan)
    alone = [Grams(order, discount) for order in ORDERS for discount in DISCOUNTS]
    grams = min(alone, key=partial(lowest, model, validation))
    mixed = [Grams(o, grams.discount, weight) for o in ORDERS for weight in WEIGHTS]
    arms[GRAMS] = grams
    arms[MIXED_GRAMS] = min(mixed, key=partial(lowest, model, validation))
    return arms


def _tuning(name: str, rate: float, plan: NotesBenchPlan, *, short: bool = False) -> Tuning:
    long = name in (FULL_TUNING, SCRATCH) and not short
    return Tuning(
        rate,
        plan.long if long else plan.seconds,
        rank=RANK if name in (LORA, CONTEXT_LORA) else 0,
        in_context=name in (CONTEXT_LORA, DYNAMIC),
        scratch=name == SCRATCH,
    )


def choices(arm: Arm) -> dict[str, float]:
    """What was left open in an arm, and is settled."""
    if isinstance(arm, Grams):
        return {"order": arm.order, "discount": arm.discount, "weight": arm.weight}
    return {"rate": _rate(arm)}


def _rate(arm: Arm) -> float:
    assert isinstance(arm, Tuning)
    return arm.rate


def lowest(model: Transformer, validation: Sequence[Episode], arm: Arm) -> float:
    """The lowest point of the arm's mean curve, nats a note."""
    curves = [[nats / e.notes for _, nats in arm(model, e, MAIN)] for e in validation]
    return float(torch.tensor(curves).mean(0).min())


class Curves:
    """Measures arms on the same styles, and adds their rows: of all, and of each kind."""

    def __init__(self, report: Report, model: Transformer, asked: Sequence[Episode]) -> None:
        self._report, self._model, self._asked = report, model, asked
        new = torch.tensor([episode.new_composer for episode in asked])
        others = ~torch.tensor([episode.halved for episode in asked])
        self._kinds: Mapping[str, Tensor] = {
            BENCH: torch.ones_like(new),
            OTHERS: others,
            NEW: new,
            KNOWN: ~new,
        }
        self._notes = torch.tensor([e.notes for e in asked], dtype=torch.float64)
        self._tokens = torch.tensor([e.tokens for e in asked], dtype=torch.float64)
        self._found: dict[str, list[tuple[float, Tensor]]] = {}  # at MAIN: (seconds, (E,))
        self._base = self.measure(JOINT, plain, 0)[0][1]

    def measure(self, name: str, arm: Arm, count: int) -> list[tuple[float, Tensor]]:
        """Seconds and nats a note (E,) of every point."""
        each = [arm(self._model, episode, count) for episode in self._asked]
        points = torch.tensor(each, dtype=torch.float64).permute(1, 2, 0)  # (P, 2, E)
        curve = [(float(s.mean()), nats / self._notes) for s, nats in points]
        for seconds, nats in curve:
            for bench, kind in self._kinds.items():
                if kind.any():
                    self._add(bench, name, count, seconds, nats, kind)
        if count == MAIN:
            self._found[name] = curve
        return curve

    def _add(
        self, bench: str, arm: str, count: int, seconds: float, nats: Tensor, kind: Tensor
    ) -> None:
        """The rows of a point, of the styles of a kind (E,) bool."""
        nats_token = nats * self._notes / self._tokens
        figures = {
            NATS: bootstrap(nats[kind]),
            BITS: bootstrap(nats[kind] / torch.log(torch.tensor(2.0))),
            NATS_TOKEN: bootstrap(nats_token[kind]),
        }
        if count:
            gain = (self._base - nats)[kind]
            figures[GAIN] = bootstrap(gain)
            figures[WORSE] = (float((gain < 0).double().mean()), None, None)
        for metric, (value, low, high) in figures.items():
            row = Row(
                bench=bench,
                arm=arm,
                metric=metric,
                value=value,
                styles=int(kind.sum()),
                references=count,
                seconds=round(seconds, 2),
                low=low,
                high=high,
            )
            self._report.add(row)

    def headline(self) -> None:
        """Which seconds bring what: the shipped way and full fine-tuning, each against the other.

        Of the styles with other works. A value of NaN: not reached.
        """
        kind = self._kinds[OTHERS]
        tuned, shipped = (
            [(seconds, nats[kind]) for seconds, nats in self._found[name]]
            for name in (FULL_TUNING, SHIPPED)
        )
        last, at_last = tuned[-1]
        best, at_best = min(tuned, key=lambda point: float(point[1].mean()))
        for mark, target in {last: at_last, best: at_best}.items():
            metric = f"seconds to what full fine-tuning has after {mark:g} s"
            self._one(SHIPPED, metric, reached(shipped, float(target.mean())))
            metric = f"gain over full fine-tuning after {mark:g} s, nats a note"
            self._one(SHIPPED, metric, *bootstrap(target - shipped[-1][1]))
        seconds = reached(tuned, float(shipped[-1][1].mean()))
        self._one(FULL_TUNING, "seconds to what is shipped", seconds)

    def _one(
        self, arm: str, metric: str, value: float, low: float | None = None, high=None
    ) -> None:
        row = Row(
            bench=HEADLINE,
            arm=arm,
            metric=metric,
            value=value,
            styles=int(self._kinds[OTHERS].sum()),
            references=MAIN,
            low=low,
            high=high,
        )
        self._report.add(row)


def reached(curve: Sequence[tuple[float, Tensor]], target: float) -> float:
    """The seconds of the first point whose mean is no more than the target; NaN where none is."""
    good = [seconds for seconds, nats in curve if float(nats.mean()) <= target]
    return min(good, default=float("nan"))


def bootstrap(values: Tensor, seed: int = 0) -> tuple[float, float | None, float | None]:
    """(mean, low, high) of (E,): 95 % of the means of as many drawn again; none of a single one."""
    values = values.double()
    if len(values) == 1:
        return float(values[0]), None, None
    generator = torch.Generator().manual_seed(seed)
    picks = torch.randint(len(values), (DRAWS, len(values)), generator=generator)
    ends = torch.tensor([0.025, 0.975], dtype=torch.float64)
    low, high = torch.quantile(values[picks].mean(1), ends).tolist()
    return float(values.mean()), low, high
