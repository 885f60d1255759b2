"""Pictures: does meta-learning help, how close do works come, what do they copy, what does it cost?

Reserved artists only, whom no training ever saw: the corpus's, or those that are shipped where
there is no corpus. `python -m engine bench image --out F.json` also writes F.png, samples of every
arm side by side. About an hour on two cores, `--quick` some five minutes; progress on stderr.
"""

from dataclasses import dataclass

from engine.core.device import pick_device
from engine.lab.bench.image_costs import SIZES, costs
from engine.lab.bench.image_denoising import (
    CONTEXT,
    FULL,
    LEARNED,
    LORA,
    SCRATCH,
    Run,
    asked,
    denoising,
)
from engine.lab.bench.image_drawers import (
    ALONE,
    BOTH,
    DESCENTS,
    JOINT,
    LEARNED as LEARNED_WEIGHTS,
    PAINTER_NEW,
    TRANSPORTS,
    TUNED,
    Priors,
    arm_name,
)
from engine.lab.bench.image_drawing import Counts, drawing
from engine.lab.bench.image_matching import comparing
from engine.lab.bench.image_styles import (
    RESERVED,
    SAMPLES,
    BenchStyle,
    of_assets,
    of_corpus,
    pictures_in,
    with_own,
)
from engine.lab.bench.progress import Told
from engine.lab.bench.report import Report, Row
from engine.lab.training.image import CORPUS
from engine.media.image.generators.painter.sources import Source, are_flat
from engine.media.image.generators.transport.weights import STEPS_FILE, WEIGHTS_FILE, load_prior

BENCH = "image, styles"
SHIPPED = "shipped pictures"  # where the corpus is not asked
LONG = "image, denoising for longer"
MOVING = (FULL, LORA, CONTEXT, LEARNED)
ALL = 10_000  # however many styles there are


@dataclass(frozen=True, slots=True)
class ImageBenchPlan:
    """How much is asked. The first run is the one whose fine-tuning rate draws, too."""

    runs: tuple[Run, ...]
    drawing: Counts
    sizes: tuple[tuple[int, int, int], ...]
    timed_references: tuple[int, ...]
    compared: int = 0  # styles that patches are compared for by every descriptor


FULL_PLAN = ImageBenchPlan(
    runs=(
        Run(ALL, (5,), (0,), (0.5, 1, 2), MOVING),
        Run(ALL, (1, 3), (0,), (0.5, 1, 2), (FULL, LEARNED), choosing=0),
        Run(3, (5,), (0,), (0.5, 1, 2, 5, 10, 30), (SCRATCH, FULL, LEARNED),
            title=LONG, choosing=0),
    ),
    drawing=Counts(ALL, (1, 3, 5), fewer=3, costly=4, diverse=2, seeds=8, shown=4, restyled=ALL),
    sizes=SIZES,
    timed_references=(1, 3, 5),
    compared=6,
)  # fmt: skip
QUICK_PLAN = ImageBenchPlan(
    runs=(Run(2, (1,), (0,), (0.5,), (FULL, LEARNED)),),
    drawing=Counts(
        2, (1,), fewer=0, costly=1, diverse=1, seeds=8, shown=2, restyled=1, gram_steps=0,
        skipped=(
            list(DESCENTS)[-1], list(TRANSPORTS)[-1], arm_name(BOTH, TUNED),
            *(arm_name(ALONE, weights) for weights in (JOINT, TUNED, LEARNED_WEIGHTS)),
        ),
        undiverse=(*TRANSPORTS, arm_name(BOTH, JOINT), PAINTER_NEW),
    ),
    sizes=SIZES[:2],
    timed_references=(1, 4),
)  # fmt: skip


def run(quick: bool) -> Report:
    """The report, with its sheet; `quick` takes the shipped pictures and fewer of all."""
    plan, device, tell = QUICK_PLAN if quick else FULL_PLAN, pick_device(), Told()
    report, has_learned = Report(), STEPS_FILE.exists()
    prior = load_prior(WEIGHTS_FILE, device, STEPS_FILE if has_learned else None)
    tell("costs")
    timed = [*pictures_in(SAMPLES).values(), *pictures_in(RESERVED).values()]
    costs(report, timed, prior, device, plan.timed_references, plan.sizes)
    styles, validation = _styles(report, quick)
    question = asked(prior, styles, validation, has_learned, tell)
    rates: list[dict[str, float]] = []
    for part in plan.runs:
        known = None if part.choosing else rates[-1]
        rates.append(denoising(report, question, part, known))
    priors = Priors(prior, has_learned, rates[0][FULL])
    sheet = drawing(report, styles, priors, device, plan.drawing, tell)
    if plan.compared:
        comparing(report, styles, prior, plan.compared)
    report.sheet = sheet.png()
    return report


def _styles(report: Report, quick: bool) -> tuple[list[BenchStyle], list[BenchStyle]]:
    """Reserved and validation styles; a row says where they come from."""
    if quick or not CORPUS.exists():
        styles, validation, source = sorted(of_assets(), key=_is_flat), [], SHIPPED
    else:
        styles, validation = of_corpus("reserved"), of_corpus("validation")
        source = "corpus"
    halved = sum(style.halved for style in styles)
    figures = {"reserved styles": len(styles), "styles of one work, halved": halved}
    figures |= {f"styles with {n} references of their own": with_own(styles, n) for n in (3, 5)}
    for metric, value in figures.items():
        report.add(Row(bench=BENCH, arm=source, metric=metric, value=float(value)))
    return styles, validation


def _is_flat(style: BenchStyle) -> bool:
    """Paintings and photographs come first: of the quick bench's few, they tell most."""
    return are_flat([Source(style.references[0])])
