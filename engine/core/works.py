"""A finished work on disk, whatever its medium: the file, then the sidecar that explains it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch

from engine import __version__
from engine.core.device import describe
from engine.core.files import sha256, write_atomic
from engine.core.style import Style
from engine.messages import Brief, WorkFile

SIDECAR_FORMAT = 1


def write_work(
    data: bytes,
    suffix: str,
    brief: Brief,
    style: Style,
    device: torch.device,
    folder: Path,
    more: Mapping[str, object] | None = None,
) -> WorkFile:
    """The work, then its sidecar: it never speaks of a work that is not there.

    brief: of this one work (count 1). style: as read from its file. `more` joins the sidecar.
    """
    recipe = json.dumps([style.digest, asdict(brief)], sort_keys=True).encode()
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
        "style": {"sha256": style.digest, "references": [asdict(r) for r in style.references]},
        "engine_version": __version__,
        "torch_version": torch.__version__,
        "device": describe(device),
        **(more or {}),
    }
    write_atomic(sidecar, json.dumps(about, ensure_ascii=False, indent=1).encode())
    return WorkFile(path=str(path), sidecar=str(sidecar), seed=brief.seed)
