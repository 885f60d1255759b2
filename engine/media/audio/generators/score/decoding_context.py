"""What all works of a job share while they are written."""

from dataclasses import dataclass

from engine.media.audio.copying import ReferenceRuns
from engine.media.audio.generators.score.chord_plan import ChordPlan
from engine.media.audio.generators.score.drumming import Drums
from engine.media.audio.generators.score.dynamics import Dynamics
from engine.media.audio.generators.score.ensemble import Rhythm, rhythms_of
from engine.media.audio.generators.score.liking import Liking
from engine.media.audio.generators.score.opening import Opening
from engine.media.audio.generators.score.plans import PieceProfile, PieceSpec, wish_of
from engine.media.audio.generators.score.support import ReferencePlaces
from engine.media.audio.richness import RichnessRange
from engine.protocol import MusicBrief
from engine.sequence.decoder_session import SequenceBase


@dataclass(slots=True)
class PieceDecodingContext:
    """What all works of a job share."""

    brief: MusicBrief
    profiles: list[PieceProfile]
    weights: list[float]
    base: SequenceBase
    rows: list[list[int]]
    learned: ReferenceRuns
    opening: Opening | None
    window: int
    liking: Liking | None
    places: ReferencePlaces | None  # None: the Transformer composes alone
    range: RichnessRange | None  # of the references; None: drafts are compared by likelihood
    drums: Drums
    dynamics: Dynamics
    varied: bool = False  # the last of the profiles is the artist's score, which all works follow

    @property
    def temperature(self) -> float:
        """At the brief's usual one the model's opinion stays as it is: a lower one makes tunes turn
        on a few notes."""
        return self.brief.temperature / MusicBrief().temperature

    @property
    def nearness(self) -> float:
        """Of a varied score never nearer to new music than to variations on it."""
        return (1 + self.brief.nearness) / 2 if self.varied else self.brief.nearness

    def spec(self, seed: int) -> PieceSpec:
        """What the work of this seed is to be."""
        followed = len(self.profiles) - 1 if self.varied else None
        begun = self.opening is not None and self.opening.gap is None
        spec = wish_of(self.profiles, self.weights, self.brief, seed, followed, begun=begun)
        return self.opening.continued(spec) if self.opening else spec

    def rhythms(self, spec: PieceSpec, seed: int) -> tuple[Rhythm, ...]:
        """Of the bars of the form of a work of several parts; () where each note has its own."""
        free = self.places is None or self.brief.strength == 0 or self.brief.density != 1
        return () if free else rhythms_of(self.profiles, spec, seed, self.nearness)

    def chords(self, spec: PieceSpec, seed: int) -> ChordPlan:
        """On which the parts of a work stand."""
        scores, minor = [profile.score for profile in self.profiles], spec.home.minor
        near = self.nearness
        return ChordPlan.of(scores, spec.followed, minor=minor, seed=seed, variation=near)
