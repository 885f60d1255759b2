"""One draft of one work while it is written: its tokens, its bars, what it may and shall play next.

Legend: V vocabulary.
"""

from dataclasses import dataclass, field

import numpy as np

from engine.media.audio.copying import Line, ReferenceRuns
from engine.media.audio.generators.score.approach import Target
from engine.media.audio.generators.score.ensemble import EnsembleBar, Rhythm
from engine.media.audio.generators.score.fitting import times_heard
from engine.media.audio.generators.score.form import BarNote, BarPlan
from engine.media.audio.generators.score.guide import Guide
from engine.media.audio.generators.score.plans import PieceSpec
from engine.media.audio.generators.score.rule import Rule
from engine.media.audio.generators.score.template import BarTemplate, within
from engine.media.audio.score_tokens import HEADER, NAMES, span

OWN_LIMIT = 32  # notes of a part that may stand once more in the same order, in new bars
NEW = BarPlan(-1)
_DURATION, _PITCH, _LEFT = span("duration"), span("pitch"), span("left")


@dataclass(slots=True)
class PieceParticle:
    """given: tokens that are not its own choice, still to be taken. rhythms: of each bar of the
    form, where they are planned. bars: the notes of each so far. template: of the bar that is
    written, where it returns or its rhythm is planned. guide: None of the Transformer alone."""

    seed: int
    spec: PieceSpec
    rule: Rule
    rng: np.random.Generator
    given: list[int]
    guide: Guide | None
    lines: list[Line]
    rhythms: tuple[Rhythm, ...] = ()
    row: list[int] = field(default_factory=list)
    bars: list[list[BarNote]] = field(default_factory=list)
    template: BarTemplate | EnsembleBar | None = None
    own: dict[tuple[tuple[int, int], ...], set[int]] = field(default_factory=dict)
    nats: float = 0.0
    count: int = 0
    times: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.times = times_heard(self.spec.form)

    @property
    def quality(self) -> float:
        """By which drafts are compared: how near its proportions are to the references', of the
        model alone how likely it is."""
        if self.guide is not None:
            return -self.guide.distance
        return self.nats / max(1, self.count)

    @property
    def bar_plan(self) -> BarPlan:
        """Of the bar that is written, or comes."""
        place = max(0, self.rule.bar) - self.spec.given
        return self.spec.form[place] if 0 <= place < len(self.spec.form) else NEW

    def push(self, token: int) -> None:
        if token in _DURATION:
            self._remember(token)
        if len(self.row) >= HEADER:
            self.rule.push(token)
        if self.guide is not None:
            self.guide.push(token)
        self.row.append(token)
        if token in _LEFT:
            self._begin_bar()

    def _begin_bar(self) -> None:
        self.bars.append([])
        place = self.rule.bar - self.spec.given
        self.template = self._template(place) if 0 <= place < len(self.spec.form) else None

    def _template(self, place: int) -> BarTemplate | EnsembleBar | None:
        """Of a bar of the form."""
        plan = self.spec.form[place]
        earlier = self.bars[plan.of + self.spec.given] if plan.of >= 0 else []
        if plan.move:
            plan = within(plan, earlier, self.rule.plan.hands)
            earlier = earlier if plan.of >= 0 else []
        if self.rhythms:
            return EnsembleBar.of(self.rhythms[place], plan, earlier)
        return BarTemplate.of(plan, earlier) if earlier else None

    def _remember(self, token: int) -> None:
        """A note of a part; and what followed its last OWN_LIMIT, so that it does not once more."""
        rule, duration = self.rule, NAMES[token][1]
        assert isinstance(duration, int)
        returns = self.template is not None and self.template.take(rule)
        line = self.lines[rule.part]
        if len(line) >= OWN_LIMIT:
            self.own.setdefault(tuple(line[-OWN_LIMIT:]), set()).add(rule.pitch)
        line.append((rule.pitch, duration))
        if self.guide is not None:
            times = 0 if returns else self._times()
            self.guide.take(rule, self.bar_plan.place, duration, times)
        self.bars[-1].append((rule.position, rule.part, rule.pitch, duration))

    def _times(self) -> float:
        """How often the plan brings back what is new in the bar that is written."""
        place = max(0, self.rule.bar) - self.spec.given
        return self.times[place] if 0 <= place < len(self.times) else 1.0

    def log_prob(self, log_p: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """log_p (V,) of the Transformer, allowed (V,) -> (V,) with what the references say."""
        if self.guide is None:
            return log_p
        target = self.target() if self.rule.expects == "pitch" else None
        lasts = self.template.lasts if isinstance(self.template, EnsembleBar) else 0
        bar = max(0, self.rule.bar) - self.spec.given
        return self.guide.log_prob(log_p, allowed, self.rule, self.bar_plan, bar, target, lasts)

    def target(self) -> Target | None:
        """The next note of the part that is settled: of the bar that returns now, of the one that
        returns next, or of the close."""
        rule = self.rule
        steps = rule.plan.bar_steps
        mine = self.template.settled if self.template is not None else []
        mine = [*mine, *((at + steps, *note) for at, *note in self._next_bar())]
        for at, part, pitch, _ in mine:
            if part == rule.part and at > rule.position:
                return Target.of_note(pitch, at)
        for part, pitch in self.spec.after if rule.bar == rule.plan.bars - 1 else ():
            if part == rule.part:
                return Target.of_note(pitch, steps)
        close, parts = rule.plan.ending, len(rule.plan.hands)
        if close is not None and rule.bar == rule.plan.bars - 1:
            hand = rule.plan.hands[rule.part]
            reach = np.arange(len(_PITCH))
            reachable = (hand.lowest <= reach) & (reach <= hand.highest)
            return Target.among(close.allows(rule.part, parts) & reachable, rule.last_beat_in_bar)
        return None

    def _next_bar(self) -> list[BarNote]:
        """The notes of the next bar that are settled, where it returns from its beginning."""
        place = self.rule.bar - self.spec.given + 1
        if not 0 < place < len(self.spec.form):
            return []
        plan = self.spec.form[place]
        if plan.of < 0 or plan.kept[0][0] > 0:
            return []
        following = self._template(place)
        return following.settled if following is not None else []

    def allowed(self, learned: ReferenceRuns) -> np.ndarray:
        """(V,) bool: what the grammar and the plan allow, and is not too long like a reference. A
        bar that cannot return within the copy limit goes on as a new one."""
        allowed = self.rule.allowed()
        line = self.lines[self.rule.part]
        forbidden = learned.forbidden(line)
        own = self.own.get(tuple(line[-OWN_LIMIT:]), set()) | self._third_time()
        for mask in self.template.masks(self.rule) if self.template is not None else ():
            kept = allowed & mask
            _leave_out(kept, forbidden)
            if np.count_nonzero(kept) > 1 and self.rule.expects == "pitch":
                new = kept.copy()
                _leave_out(new, own)
                kept = new if new.any() else kept
            if kept.any():
                return kept
        self.template = None
        without = allowed.copy()
        _leave_out(without, forbidden | own)
        return without if without.any() else allowed

    def _third_time(self) -> set[int]:
        """The pitch with which a new bar would go on to be the third in a row that is the same."""
        if self.rule.expects != "pitch" or len(self.bars) < 3 or self.bars[-2] != self.bars[-3]:
            return set()
        now, before = self.bars[-1], self.bars[-2]
        if now != before[: len(now)] or not len(before) <= 2 * len(now) + 1 < 2 * len(before):
            return set()
        at, part, pitch, _ = before[len(now)]
        return {pitch} if (at, part) == (self.rule.position, self.rule.part) else set()


def _leave_out(allowed: np.ndarray, pitches: set[int]) -> None:
    """In place."""
    allowed[[_PITCH.start + pitch for pitch in pitches]] = False
