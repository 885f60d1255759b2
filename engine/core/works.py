"""A finished work on disk, whatever its medium: the file, then the sidecar that explains it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch

from engine import __version__
from engine.core.device import describe
from engine.core.errors import BadInput
from engine.core.files import sha256, write_atomic
from engine.core.input_files import file_digest, read_bytes
from engine.core.style import Style
from engine.messages import Brief, WorkFile, brief_from_json

SIDECAR_FORMAT = 2  # 1 had the fields of all media in its brief, and neither files nor threads


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that a work was made from, beside its style. sha256: "" where it is not known."""

    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorVersion:
    """Which generator made a work; "" where that is not known."""

    id: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What works come from, beside their briefs. digest: sha256 of the style's file. sources: the
    files that a brief names, by its field."""

    style: Style
    digest: str
    device: torch.device
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    generator: GeneratorVersion = field(default_factory=GeneratorVersion)


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
    generator: GeneratorVersion
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


def write_work(
    data: bytes,
    suffix: str,
    brief: Brief,
    origin: Origin,
    folder: Path,
    more: Mapping[str, object] | None = None,
) -> WorkFile:
    """The work, then its sidecar: it never speaks of a work that is not there.

    brief: of this one work (count 1). `more` joins the sidecar.
    """
    asked = asdict(brief) | {name: file.sha256 for name, file in origin.sources.items()}
    recipe = json.dumps([origin.digest, asked], sort_keys=True).encode()
    stem = f"{brief.seed}-{sha256(recipe)[:8]}"  # equal recipes meet, unlike ones never do
    path, sidecar = folder / f"{stem}{suffix}", folder / f"{stem}.json"
    write_atomic(path, data)
    about = {
        "format": SIDECAR_FORMAT,
        "made_with_ai": True,
        "file": path.name,
        "sha256": sha256(data),
        "brief": asdict(brief),
        "seed": brief.seed,
        "sources": {name: asdict(file) for name, file in origin.sources.items()},
        "style": {
            "sha256": origin.digest,
            "references": [asdict(each) for each in origin.style.references],
        },
        "generator": asdict(origin.generator),
        "engine_version": __version__,
        "torch_version": torch.__version__,
        "device": describe(origin.device),
        "threads": torch.get_num_threads(),
        **(more or {}),
    }
    write_atomic(sidecar, json.dumps(about, ensure_ascii=False, indent=1).encode())
    return WorkFile(path=str(path), sidecar=str(sidecar), seed=brief.seed)


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
            generator=msgspec.convert(about["generator"], GeneratorVersion),
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
    return about | {"sources": sources, "generator": {}, "threads": 0}
