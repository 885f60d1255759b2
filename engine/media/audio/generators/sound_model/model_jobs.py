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
from engine.core.pretrained.libraries import lacking
from engine.core.progress import Pace
from engine.interfaces import Job
from engine.protocol import ModelInfo

MEDIUM = "audio"
MUSICGEN, ACESTEP = "musicgen", "acestep"
FAMILIES = {MUSICGEN: "MusicGen", ACESTEP: "ACE-Step 1.5"}
PROGRAM_BYTES, WORK_BYTES = 700 * 2**20, 600 * 2**20
TOLD_S = 10.0  # of sound, whose making is estimated
REACHED = {MUSICGEN: 0.05, ACESTEP: 0.4}  # of what matrix products reach: code by code reads all
FRAMES_A_SECOND = {MUSICGEN: 50, ACESTEP: 12.5}  # that pass through the network
PASSES, TURBO_PASSES = 100, 8  # of ACE-Step: of a frame, with and without the prompt
INDEX, ACE_CLASS = "model_index.json", "AceStepPipeline"
_SOUNDS = ("musicgen_melody", "audiogen", "bark", "stable_audio", "encodec")
_LIBRARIES = ("diffusers", "transformers", "ace_step")  # nothing else is imported for a model
_PARTS = ("transformer", "vae", "text_encoder", "condition_encoder")  # of ACE-Step, with weights
_FIRST_VERSION = "ace_step_transformer"  # a folder of it


def claims(path: Path) -> bool:
    """Whether it is a folder of a sound model, of whatever family."""
    if (path / INDEX).exists():
        said = _said(path / INDEX, "_class_name")
        return "audio" in said or "acestep" in said
    if (path / _FIRST_VERSION).is_dir():
        return True
    kind = _said(path / "config.json", "model_type")
    return kind == MUSICGEN or kind in _SOUNDS


def _said(file: Path, key: str) -> str:
    try:
        return str(read_json(file, file.parent.name).get(key, "")).lower() if file.exists() else ""
    except BadInput:
        return ""


def identify(path: Path) -> AddedModel:
    """Raises BadInput for what is of another family, half of a model, or pickled."""
    if (path / _FIRST_VERSION).is_dir():
        raise _unknown(path, "ACE-Step 1")
    if (path / INDEX).exists():
        return _acestep(path)
    if not (path / "config.json").exists():
        raise BadInput("not_a_sound_model", name=path.name)
    config = read_json(path / "config.json", path.name)
    family = str(config.get("model_type", "?"))
    if family != MUSICGEN:
        raise _unknown(path, family)
    header = folder_header(path, path.name)
    _check(path.name, config, header)
    files = tuple(each.name for each in weight_files(path))
    return _row(path, family, header.numbers, files)


def _unknown(path: Path, family: str) -> BadInput:
    known = ", ".join(FAMILIES.values())
    return BadInput("model_family", name=path.name, family=family, families=known)


def _acestep(path: Path) -> AddedModel:
    index = read_json(path / INDEX, path.name)
    said = str(index.get("_class_name", "?"))
    if said != ACE_CLASS:
        raise _unknown(path, said)
    for name, value in index.items():
        is_part = isinstance(value, list) and len(value) == 2 and value[0] is not None
        if is_part and not name.startswith("_") and str(value[0]) not in _LIBRARIES:
            raise BadInput("model_code", name=path.name, part=name)
    wanted = [*_PARTS, *(n for n in ("audio_tokenizer", "audio_token_detokenizer") if n in index)]
    headers: dict[str, Header] = {}
    for name in wanted:
        if not (path / name).is_dir():
            if name in _PARTS:
                raise BadInput("model_part", name=path.name, part=name)
            continue
        headers[name] = folder_header(path / name, path.name)
    if not headers["transformer"].has(r"^proj_in_conv\.weight$", r"^time_embed_r\."):
        raise BadInput("model_mismatch", name=path.name, said=FAMILIES[ACESTEP], found="?")
    files = [str(f.relative_to(path)) for name in headers for f in weight_files(path / name)]
    numbers = sum(each.numbers for each in headers.values())
    return _row(path, ACESTEP, numbers, tuple(files))


def _row(path: Path, family: str, parameters: int, files: tuple[str, ...]) -> AddedModel:
    return AddedModel(
        id="",
        name=path.resolve().name,
        medium=MEDIUM,
        kind=MODEL,
        family=family,
        licence=licence_of(path),
        parameters=parameters,
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


def _seconds(row: AddedModel, device: torch.device) -> float:
    """Of TOLD_S of sound: each frame is passed through all weights, as often as it is guided."""
    passes = 2  # with and without the prompt
    if row.family == ACESTEP:
        is_turbo = "turbo" in _said(
            Path(row.source) / "transformer" / "config.json", "model_version"
        )
        passes = TURBO_PASSES if is_turbo else PASSES
    operations = 2 * row.parameters * passes * FRAMES_A_SECOND[row.family] * TOLD_S
    return operations / (REACHED[row.family] * operations_a_second(device))


def _info(row: AddedModel, device: torch.device, *, gone: bool = False) -> ModelInfo:
    widened = steady_dtype(device).itemsize > 1.1 * row.bytes / max(1, row.parameters)
    remarks = [*lacking(), *(["cpu"] if device.type == "cpu" else [])]
    return ModelInfo(
        id=row.id,
        name=row.name,
        family=FAMILIES.get(row.family, row.family),
        licence=row.licence,
        parameters=row.parameters,
        bytes=row.bytes,
        source=row.source,
        memory_bytes=_memory(row, device),
        seconds=round(_seconds(row, device), 1),
        medium=row.medium,
        kind=row.kind,
        remarks=(*remarks, *(["widened"] if widened else [])),
        gone=gone,
    )
