"""The signs of one voice of ABC 2.1 → bars. Times are in fractions of a whole note, then in ticks.

Left out: chord symbols, decorations, grace notes, slurs, lyrics. What is no sign is passed over.
"""

import re
from dataclasses import replace
from fractions import Fraction

from engine.media.audio.codec.bars import Bar, Written
from engine.media.audio.codec.score import TICKS, VELOCITY, Key, Metre, Tempo, is_metre

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARPS, _FLATS = "FCGDAEB", "BEADGCF"
_MODES = {"maj": 0, "ion": 0, "mix": -1, "dor": -2, "min": -3, "aeo": -3, "m": -3}
_MODES |= {"phr": -4, "loc": -5, "lyd": 1}
_TONICS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1}
_ALTER = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
_LENGTH = r"\d*/*\d*"
_PITCH = r"(?:\^{1,2}|_{1,2}|=)?[A-Ga-g][,']*"
SIGN = re.compile(
    rf"""
    (?P<skip>"[^"]*"|![^!\n]*!|\+[a-zA-Z()<>.]+\+|\{{[^}}]*\}})
    |\[(?P<field>[A-Za-z]):(?P<value>[^\]\n]*)\]
    |(?P<bar>:*(?:\[\||\|)[|\]:]*|::+)[ \t]*(?P<ending>\[?\d[\d,\-]*)?
    |\[(?P<alone>\d[\d,\-]*)
    |\((?P<tuplet>\d)(?::(?P<time>\d?)(?::(?P<count>\d?))?)?
    |(?P<note>{_PITCH})(?P<length>{_LENGTH})[ \t]*(?P<tie>-?)
    |\[(?P<chord>[^\]|:\n]*)\](?P<clength>{_LENGTH})(?P<ctie>-?)
    |(?P<rest>[zxZX])(?P<rlength>{_LENGTH})
    |(?P<broken>>+|<+)
    |(?P<over>&)
    """,
    re.VERBOSE,
)
_IN_CHORD = re.compile(rf"(?P<note>{_PITCH})(?P<length>{_LENGTH})(?P<tie>-?)")
_TUPLET_TIMES = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # p notes in the time of q; else by the metre
_KEY = re.compile(r"([A-G])([#b]?)\s*([A-Za-z]*)")
_GRACE_NOTES = "\\\n"


