"""Picture models for the page of models: what is at a path, and adding it where it lies."""

from pathlib import Path

import torch

from engine.core.errors import BadInput
from engine.core.job_events import with_progress
from engine.core.pretrained.added import MODEL, AddedModel, add
from engine.core.progress import Pace
from engine.interfaces import Job
from engine.media.image.generators.diffusion import estimates, families
from engine.media.image.generators.diffusion.identify import Found, claims as claims, identify
from engine.protocol import ModelInfo

MEDIUM = "image"


def inspected(path: Path, device: torch.device) -> ModelInfo:
    """From headers alone. Raises BadInput."""
    return _told(identify(path), device)


def adding(
    job_id: str, path: Path, folder: Path, device: torch.device, *, anyway: bool
) -> Job[str]:
    """The id under which it is listed. Raises BadInput, too where memory does not last, unless it
    is wanted anyway."""
    found = identify(path)
    needed, free = estimates.memory_bytes(found, device), estimates.free(device)
    if found.row.kind == MODEL and needed > free and not anyway:
        raise BadInput(
            "model_memory", name=found.row.name, need_mb=needed >> 20, free_mb=free >> 20
        )
    row = yield from with_progress(add(found.row, folder), job_id, "adding", Pace())
    return row.id


def described(row: AddedModel, device: torch.device) -> ModelInfo:
    """One that was added; what its headers say now, where it is still there."""
    try:
        told = _told(identify(Path(row.source)), device) if row.is_there() else None
    except BadInput:
        told = None
    if told is None:
        return _info(row, gone=True)
    return _info(row, told.memory_bytes, told.seconds, told.remarks)


def _told(found: Found, device: torch.device) -> ModelInfo:
    return _info(
        found.row,
        estimates.memory_bytes(found, device),
        round(estimates.seconds(found, device), 1),
        estimates.remarks(found, device),
    )


def _info(
    row: AddedModel,
    memory_bytes: int = 0,
    seconds: float = 0.0,
    remarks: tuple[str, ...] = (),
    *,
    gone: bool = False,
) -> ModelInfo:
    return ModelInfo(
        id=row.id,
        name=row.name,
        family=families.name_of(row.family),
        licence=row.licence,
        parameters=row.parameters,
        bytes=row.bytes,
        source=row.source,
        memory_bytes=memory_bytes,
        seconds=seconds,
        medium=row.medium,
        kind=row.kind,
        remarks=remarks,
        gone=gone,
    )
