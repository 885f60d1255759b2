"""MPEG audio (MP3 and its older layers): where its frames are, and a stream without anything else.

libsndfile begins at the first byte, estimates a length from the first frame and believes it. So a
file that begins with other bytes or inside a frame is refused there, and one of variable bit rate
that says nothing of its length is cut off. Here every frame is found, and a stream that lacks it
gets a header frame that says how many there are (ISO/IEC 11172-3, 2.4.1; the Xing header).
"""

import re
from bisect import bisect_left
from typing import NamedTuple

_RATES = (44_100, 48_000, 32_000)  # of MPEG 1; half and a quarter of it in MPEG 2 and 2.5
_KBITS = {  # by (MPEG 1, layer)
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_KBITS[False, 3] = _KBITS[False, 2]
_SYNC = re.compile(rb"\xff[\xe2-\xff]")
_CHAIN = 3  # frames in a row that prove a stream
_SEARCHED_BYTES = 2**20  # for the first frame
_SKIPPED_BYTES = 64  # before the first frame that nobody needs to be told of
_ID3_BYTES = 10


class Header(NamedTuple):
    """kind: what all frames of a stream share (version, layer, rate). length in bytes."""

    kind: tuple[int, int, int]
    length: int
    kbits: int
    mono: bool


class Frames(NamedTuple):
    """starts, lengths in bytes, of the frames in order; broken: the last one lacks its end; stray:
    there are other bytes before or between them."""

    starts: list[int]
    lengths: list[int]
    varies: bool
    broken: bool
    stray: bool


def header_at(data: bytes, at: int) -> Header | None:
    """The frame header there, if there is one."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = data[at + 1] >> 3 & 3, 4 - (data[at + 1] >> 1 & 3)
    bits, rate = data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or layer == 4 or bits in (0, 15) or rate == 3 or data[at + 3] & 3 == 2:
        return None
    kbits = _KBITS[version == 3, layer][bits - 1]
    hertz = _RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    padding = data[at + 2] >> 1 & 1
    slots = 72_000 if layer == 3 and version != 3 else 144_000
    length = (12_000 * kbits // hertz + padding) * 4 if layer == 1 else 0
    length = length or slots * kbits // hertz + padding
    return Header((version, layer, hertz), length, kbits, data[at + 3] >> 6 == 3)


def begins_as_frame(data: bytes) -> bool:
    """Whether the first bytes are a header, and not the mark of UTF-16."""
    return data[:2] != b"\xff\xfe" and header_at(data, 0) is not None


def after_id3(data: bytes) -> int:
    """Where the ID3 tags at the beginning end; 0 where there are none."""
    at = 0
    while data[at : at + 3] == b"ID3" and at + _ID3_BYTES <= len(data):
        size = 0
        for byte in data[at + 6 : at + _ID3_BYTES]:
            size = size << 7 | byte & 0x7F
        footer = _ID3_BYTES if data[at + 5] & 0x10 else 0
        at += _ID3_BYTES + size + footer
    return at


def first_frame(data: bytes) -> int:
    """Where a stream begins: _CHAIN frames of one kind, or as many as a short file has; -1 where
    there is none."""
    begin = after_id3(data)
    for found in _SYNC.finditer(data, begin, begin + _SEARCHED_BYTES):
        if _proves_stream(data, found.start(), tagged=0 < begin == found.start()):
            return found.start()
    return -1


def _proves_stream(data: bytes, at: int, *, tagged: bool) -> bool:
    first = header_at(data, at)
    header, count = first, 0
    while first is not None and header is not None and header.kind == first.kind:
        count, at = count + 1, at + header.length
        if count == _CHAIN:
            return True
        header = header_at(data, at)
    return at >= len(data) and count >= (1 if tagged else 2)


def frames_of(data: bytes) -> Frames | None:
    """Every frame of the stream; None where there is none."""
    at = first_frame(data)
    if at < 0:
        return None
    first = header_at(data, at)
    assert first is not None
    starts, lengths = list[int](), list[int]()
    stray, varies, broken = at > after_id3(data) + _SKIPPED_BYTES, False, False
    while at < len(data):
        header = header_at(data, at)
        if header is None or header.kind != first.kind:
            at = _next(data, at, first)
            if at < 0:
                break
            stray = True
            continue
        if at + header.length > len(data):
            broken = True
            break
        starts.append(at)
        lengths.append(header.length)
        varies |= header.kbits != first.kbits
        at += header.length
    return Frames(starts, lengths, varies, broken, stray)


def _next(data: bytes, at: int, first: Header) -> int:
    """Where two frames of the stream follow each other again; -1 at its end."""
    for found in _SYNC.finditer(data, at + 1):
        header = header_at(data, found.start())
        if header is not None and header.kind == first.kind:
            after = header_at(data, found.start() + header.length)
            if after is not None and after.kind == first.kind:
                return found.start()
    return -1


def said_frames(data: bytes, at: int) -> int | None:
    """How many frames the header frame at a place says that follow; None where it is none."""
    header = header_at(data, at)
    if header is None:
        return None
    inside = data[at : at + header.length]
    for tag in (b"Xing", b"Info"):
        place = inside.find(tag, 4, 64)
        if place > 0:
            flags = int.from_bytes(inside[place + 4 : place + 8], "big")
            return int.from_bytes(inside[place + 8 : place + 12], "big") if flags & 1 else 0
    place = inside.find(b"VBRI", 4, 64)
    return int.from_bytes(inside[place + 14 : place + 18], "big") if place > 0 else None


def rewritten(data: bytes, frames: Frames) -> bytes:
    """The frames by themselves, after one that says how many they are."""
    pieces = [data[a : a + n] for a, n in zip(frames.starts, frames.lengths, strict=True)]
    header = header_at(pieces[0], 0)
    if header is None or header.kind[1] != 3:  # only the third layer has such a frame
        return b"".join(pieces)
    version, _, hertz = header.kind
    kbits = _KBITS[version == 3, 3]
    slots = 144_000 if version == 3 else 72_000
    bits = bisect_left([slots * each // hertz for each in kbits], 80) + 1
    head = bytes([0xFF, pieces[0][1] | 1, bits << 4 | pieces[0][2] & 0x0C, pieces[0][3]])
    made = header_at(head, 0)
    assert made is not None
    side = (17 if made.mono else 32) if version == 3 else (9 if made.mono else 17)
    told = b"Xing" + (1).to_bytes(4, "big") + len(pieces).to_bytes(4, "big")
    return (head + bytes(side) + told).ljust(made.length, b"\0") + b"".join(pieces)
