"""Whose manner is it? A classifier that never saw the generator is asked.

Histograms of pitch classes (in the common key), of intervals, of durations, and of metres, and a
random forest (by cross-validation on its own passages better than logistic regression), trained on
real passages of BARS bars of ten styles. Asked about: real passages of works that it was not
trained on, the references themselves (a piece that is as near to its style as they are gets no
more), pieces of as many bars composed after five references, and the same without them (strength
0). A piece follows a reference in key, metre and parts whatever the strength, so that a
second judge counts no metres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from engine.core.progress import finished
from engine.lab.bench.audio_notes_styles import REFERENCE_TOKENS, in_turn, passages
from engine.lab.bench.intervals import mean_interval
from engine.lab.bench.report import Report, Row
from engine.lab.training.corpus.notes_works import NotesWork, NotesWorks
from engine.lab.training.score_data import Tokenised, tokens_of
from engine.media.audio.codec.score import Score
from engine.media.audio.copying import ReferenceRuns, lines_of
from engine.media.audio.generators.score.compose import compose
from engine.media.audio.generators.score.weights import Shipped
from engine.media.audio.score_tokens import decode, encode
from engine.media.audio.theory.grid import METRES, STEP_TICKS, passage, quantise
from engine.protocol import Copied, MusicBrief
from engine.sequence.adapt import style_of

BENCH, COPIES = "notes, style identification", "notes, copies"
STYLES, REFERENCES, BARS, LEAST_BARS = 10, 5, 16, 8
REAL, WITH, WITHOUT = "real works", "with references", "without"
THEIRS = "the five references themselves"
RIGHT, NO_METRE = "share given to the right style", "the same, of a judge that counts no metres"
RUN, MOST_RUN = "longest run shared with a reference, notes", "the longest of all"
SHARED = "share of runs of 8 notes that stand in a reference"
TRAINED_ON, TREES = 60, 300  # passages of a style; of the forest
WIDEST = 12  # semitones; wider intervals count as this
LENGTHS = (0, 4, 6, 8, 12, 16, 18, 24, 36, 48, 72, 96)  # steps from which on a note is as long
_NAMES = ("pitch classes", "intervals", "durations", "metres")


@dataclass(frozen=True, slots=True)
class Judged:
    """A style of the judge's. references: token rows; known, held: real passages to learn from,
    and to be asked about."""

    style: str
    reserved: bool
    references: tuple[tuple[int, ...], ...]
    known: tuple[Score, ...]
    held: tuple[Score, ...]


def styles_of(works: NotesWorks, held: int, count: int = STYLES) -> list[Judged]:
    """`count` styles: reserved ones with enough works, the largest first, then of validation."""
    found: list[Judged] = []
    for part in ("reserved", "validation"):
        groups = works.by_style(part)
        for style in sorted(groups, key=lambda name: (-_notes(groups[name]), name)):
            one = _judged(works, style, groups[style], part == "reserved", held)
            if one is not None:
                found.append(one)
            if len(found) == count:
                return found
    return found


def _notes(group: Sequence[NotesWork]) -> int:
    return sum(work.notes for work in group)


def _judged(
    works: NotesWorks, style: str, group: Sequence[NotesWork], reserved: bool, held: int
) -> Judged | None:
    """Known: support works but for the references, and every second query work; held: the rest."""
    order = sorted(group, key=lambda work: work.sha256)
    support = [tokens_of(works, w) for w in order if w.is_support]
    queries = [tokens_of(works, w) for w in order if not w.is_support]
    references = in_turn([passages(row, REFERENCE_TOKENS) for row in support])[:REFERENCES]
    shown = {tuple(row) for row in references}
    learned = [p for row in support for p in passages(row, REFERENCE_TOKENS)]
    rows = [np.array(p) for p in learned if tuple(p) not in shown] + queries[1::2]
    known = in_turn([pieces(row) for row in rows])[:TRAINED_ON]
    asked = in_turn([pieces(row) for row in queries[::2]])[:held]
    if len(references) < REFERENCES or len(known) < 4 or not asked:
        return None
    return Judged(style, reserved, tuple(map(tuple, references)), tuple(known), tuple(asked))


def pieces(row: np.ndarray) -> list[Score]:
    """Passages of BARS bars of a work's tokens, in the common key."""
    work = Tokenised.of(row.astype(np.int16))
    starts = range(0, max(1, len(work.bars) - LEAST_BARS + 1), BARS)
    return [decode(work.passage(first, BARS), common_key=False) for first in starts]


