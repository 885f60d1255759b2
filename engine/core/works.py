"""A finished work on disk, whatever its medium: the file, then the sidecar that explains it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from engine import __version__
from engine.core.device import describe
from engine.core.files import sha256, write_atomic
from engine.core.sidecars import SIDECAR_FORMAT, SourceFile
from engine.core.style import Style
from engine.protocol import Brief, WorkFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What works come from, beside their briefs. style: as read from its file. sources: the files
    that a brief names, by its field."""

    style: Style
    device: torch.device
    sources: Mapping[str, SourceFile] = field(default_factory=dict[str, SourceFile])


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
    recipe = json.dumps([origin.style.digest, asked], sort_keys=True).encode()
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
            "sha256": origin.style.digest,
            "references": [asdict(each) for each in origin.style.references],
        },
        "generator": asdict(origin.style.generator),
        "engine_version": __version__,
        "torch_version": torch.__version__,
        "device": describe(origin.device),
        "threads": torch.get_num_threads(),
        **(more or {}),
    }
    write_atomic(sidecar, _json(about))
    return WorkFile(path=str(path), sidecar=str(sidecar), seed=brief.seed)


def _json(about: Mapping[str, object]) -> bytes:
    """In UTF-8; of a path that is no UTF-8 the odd bytes are escaped, so that it is found again."""
    return json.dumps(about, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")
