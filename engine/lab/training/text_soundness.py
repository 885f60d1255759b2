"""Fits the critic's models of sound texts: on training authors and the modern sets for choosing.

    python -m engine.lab.training.text_soundness CORPUS [--out assets/critic/text_soundness.json]

Real texts beside others of their own voice, against the same ones spoilt. Weights are found by
logistic regression, real and spoilt texts weighing alike, old and modern ones too. The bench tries
them on reserved authors and on the other modern sets (`engine.lab.bench.text_soundness`).
"""

import argparse
import json
import logging
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from engine.core.critic_assets import critic_file
from engine.core.files import write_atomic
from engine.lab.training.corpus.modern import read_voices
from engine.lab.training.corpus.works import part_of, read_works
from engine.lab.training.modern_sets import modern_voices
from engine.lab.training.spoilt_texts import (
    KINDS,
    REAL,
    SMALL_MODEL,
    Sample,
    Spoiler,
    by_small_model,
    passages,
    samples_of,
)
from engine.media.text.coherence import Coherence, coherence
from engine.media.text.copying import Language
from engine.media.text.features import Words
from engine.media.text.judge import critic_base
from engine.media.text.soundness import FACTORS, FILE

OLD_TEXTS, OLD_VOICES, EACH = 100, 6, 6  # real texts; voices that the small model writes in
SPOILT = {
    "flaw_unlikely": ("shuffled", "half shuffled", "salad", "noise"),
    "flaw_disordered": ("clauses", "clauses between marks"),
    "flaw_repetitive": ("loop",),
    "flaw_empty": (SMALL_MODEL,),
}
TRUST = {"flaw_disordered": 12.0}  # how much more real texts weigh, where there is little to see
log = logging.getLogger(__name__)

FIRM = 1.0  # C of the regression


@cache
def measured(text: str, language: Language) -> Coherence:
    return coherence(Words(text, language), critic_base(torch.device("cpu")))


def fitted(samples: Sequence[Sample], factor: str, modern: set[str]) -> dict[str, object]:
    """The model of one factor: {weights, bias}, on inputs as they are."""
    used = [s for s in samples if s.kind == REAL or s.kind in SPOILT[factor]]
    inputs = np.array([inputs_of(sample, factor) for sample in used])
    real = np.array([is_good(sample, factor, modern) for sample in used])
    new = np.array([sample.voice in modern for sample in used])
    weights = np.ones(len(used))
    for group in (new & real, new & ~real, ~new & real, ~new & ~real):
        weights[group] = len(used) / max(1, 4 * group.sum())
    weights[real] *= TRUST.get(factor, 1.0)
    scaler = StandardScaler().fit(inputs)
    found = LogisticRegression(C=FIRM, max_iter=5000).fit(scaler.transform(inputs), real, weights)
    area = roc_auc_score(real, found.decision_function(scaler.transform(inputs)))
    log.info("%s: area under the curve of what it was fitted on %.3f", factor, area)
    slopes = found.coef_[0] / scaler.scale_
    bias = float(found.intercept_[0] - slopes @ scaler.mean_)
    return {"weights": [round(float(w), 5) for w in slopes], "bias": round(bias, 5)}


def inputs_of(sample: Sample, factor: str) -> list[float]:
    references = [measured(text, sample.language) for text in sample.references]
    return FACTORS[factor](measured(sample.text, sample.language), references)


def is_good(sample: Sample, factor: str, modern: set[str]) -> bool:
    """Old Chinese verse by the small model counts as good: people keep it."""
    old_verse = sample.language == "zh" and sample.voice not in modern
    return sample.kind == REAL or (factor == "flaw_empty" and old_verse)


def samples_for(
    corpus: Path, language: Language, factors: Sequence[str], old_texts: int
) -> tuple[list[Sample], set[str]]:
    """What the models of some factors are fitted on, and which voices are modern."""
    kinds = {kind for factor in factors for kind in SPOILT[factor]}
    works, rng = read_works(corpus), random.Random(1)
    old = passages(works, "training", language, old_texts, rng)
    modern = modern_voices("development", language)
    if "flaw_disordered" in factors:
        modern |= dict(list(small_sets(language).items())[::4])
    else:
        modern |= small_sets(language, held_out=True)
    spoiler = Spoiler(works, language)
    few = dict(sorted(old.items())[:OLD_VOICES])
    spoilt = [kind for kind in KINDS if kind in kinds]
    samples = [s for v in (old, modern) for s in samples_of(v, language, spoiler, spoilt)]
    for voices in (few, modern) if SMALL_MODEL in kinds else ():
        samples += by_small_model(voices, language, EACH)
    return samples, set(modern)


def small_sets(language: Language, *, held_out: bool = False) -> dict[str, list[str]]:
    """The small modern sets that adapters learn from, never asked in a bench either; held_out:
    those that nothing learns from, the filter of pairs neither."""
    found: dict[str, list[str]] = {}
    for work in read_voices():
        is_held_out = part_of(work.author, work.spellings) != "training"
        if work.language == language and (is_held_out or not held_out):
            found.setdefault(work.author, []).append(work.text)
    return dict(sorted(found.items()))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path, help="works.jsonl.gz")
    parser.add_argument("--out", type=Path, default=critic_file(FILE))
    parser.add_argument("--only", choices=sorted(FACTORS), help="leave the other models alone")
    parser.add_argument("--old", type=int, default=OLD_TEXTS, help="real old texts")
    asked = parser.parse_args(arguments)
    names = [asked.only] if asked.only else list(FACTORS)
    logging.basicConfig(level=logging.INFO)
    languages: dict[str, dict[str, object]] = {"en": {}, "zh": {}}
    if asked.only:
        languages = json.loads(asked.out.read_text(encoding="utf-8"))["languages"]
    for language in ("en", "zh"):
        samples, modern = samples_for(asked.corpus, language, names, asked.old)
        log.info("%s: %d texts", language, len(samples))
        languages[language] |= {name: fitted(samples, name, modern) for name in names}
    about = {"fitted_by": "engine.lab.training.text_soundness", "languages": languages}
    write_atomic(asked.out, (json.dumps(about, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
