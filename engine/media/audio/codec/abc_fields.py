"""What the fields of ABC 2.1 say: key, metre, unit length, tempo, the order of parts, a voice."""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.media.audio.codec.score import Key, Metre, altered, is_metre, moved_key

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ALTER = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
MOST_LABELS = 200  # of an order of parts
_MOST_CHARACTERS = 400  # of a field that is looked at
_MODES = {"maj": 0, "ion": 0, "mix": -1, "dor": -2, "min": -3, "aeo": -3, "m": -3}
_MODES |= {"phr": -4, "loc": -5, "lyd": 1}
_TONICS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1}
_SIGNS = {"": 0, "#": 7, "♯": 7, "b": -7, "♭": -7}
_KEY = re.compile(r"([A-G])([#b♯♭]?)[ \t]*([A-Za-z]*)")
_SETTING = re.compile(r"(?<!\S)([A-Za-z]+)=(\"[^\"]*\"|\S*)")
_GLOBAL = re.compile(r"(?<![^\s])(\^\^|__|[\^_=])([A-Ga-g])(?![^\s])")
_CLEF_OCTAVE = re.compile(r"(?<!\S)(?:clef[ \t]*=[ \t]*)?\"?[A-Za-z]*[1-5]?([+-])8")
_DRUM_CLEF = re.compile(r"(?<!\S)(?:clef[ \t]*=[ \t]*)?\"?perc")
_ACCENTS = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308"}
_ACCENTS |= {"c": "\u0327", "v": "\u030c", "u": "\u0306", "r": "\u030a", "=": "\u0304"}
_LIGATURES = {"ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å"}
_LIGATURES |= {"/o": "ø", "/O": "Ø", "/l": "ł", "/L": "Ł"}
_MNEMONIC = re.compile(r"\\(u[0-9a-fA-F]{4}|ss|ae|AE|oe|OE|aa|AA|/[oOlL]|[`'^~\"cvur=][A-Za-z])")


@dataclass(frozen=True, slots=True)
class Signature:
    """The key, and what it does to each letter, in semitones, in all octaves."""

    key: Key
    alterations: Mapping[str, int]


C_MAJOR = Signature(Key(0, 0), dict.fromkeys(LETTERS, 0))


def signature_of(value: str) -> Signature | None:
    """ "D mixolydian", "Am ^g", "D exp _b ^f", "HP"; None where it says only a clef or nothing."""
    value = value[:_MOST_CHARACTERS].strip()
    bare = _SETTING.sub(" ", value)
    explicit = {letter.upper(): ALTER[sign] for sign, letter in _GLOBAL.findall(bare)}
    key = _tonic(value)
    if key is None and not explicit:
        return None
    if key is None or re.search(r"(?<![a-z])exp\b", bare.lower()):
        return Signature(_nearest(explicit), dict.fromkeys(LETTERS, 0) | explicit)
    return Signature(key, {c: altered(c, key.fifths) for c in LETTERS} | explicit)


def _tonic(value: str) -> Key | None:
    if value[:2] in ("HP", "Hp"):  # the scale of the Highland pipes
        return Key(0, 2)
    if value.lower().startswith("none"):
        return Key(0, 0)
    found = _KEY.match(value)
    if found is None:
        return None
    tonic, sign, word = found.groups()
    mode = word.lower() if word.lower() == "m" else word.lower()[:3]
    shift = _MODES.get(mode, 0)
    fifths = _TONICS[tonic] + _SIGNS[sign] + shift
    return Key(0, (fifths + 7) % 12 - 7 if not -7 <= fifths <= 7 else fifths, shift == -3)


