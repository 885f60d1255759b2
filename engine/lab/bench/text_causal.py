"""Does a pretrained language model hear a voice? Small modern sets that no model has seen.

Nats a character of the last three texts of each set after its first five, by arm; what each arm
gains over the references in context alone, with the interval over the sets of a language; whose the
model takes each text to be, among the sets of its language; what writing costs. Over the language
model that is installed first.
python -m engine bench text_causal --out engine/media/text/generators/causal_lm/measured.json
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial

import torch

from engine.core.progress import finished
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row
from engine.lab.training.modern_sets import REFERENCES, TextSet, sets_of
from engine.media.text.generators.causal_lm.adapters import (
    LowRankStart,
    pairs,
    plain_start,
    start_for,
)
from engine.media.text.generators.causal_lm.base import Base, load
from engine.media.text.generators.causal_lm.expect import Expected, expected
from engine.media.text.generators.causal_lm.models import (
    base_folder,
    first_installed,
    models_folder,
)
from engine.media.text.generators.causal_lm.style import CausalStyle, adapt
from engine.media.text.generators.causal_lm.write import write
from engine.protocol import TextBrief

BENCH = "text over a base"
AS_IT_IS, IN_CONTEXT = "as it is", "in context"
OWN_START = "in context + LoRA's own start"
LEARNED_START = "in context + meta-learned start"
AS_SHIPPED = "as shipped: meta-learned start, steps where they help"
GAIN, WORSE = "gain over in context", "sets worse than in context"


def style_of(base: Base, texts: TextSet) -> CausalStyle:
    weights = (1.0,) * len(texts.references)
    return CausalStyle(texts.references, weights, base.about.digest, {})


def run(quick: bool) -> Report:
    """The report, empty where no language model is installed; `quick` takes every third set and
    writes fewer works."""
    report, folder = Report(), models_folder()
    row = first_installed(folder)
    if row is None:
        return report
    base = load(base_folder(row.digest, folder), torch.device("cpu"))
    sets = sets_of(part="asked")[:: 3 if quick else 1]
    measure(report, base, sets)
    identify(report, base, sets)
    costs(report, base, sets[0], 1 if quick else 4)
    return report


Arm = Callable[[Base, TextSet], list[Expected]]


def as_it_is(base: Base, texts: TextSet) -> list[Expected]:
    """Without references."""
    return expected(base, style_of(base, texts).head(base), base.opening, texts.queries)


def in_context(base: Base, texts: TextSet) -> list[Expected]:
    style = style_of(base, texts)
    return expected(base, style.head(base), style.context(base), texts.queries)


def adapted(base: Base, texts: TextSet, start: LowRankStart) -> list[Expected]:
    """In context, with as many steps as the product takes."""
    weights = (1.0,) * len(texts.references)
    style = finished(adapt(texts.references, weights, base, start))
    context, updates = style.context(base), pairs(style.updates)
    return expected(base, style.head(base), context, texts.queries, updates)


def begun(base: Base, texts: TextSet, start: LowRankStart) -> list[Expected]:
    """In context, where the steps begin: none is taken."""
    style, updates = style_of(base, texts), pairs(start.updates)
    return expected(base, style.head(base), style.context(base), texts.queries, updates)


def arms_of(base: Base) -> dict[str, Arm]:
    """By name: with the start that was learned for this base, or with LoRA's own where none was."""
    arms: dict[str, Arm] = {AS_IT_IS: as_it_is, IN_CONTEXT: in_context}
    start = start_for(base)
    if not start.learned:
        return arms | {OWN_START: partial(adapted, start=plain_start(base.decoder))}
    arms[LEARNED_START] = partial(begun, start=start)
    return arms | {AS_SHIPPED: partial(adapted, start=start)}


def measure(report: Report, base: Base, sets: Sequence[TextSet]) -> None:
    """Nats a character, and the gain over the references in context, of each set by itself and of
    all sets of a language, and the share of sets that lose."""
    reading: dict[str, float] = {}
    for name, arm in arms_of(base).items():
        gains: dict[str, list[float]] = defaultdict(list)
        for texts in sets:
            began = time.perf_counter()
            found = arm(base, texts)
            seconds = time.perf_counter() - began
            each = torch.tensor([e.a_character for e in found])
            _row(report, f"{name}, {texts.name}", "nats a character", each, seconds)
            mean = float(each.mean())
            if name == IN_CONTEXT:
                reading[texts.name] = mean
            elif texts.name in reading:
                gains[texts.language].append(reading[texts.name] - mean)
                gain = torch.tensor(gains[texts.language][-1:])
                _row(report, f"{name}, {texts.name}", GAIN, gain, seconds)
        for language, found in gains.items():
            values = torch.tensor(found)
            _row(report, f"{name}: {language}", GAIN, values, None)
            _row(report, f"{name}: {language}", WORSE, (values < 0).float(), None)


def identify(report: Report, base: Base, sets: Sequence[TextSet]) -> None:
    """The share of real works that are likeliest behind the references of their own set."""
    for language in sorted({texts.language for texts in sets}):
        mine = [texts for texts in sets if texts.language == language]
        queries = [(i, q) for i, texts in enumerate(mine) for q in texts.queries]
        head = style_of(base, mine[0]).head(base)
        asked, table = [query for _, query in queries], []
        for texts in mine:
            found = expected(base, head, style_of(base, texts).context(base), asked)
            table.append([each.a_character for each in found])
        right = (torch.tensor(table).argmin(0) == torch.tensor([i for i, _ in queries])).float()
        _row(report, f"real works, {language}, 1 of {len(mine)}", "identified", right, None)


def costs(report: Report, base: Base, texts: TextSet, count: int) -> None:
    """Seconds to the first words and to all works, as they are written."""
    style, began = style_of(base, texts), time.perf_counter()
    first = None
    brief = TextBrief(count=count)
    for advance in write(base, style, [""] * REFERENCES, brief):
        if first is None and any(advance.texts):
            first = time.perf_counter() - began
    seconds = {"first words": first or 0.0, f"{count} works": time.perf_counter() - began}
    for name, value in seconds.items():
        _row(report, name, "seconds", torch.tensor([value]), None)


def _row(
    report: Report, arm: str, metric: str, values: torch.Tensor, seconds: float | None
) -> None:
    value, low, high = mean_interval(values)
    report.add(
        Row(
            bench=BENCH,
            arm=arm,
            styles=len(values),
            references=REFERENCES,
            seconds=None if seconds is None else round(seconds, 2),
            metric=metric,
            value=value,
            low=low,
            high=high,
        )
    )