class Voice:
    """Reads the lines of one voice into bars of its own."""

    def __init__(self, part: int, metre: Metre, unit: Fraction, key: Key, octave: int = 0) -> None:
        self.bars: list[Bar] = []
        self.key, self.metre, self.unit = key, metre, unit
        self._part, self._octave = part, octave
        self._altered: dict[tuple[str, int], int] = {}
        self._at = Fraction(0)
        self._longest = Fraction(0)
        self._last: list[int] = []  # of the notes that a broken rhythm may stretch
        self._last_span = (Fraction(0), Fraction(0))
        self._broken = Fraction(0)
        self._tuplet: tuple[Fraction, int] = (Fraction(1), 0)
        self._open = Bar(metre, key=replace(key))

    def read(self, line: str) -> None:
        for sign in SIGN.finditer(line):
            kind = sign.lastgroup or ""
            found = sign.groupdict()
            if found["note"]:
                self._notes([(found["note"], "", bool(found["tie"]))], found["length"])
            elif found["chord"] is not None:
                self._chord(found["chord"], found["clength"], tied=bool(found["ctie"]))
            elif found["rest"]:
                self._rest(found["rest"], found["rlength"])
            elif found["bar"]:
                self._bar(found["bar"], found["ending"] or "")
            elif found["alone"]:
                self._ending(found["alone"])
            elif found["field"]:
                self.field(found["field"], found["value"])
            elif found["tuplet"]:
                self._begin_tuplet(int(found["tuplet"]), found["time"], found["count"])
            elif found["broken"]:
                self._break(found["broken"])
            elif kind == "over":
                self._at = Fraction(0)

    def field(self, name: str, value: str) -> None:
        """K:, M:, L: and Q: as they come, in a line or alone."""
        if name == "K":
            self.key = key_of(value) or self.key
            self._open.key = replace(self.key)
        elif name == "M":
            self.metre = metre_of_field(value) or self.metre
            self._open.metre = self.metre
        elif name == "L":
            self.unit = unit_of(value) or self.unit
        elif name == "Q" and (tempo := tempo_of(value, self.unit)):
            self._open.tempos.append(Tempo(_ticks(self._at), tempo))

    def close(self) -> list[Bar]:
        """The bars, when all lines are read."""
        self._end_bar()
        return self.bars

    def _chord(self, text: str, length: str, *, tied: bool) -> None:
        notes = [
            (found["note"], found["length"], tied or bool(found["tie"]))
            for found in _IN_CHORD.finditer(text)
        ]
        if notes:
            self._notes(notes, length)

    def _notes(self, notes: list[tuple[str, str, bool]], length: str) -> None:
        """One note, or those of a chord: the first says how long it lasts."""
        first = _factor(length) * _factor(notes[0][1])
        span = self._span(first)
        self._last = []
        for name, own, tied in notes:
            lasts = span * _factor(own) * _factor(length) / first if first else span
            start, end = _ticks(self._at), _ticks(self._at + lasts)
            pitch = self._pitch(name)
            if 0 <= pitch < 128 and end > start:
                self._last.append(len(self._open.notes))
                self._open.notes.append(
                    Written(start, end - start, pitch, self._part, VELOCITY, tied)
                )
        self._advance(span)

    def _span(self, factor: Fraction) -> Fraction:
        span = self.unit * factor
        if self._tuplet[1]:
            span *= self._tuplet[0]
            self._tuplet = (self._tuplet[0], self._tuplet[1] - 1)
        span *= 1 + self._broken
        self._broken = Fraction(0)
        return span

    def _advance(self, span: Fraction) -> None:
        self._last_span = (self._at, span)
        self._at += span
        self._longest = max(self._longest, self._at)

    def _break(self, signs: str) -> None:
        """a>b: the first half as long again, the second half as long; >> and < alike."""
        part = 1 - Fraction(1, 2 ** len(signs))
        change = part if signs[0] == ">" else -part
        start, span = self._last_span
        self._broken = -change
        self._at = start + span * (1 + change)
        self._last_span = (start, span * (1 + change))
        if change < 0 and self._longest == start + span:
            self._longest = self._at
        self._longest = max(self._longest, self._at)
        for index in self._last:
            note = self._open.notes[index]
            self._open.notes[index] = note._replace(duration=_ticks(self._at) - note.onset)

    def _begin_tuplet(self, notes: int, time: str | None, count: str | None) -> None:
        compound = self.metre.unit >= 8 and self.metre.beats % 3 == 0
        usual = _TUPLET_TIMES.get(notes, 3 if compound else 2)
        within = int(time) if time and time != "0" else usual
        if notes:
            self._tuplet = (Fraction(within, notes), int(count) if count else notes)

    def _rest(self, sign: str, length: str) -> None:
        if sign in "zx":
            self._last = []
            self._advance(self._span(_factor(length)))
            return
        whole = Fraction(self.metre.beats, self.metre.unit)
        for index in range(min(200, max(1, int(_factor(length))))):  # Z4: bars
            if index:
                self._end_bar()
            self._advance(whole)

    def _pitch(self, name: str) -> int:
        bare = name.lstrip("^_=")
        letter = bare[0].upper()
        octave = (5 if bare[0].isupper() else 6) + bare.count("'") - bare.count(",") + self._octave
        place = letter, octave
        if name != bare:
            self._altered[place] = _ALTER[name[: len(name) - len(bare)]]
        alter = self._altered.get(place, altered(letter, self.key.fifths))
        return 12 * octave + LETTERS[letter] + alter

    def _bar(self, sign: str, ending: str) -> None:
        before = len(self.bars)
        ends_repeat = sign.startswith(":")
        self._end_bar(heavy=ends_repeat or "||" in sign or "]" in sign or "[|" in sign)
        if ends_repeat and self.bars and (len(self.bars) > before or not self.bars[-1].repeats):
            times = len(sign) - len(sign.lstrip(":")) if "|" in sign else 1
            self.bars[-1].repeats = min(8, max(1, times))
        if (ends_repeat and "|" not in sign) or (sign.endswith(":") and "|" in sign):
            self._open.begins = True
        if ends_repeat or sign.endswith(":") or "||" in sign or "]" in sign:
            self._open.endings = ()
        if ending:
            self._ending(ending.lstrip("["))

    def _ending(self, text: str) -> None:
        """ "1", "1,3" or "1-2"."""
        if self._at:
            self._end_bar()
        numbers: list[int] = []
        for piece in filter(None, text.split(",")):
            first, _, last = piece.partition("-")
            low = int(first) if first else 1
            numbers += range(low, min(9, int(last) if last else low) + 1)
        self._open.endings = tuple(numbers)

    def _end_bar(self, *, heavy: bool = False) -> None:
        """Keep the open bar; one without any time in it hands its marks on."""
        bar = self._open
        if self._longest == 0:
            if heavy and self.bars:
                self.bars[-1].section_ends = True
            return
        bar.ticks, bar.section_ends = _ticks(self._longest), heavy
        self.bars.append(bar)
        self._open = Bar(self.metre, endings=bar.endings)
        self._at = self._longest = Fraction(0)
        self._altered.clear()
        self._last, self._broken = [], Fraction(0)


