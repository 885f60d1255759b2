"""MusicXML → scores: partwise and timewise, plain or packed (.mxl).

A part of several staves becomes one part a staff. Left out: grace and cue notes, percussion,
ornaments. Repeats and endings are played; da capo and dal segno are not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.core.archive import Archive
from engine.core.errors import BadInput
from engine.media.audio.codec.bars import Bar, Written, score_of_bars
from engine.media.audio.codec.score import (
    MAX_PARTS,
    TICKS,
    VELOCITY,
    Key,
    Metre,
    Part,
    Score,
    Tempo,
    is_metre,
)

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MOST_REPEATS = 8
_CONTAINER = "META-INF/container.xml"


def read_packed(data: bytes, name: str) -> Score:
    """An .mxl. Raises BadInput as `read_xml` does, and "swollen_notes"."""
    try:
        archive = Archive(data, name)
        return _read(archive.xml(_root_path(archive)), name)
    except BadInput as error:
        if error.code == "swollen_text":
            limit = error.details["limit_mb"]
            raise BadInput("swollen_notes", name=name, limit_mb=limit) from error
        if error.code in ("damaged_text", "locked_text"):
            raise BadInput("damaged_notes", name=name) from error
        raise


def _root_path(archive: Archive) -> str:
    if _CONTAINER in archive.names:
        for file in archive.xml(_CONTAINER).iter("{*}rootfile"):
            path = file.get("full-path", "")
            if path in archive.names:
                return path
    scores = [n for n in archive.names if n.endswith((".xml", ".musicxml")) and "META-INF" not in n]
    return min(scores, default="")


def read_xml(data: bytes, name: str) -> Score:
    """Raises BadInput: "not_notes", "damaged_notes"."""
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadInput("damaged_notes", name=name) from error
    return _read(root, name)


def _parser() -> etree.XMLParser:
    """Expands no entity, fetches nothing."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _read(root: etree._Element, name: str) -> Score:
    tag = etree.QName(root).localname
    if tag not in ("score-partwise", "score-timewise"):
        raise BadInput("damaged_notes", name=name)
    if root.tag != tag:  # some programs name a namespace
        for element in root.iter("{*}*"):
            element.tag = etree.QName(element).localname
    try:
        bars, parts = _bars(root)
        return score_of_bars(bars, parts, _title(root))
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise BadInput("damaged_notes", name=name) from error


def _title(root: etree._Element) -> str:
    found = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    return " ".join(found.split())[:200]


def _bars(root: etree._Element) -> tuple[list[Bar], list[Part]]:
    """The written bars of all parts together. The first part says where repeats are."""
    bars: list[Bar] = []
    parts: list[Part] = []
    names = {part.get("id"): part for part in root.iterfind("part-list/score-part")}
    for number, (identity, measures) in enumerate(_measures(root)):
        about = names.get(identity)
        reader = _PartReader(about, len(parts), bars, leads=number == 0)
        reader.read(measures)
        if len(parts) + len(reader.staves) > MAX_PARTS:
            break
        parts += [reader.about] * len(reader.staves)
    return bars, parts


def _measures(root: etree._Element) -> Iterator[tuple[str | None, list[etree._Element]]]:
    if root.tag == "score-partwise":
        for part in root.iterfind("part"):
            yield part.get("id"), part.findall("measure")
        return
    ids = dict.fromkeys(part.get("id") for part in root.iterfind("measure/part"))
    for identity in ids:
        found = (m.find(f"part[@id='{identity}']") for m in root.iterfind("measure"))
        yield identity, [part for part in found if part is not None]


@dataclass(slots=True)
class _State:
    """What holds as a part is read on; `at` and `last` in divisions from the bar's beginning."""

    divisions: float = 1.0
    metre: Metre = field(default_factory=lambda: Metre(0, 4, 4))
    transpose: int = 0
    velocity: int = VELOCITY
    at: float = 0.0
    last: float = 0.0
    end: float = 0.0
    endings: tuple[int, ...] = ()


