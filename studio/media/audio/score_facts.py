"""What the notes of a work say of it beside the notes: its key, its tempo, its metre.

Read from the Standard MIDI File that its sidecar holds, as far as the first note: that is where
the engine writes them. What is no such file says nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_META, _SYSEX = 0xFF, (0xF0, 0xF7)
_TEMPO, _METRE, _KEY = 0x51, 0x58, 0x59
_NOTE_ON, _ONE_BYTE = 0x90, (0xC0, 0xD0)
_TRACK_AT = 14  # behind the header
# By sharps (+) or flats (-): the tonic of the major key; of the minor key it is three fifths up.
_FIFTHS = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINOR = ("Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#")


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """tempo: quarter notes a minute, 0 where it is not said; key: "G", "Bb", with its mode "major"
    or "minor"; metre: "6/8"."""

    tempo: int = 0
    key: str = ""
    mode: str = ""
    metre: str = ""


def facts_of(midi: bytes) -> ScoreFacts:
    found: dict[int, bytes] = {}
    try:
        for kind, data in _meta(midi):
            found.setdefault(kind, data)
    except IndexError:  # it breaks off
        pass
    tempo = int.from_bytes(found.get(_TEMPO, b""), "big")
    metre, key = found.get(_METRE, b""), found.get(_KEY, b"")
    fifths = int.from_bytes(key[:1], "big", signed=True) + 7 if len(key) == 2 else -1
    known = 0 <= fifths < len(_FIFTHS)
    minor = known and key[1] == 1
    return ScoreFacts(
        tempo=round(60_000_000 / tempo) if tempo else 0,
        key=(_MINOR if minor else _FIFTHS)[fifths] if known else "",
        mode="" if not known else "minor" if minor else "major",
        metre=f"{metre[0]}/{1 << metre[1]}" if len(metre) >= 2 and metre[1] < 8 else "",
    )


def _meta(midi: bytes) -> Iterator[tuple[int, bytes]]:
    """The events of the first track that are no sounds, up to the first note. Raises IndexError
    where the bytes end too soon."""
    if midi[:4] != b"MThd" or midi[_TRACK_AT : _TRACK_AT + 4] != b"MTrk":
        return
    at, status = _TRACK_AT + 8, 0
    while True:
        _, at = _number(midi, at)  # the time since the event before
        if midi[at] & 0x80:
            status, at = midi[at], at + 1
        if status == _META:
            kind = midi[at]
            length, at = _number(midi, at + 1)
            yield kind, midi[at : at + length]
            at += length
        elif status in _SYSEX:
            length, at = _number(midi, at)
            at += length
        elif status & 0xF0 == _NOTE_ON:
            return
        else:
            at += 1 if status & 0xF0 in _ONE_BYTE else 2


def _number(midi: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = 0
    while True:
        byte, at = midi[at], at + 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at
