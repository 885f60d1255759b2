"""Adds parts to a score of the artist's: chords, a bass, and drums where references have some."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.core.progress import Advance
from engine.media.audio.codec.chords import KINDS, Chord
from engine.media.audio.codec.score import Score
from engine.media.audio.copying import ReferenceRuns
from engine.media.audio.generators.score.accompany import (
    BASS_PROGRAM,
    CHORD_PROGRAM,
    accompanied,
)
from engine.media.audio.generators.score.compose import Composed
from engine.media.audio.generators.score.drumming import Drums, as_hits
from engine.media.audio.generators.score.form import form_of
from engine.media.audio.sketches import sketch_of
from engine.media.audio.theory.grid import STEP_TICKS, quantise
from engine.media.audio.theory.keys import estimated_key
from engine.protocol import MusicBrief


@dataclass(frozen=True, slots=True, eq=False)
class Accompanists:
    """What the references tell of accompanying. tunes: in the common key, with their chord symbols;
    names: of each one's reference; programs: what plays their parts; drums: of each."""

    tunes: Sequence[Score]
    names: Sequence[str]
    programs: Sequence[Sequence[int]]
    drums: Drums

    @property
    def players(self) -> tuple[int, int]:
        """The programs of chords and bass: of the first tune that has both."""
        for tune, programs in zip(self.tunes, self.programs, strict=True):
            if len(tune.parts) > 2:
                means = [
                    tune.notes["pitch"][tune.notes["part"] == part].mean()
                    for part in range(len(tune.parts))
                ]
                order = np.argsort(means)
                return programs[int(order[1])], programs[int(order[0])]
        return CHORD_PROGRAM, BASS_PROGRAM


def with_parts(
    score: Score, theirs: Accompanists, brief: MusicBrief
) -> Generator[Advance, None, list[Composed]]:
    """As many accompaniments of the score as the brief wants; yields how far it is."""
    learned = ReferenceRuns.of(theirs.names, theirs.tunes)
    home = estimated_key(score)
    works: list[Composed] = []
    for seed in range(brief.seed, brief.seed + brief.count):
        shown = tuple(sketch_of(work.score) for work in works)
        yield Advance(len(works), brief.count, sketches=shown)
        made = accompanied(score, theirs.tunes, theirs.players, seed)
        if not len(made.hits):
            made = _drummed(made, score, theirs.drums, seed, brief.nearness)
        common = made.transposed(-home.shift)
        added = common.notes[common.notes["part"] >= len(score.parts)]
        works.append(Composed(made, learned.report(replace(common, notes=added))))
    return works


def _drummed(made: Score, score: Score, drums: Drums, seed: int, nearness: float) -> Score:
    """With a kit, where a reference in the same metre has one."""
    bars = score.bars()
    steps = bars[-1].bar_ticks // STEP_TICKS
    followed = next((i for i, n in enumerate(drums.lengths) if n == steps and drums.bars[i]), None)
    if followed is None:
        return made
    form = form_of(quantise(score))
    played = drums.played(followed, form, len(bars), steps, seed, nearness)
    return replace(made, hits=as_hits(played, made))


SYMBOLS = "chord_symbols"


def symbol_rows(tunes: Sequence[Score]) -> list[tuple[int, ...]]:
    """(tune, tick, root, kind, bass) of the symbols of quantised tunes, in the common key."""
    kinds = list(KINDS)
    return [
        (i, chord.tick, chord.root, kinds.index(chord.kind), chord.bass)
        for i, tune in enumerate(tunes)
        for chord in tune.transposed(-estimated_key(tune).shift).chords
    ]


def with_symbols(tunes: Sequence[Score], rows: Sequence[Sequence[int]]) -> list[Score]:
    """Tunes in the common key, with the symbols of `symbol_rows`."""
    kinds = list(KINDS)
    return [
        replace(
            tune,
            chords=tuple(
                Chord(tick, root, kinds[kind], bass)
                for place, tick, root, kind, bass in rows
                if place == i
            ),
        )
        for i, tune in enumerate(tunes)
    ]
