"""What may follow: the grammar of `score_tokens` as masks over the next token.

Bars add up, because a position lies inside its bar and after the one before, and a part that plays
one note at a time (as it does in the references) begins none before the last has ended; notes end
with the piece; pitches stay in the range of their part. What a brief asks for is settled here too:
metre, number of bars, parts.
Legend: V vocabulary; times in steps of `engine.media.audio.theory.grid` (24 to a quarter note).
"""

from dataclasses import dataclass, field

import numpy as np

from engine.media.audio.generators.score.leading import Close, Led
from engine.media.audio.score_tokens import END, IDS, MANY, MOST_LEFT, NAMES, VOCABULARY, span
from engine.media.audio.theory.grid import DURATIONS, POSITIONS, STEPS

_LEFT, _METRE, _POSITION = span("left"), span("metre"), span("position")
_PART, _PITCH, _DURATION = span("part"), span("pitch"), span("duration")
_POSITIONS, _DURATIONS = np.array(POSITIONS), np.array(DURATIONS)
MOST_EMPTY = 1  # bars without an onset in a row
MOST_CHORD = 6  # notes of one part that begin together


@dataclass(frozen=True, slots=True)
class PartRange:
    """What a part can play. lowest, highest: MIDI pitches in the common key.

    single: one note at a time. longest: of a note, in steps.
    """

    lowest: int = 36
    highest: int = 96
    single: bool = True
    longest: int = DURATIONS[-1]


@dataclass(frozen=True, slots=True)
class PieceConstraints:
    """What a piece must be. hands: one for each part. closes: it comes to an end (else it could
    go on, or lead back to its beginning). close: on which chord. avoided: intervals in which
    parts do not move in parallel (of `theory.part_writing.PERFECT`).
    upbeat: steps of the first bar before which nothing is played. doubled: pairs of parts, the
    earlier first, that play the same. lead: a bar, and the position in it from which on an upbeat
    leads to the next one."""

    bars: int
    metre: tuple[int, int]
    hands: tuple[PartRange, ...]
    closes: bool = True
    close: Close | None = None
    avoided: frozenset[int] = frozenset()
    upbeat: int = 0
    doubled: frozenset[tuple[int, int]] = frozenset()
    lead: tuple[int, int] | None = None

    @property
    def ending(self) -> Close | None:
        """The chord that it must end on."""
        return self.close if self.closes else None

    @property
    def bar_steps(self) -> int:
        return self.metre[0] * 4 * STEPS // self.metre[1]


