"""What works of each arm look like in figures: distances, Fréchet, copies, diversity, seconds."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.lab.bench import image_metrics as metrics
from engine.lab.bench.image_drawers import (
    BOTH,
    COLLAGE,
    DESCENTS,
    JOINT,
    NOISE,
    SIBLING,
    Drawer,
    Priors,
    Subject,
    arm_name,
    drawers,
)
from engine.lab.bench.image_patches import (
    SHORT_PX,
    SIZES,
    coherence_metric,
    coverage_metric,
    similarity,
)
from engine.lab.bench.image_restyle import restyling
from engine.lab.bench.image_sheet import Sheet
from engine.lab.bench.image_styles import BenchStyle
from engine.lab.bench.image_transfer import GRAM_STEPS
from engine.lab.bench.intervals import mean_interval, paired_interval
from engine.lab.bench.report import Report, Row
from engine.media.image.generators.transport.distance import patch_distance

BENCH, DIVERSITY = "image, works", "image, diversity"
PATCHES_PX = (5, 9, 15)
DIVERSE_PX = 128
DRAW_S, ADAPT_S = "drawing (s)", "adapting (s)"
RANDOM_FRECHET, LEARNED_FRECHET = "Fréchet, random filters", "Fréchet, style encoder"
TAKEN = "copied in pieces over 48 px"
NEAREST, COPIED = "nearest patch of 32 px", "copied patches"
AGAINST_JOINT = "distance, 5 px patches / both, joint weights"
SPREAD, VENDI = "spread", "Vendi score"
VENDI_ALIKE = "Vendi of works that are alike"
STILL = (SIBLING, NOISE)  # nothing is drawn
Measured = dict[str, dict[str, list[float]]]  # arm → metric → a value a style
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many styles each arm is asked about. costly: descent and exact neighbours; diverse:
    styles drawn with so many `seeds`; shown: rows of the sheet."""

    styles: int
    references: tuple[int, ...]
    fewer: int  # styles where there are several references
    costly: int
    diverse: int
    seeds: int
    shown: int
    skipped: tuple[str, ...] = ()  # arms that are left out …
    undiverse: tuple[str, ...] = ()  # … of diversity alone
    restyled: int = 0  # styles in whose manner a picture is restyled
    gram_steps: int = GRAM_STEPS  # of the slowest way to restyle


def patch_metric(patch_px: int) -> str:
    return f"distance, {patch_px} px patches"


def drawing(
    report: Report,
    styles: Sequence[BenchStyle],
    priors: Priors,
    device: torch.device,
    counts: Counts,
    tell: Tell,
) -> Sheet:
    """Adds all rows; the sheet shows the first works with one reference."""
    sheet = Sheet()
    arms = {k: d for k, d in drawers(priors.weights).items() if k not in counts.skipped}
    for count in counts.references:
        chosen = styles[: counts.styles if count == counts.references[0] else counts.fewer]
        found: Measured = defaultdict(lambda: defaultdict(list))
        for index, style in enumerate(chosen):
            subject = Subject(style, count, priors, device)
            for name, arm in arms.items():
                costly = name in (*DESCENTS, COLLAGE)
                if costly and (index >= counts.costly or count > 1):
                    continue
                tell(f"works · {name}, K = {count} · style {index + 1} of {len(chosen)}")
                work = _measured(found[name], name, arm, subject)
                if count == 1 and index < counts.shown:
                    sheet.add(style.name, subject.references[0], name, work)
        _report(report, found, count)
    for name, content, arm, work in restyling(
        report, styles, priors, device, counts.restyled, tell, counts.gram_steps
    ):
        sheet.add(name, content, f"restyled, {arm}", work)
    diverse = {name: arm for name, arm in arms.items() if name not in counts.undiverse}
    _diversity(report, styles[: counts.diverse], diverse, priors, device, counts.seeds, tell)
    return sheet


