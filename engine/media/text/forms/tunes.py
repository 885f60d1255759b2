"""The templates of ci: one pattern a tune, learned from what most poets wrote (`tunes.json`)."""

import json
import re
from functools import cache
from pathlib import Path

from engine.media.text.forms.template import ENDS, FREE, Slot, VerseTemplate

TUNES_FILE = Path(__file__).with_name("tunes.json")


@cache
def tune_template(tune: str, tones: bool) -> VerseTemplate:
    """The template of a tune; with `tones`, the places that most poets kept level or oblique too.

    Raises KeyError for an unknown tune.
    """
    row = _tunes()[tune]
    slots: list[Slot] = []
    marks: dict[int, str] = {}
    stanza_ends, breaks, starts = [], [], [0]
    for length, mark in re.findall(r"(\d+)([，。、])", row["pattern"]):
        line = len(breaks)
        slots += [Slot(line)] * int(length)
        marks[len(slots) - 1] = ENDS if mark == "。" else mark
        if mark == "、":
            continue
        breaks.append(len(slots) - 1)
        starts.append(len(slots))
        if len(slots) == row["first_stanza"]:
            stanza_ends.append(line)
    if tones:
        slots = [
            Slot(s.line, tone.replace("中", FREE))
            for s, tone in zip(slots, row["tones"], strict=True)
        ]
    for end, group, tone in zip(breaks, row["rhymes"], row["rhyme_tones"], strict=True):
        if group != ".":
            slots[end] = Slot(slots[end].line, tone, rhyme="abcdefgh".index(group))
    for line, earlier in row["copies"]:
        for i in range(starts[line], starts[line + 1]):
            slots[i] = Slot(line, copy_of=i - starts[line] + starts[earlier])
    return VerseTemplate(
        tune, tuple(slots), marks, "parts", tuple(stanza_ends[:1]), frozenset(breaks)
    )


@cache
def _tunes() -> dict:
    return json.loads(TUNES_FILE.read_text(encoding="utf-8"))["tunes"]
