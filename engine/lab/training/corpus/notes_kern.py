"""Humdrum **kern → scores: only what the corpus needs. Each spine is a part, with those split off.

A row is an instant: it comes when the shortest of the notes that sound has ended. Times are in
fractions of a quarter note. Huron, D.: The Humdrum Toolkit, reference manual, 1994.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from engine.media.audio.codec.bars import Bar, Written, score_of_bars
from engine.media.audio.codec.score import TICKS, VELOCITY, Key, Metre, Part, Score, Tempo, is_metre

_RECIP = re.compile(r"(\d+)(?:%(\d+))?(\.*)")
_PITCH = re.compile(r"([a-g]+|[A-G]+)(#+|-+)?")
_METRE = re.compile(r"\*M(\d+)/(\d+)")
_TEMPO = re.compile(r"\*MM(\d+(?:\.\d+)?)")
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


class KernError(ValueError):
    """No **kern, or rows that do not fit their spines."""


@dataclass(slots=True)
class _Spine:
    """A column: its part (-1 for what is no **kern) and when its note ends."""

    part: int
    end: Fraction = Fraction(0)


@dataclass(slots=True)
class _Reading:
    spines: list[_Spine] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    bar: Bar = field(default_factory=lambda: Bar(Metre(0, 4, 4)))
    metre: Metre = field(default_factory=lambda: Metre(0, 4, 4))
    now: Fraction = Fraction(0)
    bar_start: Fraction = Fraction(0)
    parts: int = 0


def read_kern(text: str) -> tuple[Score, dict[str, str]]:
    """(the score, the reference records such as COM, OPR, OTL). Raises KernError."""
    reading = _Reading()
    records: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("!!!"):
            name, _, value = line[3:].partition(":")
            records.setdefault(name, value.strip())
        elif line and not line.startswith("!"):
            _row(reading, line.split("\t"))
    _end_bar(reading)
    if not reading.parts or not reading.bars:
        raise KernError("no **kern spine with notes")
    order = reversed(range(reading.parts))  # the lowest part is written first
    places = {part: place for place, part in enumerate(order)}
    for bar in reading.bars:
        bar.notes = [note._replace(part=places[note.part]) for note in bar.notes]
    parts = [Part(reading.names.get(part, "")) for part in reversed(range(reading.parts))]
    title = records.get("OTL", records.get("OPR", ""))
    return score_of_bars(reading.bars, parts, title), records


def _row(reading: _Reading, tokens: list[str]) -> None:
    if tokens[0].startswith("**"):
        for token in tokens:
            kern = token == "**kern"
            reading.spines.append(_Spine(reading.parts if kern else -1))
            reading.parts += kern
        return
    if len(tokens) != len(reading.spines):
        raise KernError(f"{len(tokens)} tokens for {len(reading.spines)} spines")
    if tokens[0].startswith("*"):
        _interpret(reading, tokens)
    elif tokens[0].startswith("="):
        _barline(reading, tokens[0])
    else:
        _sound(reading, tokens)


def _interpret(reading: _Reading, tokens: list[str]) -> None:
    bar = reading.bar
    for spine, token in zip(reading.spines, tokens, strict=True):
        if spine.part < 0:
            continue
        if found := _METRE.match(token):
            beats, unit = int(found[1]), int(found[2])
            if is_metre(beats, unit):
                bar.metre = reading.metre = Metre(0, beats, unit)
        elif token.startswith("*k["):
            sign = token.count("#") - token.count("-")
            bar.key = Key(0, max(-7, min(7, sign)))
        elif re.fullmatch(r"\*[a-g][#-]?:", token) and bar.key is not None:
            bar.key = Key(0, bar.key.fifths, True)
        elif (tempo := _TEMPO.match(token)) and 5 <= float(tempo[1]) <= 1000 and not bar.tempos:
            bar.tempos.append(Tempo(_ticks(reading.now - reading.bar_start), float(tempo[1])))
        elif token.startswith('*I"'):
            reading.names.setdefault(spine.part, token[3:])
    _change_spines(reading, tokens)


def _change_spines(reading: _Reading, tokens: list[str]) -> None:
    """Splits (*^), joins (*v), exchanges (*x), beginnings (*+) and ends (*-) of spines."""
    spines: list[_Spine] = []
    index = 0
    while index < len(tokens):
        spine, token = reading.spines[index], tokens[index]
        if token == "*^":
            spines += [spine, _Spine(spine.part, spine.end)]
        elif token == "*v":
            while index + 1 < len(tokens) and tokens[index + 1] == "*v":
                if reading.spines[index + 1].part != spine.part:
                    break
                index += 1
            spines.append(spine)
        elif token == "*x" and index + 1 < len(tokens) and tokens[index + 1] == "*x":
            spines += [reading.spines[index + 1], spine]
            index += 1
        elif token == "*+":
            spines += [spine, _Spine(-1)]
        elif token != "*-":
            spines.append(spine)
        index += 1
    reading.spines = spines


def _sound(reading: _Reading, tokens: list[str]) -> None:
    timed = False
    for spine, token in zip(reading.spines, tokens, strict=True):
        if spine.part < 0 or token == ".":
            continue
        lengths = [_note(reading, spine, note) for note in token.split(" ")]
        longest = max(lengths, default=Fraction(0))
        if longest:
            spine.end, timed = reading.now + longest, True
    ends = [s.end for s in reading.spines if s.part >= 0 and s.end > reading.now]
    if timed and ends:
        reading.now = min(ends)


def _note(reading: _Reading, spine: _Spine, token: str) -> Fraction:
    """Adds one note of a token; returns its length, 0 for a grace note."""
    recip = _RECIP.search(token)
    if recip is None or "q" in token or "Q" in token:
        return Fraction(0)
    length = quarters(recip)
    pitch = _PITCH.search(token)
    if pitch is not None and "r" not in token:
        start = _ticks(reading.now - reading.bar_start)
        span = _ticks(reading.now - reading.bar_start + length) - start
        tied = "[" in token or "_" in token
        value = midi_pitch(pitch)
        if span > 0 and 0 <= value < 128:
            reading.bar.notes.append(Written(start, span, value, spine.part, VELOCITY, tied))
    return length


def quarters(recip: re.Match[str]) -> Fraction:
    """ "4" is a quarter, "0" a breve, "00" a longa, "3%2" two thirds of a whole; then dots."""
    digits, parts, dots = recip.groups()
    if set(digits) == {"0"}:
        length = Fraction(4 * 2 ** len(digits))
    else:
        length = Fraction(4 * int(parts or 1), int(digits))
    return length * (2 - Fraction(1, 2 ** len(dots)))


def midi_pitch(found: re.Match[str]) -> int:
    letters, signs = found[1], found[2] or ""
    octaves = len(letters) - 1
    base = 60 + 12 * octaves if letters[0].islower() else 48 - 12 * octaves
    return base + _STEPS[letters[0].lower()] + signs.count("#") - signs.count("-")


def _barline(reading: _Reading, token: str) -> None:
    _end_bar(reading)
    if reading.bars and (":|" in token or ":!" in token):
        reading.bars[-1].repeats = 1
    if "|:" in token or "!:" in token:
        reading.bar.begins = True
    if reading.bars and ("||" in token or "==" in token):
        reading.bars[-1].section_ends = True


def _end_bar(reading: _Reading) -> None:
    ticks = _ticks(reading.now - reading.bar_start)
    if ticks <= 0:
        return
    reading.bar.ticks = ticks
    reading.bars.append(reading.bar)
    reading.bar, reading.bar_start = Bar(reading.metre), reading.now


def _ticks(length: Fraction) -> int:
    return round(length * TICKS)
