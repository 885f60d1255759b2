"""A score as it is written, from the MusicXML that the engine exports.

The engine has settled values, beams, ties, voices, spelling and the signs before notes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import mean

from lxml import etree

STEPS = "CDEFGAB"
_SHARPS, _FLATS = "FCGDAEB", "BEADGCF"
_SIGNS = {"flat-flat": -2, "flat": -1, "natural": 0, "sharp": 1, "double-sharp": 2}
_ALTERS = {-2: "♭♭", -1: "♭", 0: "", 1: "♯", 2: "♯♯"}


@dataclass(frozen=True, slots=True)
class Head:
    """One note of a chord. step: degrees above C0; sign: the alteration that is written before it,
    None for none."""

    step: int
    sign: int | None = None
    tied: bool = False  # to a later one
    from_tie: bool = False
    cross: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A chord, or a rest without heads. onset, ticks: from the bar's beginning; value: its name in
    MusicXML, "" for a rest of a whole bar; beams: of each level, as MusicXML says them."""

    onset: int
    ticks: int
    value: str
    dots: int = 0
    triplet: bool = False
    heads: tuple[Head, ...] = ()
    beams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """voices: each in order of time, the highest first. fifths, metre: where they change."""

    ticks: int
    voices: tuple[tuple[Event, ...], ...]
    fifths: int | None = None
    metre: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """clef: G, F or percussion."""

    name: str
    clef: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class WrittenScore:
    """symbols: (bar, ticks, chord symbol). upbeat: ticks of the first bar in which nothing is
    written, as the music begins with an upbeat."""

    staves: tuple[Staff, ...]
    divisions: int
    tempo: float = 0.0
    symbols: tuple[tuple[int, int, str], ...] = ()
    upbeat: int = 0

    @property
    def bars(self) -> int:
        return len(self.staves[0].bars) if self.staves else 0


def read_written(data: bytes) -> WrittenScore:
    """Raises `lxml.etree.XMLSyntaxError` or ValueError for bytes that the engine did not write."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(data, parser)
    names = {p.get("id"): p.findtext("part-name") or "" for p in root.iter("score-part")}
    parts = root.findall("part")
    if not parts:
        raise ValueError("no part is written")
    divisions = int(parts[0].findtext(".//divisions") or 480)
    staves = tuple(_staff(part, names.get(part.get("id"), "")) for part in parts)
    tempo = float(root.findtext(".//per-minute") or 0)
    upbeat = _upbeat(staves)
    if upbeat:
        staves = tuple(_begun(staff, upbeat) for staff in staves)
    return WrittenScore(staves, divisions, tempo, tuple(_symbols(parts[0])), upbeat)


def _symbols(part: etree._Element) -> Iterator[tuple[int, int, str]]:
    for place, measure in enumerate(part.findall("measure")):
        for harmony in measure.findall("harmony"):
            at = int(harmony.findtext("offset") or 0)
            kind = harmony.find("kind")
            words = _name(harmony, "root") + (kind.get("text") or "" if kind is not None else "")
            bass = _name(harmony, "bass")
            yield place, at, f"{words}/{bass}" if bass else words


def _name(harmony: etree._Element, what: str) -> str:
    step = harmony.findtext(f"{what}/{what}-step") or ""
    return step + _ALTERS.get(int(harmony.findtext(f"{what}/{what}-alter") or 0), "")


def _staff(part: etree._Element, name: str) -> Staff:
    bars, length = [], 0
    for measure in part.findall("measure"):
        key = measure.findtext("attributes/key/fifths")
        beats = measure.findtext("attributes/time/beats")
        metre = None
        if beats:
            metre = int(beats), int(measure.findtext("attributes/time/beat-type") or 4)
        voices = _voices(measure)
        length = max((e.onset + e.ticks for voice in voices for e in voice), default=length)
        bars.append(Bar(length, voices, int(key) if key else None, metre))
    sign = part.findtext(".//clef/sign") or "G"
    return Staff(name, sign, tuple(bars))


@dataclass(slots=True)
class _Voice:
    at: int = 0
    events: list[Event] = field(default_factory=list)


def _voices(measure: etree._Element) -> tuple[tuple[Event, ...], ...]:
    """Of a measure, from the highest down; heads of a chord from the lowest up."""
    voices: dict[str, _Voice] = {}
    for note in measure.findall("note"):
        voice = voices.setdefault(note.findtext("voice") or "1", _Voice())
        head, event = _head(note), _event(note, voice.at)
        if note.find("chord") is not None and voice.events:
            last = voice.events[-1]
            heads = sorted((*last.heads, *head), key=lambda each: each.step)
            voice.events[-1] = replace(last, heads=tuple(heads))
            continue
        voice.events.append(replace(event, heads=head))
        voice.at += event.ticks
    found = [tuple(voice.events) for voice in voices.values()]
    return tuple(sorted(found, key=_height, reverse=True))


def _height(voice: Sequence[Event]) -> float:
    """The mean degree of its heads; below all others where it has none."""
    return mean([head.step for event in voice for head in event.heads] or [-1])


def _event(note: etree._Element, at: int) -> Event:
    beams = tuple(beam.text or "" for beam in note.findall("beam"))
    triplet = note.find("time-modification") is not None
    ticks, value = int(note.findtext("duration") or 0), note.findtext("type") or ""
    return Event(at, ticks, value, len(note.findall("dot")), triplet, (), beams)


def _head(note: etree._Element) -> tuple[Head, ...]:
    place = note.find("pitch")
    kind = "" if place is not None else "display-"
    place = place if place is not None else note.find("unpitched")
    if place is None:
        return ()
    step = STEPS.index(place.findtext(f"{kind}step") or "C")
    octave = int(place.findtext(f"{kind}octave") or 4)
    ties = {tie.get("type") for tie in note.findall("tie")}
    sign = _SIGNS.get(note.findtext("accidental") or "")
    cross = note.findtext("notehead") == "x"
    return (Head(7 * octave + step, sign, "start" in ties, "stop" in ties, cross),)


def signature(fifths: int) -> dict[int, int]:
    """Of each step of the scale (0 for C) its alteration."""
    letters = _SHARPS[:fifths] if fifths > 0 else _FLATS[:-fifths]
    return {STEPS.index(letter): 1 if fifths > 0 else -1 for letter in letters}


def _upbeat(staves: tuple[Staff, ...]) -> int:
    """Ticks before the first note; 0 where less than half of the first bar is empty, or all."""
    first = [staff.bars[0] for staff in staves]
    onsets = [e.onset for bar in first for voice in bar.voices for e in voice if e.heads]
    begins = min(onsets, default=0)
    return begins if 2 * begins >= first[0].ticks else 0


def _begun(staff: Staff, upbeat: int) -> Staff:
    """With a first bar from its upbeat on."""
    bar = staff.bars[0]
    voices = tuple(
        tuple(replace(e, onset=e.onset - upbeat) for e in voice if e.onset >= upbeat)
        for voice in bar.voices
    )
    voices = tuple(voice for voice in voices if voice) or ((Event(0, bar.ticks - upbeat, ""),),)
    begun = replace(bar, ticks=bar.ticks - upbeat, voices=voices)
    return replace(staff, bars=(begun, *staff.bars[1:]))
