"""What is done with the models that artists add, whatever makes works of them.

Text models have jobs of their own, since they are converted and can be fetched; models of pictures
and of sound are used where they lie. Which of them a path belongs to is asked of each in turn.
"""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

import torch

from engine.core.device import wished_device
from engine.core.files import writing
from engine.core.pretrained import added
from engine.interfaces import Job
from engine.media.text.generators.causal_lm import model_jobs as texts
from engine.protocol import ModelAction, ModelInfo, ModelsRequest, ModelsResult

KINDS = (
    "engine.media.image.generators.diffusion.model_jobs",
    "engine.media.audio.generators.sound_model.model_jobs",
)


def run(
    job: ModelsRequest, folder: Path | None = None, device: torch.device | None = None
) -> Job[ModelsResult]:
    """Ends with all models as they then stand. Raises BadInput."""
    folder, device = folder or added.models_folder(), device or wished_device()
    found: ModelInfo | None = None
    with writing(str(folder)):
        match job.action:
            case ModelAction.INSPECT if kind := kind_of(Path(job.path)):
                found = kind.inspected(Path(job.path), device)
            case ModelAction.ADD if kind := kind_of(Path(job.path)):
                added_as = yield from kind.adding(
                    job.job_id, Path(job.path), folder, device, anyway=job.anyway
                )
                found = _described(added.with_id(added_as, folder), device)
            case ModelAction.REMOVE if is_listed(job.model, folder):
                added.remove(job.model, folder)
            case ModelAction.PREFER if is_listed(job.model, folder):
                added.prefer(job.model, folder)
            case _:
                standing = yield from texts.run(job, folder)
                return _with_others(standing, folder, device)
        listed = replace(job, action=ModelAction.LIST)
        standing = yield from texts.run(listed, folder)
        return replace(_with_others(standing, folder, device), found=found)


def kind_of(path: Path) -> ModuleType | None:
    """Whose model it looks like; None is a language model, or nothing that is known."""
    return next((kind for kind in map(import_module, KINDS) if kind.claims(path)), None)


def is_listed(name: str, folder: Path) -> bool:
    """Whether it is one of those that are used where they lie."""
    return any(row.id == name for row in added.added(folder))


def _described(row: added.AddedModel, device: torch.device) -> ModelInfo:
    kinds = {kind.MEDIUM: kind for kind in map(import_module, KINDS)}
    return kinds[row.medium].described(row, device)


def _with_others(standing: ModelsResult, folder: Path, device: torch.device) -> ModelsResult:
    rows = [_described(row, device) for row in added.added(folder)]
    return replace(standing, models=(*standing.models, *rows))
