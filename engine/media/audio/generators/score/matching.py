"""What followed in the references, and in the work itself, wherever the music stood as it does now.

A matching network (Vinyals et al. 2016, eq. 1) over the places of a score: the support are all
places of the references, and those of the work that are already written, each with the token that
followed; the query is the place that is written now. Where a continuous cache compares the states
of the model, which stand for everything that was read, this compares what a musician would: the
beat, the part, the last notes by pitch and by interval, their lengths, the bar in its phrase, how
far the end is. A place votes for its token as it is and, of pitches, for the same interval from
the last note; so a phrase is known on another degree. What each likeness is worth, and how far the
votes are trusted, is meta-learned over training and validation styles (`engine.lab.training`).
Legend: N places of the support, T queries, F likenesses, V vocabulary.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.core.assets import asset
from engine.media.audio.score_tokens import (
    END,
    HEADER,
    MANY,
    MOST_LEFT,
    NAMES,
    VOCABULARY,
    span,
)
from engine.meta.errors import WrongCheckpointError

MATCHING_FILE = asset("weights/score/matching.json")
FORMAT_VERSION = 1
EVENT, PITCH, DURATION = range(3)  # what comes next
FIELDS = (
    *("position", "part", "metre", "bar", "left", "bass", "above"),
    *("pitch_1", "pitch_2", "pitch_3", "pitch_4"),
    *("step_1", "step_2", "step_3", "step_4"),
    *("length_1", "length_2", "length_3"),
    "first",
)  # of a place: see `Reader`
LIKENESSES = (
    *("position", "part", "metre", "bar", "left", "bass", "above", "first"),
    *("pitches_1", "pitches_2", "pitches_3", "pitches_4"),
    *("steps_1", "steps_2", "steps_3", "steps_4"),
    *("lengths_1", "lengths_2", "lengths_3"),
    *("class", "height", "own"),
)
NOTHING = -999
PHRASE = 4  # bars
FAR = 8  # bars from the end, from where on all are alike
_PITCH, _LEFT = span("pitch"), span("left")
_INDEX = {name: i for i, name in enumerate(FIELDS)}
_ALONE = [_INDEX[name] for name in ("position", "part", "metre", "bar", "left", "bass", "above")]
_ALONE.append(_INDEX["first"])
_SUFFIXES = [
    [_INDEX[f"{name}_{i}"] for i in range(1, most + 1)]
    for name, most in (("pitch", 4), ("step", 4), ("length", 3))
]


@dataclass(slots=True)
class Reader:
    """Reads tokens, and says of the place that comes what there is to compare.

    position: in the bar, in steps, -1 at its beginning. bar: within a phrase of PHRASE bars, from
    the end where that is known; left: bars to the end, up to FAR. bass: pitch class of the lowest
    note that sounds; above: what began with it in an earlier part. pitch_i, step_i, length_i: of
    the part's last notes, the latest first. first: the pitch that began the bar.
    """

    metre: int = 0
    bar: int = -1
    left: int = MOST_LEFT + 1
    start: int = 0
    position: int = -1
    part: int = 0
    pitch: int = NOTHING
    kind: int = EVENT
    first: int = NOTHING
    above: int = NOTHING
    lines: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    sounding: dict[int, tuple[int, int]] = field(default_factory=dict)  # part: (pitch, until)
    bar_steps: int = 0
    at: int = 0

    def push(self, token: int) -> None:
        group, value = NAMES[token]
        if group == "left":
            self._begin_bar(value)
        elif group == "metre" and isinstance(value, tuple):
            self.metre, self.bar_steps = token, value[0] * 96 // value[1]
        elif isinstance(value, int):
            self._push_event(group, value)

    def _begin_bar(self, value: object) -> None:
        assert isinstance(value, int)
        self.start += self.bar_steps if self.bar >= 0 else 0
        self.bar, self.left = self.bar + 1, value
        self.position, self.part, self.kind = -1, 0, EVENT
        self.first = self.above = NOTHING

    def _push_event(self, group: str, value: int) -> None:
        if group == "position":
            self.position, self.part, self.kind, self.above = value, 0, PITCH, NOTHING
        elif group == "part":
            self.part, self.kind = value, PITCH
        elif group == "pitch":
            self.pitch, self.kind = value, DURATION
        elif group == "duration":
            self._end_note(value)

    def _end_note(self, steps: int) -> None:
        now = self.start + self.position
        self.lines.setdefault(self.part, []).append((self.pitch, steps))
        self.sounding[self.part] = self.pitch, now + steps
        self.above, self.kind = self.pitch, EVENT
        if self.first == NOTHING:
            self.first = self.pitch

    def place(self) -> list[int]:
        """The values of FIELDS."""
        line = self.lines.get(self.part, [])
        notes = [(p, d) for p, d in line[-5:]]
        if self.kind == DURATION:
            notes.append((self.pitch, NOTHING))
        pitches = [p for p, _ in reversed(notes)] + [NOTHING] * 5
        lengths = [d for _, d in reversed(notes)] + [NOTHING] * 4
        steps = [a - b if NOTHING not in (a, b) else NOTHING for a, b in pairwise(pitches)]
        if self.kind == DURATION:
            lengths = lengths[1:]
        now = self.start + self.position
        low = [pitch for pitch, until in self.sounding.values() if until > now]
        above = NOTHING if NOTHING in (self.above, pitches[0]) else self.above
        return [
            self.position,
            self.part,
            self.metre,
            (self.left if self.left <= MOST_LEFT else self.bar) % PHRASE,
            min(self.left, FAR),
            min(low) % 12 if low else NOTHING,
            above,
            *pitches[:4],
            *steps[:4],
            *lengths[:3],
            self.first,
        ]


def as_followed(token: int) -> int:
    """A bar line is one, whatever it says of the bars that are left; so is the end."""
    return MANY if token in _LEFT or token == END else token


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where tokens were read. fields (N, FIELDS) int16; kinds, tokens, bars (N,): what followed (a
    bar line as MANY, however many bars are left), and in which bar."""

    fields: np.ndarray
    kinds: np.ndarray
    tokens: np.ndarray
    bars: np.ndarray

    @classmethod
    def of(cls, row: Sequence[int]) -> "Places":
        """The places of a token row after its header."""
        reader, fields, about = Reader(), [], []
        for token in row[HEADER:]:
            fields.append(reader.place())
            about.append((reader.kind, as_followed(token), reader.bar))
            reader.push(token)
        table = np.array(fields, np.int16).reshape(-1, len(FIELDS))
        return cls(table, *np.array(about, np.int16).reshape(-1, 3).T)

    @classmethod
    def joined(cls, several: Sequence["Places"]) -> "Places":
        parts = ([getattr(each, name) for each in several] for name in cls.__slots__)
        return cls(*(np.concatenate(part) for part in parts))

    def __len__(self) -> int:
        return len(self.tokens)