class _PartReader:
    """Reads one part into the bars that the parts share."""

    def __init__(
        self, about: etree._Element | None, first: int, bars: list[Bar], *, leads: bool
    ) -> None:
        self.staves: dict[str, int] = {}  # staff: part
        self._first, self._bars, self._leads = first, bars, leads
        self._state = _State()
        self._drums = {
            i.get("id")
            for i in (about.iterfind("midi-instrument") if about is not None else ())
            if i.findtext("midi-channel") == "10" or i.find("midi-unpitched") is not None
        }
        name = (about.findtext("part-name") or "") if about is not None else ""
        program = about.findtext("midi-instrument/midi-program") if about is not None else None
        number = int(program) - 1 if program and program.strip().isdigit() else 0
        self.about = Part(" ".join(name.split())[:200], min(127, max(0, number)))

    def read(self, measures: list[etree._Element]) -> None:
        for index, measure in enumerate(measures):
            if index == len(self._bars):
                self._bars.append(Bar(self._state.metre))
            self._read_measure(measure, self._bars[index])

    def _read_measure(self, measure: etree._Element, bar: Bar) -> None:
        state = self._state
        state.at = state.last = state.end = 0.0
        ends = False
        for element in measure:
            if element.tag == "note":
                self._note(element, bar)
            elif element.tag in ("backup", "forward"):
                step = float(element.findtext("duration") or 0)
                state.at = max(0.0, state.at + (step if element.tag == "forward" else -step))
                state.end = max(state.end, state.at)
            elif element.tag == "attributes":
                self._attributes(element, bar)
            elif element.tag in ("direction", "sound"):
                self._sound(element, bar)
            elif element.tag == "barline" and self._leads:
                ends |= self._barline(element, bar)
        if self._leads:
            bar.metre, bar.endings = state.metre, state.endings
        if ends:
            state.endings = ()
        bar.ticks = max(bar.ticks, self._ticks(state.end))

    def _ticks(self, divisions: float) -> int:
        return round(divisions * TICKS / self._state.divisions)

    def _note(self, note: etree._Element, bar: Bar) -> None:
        state = self._state
        if note.find("grace") is not None or note.find("cue") is not None:
            return
        length = max(0.0, float(note.findtext("duration") or 0))
        chord = note.find("chord") is not None
        start = state.last if chord else state.at
        if not chord:
            state.last, state.at = state.at, state.at + length
            state.end = max(state.end, state.at)
        pitch = note.find("pitch")
        instrument = note.find("instrument")
        if pitch is None or (instrument is not None and instrument.get("id") in self._drums):
            return
        value = self._pitch(pitch)
        if 0 <= value < 128 and length:
            onset = self._ticks(start)
            staff = self.staves.setdefault(note.findtext("staff") or "1", len(self.staves))
            tied = any(tie.get("type") == "start" for tie in note.iterfind("tie"))
            span = self._ticks(start + length) - onset
            part = self._first + staff
            loud = _velocity(note.get("dynamics")) or state.velocity
            bar.notes.append(Written(onset, span, value, part, loud, tied))

    def _pitch(self, pitch: etree._Element) -> int:
        step = STEPS.get((pitch.findtext("step") or "").strip(), 0)
        octave = int(pitch.findtext("octave") or 4)
        alter = round(float(pitch.findtext("alter") or 0))
        return 12 * (octave + 1) + step + alter + self._state.transpose

    def _attributes(self, attributes: etree._Element, bar: Bar) -> None:
        state = self._state
        if divisions := attributes.findtext("divisions"):
            state.divisions = max(float(divisions), 1e-3)
        if (time := attributes.find("time")) is not None and state.at == 0:
            state.metre = _metre(time) or state.metre
        key = attributes.find("key/fifths")
        if key is not None and self._leads and -7 <= (fifths := int(key.text or 0)) <= 7:
            bar.key = Key(0, fifths, attributes.findtext("key/mode") == "minor")
        if (transpose := attributes.find("transpose")) is not None:
            chromatic = float(transpose.findtext("chromatic") or 0)
            octaves = int(transpose.findtext("octave-change") or 0)
            state.transpose = round(chromatic) + 12 * octaves

    def _sound(self, element: etree._Element, bar: Bar) -> None:
        sound = element if element.tag == "sound" else element.find("sound")
        if sound is None:
            return
        self._state.velocity = _velocity(sound.get("dynamics")) or self._state.velocity
        tempo = float(sound.get("tempo") or 0)
        if 5 <= tempo <= 1000:
            bar.tempos.append(Tempo(self._ticks(self._state.at), tempo))

    def _barline(self, barline: etree._Element, bar: Bar) -> bool:
        """Notes repeats and endings; whether an ending ends here."""
        style = barline.findtext("bar-style") or ""
        bar.section_ends |= style in ("light-light", "light-heavy", "heavy-light")
        repeat = barline.find("repeat")
        if repeat is not None and repeat.get("direction") == "forward":
            bar.begins = True
        elif repeat is not None:
            times = repeat.get("times") or "2"
            bar.repeats = min(MOST_REPEATS, int(times) - 1) if times.isdigit() else 1
            bar.section_ends = True
        ending = barline.find("ending")
        if ending is None:
            return False
        if ending.get("type") == "start":
            found = (ending.get("number") or "1").replace(",", " ").replace(".", " ").split()
            self._state.endings = tuple(int(n) for n in found if n.isdigit())
            return False
        return True


def _velocity(dynamics: str | None) -> int:
    """MusicXML counts in per cent of a velocity of 90; 0 where nothing is said."""
    return min(127, max(1, round(float(dynamics) * 0.9))) if dynamics else 0


def _metre(time: etree._Element) -> Metre | None:
    """3/4, and (3+2)/8 as 5/8; None for one without a count."""
    beats, unit = time.findtext("beats") or "", time.findtext("beat-type") or ""
    counts = beats.replace("+", " ").split()
    if not unit.strip().isdigit() or not counts or not all(c.isdigit() for c in counts):
        return None
    count, value = sum(map(int, counts)), int(unit)
    return Metre(0, count, value) if is_metre(count, value) else None
