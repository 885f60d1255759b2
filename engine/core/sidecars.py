"""What stands beside a work: its sidecar."""

import json
from pathlib import Path

import msgspec

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.messages import Brief


def sidecar_of(path: Path) -> dict:
    """The sidecar of a work; empty where nothing stands beside it, or something else."""
    sidecar = path.with_suffix(".json")
    if not sidecar.is_file():
        return {}
    try:
        about = json.loads(read_bytes(sidecar))
    except (BadInput, ValueError):
        return {}
    return about if isinstance(about, dict) and about.get("file") == path.name else {}


def brief_in(about: dict) -> Brief | None:
    """The brief in a sidecar; None where there is none that can be read."""
    try:
        return msgspec.convert(about["brief"], Brief)
    except (KeyError, msgspec.ValidationError):
        return None
