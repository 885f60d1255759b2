"""Fits the critic's calibration: `python -m engine.lab.bench.feedback_calibration [KIND...]`.

Three quarters of the training makers say what works of one maker differ by (the linear discriminant
of Fisher 1936, shrunk, over embeddings; deviations of features), the other quarter with the
validation makers how sure a distance makes us (Platt 1999), and reserved makers, whom nothing was
fitted to, how right that is.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from engine.cli import console
from engine.critic.calibration import FILE, SOFT, Calibration
from engine.critic.feature_scale import on_scale
from engine.interfaces import Feature, Measured
from engine.lab.training.corpus.image_works import ImageWorks
from engine.lab.training.corpus.notes_works import NotesWorks
from engine.lab.training.corpus.works import Part, by_author, read_works
from engine.media.audio import features as music
from engine.media.image import features as pictures
from engine.media.image.codec.raster import to_tensor
from engine.media.image.judge import critic_encoder
from engine.media.text import features as texts
from engine.media.text.judge import critic_base

CORPUS = Path("corpus")
PARTS: tuple[Part, ...] = ("training", "validation", "reserved")
MAKERS, WORKS = 600, 7  # at most, of a part; works of each
LEAST = 4  # works of a maker
DIRECTIONS, UNNAMED = 12, 6
SHRINKAGE = 0.15  # of the covariance within makers towards its mean variance
DIGITS = 5
KINDS = ("image", "zh", "en", "audio")
CPU = torch.device("cpu")

Makers = dict[str, list[Measured]]


def features_of(kind: str) -> tuple[Feature, ...]:
    """What is measured of a kind of work."""
    if kind == "image":
        return pictures.FEATURES
    return music.FEATURES if kind == "audio" else texts.FEATURES[kind]


def measured(kind: str, part: Part) -> Makers:
    """Works of makers of a part, measured. Raises FileNotFoundError without a corpus."""
    rng = np.random.default_rng(0)
    reader = {"image": _pictures, "audio": _scores}.get(kind)
    source = reader(part) if reader else _texts(kind, part)
    found: Makers = {}
    for name, works in _some(source, rng):
        found[name] = [work() for work in works]
    return found


def _some(source: dict, rng: np.random.Generator) -> Iterator[tuple[str, list]]:
    names = sorted(name for name, works in source.items() if len(works) >= LEAST)
    for index in rng.permutation(len(names))[:MAKERS]:
        works = source[names[index]]
        picks = rng.permutation(len(works))[:WORKS]
        yield names[index], [works[i] for i in picks]


def _pictures(part: Part) -> dict:
    works, encoder = ImageWorks(CORPUS / "image" / "works.zip"), critic_encoder(CPU)

    def later(work):
        return lambda: pictures.measure(to_tensor(works.picture(work)), encoder)

    groups = works.by_style(part)
    return {n: [later(w) for w in group if w.detail == 0] for n, group in groups.items()}


def _scores(part: Part) -> dict:
    works = NotesWorks(CORPUS / "notes" / "works.npz")

    def later(work):
        return lambda: music.measure(works.score(work))

    return {n: [later(w) for w in g if w.notes > 15] for n, g in works.by_style(part).items()}


def _texts(kind: str, part: Part) -> dict:
    base = critic_base(CPU)

    def later(work):
        own = texts.Words(work.text, "zh" if kind == "zh" else "en", work.heading)
        return lambda: texts.measure([own], base)[0]

    groups = by_author(read_works(CORPUS / "text" / "works.jsonl.gz"), part)
    return {
        n: [later(w) for w in g if len(w.text) > 15]
        for n, g in groups.items()
        if g[0].language == kind
    }


# ---- fitting -----------------------------------------------------------------------------------


def fitted(makers: Makers, features: tuple[Feature, ...]) -> Calibration:
    """All but the logistic, of makers with several works each."""
    scaled = {n: np.stack([on_scale(w.values, features) for w in g]) for n, g in makers.items()}
    told = {n: np.stack([w.embedding for w in g]) for n, g in makers.items()}
    within = np.sqrt(np.diag(_within(scaled))) + 1e-3
    between = np.std([rows.mean(0) for rows in scaled.values()], axis=0) + 1e-3
    inner = _shrunk(_within(told))
    projection = _discriminant(told, inner)
    values, vectors = np.linalg.eigh(_within(told))
    unnamed = (vectors[:, ::-1][:, :UNNAMED] / np.sqrt(values[::-1][:UNNAMED])).T
    centre = np.mean([rows.mean(0) for rows in scaled.values()], axis=0)
    centre_unnamed = np.mean([(unnamed @ rows.T).mean(1) for rows in told.values()], axis=0)
    both = {n: np.hstack([scaled[n] / within, told[n] @ unnamed.T]) for n in makers}
    return Calibration(
        tuple(f.code for f in features),
        centre,
        within,
        between,
        projection,
        unnamed,
        centre_unnamed,
        _within(both),
        (0.0, -1.0, -1.0),
    )


def _within(groups: dict[str, np.ndarray]) -> np.ndarray:
    """The covariance of works around their maker's mean."""
    rows = np.concatenate([g - g.mean(0) for g in groups.values()])
    return rows.T @ rows / (len(rows) - len(groups))


