"""What a piece is to be: what its references are like, and what the brief asks for instead.

A work follows one of the references, drawn by weight, in key, mode, metre, tempo and parts, so that
these fit one another; what the brief names goes before.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.core.errors import BadInput
from engine.media.audio.codec.score import Metre, Score
from engine.media.audio.generators.score.fitting import fitted, of_whole_bars, without
from engine.media.audio.generators.score.form import Form, form_of
from engine.media.audio.generators.score.leading import (
    Close,
    avoided_parallels,
    close_of,
    held_close,
)
from engine.media.audio.generators.score.phrases import FULL
from engine.media.audio.generators.score.rule import PartRange, PieceConstraints
from engine.media.audio.score_tokens import END, IDS, NAMES, START, decode
from engine.media.audio.theory.grid import METRES, STEP_TICKS, passage, tempo_class
from engine.media.audio.theory.keys import KeyEstimate
from engine.media.audio.theory.part_writing import doubled_parts
from engine.protocol import MAX_BARS, Mode, MusicBrief

BARS = 16  # of a piece whose brief does not say, where its reference is too long to follow whole
LEAST_BARS, WHOLE_BARS = 8, MAX_BARS  # a reference of so many is followed whole,
WHOLE_TOKENS = 1000  # where it has no more tokens
LEEWAY = 2  # semitones that a part may go beyond its references
SINGLE = 0.04  # a part with a smaller share of notes that overlap plays one at a time
COMPOUND_TEMPO, HALVES_TEMPO, SIMPLE_TEMPO = 168, 176, 112  # quarters a minute, unsaid
TONICS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


@dataclass(frozen=True, slots=True)
class PieceProfile:
    """What one reference is like. score: in the common key. bar_tokens: mean number in a bar.
    close: how it ends, where it does; avoided: parallels that it hardly has. form: of its first
    bars. upbeat: steps of its first bar in which nothing is played yet. doubled: its parts that
    double another."""

    score: Score
    home: KeyEstimate
    metre: tuple[int, int]
    tempo: int  # quarters a minute; 0: it does not say
    hands: tuple[PartRange, ...]
    bar_tokens: float
    close: Close | None = None
    avoided: frozenset[int] = frozenset()
    form: Form = ()
    upbeat: int = 0
    doubled: frozenset[tuple[int, int]] = frozenset()

    @property
    def usual_bars(self) -> int:
        """Of a piece after it whose brief does not say: as many as it has, where it is short."""
        bars = len(self.form)
        whole = bars * self.bar_tokens <= WHOLE_TOKENS and LEAST_BARS <= bars <= WHOLE_BARS
        return bars if whole else BARS


@dataclass(frozen=True, slots=True)
class PieceSpec:
    """One work: the rule's plan, what its header says, the tempo it is played at, and the semitones
    that it is moved up by in the end. form: of its bars after the `given` ones of an opening.
    after: (part, pitch) of what stands behind its last bar already."""

    plan: PieceConstraints
    home: KeyEstimate
    tempo_token: int
    tempo: float
    followed: int = 0  # which of the references
    lift: int = 0
    form: Form = ()
    given: int = 0
    after: tuple[tuple[int, int], ...] = ()

    @property
    def header(self) -> list[int]:
        return [
            START,
            IDS["key", self.home.pitch_class],
            IDS["mode", "minor" if self.home.minor else "major"],
            self.tempo_token,
            IDS["parts", len(self.plan.hands)],
        ]


def profile_of(row: Sequence[int]) -> PieceProfile:
    """Of a reference's tokens."""
    score = decode(row, common_key=False)
    said = dict(NAMES[token] for token in row[:5])
    home = KeyEstimate(_number(said["key"]), said["mode"] == "minor")
    bars = score.bars()
    metres = Counter((bar.beats, bar.unit) for bar in bars)
    metre = metres.most_common(1)[0][0] if metres else (4, 4)
    count = _number(said["parts"])
    hands = tuple(hand_of(score.notes[score.notes["part"] == part]) for part in range(count))
    ending = close_of if row[-1] == END else held_close  # of a passage nobody knows the end
    return PieceProfile(
        score,
        home,
        metre,
        _number(said["tempo"]),
        hands,
        len(row) / max(1, len(bars)),
        ending(score, tonic_in(home), minor=home.minor),
        avoided_parallels(score),
        of_whole_bars(form_of(passage(score, 0, WHOLE_BARS + 1))) if len(score.notes) else (),
        upbeat_of(score),
        doubled_parts(score),
    )


