"""Elements of MusicXML that all its writers need."""

from lxml import etree

from engine.media.audio.codec.musicxml_spelling import TYPES, values


def put(parent: etree._Element, tag: str, text: object = None, **attributes: str) -> etree._Element:
    """A new last child."""
    element = etree.SubElement(parent, tag, attributes)
    if text is not None:
        element.text = "".join(c for c in str(text) if c.isprintable())
    return element


def write_type(note: etree._Element, ticks: int) -> None:
    """The shape of a note, where one note can have that length."""
    if ticks not in TYPES:
        return
    name, dots, triplet = TYPES[ticks]
    put(note, "type", name)
    for _ in range(dots):
        put(note, "dot")
    if triplet:
        change = put(note, "time-modification")
        put(change, "actual-notes", 3)
        put(change, "normal-notes", 2)


def write_rests(measure: etree._Element, ticks: int, voice: int) -> None:
    """Of a voice, together so long; the short ones come first and bring a rest to the beat."""
    for each in reversed(values(ticks)):
        note = put(measure, "note")
        put(note, "rest")
        put(note, "duration", each)
        put(note, "voice", voice)
        write_type(note, each)