def _ticks(whole_notes: Fraction) -> int:
    return round(whole_notes * 4 * TICKS)


def _factor(text: str) -> Fraction:
    """ "", "3", "/", "3/2", "//" …: what a length multiplies the unit by."""
    if not text:
        return Fraction(1)
    count, slashes, parts = text.partition("/")
    if not slashes:
        return Fraction(min(int(count), 64))
    more = len(parts) - len(parts.lstrip("/"))
    parts = parts.lstrip("/").split("/")[0]
    divisor = max(1, int(parts)) if parts else 2
    return Fraction(min(int(count or 1), 64), min(divisor * 2**more, 512))


def altered(letter: str, fifths: int) -> int:
    """What the signature does to a letter: -1, 0 or 1."""
    if fifths >= 0:
        return int(letter in _SHARPS[:fifths])
    return -int(letter in _FLATS[:-fifths])


def key_of(value: str) -> Key | None:
    """ "D mixolydian", "Am", "Bb", "HP"; None where it says only a clef or nothing."""
    value = value.strip()
    if value[:2] in ("HP", "Hp"):
        return Key(0, 2)
    if value.lower().startswith("none"):
        return Key(0, 0)
    found = _KEY.match(value)
    if found is None:
        return None
    tonic, sign, word = found.groups()
    mode = word.lower() if word.lower() == "m" else word.lower()[:3]
    shift = _MODES.get(mode, 0)
    fifths = _TONICS[tonic] + {"#": 7, "b": -7}.get(sign, 0) + shift
    return Key(0, (fifths + 7) % 12 - 7 if not -7 <= fifths <= 7 else fifths, shift == -3)


def metre_of_field(value: str) -> Metre | None:
    """ "6/8", "C", "C|", "3+2/8"; None for "none"."""
    value = value.strip().split(" ")[0]
    if value in ("C", "c"):
        return Metre(0, 4, 4)
    if value in ("C|", "c|"):
        return Metre(0, 2, 2)
    beats, _, unit = value.replace("(", "").replace(")", "").partition("/")
    counts = beats.split("+")
    if not unit.isdigit() or not all(c.isdigit() and len(c) < 4 for c in counts):
        return None
    count = sum(map(int, counts))
    return Metre(0, count, int(unit)) if is_metre(count, int(unit)) else None


def unit_of(value: str) -> Fraction | None:
    found = re.match(r"\s*(\d{1,3})(?:/(\d{1,3}))?", value)
    if found is None or int(found[2] or 1) == 0 or int(found[1]) == 0:
        return None
    return Fraction(int(found[1]), int(found[2] or 1))


def tempo_of(value: str, unit: Fraction) -> float:
    """Quarters a minute of "1/4=120", "3/8=100", "C3=90", "120"; 0 where there is none."""
    bare = re.sub(r'"[^"]*"', " ", value)
    found = re.search(r"(?:(\d+)/(\d+)(?:\s+\d+/\d+)*\s*)?=\s*(\d+)", bare)
    if found:
        beat = Fraction(int(found[1]), max(1, int(found[2]))) if found[1] else Fraction(1, 4)
        tempo = float(beat * 4 * int(found[3]))
    elif alone := re.match(r"\s*(\d+)\s*$", bare):
        tempo = float(unit * 4 * int(alone[1]))
    else:
        return 0.0
    return tempo if 5 <= tempo <= 1000 else 0.0
