"""What the brief requires of English verse: the prompt as lines, a line for every keyword."""

import re
from dataclasses import dataclass

import numpy as np

from engine.core.errors import BadInput
from engine.media.text.forms.metre import SHORT, Metre
from engine.media.text.forms.sounds import Sound, sound_of, words_in

VERSE_TEXT = re.compile(r"[A-Za-z',;:.!? \n]*")


@dataclass(frozen=True, slots=True)
class PlacedKeyword:
    """A word or some, to come in a line when `after` of its syllables are written."""

    text: str
    last: str  # word
    sound: Sound  # of the last word
    syllables: int  # of all
    after: int


def tidy(prompt: str) -> str:
    """Straight apostrophes, single spaces, no empty lines. Raises BadInput for other marks."""
    text = prompt.replace("’", "'").replace("‘", "'")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    text = "\n".join(line for line in lines if line)
    if not text:
        return ""
    if not VERSE_TEXT.fullmatch(text) or not words_in(text[:2]):
        raise BadInput("prompt_lines")
    return text


def place_keywords(
    words: tuple[str, ...], metre: Metre, begun: int, rng: np.random.Generator
) -> dict[int, list[PlacedKeyword]]:
    """A line of chance for each, none of the `begun` first. Raises BadInput."""
    shortest = SHORT if metre.rhymed else 1
    room = {  # one or two syllables stand before the keywords of a line
        line: high - shortest - 2 for line, (_, high) in enumerate(metre.syllables) if line >= begun
    }
    placed: dict[int, list[PlacedKeyword]] = {}
    sounded = [(sum(s.syllables for _, s in sounds_in(word)), word) for word in set(words)]
    for count, word in sorted(sounded, reverse=True):
        lines = [line for line, left in room.items() if left >= count]
        if not lines:
            raise BadInput("keyword_place", word=word)
        line = int(rng.choice(lines))
        after = 1 + int(rng.integers(0, room[line] - count + 1))
        room[line] -= count
        last, sound = sounds_in(word)[-1]
        placed.setdefault(line, []).append(PlacedKeyword(word, last, sound, count, after))
    return {line: sorted(found, key=lambda k: k.after) for line, found in placed.items()}


def sounds_in(phrase: str) -> list[tuple[str, Sound]]:
    """Its words and how they sound. Raises BadInput for one that nobody knows."""
    found = []
    for word in words_in(phrase):
        sound = sound_of(word)
        if sound is None:
            raise BadInput("word_unknown", word=word)
        found.append((word, sound))
    return found
