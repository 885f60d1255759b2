"""How notes are written: the letter and sign of a pitch, and lengths as note values.

A pitch of the scale has the signature's own letter. Another one is written as it leads on: raised
where the next note lies a semitone above, lowered where it lies a semitone below, else as the
gamut of the key has it (on the line of fifths, from three below the tonic's to eight above).
"""

from engine.media.audio.codec.score import TICKS, Key

_LETTERS = "FCGDAEB"  # by fifths; F is -1
_LOWEST, _HIGHEST = -8, 12  # fifths that are written: F flat to E sharp's neighbours
_NAMES = ("breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th")
TYPES: dict[int, tuple[str, int, bool]] = {}  # ticks: (name, dots, triplet)
for _power, _name in enumerate(_NAMES):
    _ticks = 8 * TICKS >> _power
    TYPES[_ticks] = (_name, 0, False)
    TYPES[_ticks * 3 // 2] = (_name, 1, False)
    TYPES.setdefault(_ticks * 2 // 3, (_name, 0, True))
_LENGTHS = sorted(TYPES, reverse=True)


def spelled(pitch: int, key: Key | None, after: int | None) -> tuple[str, int, int]:
    """(letter, sign, octave) of a MIDI pitch; after: the pitch that follows in its line."""
    tonic = key.fifths if key is not None else 0
    choices = [f for f in range(_LOWEST, _HIGHEST + 1) if f * 7 % 12 == pitch % 12]
    fifths = min(choices, key=lambda f: abs(f - (tonic + 2.5)))
    in_scale = tonic - 1 <= fifths <= tonic + 5
    if not in_scale and after is not None and abs(after - pitch) == 1:
        raised = after > pitch
        wanted = [f for f in choices if (f > tonic + 5 if raised else f < tonic - 1)]
        fifths = min(wanted, key=lambda f: abs(f - (tonic + 2.5)), default=fifths)
    letter, sign = _LETTERS[(fifths + 1) % 7], (fifths + 1) // 7
    octave = (pitch - sign) // 12 - 1
    return letter, sign, octave


def values(ticks: int) -> list[int]:
    """The lengths of the tied notes that last so long: each of TYPES, but for a rest that none
    has."""
    found: list[int] = []
    while ticks > 0:
        length = next((each for each in _LENGTHS if each <= ticks), ticks)
        found.append(length)
        ticks -= length
    return found
