"""Parts of works that an artist marks: cut out, and measured by themselves.

A marked part is compared with its whole work (Bradley and Terry), in the features that do not
change by cutting alone: where parts of works, cut at random, lie to one side of their wholes by
less than a third of the deviation (see README). So is left out: of pictures what grows with the
area (contrast, colours of the palette, …), what hangs on the scale (edges, brush) and what places
things (symmetry, where the weight lies); of texts all that needs several lines, or the words before
(surprise); of scores what grows with the length or only an end has (range, entropies, motifs,
cadence). Directions without a name are comparable of scores alone, where they are of small motions.
"""

from pathlib import Path

import numpy as np
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.critic.contents import Content, Opened, Played
from engine.critic.words import UNNAMED
from engine.media.audio.codec.score import TICKS, Score, Tempo, score_of
from engine.media.text.codec.script import to_simplified
from engine.media.text.copying import units_of
from engine.media.text.features import Words
from engine.messages import Mark

SCORE_DIRECTIONS = 6  # without a name
_TEXTS = frozenset({"line_length", "rare_words"})
COMPARABLE: dict[str, frozenset[str]] = {
    "image": frozenset(
        {"lightness", "warmth", "redness", "saturation", "colourfulness", "upright"}
    ),
    "zh": _TEXTS | {"oblique_tones"},
    "en": _TEXTS | {"long_words"},
    "audio": frozenset(
        {"minor", "density", "interval", "stepwise", "syncopation"}
        | {"register", "note_length", "sounding"}
        | {f"{UNNAMED}{i}" for i in range(SCORE_DIRECTIONS)}
    ),
}
LEAST_PX = 16  # on a side of a part that is looked at: a smaller box is widened
USUAL_TEMPO = 120.0


def marked(work: Opened, mark: Mark) -> Opened:
    """The part of a work. Raises BadInput "mark_outside" where there is nothing."""
    if isinstance(work.content, Words):
        part: Content | None = _lines(work, mark)
    elif isinstance(work.content, Played):
        part = _bars(work.content.score, mark)
    else:
        part = _region(work.content, mark)
    if part is None:
        raise BadInput("mark_outside", name=work.name)
    return Opened(work.path, work.kind, part)


def _lines(work: Opened, mark: Mark) -> Words | None:
    """Lines as they stand in the file, blank ones counted."""
    assert isinstance(work.content, Words)
    lines = read_bytes(Path(work.path)).decode("utf-8-sig", "replace").splitlines()
    start, end = round(mark.start), round(mark.end)
    if not 0 <= start < end <= len(lines):
        return None
    text = "\n".join(lines[start:end])
    language = work.content.language
    text = to_simplified(text) if language == "zh" else text
    return Words(text, language, work.content.title) if units_of(text, language) else None


def _bars(score: Score, mark: Mark) -> Played | None:
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
    return Played(score_of(notes, metres, (), tempos, score.parts))


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


def _region(pixels: Tensor, mark: Mark) -> Tensor | None:
    """The box, widened where it is too small to be looked at."""
    if mark.box is None:
        return None
    left, top, right, bottom = mark.box
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        return None
    height, width = pixels.shape[1:]
    across, down = _widened(left, right, width), _widened(top, bottom, height)
    return pixels[:, down[0] : down[1], across[0] : across[1]]


def _widened(low: float, high: float, side: int) -> tuple[int, int]:
    """From a share to a share of a side, in px, at least LEAST_PX or the whole side."""
    size = min(side, max(LEAST_PX, round((high - low) * side)))
    start = min(max(0, round((low + high) / 2 * side - size / 2)), side - size)
    return start, start + size
