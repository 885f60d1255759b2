"""English verse by syllables and rhymes: sonnet, quatrains, haiku.

Sonnet: fourteen lines of nine to eleven syllables, ABAB CDCD EFEF GG. Quatrains: seven to nine,
ABAB or AABB. Haiku: five, seven, five. Every word is one whose sound is known, every line end one
that can bear it, and a line only takes what leaves room for its rhyme.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.media.text.forms.constraint import Lexicon
from engine.media.text.forms.sounds import WEAK, Sound, sounded_words

SCHEMES = {"sonnet": ("ABABCDCDEFEFGG",), "quatrains": ("ABAB", "AABB"), "haiku": ("...",)}
SYLLABLES = {"sonnet": ((9, 11),), "quatrains": ((7, 9),), "haiku": ((5, 5), (7, 7), (5, 5))}
MIN_RHYMES = 6  # short words that a rhyme must have to be begun
SHORT = 2  # syllables
SENTENCE_ENDS = (".", "!", "?")
PAUSES = (",", ";", ":")
MARKS = Lexicon((*PAUSES, *SENTENCE_ENDS))


@dataclass(frozen=True, slots=True)
class Metre:
    """The form of one work. partners: line -> the earlier line it rhymes with, or none."""

    syllables: tuple[tuple[int, int], ...]
    rhymed: bool
    partners: dict[int, int]
    stanza: int = 0  # lines in a stanza; 0 is no stanzas

    @property
    def lines(self) -> int:
        return len(self.syllables)


def metre_of(form: str, scheme: str, stanzas: int = 1) -> Metre:
    """A sonnet, a haiku or so many quatrains of that scheme, each with rhymes of its own."""
    letters = [(stanza, letter) for stanza in range(stanzas) for letter in scheme]
    partners = {
        line: letters.index(letter)
        for line, letter in enumerate(letters)
        if form != "haiku" and letters.index(letter) < line
    }
    lengths = SYLLABLES[form]
    spans = tuple(lengths[i % len(lengths)] for i in range(len(letters)))
    return Metre(spans, form != "haiku", partners, 4 if form == "quatrains" else 0)


class VerseWords:
    """The W words that metrical verse is made of, the same index in every array.

    first: as they begin a line, with a capital. next: as they stand within one, after a space.
    """

    def __init__(self) -> None:
        self.words = tuple(word for word in sounded_words() if not is_name(word.text))
        self.texts = [w.text for w in self.words]
        self.first = Lexicon(map(capitalised, self.texts))
        self.next = Lexicon(f" {text}" for text in self.texts)
        self.syllables = np.array([w.sound.syllables for w in self.words])
        names = sorted({w.sound.rhyme for w in self.words})
        number = {name: i for i, name in enumerate(names)}
        self.rhyme_number = number
        self.rhymes = np.array([number[w.sound.rhyme] for w in self.words])
        self.strong = np.array([text.lower() not in WEAK for text in self.texts])
        self.initials = np.array([text.lstrip("'")[0].lower() for text in self.texts])
        short = self.strong & (self.syllables <= SHORT)
        members = np.bincount(self.rhymes[short], minlength=len(names))
        self.rhymable = members[self.rhymes] >= MIN_RHYMES

    def rhyming(self, sound: Sound) -> np.ndarray:
        """(W,) bool: the words of that rhyme."""
        return self.rhymes == self.rhyme_number.get(sound.rhyme, -1)


@cache
def verse_words() -> VerseWords:
    """Made once."""
    return VerseWords()


def is_name(text: str) -> bool:
    """Always written with a capital: names, which a style does not take from other people's plays.

    "I" and what begins with it, and God, are none.
    """
    return text[:1].isupper() and text.split("'")[0] not in ("I", "God", "O")


def capitalised(text: str) -> str:
    """With its first letter a capital, also after an apostrophe."""
    place = 1 if text.startswith("'") else 0
    return text[:place] + text[place : place + 1].upper() + text[place + 1 :]
