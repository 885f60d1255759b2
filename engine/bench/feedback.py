"""Do ratings teach? `python -m engine bench feedback [--quick]`.

Simulated raters with hidden likings rate works in batches, the engine learns, and chooses from
works that nobody rated, as it does for an artist: three candidates for each work shown. Half of the
raters like what the critic measures, half what it does not. One pool of works a medium is drawn
once: half of it is rated, half is chosen from.

Win rate: how often a chosen work pleases its rater more than a work of no choice, by the true
liking; 50 % is chance. "shuffled ratings": the same stars dealt out to other works of the rated
ones, which must stay at chance. "knows the liking": the best that choosing can do.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import torch

from engine.bench.feedback_pools import Pool, pool_of
from engine.bench.intervals import mean_interval
from engine.bench.report import Report, Row
from engine.critic.diversity import diversity, kernel_of
from engine.feedback.posterior import Normal
from engine.feedback.prior import prior
from engine.feedback.raters import Rater, rater, sparse
from engine.feedback.selection import choose
from engine.feedback.taste import Judgements, learned

MEDIA = ("image", "text", "audio")
BATCH, SHOWN, CANDIDATES = 5, 8, 24
TRIALS = 6  # batches that are chosen for a rater at each stage
QUICK = (72, 40, (0, 5, 10, 20))  # works of a pool, raters, ratings
FULL = (200, 100, (0, 5, 10, 20, 40))
OURS, SHUFFLED, KNOWING = "ratings", "shuffled ratings", "knows the liking"
WIN, MATCH, DIVERSITY = "win rate", "style match, of no choice's", "diversity, of no choice's"
HAS, LACKS = "what the critic measures", "what it does not measure"
_ARMS = (OURS, f"{OURS}; raters like {HAS}", f"{OURS}; raters like {LACKS}")

Found = dict[tuple[str, str, int, str], list[float]]  # (arm, kind of rater, ratings, metric)


def run(quick: bool = False) -> Report:
    """Quick: a few minutes."""
    works, raters, stages = QUICK if quick else FULL
    report = Report()
    for name in MEDIA:
        pool = pool_of(name, works)
        report.extend(rows_of(name, measured(pool, raters, stages)))
    return report


def describe(report: Report) -> str:
    """A line for each medium and arm: win rates by the number of ratings, in percent, with half
    their 95 % intervals; then what choosing did to style match and diversity in the end."""
    lines = []
    for bench in dict.fromkeys(row.bench for row in report.rows):
        own = {(row.arm, row.metric): row for row in report.rows if row.bench == bench}
        lines.append(f"{bench}, {WIN} after … ratings")
        for arm in (*_ARMS, SHUFFLED, KNOWING):
            rates = [row for (a, m), row in own.items() if a == arm and m.startswith(WIN)]
            lines.append(f"  {arm}: " + ", ".join(map(_shown, rates)))
        for metric in (MATCH, DIVERSITY):
            last = [row for (a, m), row in own.items() if a == OURS and m.startswith(metric)][-1]
            lines.append(f"  {OURS}, {last.metric}: {last.value:.3f}")
    return "\n".join(lines)


def _shown(row: Row) -> str:
    assert row.high is not None
    stage = row.metric.removeprefix(f"{WIN} after ").removesuffix(" ratings")
    return f"{stage}: {row.value:.1%} ± {row.high - row.value:.1%}"


def measured(pool: Pool, raters: int, stages: tuple[int, ...], seed: int = 1) -> Found:
    """All figures of all raters, by arm, kind of rater, ratings and metric."""
    found: Found = defaultdict(list)
    x = standardised(pool)
    for number in range(raters):
        lacks = bool(number % 2)
        rng = np.random.default_rng((seed, number))
        one = a_rater(pool, x, lacks, rng)
        liking = one.liking(x, pool.hidden)
        for arm, stage, chosen, other in session(pool, one, liking, stages, rng):
            for kind in (LACKS if lacks else HAS, "all"):
                for metric, value in figures(pool, liking, chosen, other).items():
                    found[arm, kind, stage, metric].append(value)
    return found


def standardised(pool: Pool) -> np.ndarray:
    """(N, F): the critic's named features, over the pool."""
    fit, features = pool.judge.calibration, pool.judge.features
    rows = np.stack([fit.standardised(work, features)[: len(features)] for work in pool.works])
    return (rows - rows.mean(0)) / np.maximum(rows.std(0), 1e-9)


