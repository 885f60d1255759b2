"""The drum kit of General MIDI: its keys, what they are called, and where they are written.

A percussion staff has the bass drum in its lowest space and cymbals above; shut instruments have
round heads, cymbals crosses (Weinberg 1998, "Guide to Standardized Drumset Notation").
"""

from typing import NamedTuple

FIRST, LAST = 35, 81  # keys that General MIDI names


class KitPiece(NamedTuple):
    """key: of General MIDI. step, octave: where its note is written. cross: its head. foot: played
    by a pedal, so that its stem points down."""

    key: int
    name: str
    step: str
    octave: int
    cross: bool = False
    foot: bool = False


PIECES = (
    KitPiece(36, "Bass drum", "F", 4, foot=True),
    KitPiece(35, "Acoustic bass drum", "E", 4, foot=True),
    KitPiece(38, "Snare", "C", 5),
    KitPiece(40, "Electric snare", "C", 5),
    KitPiece(37, "Side stick", "C", 5, cross=True),
    KitPiece(39, "Hand clap", "B", 4, cross=True),
    KitPiece(42, "Closed hi-hat", "G", 5, cross=True),
    KitPiece(46, "Open hi-hat", "G", 5, cross=True),
    KitPiece(44, "Pedal hi-hat", "D", 4, cross=True, foot=True),
    KitPiece(41, "Low floor tom", "G", 4),
    KitPiece(43, "High floor tom", "A", 4),
    KitPiece(45, "Low tom", "B", 4),
    KitPiece(47, "Low-mid tom", "D", 5),
    KitPiece(48, "High-mid tom", "D", 5),
    KitPiece(50, "High tom", "E", 5),
    KitPiece(49, "Crash cymbal", "A", 5, cross=True),
    KitPiece(57, "Crash cymbal 2", "A", 5, cross=True),
    KitPiece(51, "Ride cymbal", "F", 5, cross=True),
    KitPiece(59, "Ride cymbal 2", "F", 5, cross=True),
    KitPiece(53, "Ride bell", "F", 5, cross=True),
    KitPiece(54, "Tambourine", "B", 5, cross=True),
    KitPiece(56, "Cowbell", "E", 5, cross=True),
)  # the first of a place and head is what a note there means
_BY_KEY = {piece.key: piece for piece in PIECES}
_BY_PLACE = {(p.step, p.octave, p.cross): p.key for p in reversed(PIECES)}
_WORDS = (
    *(("side stick", 37), ("rim", 37), ("snare", 38), ("clap", 39), ("open", 46), ("pedal", 44)),
    *(("hi-hat", 42), ("hihat", 42), ("hi hat", 42), ("charl", 42), ("crash", 49), ("ride", 51)),
    *(("cymbal", 49), ("floor", 43), ("low tom", 45), ("high tom", 50), ("tom", 47)),
    *(("tambourin", 54), ("cowbell", 56), ("bass drum", 36), ("kick", 36)),
)  # in names of instruments, the more special ones first


def piece_of(key: int) -> KitPiece:
    """A key that no place is known for stands in the middle of the staff."""
    return _BY_KEY.get(key, KitPiece(key, f"Percussion {key}", "B", 4))


def key_of_name(name: str) -> int | None:
    """What an instrument is by its name; None of one that says nothing."""
    low = name.casefold()
    return next((key for word, key in _WORDS if word in low), None)


def key_at(step: str, octave: int, *, cross: bool) -> int | None:
    """What a note at a place of the percussion staff means."""
    found = _BY_PLACE.get((step, octave, cross))
    return found if found is not None else _BY_PLACE.get((step, octave, not cross))
