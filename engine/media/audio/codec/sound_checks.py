"""What the bytes and samples of a recording tell about its state."""

import numpy as np

CLIPPED_RUNS_A_SECOND = 0.5  # more of them are told
_FLAT_SAMPLES = 3  # that a cut-off peak stays at its level
_FLAT = 1e-4  # how nearly it does, of the level
_STEP = 1e-2  # how steeply it goes there, of the level
_LEVEL = 0.05  # a quieter block is not looked at
_LAST_PAGE = 4  # the flag of the last page of an Ogg stream


def kind_of(data: bytes) -> str:
    """The container that the first bytes name; "" for none that holds sound and is read here."""
    head, form = data[:4], data[8:12]
    if head in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return "WAV" if form == b"WAVE" else ""
    if head == b"FORM":
        return "AIFF" if form in (b"AIFF", b"AIFC") else ""
    by_head = {b"riff": "W64", b"fLaC": "FLAC", b"OggS": "OGG", b".snd": "AU", b"caff": "CAF"}
    if head in by_head:
        return by_head[head]
    frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0
    return "MP3" if frame or data[:3] == b"ID3" else ""


def cut_short(data: bytes) -> bool:
    """Whether the file is shorter than it says itself, so far as its container says it."""
    kind = kind_of(data)
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
    steep = level - channel[starts - 1] > _STEP * level
    return int((long & steep).sum())
