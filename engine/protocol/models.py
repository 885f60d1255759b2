"""The pretrained models that works can be made with: those that were added, and those to be had.

Imports nothing heavy, so that the window can import it (through `engine.protocol`).
"""

from dataclasses import dataclass
from enum import StrEnum


class ModelAction(StrEnum):
    LIST = "list"
    INSPECT = "inspect"  # a file or folder at `path`, from its headers
    ADD = "add"  # the same, converted once
    TERMS = "terms"  # load the licence of `package`, a few kilobytes, and no more of it
    FETCH = "fetch"  # load `package`, whose licence the artist has `accepted`, and add it
    PREFER = "prefer"  # take `model` before the others from now on
    REMOVE = "remove"  # forget `model`, and delete what was made or fetched of it


class ModelKind(StrEnum):
    MODEL = "model"  # makes works by itself
    LOW_RANK = "low_rank"  # a LoRA file, which is mixed in
    CONTROL = "control"  # a ControlNet
    IMAGE_PROMPT = "image_prompt"  # an IP-Adapter
    CAPTION = "caption"  # describes pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsRequest:
    """Something to do with the models; → a ModelsResult with all of them as they then stand.

    anyway: add even one that needs more memory than is free. Nothing but TERMS and FETCH opens a
    connection.
    """

    job_id: str
    action: ModelAction = ModelAction.LIST
    path: str = ""
    package: str = ""
    model: str = ""
    accepted: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """One model. id: "" of one that was only inspected. bytes: of the model itself, at `source`;
    disk_bytes: of what was made of it, and of what was fetched. memory_bytes: while it works;
    tokens_a_second: of text, an estimate from its size; seconds: of one picture or of ten seconds
    of sound, on this machine, an estimate as well. package: that holds the same model, or "".
    medium: of its works; kind: see `ModelKind`; what works beside a model fits those of
    `family`. remarks: "instruct" (trained to answer), "small", "large"; "cpu" (no graphics card
    here), "widened" (computed in more bits than it is stored in), "misnamed", "no_libraries",
    "no_libraries_frozen"; of a checkpoint in one file "borrows", "denoiser_only" or "folder_only";
    of a ControlNet what it reads, "guide_edges", "guide_soft" or "guide_tile", and
    "control_guessed"; "reads_references" and "describes" of the last two kinds; "derived" (adapters
    that come with Maquette are made from it). terms: of its licence, all their words, where these
    must go with what is derived from it. gone: its files, or what was made of them, are not
    there."""

    name: str
    family: str
    licence: str
    parameters: int
    bytes: int
    source: str
    memory_bytes: int
    tokens_a_second: float = 0.0
    seconds: float = 0.0
    medium: str = "text"
    kind: str = "model"
    id: str = ""
    package: str = ""
    disk_bytes: int = 0
    remarks: tuple[str, ...] = ()
    terms: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOffer:
    """A model that can be loaded by name. bytes: of the download; disk_bytes: of all that it takes
    in the end; kept_bytes: of the download, what a stopped one has left here."""

    package: str
    name: str
    licence: str
    bytes: int
    disk_bytes: int = 0
    kept_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsResult:
    """The models, the preferred one first, and the offers that were not taken yet.

    folder: where they are kept; free_memory_bytes: now. found: what was inspected or added. terms:
    the licence that was asked for, as plain text.
    """

    job_id: str
    models: tuple[ModelInfo, ...]
    offers: tuple[ModelOffer, ...]
    folder: str
    free_memory_bytes: int
    found: ModelInfo | None = None
    terms: str = ""
