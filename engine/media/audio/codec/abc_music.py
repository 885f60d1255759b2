"""The signs of one voice of ABC 2.1 → bars. Times are in fractions of a whole note, then in ticks.

Left out: decorations, grace notes, slurs, lyrics. What is no sign is passed over.
"""

import re
from dataclasses import replace
from fractions import Fraction

from engine.media.audio.codec.abc_fields import (
    ALTER,
    LETTERS,
    Signature,
    VoiceSettings,
    metre_of_field,
    signature_of,
    tempo_of,
    unit_of,
)
from engine.media.audio.codec.abc_signs import IN_CHORD, SIGN, factor, is_music
from engine.media.audio.codec.bars import MOST_ENDINGS, Bar, Written
from engine.media.audio.codec.chords import parsed
from engine.media.audio.codec.score import TICKS, VELOCITY, Key, Metre, Tempo

_TUPLET_TIMES = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # p notes in the time of q; else by the metre


class Voice:
    """Reads the lines of one voice into bars of its own."""

    def __init__(
        self,
        part: int,
        metre: Metre,
        unit: Fraction,
        signature: Signature,
        settings: VoiceSettings,
        accidentals: str = "pitch",
    ) -> None:
        """accidentals: how far a sign goes in its bar: "pitch" (all octaves, the standard's rule),
        "octave", or "not"."""
        self.bars: list[Bar] = []
        self.metre, self.unit, self.settings = metre, unit, settings
        self.program = 0
        self.left_out = False  # notes of drums of which nothing says what they are
        self._signature, self._accidentals = signature, accidentals
        self._part = part
        self._altered: dict[tuple[str, int], int] = {}
        self._tied: dict[tuple[str, int], int] = {}  # what a tie carries to the next note
        self._at = Fraction(0)
        self._longest = Fraction(0)
        self._last: list[int] = []  # of the notes that a broken rhythm may stretch
        self._last_span = (Fraction(0), Fraction(0))
        self._broken = Fraction(0)
        self._tuplet: tuple[Fraction, int] = (Fraction(1), 0)
        self._open = Bar(metre, key=self._sounding_key())

    def read(self, line: str) -> None:
        at = 0
        while (sign := SIGN.search(line, at)) is not None:
            found = sign.groupdict()
            decoration = found["decoration"]
            breaks_line = decoration is not None and is_music(decoration)
            at = sign.start() + 1 if breaks_line else sign.end()
            if found["symbol"] is not None:
                self._symbol(found["symbol"])
            elif found["note"]:
                self._notes([(found["note"], "", bool(found["tie"]))], found["length"])
            elif found["chord"] is not None:
                self._chord(found["chord"], found["clength"], tied=bool(found["ctie"]))
            elif found["plus"] and is_music(found["plus"]):  # a chord of ABC 1.6
                self._chord(found["plus"], "", tied=False)
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
            elif found["over"]:
                self._at, self._tied = Fraction(0), {}
        if self._longest == Fraction(self.metre.beats, self.metre.unit):
            self._altered.clear()  # many books leave out the bar line at the end of a line

    def field(self, name: str, value: str) -> None:
        """K:, M:, L:, Q:, P:, V: and I: as they come, in a line or alone."""
        if name in "KV":
            self.settings = self.settings.with_field(value)
        if name == "K":
            self._signature = signature_of(value) or self._signature
            self._open.key = self._sounding_key()
        elif name == "M":
            self.metre = metre_of_field(value) or self.metre
            if not self._longest:
                self._open.metre = self.metre
        elif name == "L":
            self.unit = unit_of(value) or self.unit
        elif name == "Q" and (tempo := tempo_of(value, self.unit)):
            self._open.tempos.append(Tempo(_ticks(self._at), tempo))
        elif name == "P":
            self._end_bar()
            self._open.label, self._open.key = value.strip()[:1], self._sounding_key()
        elif name == "I":
            self._instruct(value)

    def _instruct(self, value: str) -> None:
        """ "propagate-accidentals octave", and of abc2midi's "MIDI …": program, channel, transpose,
        nobarlines (signs hold for one note)."""
        words = value.split()[:4]
        number = int(words[-1]) if words and re.fullmatch(r"-?\d{1,3}", words[-1]) else None
        if words[:1] == ["propagate-accidentals"]:
            self._accidentals = words[-1]
        elif words[:2] == ["MIDI", "nobarlines"]:
            self._accidentals = "not"
        elif words[:2] == ["MIDI", "program"] and number is not None and 0 <= number < 128:
            self.program = number
        elif words[:2] == ["MIDI", "channel"]:
            self.settings = replace(self.settings, kit=number == 10)
        elif words[:2] == ["MIDI", "transpose"] and number is not None:
            self.settings = replace(self.settings, transpose=number)
            self._open.key = self._sounding_key()

    def close(self) -> list[Bar]:
        """The bars, when all lines are read."""
        self._end_bar()
        return self.bars

    def _sounding_key(self) -> Key:
        return self.settings.sounding(self._signature.key)

    def _symbol(self, text: str) -> None:
        """A chord symbol, above the note that follows; other words are passed over."""
        chord = parsed(text, _ticks(self._at))
        if chord is not None:
            self._open.chords.append(chord.transposed(self.settings.transpose))

    def _chord(self, text: str, length: str, *, tied: bool) -> None:
        notes = [
            (found["note"], found["length"], tied or bool(found["tie"]))
            for found in IN_CHORD.finditer(text)
        ]
        if notes:
            self._notes(notes, length)

    def _notes(self, notes: list[tuple[str, str, bool]], length: str) -> None:
        """One note, or those of a chord: the first says how long it lasts."""
        first = factor(length) * factor(notes[0][1])
        span = self._span(first)
        self._last = []
        carried, self._tied = self._tied, {}
        for name, own, tied in notes:
            lasts = span * factor(own) * factor(length) / first if first else span
            start, end = _ticks(self._at), _ticks(self._at + lasts)
            pitch = self._pitch(name, carried, tied=tied)
            if self.settings.kit and 0 <= pitch < 128:
                self._open.hits.append((start, pitch, VELOCITY))
            elif self.settings.drums:
                self.left_out = True
            elif 0 <= pitch < 128 and end > start:
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
        part = 1 - Fraction(1, 2 ** min(len(signs), 4))
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
        usual = _TUPLET_TIMES.get(notes, 3 if self.metre.is_compound else 2)
        within = int(time) if time and time != "0" else usual
        if notes:
            self._tuplet = (Fraction(within, notes), int(count) if count else notes)

    def _rest(self, sign: str, length: str) -> None:
        self._tied = {}
        if sign in "zx":
            self._last = []
            self._advance(self._span(factor(length)))
            return
        whole = Fraction(self.metre.beats, self.metre.unit)
        for index in range(min(200, max(1, int(factor(length))))):  # Z4: bars
            if index:
                self._end_bar()
            self._advance(whole)

    def _pitch(self, name: str, carried: dict[tuple[str, int], int], *, tied: bool) -> int:
        """carried: what a tie brings from the note before, over a bar line too."""
        bare = name.lstrip("^_=")
        letter = bare[0].upper()
        octave = (5 if bare[0].isupper() else 6) + bare.count("'") - bare.count(",")
        written = letter, octave
        place = (letter, octave if self._accidentals == "octave" else 0)
        if name != bare:
            alter = ALTER[name[: len(name) - len(bare)]]
            if self._accidentals != "not":
                self._altered[place] = alter
        elif written in carried:
            alter = carried[written]
        else:
            alter = self._altered.get(place, self._signature.alterations[letter])
        if tied:
            self._tied[written] = alter
        return 12 * octave + LETTERS[letter] + alter + self.settings.semitones

    def _bar(self, sign: str, ending: str) -> None:
        before = len(self.bars)
        ends_repeat = sign.startswith(":")
        self._end_bar(heavy=ends_repeat or "||" in sign or "]" in sign or "[|" in sign)
        if ends_repeat and self.bars and (len(self.bars) > before or not self.bars[-1].repeats):
            times = len(sign) - len(sign.lstrip(":")) if "|" in sign else 1
            self.bars[-1].repeats = min(MOST_ENDINGS - 1, max(1, times))
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
        for piece in filter(None, text[:40].split(",")):
            first, _, last = piece.partition("-")
            low = int(first) if first else 1
            high = int(last) if last.isdigit() else low
            numbers += range(low, min(MOST_ENDINGS, high) + 1)
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
