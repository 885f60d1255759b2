"""The verb on files: works and references → a report."""

from collections.abc import Generator, Sequence

import torch

from engine.critic.contents import Opened, opened
from engine.critic.diversity import diversity
from engine.critic.judges import Seen, judge_of
from engine.critic.report import report_on
from engine.errors import BadInput
from engine.messages import (
    MAX_REFERENCES,
    Event,
    JudgeRequest,
    JudgeResult,
    Medium,
    Progress,
    Reference,
    Refusal,
    WorkReport,
)
from engine.progress import Pace
from engine.references import refusal

MOST_WORKS = 500
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


def judge(job: JudgeRequest, device: torch.device) -> Generator[Event, None, JudgeResult]:
    """Yields Progress. Raises BadInput where no reference or no work can be used."""
    pace = Pace()
    references, refused = _references(job.references, job.medium, device)
    kind = references[0].kind
    if not job.works:
        raise BadInput("no_works")
    if len(job.works) > MOST_WORKS:
        raise BadInput("many_works", count=len(job.works), most=MOST_WORKS)
    own = judge_of(kind, device)
    theirs = [own.see(each) for each in references]
    seen: list[Seen] = []
    reports: list[WorkReport] = []
    for done, path in enumerate(job.works):
        try:
            work = _of_kind(opened(path, job.medium, device), kind)
        except BadInput as error:
            if len(job.works) == 1:
                raise
            refused.append(refusal(path, error))
        else:
            seen.append(own.see(work))
            reports.append(report_on(seen[-1], theirs, own))
        yield Progress(job_id=job.job_id, done=done + 1, total=len(job.works), stage="judging")
    if not reports:
        raise BadInput("no_works")
    return JudgeResult(
        job_id=job.job_id,
        works=tuple(reports),
        match=round(sum(report.match for report in reports) / len(reports), 4),
        diversity=round(diversity([each.measured for each in seen]), 3),
        seconds=pace.seconds,
        refused=tuple(refused),
    )


def _references(
    named: Sequence[Reference], medium: Medium, device: torch.device
) -> tuple[list[Opened], list[Refusal]]:
    """Those that can be used, all of the first one's kind, and why the others cannot."""
    if not named:
        raise BadInput("no_references")
    if len(named) > MAX_REFERENCES:
        raise BadInput("many_references", count=len(named), limit=MAX_REFERENCES)
    usable: list[Opened] = []
    refused: list[Refusal] = []
    for reference in named:
        try:
            one = opened(reference.path, medium, device)
            usable.append(_of_kind(one, usable[0].kind) if usable else one)
        except BadInput as error:
            if len(named) == 1:
                raise
            refused.append(refusal(reference.path, error))
    if not usable:
        raise BadInput("none_usable", first=refused[0].message)
    return usable, refused


def _of_kind(work: Opened, kind: str) -> Opened:
    """Raises BadInput for a text in another language than the first reference."""
    if work.kind != kind:
        raise BadInput("language_differs", name=work.name, language=LANGUAGE_NAMES[work.kind])
    return work