@dataclass(slots=True)
class Rule:
    """The state of one work between two tokens; begins before its first bar, after the header.

    `done` once END was taken. ends: when each part's last note ends, from the piece's start.
    """

    plan: PieceConstraints
    done: bool = False
    bar: int = -1
    position: int = -1
    part: int = 0
    pitch: int = -1  # the last one of this part at this position
    chord: int = 0
    ends: list[int] = field(default_factory=list)
    expects: str = "left"  # or metre, event, pitch, duration
    empty: int = 0
    led: Led = field(init=False)

    def __post_init__(self) -> None:
        self.ends = [0] * len(self.plan.hands)
        self.led = Led(len(self.plan.hands), self.plan.doubled)

    @property
    def now(self) -> int:
        """The position, from the piece's start."""
        return self.bar * self.plan.bar_steps + max(0, self.position)

    def allowed(self) -> np.ndarray:
        """(V,) bool; at least one is true until `done`."""
        mask = np.zeros(VOCABULARY, bool)
        if self.expects == "left":
            mask[self._next_bar()] = True
        elif self.expects == "metre":
            mask[IDS["metre", self.plan.metre]] = True
        elif self.expects == "pitch":
            self._allow_pitches(mask)
        elif self.expects == "duration":
            self._allow_durations(mask)
        else:
            self._allow_event(mask)
        return mask

    def _next_bar(self) -> int:
        """The token of the bar line that comes, or END."""
        left = self.plan.bars - self.bar - 2
        if left < 0:
            return END
        return IDS["left", left] if self.plan.closes and left <= MOST_LEFT else MANY

    def _allow_event(self, mask: np.ndarray) -> None:
        """A later position, another part, a further note of a chord, or the bar line."""
        first = self.bar * self.plan.bar_steps
        free = max(self.position + 1, min(self._free(p) for p in range(len(self.ends))) - first)
        if self.bar == 0:
            free = max(free, self.plan.upbeat)
        lead = (
            self.plan.lead if self.plan.lead is not None and self.plan.lead[0] == self.bar else None
        )
        if lead is not None:
            free = max(free, lead[1])
        later = (free <= _POSITIONS) & (self.plan.bar_steps > _POSITIONS)
        mask[_POSITION.start : _POSITION.stop] = later
        if self.position >= 0:
            for part in range(self.part + 1, len(self.plan.hands)):
                if self._free(part) <= self.now:
                    mask[IDS["part", part]] = True
            hand = self.plan.hands[self.part]
            if not hand.single and self.chord < MOST_CHORD:
                self._allow_pitches(mask)
        last = self.bar == self.plan.bars - 1
        if self._has_closed():
            mask[:] = False
        may_end = not last or all(map(self._closed, range(len(self.plan.hands))))
        may_end &= lead is None or self.position >= lead[1]
        may_rest = self.bar > 0 and self.empty < MOST_EMPTY  # music begins in the first bar
        if ((self.position >= 0 or may_rest) and may_end) or not mask.any():
            mask[self._next_bar()] = True

    def _closed(self, part: int) -> bool:
        """Whether a part has come to where it may end."""
        last = self.led.last[part]
        return last < 0 or self._may_end(part, last)

    def _has_closed(self) -> bool:
        """Whether every part holds the last note of a held close."""
        close, parts = self.plan.ending, range(len(self.plan.hands))
        if close is None or not close.held or self.now < self._last_beat():
            return False
        return all(self.led.began[part] >= self._last_beat() for part in parts)

    def _may_end(self, part: int, pitch: int) -> bool:
        """Whether a part may end with the pitch; of parts that play chords nothing is asked."""
        close, hands = self.plan.ending, self.plan.hands
        if close is None or not hands[part].single:
            return True
        return bool(close.allows(part, len(hands))[pitch])

    @property
    def last_beat_in_bar(self) -> int:
        """The same, from the last bar's beginning."""
        return self._last_beat() - (self.plan.bars - 1) * self.plan.bar_steps

    def _last_beat(self) -> int:
        """From when on only what may end the piece is played."""
        close, bar = self.plan.ending, self.plan.bar_steps
        steps = STEPS if close is None else close.steps
        if close is None or not close.held:
            steps = min(steps, STEPS)
        return self.plan.bars * bar - min(steps, bar // 2)

    def _free(self, part: int) -> int:
        """From when on a part may begin a note."""
        return self.ends[part] if self.plan.hands[part].single else 0

    def _allow_pitches(self, mask: np.ndarray) -> None:
        hand = self.plan.hands[self.part]
        first = max(hand.lowest, self.pitch + 1 if self.chord else 0)
        mask[_PITCH.start + first : _PITCH.start + hand.highest + 1] = True
        if hand.single:
            self._lead(mask[_PITCH.start : _PITCH.stop])
        if self.chord == 0 and self.part == 0 and self.expects == "pitch" and self.position >= 0:
            self._allow_other_parts(mask)

    def _lead(self, pitches: np.ndarray) -> None:
        """(128,) bool, in place: without those that lead a part badly, while others are left."""
        unwanted: list[np.ndarray] = []
        close = self.plan.ending
        if close is not None and self.now >= self._last_beat():
            unwanted.append(~close.allows(self.part, len(self.plan.hands)))
        if self.plan.avoided:
            unwanted.append(self.led.parallel(self.part, self.now, self.plan.avoided))
        for bad in unwanted:
            if (pitches & ~bad).any():
                pitches &= ~bad

    def _allow_other_parts(self, mask: np.ndarray) -> None:
        """After a position the first part plays, unless another is named."""
        for part in range(1, len(self.plan.hands)):
            if self._free(part) <= self.now:
                mask[IDS["part", part]] = True
        if self._free(0) > self.now:
            mask[_PITCH.start : _PITCH.stop] = False

    def _allow_durations(self, mask: np.ndarray) -> None:
        room = self.plan.bars * self.plan.bar_steps - self.now
        longest = min(room, self.plan.hands[self.part].longest)
        if self.now < self._last_beat() and not self._may_end(self.part, self.pitch):
            longest = min(longest, self._last_beat() - self.now)
        close = self.plan.ending
        if close is not None and close.held and self.now >= self._last_beat():
            longest = int(_DURATIONS[room >= _DURATIONS].max(initial=_DURATIONS[0]))
            mask[_DURATION.start : _DURATION.stop] = longest == _DURATIONS
            return
        mask[_DURATION.start : _DURATION.stop] = longest >= _DURATIONS
        mask[_DURATION.start] |= not mask[_DURATION.start : _DURATION.stop].any()

    def push(self, token: int) -> None:
        """Take the token, which must have been allowed."""
        group, value = NAMES[token]
        if token == END:
            self.done = True
        elif group == "left":
            self.empty = 0 if self.position >= 0 or self.bar < 0 else self.empty + 1
            self.bar, self.position, self.part = self.bar + 1, -1, 0
            self.expects = "event" if self.bar else "metre"
        elif group == "metre":
            self.expects = "event"
        elif isinstance(value, int):
            self._push_note(group, value)

    def _push_note(self, group: str, value: int) -> None:
        if group == "position":
            self.position, self.part, self.chord, self.pitch = value, 0, 0, -1
            self.expects = "pitch"
        elif group == "part":
            self.part, self.chord, self.pitch = value, 0, -1
            self.expects = "pitch"
        elif group == "pitch":
            self.pitch, self.expects = value, "duration"
        elif group == "duration":
            self.ends[self.part] = max(self.ends[self.part], self.now + value)
            self.led.take(self.part, self.now, self.pitch, value)
            self.chord += 1
            self.expects = "event"
