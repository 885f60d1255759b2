"""Where a work comes from: the brief, the style and its references, the ratings, other works."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from engine.protocol import Brief, brief_from_json
from studio.i18n import t
from studio.project.judgements import Kind
from studio.project.project import Project
from studio.project.rows import ReferenceRow, StyleRow, WorkRow
from studio.state.adaptation import name_in_library
from studio.state.digests import is_digest
from studio.state.medium import Media
from studio.state.titles import title

_DEEPEST = 6  # works that began from works that began from …
_MOST = 40  # works that taught a style, or that began from one


class NodeKind(Enum):
    WORK = "work"
    BRIEF = "brief"
    STYLE = "style"
    REFERENCE = "reference"
    GROUP = "group"  # of nodes below it, nothing by itself


@dataclass(frozen=True, slots=True)
class Node:
    """words: in the language of the window. id: of a work or a reference, 0 of all others; digest:
    of its content; brief: of a brief, as it was asked for."""

    kind: NodeKind
    words: str
    id: int = 0
    digest: str = ""
    brief: Brief | None = None
    children: tuple["Node", ...] = ()


def tree_of(project: Project, media: Media, work_id: int) -> Node:
    """A work, and below it all that it came from. Slow. Raises ProjectError."""
    return _Tree(project, media).work(project.works.get(work_id), ())


class _Tree:
    def __init__(self, project: Project, media: Media) -> None:
        self._project, self._media = project, media

    def work(self, work: WorkRow, above: tuple[int, ...]) -> Node:
        """above: the works that this one is an origin of, so that none is its own."""
        sidecar = self._project.works.sidecar(work.id)
        children: list[Node] = []
        if (brief := asked_for(sidecar)) is not None:
            words = self._media[work.medium].words_of(brief)
            node = Node(NodeKind.BRIEF, t("lineage.brief", words=words), brief=brief)
            children.append(replace(node, children=tuple(self._starts(work, brief, above))))
        children.append(self._style(self._project.styles.get(work.style_id)))
        if not above:
            children.extend(self._later(work))
        return replace(_leaf(work), children=tuple(children))

    def _starts(self, work: WorkRow, brief: Brief, above: tuple[int, ...]) -> Iterator[Node]:
        """What the brief begins from: another work, a reference, or what came from elsewhere."""
        for name in self._media[work.medium].blob_fields:
            digest = getattr(brief, name, "")
            if not is_digest(digest):
                continue
            known = self._project.works.with_bytes(digest)
            if known is not None and known.id not in (*above, work.id) and len(above) < _DEEPEST:
                yield self.work(known, (*above, work.id))
                continue
            rows = [one for one in self._references() if one.digest == digest]
            called = self._project.working_state.name_of(digest) or t("lineage.elsewhere")
            yield (
                _reference(rows[0])
                if rows
                else Node(NodeKind.GROUP, t(f"lineage.from_{name}", name=called), digest=digest)
            )

    def _references(self) -> tuple[ReferenceRow, ...]:
        return self._project.references.all()

    def _style(self, style: StyleRow) -> Node:
        if style.parent_id is not None:
            plain = self._style(self._project.styles.get(style.parent_id))
            taught = self._taught(style)
            words = t("lineage.taught", n=int(style.lineage.get("ratings", 0)))
            return Node(NodeKind.STYLE, words, children=(*taught, plain))
        return Node(NodeKind.STYLE, *self._plain(style))

    def _plain(self, style: StyleRow) -> tuple[str, int, str, None, tuple[Node, ...]]:
        rows = [self._project.references.get(key) for key in style.reference_weights]
        children = tuple(_reference(one) for one in rows)
        if name := name_in_library(style):
            learned = [
                Node(NodeKind.GROUP, title(str(one))) for one in style.lineage.get("references", ())
            ]
            return t("lineage.library", name=name), 0, "", None, tuple(learned)
        if parents := style.lineage.get("blend"):
            return t("lineage.blend", n=len(parents)), 0, "", None, children
        return t("lineage.learned", n=len(rows)), 0, "", None, children

    def _taught(self, style: StyleRow) -> tuple[Node, ...]:
        """The works with stars or a thumb when the style was learned, the best first."""
        said = judged_until(self._project, style)
        works = [self._project.works.get(one) for one in sorted(said, key=lambda k: (-said[k], k))]
        return tuple(
            replace(_leaf(work), words=_said(work.id, said[work.id])) for work in works[:_MOST]
        )

    def _later(self, work: WorkRow) -> Iterator[Node]:
        """What began from this work."""
        ids = self._project.works.begun_from(
            work.shown_digest, self._media[work.medium].blob_fields
        )
        rows = [self._project.works.get(one) for one in ids if one != work.id][:_MOST]
        if rows:
            leaves = tuple(_leaf(row) for row in rows)
            yield Node(NodeKind.GROUP, t("lineage.later", n=len(rows)), children=leaves)


def asked_for(sidecar: Mapping[str, Any]) -> Brief | None:
    """The brief as the artist had it, or else as the work was made by it."""
    batch = sidecar.get("batch")
    found = batch.get("brief") if isinstance(batch, dict) else sidecar.get("brief")
    try:
        return brief_from_json(found)
    except ValueError:
        return None


def judged_until(project: Project, style: StyleRow) -> dict[int, float]:
    """Stars (1 … 5) of works as they stood when a style was learned; a thumb up counts as 4.5, one
    down as 0.5. Without what was taken back, or said before the artist began anew."""
    before = style.created
    log = [one for one in project.judgements.log() if one.created <= before]
    log = [one for one in log if one.about.medium is style.medium]
    resets = [one for one in log if one.about.kind is Kind.RESET]
    after = resets[-1].created if resets else datetime.min.replace(tzinfo=before.tzinfo)
    stars = {
        one.work_id: float(one.value)
        for one in project.works.rating_log()
        if after < one.created <= before
    }
    thumbs = {
        one.about.work_id: one.value
        for one in log
        if one.about.kind is Kind.LIKE and one.created > after
    }
    own = {work.id for work in project.works.all(style.medium, include_hidden=True)}
    found = {key: 4.5 if liked else 0.5 for key, liked in thumbs.items() if liked is not None}
    found |= {key: value for key, value in stars.items() if value}
    return {key: value for key, value in found.items() if key in own and key is not None}


def _said(work_id: int, value: float) -> str:
    if value == int(value):
        return t("lineage.stars", id=work_id, stars="★" * int(value))
    return t("lineage.liked" if value > 1 else "lineage.disliked", id=work_id)


def _leaf(work: WorkRow) -> Node:
    words = t("lineage.work", id=work.id)
    if work.rating:
        words = t("lineage.stars", id=work.id, stars="★" * work.rating)
    return Node(NodeKind.WORK, words, work.id, work.shown_digest)


def _reference(row: ReferenceRow) -> Node:
    return Node(NodeKind.REFERENCE, title(row.name), row.id, row.digest)
