"""What messages are made of: references, works, sketches of them, refusals.

Imports nothing heavy, so that the window can import it (through `engine.protocol`).
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
    recording; notes: of a score, or of what was heard in a recording, in the order of onsets;
    chords: (seconds, symbol); hits: (seconds, key of General MIDI) of drums."""

    seconds: float
    peaks: tuple[float, ...] = ()
    notes: tuple[NoteSketch, ...] = ()
    chords: tuple[tuple[float, str], ...] = ()
    hits: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFile:
    """A finished work on disk, with its sidecar; a text has no pixels, a picture no words.

    sketch: of music; its sidecar holds it too, as "sketch", and as "score" the notes as a MIDI
    file in base64 ("" of a texture). in_parts: memory was short, so that it was made in parts: more
    slowly and, of a picture, in small tiles, as another work than with more memory.
    """

    path: str
    sidecar: str
    seed: int
    width_px: int = 0
    height_px: int = 0
    text: str = ""
    copied: Copied | None = None
    sketch: Sketch | None = None
    in_parts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something the artist should know of how a reference was read."""

    name: str
    message: str
    code: str
    details: dict[str, str | int | float] = field(default_factory=dict[str, str | int | float])


@dataclass(frozen=True, slots=True, kw_only=True)
class Suitability:
    """How well a generator expects the references, before anything is made. nats: a character of
    them, fewer is better; known: whether it knows such texts at all."""

    generator: str
    nats: float
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A reference that was left out, with the one sentence that says why (see Failure)."""

    path: str
    message: str
    remedy: str = ""
    code: str = ""
    details: dict[str, str | int | float] = field(default_factory=dict[str, str | int | float])


# ---- what a critic says ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A word or two for people, in both languages."""

    english: str
    chinese: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of the critic, in both languages; `code` and `details` say the same to code."""

    code: str
    english: str
    chinese: str
    details: dict[str, str | int | float] = field(default_factory=dict[str, str | int | float])


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureShown:
    """One named number of a work, with its references' mean, both in `unit`; gap: their difference
    in deviations that works of one maker usually have."""

    code: str
    name: Named
    unit: str
    value: float
    reference: float
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedStyle:
    """A .style file at `path`, and what people call it."""

    path: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearStyle:
    """The style that a work is nearest to, by its name and its place among those that were named,
    and the one that is next ("" where it is the only one). Shares, 0 … 1, are of one whole among
    all: where both are about the same, the work lies between them."""

    name: str
    index: int
    share: float
    next: str = ""
    next_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkReport:
    """All from 0 to 1. match: of style, where works by the references' maker are near 1 and those
    of strangers near 0; quality: technical, which only says what can be told where quality_known is
    False: the critic knows no such works; novelty: 1 is unlike every reference; copied: the share
    that stands in one. nearest: the name of the reference that it is most like; style: of the
    styles that were named, None where there are none that can be told."""

    path: str
    match: float
    quality: float
    novelty: float
    copied: float
    nearest: str
    features: tuple[FeatureShown, ...] = ()
    said: tuple[Said, ...] = ()
    style: NearStyle | None = None
    quality_known: bool = True


Box = tuple[float, float, float, float]  # left, top, right, bottom, 0 … 1 of a picture's sides


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A part of a work that the artist likes, or does not, beside the rest of it.

    start, end: of a text the lines, counted from 0 as they stand in the file, of music the seconds;
    `end` is not in it. box: of a picture.
    """

    path: str
    liked: bool
    start: float = 0.0
    end: float = 0.0
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """One thing that was learned from ratings. strength: how much one deviation of the feature adds
    to the logarithm of the odds of more stars; certainty: 0.5 … 1, that its sign is right."""

    code: str
    name: Named
    direction: Named  # what is liked: "warmer"
    strength: float
    certainty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorInfo:
    """A generator that is installed. fields: names of the brief's fields that it serves; uses: of a
    brief's content; forms: of a text brief, "*" for all. No window shows what is not served.
    on_models: it stands on a model that artists add, and is nothing without one.
    """

    id: str
    version: int
    medium: str
    name: Named
    fields: tuple[str, ...]
    uses: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    on_models: bool = False
