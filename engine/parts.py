"""What messages are made of: references, works, sketches of them, refusals.

Imports nothing heavy, so that the window can import it (through `engine.messages`).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One work that the artist dropped in; `weight` > 0 is its share in the style."""

    path: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedStyle:
    path: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How much of a text stands in the references, or in the works that the generator learned from.

    run: the longest run of characters (zh) or words (en) shared with a reference, `words` are
    those, `source` whose. share: 0 … 1, of the runs of eight that stand in a reference too.
    learned_run, learned_words: the longest that seems to stand in what the generator learned from,
    0 where none is longer than the usual limit; a filter tells, which may err on the safe side.
    """

    run: int
    words: str
    source: str
    share: float
    learned_run: int = 0
    learned_words: str = ""


NoteSketch = tuple[float, float, int, int]  # onset and duration in s, MIDI pitch, voice 0 …


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What a window draws of music. peaks: at most 800 of 0 … 1, evenly over `seconds`, of a
    recording; notes: of a score, or of what was heard in a recording, in the order of onsets."""

    seconds: float
    peaks: tuple[float, ...] = ()
    notes: tuple[NoteSketch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFile:
    """A finished work on disk, with its sidecar; a text has no pixels, a picture no words.

    sketch: of music; its sidecar holds it too, as "sketch", and as "score" the notes as a MIDI
    file in base64 ("" of a texture).
    """

    path: str
    sidecar: str
    seed: int
    width_px: int = 0
    height_px: int = 0
    text: str = ""
    copied: Copied | None = None
    sketch: Sketch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something the artist should know of how a reference was read."""

    name: str
    message: str
    code: str
    details: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A reference that was left out, with the one sentence that says why (see Failure)."""

    path: str
    message: str
    remedy: str = ""
    code: str = ""
    details: dict[str, str | int | float] = field(default_factory=dict)