def features(score: Score) -> dict[str, np.ndarray]:
    """Histograms of a score in the common key, each of sum 1, square roots taken (Hellinger)."""
    notes = score.notes
    steps = notes["duration"] // STEP_TICKS
    leaps = [b[0] - a[0] for line in lines_of(score) for a, b in pairwise(line)]
    wide = np.clip(np.array(leaps, int), -WIDEST, WIDEST) + WIDEST
    bars = [METRES.index((bar.beats, bar.unit)) for bar in score.bars()]
    counts = (
        np.bincount(notes["pitch"] % 12, minlength=12),
        np.bincount(wide, minlength=2 * WIDEST + 1),
        np.bincount(np.searchsorted(LENGTHS, steps, side="right") - 1, minlength=len(LENGTHS)),
        np.bincount(np.array(bars, int), minlength=len(METRES)),
    )
    each = [np.sqrt(count / max(1, count.sum())) for count in counts]
    return dict(zip(_NAMES, each, strict=True))


class Judge:
    """A random forest on the histograms. metres: whether it counts them."""

    def __init__(self, known: Sequence[Sequence[Score]], *, metres: bool = True) -> None:
        from sklearn.ensemble import RandomForestClassifier

        self._names = _NAMES if metres else _NAMES[:-1]
        whose = np.repeat(np.arange(len(known)), [len(group) for group in known])
        self._choice = RandomForestClassifier(TREES, class_weight="balanced", random_state=0)
        self._choice.fit(self._table([score for group in known for score in group]), whose)

    def _table(self, scores: Sequence[Score]) -> np.ndarray:
        found = [features(score) for score in scores]
        return np.array([np.concatenate([each[name] for name in self._names]) for each in found])

    def right(self, style: int, scores: Sequence[Score]) -> list[float]:
        """1 for each score given to the style, else 0."""
        return [float(index == style) for index in self._choice.predict(self._table(scores))]


def identified(
    report: Report, styles: Sequence[Judged], base: Shipped, *, each: int, every: int = 1
) -> None:
    """Shares of real passages and composed ones (`each` of a style), and what they copy.

    every: which of the styles are asked about; all are choices of the judge.
    """
    judges = {RIGHT: True, NO_METRE: False}
    trained = {m: Judge([s.known for s in styles], metres=on) for m, on in judges.items()}
    hits: dict[tuple[str, str], list[float]] = {}
    copies: dict[str, list[Copied]] = {}
    for index, style in list(enumerate(styles))[::every]:
        learned = ReferenceRuns.of(
            [""] * REFERENCES, [decode(row, common_key=False) for row in style.references]
        )
        found = {REAL: list(style.held)}
        for arm, strength in ((WITH, 1.0), (WITHOUT, 0.0)):
            found[arm] = composed(style.references, base, each, strength)
        for arm, scores in found.items():
            copies.setdefault(arm, []).extend(map(learned.report, scores))
        found[THEIRS] = [beginning(row) for row in style.references]
        for arm, scores in found.items():
            for metric, judge in trained.items():
                hits.setdefault((arm, metric), []).extend(judge.right(index, scores))
    _add_shares(report, hits, len(styles))
    _add_copies(report, copies, len(styles[::every]))


def beginning(row: Sequence[int]) -> Score:
    """BARS bars of a reference: as long as what is composed after it."""
    return passage(decode(row, common_key=False), 0, BARS)


def composed(
    references: Sequence[Sequence[int]], base: Shipped, count: int, strength: float
) -> list[Score]:
    """Pieces of BARS bars after the references (strength 1), or without having read them (0)."""
    style = style_of(references, [1.0] * len(references))
    brief = MusicBrief(count=count, length=BARS, strength=strength)
    names = [str(i) for i in range(len(references))]
    works = finished(compose(style, names, brief, base.model.bias.device))
    return [decode(encode(quantise(work.score)), common_key=False) for work in works]


def _add_shares(
    report: Report, hits: Mapping[tuple[str, str], Sequence[float]], styles: int
) -> None:
    for (arm, metric), values in hits.items():
        value, low, high = mean_interval(torch.tensor(values))
        row = Row(
            bench=BENCH,
            arm=arm,
            metric=metric,
            value=value,
            styles=styles,
            references=REFERENCES,
            low=low,
            high=high,
        )
        report.add(row)


def _add_copies(report: Report, copies: Mapping[str, Sequence[Copied]], styles: int) -> None:
    for arm, found in copies.items():
        runs = [float(each.run) for each in found]
        figures = {
            RUN: mean_interval(torch.tensor(runs)),
            MOST_RUN: (max(runs), None, None),
            SHARED: mean_interval(torch.tensor([each.share for each in found])),
        }
        for metric, (value, low, high) in figures.items():
            row = Row(
                bench=COPIES,
                arm=arm,
                metric=metric,
                value=value,
                styles=styles,
                references=REFERENCES,
                low=low,
                high=high,
            )
            report.add(row)
