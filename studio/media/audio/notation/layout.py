"""Where bars, chords and signs stand on the page.

Lengths are in staff spaces, the distance of two lines, if nothing else is said; heights are counted
down from the top line of a staff. Room after a chord grows with the logarithm of its length, as
engravers space music (Gould 2011, p. 39); systems are filled one after the other and justified.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from studio.media.audio.notation.voices import heads_aside, moved_aside, sign_columns
from studio.media.audio.notation.written import Bar, Event, Staff, WrittenScore

LINES = 4.0  # the height of a staff
LOWEST = {"G": 30, "F": 18, "percussion": 30}  # the degree above C0 on the lowest line
STEM = 3.5
SIGN_WIDE = 1.05  # of a sign in a signature, or in a column before heads
_CLEF, _METRE = 3.7, 2.4  # room of a clef, of a metre
_BEFORE, _AFTER, _SIGN_ROOM = 1.1, 0.5, 0.15  # in a bar; more in front of a chord with signs
_LEAST, _DOUBLED = 1.5, 1.45  # room of no time at all; more for each doubling
_APART, _BETWEEN, _AROUND = 4.2, 1.8, 1.6  # staves at least; what stands on them; systems
NUMBER_ABOVE, _NUMBER_TALL = 1.8, 1.0  # of a bar: how far above the staff, so that no clef meets it
_BRACKET = 1.2  # in front of several staves
_NAMES, _FILLED = 7.0, 0.72  # of the parts, before the first system; a last one that is stretched


@dataclass(frozen=True, slots=True)
class PlacedBar:
    """A bar in a system. x, wide: of the bar; columns: the onset and place of what begins together.
    number: of the score's bars, from 0. fifths, metre: shown at its beginning."""

    number: int
    x: float
    wide: float
    columns: tuple[tuple[int, float], ...]
    fifths: int | None
    metre: tuple[int, int] | None

    def at(self, onset: int) -> float:
        """The place of an onset, between columns too."""
        before = self.columns[0]
        for column in self.columns:
            if column[0] >= onset:
                span = column[0] - before[0]
                share = (onset - before[0]) / span if span else 1.0
                return before[1] + share * (column[1] - before[1])
            before = column
        end = self.x + self.wide
        return min(end, before[1] + 1e-3 * (onset - before[0]))


@dataclass(frozen=True, slots=True)
class System:
    """One line of music. x: where its staves begin; tops: of the top line of each staff, from the
    page's top; high: how far its first staff's notes reach above. fifths: as it begins."""

    x: float
    wide: float
    tops: tuple[float, ...]
    high: float
    bars: tuple[PlacedBar, ...]
    fifths: int

    @property
    def bottom(self) -> float:
        return self.tops[-1] + LINES


@dataclass(frozen=True, slots=True)
class Page:
    """wide, tall: in staff spaces. starts: the tick of each bar, from the first note's bar on."""

    score: WrittenScore
    wide: float
    tall: float
    systems: tuple[System, ...]
    starts: tuple[int, ...]

    def place_of(self, tick: int) -> tuple[System, float] | None:
        """The system and the place in it of a moment."""
        for system in self.systems:
            for bar in system.bars:
                start = self.starts[bar.number]
                if start <= tick < start + self.score.staves[0].bars[bar.number].ticks:
                    return system, bar.at(tick - start)
        return None

    def tick_at(self, x: float, y: float) -> int | None:
        """The moment that is written at a place of the page."""
        for number, system in enumerate(self.systems):
            below = self.systems[number + 1].tops[0] if number + 1 < len(self.systems) else math.inf
            if y >= (system.bottom + below) / 2:
                continue
            for bar in system.bars:
                if x < bar.x + bar.wide:
                    nearest = min(bar.columns, key=lambda column: abs(column[1] - x))
                    return self.starts[bar.number] + nearest[0]
            return None
        return None


def half_steps_up(staff: Staff, step: int) -> int:
    """Half spaces above the lowest line."""
    return step - LOWEST.get(staff.clef, LOWEST["G"])


def height_of(staff: Staff, step: int) -> float:
    """Of a head, from the top line down."""
    return LINES - half_steps_up(staff, step) / 2


def points_up(staff: Staff, events: Sequence[Event], voice: int, voices: int) -> bool:
    """Whether the stem of a chord, or those under one beam, go up: away from the middle line by the
    note that is farthest from it; of several voices those of the higher half do."""
    if voices > 1:
        return 2 * voice < voices
    places = [half_steps_up(staff, head.step) - LINES for e in events for head in e.heads]
    return max(places, default=0) + min(places, default=0) < 0


def page_of(score: WrittenScore, wide: float) -> Page:
    """A score with a staff, laid out on a page so wide."""
    written = score.staves[0].bars
    naturals = [_natural(score, number) for number in range(score.bars)]
    margin = _BRACKET if len(score.staves) > 1 else 0.2
    names = _NAMES if any(staff.name for staff in score.staves) else 0.0
    systems: list[System] = []
    top, fifths, first = 2.0, 0, 0
    while first < score.bars:
        left = (names if first == 0 else 0.0) + margin
        opening = written[first].fifths
        fifths = fifths if opening is None else opening
        head = _CLEF + SIGN_WIDE * abs(fifths) + 0.4
        last, used = first, 0.0
        room = wide - left - head - 0.3
        while last < score.bars and (last == first or used + sum(naturals[last]) <= room):
            used += sum(naturals[last])
            last += 1
        share = room / used if last < score.bars or used > _FILLED * room else 1.0
        bars = _placed(score, range(first, last), left + head, naturals, share)
        system = _system(score, bars, left, fifths, top)
        systems.append(system)
        top = system.bottom + _below(score, bars)
        for number in range(first, last):
            changed = written[number].fifths
            fifths = fifths if changed is None else changed
        first = last
    starts, tick = [], score.upbeat
    for bar in written:
        starts.append(tick)
        tick += bar.ticks
    return Page(score, wide, top + 2.0, tuple(systems), tuple(starts))


