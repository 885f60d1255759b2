"""Which chords go with a melody: a hidden Markov model (Rabiner 1989) over the triads of a key.

The states are 36 triads in the common key. A span of music, half a bar or a whole one, tells of its
chord by how long each pitch class sounds in it. How chords follow one another begins as Piston's
table of usual root progressions (Harmony, 1941, ch. 3), and is counted on from the references: from
their chord symbols, else from what their parts play together (`ChordModel.of`).
Legend: S spans, C = 36 chords, by kind and root.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from engine.media.audio.codec.chords import KINDS, Chord
from engine.media.audio.codec.score import TICKS, Metre, Score
from engine.media.audio.theory.keys import WHITE, estimated_key

TRIADS = ("", "m", "dim")
CHORDS = tuple((root, kind) for kind in TRIADS for root in range(12))
TONES = (0.34, 0.24, 0.25)  # how often a melody's note is the root, third, fifth of its chord
ACCENT = 0.5  # quarter notes that what sounds at the beginning of a span counts more
_OFTEN, _SOMETIMES, _SELDOM = 8.0, 3.0, 1.0
_USUAL = (
    (_SELDOM, _SELDOM, _SELDOM, _OFTEN, _OFTEN, _SOMETIMES, _SELDOM),
    (_SELDOM, 0.0, _SELDOM, _SOMETIMES, _OFTEN, _SOMETIMES, _SELDOM),
    (_SELDOM, _SELDOM, 0.0, _SOMETIMES, _SELDOM, _OFTEN, 0.0),
    (_SOMETIMES, _SOMETIMES, _SELDOM, 0.0, _OFTEN, _SELDOM, _SELDOM),
    (_OFTEN, _SELDOM, _SELDOM, _SOMETIMES, 0.0, _SOMETIMES, 0.0),
    (_SELDOM, _OFTEN, _SOMETIMES, _SOMETIMES, _OFTEN, 0.0, 0.0),
    (_OFTEN, _SELDOM, _SOMETIMES, _SELDOM, _SELDOM, _SOMETIMES, 0.0),
)  # from the degree of the row to that of the column
_FOREIGN = 0.1  # weight of a chord that is not of the key
DIMINISHED = 0.3  # under a tune a dominant stands where a chorale has a diminished triad
PRIOR = 12.0  # changes that the table counts as
STAYS, STAYS_INSIDE, PRIOR_STAYS = 0.3, 0.75, 6.0  # shares: over a bar line, within a bar; spans
HOME = 4.0  # times likelier as the first and last chord
SHARP = 1.5  # exponent of the posterior that paths are drawn from
_MAJOR = ("", "m", "m", "", "", "m", "dim")  # of the degrees
_MINOR = ("m", "dim", "", "m", "", "", "")  # with the dominant major
_MINOR_ROOTS = (9, 11, 0, 2, 4, 5, 7)


@dataclass(frozen=True, slots=True)
class Span:
    """Ticks begin to end; first: of its bar."""

    begin: int
    end: int
    first: bool


def spans_of(score: Score) -> list[Span]:
    """Bars, halved where they are long and even."""
    found = []
    for bar in score.bars():
        half = bar.bar_ticks // 2 if _is_halved(bar) else bar.bar_ticks
        found += [
            Span(bar.tick + at, bar.tick + at + half, at == 0)
            for at in range(0, half * (bar.bar_ticks // half), half)
        ]
    return found


def _is_halved(bar: Metre) -> bool:
    return bar.bar_ticks >= 3 * TICKS and bar.beats % 2 == 0


def sounding(score: Score, spans: Sequence[Span]) -> np.ndarray:
    """(S, 12) how many quarter notes each pitch class sounds in each span."""
    found = np.zeros((len(spans), 12))
    begins = score.notes["onset"]
    ends, classes = begins + score.notes["duration"], score.notes["pitch"] % 12
    for row, span in zip(found, spans, strict=True):
        inside = np.minimum(ends, span.end) - np.maximum(begins, span.begin)
        weights = np.maximum(inside, 0) / TICKS
        weights = weights + ACCENT * ((begins <= span.begin) & (ends > span.begin))
        row += np.bincount(classes, weights=weights, minlength=12)
    return found


def _emissions() -> np.ndarray:
    """(C, 12) log probabilities of pitch classes."""
    shares = np.full((len(CHORDS), 12), (1 - sum(TONES)) / 9)
    for i, (root, kind) in enumerate(CHORDS):
        for step, share in zip(KINDS[kind], TONES, strict=True):
            shares[i, (root + step) % 12] = share
    return np.log(shares)


def _table(minor: bool) -> np.ndarray:
    """(C, C) rows of usual successions, each sums to 1; no chord follows itself."""
    roots = _MINOR_ROOTS if minor else WHITE
    kinds = _MINOR if minor else _MAJOR
    degrees = {CHORDS.index((r, k)): d for d, (r, k) in enumerate(zip(roots, kinds, strict=True))}
    found = np.full((len(CHORDS), len(CHORDS)), _FOREIGN / 10)
    for i in range(len(CHORDS)):
        for j, to in degrees.items():
            found[i, j] = _USUAL[degrees[i]][to] if i in degrees else _SELDOM
        down = (CHORDS[i][0] + 5) % 12  # a dominant leads down a fifth
        for kind in TRIADS[:2]:
            found[i, CHORDS.index((down, kind))] += _FOREIGN
    found[:, [i for i, (_, kind) in enumerate(CHORDS) if kind == "dim"]] *= DIMINISHED
    np.fill_diagonal(found, 0)
    return found / found.sum(1, keepdims=True)


@dataclass(frozen=True, slots=True, eq=False)
class ChordModel:
    """changes (C, C): how chords follow where they change. stays, stays_inside: chances that one
    goes on over a bar line, within a bar. minor: on which tonic pieces begin and end."""

    changes: np.ndarray
    minor: bool
    stays: float = STAYS
    stays_inside: float = STAYS_INSIDE
    _emissions: np.ndarray = field(default_factory=_emissions)

    @classmethod
    def of(cls, scores: Sequence[Score], minor: bool) -> "ChordModel":
        """From references; those of one part without symbols tell nothing."""
        plain = cls(_table(minor), minor)
        counts = PRIOR * plain.changes
        stayed = np.array([[STAYS, 1 - STAYS], [STAYS_INSIDE, 1 - STAYS_INSIDE]]) * PRIOR_STAYS
        for score in scores:
            if not score.chords and len(score.parts) < 2:
                continue
            spans = spans_of(score)
            home = estimated_key(score)
            path = plain.path_of(score.transposed(-home.shift), spans)
            for before, after, span in zip(path, path[1:], spans[1:], strict=False):
                stayed[int(not span.first), int(before != after)] += 1
                counts[before, after] += before != after
        shares = stayed[:, 0] / stayed.sum(1)
        changes = counts / counts.sum(1, keepdims=True)
        return cls(changes, minor, float(shares[0]), float(shares[1]))

    def path_of(self, score: Score, spans: Sequence[Span]) -> list[int]:
        """(S,) the likeliest chords of a score in the common key (Viterbi); its own symbols where
        it has them."""
        logs = self._logs(score, spans)
        best, before = logs[0] + self._ends(), []
        for row, span in zip(logs[1:], spans[1:], strict=True):
            scores = best[:, None] + np.log(self._steps(span))
            before.append(scores.argmax(0))
            best = scores.max(0) + row
        path = [int((best + self._ends()).argmax())]
        for row in reversed(before):
            path.append(int(row[path[-1]]))
        return path[::-1]

    def drawn(
        self,
        score: Score,
        spans: Sequence[Span],
        rng: np.random.Generator,
        evidence: float = 1.0,
    ) -> list[int]:
        """(S,) a path drawn from the sharpened posterior (forward filtering, backward sampling).
        evidence: the weight of what sounds, beside how chords follow one another."""
        logs = self._logs(score, spans) * SHARP * evidence
        forward = [np.exp(logs[0] - logs[0].max()) * np.exp(SHARP * self._ends())]
        for row, span in zip(logs[1:], spans[1:], strict=True):
            reached = forward[-1] / forward[-1].sum() @ self._steps(span) ** SHARP
            forward.append(reached * np.exp(row - row.max()))
        weights = forward[-1] * np.exp(SHARP * self._ends())
        path = [int(rng.choice(len(weights), p=weights / weights.sum()))]
        for row, span in zip(forward[-2::-1], spans[:0:-1], strict=True):
            weights = row * self._steps(span)[:, path[-1]] ** SHARP
            path.append(int(rng.choice(len(weights), p=weights / weights.sum())))
        return path[::-1]

    def _steps(self, span: Span) -> np.ndarray:
        """(C, C) chances of what stands in a span, after each chord."""
        stays = self.stays if span.first else self.stays_inside
        return stays * np.eye(len(CHORDS)) + (1 - stays) * self.changes + 1e-12

    def _ends(self) -> np.ndarray:
        """(C,) nats of being the first or last chord."""
        home = CHORDS.index((9, "m") if self.minor else (0, ""))
        return np.log(HOME) * (np.arange(len(CHORDS)) == home)

    def _logs(self, score: Score, spans: Sequence[Span]) -> np.ndarray:
        """(S, C) nats of what sounds; a symbol of the score's own leaves nothing to choose."""
        logs = sounding(score, spans) @ self._emissions.T
        for row, span in zip(logs, spans, strict=True):
            given = [c for c in score.chords if c.tick < span.end]
            if given:
                row[:] = -1e3
                row[_nearest_triad(given[-1])] = 0
        return logs


