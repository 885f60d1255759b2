"""Recordings whose header lies, made such that libsndfile reads all that is there.

Programs that write into a pipe cannot go back to the header: they leave 0, -1 or the largest number
where the length should stand. MP3 may begin with other bytes, or in the middle of a frame.
"""

import string
from typing import NamedTuple

from engine.media.audio.codec.mpeg_frames import (
    after_id3,
    frames_of,
    rewritten,
    said_frames,
)
from engine.media.audio.codec.sound_checks import cut_short
from engine.media.audio.codec.sound_kinds import kind_of

_MP3_IN_WAV = 0x55
_GUID = 16  # bytes of a name in W64
_PRINTABLE = frozenset(string.printable.encode()) - frozenset(b"\t\n\r\x0b\x0c")
_OFF = 0.02  # by what share a said number of frames may be wrong


class Repaired(NamedTuple):
    """truncated: the file ends early. mended: it breaks a rule of its format."""

    data: bytes
    truncated: bool = False
    mended: bool = False


def repaired(data: bytes) -> Repaired:
    """The same bytes where nothing is wrong with them."""
    kind = kind_of(data)
    if kind == "MP3":
        return _mpeg(data)
    if kind == "WAV" and data[:4] != b"RIFX":
        return _wav(data)
    if kind == "CAF":
        return _caf(data)
    if kind == "W64":
        return _w64(data)
    return Repaired(data, cut_short(data, kind))


def _mpeg(data: bytes) -> Repaired:
    """As it is where its own header frame is right."""
    frames = frames_of(data)
    if frames is None or not frames.starts:
        return Repaired(data)
    said = said_frames(data, frames.starts[0])
    there = len(frames.starts) - (said is not None)
    right = said is not None and abs(there - said) <= 1 + _OFF * there
    if (right or (said is None and not frames.varies)) and not frames.stray:
        begin = frames.starts[0]
        return Repaired(data if begin == after_id3(data) else data[begin:], frames.broken)
    lacking = said is not None and said > there * (1 + _OFF) + 1
    if said is not None:
        frames = frames._replace(starts=frames.starts[1:], lengths=frames.lengths[1:])
    if not frames.starts:
        return Repaired(data, truncated=True)
    return Repaired(rewritten(data, frames), frames.broken or lacking, mended=frames.stray)


def _wav(data: bytes) -> Repaired:
    """RIFF, RF64 and BW64."""
    at, fmt, ds64 = 12, b"", 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            fmt = data[at + 8 : at + 8 + size]
        elif name == b"ds64":
            ds64 = at + 8
        elif name == b"data":
            break
        at += 8 + size + size % 2
    else:
        return Repaired(data, cut_short(data, "WAV"))
    there = len(data) - at - 8
    if ds64:
        size = int.from_bytes(data[ds64 + 8 : ds64 + 16], "little")
    if int.from_bytes(fmt[:2], "little") == _MP3_IN_WAV:
        return _mpeg(data[at + 8 : at + 8 + size])
    if not there or size > there or _chunk_follows(data, at + 8 + size):
        return Repaired(data, cut_short(data, "WAV"))
    block = max(1, int.from_bytes(fmt[12:14], "little"))
    whole = there - there % block
    made = bytearray(data)
    if ds64:
        samples = (whole // block).to_bytes(8, "little")
        made[ds64 : ds64 + 24] = _eight(len(data) - 8) + _eight(whole) + samples
    else:
        made[4:8] = (len(data) - 8).to_bytes(4, "little")
        made[at + 4 : at + 8] = whole.to_bytes(4, "little")
    return Repaired(bytes(made), mended=True)


def _chunk_follows(data: bytes, at: int) -> bool:
    """Whether the file ends there, or goes on with a chunk that has a name; a padding byte may
    lack or be missing."""
    if at + 1 >= len(data):
        return True
    names = (data[at : at + 4], data[at + at % 2 : at + at % 2 + 4])
    return any(len(name) == 4 and all(byte in _PRINTABLE for byte in name) for name in names)


def _caf(data: bytes) -> Repaired:
    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 12], "big", signed=True)
        there = len(data) - at - 12
        if data[at : at + 4] == b"data":
            if size >= 0:
                return Repaired(data, truncated=size > there)
            return Repaired(data[: at + 4] + there.to_bytes(8, "big") + data[at + 12 :])
        if size < 0:
            break
        at += 12 + size
    return Repaired(data)


def _w64(data: bytes) -> Repaired:
    at = 40
    while at + 24 <= len(data):
        size = int.from_bytes(data[at + _GUID : at + 24], "little")
        if data[at : at + 4] == b"data":
            if 24 < size <= len(data) - at:
                return Repaired(data)
            made = bytearray(data)
            made[_GUID:24] = _eight(len(data))
            made[at + _GUID : at + 24] = _eight(len(data) - at)
            return Repaired(bytes(made), truncated=24 < size < 2**62)
        if size < 24:
            break
        at += size + -size % 8
    return Repaired(data)


def _eight(value: int) -> bytes:
    return value.to_bytes(8, "little")
