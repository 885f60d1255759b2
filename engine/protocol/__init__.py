"""What the studio and the engine say to each other: requests and events, one JSON object a line.

This is the whole process boundary. It imports nothing heavy, so that the window can import it.
The first line of an engine is `Hello`; every other message carries the `job_id` it speaks of.
"""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, cast

import msgspec

from engine.protocol.briefs import (
    BRIEFS as BRIEFS,
    Brief as Brief,
    BriefT as BriefT,
    brief_class as brief_class,
    brief_from_json as brief_from_json,
)
from engine.protocol.briefs.music import (
    INSTRUMENTS as INSTRUMENTS,
    MAX_BARS as MAX_BARS,
    MAX_ROOM_M as MAX_ROOM_M,
    MAX_TEMPO as MAX_TEMPO,
    MAX_TEXTURE_S as MAX_TEXTURE_S,
    MAX_VOICES as MAX_VOICES,
    METRES as METRES,
    MIN_TEMPO as MIN_TEMPO,
    MUSIC_FILES as MUSIC_FILES,
    RECORDING_SUFFIXES as RECORDING_SUFFIXES,
    RECORDINGS as RECORDINGS,
    SCORE_SUFFIXES as SCORE_SUFFIXES,
    SCORES as SCORES,
    SOUNDFONT_SUFFIXES as SOUNDFONT_SUFFIXES,
    Mode as Mode,
    MusicBrief as MusicBrief,
    MusicForm as MusicForm,
    MusicUse as MusicUse,
)
from engine.protocol.briefs.picture import (
    MAX_COLOURS as MAX_COLOURS,
    MAX_SIDE_PX as MAX_SIDE_PX,
    MIN_SIDE_PX as MIN_SIDE_PX,
    PICTURE_FILES as PICTURE_FILES,
    PICTURE_SUFFIXES as PICTURE_SUFFIXES,
    PICTURES as PICTURES,
    Palette as Palette,
    PictureBrief as PictureBrief,
    Symmetry as Symmetry,
    Use as Use,
)
from engine.protocol.briefs.shared import (
    MAX_CANDIDATES as MAX_CANDIDATES,
    MAX_COUNT as MAX_COUNT,
    MAX_REFERENCES as MAX_REFERENCES,
    MAX_SEED as MAX_SEED,
    Medium as Medium,
)
from engine.protocol.briefs.text import (
    CHINESE_FORMS as CHINESE_FORMS,
    CI_TUNES as CI_TUNES,
    DOCUMENTS as DOCUMENTS,
    ENGLISH_FORMS as ENGLISH_FORMS,
    PLAIN_TEXTS as PLAIN_TEXTS,
    TEXT_FILES as TEXT_FILES,
    TEXT_SUFFIXES as TEXT_SUFFIXES,
    Script as Script,
    TextBrief as TextBrief,
)
from engine.protocol.files import (
    MIB as MIB,
    FileKind as FileKind,
    max_bytes as max_bytes,
    suffixes_of as suffixes_of,
)
from engine.protocol.models import (
    ModelAction as ModelAction,
    ModelInfo as ModelInfo,
    ModelKind as ModelKind,
    ModelOffer as ModelOffer,
    ModelsRequest as ModelsRequest,
    ModelsResult as ModelsResult,
)
from engine.protocol.parts import (
    Box as Box,
    Copied as Copied,
    FeatureShown as FeatureShown,
    GeneratorInfo as GeneratorInfo,
    Mark as Mark,
    Named as Named,
    NamedStyle as NamedStyle,
    NearStyle as NearStyle,
    NoteSketch as NoteSketch,
    Reference as Reference,
    Refusal as Refusal,
    Remark as Remark,
    Said as Said,
    Sketch as Sketch,
    Suitability as Suitability,
    Taste as Taste,
    WeightedStyle as WeightedStyle,
    WorkFile as WorkFile,
    WorkReport as WorkReport,
)
from engine.protocol.requests import (
    AdaptRequest as AdaptRequest,
    BlendRequest as BlendRequest,
    CancelRequest as CancelRequest,
    ExportRequest as ExportRequest,
    GenerateRequest as GenerateRequest,
    InspectRequest as InspectRequest,
    InspectStyleRequest as InspectStyleRequest,
    JudgeRequest as JudgeRequest,
    LearnRequest as LearnRequest,
    PingRequest as PingRequest,
    ShutdownRequest as ShutdownRequest,
    SketchRequest as SketchRequest,
)

PROTOCOL = 12


class FailureKind(StrEnum):
    BAD_INPUT = "bad_input"  # the artist can mend it: exit code 2
    OUT_OF_MEMORY = "out_of_memory"
    DISK = "disk"
    ENGINE = "engine"  # our fault: exit code 1


class ProtocolError(ValueError):
    """A line that is no message of this protocol version."""


