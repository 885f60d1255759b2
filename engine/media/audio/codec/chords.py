"""Chord symbols of a lead sheet: what they are called, and which pitches they have.

A chord is written as musicians write it (Am7, F#dim, C/E); MusicXML calls its kinds by words.
"""

import re
from dataclasses import dataclass, replace

KINDS: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "dim": (0, 3, 6),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "aug": (0, 4, 8),
    "sus4": (0, 5, 7),
    "sus2": (0, 2, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "5": (0, 7),
}  # semitones above the root
IN_XML = {
    "": "major",
    "m": "minor",
    "7": "dominant",
    "m7": "minor-seventh",
    "maj7": "major-seventh",
    "dim": "diminished",
    "m7b5": "half-diminished",
    "dim7": "diminished-seventh",
    "aug": "augmented",
    "sus4": "suspended-fourth",
    "sus2": "suspended-second",
    "6": "major-sixth",
    "m6": "minor-sixth",
    "5": "power",
}
FROM_XML = {word: kind for kind, word in IN_XML.items()} | {
    "dominant-ninth": "7",
    "dominant-11th": "7",
    "dominant-13th": "7",
    "major-ninth": "maj7",
    "minor-ninth": "m7",
    "minor-11th": "m7",
    "minor-13th": "m7",
    "major-minor": "m",
    "augmented-seventh": "aug",
}  # what has more tones is read as the nearest of KINDS
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "b": -1}
_SHARP = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_ALSO = {"min": "m", "-": "m", "maj": "", "M": "", "M7": "maj7", "min7": "m7", "o": "dim"}
_SYMBOL = re.compile(
    r"([A-G])([#b]?)(m7b5|maj7|min7|dim7|maj|min|dim|aug|sus[24]|m[67]|M7|[mMo5-7-]?)"
    r"(?:/([A-G])([#b]?))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Chord:
    """From `tick` on. root, bass: pitch classes; kind: one of KINDS; bass -1: the root."""

    tick: int
    root: int
    kind: str = ""
    bass: int = -1

    @property
    def classes(self) -> tuple[int, ...]:
        """The pitch classes, the root first."""
        return tuple((self.root + step) % 12 for step in KINDS[self.kind])

    @property
    def lowest(self) -> int:
        """The pitch class that the bass has."""
        return self.bass if self.bass >= 0 else self.root

    def transposed(self, semitones: int) -> "Chord":
        bass = (self.bass + semitones) % 12 if self.bass >= 0 else -1
        return replace(self, root=(self.root + semitones) % 12, bass=bass)

    def symbol(self, fifths: int = 0) -> str:
        """As it is written in a key of so many sharps, flats where they are negative."""
        over = f"/{name_of(self.bass, fifths)}" if self.bass >= 0 else ""
        return name_of(self.root, fifths) + self.kind + over


def name_of(pitch_class: int, fifths: int = 0) -> str:
    return (_FLAT if fifths < 0 or (fifths == 0 and pitch_class == 10) else _SHARP)[pitch_class]


def parsed(text: str, tick: int) -> Chord | None:
    """The chord of a symbol; None of what is none that is known."""
    found = _SYMBOL.fullmatch(text.strip())
    if found is None:
        return None
    letter, sign, kind, low, low_sign = found.groups()
    bass = (LETTERS[low] + _SIGNS[low_sign]) % 12 if low else -1
    root = (LETTERS[letter] + _SIGNS[sign]) % 12
    return Chord(tick, root, _ALSO.get(kind, kind), -1 if bass == root else bass)


def from_xml(root: int, word: str, bass: int, tick: int) -> Chord | None:
    """None of a kind that MusicXML does not have, and of "none"."""
    kind = FROM_XML.get(word.strip())
    return Chord(tick, root % 12, kind, bass if bass != root else -1) if kind is not None else None
