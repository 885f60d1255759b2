"""What the parts of a work are called: as its reference calls them, by what plays them, else by
how high they lie."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.media.audio.codec.score import Part, Score

CHORDS, MOSTLY = "Chords", 1.5  # what a part is called in which so many notes begin at once
VOICE = "Voice"  # of a sound that is learned from a recording, and has no name
REGISTERS = (("Soprano", 67), ("Alto", 60), ("Tenor", 52), ("Bass", 0))  # from which pitch up


def named(score: Score, playing: Sequence[Part], theirs: Sequence[str] = ()) -> tuple[Part, ...]:
    """playing: what plays each part of a score, called by it. theirs: what the followed reference
    calls its parts, "" where it says nothing. A part that has a name keeps it; several that are
    called alike are numbered."""
    found: list[Part] = []
    for place, (own, part) in enumerate(zip(score.parts, playing, strict=True)):
        said = theirs[place] if place < len(theirs) else ""
        name = said or part.name
        if name == VOICE and len(score.parts) > 1:
            name = register(score, place)
        found.append(own if own.name else Part(name, part.program))
    often = Counter(part.name for part in found)
    seen: Counter[str] = Counter()
    for place, (own, part) in enumerate(zip(score.parts, found, strict=True)):
        seen[part.name] += 1
        if often[part.name] > 1 and not own.name:
            found[place] = Part(f"{part.name} {seen[part.name]}", part.program)
    return tuple(found)


def register(score: Score, part: int) -> str:
    """Of the middle one of a part's pitches; "Chords" where mostly several notes begin at once, and
    "Voice" of a part that plays nothing."""
    notes = score.notes[score.notes["part"] == part]
    pitches = notes["pitch"]
    if not len(pitches):
        return VOICE
    if len(pitches) >= MOSTLY * len(np.unique(notes["onset"])):
        return CHORDS
    middle = float(np.median(pitches))
    return next(name for name, lowest in REGISTERS if middle >= lowest)