# ---- events ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The engine's first line.

    device: in use, for people: "CPU 2 cores". devices: those that can be chosen here, "cpu", "cuda"
    or "mps", the best first; chosen: the one in use. threads: that arithmetic is spread over;
    cores: that could be used.
    """

    protocol: int
    engine_version: str
    device: str
    devices: tuple[str, ...] = ()
    chosen: str = ""
    threads: int = 0
    cores: int = 0
    generators: tuple[GeneratorInfo, ...] = ()
    job_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`done` of `total` units of work; `seconds_left` is None until an estimate is honest."""

    job_id: str
    done: float
    total: float
    seconds_left: float | None = None
    # reading, adapting, drawing, writing, composing, playing, saving, fetching or converting
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Work `index` as it stands: a picture or a recording at `path`, never overwritten while the
    job lives; or the words so far; or the notes so far, over the seconds of the whole work."""

    job_id: str
    index: int
    path: str = ""
    width_px: int = 0
    height_px: int = 0
    text: str = ""
    sketch: Sketch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleResult:
    """A style file stands at `path`. `refused` names references that could not be read.

    generator: the id of the one that made it. memory_only: the language, by its own name, where the
    generator has never learned it: such a style only recombines its references. model: the name of
    the added model that it stands on, if it does; licence: of that model, which is the style's too.
    Of music, notes: how many it has learned from; sounds: of how many references it has the sound.
    suitability: of the generators that were asked how well they expect the references, the chosen
    one first. Of a learned style, ratings_used and tastes: what it has learned, strongest first.
    """

    job_id: str
    path: str
    digest: str
    seconds: float
    references_used: int
    generator: str = ""
    refused: tuple[Refusal, ...] = ()
    memory_only: str = ""
    model: str = ""
    licence: str = ""
    notes: int = 0
    sounds: int = 0
    remarks: tuple[Remark, ...] = ()
    suitability: tuple[Suitability, ...] = ()
    ratings_used: int = 0
    tastes: tuple[Taste, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksResult:
    job_id: str
    works: tuple[WorkFile, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeResult:
    """In the order of the works; `refused` names works, references and styles that could not be
    read. match: in the mean.
    diversity: how many different works there are, 1 … their number (Vendi score)."""

    job_id: str
    works: tuple[WorkReport, ...]
    match: float
    diversity: float
    seconds: float
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchResult:
    job_id: str
    path: str
    sketch: Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectResult:
    """Of a text its words, their title first, in which language, and of Chinese the script where
    that is clear. Of a picture a PNG file without a profile, and how large the whole is, upright.
    Of music what can be drawn before anybody listens, or a WAV file."""

    job_id: str
    text: str = ""
    language: str = ""
    script: str = ""
    picture: str = ""
    width_px: int = 0
    height_px: int = 0
    sketch: Sketch | None = None
    sound: str = ""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectStyleResult:
    """Of a style file its medium, its generator, the names of its references in their order;
    notes, sounds and memory_only: see StyleResult."""

    job_id: str
    medium: Medium
    generator: str
    digest: str
    references: tuple[str, ...] = ()
    memory_only: str = ""
    notes: int = 0
    sounds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """ground: where a ground that became transparent was known from: "references" (they lay on
    it), "shape" (the outline of one of them), "edge" (the colour that most of the edge has)."""

    job_id: str
    paths: tuple[str, ...]
    ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What happened, and what to do. Whatever was good before the job is still there.

    `message` and `remedy` are English; `code` and `details` let another language say the same.
    """

    job_id: str
    kind: FailureKind
    message: str
    remedy: str = ""
    code: str = ""
    details: dict[str, str | int | float] = field(default_factory=dict[str, str | int | float])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong:
    """The answer to a PingRequest: the engine hears.

    still: how many pings came since the running job last said anything; 0 while none runs."""

    job_id: str = ""
    still: int = 0


Job = (
    AdaptRequest
    | GenerateRequest[Any]
    | BlendRequest
    | SketchRequest
    | InspectRequest
    | InspectStyleRequest
    | ExportRequest
    | JudgeRequest
    | LearnRequest
    | ModelsRequest
)
JOBS = (  # for isinstance, which takes no parameters of a class
    *(AdaptRequest, GenerateRequest, BlendRequest, SketchRequest, InspectRequest),
    *(InspectStyleRequest, ExportRequest, JudgeRequest, LearnRequest, ModelsRequest),
)
Request = Job | CancelRequest | PingRequest | ShutdownRequest
Result = (
    StyleResult
    | WorksResult
    | SketchResult
    | InspectResult
    | InspectStyleResult
    | ExportResult
    | JudgeResult
    | ModelsResult
)
Event = Hello | Progress | Preview | Result | Failure | Cancelled | Pong

_TYPES = {
    cls.__name__: cls
    for cls in (
        *(AdaptRequest, GenerateRequest, BlendRequest, SketchRequest, ExportRequest),
        *(InspectStyleRequest, InspectStyleResult),
        *(InspectRequest, InspectResult, JudgeRequest, LearnRequest, JudgeResult),
        *(CancelRequest, PingRequest, ShutdownRequest, Hello, Pong),
        *(Progress, Preview, Failure, Cancelled),
        *(StyleResult, WorksResult, SketchResult, ExportResult),
        *(ModelsRequest, ModelsResult),
    )
}


def encode(message: Request | Event) -> str:
    """One line of JSON, without the line feed."""
    return json.dumps({"type": type(message).__name__, **asdict(message)})


def decode(line: str | bytes) -> Request | Event:
    """The message on one line. Raises ProtocolError for anything else."""
    try:
        fields = json.loads(line)
        cls = _TYPES[fields.pop("type")]
        if cls is GenerateRequest:
            cls = GenerateRequest[brief_class(fields["brief"])]
        return cast(Request | Event, msgspec.convert(fields, cls))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        text = line if isinstance(line, str) else line.decode("utf-8", "replace")
        raise ProtocolError(f"not a message of protocol {PROTOCOL}: {text[:200]!r}") from error
