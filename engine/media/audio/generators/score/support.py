"""The support of one work that is being written: its references' places, and its own behind them.

How near the references are is the artist's: *new* makes their places less alike, so that the work's
own motifs and the Transformer decide; *variations on theirs* makes them more alike, those most that
stand in the followed reference where the work stands in its plan. That bar of the plan also says
when notes begin and how long they last, so that phrases end where they end there.
Legend: N places of one kind; V vocabulary.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.media.audio.generators.score.matching import (
    FIELDS,
    PITCH,
    Matching,
    Places,
    Reader,
    Support,
    as_followed,
)
from engine.media.audio.score_tokens import END, HEADER, MANY, VOCABULARY, span

KINDS = 3
RHYTHM = (0.5, 0.9)  # trust in the rhythm of the plan's bar: of new music, of variations
REACH = 8.0  # nats between new and variations, for all places of the references
OWN = 4.0  # nats that the work's own places are less alike: its plan says what returns
ALIGNED = 6.0  # nats for those of the same bar of the followed reference, in variations
_LEFT = span("left")
_WHERE = [FIELDS.index("position"), FIELDS.index("part")]


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePlaces:
    """Of all references, one after the other. owners (N,): of which each place is."""

    places: Places
    owners: np.ndarray
    weights: np.ndarray  # of the references

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]], weights: Sequence[float]) -> "ReferencePlaces":
        """Of token rows, which may be none."""
        each = [Places.of(row) for row in rows]
        owners = np.repeat(np.arange(len(each)), [len(places) for places in each])
        return cls(Places.joined(each), owners, np.array(weights, float))


@dataclass(slots=True)
class _Kind:
    """The places of one kind, of which `count` are written. bars: of the followed reference."""

    fields: np.ndarray
    tokens: np.ndarray
    bars: np.ndarray
    bonus: np.ndarray
    theirs: int
    count: int

    def votes_of_bar(self, place: int, query: np.ndarray) -> np.ndarray:
        """(V,) of the places of the followed reference's bar at the query's position and part."""
        theirs = self.fields[: self.theirs]
        here = (self.bars == place) & (theirs[:, _WHERE] == query[_WHERE]).all(1)
        return np.bincount(self.tokens[: self.theirs][here], minlength=VOCABULARY).astype(float)

    def add(self, place: Sequence[int], token: int) -> None:
        if self.count == len(self.tokens):
            self._grow()
        self.fields[self.count], self.tokens[self.count] = place, token
        self.count += 1

    def _grow(self) -> None:
        more = max(64, len(self.tokens))
        room = np.zeros((more, len(FIELDS)), np.int16)
        self.fields = np.asfortranarray(np.concatenate([self.fields, room]))
        self.tokens = np.concatenate([self.tokens, np.zeros(more, np.int16)])


@dataclass(slots=True)
class WorkSupport:
    """Reads the work's tokens as they are written, and asks all places for the next one."""

    matching: Matching
    kinds: list[_Kind]
    variation: float
    reader: Reader = field(default_factory=Reader)
    read: int = 0  # tokens

    @classmethod
    def of(
        cls,
        matching: Matching,
        theirs: ReferencePlaces,
        followed: int,
        variation: float,
    ) -> "WorkSupport":
        """variation: 0 (new) to 1 (variations on theirs)."""
        share = np.log(theirs.weights / theirs.weights.mean())
        bonus = share[theirs.owners] + REACH * (variation - 0.5)
        kinds = []
        for kind in range(KINDS):
            mine = theirs.places.kinds == kind
            bars = np.where(theirs.owners == followed, theirs.places.bars, -1)[mine]
            fields, tokens = (
                np.asfortranarray(theirs.places.fields[mine]),
                theirs.places.tokens[mine],
            )
            kinds.append(_Kind(fields, tokens, bars, bonus[mine], len(tokens), len(tokens)))
        return cls(matching, kinds, variation)

    def push(self, token: int) -> None:
        """The token was written."""
        if self.read >= HEADER:
            mine = self.kinds[self.reader.kind]
            mine.add(self.reader.place(), as_followed(token))
            self.reader.push(token)
        self.read += 1

    def mixed(
        self, log_p: np.ndarray, allowed: np.ndarray, place: int, rhythm: float
    ) -> np.ndarray:
        """log_p (V,) of the model, allowed (V,) bool -> (V,): both among what is allowed, mixed.

        place: the bar of the followed reference that the plan is at. rhythm: 0 … 1, how far its
        rhythm is trusted, between the ends of RHYTHM.
        """
        kind, next_kind = self.kinds[self.reader.kind], self.reader.kind
        query = np.array(self.reader.place(), np.int16)
        shares = _normalised(np.exp(log_p - log_p[allowed].max()) * allowed)
        if kind.count:
            votes, trust = self.matching.votes(next_kind, query, self._support(kind, place))
            shares = _with(shares, votes, trust, allowed)
        if next_kind != PITCH and kind.theirs:
            trust = _between(RHYTHM, rhythm)
            shares = _with(shares, kind.votes_of_bar(place, query), trust, allowed)
        return np.log(shares + math.exp(-40))

    def _support(self, kind: _Kind, place: int) -> Support:
        bonus = np.full(kind.count, -OWN)
        aligned = ALIGNED * max(0.0, 2 * self.variation - 1)
        bonus[: kind.theirs] = kind.bonus + aligned * (kind.bars == place)
        own = np.arange(kind.count) >= kind.theirs
        return Support(kind.fields[: kind.count], kind.tokens[: kind.count], own, bonus)


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + share * (ends[1] - ends[0])


def _normalised(shares: np.ndarray) -> np.ndarray:
    return shares / shares.sum()


def _with(shares: np.ndarray, votes: np.ndarray, trust: float, allowed: np.ndarray) -> np.ndarray:
    """(V,) mixed with what votes there are for what is allowed."""
    votes[_LEFT.start : _LEFT.stop] = votes[END] = votes[MANY]
    votes = votes * allowed
    total = votes.sum()
    return (1 - trust) * shares + trust * votes / total if total > 0 else shares
