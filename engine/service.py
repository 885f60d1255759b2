"""One request in, a stream of events out: what the command line, the worker and the tests call.

Each job is a generator of events that ends with its result. Closing it cancels the job: what was
already written stays, nothing half-written remains.
"""

import logging
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

import torch

from engine.core import limits
from engine.core.blending import blended, same_generator, same_medium
from engine.core.decoding import decoder as child
from engine.core.decoding.decoder import Decoder
from engine.core.device import pick_device
from engine.core.errors import BadInput, Detail, say
from engine.core.files import FULL, writing
from engine.core.progress import Pace
from engine.core.style import UNKNOWN, Stamp, Style, load_style
from engine.critic import jobs as critic
from engine.feedback import guided, jobs as feedback
from engine.interfaces import Catalogue, Generator as WorkGenerator, Offer, RemarksOnReferences
from engine.media import briefs
from engine.media.inspection import inspect
from engine.protocol import (
    PICTURES,
    AdaptRequest,
    BlendRequest,
    Event,
    ExportRequest,
    Failure,
    FailureKind,
    GenerateRequest,
    InspectRequest,
    InspectStyleRequest,
    InspectStyleResult,
    Job,
    JudgeRequest,
    LearnRequest,
    ModelsRequest,
    SketchRequest,
    StyleResult,
    WorksResult,
)
from engine.registry import installed

log = logging.getLogger(__name__)

_ALLOCATION = "allocate memory"  # what torch's CPU allocator says, in a plain RuntimeError


