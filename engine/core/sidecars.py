"""What stands beside a work: its sidecar, which says what making the work again needs.

Format 2 holds the fields of the work's own medium, the files that it was made from, its generator
and the number of threads; format 1 had the fields of all media, and none of these.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.core.errors import BadInput
from engine.core.input_files import file_digest, read_bytes
from engine.core.style import UNKNOWN, Stamp
from engine.protocol import Brief, brief_from_json

SIDECAR_FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that a work was made from, beside its style. sha256: "" where it is not known."""

    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What a sidecar says that making its work again needs, in either format.

    file, sha256: of the work. style: sha256 of its style's file. sources: in format 1 of pictures
    alone. threads: of torch; 0 where it is not known.
    """

    format: int
    file: str
    sha256: str
    brief: Brief
    style: str
    sources: Mapping[str, SourceFile]
    generator: Stamp
    engine_version: str
    torch_version: str
    device: str
    threads: int


def source_files(paths: Mapping[str, str]) -> dict[str, SourceFile]:
    """The files of a brief, named and measured. Raises BadInput for one that cannot be read."""
    return {
        name: SourceFile(name=Path(path).name, sha256=file_digest(Path(path)))
        for name, path in paths.items()
    }


def read_sidecar(path: Path) -> Sidecar:
    """A sidecar of format 1 or 2. Raises BadInput for anything else, and for a newer format."""
    data = read_bytes(path)
    try:
        about = json.loads(data)
        if about["format"] > SIDECAR_FORMAT:
            raise BadInput("newer_sidecar", name=path.name, format=about["format"])
        if about["format"] == 1:
            about = _from_format_1(about)
        names = ("file", "sha256", "engine_version", "torch_version", "device")
        return Sidecar(
            format=msgspec.convert(about["format"], int),
            brief=brief_from_json(about["brief"]),
            style=msgspec.convert(about["style"]["sha256"], str),
            sources=msgspec.convert(about["sources"], dict[str, SourceFile]),
            generator=msgspec.convert(about["generator"], Stamp),
            threads=msgspec.convert(about["threads"], int),
            **msgspec.convert({name: about[name] for name in names}, dict[str, str]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("not_a_sidecar", name=path.name) from error


def _from_format_1(about: dict[str, Any]) -> dict[str, Any]:
    """Of pictures it names the files by their fields; of music only the brief has their paths."""
    sources = {name: about[name] for name in ("content", "mask") if name in about}
    return about | {"sources": sources, "generator": asdict(UNKNOWN), "threads": 0}


def sidecar_of(path: Path) -> dict[str, Any]:
    """The sidecar of a work; empty where nothing stands beside it, or something else."""
    sidecar = path.with_suffix(".json")
    if not sidecar.is_file():
        return {}
    try:
        about = msgspec.convert(json.loads(read_bytes(sidecar)), dict[str, Any])
    except (BadInput, ValueError):
        return {}
    return about if about.get("file") == path.name else {}


def brief_in(about: dict[str, Any]) -> Brief | None:
    """The brief in a sidecar; None where there is none that can be read."""
    try:
        return brief_from_json(about["brief"])
    except (KeyError, ValueError):
        return None