def _shrunk(covariance: np.ndarray) -> np.ndarray:
    size = len(covariance)
    mean = np.trace(covariance) / size * np.eye(size)
    return (1 - SHRINKAGE) * covariance + SHRINKAGE * mean


def _discriminant(groups: dict[str, np.ndarray], inner: np.ndarray) -> np.ndarray:
    """(D, E): directions that part makers best, each with deviation 1 within them."""
    values, vectors = np.linalg.eigh(inner)
    white = vectors / np.sqrt(values) @ vectors.T
    means = np.stack([white @ g.mean(0) for g in groups.values()])
    outer = np.cov(means.T)
    return np.linalg.eigh(outer)[1][:, ::-1][:, :DIRECTIONS].T @ white


def pairs(
    makers: Makers, fit: Calibration, features: tuple[Feature, ...], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """(M, 2) squared distances of works from references, (M,) whether they are of one maker."""
    rng = np.random.default_rng(seed)
    names, rows, same = sorted(makers), [], []
    for name in names:
        order = rng.permutation(len(makers[name]))
        works = [makers[name][i] for i in order]
        for count in (1, 3, 5):
            if count >= len(works):
                continue
            for work in works[count : count + 3]:
                other = names[(names.index(name) + 1 + rng.integers(len(names) - 1)) % len(names)]
                stranger = makers[other][rng.integers(len(makers[other]))]
                for asked, is_own in ((work, True), (stranger, False)):
                    rows.append(fit.distances(asked, works[:count], features))
                    same.append(is_own)
    return np.array(rows), np.array(same)


def logistic(rows: np.ndarray, same: np.ndarray, steps: int = 50) -> tuple[float, float, float]:
    """Newton's method with a little ridge; no distance may speak for a work."""
    x = np.hstack([np.ones((len(rows), 1)), np.log(rows + SOFT)])
    used = np.ones(3, bool)
    while True:
        w = np.zeros(3)
        for _ in range(steps):
            p = 1 / (1 + np.exp(-x @ w))
            slope = x.T @ (same - p) - 0.01 * w
            curve = (x * (p * (1 - p))[:, None]).T @ x + 0.01 * np.eye(3)
            w[used] += np.linalg.solve(curve[np.ix_(used, used)], slope[used])
        if (w[1:] <= 0).all():
            return float(w[0]), float(w[1]), float(w[2])
        used[1:] &= w[1:] <= 0


def auc(scores: np.ndarray, same: np.ndarray) -> float:
    """The share of pairs of an own and a strange work that stand in the right order."""
    own, strange = scores[same], scores[~same]
    return float((own[:, None] > strange[None]).mean() + 0.5 * (own[:, None] == strange).mean())


def fit_kind(kind: str) -> dict[str, object]:
    """The entry of the calibration file, with what was measured on reserved makers."""
    features = features_of(kind)
    training, validation, reserved = (measured(kind, part) for part in PARTS)
    held = sorted(training)[::4]
    fit = fitted({n: g for n, g in training.items() if n not in held}, features)
    asked = {n: training[n] for n in held} | validation
    weights = logistic(*pairs(asked, fit, features, 1))
    row = {name: _rounded(getattr(fit, name)) for name in _ARRAYS}
    rows, same = pairs(reserved, fit, features, 2)
    scores = 1 / (1 + np.exp(-(weights[0] + np.log(rows + SOFT) @ np.array(weights[1:]))))
    tried = {
        "makers": len(reserved),
        "pairs": len(rows),
        "own": round(float(scores[same].mean()), 3),
        "strangers": round(float(scores[~same].mean()), 3),
        "auc": round(auc(scores, same), 3),
        "auc_embedding": round(auc(-rows[:, 0], same), 3),
        "auc_features": round(auc(-rows[:, 1], same), 3),
    }
    console.say(f"{kind}: {len(training)} makers; reserved: {tried}; logistic {weights}")
    return {
        "features": list(fit.features),
        **row,
        "logistic": [round(w, DIGITS) for w in weights],
        "makers": len(training),
        "reserved": tried,
    }


_ARRAYS = ("centre", "within", "between", "projection", "unnamed", "centre_unnamed", "spread")


def _rounded(array: np.ndarray) -> list:
    """To DIGITS significant digits."""
    return [
        _rounded(row) if row.ndim else float(f"{row:.{DIGITS}g}") for row in map(np.asarray, array)
    ]


def main(kinds: Sequence[str]) -> None:
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for kind in kinds or KINDS:
        known[kind] = fit_kind(kind)
        FILE.write_text(json.dumps(known, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
