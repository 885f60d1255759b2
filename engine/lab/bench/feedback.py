"""Do ratings teach? `python -m engine bench feedback [--quick]`.

Simulated raters with hidden likings rate works in batches (`feedback_sessions`), and what was
learned is tried in two ways. *Choice*: from works that nobody rated, drawn once a medium, eight of
24 are chosen. *Everything*: works are made anew, with the dials and the style as they were moved,
and chosen, as the studio does (`feedback_taught`).

Win rate: how often a shown work pleases its rater more than a work of no choice, by the true
liking; 50 % is chance. "shuffled ratings": the same stars dealt out to other works of the rated
ones, which must stay at chance. "knows the liking": the best that choosing 8 of 24 can do.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import torch

from engine.lab.bench import feedback_seconds
from engine.lab.bench.feedback_pools import Pool, pool_of
from engine.lab.bench.feedback_sessions import Liking, Stage, liking_of, picked, session
from engine.lab.bench.feedback_taught import ARMS, SHOWN, arms, from_pool
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row

MEDIA = ("audio", "image", "text")  # the slowest first
CANDIDATES = 24
TRIALS = 6  # batches that are chosen for a rater at each stage
CHOICE, SHUFFLED, KNOWING = "choice alone", "choice by shuffled ratings", "knows the liking"
WIN, MATCH, DIVERSITY = "win rate", "style match, of no choice's", "diversity, of no choice's"
HAS, LACKS = "what the critic measures", "what it does not measure"


@dataclass(frozen=True, slots=True)
class Size:
    """works of a pool; raters whose choices are looked at, after each of `stages` ratings; of
    these the first `taught` have works made anew, after each of `taught_stages`."""

    works: int
    raters: int
    stages: tuple[int, ...]
    taught: int
    taught_stages: tuple[int, ...]
    ablation: bool


QUICK = Size(56, 40, (0, 5, 10, 20), 6, (20,), ablation=False)
FULL = Size(200, 100, (0, 5, 10, 20, 40), 24, (10, 40), ablation=True)

Found = dict[tuple[str, str, int, str], list[float]]  # (arm, kind of rater, ratings, metric)


def run(quick: bool = False) -> Report:
    """Quick: a few minutes; else about an hour. A process a medium."""
    size = QUICK if quick else FULL
    report = Report()
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_alone) as pool:
        for rows in pool.map(_rows, MEDIA, [size] * len(MEDIA)):
            report.extend(rows)
    if not quick:
        report.extend(feedback_seconds.rows())  # when nothing else runs
    return report


def _alone() -> None:
    """A thread a process: each medium has one of its own."""
    torch.set_num_threads(1)


def _rows(name: str, size: Size) -> list[Row]:
    return rows_of(name, measured(pool_of(name, size.works), size))


def measured(pool: Pool, size: Size, seed: int = 1) -> Found:
    """A figure a rater, by arm, kind of rater, ratings and metric."""
    found: Found = defaultdict(list)
    for number in range(size.raters):
        lacks = bool(number % 2)
        rng = np.random.default_rng((seed, number))
        liking = liking_of(pool, lacks, rng)
        is_taught = number < size.taught and pool.maker is not None
        for stage in session(pool, liking, size.stages, rng):
            trials = list(_trials(pool, liking, stage, rng))
            if is_taught and stage.ratings in size.taught_stages:
                trials += _made_anew(pool, liking, stage, rng, size.ablation)
            for arm in dict.fromkeys(name for name, _ in trials):
                rows = np.mean([figures for name, figures in trials if name == arm], axis=0)
                for metric, value in zip((WIN, MATCH, DIVERSITY), rows.tolist(), strict=True):
                    for kind in (LACKS if lacks else HAS, "all"):
                        found[arm, kind, stage.ratings, metric].append(value)
    return found


Figures = tuple[float, float, float]


def _trials(
    pool: Pool, liking: Liking, stage: Stage, rng: np.random.Generator
) -> Iterator[tuple[str, Figures]]:
    """What choosing does."""
    whole = from_pool(pool, liking)
    for _ in range(TRIALS):
        offered = rng.permutation(stage.unrated)[:CANDIDATES]
        plain = whole.some(rng.permutation(stage.unrated)[:SHOWN])
        for arm, by in ((CHOICE, stage.taught), (SHUFFLED, stage.shuffled)):
            shown = whole.some(picked(pool, offered, SHOWN, by, rng))
            yield arm, shown.figures(plain, plain)
        best = offered[np.argsort(-liking.pool[offered])[:SHOWN]]
        yield KNOWING, whole.some(best).figures(plain, plain)


def _made_anew(
    pool: Pool, liking: Liking, stage: Stage, rng: np.random.Generator, ablation: bool
) -> list[tuple[str, Figures]]:
    """What all parts do, beside the unrated works of the pool."""
    whole = from_pool(pool, liking)
    plain = whole.some(stage.unrated)
    some = whole.some(rng.permutation(stage.unrated)[:SHOWN])
    found = arms(pool, liking.rater, stage, rng, ablation=ablation)
    return [(arm, batch.figures(plain, some)) for arm, batch in found]


def rows_of(name: str, found: Found) -> list[Row]:
    """A row a figure: the mean over raters."""
    rows = []
    for (arm, kind, stage, metric), values in found.items():
        mean, low, high = mean_interval(torch.tensor(values, dtype=torch.float64))
        rows.append(
            Row(
                bench=f"feedback {name}",
                arm=f"{arm}; raters like {kind}" if kind != "all" else arm,
                metric=f"{metric} after {stage} ratings",
                value=mean,
                low=low,
                high=high,
                styles=len(values),
            )
        )
    return sorted(rows, key=lambda row: row.arm)


def describe(report: Report) -> str:
    """A line for each medium and arm: win rates by the number of ratings, in percent, with half
    their 95 % intervals; then what the last of them did to style match and diversity, and how
    long it takes until works show a rating."""
    lines = []
    for bench in dict.fromkeys(row.bench for row in report.rows):
        own = {(row.arm, row.metric): row for row in report.rows if row.bench == bench}
        lines.append(f"{bench}, {WIN} after … ratings")
        names = [name for arm in (CHOICE, *ARMS) for name in (arm, *_by_kind(arm))]
        for arm in (*names, SHUFFLED, KNOWING):
            rates = [row for (a, m), row in own.items() if a == arm and m.startswith(WIN)]
            if rates:
                lines.append(f"  {arm} ({rates[0].styles}): " + ", ".join(map(_shown, rates)))
        for arm in (CHOICE, *ARMS):
            last = [row for (a, m), row in own.items() if a == arm and not m.startswith(WIN)][-2:]
            lines += [f"  {arm}, {row.metric}: {row.value:.3f}" for row in last]
        took = [row for (arm, _), row in own.items() if arm == feedback_seconds.ARM]
        lines += [f"  {row.metric}: {row.value:.1f}" for row in took]
    return "\n".join(lines)


def _by_kind(arm: str) -> tuple[str, str]:
    return f"{arm}; raters like {HAS}", f"{arm}; raters like {LACKS}"


def _shown(row: Row) -> str:
    assert row.high is not None
    stage = row.metric.removeprefix(f"{WIN} after ").removesuffix(" ratings")
    return f"{stage}: {row.value:.1%} ± {row.high - row.value:.1%}"