def _nearest_triad(chord: Chord) -> int:
    """The triad that a chord has most of."""
    kind = {"m": "m", "m7": "m", "m6": "m", "dim": "dim", "dim7": "dim", "m7b5": "dim"}
    return CHORDS.index((chord.root, kind.get(chord.kind, "")))


def chords_of(path: Sequence[int], spans: Sequence[Span]) -> tuple[Chord, ...]:
    """The symbols where the chord changes; a dominant that resolves has its seventh."""
    found: list[Chord] = []
    for place, span in zip(path, spans, strict=True):
        root, kind = CHORDS[place]
        if not found or (found[-1].root, found[-1].kind) != (root, kind):
            found.append(Chord(span.begin, root, kind))
    for i, (chord, after) in enumerate(pairwise(found)):
        resolves = (chord.root - after.root) % 12 == 7 and after.kind != "dim"
        if chord.kind == "" and resolves and (after.root in (0, 9)):
            found[i] = replace(chord, kind="7")
    return tuple(found)


def with_chords(score: Score) -> Score:
    """With symbols, where it has none: the likeliest chords of all that it plays."""
    if score.chords or not len(score):
        return score
    home = estimated_key(score)
    spans = spans_of(score)
    model = ChordModel.of((), home.minor)
    path = model.path_of(score.transposed(-home.shift), spans)
    chords = tuple(chord.transposed(home.shift) for chord in chords_of(path, spans))
    return replace(score, chords=chords)
