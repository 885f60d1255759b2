"""What makes a work major or minor where the brief says so.

A model that has read only major tunes goes on in major, whatever the header says. So the references
are moved to the parallel mode first, degree by degree: the third, sixth and seventh of major are
lowered, except for a seventh that leads to the tonic; those of minor are raised. And since major
and its relative minor have the same seven pitches, those that tell them apart are made likelier:
the tonal hierarchy of one less that of the other (Krumhansl 1990, ch. 2).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from engine.media.audio.codec.score import Score, score_of
from engine.media.audio.score_tokens import END, NAMES, VOCABULARY, decode, encode, span
from engine.media.audio.theory.keys import MAJOR, MINOR, KeyEstimate, estimated_key
from engine.protocol import Mode

LOWERED, RAISED = {4: 3, 9: 8, 11: 10}, {3: 4, 8: 9, 10: 11}  # semitones above the tonic
LEADING = 11
LEAN = 0.2  # nats for each deviation by which a pitch speaks for the mode


def in_mode(row: Sequence[int], mode: str) -> list[int]:
    """A reference's tokens in major or minor; as they are where they have that mode, or mode is
    ""."""
    header = dict(NAMES[token] for token in row[:5])
    if not mode or header["mode"] == mode:
        return list(row)
    pitch_class = header["key"]
    assert isinstance(pitch_class, int)
    moved = parallel(decode(row), KeyEstimate(pitch_class, header["mode"] == "minor"))
    return encode(moved, closes=row[-1] == END).tolist()


def is_in(score: Score, mode: str) -> bool:
    """Whether a finished work has a mode, to the ear; true of any where none is asked for."""
    return not mode or estimated_key(replace(score, keys=())).minor == (mode == Mode.MINOR)


def parallel(score: Score, home: KeyEstimate) -> Score:
    """The score in minor on the same tonic where it is in major, and the other way round."""
    tonic = (home.pitch_class + 9 * home.minor) % 12
    notes = score.notes.copy()
    degrees = (notes["pitch"].astype(int) - tonic) % 12
    changes = RAISED if home.minor else LOWERED
    table = np.array([changes.get(degree, degree) - degree for degree in range(12)])
    moves = table[degrees]
    if not home.minor:
        moves[_leads(notes, degrees)] = 0
    notes["pitch"] = notes["pitch"] + moves
    other = KeyEstimate((tonic + 3 * (not home.minor)) % 12, not home.minor)
    return score_of(notes, score.metres, (other.key,), score.tempos, score.parts, score.title)


def _leads(notes: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """(N,) whether the next note of the same part, after a seventh, is the tonic above it."""
    found = np.zeros(len(notes), bool)
    for part in np.unique(notes["part"]):
        places = np.flatnonzero(notes["part"] == part)
        now, after = places[:-1], places[1:]
        found[now] = (degrees[now] == LEADING) & (degrees[after] == 0)
    return found


@cache
def leaning(mode: str) -> np.ndarray:
    """(V,) nats to add to each token in the common key; 0 where the brief names no mode."""
    bias = np.zeros(VOCABULARY, np.float32)
    if mode:
        apart = _standardised(np.roll(MINOR, 9)) - _standardised(np.array(MAJOR))
        sign = 1 if mode == Mode.MINOR else -1
        pitches = span("pitch")
        bias[pitches.start : pitches.stop] = sign * LEAN * apart[np.arange(len(pitches)) % 12]
    return bias


def _standardised(profile: np.ndarray) -> np.ndarray:
    return (profile - profile.mean()) / profile.std()
