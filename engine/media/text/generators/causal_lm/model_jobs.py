"""What the window asks of the models: list, inspect, add, fetch, prefer, remove; as jobs.

Each job ends with the models as they then stand. Only reading a licence and fetching a package open
a connection, and only these two when they are asked for.
"""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import psutil
import torch

from engine.core.errors import BadInput
from engine.core.files import writing
from engine.core.job_events import with_progress
from engine.core.progress import Advance, Pace, ResumedPace
from engine.interfaces import Job
from engine.media.text.generators.causal_lm import models, packages
from engine.media.text.generators.causal_lm.adapters import has_learned_start
from engine.media.text.generators.causal_lm.base import best_dtype, memory_needed
from engine.media.text.generators.causal_lm.conversion import read_about
from engine.media.text.generators.causal_lm.families import Shape
from engine.media.text.generators.causal_lm.terms import terms_of, title_of
from engine.protocol import ModelAction, ModelInfo, ModelOffer, ModelsRequest, ModelsResult


def run(
    job: ModelsRequest, folder: Path | None = None, client: packages.Client | None = None
) -> Job[ModelsResult]:
    """folder: where models are kept; client: what fetches packages. Raises BadInput."""
    folder = folder or models.models_folder()
    with writing(str(folder)):
        found, terms = yield from _done(job, folder, client)
        return replace(_standing(job.job_id, folder), found=found, terms=terms)


def _done(
    job: ModelsRequest, folder: Path, client: packages.Client | None
) -> Job[tuple[ModelInfo | None, str]]:
    """The model that was found or added, and the licence that was read."""
    found, terms = None, ""
    match job.action:
        case ModelAction.LIST:
            pass
        case ModelAction.INSPECT:
            found = _inspected(Path(job.path))
        case ModelAction.ADD:
            added = models.add(Path(job.path), folder, anyway=job.anyway)
            found = yield from _added(job, added, "converting", Pace(), folder)
        case ModelAction.TERMS:
            terms = yield from _terms(job, folder, client)
        case ModelAction.FETCH:
            fetched = models.add_package(job.package, folder, accepted=job.accepted, client=client)
            found = yield from _added(job, fetched, "fetching", ResumedPace(), folder)
        case ModelAction.PREFER:
            models.prefer(job.model, folder)
        case ModelAction.REMOVE:
            models.remove(job.model, folder)
    return found, terms


def _added(
    job: ModelsRequest,
    slices: Generator[Advance, None, models.Installed],
    stage: str,
    pace: Pace,
    folder: Path,
) -> Job[ModelInfo]:
    row = yield from with_progress(slices, job.job_id, stage, pace)
    return _described(row, folder)


def _terms(job: ModelsRequest, folder: Path, client: packages.Client | None) -> Job[str]:
    package = packages.package_named(job.package)
    slices = packages.read_terms(package, models.fetched(package.id, folder), client)
    return (yield from with_progress(slices, job.job_id, "fetching", Pace()))


def _standing(job_id: str, folder: Path) -> ModelsResult:
    rows = models.installed(folder)
    taken = {row.package or _package_of(row.digest) for row in rows}
    offers = [each for each in packages.PACKAGES.values() if each.id not in taken]
    return ModelsResult(
        job_id=job_id,
        models=tuple(_described(row, folder) for row in rows),
        offers=tuple(_offer(each, folder) for each in offers),
        folder=str(folder),
        free_memory_bytes=psutil.virtual_memory().available,
    )


def _package_of(digest: str) -> str:
    """The package that holds the same model, where one was added as a file; or ""."""
    known = (each.id for each in packages.PACKAGES.values() if each.sha256 == digest)
    return next(known, "")


def _offer(package: packages.Package, folder: Path) -> ModelOffer:
    return ModelOffer(
        package=package.id,
        name=package.title,
        licence=package.licence,
        bytes=package.download_bytes,
        disk_bytes=package.bytes + package.converted_bytes,
        kept_bytes=packages.kept_bytes(package, models.fetched(package.id, folder)),
    )


def _inspected(path: Path) -> ModelInfo:
    found = models.inspect(path)
    about = found.about
    return ModelInfo(
        name=about.name,
        family=about.shape.family,
        licence=title_of(about.licence),
        parameters=about.shape.parameters,
        bytes=about.bytes,
        source=str(path),
        memory_bytes=found.memory_bytes,
        tokens_a_second=round(found.tokens_a_second, 1),
        remarks=found.remarks,
    )


def _described(row: models.Installed, folder: Path) -> ModelInfo:
    """One that was added. What was made of it may be gone, or damaged."""
    try:
        shape: Shape | None = read_about(folder / row.id).shape
    except BadInput:
        shape = None
    memory = 0
    if shape is not None:
        memory = memory_needed(shape, best_dtype(torch.device("cpu")), shape.vocabulary)
    places = [folder / row.id]
    if row.package:
        places.append(models.fetched(row.package, folder))
    terms = terms_of(row.licence)
    derived = ("derived",) if has_learned_start(row.digest) else ()
    return ModelInfo(
        id=row.id,
        name=row.name,
        family=row.family,
        licence=title_of(row.licence) or row.licence,
        parameters=row.parameters,
        bytes=row.bytes,
        source=row.source,
        package=row.package or _package_of(row.digest),
        disk_bytes=sum(map(_size, places)),
        memory_bytes=memory,
        tokens_a_second=round(models.tokens_a_second(row.parameters), 1),
        remarks=(*row.remarks, *derived),
        terms=terms.text() if terms else "",
        gone=shape is None,
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
