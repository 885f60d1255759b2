"""How English words sound: syllables and rhymes, from `words.json` (see there for its source)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WORDS_FILE = Path(__file__).with_name("words.json")  # what verse is drawn from
RARE_FILE = Path(__file__).with_name("words_rare.json")  # what is known besides
WORD = re.compile(r"(?:(?<![A-Za-z])')?[A-Za-z]+(?:'[A-Za-z]+)*")
HISSING = ("S", "Z", "SH", "ZH", "CH", "JH")
# Words that no line of verse ends with: they lean on the next.
LEANING = (
    "a an the of and or to in on at by for from with as if but than that my thy his her our your "
    "their its is are was were be am do did hath doth shall will would should could can may must "
    "so too no nor not i he we they who whose which what this these some any per de la le re "
    "unto into upon o oh um uh says thou"
)
WEAK = frozenset(LEANING.split())


@dataclass(frozen=True, slots=True)
class Sound:
    """Syllables, and the phonemes from the last stressed vowel on: equal ones rhyme."""

    syllables: int
    rhyme: str


@dataclass(frozen=True, slots=True)
class SoundedWord:
    """A word as it is written within a sentence."""

    text: str
    sound: Sound


@cache
def sounded_words() -> tuple[SoundedWord, ...]:
    """Every word that the metrical forms use."""
    return tuple(_words(WORDS_FILE))


def _words(path: Path) -> Iterator[SoundedWord]:
    rows = json.loads(path.read_text(encoding="utf-8"))["rhymes"]
    return (
        SoundedWord(text, Sound(int(count), rhyme))
        for rhyme, by_count in rows.items()
        for count, words in by_count.items()
        for text in words.split()
    )


@cache
def _known() -> dict[str, Sound]:
    return {word.text.lower(): word.sound for word in sounded_words()}


@cache
def _rare() -> dict[str, Sound]:
    return {word.text: word.sound for word in _words(RARE_FILE)}


def sound_of(word: str) -> Sound | None:
    """How it sounds, a possessive by its stem; None where nobody knows."""
    word = word.lower()
    if sound := _known().get(word) or _rare().get(word):
        return sound
    if word.endswith("'s") and (stem := sound_of(word[:-2])):
        last = stem.rhyme.split()[-1]
        if last in HISSING:
            return Sound(stem.syllables + 1, stem.rhyme + " IH Z")
        return Sound(stem.syllables, stem.rhyme + " Z")
    return None


def words_in(line: str) -> list[str]:
    return WORD.findall(line.replace("’", "'"))


def syllables_in(line: str) -> int | None:
    """None where a word is unknown."""
    sounds = [sound_of(word) for word in words_in(line)]
    return None if None in sounds else sum(s.syllables for s in sounds if s)
