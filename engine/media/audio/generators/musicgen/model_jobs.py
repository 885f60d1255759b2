"""Sound models for the page of models: what is at a path, and adding it where it lies."""

from pathlib import Path
from typing import Any

import torch

from engine.core.device import free_bytes, operations_a_second, steady_dtype
from engine.core.errors import BadInput
from engine.core.job_events import with_progress
from engine.core.pretrained.added import MODEL, AddedModel, add
from engine.core.pretrained.headers import (
    Header,
    damaged,
    folder_header,
    licence_of,
    read_json,
    weight_files,
)
from engine.core.progress import Pace
from engine.interfaces import Job
from engine.protocol import ModelInfo

MEDIUM = "audio"
FAMILIES = {"musicgen": "MusicGen"}
PROGRAM_BYTES, WORK_BYTES = 700 * 2**20, 600 * 2**20
TOLD_S = 10.0  # of sound, whose making is estimated
REACHED = 0.05  # of what matrix products reach: one step at a time reads all weights
_SOUNDS = ("musicgen_melody", "audiogen", "bark", "stable_audio", "acestep", "ace_step", "encodec")


def claims(path: Path) -> bool:
    """Whether it is a folder of a sound model, of whatever family."""
    if (path / "model_index.json").exists():
        return "audio" in _said(path / "model_index.json", "_class_name") or "acestep" in _said(
            path / "model_index.json", "_class_name"
        )
    kind = _said(path / "config.json", "model_type")
    return kind in FAMILIES or kind in _SOUNDS


def _said(file: Path, key: str) -> str:
    try:
        return str(read_json(file, file.parent.name).get(key, "")).lower() if file.exists() else ""
    except BadInput:
        return ""


def identify(path: Path) -> AddedModel:
    """Raises BadInput for what is no MusicGen, half of one, or pickled."""
    if not (path / "config.json").exists():
        raise BadInput("not_a_sound_model", name=path.name)
    config = read_json(path / "config.json", path.name)
    family = str(config.get("model_type", "?"))
    if family not in FAMILIES:
        known = ", ".join(FAMILIES.values())
        raise BadInput("model_family", name=path.name, family=family, families=known)
    header = folder_header(path, path.name)
    _check(path.name, config, header)
    files = tuple(each.name for each in weight_files(path))
    return AddedModel(
        id="",
        name=path.resolve().name,
        medium=MEDIUM,
        kind=MODEL,
        family=family,
        licence=licence_of(path, header.metadata),
        parameters=header.numbers,
        bytes=sum((path / each).stat().st_size for each in files),
        source=str(path.resolve()),
        digest="",
        files=files,
    )


def _check(name: str, config: dict[str, Any], header: Header) -> None:
    """Raises BadInput where the weights are not what the configuration says."""
    found = header.width(r"decoder\.model\.decoder\.embed_tokens\.0\.weight$")
    said = config.get("decoder", {}).get("hidden_size", 1024)
    if not header.has(r"^decoder\.", r"^audio_encoder\.", r"^text_encoder\."):
        raise damaged(name, "a decoder, an audio encoder or a text encoder is missing")
    if found != said:
        raise damaged(name, f"its decoder is {found} wide, config.json says {said}")


def inspected(path: Path, device: torch.device) -> ModelInfo:
    """From headers alone. Raises BadInput."""
    return _info(identify(path), device)


def adding(
    job_id: str, path: Path, folder: Path, device: torch.device, *, anyway: bool
) -> Job[str]:
    """The id under which it is listed. Raises BadInput, too where memory does not last, unless it
    is wanted anyway."""
    row = identify(path)
    needed, free = _memory(row, device), free_bytes(device)
    if needed > free and not anyway:
        raise BadInput("model_memory", name=row.name, need_mb=needed >> 20, free_mb=free >> 20)
    listed = yield from with_progress(add(row, folder), job_id, "adding", Pace())
    return listed.id


def described(row: AddedModel, device: torch.device) -> ModelInfo:
    """One that was added."""
    return _info(row, device, gone=not row.is_there())


def _memory(row: AddedModel, device: torch.device) -> int:
    return row.parameters * steady_dtype(device).itemsize + PROGRAM_BYTES + WORK_BYTES


def _info(row: AddedModel, device: torch.device, *, gone: bool = False) -> ModelInfo:
    steps = 2 * 50 * TOLD_S  # with and without the prompt
    seconds = steps * 2 * row.parameters / (REACHED * operations_a_second(device))
    widened = steady_dtype(device).itemsize > 1.1 * row.bytes / max(1, row.parameters)
    remarks = [*(["cpu"] if device.type == "cpu" else []), *(["widened"] if widened else [])]
    return ModelInfo(
        id=row.id,
        name=row.name,
        family=FAMILIES.get(row.family, row.family),
        licence=row.licence,
        parameters=row.parameters,
        bytes=row.bytes,
        source=row.source,
        memory_bytes=_memory(row, device),
        seconds=round(seconds, 1),
        medium=row.medium,
        kind=row.kind,
        remarks=tuple(remarks),
        gone=gone,
    )
