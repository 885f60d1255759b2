"""Is a piece as rich as its references? What is counted of melodies, beside the references' range.

Of each set the references' own mean and range, and those of pieces composed after them: as the
product composes, and by the Transformer alone as version 1 did (16 bars, without form or matching).
A row's low and high are the least and the most of its works, no interval of confidence.

    python -m engine.lab.bench.audio_distributions [SEED]

prints the table of the shipped tunes, written and heard, without the rest of the bench.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.core.assets import asset
from engine.core.device import one_thread
from engine.core.progress import finished
from engine.lab.bench.report import Report, Row
from engine.media.audio import richness
from engine.media.audio.codec.score import TICKS, Score
from engine.media.audio.codec.scores import read
from engine.media.audio.codec.sound import Sound
from engine.media.audio.features import melody
from engine.media.audio.generators.score.compose import compose
from engine.media.audio.generators.score.form import form_of
from engine.media.audio.generators.score.weights import Shipped, shipped
from engine.media.audio.hearing import File, hear
from engine.media.audio.playing import play
from engine.media.audio.playing.instruments import Instruments
from engine.media.audio.score_tokens import decode, encode
from engine.media.audio.theory.grid import quantise
from engine.media.audio.timbre import preset
from engine.protocol import MusicBrief
from engine.sequence.adapt import style_of

BENCH = "notes, distributions"
REFERENCES, PRODUCT, TRANSFORMER = "references", "composed", "Transformer alone (version 1)"
INSIDE = "pieces inside the references' range, %"
PIECES = 4
LONG = 1.5  # times the usual step from onset to onset: a note that ends a phrase
SAMPLES = asset("samples/music")
HORNPIPES = "five shipped hornpipes"
HEARD = "the same, played by the built-in violin, recorded and listened to"
INSTRUMENT = "violin"


@dataclass(frozen=True, slots=True)
class ReferenceSet:
    """rows: tokens of the references."""

    name: str
    rows: tuple[tuple[int, ...], ...]


def hornpipes() -> ReferenceSet:
    """The tunes that are shipped as samples."""
    paths: list[Path] = sorted(SAMPLES.glob("*.mid"))
    return ReferenceSet(HORNPIPES, tuple(tuple(encode(quantise(read(p))).tolist()) for p in paths))


def heard_hornpipes() -> ReferenceSet:
    """The same tunes, as the product hears them in recordings."""
    cpu, rows = torch.device("cpu"), []
    for seed, path in enumerate(sorted(SAMPLES.glob("*.mid"))):
        score, violin = read(path), Instruments((preset(INSTRUMENT),))
        stems = finished(play.voices(score, violin, [], seed, loop=False))
        recording = Sound(play.mixed(stems, loop=False).samples, play.RATE)
        heard = finished(hear(File(recording=recording), cpu))
        rows += [tuple(encode(quantise(tune)).tolist()) for tune in heard.tunes]
    return ReferenceSet(HEARD, tuple(rows))


def phrase_quarters(score: Score) -> float:
    """Mean length of a phrase in quarter notes: one ends with a note that lasts longer, to the next
    onset, than LONG times the mean one."""
    onsets = melody(score)["onset"].astype(int)
    steps = np.diff(onsets)
    if not len(steps):
        return 0.0
    ends = onsets[1:][steps > LONG * steps.mean()]
    edges = np.unique([onsets[0], *ends.tolist(), score.end])
    return float(np.diff(edges).mean() / TICKS)


def returning(score: Score) -> float:
    """Per cent of the bars that stand earlier in the piece: whole, in part, on another degree."""
    form = form_of(score)
    shares = [sum(b - a for a, b in bar.kept) / bar.length for bar in form if bar.of >= 0]
    return 100 * sum(shares) / max(1, len(form))


MEASURES: Mapping[str, Callable[[Score], float]] = {
    **richness.MEASURES,
    "rhythm entropy, bits": lambda score: richness.entropy(np.diff(melody(score)["onset"])),
    "phrase length, quarters": phrase_quarters,
    "motif return, % of bars": returning,
}


def distributions(
    report: Report,
    sets: Sequence[ReferenceSet],
    base: Shipped,
    *,
    each: int,
    alone: bool = True,
    seed: int = 1,
) -> None:
    """Rows of every set: each measure of its references, and of `each` pieces of every arm; alone:
    the Transformer's too."""
    for one in sets:
        arms = {
            REFERENCES: [decode(row, common_key=False) for row in one.rows],
            PRODUCT: composed(one.rows, base, each, seed=seed),
        }
        if alone:
            arms[TRANSFORMER] = composed(one.rows, base, each, alone=True, seed=seed)
        for name, measure in MEASURES.items():
            theirs = [measure(score) for score in arms[REFERENCES]]
            for arm, scores in arms.items():
                values = [measure(score) for score in scores]
                report.add(_row(one, arm, name, values))
                if arm != REFERENCES:
                    inside = [min(theirs) <= value <= max(theirs) for value in values]
                    share = 100 * float(np.mean(inside))
                    report.add(_row(one, arm, f"{name}: {INSIDE}", [share]))


def _row(one: ReferenceSet, arm: str, metric: str, values: Sequence[float]) -> Row:
    return Row(
        bench=f"{BENCH}: {one.name}",
        arm=arm,
        metric=metric,
        value=float(np.mean(values)),
        references=len(one.rows),
        low=float(min(values)),
        high=float(max(values)),
    )


def composed(
    rows: Sequence[Sequence[int]],
    base: Shipped,
    count: int,
    *,
    alone: bool = False,
    seed: int = 1,
) -> list[Score]:
    """Pieces in the common key."""
    style, names = style_of(rows, [1.0] * len(rows)), [str(i) for i in range(len(rows))]
    brief = MusicBrief(count=count, seed=seed)
    works = finished(compose(style, names, brief, base.model.bias.device, alone=alone))
    return [decode(encode(quantise(work.score)), common_key=False) for work in works]


def _main(seed: int) -> None:
    base, report = shipped(torch.device("cpu")), Report()
    with one_thread():
        for one in (hornpipes(), heard_hornpipes()):
            distributions(report, [one], base, each=PIECES, alone=False, seed=seed)
    from engine.lab.bench import audio_tables  # which reads this module

    sys.stdout.write(audio_tables.distributions(report) + "\n")


if __name__ == "__main__":
    _main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
