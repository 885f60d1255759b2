"""ABC 2.1 → scores: a file is a tune, or a book of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from engine.core.errors import BadInput
from engine.core.text_encoding import to_text
from engine.media.audio.codec.abc_fields import (
    C_MAJOR,
    VoiceSettings,
    metre_of_field,
    order_of,
    signature_of,
    tempo_of,
    text_of,
    unit_of,
    voice_name,
)
from engine.media.audio.codec.abc_music import Voice
from engine.media.audio.codec.bars import Bar, score_of_bars
from engine.media.audio.codec.score import FORMATS, MAX_PARTS, Metre, Part, ReadScores, Score, Tempo

MOST_TUNES = 4000
_FIELD = re.compile(r"([A-Za-z+]):[ \t]*(.*)")
_INLINE_VOICE = re.compile(r"\[V:[ \t]*+([^\[\]\s]++)([^\[\]]*+)\]")  # nothing is given back
_COMMENT = re.compile(r"(?<!\\)%.*")
_TUNE = re.compile(r"X:\s*\d")
_BLOCK = re.compile(r"%%begin([a-z]+)")  # lines that are no music, up to its end
_SILENT = frozenset("wWsTNZRGHSBDFACOrUmX+")  # fields inside a tune that change no note
_NO_FIELD = re.compile(r"[A-Ga-g]:[:|]")  # a note before the end of a repeat
_OF_ALL_TUNES = frozenset("ML")  # fields of a file's head that hold where a tune has none


@dataclass(frozen=True, slots=True)
class Tune:
    """fields: the first of each field of the head, by its letter; voices: all values of V: there.
    lines: the body. instructions: the values of I: and %% in its head, and in that of the file."""

    fields: dict[str, str]
    lines: tuple[str, ...]
    voices: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()


def tunes(text: str) -> Iterator[Tune]:
    """The tunes of a book: each from its X: on, or from the first K: where there is no X:. What
    stands before the first X: is the head of the file, whose M: and L: hold for every tune."""
    blocks: list[list[str]] = [[]]
    for line in _lines(text):
        if _TUNE.match(line):
            blocks.append([])
        blocks[-1].append(line)
    head = _tune(blocks[0], {}, ())
    shared: dict[str, str] = {}
    instructions: list[str] = []
    if head is not None:
        yield head
    else:
        said = [found.groups() for line in blocks[0] if (found := _FIELD.match(line))]
        shared = {letter: value for letter, value in said if letter in _OF_ALL_TUNES}
        instructions = [value for letter, value in said if letter == "I"]
    for block in blocks[1:MOST_TUNES]:
        found = _tune(block, shared, instructions)
        if found is not None:
            yield found


def _lines(text: str) -> Iterator[str]:
    """Without comments and typeset text; "%%name value" as "I:name value"."""
    inside = ""
    for raw in text.splitlines():
        if inside:
            inside = "" if raw.startswith(f"%%end{inside}") else inside
        elif block := _BLOCK.match(raw):
            inside = block[1]
        elif raw.startswith("%%"):
            yield "I:" + raw[2:].strip()
        elif line := _COMMENT.sub("", raw).rstrip():
            yield line
        elif not raw.strip():
            yield ""


def _tune(block: list[str], shared: Mapping[str, str], instructions: Iterable[str]) -> Tune | None:
    fields: dict[str, str] = {}
    told, voices = list(instructions), list[str]()
    for index, line in enumerate(block):
        found = _FIELD.match(line)
        if found is None:
            continue
        letter, value = found.groups()
        if letter == "I":
            told.append(value)
        if letter == "V":
            voices.append(value)
            continue
        fields.setdefault(letter, value.strip())
        if letter == "K":
            body = tuple(_body(block[index + 1 :]))
            return Tune({**shared, **fields}, body, tuple(voices), tuple(told))
    return None


def _body(lines: list[str]) -> Iterator[str]:
    """An empty line ends a tune; what follows it counts where it is surely music, since some
    programs write empty lines between all others."""
    ended = False
    for line in lines:
        ended |= not line
        if line and (not ended or "|" in line or _FIELD.match(line)):
            yield line


def score_of_tune(tune: Tune) -> Score:
    """The notes of a tune; there may be none."""
    return _read(tune)[0]


def _read(tune: Tune) -> tuple[Score, bool]:
    """(the score, whether drums were left out)."""
    fields = tune.fields
    metre = metre_of_field(fields.get("M", "")) or Metre(0, 4, 4)
    unit = unit_of(fields.get("L", ""))
    if unit is None:  # the standard's rule where L: is missing
        unit = Fraction(1, 16) if Fraction(metre.beats, metre.unit) < Fraction(3, 4) else None
    unit = unit or Fraction(1, 8)
    voices = _Voices(tune, metre, unit)
    voices.read()
    bars = _together([bars for voice in voices.found.values() if (bars := voice.close())])
    if bars and (tempo := tempo_of(fields.get("Q", ""), unit)):
        bars[0].tempos.insert(0, Tempo(0, tempo))
    parts = [Part(voices.names.get(name, name), v.program) for name, v in voices.found.items()]
    score = score_of_bars(bars, parts, text_of(fields.get("T", "")), order_of(fields.get("P", "")))
    return score, any(voice.left_out for voice in voices.found.values())


@dataclass(slots=True)
class _Voices:
    """Reads the lines of a tune into its voices, each of which is made where it begins to play."""

    tune: Tune
    metre: Metre
    unit: Fraction
    found: dict[str, Voice] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    _early: list[tuple[str, str]] = field(default_factory=list)  # fields before the first note
    _own: dict[str, list[str]] = field(default_factory=dict)  # what V: says of a voice before it

    def read(self) -> None:
        for value in self.tune.voices:
            self._define(_first_word(value), value)
        current = ""
        for line in self.tune.lines:
            found = None if _NO_FIELD.match(line) else _FIELD.match(line)
            if found and found[1] == "V":
                current = _first_word(found[2])
                self._define(current, found[2])
            elif found and found[1] not in _SILENT:
                self._field(current, found[1], found[2])
            elif not found:
                current = self._music(current, line)

    def _music(self, current: str, line: str) -> str:
        """A line of notes; the voice that it ends in."""
        at = 0
        for switch in _INLINE_VOICE.finditer(line):
            self._play(current, line[at : switch.start()])
            current, at = switch[1], switch.end()
            self._define(current, switch[2])
        self._play(current, line[at:])
        return current

    def _play(self, name: str, piece: str) -> None:
        if piece.strip() and (voice := self._voice(name)) is not None:
            voice.read(piece)

    def _field(self, name: str, letter: str, value: str) -> None:
        if not self.found and not name:
            self._early.append((letter, value))
        elif (voice := self._voice(name)) is not None:
            voice.field(letter, value)

    def _define(self, name: str, value: str) -> None:
        """What a V: field says of a voice."""
        if label := voice_name(value):
            self.names[name] = label
        if name in self.found:
            self.found[name].field("V", value)
        else:
            self._own.setdefault(name, []).append(value)

    def _voice(self, name: str) -> Voice | None:
        """The first of the head where no V: came before; None beyond MAX_PARTS."""
        name = name or next(iter(self._own), "")
        if name in self.found or len(self.found) == MAX_PARTS:
            return self.found.get(name)
        key = self.tune.fields.get("K", "")
        settings = VoiceSettings().with_field(key)
        signature = signature_of(key) or C_MAJOR
        voice = Voice(len(self.found), self.metre, self.unit, signature, settings)
        told = [("I", each) for each in self.tune.instructions] + self._early
        for letter, value in [*told, *(("V", own) for own in self._own.get(name, ()))]:
            voice.field(letter, value)
        self.found[name] = voice
        return voice


def _first_word(value: str) -> str:
    return (value.split() or [""])[0]


def _together(voices: list[list[Bar]]) -> list[Bar]:
    """The bars of several voices as those of all; the first says where repeats are."""
    if not voices:
        return []
    bars = voices[0]
    for voice in voices[1:]:
        for index, bar in enumerate(voice):
            if index == len(bars):
                bars.append(Bar(bar.metre))
            bars[index].notes += bar.notes
            bars[index].hits += bar.hits
            bars[index].chords += bar.chords
            bars[index].label = bars[index].label or bar.label
            bars[index].ticks = max(bars[index].ticks, bar.ticks)
    return bars


def read_book(data: bytes, name: str) -> ReadScores:
    """Every tune that has notes. Raises BadInput: "not_notes", "damaged_notes"."""
    try:
        text = to_text(data, name)
    except BadInput as error:
        if error.code == "mixed_encodings":
            text = data.decode("latin-1")
        else:
            raise BadInput("not_notes", name=name, formats=FORMATS) from error
    found = list(tunes(text))
    if not found:
        raise BadInput("not_notes", name=name, formats=FORMATS)
    try:
        read = [_read(tune) for tune in found]
    except (ValueError, OverflowError) as error:  # numbers beyond all measure
        raise BadInput("damaged_notes", name=name) from error
    drums = any(left_out for _, left_out in read)
    kept = tuple(score for score, _ in read if len(score) or len(score.hits))
    return ReadScores(kept, ("drums",) if drums else ())
