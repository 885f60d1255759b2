"""The bytes of a Standard MIDI File ↔ events with absolute times, in the file's own ticks.

Other chunks are passed over, a last track without its end is no harm; a file that breaks off
inside a track, or a byte that cannot be an event, is.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

META, SYSEX, SYSEX_END = 0xFF, 0xF0, 0xF7
TRACK_NAME, END_OF_TRACK, SET_TEMPO, TIME_SIGNATURE, KEY_SIGNATURE = 0x03, 0x2F, 0x51, 0x58, 0x59
NOTE_OFF, NOTE_ON, PROGRAM = 0x80, 0x90, 0xC0
_ONE_BYTE = (0xC0, 0xD0)  # programme and channel pressure have one data byte
MOST_EVENTS = 2_000_000


class Broken(ValueError):
    """No MIDI file, or one that is damaged."""


class Event(NamedTuple):
    """kind: a status without its channel, or META + its own type as `first` and its bytes."""

    tick: int
    kind: int
    channel: int
    first: int
    second: int
    data: bytes = b""


def read_tracks(data: bytes) -> tuple[int, list[list[Event]]]:
    """(the header's division, the events of each track). Raises Broken."""
    if data[:4] == b"RIFF" and (at := data.find(b"MThd")) > 0:
        data = data[at:]
    if data[:4] != b"MThd" or len(data) < 14:
        raise Broken
    size, _, _, division = struct.unpack(">IHHH", data[4:14])
    tracks: list[list[Event]] = []
    at = 8 + size
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        if name == b"MTrk":
            if at + 8 + length > len(data):
                raise Broken
            tracks.append(list(_events(data[at + 8 : at + 8 + length])))
            if sum(map(len, tracks)) > MOST_EVENTS:
                raise Broken
        elif not tracks and not name.isascii():
            raise Broken
        at += 8 + length
    if not tracks:
        raise Broken
    return division, tracks


def _events(data: bytes) -> Iterator[Event]:
    """Those of one track, without system exclusive ones."""
    at = tick = running = 0
    try:
        while at < len(data):
            if data[at] < 0x80:
                tick, at = tick + data[at], at + 1
            else:
                delta, at = _number(data, at)
                tick += delta
            status = running
            if data[at] >= 0x80:
                status, at = data[at], at + 1
            if status == META:
                kind = data[at]
                length, at = _number(data, at + 1)
                yield Event(tick, META, 0, kind, 0, data[at : at + length])
                at += length
                if kind == END_OF_TRACK:
                    return
            elif status in (SYSEX, SYSEX_END):
                length, at = _number(data, at)
                at += length
            elif 0x80 <= status < SYSEX:
                running = status
                kind, one = status & 0xF0, status & 0xF0 in _ONE_BYTE
                second = 0 if one else data[at + 1]
                yield Event(tick, kind, status & 0x0F, data[at] & 0x7F, second & 0x7F)
                at += 1 if one else 2
            else:
                raise Broken
    except IndexError as error:
        raise Broken from error


def _number(data: bytes, at: int) -> tuple[int, int]:
    """(a number of variable length, where the next byte is)."""
    value = 0
    for count in range(4):
        byte = data[at + count]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + count + 1
    raise Broken


def write_tracks(division: int, tracks: Iterable[Iterable[Event]]) -> bytes:
    """The bytes of a file of format 1; the events of each track in order of time."""
    chunks = [_chunk(list(track)) for track in tracks]
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(chunks), division) + b"".join(chunks)


def _chunk(events: list[Event]) -> bytes:
    body, tick = bytearray(), 0
    last = events[-1].tick if events else 0
    for event in [*events, Event(last, META, 0, END_OF_TRACK, 0)]:
        body += _variable(event.tick - tick)
        tick = event.tick
        if event.kind == META:
            body += bytes([META, event.first]) + _variable(len(event.data)) + event.data
        elif event.kind in _ONE_BYTE:
            body += bytes([event.kind | event.channel, event.first])
        else:
            body += bytes([event.kind | event.channel, event.first, event.second])
    return b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _variable(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))
