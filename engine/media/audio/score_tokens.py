"""Scores as tokens for a causal Transformer, bar by bar, and back.

    START key mode tempo parts  (left [metre] (position ([part] pitch duration)*)*)*  END

Against REMI (Huang & Yang 2020, as in miditok): position, pitch, velocity and duration for every
note, so four to five tokens each; here a position is said once for all that begins there, a part
only when it is not the first, and velocity, which scores do not have, never: two to four tokens.
Pitches lie in the common key, so that one tune is one sequence in all keys; each bar says how many
are left, so that a piece can be asked to be n bars long, and knows when to close.

The header is given, not composed: key 12 (the C of the signature), mode 2, tempo (or none), number
of parts. left: bars after this one up to MOST_LEFT, and MANY for more or for a passage that does
not end. After a position the part is the first, until another is named. Durations may cross bars.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from engine.media.audio.codec.score import (
    VELOCITY,
    Key,
    Metre,
    Part,
    Score,
    Tempo,
    notes_of,
    score_of,
)
from engine.media.audio.theory.grid import (
    DURATIONS,
    MAX_PARTS,
    METRES,
    POSITIONS,
    STEP_TICKS,
    TEMPOS,
)
from engine.media.audio.theory.keys import KeyEstimate

MOST_LEFT = 32

_GROUPS: tuple[tuple[str, Sequence], ...] = (
    ("special", ("pad", "start", "end")),
    ("key", range(12)),
    ("mode", ("major", "minor")),
    ("tempo", (0, *TEMPOS)),
    ("parts", range(1, MAX_PARTS + 1)),
    ("left", range(MOST_LEFT + 2)),
    ("metre", METRES),
    ("position", POSITIONS),
    ("part", range(MAX_PARTS)),
    ("pitch", range(128)),
    ("duration", DURATIONS),
)
NAMES: tuple[tuple[str, object], ...] = tuple(
    (group, value) for group, values in _GROUPS for value in values
)  # of each token: (group, value)
IDS = {name: i for i, name in enumerate(NAMES)}
VOCABULARY = len(NAMES)
PAD, START, END = (IDS["special", name] for name in ("pad", "start", "end"))
MANY = IDS["left", MOST_LEFT + 1]
HEADER = 5  # tokens that are given


def span(group: str) -> range:
    """The tokens of a group, one after the other."""
    first = next(i for i, name in enumerate(NAMES) if name[0] == group)
    return range(first, first + len(dict(_GROUPS)[group]))


def encode(score: Score, *, common_key: bool = True, closes: bool = True) -> np.ndarray:
    """A quantised score (`engine.media.audio.theory.grid.quantise`) -> (T,) int16 tokens.

    common_key: move the pitches to no sharps and flats. closes: False for a passage, whose end is
    not the end. Raises KeyError for a score that is not on the grid.
    """
    home = _home(score.keys)
    tokens = _header(score, home)
    bars = score.bars()
    move = home.shift if common_key else 0
    ends = np.searchsorted(score.notes["onset"], [bar.tick for bar in bars[1:]])
    groups = np.split(score.notes, ends)
    metre: tuple[int, int] | None = None
    for number, (bar, notes) in enumerate(zip(bars, groups, strict=True)):
        left = len(bars) - 1 - number
        tokens.append(IDS["left", left] if closes and left <= MOST_LEFT else MANY)
        if (bar.beats, bar.unit) != metre:
            metre = bar.beats, bar.unit
            tokens.append(IDS["metre", metre])
        tokens += _bar(notes, bar.tick, move)
    if closes:
        tokens.append(END)
    return np.array(tokens, dtype=np.int16)


def _home(keys: Sequence[Key]) -> KeyEstimate:
    return KeyEstimate(keys[0].fifths * 7 % 12, keys[0].minor) if keys else KeyEstimate(0, False)


def _header(score: Score, home: KeyEstimate) -> list[int]:
    tempo = int(score.tempos[0].quarters) if score.tempos else 0
    return [
        START,
        IDS["key", home.pitch_class],
        IDS["mode", "minor" if home.minor else "major"],
        IDS["tempo", tempo],
        IDS["parts", max(1, len(score.parts))],
    ]


def _bar(notes: np.ndarray, start: int, move: int) -> Iterable[int]:
    """The tokens of the notes of one bar."""
    position, part = -1, 0
    columns = (notes[name].tolist() for name in ("onset", "part", "pitch", "duration"))
    for onset, voice, pitch, duration in zip(*columns, strict=True):
        if onset != position:
            position, part = onset, 0
            yield IDS["position", (onset - start) // STEP_TICKS]
        if voice != part:
            part = voice
            yield IDS["part", voice]
        yield IDS["pitch", pitch - move]
        yield IDS["duration", duration // STEP_TICKS]


def decode(tokens: Iterable[int], *, common_key: bool = True) -> Score:
    """Tokens -> the score. What makes no sense where it stands is passed over.

    A pitch counts with the duration that follows it, a position only inside its bar.
    """
    reading = _Reading()
    for token in tokens:
        group, value = NAMES[int(token)]
        if token == END:
            break
        reading.take(group, value)
    return reading.score(common_key=common_key)


class _Reading:
    """The state of a decoder between two tokens."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, int, int]] = []
        self._metres: list[Metre] = []
        self._header: dict[str, object] = {}
        self._metre: tuple[int, int] = (4, 4)
        self._start = self._end = 0
        self._onset = self._part = 0
        self._pitch: int | None = None
        self._bars = 0

    def take(self, group: str, value: object) -> None:
        if group in ("key", "mode", "tempo", "parts"):
            self._header.setdefault(group, value)
        elif group == "left":
            self._start = self._end
            self._bars += 1
            self._measure(self._metre)
        elif group == "metre" and isinstance(value, tuple):
            self._metres = [m for m in self._metres if m.tick < self._start]
            self._measure(value)
        elif isinstance(value, int) and self._bars:
            self._take_note(group, value)

    def _measure(self, metre: tuple[int, int]) -> None:
        """The bar that begins has this metre."""
        self._metre = metre
        self._metres.append(Metre(self._start, *metre))
        self._end = self._start + self._metres[-1].bar_ticks
        self._onset, self._part, self._pitch = self._start, 0, None

    def _take_note(self, group: str, value: int) -> None:
        if group == "position":
            onset = self._start + value * STEP_TICKS
            if onset < self._end:
                self._onset, self._part = onset, 0
        elif group == "part":
            self._part = value
        elif group == "duration" and self._pitch is not None:
            length = value * STEP_TICKS
            self._rows.append((self._onset, length, self._pitch, self._part, VELOCITY))
        self._pitch = value if group == "pitch" else None

    def score(self, *, common_key: bool) -> Score:
        pitch_class = self._header.get("key", 0)
        tempo = self._header.get("tempo", 0)
        assert isinstance(pitch_class, int) and isinstance(tempo, int)
        home = KeyEstimate(pitch_class, self._header.get("mode") == "minor")
        move = home.shift if common_key else 0
        rows = [(o, d, p + move, v, loud) for o, d, p, v, loud in self._rows if 0 <= p + move < 128]
        tempos = [Tempo(0, float(tempo))] if tempo else []
        return score_of(notes_of(rows), self._metres, [home.key], tempos, [Part()] * MAX_PARTS)
