"""One part of a MusicXML score → bars. Times are in quarter notes from the beginning of a bar, so
that the file's own unit (divisions) may change anywhere."""

import math
import re
from dataclasses import dataclass, field

from lxml import etree

from engine.media.audio.codec import chords, percussion
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
ROUNDED = 0.1  # of a note's length, by which its duration may be rounded
_ALL = ""  # staves
_MINOR_MODES = ("minor", "aeolian")


@dataclass(slots=True)
class _State:
    """What holds as a part is read on; at, last and end in quarters from the bar's beginning.
    said: where durations alone would have come to, in divisions; places: where that was."""

    divisions: float = 1.0
    metre: Metre = field(default_factory=lambda: Metre(0, 4, 4))
    transpose: dict[str, int] = field(default_factory=lambda: {_ALL: 0})  # of each staff
    velocity: int = VELOCITY
    tempo: float = 120.0
    at: float = 0.0
    last: float = 0.0
    end: float = 0.0
    said: float = 0.0
    places: dict[float, float] = field(default_factory=dict)
    endings: tuple[int, ...] = ()


class PartReader:
    """Reads one part into the bars that the parts share. left_out: it has notes of drums of which
    nothing says what they are."""

    def __init__(
        self, about: etree._Element | None, first: int, bars: list[Bar], *, leads: bool
    ) -> None:
        self.staves: dict[str, int] = {}  # staff: part
        self.left_out = False
        self._first, self._bars, self._leads = first, bars, leads
        self._state = _State()
        self._sets_tempo = True
        instruments = list(about.iterfind("midi-instrument")) if about is not None else []
        self._drums: dict[str | None, int | None] = {}  # instrument: its key, where it says one
        for each in instruments:
            key = int(_number(each.findtext("midi-unpitched"))) - 1
            if each.findtext("midi-channel") == "10" or key >= 0:
                self._drums[each.get("id")] = key if 0 <= key < 128 else None
        if instruments and len(self._drums) == len(instruments):
            self._drums[None] = None  # a note that names no instrument
        named = about.iterfind("score-instrument") if about is not None else ()
        self._names = {i.get("id"): i.findtext("instrument-name") or "" for i in named}
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
        state.at = state.last = state.end = state.said = 0.0
        state.places.clear()
        self._sets_tempo = not bar.tempos  # no part before has done so in this bar
        ends = False
        for element in measure:
            if element.tag == "note":
                self._note(element, bar)
            elif element.tag in ("backup", "forward"):
                self._move(_duration(element) * (1 if element.tag == "forward" else -1))
            elif element.tag == "harmony":
                self._harmony(element, bar)
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

    def _move(self, divisions: float) -> None:
        """Forward, or back to where other notes begin."""
        state = self._state
        state.said = max(0.0, state.said + divisions)
        moved = max(0.0, state.at + divisions / state.divisions)
        state.at = state.places.get(state.said, moved)
        state.end = max(state.end, state.at)

    def _quarters(self, note: etree._Element) -> float:
        """The length of a note: as it is written, where its duration is that but for a fraction of
        a division. Writers round what their divisions do not divide, as sixteenths in a part that
        counts seventeenths of a quarter. A triplet that is not marked as one is further away."""
        divisions, said = self._state.divisions, _duration(note)
        written = _written(note)
        rounded = min(1.0, ROUNDED * written * divisions)
        return written if abs(written * divisions - said) <= rounded else said / divisions

    def _note(self, note: etree._Element, bar: Bar) -> None:
        state = self._state
        if note.find("grace") is not None or note.find("cue") is not None:
            return
        length = self._quarters(note)
        chord = note.find("chord") is not None
        start = state.last if chord else state.at
        if not chord:
            state.places.setdefault(state.said, state.at)
            state.last, state.at = state.at, state.at + length
            state.said += _duration(note)
            state.end = max(state.end, state.at)
        pitch, instrument = note.find("pitch"), note.find("instrument")
        named = instrument.get("id") if instrument is not None else None
        onset = _ticks(start)
        loud = _velocity(note.get("dynamics")) or state.velocity
        if named in self._drums or note.find("unpitched") is not None:
            self._hit(note, named, onset, loud, bar)
            return
        if pitch is None:
            return
        staff = note.findtext("staff") or "1"
        value = self._pitch(pitch, staff)
        span = _ticks(start + length) - onset
        if 0 <= value < 128 and span > 0:
            part = self._first + self.staves.setdefault(staff, len(self.staves))
            bar.notes.append(Written(onset, span, value, part, loud, _is_tied(note)))

    def _hit(
        self, note: etree._Element, named: str | None, onset: int, loud: int, bar: Bar
    ) -> None:
        """A drum: by its instrument's key or name, its pitch on the channel of percussion, or its
        place on the staff. One that is tied over is hit once."""
        if _is_tied_over(note):
            return
        key = self._drums.get(named)
        if key is None:
            key = percussion.key_of_name(self._names.get(named, ""))
        if key is None and (pitch := note.find("pitch")) is not None:
            key = self._pitch(pitch, note.findtext("staff") or "1")
        if key is None and (place := note.find("unpitched")) is not None:
            step = (place.findtext("display-step") or "").strip().upper()
            octave = int(_number(place.findtext("display-octave")))
            cross = (note.findtext("notehead") or "") in ("x", "circle-x", "cross")
            key = percussion.key_at(step, octave, cross=cross)
        if key is None or not 0 <= key < 128:
            self.left_out = True
        else:
            bar.hits.append((onset, key, loud))

    def _harmony(self, harmony: etree._Element, bar: Bar) -> None:
        """A chord symbol: where the reader stands, unless it says an offset."""
        root = _named(harmony, "root")
        if root is None:
            return
        bass = _named(harmony, "bass")
        moved = self._state.transpose[_ALL]
        offset = _number(harmony.findtext("offset")) / self._state.divisions
        tick = _ticks(max(0.0, self._state.at + offset))
        word = harmony.findtext("kind") or "major"
        low = (bass + moved) % 12 if bass is not None else -1
        chord = chords.from_xml((root + moved) % 12, word, low, tick)
        if chord is not None:
            bar.chords.append(chord)

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


def _duration(element: etree._Element) -> float:
    """In divisions."""
    return max(0.0, _number(element.findtext("duration")))


def _written(note: etree._Element) -> float:
    """The quarters of the sign that a note is written with, with dots, in its tuplet; 0 where it
    says none."""
    beats = BEATS.get((note.findtext("type") or "").strip(), 0.0)
    actual = _number(note.findtext("time-modification/actual-notes"), 1)
    normal = _number(note.findtext("time-modification/normal-notes"), 1)
    if actual <= 0 or normal <= 0:
        return 0.0
    return beats * (2 - 0.5 ** len(note.findall("dot"))) * normal / actual


def _is_tied(note: etree._Element) -> bool:
    """Whether it goes on: <tie>, or <tied> where a program writes only how it looks."""
    ties = note.findall("tie") or note.findall("notations/tied")
    return any(tie.get("type") == "start" for tie in ties)


def _is_tied_over(note: etree._Element) -> bool:
    """Whether it only goes on."""
    ties = note.findall("tie") or note.findall("notations/tied")
    return any(tie.get("type") == "stop" for tie in ties)


def _named(harmony: etree._Element, what: str) -> int | None:
    """The pitch class of the root or bass of a chord symbol."""
    step = STEPS.get((harmony.findtext(f"{what}/{what}-step") or "").strip().upper())
    if step is None:
        return None
    return (step + round(_number(harmony.findtext(f"{what}/{what}-alter")))) % 12


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