def _onsets(score: WrittenScore, number: int) -> list[int]:
    bars = [staff.bars[number] for staff in score.staves]
    return sorted({e.onset for bar in bars for voice in bar.voices for e in voice})


def _changes(bar: Bar, number: int) -> float:
    """Room of a signature and a metre at a bar's beginning; the first bar's signature stands with
    the clef."""
    room = _METRE if bar.metre is not None else 0.0
    if bar.fifths is not None and number:
        room += SIGN_WIDE * max(1, abs(bar.fifths)) + 0.6
    return room


def _natural(score: WrittenScore, number: int) -> list[float]:
    """What a bar has before its first chord, after each chord, and at its end."""
    bar = score.staves[0].bars[number]
    onsets, aside = _onsets(score, number), _aside(score, number)
    rooms = [_BEFORE + _changes(bar, number) + _signs(score, number, onsets[0])]
    for onset, after in zip(onsets, [*onsets[1:], bar.ticks], strict=True):
        doublings = math.log2(1 + max(0, after - onset) / (score.divisions / 4))
        room = _LEAST + _DOUBLED * doublings + aside.get(onset, 0.0)
        rooms.append(room + (_signs(score, number, after) if after < bar.ticks else _AFTER))
    return rooms


def _signs(score: WrittenScore, number: int, onset: int) -> float:
    """Room in front of what begins together, on the staff that needs most: of columns of signs, and
    of heads on the left of a stem that points down."""
    return max(_staff_signs(staff, staff.bars[number].voices, onset) for staff in score.staves)


def _staff_signs(staff: Staff, voices: Sequence[Sequence[Event]], onset: int) -> float:
    chords = [
        (number, event)
        for number, voice in enumerate(voices)
        for event in voice
        if event.onset == onset and event.heads
    ]
    columns = sign_columns([head for _, event in chords for head in event.heads])
    room = SIGN_WIDE * (1 + max(columns.values())) + _SIGN_ROOM if columns else 0.0
    left = (
        min(heads_aside(event.heads, up=points_up(staff, [event], number, len(voices))))
        for number, event in chords
    )
    return room - min(left, default=0.0)


def _aside(score: WrittenScore, number: int) -> dict[int, float]:
    """Onset → room of the heads that stand aside of others that begin with them."""
    rooms: dict[int, float] = {}
    for staff in score.staves:
        for (_, onset), shift in moved_aside(staff.bars[number].voices).items():
            rooms[onset] = max(shift, rooms.get(onset, 0.0))
    return rooms


def _placed(
    score: WrittenScore,
    numbers: range,
    x: float,
    naturals: Sequence[Sequence[float]],
    share: float,
) -> tuple[PlacedBar, ...]:
    found = []
    for number in numbers:
        bar, rooms = score.staves[0].bars[number], naturals[number]
        onsets, begins = _onsets(score, number), x
        columns, at = [], x + rooms[0]
        for onset, room in zip(onsets, rooms[1:], strict=True):
            columns.append((onset, at))
            at += room
        wide = share * sum(rooms)
        fixed = rooms[0]
        grown = (wide - fixed) / max(0.1, sum(rooms) - fixed)
        columns = [
            (onset, begins + fixed + (place - begins - fixed) * grown) for onset, place in columns
        ]
        fifths = bar.fifths if number and number != numbers[0] else None
        found.append(PlacedBar(number, begins, wide, tuple(columns), fifths, bar.metre))
        x += wide
    return tuple(found)


def _reach(staff: Staff, bars: Sequence[PlacedBar]) -> tuple[float, float]:
    """How far what is written reaches above the top line, and below the lowest one."""
    high = low = 0.0
    for placed in bars:
        voices = staff.bars[placed.number].voices
        for number, voice in enumerate(voices):
            for event in voice:
                if not event.heads:
                    continue
                up = points_up(staff, [event], number, len(voices))
                heights = [height_of(staff, head.step) for head in event.heads]
                stem = STEM if event.value not in ("whole", "breve") else 0.6
                high = max(high, -min(heights) + (stem if up else 0.6))
                low = max(low, max(heights) - LINES + (0.6 if up else stem))
    return high, low


def _system(
    score: WrittenScore, bars: tuple[PlacedBar, ...], left: float, fifths: int, top: float
) -> System:
    reaches = [_reach(staff, bars) for staff in score.staves]
    shown = {bar.number for bar in bars}
    symbols = 2.6 if any(place in shown for place, *_ in score.symbols) else 0.0
    marks = max(symbols, 2.4 if bars[0].number == 0 and score.tempo else 0.0)
    if symbols and bars[0].number == 0 and score.tempo:
        marks = symbols + 2.2
    numbered = NUMBER_ABOVE + _NUMBER_TALL if bars[0].number else 0.0
    tops = [top + max(reaches[0][0] + marks, numbered)]
    for before, after in itertools.pairwise(reaches):
        gap = max(_APART, before[1] + after[0] + _BETWEEN)
        tops.append(tops[-1] + LINES + gap)
    end = bars[-1].x + bars[-1].wide
    return System(left, end - left, tuple(tops), reaches[0][0], bars, fifths)


def _below(score: WrittenScore, bars: Sequence[PlacedBar]) -> float:
    return _reach(score.staves[-1], bars)[1] + _AROUND
