"""Is the critic of texts fooled? Real works it was not fitted on, beside the same ones spoilt.

For each language, of reserved authors and of the modern sets that are asked: the area under the
curve of quality (0 … 1, `Judge.quality`) of real works against each kind of spoilt ones, the share
of spoilt works below LOW, and how often the critic says that it cannot tell.
python -m engine bench text_soundness --out engine/media/text/measured_critic.json
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from engine.interfaces import LoadedWork, Measured, MeasuredWork, Quality
from engine.lab.bench.report import Report, Row
from engine.lab.training.corpus.sample import SAMPLE_FILE
from engine.lab.training.corpus.works import Work, read_works
from engine.lab.training.modern_sets import modern_voices
from engine.lab.training.spoilt_texts import (
    REAL,
    Sample,
    Spoiler,
    by_small_model,
    passages,
    samples_of,
)
from engine.media.text.copying import Language
from engine.media.text.features import FEATURES, Words
from engine.media.text.judge import TextJudge

BENCH = "quality of texts"
LOW = 0.2  # what gibberish stays below
DRAWS = 200  # of the bootstrap
MODERN = "modern sets"
CPU = torch.device("cpu")
NOTHING = Measured(np.zeros(0), np.zeros(0), np.zeros(0))


def run(quick: bool, works: Sequence[Work] | None = None) -> Report:
    """works: by default the bench's sample, of which the reserved are used."""
    report, works = Report(), read_works(SAMPLE_FILE) if works is None else works
    for name, language, samples in groups(works, quick):
        measure(report, f"{name}, {language}", language, samples)
    return report


def groups(works: Sequence[Work], quick: bool) -> Iterator[tuple[str, Language, list[Sample]]]:
    """Reserved authors and modern sets of each language, with what is made of them."""
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        spoiler = Spoiler(works, language, seed=1)
        rng = random.Random(2)
        old = passages(works, "reserved", language, 10 if quick else 80, rng)
        modern = modern_voices("asked", language)
        if quick:
            modern = {name: modern[name][:5] for name in sorted(modern)[:2]}
        yield "reserved authors", language, samples_of(old, language, spoiler)
        written = by_small_model(modern, language, 2 if quick else 8, seed=50)
        yield MODERN, language, samples_of(modern, language, spoiler) + written


def measure(report: Report, name: str, language: Language, samples: Sequence[Sample]) -> None:
    judge = TextJudge(language, FEATURES[language], CPU)
    found: dict[str, list[Quality]] = defaultdict(list)
    for sample in samples:
        references = [work_of(text, language) for text in sample.references]
        found[sample.kind].append(judge.quality(work_of(sample.text, language), references))
    real = np.array([each.score for each in found[REAL]])
    unknown = np.array([not each.known for each in found[REAL]], float)
    _row(report, f"{name}: {REAL}", "quality", len(real), float(real.mean()))
    _row(report, f"{name}: {REAL}", "cannot be judged", len(real), float(unknown.mean()))
    for kind, judged in found.items():
        if kind == REAL:
            continue
        spoilt = np.array([each.score for each in judged])
        low, value, high = area(real, spoilt)
        _row(report, f"{name}: {kind}", "area under the curve", len(spoilt), value, low, high)
        below = float((spoilt < LOW).mean())
        _row(report, f"{name}: {kind}", f"below {LOW}", len(spoilt), below)


def work_of(text: str, language: Language) -> MeasuredWork:
    """As much of a measured work as quality looks at."""
    content = Words(text, language)
    return MeasuredWork(LoadedWork("", language, content), NOTHING)


def area(real: np.ndarray, spoilt: np.ndarray) -> tuple[float, float, float]:
    """The area under the curve between the bounds of its 95 % interval (bootstrap)."""
    rng = np.random.default_rng(0)

    def once(a: np.ndarray, b: np.ndarray) -> float:
        labels = np.r_[np.ones(len(a)), np.zeros(len(b))]
        return float(roc_auc_score(labels, np.r_[a, b]))

    drawn = [
        once(rng.choice(real, len(real)), rng.choice(spoilt, len(spoilt))) for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), once(real, spoilt), float(high)


def _row(
    report: Report,
    arm: str,
    metric: str,
    count: int,
    value: float,
    low: float | None = None,
    high: float | None = None,
) -> None:
    report.add(
        Row(bench=BENCH, arm=arm, metric=metric, styles=count, value=value, low=low, high=high)
    )
