"""When the parts of a work begin their notes, how long these last, and which parts double another.

A work of several parts takes the rhythm of a bar whole, of all parts together, from one bar of the
references: mostly the bar that its plan names, else another one in which the same parts enter, rest
and hold over. So parts that rest, enter and cadence together there do so here, whatever pitches
they have. Two parts that play the same notes there, in unison or octaves, double each other here.
Times in steps of the grid from the bar's beginning; pitches in the common key.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.media.audio.generators.score.approach import cadences_of
from engine.media.audio.generators.score.form import BarNote, BarPlan, bar_notes, moved
from engine.media.audio.generators.score.plans import PieceProfile, PieceSpec
from engine.media.audio.generators.score.rule import Rule
from engine.media.audio.score_tokens import END, IDS, VOCABULARY, span
from engine.media.audio.theory.grid import DURATIONS

OWN = (0.5, 1.0)  # share of bars that have the rhythm of the plan's bar: new music, variations
CLOSE = 2  # bars of the end that always have
_LEFT, _PITCH, _DURATION = span("left"), span("pitch"), span("duration")
_DURATIONS = np.array(DURATIONS)


class PlannedNote(NamedTuple):
    """A note without its pitch. doubles: the part whose note of the same moment it doubles, -1 for
    none; apart: by how many semitones."""

    at: int
    part: int
    steps: int
    doubles: int = -1
    apart: int = 0


Rhythm = tuple[PlannedNote, ...]  # of one bar, in order


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The bars of one reference. held (B,): the parts that hold a note over each bar's beginning,
    and over its end; phrases: the bars in which its first part ends a phrase."""

    rhythms: list[Rhythm]
    held: list[tuple[frozenset[int], frozenset[int]]]
    lengths: list[int]
    phrases: frozenset[int]

    @classmethod
    def of(cls, profile: PieceProfile) -> "_Source":
        bars, lengths = bar_notes(profile.score)
        over = [
            frozenset(part for at, part, _, steps in bar if at + steps > length)
            for bar, length in zip(bars, lengths, strict=True)
        ]
        held = list(zip([frozenset[int](), *over[:-1]], over, strict=True))
        rhythms = [_rhythm(bar, profile.doubled) for bar in bars]
        return cls(rhythms, held, lengths, frozenset(cadences_of(bars, lengths)))

    def signature(self, place: int) -> tuple[object, ...]:
        """What two bars share that can stand for each other."""
        length = self.lengths[place]
        halves = frozenset((n.part, 2 * n.at // length) for n in self.rhythms[place])
        return length, halves, self.held[place]


def _rhythm(bar: Sequence[BarNote], doubled: frozenset[tuple[int, int]]) -> Rhythm:
    found: list[PlannedNote] = []
    for at, part, pitch, steps in bar:
        note = PlannedNote(at, part, steps)
        for other_at, other, theirs, _ in bar:
            alike = other_at == at and (pitch - theirs) % 12 == 0
            if alike and (other, part) in doubled:
                note = note._replace(doubles=other, apart=pitch - theirs)
                break
        found.append(note)
    return tuple(found)


def rhythms_of(
    profiles: Sequence[PieceProfile], spec: PieceSpec, seed: int, variation: float
) -> tuple[Rhythm, ...]:
    """Of each bar of the form; () of a melody, and where no reference is counted like the work.
    variation: 0 (new) … 1 (variations on theirs)."""
    followed, plan = profiles[spec.followed], spec.plan
    if len(plan.hands) < 2 or not spec.form or followed.metre != plan.metre:
        return ()
    if len(followed.hands) != len(plan.hands):
        return ()
    rng = np.random.default_rng((seed, 79))
    sources = [_Source.of(p) for p in profiles if len(p.hands) == len(plan.hands)]
    own = _Source.of(followed)
    alike: dict[tuple[object, ...], list[Rhythm]] = defaultdict(list)
    for source in sources:
        for place in range(len(source.rhythms)):
            if place not in source.phrases:
                alike[source.signature(place)].append(source.rhythms[place])
    share = OWN[0] + variation * (OWN[1] - OWN[0])
    found: list[Rhythm] = []
    for i, bar in enumerate(spec.form):
        mine = own.rhythms[bar.place]
        chance, which = rng.random(2)
        free = bar.of < 0 and 0 < i < len(spec.form) - CLOSE and bar.place not in own.phrases
        others = alike[own.signature(bar.place)] if free else []
        if others and chance >= share:
            mine = others[int(which * len(others))]
        found.append(_returning(bar, mine, found) if bar.of >= 0 else mine)
    return _apart(found, spec)


def _returning(bar: BarPlan, mine: Rhythm, before: Sequence[Rhythm]) -> Rhythm:
    """The rhythm of the earlier bar in what is kept of it, else the plan's bar's."""
    kept = [n for n in before[bar.of] if _inside(bar, n.at)]
    return tuple(sorted([*kept, *(n for n in mine if not _inside(bar, n.at))]))


def _inside(bar: BarPlan, at: int) -> bool:
    return any(begin <= at < end for begin, end in bar.kept)


def _apart(rhythms: Sequence[Rhythm], spec: PieceSpec) -> tuple[Rhythm, ...]:
    """Without notes beyond the bar; those of a part that plays one at a time end before its next,
    all before the piece does."""
    length = spec.plan.bar_steps
    ends = [len(rhythms) * length] * len(spec.plan.hands)
    found: list[Rhythm] = []
    for i in reversed(range(len(rhythms))):
        bar: list[PlannedNote] = []
        for note in reversed([n for n in rhythms[i] if n.at < length]):
            now, hand = i * length + note.at, spec.plan.hands[note.part]
            room = min(note.steps, hand.longest, ends[note.part] - now)
            if room <= 0:
                continue  # of two notes at once only one is left
            bar.append(note._replace(steps=int(_DURATIONS[room >= _DURATIONS].max())))
            if hand.single:
                ends[note.part] = now
        found.append(tuple(reversed(bar)))
    return tuple(reversed(found))


@dataclass(slots=True)
class EnsembleBar:
    """A bar whose rhythm is planned, as masks over the next token. pending: the notes that are
    still to come, in order. pitches: of those that the plan brings back, by position and part, from
    the lowest up."""

    pending: list[PlannedNote]
    pitches: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    altered: BarNote | None = None

    @classmethod
    def of(cls, rhythm: Rhythm, plan: BarPlan, earlier: Sequence[BarNote]) -> "EnsembleBar":
        """earlier: the notes of the work's own bar `plan.of`, none of a new bar."""
        pitches: dict[tuple[int, int], list[int]] = defaultdict(list)
        for at, part, pitch, _ in moved(earlier, plan.move) if plan.move else sorted(earlier):
            if _inside(plan, at):
                pitches[at, part].append(pitch)
        others = [note for note in earlier if not _inside(plan, note[0])]
        return cls(list(rhythm), dict(pitches), others[0] if others else None)

    @property
    def settled(self) -> list[BarNote]:
        """The notes still to come whose pitch is known."""
        firsts = ((n, self.pitches.get((n.at, n.part))) for n in self.pending)
        return [(n.at, n.part, known[0], n.steps) for n, known in firsts if known]

    @property
    def lasts(self) -> int:
        """The steps of the next note; 0 of none."""
        return self.pending[0].steps if self.pending else 0

    def masks(self, rule: Rule) -> Iterator[np.ndarray]:
        """(V,) bool: what keeps to the plan; then what keeps to its rhythm, with a pitch that the
        plan does not bring back."""
        mask = np.zeros(VOCABULARY, bool)
        coming = self.pending[0] if self.pending else None
        if rule.expects in ("left", "metre"):
            mask[:] = True
        elif coming is None:
            mask[_LEFT.start : _LEFT.stop] = mask[END] = True
        elif rule.expects == "duration":
            mask[IDS["duration", coming.steps]] = True
        elif coming.at != rule.position:
            mask[IDS["position", coming.at]] = True
        elif coming.part != rule.part:
            mask[IDS["part", coming.part]] = True
        else:
            known = self._known(coming, rule)
            if known >= 0:
                mask[_PITCH.start + known] = True
                yield mask
            mask = np.zeros(VOCABULARY, bool)
            mask[_PITCH.start : _PITCH.stop] = True
            if self.altered is not None and self.altered[:2] == (coming.at, coming.part):
                mask[_PITCH.start + self.altered[2]] = False
        yield mask
        if rule.expects == "duration" and coming is not None:
            mask[_DURATION.start : _DURATION.stop] = coming.steps >= _DURATIONS
            yield mask

    def _known(self, note: PlannedNote, rule: Rule) -> int:
        """The pitch of a note that returns, or doubles what has just begun; -1 where it is new."""
        returning = self.pitches.get((note.at, note.part))
        if returning:
            return returning[0]
        if note.doubles >= 0 and rule.led.began[note.doubles] == rule.now:
            pitch = rule.led.last[note.doubles] + note.apart
            return pitch if 0 <= pitch < len(_PITCH) else -1
        return -1

    def take(self, rule: Rule) -> bool:
        """The rule's note is about to be given its length; whether it is one that returns."""
        if not self.pending or self.pending[0][:2] != (rule.position, rule.part):
            return False
        self.pending.pop(0)
        known = self.pitches.get((rule.position, rule.part))
        return bool(known) and known.pop(0) == rule.pitch
