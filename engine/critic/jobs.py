"""The verb on files: works and references → a report."""

from collections.abc import Generator, Sequence
from dataclasses import replace

import torch

from engine.core.errors import BadInput
from engine.core.job_events import with_progress
from engine.core.progress import Pace, shifted
from engine.core.references import refusal
from engine.critic.diversity import diversity
from engine.critic.nearest import LoadStyle, known_styles, nearest_styles
from engine.critic.report import report_on
from engine.interfaces import LoadedWork, MeasuredWork, Medium
from engine.protocol import (
    MAX_REFERENCES,
    Event,
    JudgeRequest,
    JudgeResult,
    Progress,
    Reference,
    Refusal,
    WorkReport,
)

MOST_WORKS = 500


def judge(
    job: JudgeRequest, medium: Medium, device: torch.device, load: LoadStyle
) -> Generator[Event, None, JudgeResult]:
    """Yields Progress. Raises BadInput where no reference or no work can be used."""
    pace = Pace()
    _check(job)
    references, refused = _references(job.references, medium, device)
    seen, reports, unread = yield from _reports(job, references, medium, device)
    looking = known_styles(job.styles, medium, references[0].domain, device, load)
    looking = shifted(looking, len(job.works), len(job.works) + len(job.styles))
    styles, unlike = yield from with_progress(looking, job.job_id, "judging", pace)
    near = nearest_styles([each.measured for each in seen], styles)
    refused += [*unread, *unlike]
    return JudgeResult(
        job_id=job.job_id,
        works=tuple(replace(one, style=style) for one, style in zip(reports, near, strict=True)),
        match=round(sum(report.match for report in reports) / len(reports), 4),
        diversity=round(diversity([each.measured for each in seen]), 3),
        seconds=pace.seconds,
        refused=tuple(refused),
    )


def _check(job: JudgeRequest) -> None:
    if not job.references:
        raise BadInput("no_references")
    if len(job.references) > MAX_REFERENCES:
        raise BadInput("many_references", count=len(job.references), limit=MAX_REFERENCES)
    if not job.works:
        raise BadInput("no_works")
    if len(job.works) > MOST_WORKS:
        raise BadInput("many_works", count=len(job.works), most=MOST_WORKS)


def _reports(
    job: JudgeRequest, references: Sequence[LoadedWork], medium: Medium, device: torch.device
) -> Generator[Event, None, tuple[list[MeasuredWork], list[WorkReport], list[Refusal]]]:
    """Of each work that can be read, and why the others cannot. Raises BadInput without any."""
    domain = references[0].domain
    own = medium.judge(domain, device)
    theirs = [own.measure(each) for each in references]
    seen: list[MeasuredWork] = []
    reports: list[WorkReport] = []
    refused: list[Refusal] = []
    for done, path in enumerate(job.works):
        try:
            work = _in_domain(medium.load(path, device), domain, medium)
        except BadInput as error:
            if len(job.works) == 1:
                raise
            refused.append(refusal(path, error))
        else:
            seen.append(own.measure(work))
            reports.append(report_on(seen[-1], theirs, own))
        yield _progress(job, done + 1)
    if not reports:
        raise BadInput("no_works")
    return seen, reports, refused


def _progress(job: JudgeRequest, done: int) -> Progress:
    total = len(job.works) + len(job.styles)
    return Progress(job_id=job.job_id, done=done, total=total, stage="judging")


def _references(
    named: Sequence[Reference], medium: Medium, device: torch.device
) -> tuple[list[LoadedWork], list[Refusal]]:
    """Those that can be used, all of the first one's domain, and why the others cannot."""
    usable: list[LoadedWork] = []
    refused: list[Refusal] = []
    for reference in named:
        try:
            one = medium.load(reference.path, device)
            usable.append(_in_domain(one, usable[0].domain, medium) if usable else one)
        except BadInput as error:
            if len(named) == 1:
                raise
            refused.append(refusal(reference.path, error))
    if not usable:
        raise BadInput("none_usable", first=refused[0].message)
    return usable, refused


def _in_domain(work: LoadedWork, domain: str, medium: Medium) -> LoadedWork:
    """Raises BadInput for a text in another language than the first reference."""
    if work.domain != domain:
        language = medium.name_of(work.domain)
        raise BadInput("language_differs", name=work.name, language=language)
    return work
