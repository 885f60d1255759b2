"""ABC 2.1 → scores: a file is a tune, or a book of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from engine.core.errors import BadInput
from engine.core.text_encoding import to_text
from engine.media.audio.codec.abc_music import Voice, key_of, metre_of_field, tempo_of, unit_of
from engine.media.audio.codec.bars import Bar, score_of_bars
from engine.media.audio.codec.score import MAX_PARTS, Key, Metre, Part, Score, Tempo

MOST_TUNES = 4000
_FIELD = re.compile(r"([A-Za-z+]):[ \t]*(.*)")
_INLINE_VOICE = re.compile(r"\[V:\s*([^\]\s]+)[^\]]*\]")
_COMMENT = re.compile(r"(?<!\\)%.*")
_SILENT = frozenset("wWsTNZRGHSBDFAICOrPUmX+")  # fields inside a tune that change no note


@dataclass(frozen=True, slots=True)
class Tune:
    """One tune's lines; `fields`: the first of each header field, by its letter."""

    fields: dict[str, str]
    lines: tuple[str, ...]


def tunes(text: str) -> Iterator[Tune]:
    """The tunes of a book: each from its X: on, or from the first K: where there is no X:."""
    blocks: list[list[str]] = [[]]
    for raw in text.splitlines():
        line = _COMMENT.sub("", raw).rstrip()
        if re.match(r"X:\s*\d", line):
            blocks.append([])
        blocks[-1].append(line)
    for block in blocks[:MOST_TUNES]:
        found = _tune(block)
        if found is not None:
            yield found


def _tune(block: list[str]) -> Tune | None:
    fields: dict[str, str] = {}
    for index, line in enumerate(block):
        found = _FIELD.match(line)
        if found is None:
            continue
        letter, value = found.groups()
        if letter == "V":
            continue
        fields.setdefault(letter, value.strip())
        if letter == "K":
            lines = [*(row for row in block[:index] if row.startswith("V:")), *block[index + 1 :]]
            return Tune(fields, tuple(lines))
    return None


def score_of_tune(tune: Tune) -> Score:
    """The notes of a tune; there may be none."""
    fields = tune.fields
    metre = metre_of_field(fields.get("M", "")) or Metre(0, 4, 4)
    unit = unit_of(fields.get("L", ""))
    if unit is None:  # the standard's rule where L: is missing
        unit = Fraction(1, 16) if Fraction(metre.beats, metre.unit) < Fraction(3, 4) else None
    unit = unit or Fraction(1, 8)
    key = key_of(fields.get("K", "")) or Key(0, 0)
    voices, names = _read_voices(tune, metre, unit, key)
    closed = [voice.close() for voice in voices.values()]
    bars = _together(closed)
    if bars and (tempo := tempo_of(fields.get("Q", ""), unit)):
        bars[0].tempos.insert(0, Tempo(0, tempo))
    parts = [Part(names.get(name, "")) for name in voices]
    return score_of_bars(bars, parts, fields.get("T", "")[:200])


def _read_voices(
    tune: Tune, metre: Metre, unit: Fraction, key: Key
) -> tuple[dict[str, Voice], dict[str, str]]:
    voices: dict[str, Voice] = {}
    names: dict[str, str] = {}
    current = ""
    for line in tune.lines:
        found = _FIELD.match(line)
        if found and found[1] == "V":
            current = (found[2].split() or [""])[0]
            label = re.search(r'(?:name|nm)="([^"]*)"', found[2])
            names.setdefault(current, label[1] if label else current)
            continue
        if found and found[1] in _SILENT:
            continue
        at = 0
        pieces: list[tuple[str, str]] = []
        for switch in _INLINE_VOICE.finditer(line):
            pieces.append((current, line[at : switch.start()]))
            current, at = switch[1], switch.end()
        pieces.append((current, line[at:]))
        for name, piece in pieces:
            if not piece.strip():
                continue
            if name not in voices:
                if len(voices) == MAX_PARTS:
                    continue
                voices[name] = Voice(len(voices), metre, unit, key)
            if found:
                voices[name].field(found[1], found[2])
            else:
                voices[name].read(piece)
    return voices, names


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
            bars[index].ticks = max(bars[index].ticks, bar.ticks)
    return bars


def read_book(data: bytes, name: str) -> list[Score]:
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
        return [score for tune in found if len(score := score_of_tune(tune))]
    except (ValueError, OverflowError) as error:  # numbers beyond all measure
        raise BadInput("damaged_notes", name=name) from error


FORMATS = "MIDI, MusicXML, MXL, ABC"
