"""How notes are written: the letter and sign of a pitch, and lengths as note values.

A pitch of the scale has the signature's own letter. Another one is written as it leads on: raised
where the next note lies a semitone above, lowered where it lies a semitone below, else as the
gamut of the key has it (on the line of fifths, from three below the tonic's to eight above).
"""

from functools import cache

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
_WHOLE = 4 * TICKS


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


def values(ticks: int) -> tuple[int, ...]:
    """The lengths of the fewest tied notes that last so long, the longest first: each of TYPES, but
    for a last one that no sum of them has."""
    if ticks in TYPES or ticks <= 0:
        return (ticks,) if ticks > 0 else ()
    if ticks > _WHOLE:
        return (_WHOLE, *values(ticks - _WHOLE))
    sums = _fewest()
    nearest = next(length for length in range(ticks, -1, -1) if length in sums)
    return (*sums[nearest], *((ticks - nearest,) if nearest < ticks else ()))


@cache
def _fewest() -> dict[int, tuple[int, ...]]:
    """For each number of ticks up to a whole note that a sum of note values has: that sum, of as
    few as possible, without triplets and with a long first one if it can be."""

    def rank(made: tuple[int, ...]) -> tuple:
        return len(made), sum(TYPES[each][2] for each in made), [-each for each in made]

    found: dict[int, tuple[int, ...]] = {0: ()}
    for length in range(1, _WHOLE + 1):
        sums = [(*found[length - each], each) for each in TYPES if length - each in found]
        if sums:
            found[length] = min((tuple(sorted(s, reverse=True)) for s in sums), key=rank)
    return found
