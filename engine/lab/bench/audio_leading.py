"""How the voices of chorales are led: real ones, composed ones, and composed ones whose grammar
asks nothing of the parts.

    python -m engine.lab.bench.audio_leading [COUNT]

prints a table. The references and the real chorales are those of the shipped sample's validation
style; no training saw them, but the threshold of `generators.score.leading` was set with them.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from engine.core.device import one_thread
from engine.core.progress import finished
from engine.lab.bench.audio_notes_sample import read_sample
from engine.lab.training.score_data import tokens_of
from engine.media.audio.codec.score import Score
from engine.media.audio.generators.score import compose as composing
from engine.media.audio.generators.score.compose import compose
from engine.media.audio.generators.score.plans import PieceProfile, profile_of
from engine.media.audio.score_tokens import decode
from engine.media.audio.theory.part_writing import (
    KNOWN,
    SILENT,
    classes_of,
    part_writing,
    sonorities,
)
from engine.protocol import MusicBrief
from engine.sequence.adapt import style_of

STYLE = "Johann Sebastian Bach, chorales of Passions and oratorios in major"
VOICES, REFERENCES = 4, 5
RANGES = ((60, 81), (53, 74), (48, 69), (36, 62))  # of soprano, alto, tenor, bass
COLUMNS = ("parallel fifths", "parallel octaves", "crossings", "notes out of range")
SHARES = ("triads and sevenths", "closes on its chord", "from the dominant")


def figures(scores: Sequence[Score]) -> list[float]:
    """COLUMNS (the first two in a hundred changes, crossings in a hundred moments, notes in a
    hundred), then SHARES in per cent."""
    found = [part_writing(score) for score in scores]
    changes, moments = sum(f.changes for f in found), sum(f.moments for f in found)
    return [
        100 * sum(f.fifths for f in found) / changes,
        100 * sum(f.octaves for f in found) / changes,
        100 * sum(f.crossed for f in found) / moments,
        100 * float(np.mean([_outside(score) for score in scores])),
        100 * float(np.mean([_chords(score) for score in scores])),
        100 * float(np.mean([f.closes for f in found])),
        100 * float(np.mean([f.from_dominant for f in found])),
    ]


def _outside(score: Score) -> float:
    """The share of notes that a choir cannot sing."""
    low, high = (np.array(ends)[score.notes["part"]] for ends in zip(*RANGES, strict=True))
    return float(((score.notes["pitch"] < low) | (score.notes["pitch"] > high)).mean())


def _chords(score: Score) -> float:
    """The share of moments at which all sing notes of one triad or chord of the seventh."""
    full = [row for row in sonorities(score) if (row != SILENT).all()]
    return float(np.mean([KNOWN[classes_of(row.tolist())] for row in full]))


def _unled(row: Sequence[int]) -> PieceProfile:
    """A manner of which nothing is asked."""
    return replace(profile_of(row), close=None, avoided=frozenset())


def table(count: int) -> str:
    """As Markdown."""
    works = read_sample()
    group = [w for w in works.by_style("validation")[STYLE] if len(w.parts) == VOICES]
    rows = [tokens_of(works, w).tolist() for w in group]
    shown = [row for row, work in zip(rows, group, strict=True) if work.is_support][:REFERENCES]
    style = style_of(shown, [1.0] * len(shown))
    brief = MusicBrief(count=count, seed=1)
    lines = [("real chorales", [decode(row) for row in rows])]
    with one_thread():
        for name, profile in (("composed", profile_of), ("composed, parts not led", _unled)):
            composing.profile_of = profile
            made = finished(compose(style, ["a"] * len(shown), brief, torch.device("cpu")))
            lines.append((name, [work.score for work in made]))
    heads = ("works", "number", *COLUMNS, *(f"{share}, %" for share in SHARES))
    cells = [(n, str(len(s)), *(f"{value:.1f}" for value in figures(s))) for n, s in lines]
    both = [heads, ("---",) * len(heads), *cells]
    return "\n".join(f"| {' | '.join(row)} |" for row in both)


if __name__ == "__main__":
    sys.stdout.write(table(int(sys.argv[1]) if len(sys.argv) > 1 else 24) + "\n")
