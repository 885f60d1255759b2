"""Does an English text keep its form? Judged from the text alone, as a reader would."""

import re
from itertools import pairwise

from engine.media.text.forms.metre import SCHEMES, SYLLABLES
from engine.media.text.forms.open_english import LENGTHS, holds, tidy_prompt
from engine.media.text.forms.sounds import sound_of, syllables_in, words_in
from engine.protocol import TextBrief

TURN = re.compile(r"([A-Z]{2,}(?: [A-Z]+)*)\. \S.*[.!?]", re.DOTALL)
DIALOGUE_WORDS = 120
SENTENCE = re.compile(r".*[.!?]", re.DOTALL)


def english_violations(text: str, brief: TextBrief) -> list[str]:
    """What is wrong, a sentence each; empty where nothing is."""
    found = _requirements(text, brief)
    if not SENTENCE.fullmatch(text):
        found.append("it does not end with a sentence")
    if brief.form == "dialogue":
        return found + _dialogue(text, brief)
    if brief.form in SCHEMES:
        return found + _metre(text, brief)
    if brief.form not in ("prose", "free verse", ""):
        return [f"{brief.form!r} is no English form"]
    if brief.form == "prose" and "\n" in text:
        found.append("it is more than one paragraph")
    if not brief.acrostic and len(text.split()) < (brief.length or LENGTHS[brief.form]):
        found.append("it is too short")
    return found


def _requirements(text: str, brief: TextBrief) -> list[str]:
    found = []
    begins, wanted = _spaced(text), _spaced(tidy_prompt(brief.prompt, False))
    if brief.form == "dialogue":
        speech = begins.partition(". ")[2]
        if not (speech.startswith(wanted) or begins.lower().startswith(wanted.lower())):
            found.append("it does not begin with the prompt")
    elif not begins.startswith(wanted):
        found.append("it does not begin with the prompt")
    found += [f"the keyword {w!r} is missing" for w in brief.keywords if not holds(begins, w)]
    firsts = "".join(line.lstrip("'")[:1] for line in text.split("\n"))
    if brief.acrostic and firsts.lower() != brief.acrostic.lower():
        found.append(f"its lines begin with {firsts!r}")
    return found


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _metre(text: str, brief: TextBrief) -> list[str]:
    stanzas = [stanza.split("\n") for stanza in text.split("\n\n")]
    if brief.form != "quatrains" and len(stanzas) != 1:
        return ["it has an empty line"]
    lengths = {len(stanza) for stanza in stanzas}
    if lengths != {len(SCHEMES[brief.form][0])}:
        return [f"it has {sum(map(len, stanzas))} lines in {len(stanzas)} stanzas"]
    found = []
    for lines in stanzas:
        for i, line in enumerate(lines):
            low, high = SYLLABLES[brief.form][i % len(SYLLABLES[brief.form])]
            count = syllables_in(line)
            if count is None or not low <= count <= high:
                found.append(f"{line!r} has {count} syllables")
    if brief.form == "haiku":
        return found
    schemes = [[w for s in stanzas for w in _rhymes(s, scheme)] for scheme in SCHEMES[brief.form]]
    return found + min(schemes, key=len)


def _rhymes(lines: list[str], scheme: str) -> list[str]:
    """What does not rhyme as the scheme says, and words that rhyme with themselves."""
    ends = [words_in(line)[-1].lower() if words_in(line) else "" for line in lines]
    found = []
    for i, letter in enumerate(scheme):
        first = scheme.index(letter)
        if first == i:
            continue
        sounds = sound_of(ends[first]), sound_of(ends[i])
        if None in sounds or sounds[0].rhyme != sounds[1].rhyme:  # type: ignore[union-attr]
            found.append(f"{ends[first]} and {ends[i]} do not rhyme")
        elif ends[first] == ends[i]:
            found.append(f"{ends[i]} rhymes with itself")
    return found


def _dialogue(text: str, brief: TextBrief) -> list[str]:
    turns = text.split("\n\n")
    matches = [TURN.fullmatch(turn) for turn in turns]
    found = [f"{t!r} is no turn" for t, m in zip(turns, matches, strict=True) if not m]
    names = [m[1] for m in matches if m]
    if len(set(names)) < 2:
        found.append("it has fewer than two speakers")
    if any(a == b for a, b in pairwise(names)):
        found.append("a speaker has two turns in a row")
    if len(text.split()) - len(turns) < (brief.length or DIALOGUE_WORDS):
        found.append("it is too short")
    return found