def tonic_in(home: KeyEstimate) -> int:
    """The pitch class of the tonic in the common key, where C major and A minor stand."""
    return 9 if home.minor else 0


def upbeat_of(score: Score) -> int:
    """0 of a score that begins with its first bar, or has an empty one."""
    if not len(score.notes):
        return 0
    first = int(score.notes["onset"].min())
    return first // STEP_TICKS if first < score.bars()[0].bar_ticks else 0


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def hand_of(notes: np.ndarray) -> PartRange:
    """What the player of these notes (N,) of NOTE can do."""
    if not len(notes):
        return PartRange()
    onsets, ends = notes["onset"], notes["onset"] + notes["duration"]
    overlapping = (
        float((np.maximum.accumulate(ends)[:-1] > onsets[1:]).mean()) if len(notes) > 1 else 0.0
    )
    return PartRange(
        max(0, int(notes["pitch"].min()) - LEEWAY),
        min(127, int(notes["pitch"].max()) + LEEWAY),
        overlapping < SINGLE,
        int(notes["duration"].max()) // STEP_TICKS,
    )


def wish_of(
    profiles: Sequence[PieceProfile],
    weights: Sequence[float],
    brief: MusicBrief,
    seed: int,
    followed: int | None = None,
    *,
    begun: bool = False,
) -> PieceSpec:
    """What the work of this seed is to be. followed: the profile that it follows, else one by
    chance. begun: it goes on from a score, so that a bar which holds an upbeat alone would be a
    hole. Raises BadInput for a key that is none."""
    if followed is None:
        rng = np.random.default_rng((seed, 77))
        shares = np.array(weights) / sum(weights)
        followed = int(rng.choice(len(profiles), p=shares))
    profile = profiles[followed]
    metre = metre_of(brief.metre) if brief.metre else profile.metre
    home = home_for(brief, profile.home)
    tempo = brief.tempo or round(brief.pace * profile.tempo)
    hands = _hands(profiles, profile, brief.voices)
    as_many = len(hands) == len(profile.hands)
    bars = brief.length or profile.usual_bars
    form = profile.form
    if begun and len(form) > 1 and form[0].filled < FULL:
        form = without(form, 0, 1)
    plan = PieceConstraints(
        bars,
        metre,
        hands,
        not brief.loop,
        profile.close if as_many and home.minor == profile.home.minor else None,
        profile.avoided,
        0 if brief.loop or metre != profile.metre else profile.upbeat,
        profile.doubled if as_many else frozenset(),
    )
    return PieceSpec(
        plan,
        home,
        IDS["tempo", tempo_class(tempo) if tempo else 0],
        float(tempo or brief.pace * usual_tempo(metre)),
        followed,
        12 * round(brief.lift / 12) if brief.key or brief.content else brief.lift,
        fitted(form, bars, plan.bar_steps) if as_many else (),
    )


def _hands(
    profiles: Sequence[PieceProfile], profile: PieceProfile, voices: int
) -> tuple[PartRange, ...]:
    """Those of the followed reference; of the one with the most parts, where more are wanted."""
    if voices <= len(profile.hands):
        return profile.hands[: voices or None]
    most = max(profiles, key=lambda each: len(each.hands)).hands
    return (most + (most[-1],) * voices)[:voices]


def usual_tempo(metre: tuple[int, int]) -> int:
    if Metre(0, *metre).is_compound:
        return COMPOUND_TEMPO
    return HALVES_TEMPO if metre[1] <= 2 else SIMPLE_TEMPO


def metre_of(text: str) -> tuple[int, int]:
    """ "6/8" → (6, 8). Raises BadInput for what is none that the generator knows."""
    beats, _, unit = text.partition("/")
    if beats.isdecimal() and unit.isdecimal() and (int(beats), int(unit)) in METRES:
        return int(beats), int(unit)
    raise BadInput("bad_metre", metre=text)


def tonic_of(key: str) -> int:
    """ "F#" → 6. Raises BadInput."""
    letter, sign = key[:1].upper(), key[1:]
    if letter not in TONICS or sign not in _SIGNS:
        raise BadInput("bad_key", key=key)
    return (TONICS[letter] + _SIGNS[sign]) % 12


def home_for(brief: MusicBrief, theirs: KeyEstimate) -> KeyEstimate:
    """The key of the brief, of the reference where it says none."""
    minor = brief.mode == Mode.MINOR if brief.mode else theirs.minor
    tonic = tonic_of(brief.key) if brief.key else (theirs.pitch_class + 9 * theirs.minor) % 12
    return KeyEstimate((tonic + 3 * minor) % 12, minor)