def a_rater(pool: Pool, x: np.ndarray, lacks: bool, rng: np.random.Generator) -> Rater:
    """Who likes named features, or hidden ones alone."""
    varied = x.std(0) > 0.5
    weights, hidden = np.zeros(x.shape[1]), np.zeros(pool.hidden.shape[1])
    if lacks:
        hidden = sparse(len(hidden), rng)
    else:
        weights[varied] = sparse(int(varied.sum()), rng)
    return rater(weights, hidden, float((x @ weights + pool.hidden @ hidden).std()), rng)


def session(
    pool: Pool, one: Rater, liking: np.ndarray, stages: tuple[int, ...], rng: np.random.Generator
) -> Iterator[tuple[str, int, list[int], list[int]]]:
    """(arm, ratings, places chosen, places of no choice) of each trial; the works to be rated are
    chosen by what was learned so far."""
    order = rng.permutation(len(pool.works))
    rated_from, chosen_from = order[: len(order) // 2], order[len(order) // 2 :]
    places: list[int] = []
    stars: list[int] = []
    for stage in stages:
        while len(places) < min(stage, len(rated_from)):
            left = np.array([i for i in rated_from if i not in places])
            offered = rng.permutation(left)[: 3 * BATCH]
            batch = picked(pool, offered, BATCH, taught(pool, places, stars), rng)
            batch = batch[: stage - len(places)]
            places += batch
            stars += one.stars(liking[batch], rng).tolist()
        mixed = rng.permutation(stars).tolist()
        arms = {OURS: taught(pool, places, stars), SHUFFLED: taught(pool, places, mixed)}
        for _ in range(TRIALS):
            offered = rng.permutation(chosen_from)[:CANDIDATES]
            other = rng.permutation(chosen_from)[:SHOWN].tolist()
            for arm, taste in arms.items():
                yield arm, stage, picked(pool, offered, SHOWN, taste, rng), other
            best = offered[np.argsort(-liking[offered])[:SHOWN]].tolist()
            yield KNOWING, stage, best, other


Taught = tuple[Normal, np.ndarray]


def taught(pool: Pool, places: list[int], stars: list[int]) -> Taught:
    """What is learned, and the pool's works as it sees them."""
    features = pool.judge.features
    if not places:
        return prior(pool.kind), np.zeros((len(pool.works), len(prior(pool.kind).weights)))
    said = Judgements([pool.works[i] for i in places], stars)
    taste = learned(said, pool.kind, features)
    return taste.normal, taste.seen(pool.works, features)


def picked(
    pool: Pool, offered: np.ndarray, count: int, taste: Taught, rng: np.random.Generator
) -> list[int]:
    """Places in the pool; without a rating the first that come."""
    normal, seen = taste
    if not seen.any():
        return offered[:count].tolist()
    kernel = kernel_of([pool.works[i] for i in offered])
    return offered[choose(seen[offered], kernel, count, normal, rng)].tolist()


def figures(
    pool: Pool, liking: np.ndarray, chosen: list[int], other: list[int]
) -> dict[str, float]:
    """Of one batch beside one of no choice."""
    ours, theirs = liking[chosen][:, None], liking[other][None]
    match = pool.matches[chosen].mean() / pool.matches[other].mean()
    varied = [diversity([pool.works[i] for i in batch]) for batch in (chosen, other)]
    return {
        WIN: float((ours > theirs).mean() + 0.5 * (ours == theirs).mean()),
        MATCH: float(match),
        DIVERSITY: varied[0] / varied[1],
    }


def rows_of(name: str, found: Found) -> list[Row]:
    """A row a figure: the mean over raters, each of the mean of its trials."""
    rows = []
    for (arm, kind, stage, metric), values in found.items():
        by_rater = torch.tensor(values).view(-1, TRIALS).mean(1)
        mean, low, high = mean_interval(by_rater)
        rows.append(
            Row(
                bench=f"feedback {name}",
                arm=f"{arm}; raters like {kind}" if kind != "all" else arm,
                metric=f"{metric} after {stage} ratings",
                value=mean,
                low=low,
                high=high,
                styles=len(by_rater),
            )
        )
    return sorted(rows, key=lambda row: row.arm)
