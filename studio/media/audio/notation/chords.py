"""Draws what stands on one staff: heads, stems, flags, beams, dots, signs, rests, triplets and
ties."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from studio.media.audio.notation.layout import (
    LINES,
    SIGN_WIDE,
    STEM,
    PlacedBar,
    half_steps_up,
    height_of,
    points_up,
)
from studio.media.audio.notation.pen import Pen
from studio.media.audio.notation.voices import (
    HEAD_WIDE,
    heads_aside,
    moved_aside,
    shown_rests,
    sign_columns,
)
from studio.media.audio.notation.written import Event, Head, Staff

HEADS = {"breve": 0xE0A0, "whole": 0xE0A2, "half": 0xE0A3}
BLACK, CROSS, DOT, THREE = 0xE0A4, 0xE0A9, 0xE1E7, 0xE883
RESTS = {
    "breve": 0xE4E2,
    "whole": 0xE4E3,
    "half": 0xE4E4,
    "quarter": 0xE4E5,
    "eighth": 0xE4E6,
    "16th": 0xE4E7,
    "32nd": 0xE4E8,
    "64th": 0xE4E9,
}
FLAGS = {"eighth": 0xE240, "16th": 0xE242, "32nd": 0xE244, "64th": 0xE246}  # down: one more
SIGNS = {-2: 0xE264, -1: 0xE260, 0: 0xE261, 1: 0xE262, 2: 0xE263}
STEM_LINE, LEDGER_LINE, LEDGER = 0.12, 0.16, 0.4
BEAM, BEAMS_APART, LEAST_STEM, STEEPEST = 0.5, 0.75, 2.7, 1.25
_STEMLESS = ("whole", "breve")


@dataclass(frozen=True, slots=True)
class TieEnd:
    """Where a tie begins. above: on which side of the heads it bends."""

    x: float
    y: float
    above: bool


@dataclass(frozen=True, slots=True)
class _Placed:
    """A chord with a stem, which points up or down and may be beamed. x: of the heads that stand on
    the usual side of it; aside: how far each head stands from there; high, low: heights of them."""

    event: Event
    x: float
    high: float
    low: float
    up: bool
    aside: tuple[float, ...]

    @property
    def stem_x(self) -> float:
        return self.x + HEAD_WIDE - STEM_LINE / 2 if self.up else self.x + STEM_LINE / 2


class Chords:
    """Of one staff of one system. ties: those that are open, by staff and degree."""

    def __init__(
        self,
        pen: Pen,
        staff: Staff,
        number: int,
        top: float,
        ties: dict[tuple[int, int], TieEnd],
    ) -> None:
        self._pen, self._staff = pen, staff
        self._number, self._top, self._ties = number, top, ties

    def begin_system(self, x: float) -> None:
        """Ties of the line before go on here."""
        for key, tie in list(self._ties.items()):
            if key[0] == self._number:
                self._ties[key] = TieEnd(x, self._top + height_of(self._staff, key[1]), tie.above)

    def end_system(self, x: float) -> None:
        """Open ties reach to the line's end."""
        for key, tie in self._ties.items():
            if key[0] == self._number:
                self._curve(tie, x - 0.2)

    def draw_bar(self, bar: PlacedBar) -> None:
        voices = self._staff.bars[bar.number].voices
        sounding = [voice for voice in voices if any(event.heads for event in voice)]
        if not sounding:
            self._draw_whole_rest(bar)
            return
        moved = moved_aside(sounding)
        at_once: dict[int, list[_Placed]] = defaultdict(list)
        for number, voice in enumerate(sounding):
            for group in _groups(voice):
                up = points_up(self._staff, group, number, len(sounding))
                aside = [moved.get((number, event.onset), 0.0) for event in group]
                chords = [
                    self._placed(event, bar.at(event.onset) + shift, up=up)
                    for event, shift in zip(group, aside, strict=True)
                ]
                self._draw_group(chords)
                for chord in chords:
                    at_once[chord.event.onset].append(chord)
            self._draw_triplets(voice, bar, number, len(sounding))
        for chords in at_once.values():
            self._draw_signs(chords)
        for rest, down in shown_rests(sounding):
            self._draw_rest(rest, bar, down)

    # ---- rests ---------------------------------------------------------------------------------

    def _draw_whole_rest(self, bar: PlacedBar) -> None:
        x = (bar.columns[0][1] + bar.x + bar.wide) / 2 - 0.6
        self._pen.glyph(RESTS["whole"], x, self._top + 1.0)

    def _draw_rest(self, event: Event, bar: PlacedBar, down: float) -> None:
        """down: from the middle of the staff."""
        if event.value not in RESTS:
            return
        height = 1.0 if event.value in ("whole", "breve") else 2.0
        y = self._top + height + down
        x = bar.at(event.onset)
        self._pen.glyph(RESTS[event.value], x, y)
        if event.dots:
            self._pen.glyph(DOT, x + 1.4, y - 0.5)

    # ---- chords --------------------------------------------------------------------------------

    def _draw_group(self, placed: Sequence[_Placed]) -> None:
        """One chord, or several under a beam."""
        tips = self._tips(placed)
        for chord, tip in zip(placed, tips, strict=True):
            self._draw_heads(chord)
            if chord.event.value not in _STEMLESS:
                begins, inside = (chord.low, -0.16) if chord.up else (chord.high, 0.16)
                self._pen.line(chord.stem_x, begins + inside, chord.stem_x, tip, STEM_LINE)
        first = placed[0]
        if len(placed) > 1:
            self._draw_beams(placed, tips)
        elif (flag := FLAGS.get(first.event.value)) is not None:
            self._pen.glyph(flag + (not first.up), first.stem_x - STEM_LINE / 2, tips[0])

    def _placed(self, event: Event, x: float, *, up: bool) -> _Placed:
        heights = [self._top + height_of(self._staff, head.step) for head in event.heads]
        aside = tuple(heads_aside(event.heads, up=up))
        return _Placed(event, x, min(heights), max(heights), up, aside)

    def _tips(self, placed: Sequence[_Placed]) -> list[float]:
        """Where stems end: on one line under a beam, and not short of the middle line."""
        up = placed[0].up
        way = -1 if up else 1
        middle = self._top + LINES / 2
        ends = [(chord.high if up else chord.low) + way * STEM for chord in placed]
        ends = [min(end, middle) if up else max(end, middle) for end in ends]
        if len(placed) == 1:
            more = {"32nd": 0.8, "64th": 1.5}.get(placed[0].event.value, 0.0)
            return [ends[0] + way * more]
        first, last = placed[0].stem_x, placed[-1].stem_x
        rise = max(-STEEPEST, min(STEEPEST, 0.5 * (ends[-1] - ends[0])))
        slope = rise / max(0.1, last - first)
        levels = max(len(chord.event.beams) for chord in placed)
        least = LEAST_STEM + BEAMS_APART * max(0, levels - 2)
        line = [ends[0] + slope * (chord.stem_x - first) for chord in placed]
        heads = [chord.high if up else chord.low for chord in placed]
        short = [
            (head - least - at) if up else (at - head - least)
            for head, at in zip(heads, line, strict=True)
        ]
        shift = min(0.0, *short) if up else -min(0.0, *short)
        return [at + shift for at in line]

    def _draw_heads(self, chord: _Placed) -> None:
        event = chord.event
        code = HEADS.get(event.value, BLACK)
        dots: set[float] = set()
        for head, shift in zip(event.heads, chord.aside, strict=True):
            x, y = chord.x + shift, self._top + height_of(self._staff, head.step)
            self._draw_ledgers(head, x)
            self._pen.glyph(CROSS if head.cross else code, x, y)
            if event.dots:
                on_line = half_steps_up(self._staff, head.step) % 2 == 0
                dot_y = y - (0.5 if on_line else 0.0)
                if dot_y in dots:  # of the head a degree below
                    dot_y += 1.0
                dots.add(dot_y)
                dot_x = chord.x + HEAD_WIDE + 0.4 + max(0.0, *chord.aside)
                self._pen.glyph(DOT, dot_x, dot_y)
            self._tie(head, x, y, above=not chord.up)

    def _draw_signs(self, chords: Sequence[_Placed]) -> None:
        """Those of the chords of all voices that begin together, in columns left of all heads."""
        left = min(chord.x + min(0.0, *chord.aside) for chord in chords)
        heads = [head for chord in chords for head in chord.event.heads]
        for head, column in sign_columns(heads).items():
            y = self._top + height_of(self._staff, head.step)
            assert head.sign is not None
            self._pen.glyph(SIGNS[head.sign], left - 1.25 - SIGN_WIDE * column, y)

    def _draw_ledgers(self, head: Head, x: float) -> None:
        up = half_steps_up(self._staff, head.step)
        lines = [*range(-2, up - 1, -2), *range(10, up + 1, 2)]
        for line in lines:
            y = self._top + LINES - line / 2
            right = x + HEAD_WIDE + LEDGER
            self._pen.line(x - LEDGER, y, right, y, LEDGER_LINE)

    # ---- beams, triplets, ties -----------------------------------------------------------------

    def _draw_beams(self, placed: Sequence[_Placed], tips: Sequence[float]) -> None:
        for level in range(max(len(chord.event.beams) for chord in placed)):
            begun = 0
            for place, chord in enumerate(placed):
                word = chord.event.beams[level] if level < len(chord.event.beams) else ""
                if word == "begin":
                    begun = place
                elif word == "end":
                    self._draw_beam(placed, tips, (begun, place), level)
                elif word.endswith("hook"):
                    other = place + (1 if word.startswith("forward") else -1)
                    self._draw_hook(placed, tips, (place, other), level)

    def _draw_beam(
        self,
        placed: Sequence[_Placed],
        tips: Sequence[float],
        ends: tuple[int, int],
        level: int,
    ) -> None:
        """From one chord to another one."""
        (first, last), way = ends, 1 if placed[0].up else -1
        left, right = placed[first].stem_x - 0.06, placed[last].stem_x + 0.06
        y, to_y = (tips[n] + level * BEAMS_APART * way for n in ends)
        self._pen.fill(
            [(left, y), (right, to_y), (right, to_y + BEAM * way), (left, y + BEAM * way)],
        )

    def _draw_hook(
        self,
        placed: Sequence[_Placed],
        tips: Sequence[float],
        ends: tuple[int, int],
        level: int,
    ) -> None:
        """The beginning of a beam from one chord towards another one."""
        (place, other), way = ends, 1 if placed[0].up else -1
        x, to_x = placed[place].stem_x, placed[other].stem_x
        slope = (tips[other] - tips[place]) / (to_x - x)
        end = x + (1.1 if to_x > x else -1.1)
        y = tips[place] + level * BEAMS_APART * way
        to_y = y + slope * (end - x)
        self._pen.fill([(x, y), (end, to_y), (end, to_y + BEAM * way), (x, y + BEAM * way)])

    def _draw_triplets(
        self, voice: Sequence[Event], bar: PlacedBar, number: int, voices: int
    ) -> None:
        for group in _triplets(voice):
            sounding = [event for event in group if event.heads]
            if not sounding:
                continue
            up = points_up(self._staff, sounding, number, voices)
            tips = self._tips([self._placed(e, bar.at(e.onset), up=up) for e in sounding])
            y = min(tips) - 0.5 if up else max(tips) + 1.5
            first, last = bar.at(group[0].onset), bar.at(group[-1].onset) + HEAD_WIDE
            middle = (first + last) / 2
            self._pen.glyph(THREE, middle - 0.5, y)
            if all(event.beams for event in group):
                continue
            line, hook = y - 0.5, 0.5 if up else -0.5
            for x, to_x, end in ((first, middle - 0.9, first), (middle + 0.9, last, last)):
                self._pen.line(x, line, to_x, line, 0.1)
                self._pen.line(end, line, end, line + hook, 0.1)

    def _tie(self, head: Head, x: float, y: float, *, above: bool) -> None:
        key = self._number, head.step
        if head.from_tie and (tie := self._ties.pop(key, None)) is not None:
            self._curve(tie, x - 0.1)
        if head.tied:
            self._ties[key] = TieEnd(x + HEAD_WIDE + 0.1, y, above)

    def _curve(self, tie: TieEnd, to_x: float) -> None:
        if to_x > tie.x + 0.3:
            y = tie.y + (-0.7 if tie.above else 0.7)
            self._pen.curve(tie.x - 0.3, to_x + 0.3, y, above=tie.above)


def _groups(voice: Sequence[Event]) -> list[list[Event]]:
    """Chords under one beam together, others alone."""
    groups: list[list[Event]] = []
    inside = False
    for event in voice:
        if not event.heads:
            continue
        if inside:
            groups[-1].append(event)
        else:
            groups.append([event])
        word = event.beams[0] if event.beams else ""
        inside = word in ("begin", "continue")
    return groups


def _triplets(voice: Sequence[Event]) -> list[list[Event]]:
    """Events of triplets, three in the time of two together."""
    groups: list[list[Event]] = []
    open_ticks = 0
    shortest = 0
    for event in voice:
        if not event.triplet:
            open_ticks = 0
            continue
        if not open_ticks:
            groups.append([])
            shortest = event.ticks
        groups[-1].append(event)
        shortest = min(shortest, event.ticks)
        open_ticks += event.ticks
        if open_ticks % (3 * shortest) == 0:
            open_ticks = 0
    return groups
