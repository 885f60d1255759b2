"""What the references say of the next token of one work, with what the Transformer says.

p = p₀ · (p₁ / p₀)^s, normalised: p₀ is the Transformer's, p₁ with the references, s the brief's
strength (guidance as in Ho and Salimans 2022, the references taking the place of the condition).
To p₁ belong the votes of places that are alike (`support`), the harmony and height of the plan's
bar (`harmony`), of several parts the planned chord and what sounds (`chord_plan`), the proportions
of the references (`balance`), and where a part is on its way to (`approach`).
Legend: V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.media.audio.generators.score.approach import (
    CADENCE,
    LOST,
    Target,
    Walk,
    cadences_of,
    notes_between,
)
from engine.media.audio.generators.score.balance import (
    AMONG_PARTS,
    STEP_WEIGHT,
    Balance,
    proportions,
)
from engine.media.audio.generators.score.chord_plan import ChordPlan, Sonority
from engine.media.audio.generators.score.form import BarNote, BarPlan
from engine.media.audio.generators.score.harmony import PlanPitches
from engine.media.audio.generators.score.matching import shipped_matching
from engine.media.audio.generators.score.motion import MovingPart
from engine.media.audio.generators.score.plans import PieceProfile, PieceSpec
from engine.media.audio.generators.score.prospects import Prospects
from engine.media.audio.generators.score.rule import Rule
from engine.media.audio.generators.score.support import ReferencePlaces, WorkSupport
from engine.media.audio.score_tokens import span

_PITCH = span("pitch")
CHORDS = 3.0  # of the distance in chords, beside that of the proportions
FAINTEST = -40.0  # nats: what the Transformer gives up, whatever the strength


@dataclass(slots=True)
class Guide:
    """variation: 0 … 1, the brief's nearness, see `engine.protocol.MusicBrief`; strength: s.
    walks: of each part; cadences: of the followed reference, by bar."""

    support: WorkSupport
    balances: list[Balance]
    walks: list[Walk]
    pitches: PlanPitches
    cadences: dict[int, BarNote]
    variation: float
    strength: float
    chords: ChordPlan | None = None
    sonority: Sonority | None = None
    moving: list[MovingPart] = field(default_factory=list)
    prospects: Prospects = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        places: ReferencePlaces,
        profiles: Sequence[PieceProfile],
        spec: PieceSpec,
        variation: float,
        strength: float,
        chords: ChordPlan | None,
        prospects: Prospects,
    ) -> "Guide":
        scores = [profile.score for profile in profiles]
        weight = STEP_WEIGHT if chords is None else AMONG_PARTS
        shares = proportions(scores, spec.followed, len(spec.plan.hands))
        pitches = PlanPitches.of(scores[spec.followed], among_parts=chords is not None)
        return cls(
            WorkSupport.of(shipped_matching(), places, spec.followed, variation),
            [Balance(each, weight) for each in shares],
            [Walk(each.intervals) for each in shares],
            pitches,
            cadences_of(pitches.bars, pitches.lengths),
            variation,
            strength,
            chords,
            Sonority(chords.odds, chords.clear, chords.beat, chords.ordered)
            if chords is not None
            else None,
            [MovingPart(motion) for motion in chords.motions] if chords is not None else [],
            prospects,
        )

    def log_prob(
        self,
        log_p: np.ndarray,
        allowed: np.ndarray,
        rule: Rule,
        plan: BarPlan,
        bar: int,
        target: Target | None,
        lasts: int = 0,
    ) -> np.ndarray:
        """log_p (V,) of the Transformer, allowed (V,) bool -> (V,), guided. target: where the part
        is on its way to, as far as it is settled. lasts: the steps of the note, as far as they are
        known."""
        if allowed.sum() == 1 or self.strength == 0:
            return log_p
        lean = 1.0 if plan.place in self.cadences else self.variation
        guided = self.support.mixed(log_p, allowed, plan.place, lean)
        if rule.expects == "pitch":
            guided += self.balances[rule.part].nats(rule.bar)
            guided += self.pitches.nats(plan.place, rule.part, rule.position, lean)
            guided[_PITCH.start : _PITCH.stop] += self._towards(rule, plan, target)
            guided[_PITCH.start : _PITCH.stop] += self._together(rule, bar, plan.place, lasts, lean)
        elif rule.expects == "duration":
            guided += self.balances[rule.part].length_nats()
        if self.strength == 1:
            return guided
        plain = np.maximum(log_p, FAINTEST)
        return plain + self.strength * (np.maximum(guided, FAINTEST) - plain)

    def _towards(self, rule: Rule, plan: BarPlan, target: Target | None) -> np.ndarray:
        """(128,) nats: towards what is settled, else the cadence of the plan's bar."""
        target = target or self._cadence(rule, plan)
        if target is None:
            return np.zeros(len(_PITCH))
        if rule.position >= target.at:
            shares = target.pitches / target.pitches.max()
            return np.log(target.trust * shares + (1 - target.trust) + LOST)
        inside = 0 <= plan.place < len(self.pitches.bars)
        bar = self.pitches.bars[plan.place] if inside else []
        between = notes_between(bar, rule.part, rule.position, target.at)
        over = target.at >= rule.plan.bar_steps
        return self.walks[rule.part].arriving(target, between, over=over)

    def _together(self, rule: Rule, bar: int, place: int, lasts: int, lean: float) -> np.ndarray:
        """(128,) nats of what fits the planned chord, the other parts and the part's last note."""
        if self.chords is None or self.sonority is None:
            return np.zeros(len(_PITCH))
        part, position = self.moving[rule.part], rule.position
        found = self.chords.nats(place, rule.part, position, lasts, lean, part.last)
        found += self.sonority.nats(rule.part, rule.now)
        if part.last >= 0:
            found += part.nats(between=position % self.chords.beat > 0)
        ahead = self.prospects.get((bar, position, rule.part))
        return found if ahead is None else found + ahead

    def _cadence(self, rule: Rule, plan: BarPlan) -> Target | None:
        """Of the first part: the degree, in any octave, on which the plan's bar ends a phrase."""
        note = self.cadences.get(plan.place)
        if rule.part or note is None:
            return None
        at, _, pitch, _ = note
        return Target.among((np.arange(len(_PITCH)) - pitch) % 12 == 0, at, CADENCE)

    def push(self, token: int) -> None:
        """The token was written."""
        self.support.push(token)

    def take(self, rule: Rule, place: int, steps: int, times: float) -> None:
        """The rule's note is about to be given its length; it will be played `times` times."""
        self.balances[rule.part].take(rule.pitch, rule.bar, steps, times)
        if self.sonority is not None:
            self.sonority.take(rule.part, rule.pitch, rule.now, steps)
        if self.chords is not None:
            foreign = self.chords.foreign(place, rule.position, rule.pitch)
            between = rule.position % self.chords.beat > 0
            self.moving[rule.part].take(rule.pitch, foreign=foreign, between=between, times=times)

    @property
    def distance(self) -> float:
        """How far the work's proportions are from the references', a mean over its parts; and its
        share of chords."""
        apart = sum(balance.distance for balance in self.balances) / len(self.balances)
        return apart + CHORDS * self.sonority.distance if self.sonority is not None else apart