class Service:
    """Runs jobs on one device, one after the other."""

    def __init__(
        self,
        device: torch.device | None = None,
        catalogue: Catalogue | None = None,
        decoder: Decoder | None = None,
    ) -> None:
        """decoder: of files that are only looked at; by default the one of the jobs."""
        self.device = device or pick_device()
        self.catalogue = catalogue or installed()
        self._decoder = decoder or child.of_this_process()

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
                case InspectRequest():
                    yield from inspect(job, self._decoder)
                case InspectStyleRequest():
                    yield self._inspect_style(job)
                case SketchRequest():
                    yield from _exports().sketch(job, self.device)
                case JudgeRequest():
                    medium = self.catalogue.medium(job.medium)
                    yield (yield from critic.judge(job, medium, self.device, self.load_style))
                case ModelsRequest():
                    yield (yield from self.catalogue.models(job))
                case ExportRequest():
                    with writing(job.out):
                        yield from self._export(job)
        except Exception as error:  # noqa: BLE001 - the one place where errors become messages
            yield failure_of(job.job_id, error)

    def _export(self, job: ExportRequest) -> Generator[Event, None, None]:
        if Path(job.work).suffix.lower() in PICTURES.suffixes:
            from engine.media.image import export

            yield from export.export(job)
        else:
            yield from _exports().export(job, self.device)

    def load_style(self, path: Path) -> Style:
        """A style of any format, with its generator and its neutral references.

        Raises BadInput for what `core.style.load_style` refuses."""
        style = load_style(path)
        if style.generator != UNKNOWN:
            return style
        medium = self.catalogue.medium(style.medium)
        return replace(
            style,
            generator=Stamp(medium.generator_of_format_1(style.tensors), 1),
            neutral=tuple(medium.neutral_of_format_1(style.tensors, self.device)),
        )

    def generator_of(self, style: Style) -> WorkGenerator:
        """Raises BadInput where it is not installed, or older than the one that made the style."""
        generator = self.catalogue.generator(style.generator.id, self.device)
        if style.generator.version > generator.info.version:
            raise BadInput("newer_generator", generator=style.generator.id)
        return generator

    def _offered(self, job: AdaptRequest) -> dict[str, Offer]:
        """The generators that may adapt: the one that the artist has named, or all of the medium.

        Raises BadInput for one that is not installed, or makes works of another medium."""
        infos = {info.id: info for info in self.catalogue.generators()}
        if job.generator and job.generator not in infos:
            raise BadInput("no_generator", generator=job.generator)
        names = [job.generator] if job.generator else list(infos)
        fitting = [name for name in names if infos[name].medium == job.medium]
        if not fitting:
            made = infos[names[0]].medium
            raise BadInput(
                "generator_medium", generator=job.generator, medium=made, wanted=job.medium
            )
        return {name: partial(self.catalogue.generator, name, self.device) for name in fitting}

    def _adapt(self, job: AdaptRequest) -> Generator[Event, None, None]:
        pace = Pace()
        limits.check_seed(job.seed)
        limits.check_weights([each.weight for each in job.references])
        medium = self.catalogue.medium(job.medium)
        offered = self._offered(job)
        usable, refused = yield from medium.read(job)
        choice = medium.choose_generator(usable, offered)
        generator = self.catalogue.generator(choice.generator, self.device)
        tensors = yield from generator.adapt(job, usable, pace)
        neutral = (medium.neutral(r, job.seed + i, self.device) for i, r in enumerate(usable))
        style = Style(
            job.medium,
            tensors,
            tuple(r.ancestor for r in usable),
            seed=job.seed,
            generator=Stamp(choice.generator, generator.info.version, generator.base_digest),
            neutral=tuple(neutral),
        )
        with writing(job.out):
            digest = style.save(Path(job.out))
        seconds = pace.seconds
        told = [remark for reference in usable for remark in reference.remarks]
        if isinstance(medium, RemarksOnReferences):
            told += medium.remarks_on(usable, self.device)
        with writing(job.preview_dir or ""):
            yield from generator.preview(job, usable, tensors)
        yield replace(
            _result(job, style, generator, digest, seconds),
            refused=tuple(refused),
            remarks=(*told, *choice.remarks),
            suitability=choice.suitability,
        )

    def _generate(self, job: GenerateRequest) -> Generator[Event, None, None]:
        pace = Pace()
        briefs.check(job.brief)
        style = self.load_style(Path(job.style))
        if style.medium != job.brief.medium:
            name = Path(job.style).name
            raise BadInput("other_medium", name=name, medium=style.medium, wanted=job.brief.medium)
        medium, generator = self.catalogue.medium(style.medium), self.generator_of(style)
        with writing(job.out_dir):
            works = yield from guided.generate(job, style, medium, generator, self.device, pace)
        yield WorksResult(job_id=job.job_id, works=tuple(works), seconds=pace.seconds)

    def _inspect_style(self, job: InspectStyleRequest) -> InspectStyleResult:
        """Raises BadInput for what is no style, or one whose generator is not here."""
        style = self.load_style(Path(job.path))
        medium = self.catalogue.medium(style.medium)
        facts = self.generator_of(style).facts(style.tensors)
        return InspectStyleResult(
            job_id=job.job_id,
            medium=medium.id,
            generator=style.generator.id,
            digest=style.digest,
            references=tuple(ancestor.name for ancestor in style.references),
            memory_only=facts.memory_only,
            notes=facts.notes,
            sounds=facts.sounds,
        )

    def _blend(self, job: BlendRequest) -> Generator[Event, None, None]:
        pace = Pace()
        if len(job.styles) < 2:
            raise BadInput("blend_count", count=len(job.styles))
        limits.check_weights([each.weight for each in job.styles])
        loaded = [self.load_style(Path(each.path)) for each in job.styles]
        same_medium(job, loaded)
        same_generator(job, loaded)
        generator = self.generator_of(loaded[0])
        style = blended(job, loaded, generator.blend)
        with writing(job.out):
            digest = style.save(Path(job.out))
        yield _result(job, style, generator, digest, pace.seconds)

    def _learn(self, job: LearnRequest) -> Generator[Event, None, None]:
        pace = Pace()
        style = self.load_style(Path(job.style))
        medium, generator = self.catalogue.medium(style.medium), self.generator_of(style)
        learning = feedback.learn(job, style, medium, generator.preferences, self.device)
        taught, taste, refused = yield from learning
        with writing(job.out):
            digest = taught.save(Path(job.out))
        yield replace(
            _result(job, taught, generator, digest, pace.seconds),
            refused=tuple(refused),
            ratings_used=taste.count,
            tastes=taste.shown(),
        )


def _exports() -> ModuleType:
    """Loaded when it is asked for: sound's libraries take as long as all else but torch."""
    from engine.media.audio import export

    return export


def _result(
    job: AdaptRequest | BlendRequest | LearnRequest,
    style: Style,
    generator: WorkGenerator,
    digest: str,
    seconds: float,
) -> StyleResult:
    """What is said of every style that stands at `job.out`."""
    facts = generator.facts(style.tensors)
    return StyleResult(
        job_id=job.job_id,
        path=job.out,
        digest=digest,
        seconds=seconds,
        references_used=len(style.references),
        memory_only=facts.memory_only,
        model=facts.model,
        licence=facts.licence,
        notes=facts.notes,
        sounds=facts.sounds,
        generator=style.generator.id,
    )


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
