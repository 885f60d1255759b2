"""Signs before notes, so that engraved parts can be read.

A sign is written where a note differs from the signature and from what stood before it on its line
in the bar; a note that a tie goes on into needs none. Programs that draw MusicXML as it is written
draw no sign where it says none.
"""

from collections.abc import Iterable

from lxml import etree

from engine.media.audio.codec.score import Key, altered

_WORDS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}


def write_accidentals(notes: Iterable[tuple[int, etree._Element]], key: Key | None) -> None:
    """(ticks from the bar's beginning, note) of all voices of a bar."""
    fifths = key.fifths if key is not None else 0
    stood: dict[tuple[str, str], int] = {}
    pitched = (each for each in notes if each[1].find("pitch") is not None)
    for _, note in sorted(pitched, key=lambda each: each[0]):
        step, octave = (note.findtext(f"pitch/{name}") or "" for name in ("step", "octave"))
        alter = int(note.findtext("pitch/alter") or 0)
        goes_on = any(tie.get("type") == "stop" for tie in note.findall("tie"))
        if alter == stood.get((step, octave), altered(step, fifths)) or goes_on:
            continue
        stood[step, octave] = alter
        _put(note, _WORDS[alter])


def _put(note: etree._Element, word: str) -> None:
    """Behind the note's value and its dots, where the format wants it."""
    places = [*note.findall("voice"), *note.findall("type"), *note.findall("dot")]
    sign = etree.Element("accidental")
    sign.text = word
    places[-1].addnext(sign)
