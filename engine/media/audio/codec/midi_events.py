"""The bytes of a Standard MIDI File ↔ events with absolute times, in the file's own ticks.

What stands before the header (a RIFF or MacBinary wrapper, a few stray bytes), other chunks,
messages that belong to a cable and not into a file, and lengths that lie do no harm. Of a track
that breaks off, what is there is read.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple

META, SYSEX, SYSEX_END = 0xFF, 0xF0, 0xF7
TEXT, TRACK_NAME, INSTRUMENT_NAME, PORT = 0x01, 0x03, 0x04, 0x21
END_OF_TRACK, SET_TEMPO, TIME_SIGNATURE, KEY_SIGNATURE = 0x2F, 0x51, 0x58, 0x59
NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
MOST_EVENTS = 2_000_000
CHORD = b"chord: "  # how a text that is a chord symbol begins
_ONE_BYTE = (0xC0, 0xD0)  # programme and channel pressure have one data byte
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # data of the other system messages: 0
_HEADER = b"MThd\x00\x00\x00\x06"
_WRAPPER_BYTES = 1024  # within which a header is looked for


class Broken(ValueError):
    """No MIDI file, or one of which nothing can be read."""


class Event(NamedTuple):
    """kind: a status without its channel, or META + its own type as `first` and its bytes."""

    tick: int
    kind: int
    channel: int
    first: int
    second: int
    data: bytes = b""


class MidiFile(NamedTuple):
    """form: 0 one track, 1 tracks that sound together, 2 tracks that are pieces of their own.
    division: ticks of a quarter note, or what the header says instead. whole: nothing lacks."""

    form: int
    division: int
    tracks: list[list[Event]]
    whole: bool


def is_midi(data: bytes) -> bool:
    return _start(data) >= 0


def _start(data: bytes) -> int:
    """Where the header is; -1 where there is none."""
    return 0 if data[:4] == b"MThd" else data[:_WRAPPER_BYTES].find(_HEADER)


def read_tracks(data: bytes) -> MidiFile:
    """Raises Broken."""
    data = data[max(0, _start(data)) :]
    if data[:4] != b"MThd" or len(data) < 14:
        raise Broken
    size, form, _, division = struct.unpack(">IHHH", data[4:14])
    tracks: list[list[Event]] = []
    whole, count = True, 0
    at = 8 + size if data[8 + size : 12 + size] == b"MTrk" else data.find(b"MTrk")
    while 0 <= at <= len(data) - 8:
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        stop = at + 8 + length
        if data[at : at + 4] == b"MTrk":
            events, end, complete = _events(data, at + 8, min(stop, len(data)))
            tracks.append(events)
            count += len(events)
            whole &= complete and stop <= len(data)
            stop = stop if complete and stop <= len(data) else end
        if count > MOST_EVENTS:
            raise Broken
        at = stop if data[stop : stop + 4].isalpha() else data.find(b"MTrk", min(stop, len(data)))
    if not tracks:
        raise Broken
    return MidiFile(form, division, tracks, whole)


def _events(data: bytes, at: int, stop: int) -> tuple[list[Event], int, bool]:
    """(those of one track, without system exclusive ones; where they end; whether they do so
    between two events)."""
    found: list[Event] = []
    tick = running = 0
    track = data[:stop]
    try:
        while at < stop:
            delta, at = _number(track, at)
            tick += delta
            status = running
            if track[at] >= 0x80:
                status, at = track[at], at + 1
            if status == META:
                kind = track[at]
                length, at = _number(track, at + 1)
                found.append(Event(tick, META, 0, kind, 0, track[at : at + length]))
                at += length
                if kind == END_OF_TRACK:
                    return found, at, True
            elif status in (SYSEX, SYSEX_END):
                length, at = _number(track, at)
                at += length
            elif status > SYSEX:
                at += _SYSTEM_BYTES.get(status, 0)
            elif status >= 0x80:
                running = status
                kind, one = status & 0xF0, status & 0xF0 in _ONE_BYTE
                second = 0 if one else track[at + 1]
                found.append(Event(tick, kind, status & 0x0F, track[at] & 0x7F, second & 0x7F))
                at += 1 if one else 2
            else:  # a data byte where no status was
                return found, at, False
    except IndexError:
        return found, at, False
    return found, at, at <= stop


def _number(data: bytes, at: int) -> tuple[int, int]:
    """(a number of variable length, where the next byte is). Raises IndexError."""
    value = 0
    for count in range(4):
        byte = data[at + count]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + count + 1
    raise IndexError


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
