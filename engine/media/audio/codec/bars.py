"""Written bars → a score: repeats are played, ties joined, pickups and halved bars made whole.

Times are in ticks (`engine.media.audio.codec.score.TICKS`) from the beginning of a bar.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from engine.media.audio.codec.chords import Chord
from engine.media.audio.codec.score import (
    MAX_TICK,
    Key,
    Metre,
    Part,
    Score,
    Tempo,
    hits_of,
    metre_of,
    notes_of,
    score_of,
)

MOST_BARS = 6000  # that are played
MOST_ENDINGS = 9  # times through that are told apart
NO_LINES = 2  # a bar more than so many times too long has no bar lines: its metre counts


class Written(NamedTuple):
    """A note as a bar has it; `tied`: it goes on into the next of its pitch."""

    onset: int
    duration: int
    pitch: int
    part: int
    velocity: int
    tied: bool = False


@dataclass(slots=True)
class Bar:
    """One written bar of all parts. `ticks`: its real length, `metre`: the one that it should have.

    begins: a repeat begins here. repeats: how often it is played back from its end, 0 for none.
    endings: the times through at which it is played; empty for every time.
    label: a part of the piece begins here, which an order of parts may name.
    """

    metre: Metre
    ticks: int = 0
    notes: list[Written] = field(default_factory=list)
    chords: list[Chord] = field(default_factory=list)
    hits: list[tuple[int, int, int]] = field(default_factory=list)  # onset, key, velocity
    key: Key | None = None
    tempos: list[Tempo] = field(default_factory=list)
    begins: bool = False
    repeats: int = 0
    endings: tuple[int, ...] = ()
    section_ends: bool = False
    label: str = ""


def score_of_bars(bars: Sequence[Bar], parts: Sequence[Part], title: str, order: str = "") -> Score:
    """The score as it is played. order: the labels of its parts as they follow one another."""
    rows: list[list[int]] = []
    open_ties: dict[tuple[int, int], list[int]] = {}
    metres: list[Metre] = []
    keys: list[Key] = []
    tempos: list[Tempo] = []
    chords: dict[int, Chord] = {}
    hits: list[tuple[int, int, int]] = []
    for bar, start, metre in _laid_out(list(islice(ordered(bars, order), MOST_BARS))):
        if metre is not None:
            metres.append(metre)
        if bar.key is not None:
            keys.append(replace(bar.key, tick=start + bar.key.tick))
        tempos += [replace(tempo, tick=start + tempo.tick) for tempo in bar.tempos]
        chords |= {start + c.tick: replace(c, tick=start + c.tick) for c in bar.chords}
        hits += [(start + onset, key, velocity) for onset, key, velocity in bar.hits]
        for note in sorted(bar.notes):
            _add(rows, open_ties, note, start)
    notes = notes_of(row for row in rows if row[0] + row[1] < MAX_TICK)
    score = score_of(notes, metres, keys, tempos, parts, title)
    kept = hits_of(hit for hit in hits if hit[0] < MAX_TICK)
    return replace(score, chords=tuple(chords[tick] for tick in sorted(chords)), hits=kept)


def _add(
    rows: list[list[int]], open_ties: dict[tuple[int, int], list[int]], note: Written, start: int
) -> None:
    """A new row, or a longer one where a tie leads here."""
    onset, place = start + note.onset, (note.part, note.pitch)
    row = open_ties.pop(place, None)
    if row is not None and row[0] + row[1] == onset:
        row[1] += note.duration
    else:
        row = [onset, note.duration, note.pitch, note.part, note.velocity]
        rows.append(row)
    if note.tied:
        open_ties[place] = row


def ordered(bars: Sequence[Bar], order: str) -> Iterator[Bar]:
    """The bars as they are played: what stands before the first label, then the named parts, each
    with its repeats; as they are written where the order leaves out a part that is there."""
    starts = [index for index, bar in enumerate(bars) if bar.label]
    ends = [*starts, len(bars)][1:]
    named = {bars[a].label: bars[a:b] for a, b in reversed(list(zip(starts, ends, strict=True)))}
    if not named or not set(named) <= set(order):
        yield from unfold(bars)
        return
    yield from unfold(bars[: starts[0]])
    for label in order:
        yield from unfold(named.get(label, ()))


def unfold(bars: Sequence[Bar]) -> Iterator[Bar]:
    """The bars in the order in which they are played: repeats with their endings, no da capo."""
    start = 0
    while start < len(bars):
        stop, times = _section(bars, start)
        for time in range(1, times + 1):
            yield from (b for b in bars[start:stop] if not b.endings or time in b.endings)
        start = stop


def _section(bars: Sequence[Bar], start: int) -> tuple[int, int]:
    """(where what is repeated together ends, how often it is played): up to the next beginning of
    a repeat, to the end of one, or to the last of its endings."""
    times = 1
    for index in range(start, len(bars)):
        bar = bars[index]
        if bar.begins and index > start:
            return index, times
        times = max(times, bar.repeats + 1, *(n for n in bar.endings if n <= MOST_ENDINGS), 1)
        goes_on = index + 1 < len(bars) and bool(bars[index + 1].endings)
        if (bar.repeats or bar.endings) and not goes_on:
            return index + 1, times
    return len(bars), times


def _laid_out(bars: list[Bar]) -> Iterator[tuple[Bar, int, Metre | None]]:
    """(bar, the tick at which it begins, the metre of the bar line there or None inside a bar)."""
    tick, index = 0, 0
    while index < len(bars):
        bar = bars[index]
        whole = bar.metre.bar_ticks
        after = bars[index + 1] if index + 1 < len(bars) else None
        if index == 0 and bar.ticks < whole and after is not None:  # a pickup
            yield bar, tick + whole - bar.ticks, replace(bar.metre, tick=tick)
            tick += whole
        elif after is not None and bar.ticks < whole and bar.ticks + after.ticks == whole:
            yield bar, tick, replace(bar.metre, tick=tick)
            yield after, tick + bar.ticks, None
            tick, index = tick + whole, index + 1
        elif bar.ticks == whole or (bar.ticks < whole and (after is None or bar.section_ends)):
            yield bar, tick, replace(bar.metre, tick=tick)
            tick += whole
        elif bar.ticks > whole and (bar.ticks % whole == 0 or bar.ticks > NO_LINES * whole):
            yield bar, tick, replace(bar.metre, tick=tick)
            tick += -(-bar.ticks // whole) * whole
        elif bar.ticks > 0:
            own = metre_of(bar.ticks)
            yield bar, tick, replace(own, tick=tick)
            tick += own.bar_ticks
        index += 1
