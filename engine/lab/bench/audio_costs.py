"""What music costs: seconds to adapt, to compose, to the first preview, to play; memory."""

import time
from dataclasses import replace

import torch

from engine.core.progress import finished
from engine.lab.bench.image_costs import peak_mb, timed
from engine.lab.bench.report import Report, Row
from engine.lab.training.corpus.notes_works import NotesWork, NotesWorks
from engine.media.audio.codec.score import Score
from engine.media.audio.generators.score.adapt import WeightedHeard, adapt
from engine.media.audio.generators.score.compose import compose
from engine.media.audio.generators.score.generator import PREVIEW_BARS
from engine.media.audio.hearing import Heard
from engine.media.audio.playing import play
from engine.media.audio.playing.instruments import instruments_of
from engine.media.audio.timbre.weights import PALETTE_FILE, TRAINED_FILE, WEIGHTS_FILE
from engine.protocol import MusicBrief
from engine.sequence.adapt import StyleTensors

BENCH = "music, costs"
REFERENCES = 5
TUNE, PARTS = "a melody", "four parts"
ADAPT_S, COMPOSE_S, PLAY_S = "adapt to 5 works (s)", "compose 16 bars (s)", "play 16 bars (s)"
FIRST_S, PEAK_MB = "first preview, from the first reference on (s)", "peak memory (MB)"
BRIEF = MusicBrief(count=1)
CPU = torch.device("cpu")


def timbre_is_shipped() -> bool:
    """Whether all that it takes to play, and to measure how, is there."""
    return all(path.exists() for path in (WEIGHTS_FILE, PALETTE_FILE, TRAINED_FILE))


def costs(report: Report, works: NotesWorks) -> None:
    """One row a figure, in seconds by the clock, after one run that pays for loading.

    Peak memory is the process's until then. Playing is measured where the shipped timbre
    synthesiser is there.
    """
    warm = references(works, 1)
    _, style = timed(adapt(warm[:1]))
    timed(compose(style, ["warm"], replace(BRIEF, length=1), CPU))
    for name, parts in ((TUNE, 1), (PARTS, 4)):
        seconds, style = timed(adapt(references(works, parts)))
        _row(report, name, ADAPT_S, seconds)
        _composed(report, name, style, seconds)
    _row(report, "all of it", PEAK_MB, peak_mb())


def _composed(report: Report, name: str, style: StyleTensors, adapting: float) -> None:
    """Of 16 bars, and of the few bars that are heard first."""
    names = [str(i) for i in range(REFERENCES)]
    seconds, made = timed(compose(style, names, BRIEF, CPU))
    _row(report, name, COMPOSE_S, seconds)
    first, few = timed(compose(style, names, replace(BRIEF, length=PREVIEW_BARS), CPU))
    if timbre_is_shipped():
        played(few[0].score, style)  # pays for loading
        _row(report, name, PLAY_S, played(made[0].score, style))
        _row(report, name, FIRST_S, adapting + first + played(few[0].score, style))


def references(works: NotesWorks, parts: int) -> list[WeightedHeard]:
    """Shipped works that are all of so many parts, as they are, by digest."""
    mine = sorted((w for w in works.works if _fits(w, parts)), key=lambda work: work.sha256)
    return [WeightedHeard(Heard((works.score(work),))) for work in mine[:REFERENCES]]


def _fits(work: NotesWork, parts: int) -> bool:
    return len(work.parts) == parts and (parts == 1 or work.kind == "composer")


def played(score: Score, style: StyleTensors) -> float:
    """Seconds until a score is a finished recording, by built-in instruments."""
    begun = time.perf_counter()
    voices = play.voices(score, finished(instruments_of(style, BRIEF, CPU)), [], 0, loop=False)
    while True:
        try:
            next(voices)
        except StopIteration as end:
            play.mixed(end.value, loop=False)
            return time.perf_counter() - begun


def _row(report: Report, arm: str, metric: str, value: float) -> None:
    report.add(Row(bench=BENCH, arm=arm, references=REFERENCES, metric=metric, value=value))
