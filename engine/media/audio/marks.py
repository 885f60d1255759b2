"""Bars of scores that an artist marks, cut out."""

import numpy as np

from engine.critic.words import UNNAMED
from engine.media.audio.codec.score import TICKS, Score, Tempo, score_of
from engine.protocol import Mark

UNNAMED_DIRECTIONS = 6
COMPARABLE = frozenset(
    {"minor", "density", "interval", "stepwise", "syncopation"}
    | {"register", "note_length", "sounding"}
    | {f"{UNNAMED}{i}" for i in range(UNNAMED_DIRECTIONS)}
)
USUAL_TEMPO = 120.0  # quarters a minute


def bars_of(score: Score, mark: Mark) -> Score | None:
    """The bars between the bar lines nearest to both ends, at least one."""
    if not 0 <= mark.start < mark.end:
        return None
    bars = score.bars()
    edges = np.array([bar.tick for bar in bars] + [bars[-1].tick + bars[-1].bar_ticks])
    start, end = (tick_at(score, seconds) for seconds in (mark.start, mark.end))
    if start >= score.end:
        return None
    first = min(int(np.abs(edges - start).argmin()), len(bars) - 1)
    last = max(int(np.abs(edges - end).argmin()), first + 1)
    notes = score.notes
    notes = notes[(notes["onset"] >= edges[first]) & (notes["onset"] < edges[last])].copy()
    if not len(notes):
        return None
    notes["onset"] -= edges[first]
    metres = [bars[i] for i in range(first, last)]
    metres = [type(bar)(bar.tick - int(edges[first]), bar.beats, bar.unit) for bar in metres]
    tempos = [tempo for tempo in score.tempos if tempo.tick <= start][-1:]
    tempos = [Tempo(0, tempo.quarters) for tempo in tempos]
    return score_of(notes, metres, (), tempos, score.parts)


def tick_at(score: Score, seconds: float) -> float:
    """Where a score is after so many seconds, at 120 quarters a minute where it does not say."""
    tempos = list(score.tempos)
    if not tempos or tempos[0].tick > 0:
        tempos.insert(0, Tempo(0, USUAL_TEMPO))
    for tempo, after in zip(tempos, [*tempos[1:], None], strict=True):
        a_tick = 60 / tempo.quarters / TICKS
        if after is None or seconds < (after.tick - tempo.tick) * a_tick:
            return tempo.tick + seconds / a_tick
        seconds -= (after.tick - tempo.tick) * a_tick
    raise AssertionError("the last tempo has no end")
