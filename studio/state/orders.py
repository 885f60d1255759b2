"""What was asked for with one click, what the engine is given for it, what is kept of its works."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from engine.protocol import (
    MAX_COUNT,
    Brief,
    BriefT,
    Copied,
    GenerateRequest,
    WorkFile,
    WorksResult,
    brief_from_json,
)
from studio.project.orders import OrderRow
from studio.project.project import Project
from studio.project.rows import StyleRow, WorkRow
from studio.project.works import NewWork
from studio.state.digests import is_digest
from studio.state.learned_style import StyleSource
from studio.state.medium import MediumRules
from studio.state.problems import Problem


def brief_of(sidecar: Mapping[str, Any], fallback: BriefT) -> BriefT:
    """The brief that a work was made from, as its sidecar tells; of the fallback's medium."""
    try:
        brief = brief_from_json(sidecar["brief"])
    except (KeyError, ValueError):
        return fallback
    return brief if isinstance(brief, type(fallback)) else fallback


def _new_id() -> str:
    return uuid4().hex[:12]


@dataclass(slots=True, eq=False)
class GenerateOrder:
    """One click: where the works belong, the style, the brief. It stands in the queue until all its
    works are made."""

    project: Project
    brief: Brief  # with digests where the engine is given paths; count: works of one job
    style: StyleRow | StyleSource  # a source puts its style into the project first
    total: int  # works in all
    later: bool = False  # what is asked for afterwards comes before it
    made: int = 0
    id: str = field(default_factory=_new_id)
    row: StyleRow | None = None  # the style, once it is in the project
    repeats: int = 0  # works that are, to the byte, what was made before
    in_parts: bool = False  # memory was short
    crashes: int = 0  # of the engine, while it was made
    problem: Problem | None = None  # why it was not made; it waits for the artist

    @property
    def follows_ratings(self) -> bool:
        return self.row is not None and self.row.parent_id is not None

    def next_brief(self) -> Brief:
        """Of its next job: work i of an order has the seed of its brief + i."""
        count = min(self.brief.count, self.total - self.made)
        return replace(self.brief, seed=self.brief.seed + self.made, count=count)

    def as_asked(self) -> dict[str, Any]:
        """What is kept beside each of its works: the brief as the artist had it, not as ratings
        turned it, to go back to."""
        count = min(self.total, MAX_COUNT)
        return {"id": self.id, "brief": asdict(replace(self.brief, count=count))}

    def keep_style(self) -> StyleRow:
        """Put its style into the project, if it is not there. Slow. Raises ProjectError."""
        if self.row is None:
            source = self.style
            self.row = source if isinstance(source, StyleRow) else source(self.project)
        return self.row

    def as_row(self) -> OrderRow:
        """As it is kept in the project, once its style is there."""
        assert self.row is not None
        return OrderRow(
            id=self.id,
            style_id=self.row.id,
            brief=self.brief,
            total=self.total,
            later=self.later,
        )

    @staticmethod
    def of_row(project: Project, row: OrderRow) -> "GenerateOrder":
        """Raises KeyError when its style is not there."""
        style = project.styles.get(row.style_id)
        order = GenerateOrder(project, row.brief, style, row.total, row.later, row.made, row.id)
        order.row = style
        return order


def timing_key(rules: MediumRules, device: str, brief: Brief, follows_ratings: bool) -> str:
    """Under which the time of such works is kept."""
    taught = ", taught" if follows_ratings else ""
    return f"{device}{taught} {brief.medium.value}: {rules.timing_key(brief)}"


def request_of(
    order: GenerateOrder, rules: MediumRules, brief: Brief, job_id: str, folder: Path
) -> GenerateRequest:
    """Write what the engine reads as files into the job's folder, and ask for works. Slow."""
    row = order.keep_style()
    used, out = folder / "used.style", folder / "works"
    used.write_bytes(order.project.blob(row.digest))
    out.mkdir(exist_ok=True)
    return GenerateRequest(
        job_id=job_id,
        style=str(used),
        out_dir=str(out),
        brief=with_files(order.project, rules, brief, folder),
        preview_dir=str(folder / "previews"),
    )


def with_files(project: Project, rules: MediumRules, brief: Brief, folder: Path) -> Brief:
    """The brief as it is sent: files in `folder` in place of digests."""
    paths = {}
    for name in rules.blob_fields:
        if is_digest(kept := getattr(brief, name, "")):
            data = project.blob(kept)
            path = folder / f"{name}{rules.file_suffix(data)}"
            path.write_bytes(data)
            paths[name] = str(path)
    return replace(brief, **paths)


def store(order: GenerateOrder, rules: MediumRules, result: WorksResult) -> tuple[WorkRow, ...]:
    """Write the works of one job into the project, sidecars with them, and that they are made."""
    works = order.project.works.all(order.brief.medium, include_hidden=True)
    before = {row.digest for row in works}
    new = [
        NewWork(
            Path(work.path).read_bytes(),
            sidecar_of(work, rules, order.brief) | {"batch": order.as_asked()},
            work.seed,
            work.width_px,
            work.height_px,
        )
        for work in result.works
    ]
    rows = order.project.works.add_made(new, style_id=order.keep_style().id, order_id=order.id)
    order.repeats = sum(row.digest in before for row in rows)
    order.in_parts = any(work.in_parts for work in result.works)
    return rows


def sidecar_of(work: WorkFile, rules: MediumRules, brief: Brief) -> dict[str, Any]:
    """What the engine wrote beside the work, with what it said of copying.

    Files are named by their digests again, as in `brief`: the job's folder will be gone.
    """
    sidecar = json.loads(Path(work.sidecar).read_text("utf-8"))
    if isinstance(sidecar.get("brief"), dict):
        sidecar["brief"] |= {name: getattr(brief, name) for name in rules.blob_fields}
    if work.sketch is not None:
        sidecar.setdefault("sketch", asdict(work.sketch))
    return sidecar | {"copied": asdict(work.copied)} if work.copied is not None else sidecar


def copied_of(sidecar: Mapping[str, Any]) -> Copied | None:
    """How much of a work is not new; None when nobody has looked."""
    try:
        return msgspec.convert(sidecar["copied"], Copied)
    except (KeyError, ValueError):
        return None
