"""Score and instruments → a finished recording, voice by voice."""

import math
from collections.abc import Generator, Iterator, Sequence

import numpy as np

from engine.core.progress import Advance, shares
from engine.media.audio.codec.score import Score
from engine.media.audio.playing.instruments import RATE, Instruments
from engine.media.audio.playing.master import Mastered, mix, parted, wrapped
from engine.media.audio.playing.perform import perform
from engine.media.audio.playing.room import ROOM_M, Room
from engine.media.audio.sketches import second_scale

SIDE = 0.45  # how far from the middle the outer voices stand
LEVEL, BLOCK, AUDIBLE = 0.1, 2205, 0.01  # RMS where it plays; samples; share of the loudest
BELOW_MELODY = 0.8  # the level of voices under the first


def voices(
    score: Score, instruments: Instruments, programs: Sequence[int], seed: int, *, loop: bool
) -> Generator[Advance, None, list[np.ndarray]]:
    """(N,) float32 mono of each part, and of the drums where there are any, at levels that balance.

    loop: as long as the bars are, what rings on after them is heard at the beginning.
    """
    played, found = perform(score, seed), []
    parts = max(1, len(score.parts))
    for part in range(parts):
        mine = played[played["part"] == part]
        slices = instruments.sounding(mine, part, programs, seed + part)
        sound = levelled((yield from shares(slices, part, parts)), BELOW_MELODY if part else 1.0)
        found.append(wrapped(sound, length_of(score)) if loop else sound)
    if len(score.hits):
        sound = levelled(instruments.drums(score, seed), BELOW_MELODY)
        found.append(wrapped(sound, length_of(score)) if loop else sound)
    return found


def levelled(sound: np.ndarray, level: float) -> np.ndarray:
    """(N,) as loud as every other voice where it plays: instruments differ by many decibels."""
    whole = len(sound) // BLOCK * BLOCK
    power = np.square(sound[:whole], dtype=np.float64).reshape(-1, BLOCK).mean(1)
    loud = power[power > power.max(initial=0.0) * AUDIBLE]
    if not len(loud) or loud.mean() == 0:
        return sound
    return (sound * (level * LEVEL / math.sqrt(loud.mean()))).astype(np.float32)


def length_of(score: Score) -> int:
    """Samples of all its bars."""
    last = score.bars()[-1]
    return max(1, round((last.tick + last.bar_ticks) * second_scale(score) * RATE))


def mixed(
    found: Sequence[np.ndarray], *, loop: bool, drums: bool = False, room_m: float = ROOM_M
) -> Mastered:
    """The stems side by side in one room of so many metres, mastered; drums, the last one, in the
    middle."""
    return mix(found, pans_of(len(found), drums), room=Room.of_size(room_m), loop=loop)


def stems_of(
    found: Sequence[np.ndarray], *, loop: bool, drums: bool = False, room_m: float = ROOM_M
) -> Iterator[np.ndarray]:
    """Each voice as it is in the mix, (2, N); they add up to it."""
    return parted(found, pans_of(len(found), drums), room=Room.of_size(room_m), loop=loop)


def pans_of(count: int, drums: bool = False) -> list[float]:
    """The first voice near the middle, the others to both sides in turn; drums in the middle."""
    if drums:
        return [*pans_of(count - 1), 0.0]
    if count < 2:
        return [0.0] * count
    places = np.linspace(SIDE / max(1, count - 1), SIDE, count)
    return [float(place * (-1) ** i) for i, place in enumerate(places)]
