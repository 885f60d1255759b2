"""What the bytes and samples of a recording tell about its state."""

import numpy as np

CLIPPED_RUNS_A_SECOND = 0.5  # more of them are told
_FLAT_SAMPLES = 3  # that a cut-off peak stays at its level
_FLAT = 1e-4  # how nearly it does, of the level
_STEP = 1e-2  # how steeply it goes there, of the level
_LEVEL = 0.05  # a quieter block is not looked at
_QUANTA = 2.5  # steps of its grid within which a round peak goes to its flat top
_MOST_LEVELS = 256  # that sound of few bits has in its upper half
_OFF_GRID = 0.05  # steps
_LAST_PAGE = 4  # the flag of the last page of an Ogg stream


def cut_short(data: bytes, kind: str) -> bool:
    """Whether the file is shorter than it says itself, so far as a container of its kind says
    it."""
    if kind == "WAV" and data[:4] == b"RIFF":
        size = int.from_bytes(data[4:8], "little")
        return size != 0xFFFFFFFF and size + 8 > len(data) + 1  # a padding byte may lack
    if kind == "AIFF":
        return int.from_bytes(data[4:8], "big") + 8 > len(data) + 1
    if kind == "OGG":
        page = data[data.rfind(b"OggS") :]
        return len(page) < 27 or not page[5] & _LAST_PAGE or _page_bytes(page) > len(page)
    return False


def _page_bytes(page: bytes) -> int:
    """How long an Ogg page says it is (RFC 3533, section 6)."""
    segments = page[26]
    return 27 + segments + sum(page[27 : 27 + segments])


def clipped_runs(block: np.ndarray) -> int:
    """(n, C) → how many peaks are cut off: reached by a step, then flat at the block's extreme.

    Against counting full-scale samples: a loud low tone, whose peaks are round, counts none, and
    sound that was clipped first and made quieter then is found.
    """
    return sum(_runs(sign * channel) for channel in block.T for sign in (1, -1))


def _runs(channel: np.ndarray) -> int:
    level = float(channel.max(initial=0.0))
    if level < _LEVEL or len(channel) <= _FLAT_SAMPLES:
        return 0
    flat = np.append(channel >= level * (1 - _FLAT), False)
    starts = np.flatnonzero(flat[1:] & ~flat[:-1]) + 1
    starts = starts[starts + _FLAT_SAMPLES <= len(channel)]
    long = np.all([flat[starts + i] for i in range(_FLAT_SAMPLES)], axis=0)
    steps = (level - channel[starts - 1])[long]
    steep = steps > _STEP * level
    if steep.any():
        steep &= steps > _QUANTA * _quantum(channel, level)
    return int(steep.sum())


def _quantum(channel: np.ndarray, level: float) -> float:
    """The step between two neighbouring values of sound of few bits (8 bits, mu-law), near the
    level: there a round peak is flat too. 0 where the values lie on no such grid."""
    upper = channel[channel > level / 2]
    below = level - np.unique(upper[upper < level * (1 - _FLAT)])
    if not len(below):
        return level  # two values: a square wave, not a peak that was cut off
    if len(below) > _MOST_LEVELS:
        return 0.0
    step = float(below.min())
    places = below / (step / 4)  # the steps of mu-law halve on the way down, from another zero
    on_grid = np.abs(places - places.round()).max() < _OFF_GRID
    return step if on_grid else 0.0