def likenesses(queries: np.ndarray, support: np.ndarray, own: np.ndarray) -> np.ndarray:
    """(T, FIELDS), (N, FIELDS), own (N,) bool: of the work itself -> (T, N, F) uint8."""
    same = queries[:, None] == support[None]  # (T, N, FIELDS)
    known = support[None] != NOTHING
    columns = [same[..., i] & known[..., i] for i in _ALONE]
    for places in _SUFFIXES:
        run = np.ones(same.shape[:2], bool)
        for i in places:
            run = run & same[..., i] & known[..., i]
            columns.append(run)
    last = _INDEX["pitch_1"]
    apart = queries[:, None, last] - support[None, :, last]
    columns += [apart % 12 == 0, np.abs(apart) <= 2, np.broadcast_to(own, same.shape[:2])]
    return np.stack(columns, -1).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """What was meta-learned, for each kind of token. weights (3, F): nats of each likeness;
    relative (3,): share of the votes that move with the last pitch; closed, slope (3,): of the
    gate, sigmoid(closed + slope · log-sum-exp of the support's likeness)."""

    weights: np.ndarray
    relative: np.ndarray
    closed: np.ndarray
    slope: np.ndarray

    def votes(self, kind: int, query: np.ndarray, support: "Support") -> tuple[np.ndarray, float]:
        """(V,) shares of the votes of a support of this kind, and how far they are trusted."""
        alike = likenesses(query[None], support.fields, support.own)[0] @ self.weights[kind]
        alike += support.bonus
        top = alike.max()
        shares = np.exp(alike - top)
        evidence = float(top + np.log(shares.sum()))
        shares /= shares.sum()
        found = np.bincount(support.tokens, weights=shares, minlength=VOCABULARY)
        if kind == PITCH:
            tokens = moved(query, support)
            elsewhere = np.bincount(tokens, weights=shares, minlength=VOCABULARY)
            found += self.relative[PITCH] * (elsewhere - found)
        trust = 1 / (1 + np.exp(-(self.closed[kind] + self.slope[kind] * evidence)))
        return found, float(trust)


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """Places of one kind, (N, FIELDS) and (N,). own: of the work itself. bonus: nats that each is
    alike beyond what its fields say."""

    fields: np.ndarray
    tokens: np.ndarray
    own: np.ndarray
    bonus: np.ndarray


def moved(query: np.ndarray, support: Support) -> np.ndarray:
    """(N,) the tokens, pitches moved as the query's last pitch is from the place's own."""
    last = _INDEX["pitch_1"]
    there = support.fields[:, last].astype(int)
    is_pitch = (support.tokens >= _PITCH.start) & (support.tokens < _PITCH.stop)
    known = is_pitch & (there != NOTHING) & (query[last] != NOTHING)
    tokens = support.tokens + np.where(known, query[last] - there, 0)
    lost = is_pitch & ((tokens < _PITCH.start) | (tokens >= _PITCH.stop))
    return np.where(lost, support.tokens, tokens)


@lru_cache(maxsize=1)
def shipped_matching(path: Path = MATCHING_FILE) -> Matching:
    """What is shipped. Raises `WrongCheckpointError`."""
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        if card["format"] != FORMAT_VERSION or card["likenesses"] != list(LIKENESSES):
            raise ValueError("another version")
        names = ("weights", "relative", "closed", "slope")
        return Matching(*(np.array(card[name], float) for name in names))
    except OSError as error:
        raise WrongCheckpointError(path, "it is missing") from error
    except (ValueError, KeyError, TypeError) as error:
        raise WrongCheckpointError(path, "it is damaged or of another version") from error
