"""The key of a score, and how far it is from the common one.

All modes on one signature share its seven pitches, so a score is moved by its signature, not by its
tonic: a dorian tune comes to lie on the white keys like one in C major or A minor. What was written
is believed as long as the notes agree; else, as in most MIDI files, the notes decide.
Krumhansl, C.: Cognitive Foundations of Musical Pitch, 1990, ch. 4 (the algorithm of Krumhansl and
Schmuckler, with the profiles of Krumhansl and Kessler 1982).
"""

from dataclasses import dataclass, replace

import numpy as np

from engine.media.audio.codec.score import Key, Score

MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
WHITE = (0, 2, 4, 5, 7, 9, 11)
BELIEVED = 0.93  # a written signature holds so much of what the best one holds


@dataclass(frozen=True, slots=True)
class KeyEstimate:
    """pitch_class: the C of the signature, 0 to 11. minor: its relative minor is the tonic."""

    pitch_class: int
    minor: bool

    @property
    def shift(self) -> int:
        """Semitones from the common key to this one, -5 to 6."""
        return (self.pitch_class + 5) % 12 - 5

    @property
    def key(self) -> Key:
        return Key(0, (self.pitch_class * 7 + 5) % 12 - 5, self.minor)


def weights(score: Score) -> np.ndarray:
    """(12,) how long each pitch class sounds."""
    notes = score.notes
    return np.bincount(notes["pitch"] % 12, weights=notes["duration"], minlength=12)


def correlations(sounding: np.ndarray) -> np.ndarray:
    """(12,) -> (2, 12) the correlation with major and minor on each tonic."""
    profiles = np.array([np.roll(p, t) for p in (MAJOR, MINOR) for t in range(12)])  # (24, 12)
    centred = profiles - profiles.mean(1, keepdims=True)
    spread = sounding - sounding.mean()
    norms = np.linalg.norm(centred, axis=1) * max(float(np.linalg.norm(spread)), 1e-9)
    return (centred @ spread / norms).reshape(2, 12)


def estimated_key(score: Score) -> KeyEstimate:
    """The signature that a score lies on, and whether it is minor rather than major."""
    sounding = weights(score)
    fits = correlations(sounding)
    best = _home(int(fits.argmax()))
    if (said := score.usual(score.keys)) is not None:
        written = said.fifths * 7 % 12
        if _held(sounding, written) >= BELIEVED * _held(sounding, best.pitch_class):
            return KeyEstimate(written, bool(fits[1, (written + 9) % 12] > fits[0, written]))
    return best


def signed(score: Score) -> Score:
    """With one signature: the written one as long as the notes agree, else theirs."""
    home, said = estimated_key(score), score.usual(score.keys)
    agrees = said is not None and said.fifths * 7 % 12 == home.pitch_class
    return replace(score, keys=(said if said is not None and agrees else home.key,))


def _home(index: int) -> KeyEstimate:
    """The home of one of 24 keys: 0 to 11 major, 12 to 23 minor."""
    minor, tonic = divmod(index, 12)
    return KeyEstimate((tonic + 3 * minor) % 12, bool(minor))


def _held(sounding: np.ndarray, pitch_class: int) -> float:
    """How much sounds on the seven pitches of a signature."""
    return float(sounding[[(pitch_class + step) % 12 for step in WHITE]].sum())
