"""The briefs that works of a project were made from, to go back to."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from engine.protocol import Brief, Medium, brief_from_json
from studio.project.project import Project

MOST = 16
_LOOKED_AT = 600  # works, the newest


@dataclass(frozen=True, slots=True)
class PastBrief:
    """brief: as it was asked for, with as many works as were made."""

    brief: Brief
    made: datetime
    works: tuple[int, ...]  # newest first


def past_briefs(project: Project, medium: Medium) -> tuple[PastBrief, ...]:
    """The newest first; of those that differ in nothing but their seed, the newest alone.

    Raises ProjectError."""
    found: dict[str, PastBrief] = {}
    for past in _understood(project, medium):
        found.setdefault(repr(replace(past.brief, seed=0)), past)
    return tuple(found.values())[:MOST]


def _understood(project: Project, medium: Medium) -> Iterator[PastBrief]:
    """Without what another version asked for in words that this one does not know."""
    for batch in project.works.batches(medium, _LOOKED_AT):
        try:
            brief = brief_from_json(json.loads(batch.brief))
        except ValueError:
            continue
        if brief.medium is not medium:
            continue
        seed = brief.seed if batch.is_known else batch.seed
        count = brief.count if batch.is_known else len(batch.works)
        yield PastBrief(replace(brief, seed=seed, count=count), batch.made, batch.works)
