"""A bar that returns, as masks over the next token: in the spans that are kept, the notes of the
earlier bar and no others; outside them, whatever leads there.

Legend: V vocabulary; times in steps within the bar.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.media.audio.generators.score.form import BarNote, BarPlan, anew, moved
from engine.media.audio.generators.score.rule import PartRange, Rule
from engine.media.audio.score_tokens import END, IDS, VOCABULARY, span
from engine.media.audio.theory.grid import DURATIONS, POSITIONS

_LEFT, _POSITION, _PART = span("left"), span("position"), span("part")
_PITCH, _DURATION = span("pitch"), span("duration")
_POSITIONS, _DURATIONS = np.array(POSITIONS), np.array(DURATIONS)


@dataclass(slots=True)
class BarTemplate:
    """pending: the notes that still return, in order. kept: the spans that have no others.
    altered: the first note of the earlier bar that does not return: here another pitch comes."""

    pending: list[BarNote]
    kept: tuple[tuple[int, int], ...]
    altered: BarNote | None = None
    _free: np.ndarray = field(init=False)  # (POSITIONS,) bool: outside the spans

    def __post_init__(self) -> None:
        inside = [(begin <= _POSITIONS) & (end > _POSITIONS) for begin, end in self.kept]
        self._free = ~np.any(inside, axis=0)

    @classmethod
    def of(cls, plan: BarPlan, earlier: list[BarNote]) -> "BarTemplate":
        """earlier: the notes of the work's own bar `plan.of`."""
        notes = moved(earlier, plan.move) if plan.move else sorted(earlier)
        pending = [n for n in notes if any(begin <= n[0] < end for begin, end in plan.kept)]
        others = [n for n in notes if n not in pending]
        return cls(pending, plan.kept, others[0] if others else None)

    @property
    def settled(self) -> list[BarNote]:
        """The notes still to come whose pitch is known."""
        return self.pending

    def masks(self, rule: Rule) -> Iterator[np.ndarray]:
        """(V,) bool: what keeps to it. None of them may be allowed by the rule."""
        mask = np.zeros(VOCABULARY, bool)
        if rule.expects == "event":
            self._allow_event(mask, rule)
        elif rule.expects == "pitch":
            self._allow_pitch(mask, rule)
        elif rule.expects == "duration":
            self._allow_duration(mask, rule)
        else:
            mask[:] = True
        if self.altered is not None and self.altered[:2] == (rule.position, rule.part):
            mask[IDS["pitch", self.altered[2]]] = False
        yield mask

    def _allow_event(self, mask: np.ndarray, rule: Rule) -> None:
        places = mask[_POSITION.start : _POSITION.stop]
        if self.pending:
            at = self.pending[0][0]
            places[self._free & (at > _POSITIONS)] = True
            places[at == _POSITIONS] = True
        else:
            places[self._free] = True
            mask[_LEFT.start : _LEFT.stop] = mask[END] = True
        self._allow_pitch(mask, rule)

    def _allow_pitch(self, mask: np.ndarray, rule: Rule) -> None:
        """What begins at the position that was named."""
        if self.pending and self.pending[0][0] == rule.position:
            _, part, pitch, _ = self.pending[0]
            mask[IDS["pitch", pitch] if part == rule.part else IDS["part", part]] = True
        elif rule.position in POSITIONS and self._free[POSITIONS.index(rule.position)]:
            mask[_PART.start : _PART.stop] = mask[_PITCH.start : _PITCH.stop] = True

    def _allow_duration(self, mask: np.ndarray, rule: Rule) -> None:
        if self._is_next(rule):
            mask[IDS["duration", self.pending[0][3]]] = True
            return
        lengths = mask[_DURATION.start : _DURATION.stop]
        mine = [at for at, part, *_ in self.pending if part == rule.part]
        lengths[:] = True
        if mine and rule.plan.hands[rule.part].single:
            lengths[mine[0] - rule.position < _DURATIONS] = False

    def _is_next(self, rule: Rule) -> bool:
        return bool(self.pending) and self.pending[0][:3] == (rule.position, rule.part, rule.pitch)

    def take(self, rule: Rule) -> bool:
        """The rule's note is about to be given its length; whether it is one that returns."""
        returns = self._is_next(rule)
        if returns:
            self.pending.pop(0)
        return returns


def within(plan: BarPlan, earlier: Sequence[BarNote], hands: Sequence[PartRange]) -> BarPlan:
    """The plan of a bar that returns on another degree, the other way where its parts cannot play
    it there; of a new bar where they can neither."""
    for move in (plan.move, -plan.move):
        notes = moved(earlier, move)
        if all(hands[part].lowest <= p <= hands[part].highest for _, part, p, _ in notes):
            return replace(plan, move=move)
    return anew(plan)
