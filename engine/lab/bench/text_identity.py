"""Whose poem is it? A classifier that never saw the generator is asked.

Character n-grams (TF-IDF) and logistic regression, trained on real poems of reserved authors that
are neither references nor asked about. Asked about: real held-out poems, poems written after five
references of each author, and poems of the model without references, all in the author's own form.
"""

from collections.abc import Sequence

import numpy as np
import torch

from engine.core.progress import finished
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row
from engine.lab.training.corpus.works import Work, by_author
from engine.lab.training.text_data import piece
from engine.media.text.generators.maquette_lm.adapt import WeightedPiece, adapt
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.generators.maquette_lm.write import write
from engine.meta.episodes import is_support
from engine.protocol import TextBrief

REFERENCES = 5
TRAINED_ON = 100  # works of each author


def identified(report: Report, works: Sequence[Work], *, authors: int, each: int) -> None:
    """The share of poems given to their author among `authors`, `each` poems an author."""
    groups = {n: g for n, g in by_author(works, "reserved").items() if g[0].language == "zh"}
    names = sorted(groups, key=lambda n: (-len(groups[n]), n))[:authors]
    judge = Judge([_training(groups[n]) for n in names])
    rows: dict[str, list[float]] = {"real poems": [], "with references": [], "without": []}
    for index, name in enumerate(names):
        support = [w for w in groups[name] if is_support(w.sha256)][:REFERENCES]
        rows["real poems"] += judge.right(index, [w.text for w in _held_out(groups[name], each)])
        for arm, strength in (("with references", 1.0), ("without", 0.0)):
            rows[arm] += judge.right(index, poems(support, each, strength))
    for arm, hits in rows.items():
        value, low, high = mean_interval(torch.tensor(hits))
        row = Row(
            bench="text, author identification",
            arm=arm,
            styles=len(names),
            references=REFERENCES,
            metric="share given to the right author",
            value=value,
            low=low,
            high=high,
        )
        report.add(row)


def _queries(works: Sequence[Work]) -> list[Work]:
    return [w for w in works if not is_support(w.sha256)]


def _held_out(works: Sequence[Work], count: int) -> list[Work]:
    return _queries(works)[:count]


def _training(works: Sequence[Work]) -> list[str]:
    """Neither the references nor the first queries, which are held out."""
    support = [w for w in works if is_support(w.sha256)][REFERENCES:]
    return [w.text for w in [*_queries(works)[20:], *support]][:TRAINED_ON]


def poems(references: Sequence[Work], count: int, strength: float) -> list[str]:
    """Poems after the references (strength 1), or in their form without having read them (0)."""
    base = shipped(torch.device("cpu"))
    pieces = [WeightedPiece(piece(w)) for w in references]
    style = finished(adapt(pieces, base))
    names = [w.title or w.author for w in references]
    texts: list[str] = []
    for seed in range(0, count, 8):
        brief = TextBrief(count=min(8, count - seed), seed=seed, strength=strength)
        written = finished(write(style, names, brief, torch.device("cpu")))
        texts += [w.text.replace("\n", "") for w in written]
    return texts


class Judge:
    """n-grams of one to three characters, TF-IDF, logistic regression."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        known = self._grams.fit_transform([text for group in texts for text in group])
        whose = np.repeat(np.arange(len(texts)), [len(group) for group in texts])
        self._choice = LogisticRegression(C=20.0, max_iter=400, class_weight="balanced")
        self._choice.fit(known, whose)

    def right(self, author: int, texts: Sequence[str]) -> list[float]:
        """1 for each text given to the author, else 0."""
        found = self._choice.predict(self._grams.transform(list(texts)))
        return [float(index == author) for index in found]