def _nearest(explicit: Mapping[str, int]) -> Key:
    """The signature that has the most of these signs and the fewest others."""

    def unlike(fifths: int) -> tuple[int, int]:
        wrong = sum(altered(c, fifths) != explicit.get(c, 0) for c in LETTERS)
        return wrong, abs(fifths)

    return Key(0, min(range(-7, 8), key=unlike))


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How a voice sounds beside what is written: octaves, semitones, the octave of its clef; a
    drum clef names no pitches. kit: on the channel of percussion, where pitches are keys."""

    octave: int = 0
    transpose: int = 0
    clef_octave: int = 0
    drums: bool = False
    kit: bool = False

    @property
    def semitones(self) -> int:
        return 12 * (self.octave + self.clef_octave) + self.transpose

    def with_field(self, value: str) -> "VoiceSettings":
        """As a K: or V: field changes them."""
        value = value[:_MOST_CHARACTERS]
        found = {name.lower(): said for name, said in _SETTING.findall(value)}
        changed = self
        for name in ("octave", "transpose"):
            number = re.fullmatch(r"[+-]?\d{1,2}", found.get(name, ""))
            if number is not None:
                changed = replace(changed, **{name: int(number[0])})
        if clef := _CLEF_OCTAVE.search(value):
            changed = replace(changed, clef_octave=1 if clef[1] == "+" else -1)
        if _DRUM_CLEF.search(value):
            changed = replace(changed, drums=True)
        return changed

    def sounding(self, key: Key) -> Key:
        """The key that is heard where this one is written."""
        return moved_key(key, self.semitones)


def voice_name(value: str) -> str:
    """What a V: field calls the voice; "" where it says nothing."""
    said = {name.lower(): text for name, text in _SETTING.findall(value[:_MOST_CHARACTERS])}
    return text_of((said.get("name") or said.get("nm") or "").strip('"'))


def metre_of_field(value: str) -> Metre | None:
    """ "6/8", "C", "C|", "3+2/8", "(2+3)/8"; None for "none"."""
    value = value[:_MOST_CHARACTERS].strip()
    if value[:1] in ("C", "c"):
        return Metre(0, 2, 2) if value[1:2] == "|" else Metre(0, 4, 4)
    found = re.match(r"\(?[ \t]*([\d+ \t]{1,40}?)[ \t]*\)?[ \t]*/[ \t]*(\d{1,2})", value)
    if found is None:
        return None
    counts = re.findall(r"\d{1,3}", found[1])
    count, unit = sum(map(int, counts)), int(found[2])
    return Metre(0, count, unit) if is_metre(count, unit) else None


def unit_of(value: str) -> Fraction | None:
    found = re.match(r"\s*(\d{1,3})(?:\s*/\s*(\d{1,3}))?", value)
    if found is None or int(found[2] or 1) == 0 or int(found[1]) == 0:
        return None
    return Fraction(int(found[1]), int(found[2] or 1))


def tempo_of(value: str, unit: Fraction) -> float:
    """Quarters a minute; 0 where there is none. "1/4=120", "1/4 3/8 1/4=40" (a beat that is their
    sum), "C3=90" (of three units), "120" (of one)."""
    bare = re.sub(r'"[^"]*"', " ", value[:_MOST_CHARACTERS])
    before, equals, after = bare.partition("=")
    if not equals:
        before, after = "C", bare
    count = re.match(r"\s*(\d{1,4}(?:\.\d{1,3})?)", after)
    if count is None:
        return 0.0
    beat = sum((Fraction(int(a), int(b)) for a, b in re.findall(r"(\d+)/([1-9]\d{0,3})", before)))
    if not beat:
        units = re.match(r"\s*C\s*(\d{0,2})", before)
        beat = unit * int(units[1] or 1) if units else Fraction(1, 4)
    tempo = float(beat * 4 * Fraction(count[1]))
    return tempo if 5 <= tempo <= 1000 else 0.0


def order_of(value: str) -> str:
    """The labels of the parts as they are played: "A2.(BC)3" → "AABCBCBC"."""
    levels, last = [""], ""
    for token in re.findall(r"[A-Za-z]|[()]|\d{1,2}", value[:_MOST_CHARACTERS]):
        if token == "(":
            levels.append("")
            continue
        if token.isdigit():
            added, last = last * (int(token) - 1), ""
        elif token == ")":
            added = last = levels.pop() if len(levels) > 1 else ""
        else:
            added = last = token
        levels[-1] = (levels[-1] + added)[:MOST_LABELS]
    return "".join(levels)[:MOST_LABELS]


def text_of(value: str) -> str:
    """A title as it is read: "Caf\\'e" and "Caf&eacute;" are "Café"."""

    def sign(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] == "u" and len(code) == 5:
            return chr(int(code[1:], 16))
        if code in _LIGATURES:
            return _LIGATURES[code]
        return unicodedata.normalize("NFC", code[1] + _ACCENTS[code[0]])

    value = html.unescape(_MNEMONIC.sub(sign, value[:_MOST_CHARACTERS]))
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:200]