def _measured(values: dict[str, list[float]], name: str, arm: Drawer, subject: Subject) -> Tensor:
    """Draws one work and appends its figures."""
    adapted_s = subject.adapt_s  # adapted before the clock starts
    begun = time.perf_counter()
    work = arm(subject, 0).cpu()
    if name not in STILL:
        values[DRAW_S].append(time.perf_counter() - begun)
    weights = next((w for w in adapted_s if name == arm_name(BOTH, w)), None)
    if weights:
        values[ADAPT_S].append(adapted_s[weights])
    for metric, value in closeness(work, subject).items():
        values[metric].append(value)
    return work


def closeness(work: Tensor, subject: Subject) -> dict[str, float]:
    """Of one work from its references."""
    references, encoder = list(subject.references), subject.priors.shipped.encoder
    found = {
        patch_metric(p): patch_distance(work, references, p, metrics.SCALE_PX) for p in PATCHES_PX
    }
    theirs = metrics.filtered(references)
    found[RANDOM_FRECHET] = metrics.frechet(metrics.filtered([work]), theirs)
    said = metrics.encoded(references, encoder, seed=96)
    found[LEARNED_FRECHET] = metrics.frechet(metrics.encoded([work], encoder), said)
    short_px = min(SHORT_PX, *work.shape[1:])
    bidirectional = similarity(work, references, short_px)
    for side, near, whole in zip(
        SIZES, bidirectional.coherence, bidirectional.coverage, strict=True
    ):
        found[coherence_metric(side)] = near
        found[coverage_metric(side)] = whole
    found[TAKEN] = bidirectional.copied
    nearest = metrics.nearest_patches(work, references)
    if len(nearest):
        found[NEAREST] = float(nearest.mean())
        found[COPIED] = float((nearest < metrics.COPIED_BELOW).double().mean())
    return found


def _report(report: Report, found: Measured, count: int) -> None:
    base = found[arm_name(BOTH, JOINT)][patch_metric(PATCHES_PX[0])]
    for arm, values in found.items():
        for metric, each in values.items():
            _row(report, BENCH, arm, metric, len(each), count, *mean_interval(torch.tensor(each)))
        mine = values[patch_metric(PATCHES_PX[0])]
        if arm != arm_name(BOTH, JOINT):
            paired = torch.tensor(mine), torch.tensor(base[: len(mine)])
            ratio = paired_interval(*paired)
            _row(report, BENCH, arm, AGAINST_JOINT, len(mine), count, *ratio)


def _diversity(
    report: Report,
    styles: Sequence[BenchStyle],
    arms: Mapping[str, Drawer],
    priors: Priors,
    device: torch.device,
    seeds: int,
    tell: Tell,
) -> None:
    """Of works with different seeds and the same reference, as small as the scores look at them."""
    found: Measured = defaultdict(lambda: defaultdict(list))
    for index, style in enumerate(styles):
        subject = Subject(style, 1, priors, device, DIVERSE_PX)
        for name, arm in arms.items():
            if name in (*STILL, *DESCENTS, COLLAGE):
                continue
            tell(f"diversity · {name} · style {index + 1} of {len(styles)}")
            works = torch.stack([arm(subject, seed).cpu() for seed in range(seeds)])
            found[name][f"{SPREAD}, {seeds} works"].append(
                metrics.spread(works, subject.references)
            )
            found[name][f"{VENDI}, {seeds} works"].append(metrics.vendi(works))
            alike = metrics.vendi_of_alike(works, subject.references)
            found[name][f"{VENDI_ALIKE}, {seeds} works"].append(alike)
    for arm, values in found.items():
        for metric, each in values.items():
            _row(report, DIVERSITY, arm, metric, len(each), 1, *mean_interval(torch.tensor(each)))


def _row(
    report: Report,
    bench: str,
    arm: str,
    metric: str,
    styles: int,
    references: int,
    value: float,
    low: float,
    high: float,
) -> None:
    row = Row(
        bench=bench,
        arm=arm,
        styles=styles,
        references=references,
        metric=metric,
        value=value,
        low=low,
        high=high,
    )
    report.add(row)
