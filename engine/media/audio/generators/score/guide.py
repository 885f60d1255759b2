"""What the references say of the next token of one work, with what the Transformer says.

p = p₀ · (p₁ / p₀)^s, normalised: p₀ is the Transformer's, p₁ with the references, s the brief's
strength (guidance as in Ho and Salimans 2022, the references taking the place of the condition).
To p₁ belong the votes of places that are alike (`support`), the harmony and height of the plan's
bar (`harmony`), and the proportions of the references (`balance`).
Legend: V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.media.audio.generators.score.balance import Balance, proportions
from engine.media.audio.generators.score.form import BarPlan
from engine.media.audio.generators.score.harmony import PlanPitches
from engine.media.audio.generators.score.matching import shipped_matching
from engine.media.audio.generators.score.plans import PieceProfile, PieceSpec
from engine.media.audio.generators.score.rule import Rule
from engine.media.audio.generators.score.support import ReferencePlaces, WorkSupport

FAINTEST = -40.0  # nats: what the Transformer gives up, whatever the strength


@dataclass(slots=True)
class Guide:
    """variation: 0 … 1, the brief's nearness, see `engine.protocol.MusicBrief`; strength: s."""

    support: WorkSupport
    balances: list[Balance]
    pitches: PlanPitches
    variation: float
    strength: float

    @classmethod
    def of(
        cls,
        places: ReferencePlaces,
        profiles: Sequence[PieceProfile],
        spec: PieceSpec,
        variation: float,
        strength: float,
    ) -> "Guide":
        scores = [profile.score for profile in profiles]
        shares = proportions(scores, spec.followed, len(spec.plan.hands))
        return cls(
            WorkSupport.of(shipped_matching(), places, spec.followed, variation),
            [Balance(each) for each in shares],
            PlanPitches.of(scores[spec.followed]),
            variation,
            strength,
        )

    def log_prob(
        self, log_p: np.ndarray, allowed: np.ndarray, rule: Rule, plan: BarPlan
    ) -> np.ndarray:
        """log_p (V,) of the Transformer, allowed (V,) bool -> (V,), guided."""
        if allowed.sum() == 1 or self.strength == 0:
            return log_p
        guided = self.support.mixed(log_p, allowed, plan.place)
        if rule.expects == "pitch":
            guided += self.balances[rule.part].nats()
            guided += self.pitches.nats(plan.place, rule.part, rule.position, self.variation)
        if self.strength == 1:
            return guided
        plain = np.maximum(log_p, FAINTEST)
        return plain + self.strength * (np.maximum(guided, FAINTEST) - plain)

    def push(self, token: int) -> None:
        """The token was written."""
        self.support.push(token)

    def take(self, part: int, pitch: int) -> None:
        """A note was played."""
        self.balances[part].take(pitch)

    @property
    def distance(self) -> float:
        """How far the work's proportions are from the references', a mean over its parts."""
        return sum(balance.distance for balance in self.balances) / len(self.balances)
