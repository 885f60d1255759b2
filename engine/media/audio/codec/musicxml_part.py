"""One part of a MusicXML score → bars. Times are in quarter notes from the beginning of a bar, so
that the file's own unit (divisions) may change anywhere."""

import math
import re
from dataclasses import dataclass, field

from lxml import etree

from engine.media.audio.codec.bars import MOST_ENDINGS, Bar, Written
from engine.media.audio.codec.score import (
    TICKS,
    VELOCITY,
    Key,
    Metre,
    Part,
    Tempo,
    is_metre,
    moved_key,
)

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MOST_REPEATS = MOST_ENDINGS - 1
BEATS = {"long": 16.0, "breve": 8.0, "whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5}
BEATS |= {"16th": 0.25, "32nd": 0.125, "64th": 0.0625}
_ALL = ""  # staves
_MINOR_MODES = ("minor", "aeolian")


@dataclass(slots=True)
class _State:
    """What holds as a part is read on; at, last and end in quarters from the bar's beginning."""

    divisions: float = 1.0
    metre: Metre = field(default_factory=lambda: Metre(0, 4, 4))
    transpose: dict[str, int] = field(default_factory=lambda: {_ALL: 0})  # of each staff
    velocity: int = VELOCITY
    tempo: float = 120.0
    at: float = 0.0
    last: float = 0.0
    end: float = 0.0
    endings: tuple[int, ...] = ()


class PartReader:
    """Reads one part into the bars that the parts share. left_out: it has notes of drums."""

    def __init__(
        self, about: etree._Element | None, first: int, bars: list[Bar], *, leads: bool
    ) -> None:
        self.staves: dict[str, int] = {}  # staff: part
        self.left_out = False
        self._first, self._bars, self._leads = first, bars, leads
        self._state = _State()
        self._sets_tempo = True
        instruments = list(about.iterfind("midi-instrument")) if about is not None else []
        self._drums = {
            each.get("id")
            for each in instruments
            if each.findtext("midi-channel") == "10" or each.find("midi-unpitched") is not None
        }
        if instruments and len(self._drums) == len(instruments):
            self._drums.add(None)  # a note that names no instrument
        name = program = ""
        if about is not None:
            name = about.findtext("part-name") or about.findtext(".//instrument-name") or ""
            program = about.findtext("midi-instrument/midi-program") or ""
        number = int(_number(program, 1)) - 1
        self.about = Part(" ".join(name.split())[:200], min(127, max(0, number)))

    def read(self, measures: list[etree._Element]) -> None:
        for index, measure in enumerate(measures):
            if index == len(self._bars):
                self._bars.append(Bar(self._state.metre))
            self._read_measure(measure, self._bars[index])

    def _read_measure(self, measure: etree._Element, bar: Bar) -> None:
        state = self._state
        state.at = state.last = state.end = 0.0
        self._sets_tempo = not bar.tempos  # no part before has done so in this bar
        ends = False
        for element in measure:
            if element.tag == "note":
                self._note(element, bar)
            elif element.tag in ("backup", "forward"):
                step = self._quarters(element)
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
        bar.ticks = max(bar.ticks, _ticks(state.end))

    def _quarters(self, element: etree._Element) -> float:
        return max(0.0, _number(element.findtext("duration"))) / self._state.divisions

    def _note(self, note: etree._Element, bar: Bar) -> None:
        state = self._state
        if note.find("grace") is not None or note.find("cue") is not None:
            return
        length = self._quarters(note)
        chord = note.find("chord") is not None
        start = state.last if chord else state.at
        if not chord:
            state.last, state.at = state.at, state.at + length
            state.end = max(state.end, state.at)
        pitch, instrument = note.find("pitch"), note.find("instrument")
        drum = (instrument.get("id") if instrument is not None else None) in self._drums
        if pitch is None or drum:
            self.left_out |= drum or note.find("unpitched") is not None
            return
        staff = note.findtext("staff") or "1"
        value = self._pitch(pitch, staff)
        onset = _ticks(start)
        span = _ticks(start + length) - onset
        if 0 <= value < 128 and span > 0:
            part = self._first + self.staves.setdefault(staff, len(self.staves))
            loud = _velocity(note.get("dynamics")) or state.velocity
            bar.notes.append(Written(onset, span, value, part, loud, _is_tied(note)))

    def _pitch(self, pitch: etree._Element, staff: str) -> int:
        step = STEPS.get((pitch.findtext("step") or "").strip().upper(), 0)
        octave = int(_number(pitch.findtext("octave"), 4))
        alter = round(_number(pitch.findtext("alter")))
        moved = self._state.transpose.get(staff, self._state.transpose[_ALL])
        return 12 * (octave + 1) + step + alter + moved

    def _attributes(self, attributes: etree._Element, bar: Bar) -> None:
        state = self._state
        if divisions := attributes.findtext("divisions"):
            state.divisions = max(_number(divisions, 1), 1e-3)
        if (time := attributes.find("time")) is not None and state.at == 0:
            state.metre = _metre(time) or state.metre
        for transpose in attributes.iterfind("transpose"):
            semitones = round(_number(transpose.findtext("chromatic")))
            octaves = int(_number(transpose.findtext("octave-change")))
            state.transpose[transpose.get("number", _ALL)] = semitones + 12 * octaves
        fifths = attributes.findtext("key/fifths")
        if fifths is not None and self._leads and -7 <= (count := int(_number(fifths))) <= 7:
            minor = (attributes.findtext("key/mode") or "").strip() in _MINOR_MODES
            moved = state.transpose.get("1", state.transpose[_ALL])
            bar.key = moved_key(Key(_ticks(state.at), count, minor), moved)

    def _sound(self, element: etree._Element, bar: Bar) -> None:
        """Tempo and loudness: of a sound, else what a metronome mark says."""
        state = self._state
        sound = element if element.tag == "sound" else element.find("sound")
        tempo = 0.0
        if sound is not None:
            state.velocity = _velocity(sound.get("dynamics")) or state.velocity
            tempo = _number(sound.get("tempo"))
        if not tempo and (mark := element.find("direction-type/metronome")) is not None:
            tempo = _metronome(mark, state.tempo)
        if 5 <= tempo <= 1000:
            state.tempo = tempo
            if self._sets_tempo:
                bar.tempos.append(Tempo(_ticks(state.at), tempo))

    def _barline(self, barline: etree._Element, bar: Bar) -> bool:
        """Notes repeats and endings; whether an ending ends here."""
        style = barline.findtext("bar-style") or ""
        bar.section_ends |= style in ("light-light", "light-heavy", "heavy-light")
        repeat = barline.find("repeat")
        if repeat is not None and repeat.get("direction") == "forward":
            bar.begins = True
        elif repeat is not None:
            times = int(_number(repeat.get("times"), 2))
            bar.repeats = max(1, min(MOST_REPEATS, times - 1))
            bar.section_ends = True
        ending = barline.find("ending")
        if ending is None:
            return False
        if ending.get("type") == "start":
            numbers = map(int, re.findall(r"\d{1,3}", ending.get("number") or "1"))
            self._state.endings = tuple(n for n in numbers if 1 <= n <= MOST_ENDINGS)
            return False
        return True


def _ticks(quarters: float) -> int:
    return round(quarters * TICKS)


def _number(text: str | None, unsaid: float = 0.0) -> float:
    """unsaid: for what is missing, or no finite number."""
    try:
        value = float(text or "")
    except ValueError:
        return unsaid
    return value if math.isfinite(value) else unsaid


def _is_tied(note: etree._Element) -> bool:
    """Whether it goes on: <tie>, or <tied> where a program writes only how it looks."""
    ties = note.findall("tie") or note.findall("notations/tied")
    return any(tie.get("type") == "start" for tie in ties)


def _velocity(dynamics: str | None) -> int:
    """MusicXML counts in per cent of a velocity of 90; 0 where nothing is said."""
    return min(127, max(1, round(_number(dynamics) * 0.9))) if dynamics else 0


def _metronome(mark: etree._Element, before: float) -> float:
    """Quarters a minute of "dotted quarter = 60", or of "quarter = dotted quarter" after another
    tempo; 0 where it says neither."""
    beats: list[float] = []
    added = 0.0
    for element in mark:
        if element.tag == "beat-unit":
            added = BEATS.get((element.text or "").strip(), 0.0)
            beats.append(added)
        elif element.tag == "beat-unit-dot" and beats:
            added /= 2
            beats[-1] += added
    if not beats or not all(beats):
        return 0.0
    if len(beats) > 1:
        return before * beats[1] / beats[0]
    count = re.search(r"\d{1,4}(?:\.\d{1,3})?", (mark.findtext("per-minute") or "")[:40])
    return beats[0] * float(count[0]) if count else 0.0


def _metre(time: etree._Element) -> Metre | None:
    """3/4, (3+2)/8 as 5/8, and 2/4 + 3/8 as 7/8; None for one without a count."""
    beats, units = time.findall("beats"), time.findall("beat-type")
    total, finest = 0.0, 1
    for count, unit in zip(beats, units, strict=False):
        counts = re.findall(r"\d{1,3}", count.text or "")
        value = int(_number(unit.text))
        if not counts or not is_metre(1, value):
            return None
        total += sum(map(int, counts)) / value
        finest = max(finest, value)
    count = round(total * finest)
    return Metre(0, count, finest) if is_metre(count, finest) else None
