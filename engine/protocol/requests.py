"""What the studio asks of the engine.

Imports nothing heavy, so that the window can import it (through `engine.protocol`).
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from engine.protocol.briefs import Brief
from engine.protocol.briefs.shared import Medium
from engine.protocol.parts import Mark, NamedStyle, Reference, WeightedStyle

AnyBrief = TypeVar("AnyBrief", bound=Brief, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptRequest:
    """References → a style file at `out`. With `preview_dir`, a first small work is shown too.

    generator: the id of the one that shall adapt; "" is the one that suits the references best."""

    job_id: str
    references: tuple[Reference, ...]
    out: str
    medium: Medium = Medium.IMAGE
    seed: int = 0
    seconds: float | None = None  # how long adapting may take; None is the medium's own
    preview_dir: str | None = None
    generator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest(Generic[AnyBrief]):
    """Style and brief → works in `out_dir`. With `preview_dir`, they are shown as they grow."""

    job_id: str
    style: str
    out_dir: str
    brief: AnyBrief
    preview_dir: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendRequest:
    """Styles with weights → one style between them."""

    job_id: str
    styles: tuple[WeightedStyle, ...]
    out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectStyleRequest:
    """A .style file → what it is, if works can be made with it here."""

    job_id: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchRequest:
    """A recording or a score → what a window draws of it."""

    job_id: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectRequest:
    """What a file holds, to be shown: answered beside the jobs, while these run.

    What is shown as a file is written into the folder `out_dir`: a picture of at most side_px²
    pixels (0: small), or with `sound` the recording, to be played."""

    job_id: str
    path: str
    medium: Medium
    out_dir: str
    side_px: int = 0
    sound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """A work → a file at `out`, by its suffix: of music .wav, .flac, .ogg, .mp3, .mid, .musicxml,
    of pictures .png, .webp, .tif, .jpg. sidecar, style: "" where there is none.

    stems: `out` is a folder, which gets one WAV file a voice, rendered anew with `style`.
    clear_ground: a picture's ground becomes transparent; it is found with sidecar and style.
    """

    job_id: str
    work: str
    sidecar: str
    style: str
    out: str
    stems: bool = False
    clear_ground: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRequest:
    """References and works → how close, how good, how new and how varied these are, and why.

    styles: of the same medium; each report says which of them its work is nearest to.
    """

    job_id: str
    references: tuple[Reference, ...]
    works: tuple[str, ...]
    medium: Medium = Medium.IMAGE
    styles: tuple[NamedStyle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnRequest:
    """Style and all ratings → a style at `out` that knows the artist's taste, and nothing else.

    ratings: stars, 1 … 5, by the path of the work. likes: the same without stars, liked (true) or
    disliked. pairs: (better, worse) paths. marks: parts of works. forget: codes of features that
    ratings shall say nothing of; pin: those whose strength stays as it is given (see Taste). Works
    whose files are gone, and marks outside their work, are left out and told.

    Without any judgement, what is pinned is followed all the same. It is then seen beside the works
    or references named in `beside`, else beside the references that the style keeps; of texts, in
    `language` (zh or en; "" is that of the style's references).
    """

    job_id: str
    style: str
    out: str
    ratings: dict[str, int] = field(default_factory=dict[str, int])
    likes: dict[str, bool] = field(default_factory=dict[str, bool])
    pairs: tuple[tuple[str, str], ...] = ()
    marks: tuple[Mark, ...] = ()
    forget: tuple[str, ...] = ()
    pin: dict[str, float] = field(default_factory=dict[str, float])
    beside: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PingRequest:
    """Are you there? Answered at once by a Pong, also while a job runs, or hangs."""

    job_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownRequest:
    job_id: str = ""
