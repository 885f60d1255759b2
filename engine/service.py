"""One request in, a stream of events out: what the command line, the worker and the tests call.

Each job is a generator of events that ends with its result. Closing it cancels the job: what was
already written stays, nothing half-written remains.
"""

import errno
import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import torch

from engine.core import limits
from engine.core.blending import blended, same_medium
from engine.core.device import pick_device
from engine.core.errors import BadInput, Detail, say
from engine.core.progress import Pace
from engine.core.style import Style, load_style
from engine.critic import jobs as critic
from engine.feedback import jobs as feedback, showing
from engine.media import briefs
from engine.media.audio import export as exports, jobs as music
from engine.media.image import jobs as pictures
from engine.media.text import jobs as texts
from engine.messages import (
    AdaptRequest,
    BlendRequest,
    Event,
    ExportRequest,
    Failure,
    FailureKind,
    GenerateRequest,
    Job,
    JudgeRequest,
    LearnRequest,
    Medium,
    SketchRequest,
    StyleResult,
    WorksResult,
)

log = logging.getLogger(__name__)

MEDIA: dict[Medium, ModuleType] = {
    Medium.IMAGE: pictures,
    Medium.TEXT: texts,
    Medium.AUDIO: music,
}

MAKERS: dict[Medium, showing.MediumJobs] = {
    Medium.IMAGE: pictures,
    Medium.TEXT: texts,
    Medium.AUDIO: music,
}

FULL = (errno.ENOSPC, errno.EDQUOT)
_ALLOCATION = "allocate memory"  # what torch's CPU allocator says, in a plain RuntimeError


class Service:
    """Runs jobs on one device, one after the other."""

    def __init__(self, device: torch.device | None = None) -> None:
        self.device = device or pick_device()

    def run(self, job: Job) -> Generator[Event, None, None]:
        """The events of a job. The last one is its result or a Failure; nothing is raised."""
        try:
            match job:
                case AdaptRequest():
                    yield from self._adapt(job)
                case GenerateRequest():
                    yield from self._generate(job)
                case BlendRequest():
                    yield from self._blend(job)
                case LearnRequest():
                    yield from self._learn(job)
                case SketchRequest():
                    yield from exports.sketch(job, self.device)
                case JudgeRequest():
                    yield (yield from critic.judge(job, self.device))
                case ExportRequest():
                    with writing(job.out):
                        yield from exports.export(job, self.device)
        except Exception as error:  # noqa: BLE001 - the one place where errors become messages
            yield failure_of(job.job_id, error)

    def _adapt(self, job: AdaptRequest) -> Generator[Event, None, None]:
        pace = Pace()
        limits.check_seed(job.seed)
        limits.check_weights([each.weight for each in job.references])
        medium = MEDIA[job.medium]
        usable, refused = yield from medium.read(job)
        tensors = yield from medium.adapt(job, usable, self.device, pace)
        style = Style(job.medium, tensors, tuple(r.ancestor for r in usable), seed=job.seed)
        with writing(job.out):
            digest = style.save(Path(job.out))
        seconds = pace.seconds
        with writing(job.preview_dir or ""):
            yield from medium.first_preview(job, usable, tensors, self.device)
        yield replace(
            _told(job, style, digest, seconds),
            refused=tuple(refused),
            remarks=tuple(remark for reference in usable for remark in reference.remarks),
        )

    def _generate(self, job: GenerateRequest) -> Generator[Event, None, None]:
        pace = Pace()
        briefs.check(job.brief)
        style, digest = load_style(Path(job.style))
        if style.medium != job.brief.medium:
            name = Path(job.style).name
            raise BadInput("other_medium", name=name, medium=style.medium, wanted=job.brief.medium)
        with writing(job.out_dir):
            medium = MAKERS[job.brief.medium]
            works = yield from showing.generate(job, style, digest, self.device, pace, medium)
        yield WorksResult(job_id=job.job_id, works=tuple(works), seconds=pace.seconds)

    def _blend(self, job: BlendRequest) -> Generator[Event, None, None]:
        pace = Pace()
        if len(job.styles) < 2:
            raise BadInput("blend_count", count=len(job.styles))
        limits.check_weights([each.weight for each in job.styles])
        loaded = [load_style(Path(each.path)) for each in job.styles]
        medium = MEDIA[Medium(same_medium(job, loaded))]
        style = blended(job, loaded, medium.blend)
        with writing(job.out):
            digest = style.save(Path(job.out))
        yield _told(job, style, digest, pace.seconds)

    def _learn(self, job: LearnRequest) -> Generator[Event, None, None]:
        pace = Pace()
        style, _ = load_style(Path(job.style))
        taught, taste, refused = yield from feedback.learn(job, style, self.device)
        with writing(job.out):
            digest = taught.save(Path(job.out))
        yield replace(
            _told(job, taught, digest, pace.seconds),
            refused=tuple(refused),
            ratings_used=taste.count,
            tastes=taste.told(),
        )


def _told(
    job: AdaptRequest | BlendRequest | LearnRequest, style: Style, digest: str, seconds: float
) -> StyleResult:
    """What is said of every style that stands at `job.out`."""
    notes, sounds = music.learned(style.tensors) if style.medium == Medium.AUDIO else (0, 0)
    return StyleResult(
        job_id=job.job_id,
        path=job.out,
        digest=digest,
        seconds=seconds,
        references_used=len(style.references),
        memory_only=texts.memory_only_language(style.tensors),
        notes=notes,
        sounds=sounds,
    )


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Says which folder it was, when writing there is refused. A full disk stays an OSError."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise
        reason = error.strerror or str(error)
        raise BadInput("bad_folder", path=path, reason=reason) from error


def failure_of(job_id: str, error: Exception) -> Failure:
    """One Failure for whatever went wrong."""
    details: dict[str, Detail] = {}
    if isinstance(error, BadInput):
        kind, code, details = FailureKind.BAD_INPUT, error.code, error.details
    elif isinstance(error, MemoryError | torch.OutOfMemoryError) or _ALLOCATION in str(error):
        kind, code = FailureKind.OUT_OF_MEMORY, "out_of_memory"
    elif isinstance(error, OSError) and error.errno in FULL:
        kind, code = FailureKind.DISK, "disk_full"
    else:
        kind, code = FailureKind.ENGINE, "engine_fault"
        details = {"reason": f"{type(error).__name__}: {error}"}
    if kind is not FailureKind.BAD_INPUT:
        log.error("job %s failed", job_id, exc_info=error)
    message, remedy = say(code, details)
    return Failure(
        job_id=job_id, kind=kind, message=message, remedy=remedy, code=code, details=details
    )
