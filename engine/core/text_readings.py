"""How much sense a reading of bytes in one encoding makes, and the reading that makes the most.

A reading is judged by its characters beyond ASCII: 1 where all are ones that people write, 0 or
less where they are none. The bytes of a poem fit several encodings; its characters fit one.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

# Where two make as much sense the first is taken: bytes that are all Hangul seldom are Chinese.
EASTERN = ("cp949", "gb18030", "big5", "big5hkscs", "cp932", "euc_jp")
JAPANESE = ("cp932", "euc_jp")
WESTERN = ("cp1252", "mac_roman", "cp437", "cp850", "cp1250", "iso8859_2")
ALPHABETS = ("cp1251", "koi8_r", "cp866", "mac_cyrillic", "cp1253", "iso8859_7")
GOOD, GOOD_WESTERN, GOOD_ALPHABET = 0.8, 0.5, 0.5
MOST_WESTERN = 0.3  # of all characters: more are Chinese bytes, read as Western letters
LEAST_KANA = 0.1  # of a Japanese text
FLAW_BYTES = 100  # one flaw in so many bytes is borne, and one more …
GOOD_FOR_A_FLAW = 8  # … where so many characters beyond ASCII are sound
NEXT_BYTES = 200  # that say which byte of a pair was wrong
RARE_SYLLABLE = 0.4  # what a Hangul syllable counts that KS X 1001 has not
_SIGNS = re.compile(r"[\u2010-\u2026\u3000-\u301f\u3040-\u30ff\uff01-\uff5e]")
_BIG5_CELLS = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # what encodings make of bytes that mean nothing
_KANA = re.compile(r"[\u3041-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_IN_A_WORD = re.compile(r"(?<=[A-Za-z])[\u3041-\ud7af]|[\u3041-\ud7af](?=[A-Za-z])")
_GLUED = re.compile(r"(?<=[A-Za-z])[\u0370-\u04ff]|[\u0370-\u04ff](?=[A-Za-z])")
_LETTERS = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœßúùûüÿąćęłńśźżčďěňřšťůýžőű")
_CAPITALS = frozenset(letter.upper() for letter in _LETTERS if letter != "ß")
_BASIC = re.compile("[а-яё\u03ac-\u03ce]", re.IGNORECASE)
# More than half of the letters in Cyrillic and Greek prose; a wrong reading swaps them or the case.
_FREQUENT = frozenset("оеаинтсрвлкмдпуαοιετσνηρπκμςλυόάίέή")
_OPENING, _CLOSING, _LOOSE = frozenset("“‘«„‚¿¡"), frozenset("”’»"), frozenset("–—…·\xa0")
_SYMBOLS = frozenset("£€§©®°½¼¾²³†•ªº")


@dataclass(frozen=True, slots=True)
class Reading:
    """text, in one encoding; mended: some bytes were passed over."""

    text: str
    sense: float
    mended: bool = False


def best_of(data: bytes) -> Reading | None:
    """The reading in an encoding of before Unicode that makes the most sense; None where none
    makes enough."""
    families = (EASTERN, GOOD), (WESTERN, GOOD_WESTERN), (ALPHABETS, GOOD_ALPHABET)
    for names, enough in families:
        readings = [found for name in names if (found := _read(data, name)) is not None]
        best = max(readings, key=lambda each: (each.sense, not each.mended), default=None)
        if best is not None and best.sense >= enough:
            return best
    return None


def eastern_readings(data: bytes) -> list[Reading]:
    """Those in the encodings of China, Japan and Korea that are possible at all."""
    return [found for name in EASTERN if (found := _read(data, name)) is not None]


def _read(data: bytes, encoding: str) -> Reading | None:
    """None where more than a few bytes fit nowhere."""
    flaws, most = 0, 1 + len(data) // FLAW_BYTES
    lines: list[str] = []
    for line in data.splitlines(keepends=True):  # no trail byte is an end of line
        text, dropped = _line(line, encoding, most - flaws)
        flaws += dropped
        if flaws > most:
            return None
        lines.append(text)
    text = "".join(lines)
    if sum(ord(c) > 127 for c in text) < flaws * GOOD_FOR_A_FLAW:
        return None
    return Reading(text, _sense(text, encoding), flaws > 0)


def _line(line: bytes, encoding: str, most: int) -> tuple[str, int]:
    """(its text, how many bytes had to go for it). An error names the byte that began a pair, but
    the wrong one may be the next: of the two ways to go on, the one whose next bytes make more
    sense is taken."""
    sound: list[str] = []
    for dropped in range(most + 1):
        try:
            text = "".join(sound) + line.decode(encoding)
            known = _PRIVATE.sub("", text)
            return known, dropped + len(text) - len(known)
        except UnicodeDecodeError as error:
            at = error.start
        sound.append(line[:at].decode(encoding))
        ways = [line[at + 1 :]]
        if at + 1 < len(line):
            ways.append(line[at : at + 1] + line[at + 2 :])
        line = max(ways, key=lambda each: _promise(each, encoding))
    return "".join(sound) + line.decode(encoding, "ignore"), most + 1


def _promise(line: bytes, encoding: str) -> tuple[int, float]:
    """How well a line goes on, by its next `NEXT_BYTES`."""
    text = line[:NEXT_BYTES].decode(encoding, "replace")
    if len(line) > NEXT_BYTES:
        text = text[:-1]  # it may be cut in two
    return -text.count("\ufffd"), _sense(text, encoding)


def _sense(text: str, encoding: str) -> float:
    beyond = [c for c in text if ord(c) > 127]
    if not beyond:
        return 1.0
    if encoding in ALPHABETS:
        known = sum((c in _FREQUENT) + 0.1 * bool(_BASIC.match(c)) for c in beyond)
        return (known - len(_GLUED.findall(text))) / len(beyond)
    return _western(text, beyond) if encoding in WESTERN else _eastern(text, beyond, encoding)


def _eastern(text: str, beyond: list[str], encoding: str) -> float:
    """The share of the characters that one would expect to read."""
    kana = sum(bool(_KANA.match(c)) for c in beyond) / len(beyond)
    if encoding in JAPANESE and kana < LEAST_KANA:
        return 0.0
    common = _japanese() if encoding in JAPANESE else common_chinese()
    han = sum(c in common for c in beyond)
    if _HANGUL.search(text):
        han = -han  # Korean of today is written without
    signs = sum(bool(_SIGNS.match(c)) or _syllable(c) for c in beyond)
    share = (han + signs - _glued(text, beyond)) / len(beyond)
    return share * (1 - kana / 2) if encoding not in JAPANESE else share


def _glued(text: str, beyond: list[str]) -> int:
    """How many stand in the middle of Latin words, in a text that is mostly Latin."""
    return 0 if len(beyond) > MOST_WESTERN * len(text) else len(_IN_A_WORD.findall(text))


def _syllable(character: str) -> float:
    if not _HANGUL.match(character):
        return 0.0
    try:
        character.encode("euc_kr")
    except UnicodeEncodeError:
        return RARE_SYLLABLE
    return 1.0


def _western(text: str, beyond: list[str]) -> float:
    """Whether letters stand in words, quotation marks around them."""
    if len(beyond) > MOST_WESTERN * len(text) + 2:
        return 0.0
    around = f" {text} "
    places = [i for i, c in enumerate(around) if ord(c) > 127]
    return sum(_fits(around[i - 1], around[i], around[i + 1]) for i in places) / len(places)


def _fits(before: str, sign: str, after: str) -> float:
    """How well a sign stands between its neighbours, -1 … 1."""
    if sign in _LETTERS:
        return 1.0 if before.isalpha() or after.isalpha() else 0.2
    if sign in _CAPITALS:
        alone = not before.isalpha() and not after.isalpha()
        fits = not before.islower() and (after.islower() or before.isupper())
        return 0.0 if alone and after == " " and before == " " else 1.0 if fits else -1.0
    if sign in _OPENING:
        return 1.0 if not before.isalnum() and not after.isspace() else -0.5
    if sign in _CLOSING:
        return 1.0 if not before.isspace() else -0.5
    if sign in _LOOSE:
        return 0.7
    return 0.3 if sign in _SYMBOLS and not (before.isalpha() and after.isalpha()) else -1.0


def sense_of_wide(text: str) -> float:
    """The same of a reading in UTF-16 or UTF-32, whose wrong ones are characters of everywhere."""
    return sum(map(_likelihood, text)) / len(text) if text else 0.0


def _likelihood(character: str) -> float:
    if character in "\n\r\t" or " " <= character <= "~":
        return 1.0
    if character in common_chinese() or _SIGNS.match(character):
        return 1.0
    category = unicodedata.category(character)
    if category[0] == "C" or character == "\ufffd":
        return 0.0 if category == "Cf" else -1.0
    name = unicodedata.name(character, "")
    if name.startswith("CJK"):
        return 0.6
    return 0.9 if name.startswith(("LATIN", "HANGUL SYL", "CYRILLIC", "GREEK", "HEBREW")) else 0.3


@cache
def common_chinese() -> frozenset[str]:
    """The 3,755 characters of GB2312's first level, and the 5,401 of Big5's."""
    simplified = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    traditional = (bytes((row, cell)) for row in range(0xA4, 0xC7) for cell in _BIG5_CELLS)
    characters = "".join(pair.decode("gb2312", "ignore") for pair in simplified)
    characters += "".join(pair.decode("big5", "ignore") for pair in traditional)
    return frozenset(c for c in characters if "\u4e00" <= c <= "\u9fff")  # Big5 has kana there


@cache
def _japanese() -> frozenset[str]:
    """The 2,965 characters of JIS X 0208's first level."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xD0) for cell in range(0xA1, 0xFF))
    return frozenset("".join(pair.decode("euc_jp", "ignore") for pair in rows))
