"""Styles learned from ratings: from the feedback to the request, and from the result to a style."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from engine.protocol import LearnRequest, Mark, StyleResult, Taste
from studio.project.project import Project
from studio.project.rows import StyleRow
from studio.state import problems
from studio.state.engine_files import EngineFiles
from studio.state.feedback import Feedback, TasteOverride, feedback_of
from studio.state.medium import MediumRules
from studio.state.problems import Problem

StyleSource = Callable[[Project], StyleRow]


@dataclass(frozen=True, slots=True)
class LearnedStyle:
    """A style that follows feedback. It comes into the project when it makes something."""

    key: str  # of the feedback
    path: Path | None  # None: it is in the project already
    digest: str
    used: int  # judgements
    tastes: tuple[Taste, ...]
    left_out: tuple[Problem, ...] = ()

    @staticmethod
    def of_result(key: str, result: StyleResult) -> "LearnedStyle":
        return LearnedStyle(
            key,
            Path(result.path),
            result.digest,
            result.ratings_used,
            result.tastes,
            tuple(problems.of_engine(each) for each in result.refused),
        )

    @staticmethod
    def of_row(row: StyleRow) -> "LearnedStyle":
        return LearnedStyle(
            row.lineage["taught"],
            None,
            row.lineage.get("digest", ""),
            int(row.lineage.get("ratings", 0)),
            tuple(msgspec.convert(each, Taste) for each in row.lineage.get("tastes", ())),
            tuple(map(problems.unpack, row.lineage.get("left_out", ()))),
        )

    def kept_beside(self, plain: StyleRow) -> StyleSource:
        """What puts it into a project, as a child of the style that it was learned from."""

        def keep(project: Project) -> StyleRow:
            if (row := row_of(project, plain, self.key)) is not None:
                return row
            assert self.path is not None
            lineage = {
                "digest": self.digest,
                "taught": self.key,
                "ratings": self.used,
                "tastes": [asdict(taste) for taste in self.tastes],
                "left_out": [problems.pack(each) for each in self.left_out],
            }
            weights, data = plain.reference_weights, self.path.read_bytes()
            return project.styles.add(data, lineage, weights, plain.medium, parent_id=plain.id)

        return keep


@dataclass(frozen=True, slots=True)
class FeedbackState:
    """The feedback as it stands, its key ("" where there is nothing to follow), and the style
    that was learned from it, where one was kept."""

    feedback: Feedback
    feature_space: str
    key: str = ""
    learned: LearnedStyle | None = None


def row_of(project: Project, plain: StyleRow, key: str) -> StyleRow | None:
    rows = project.styles.children(plain.id)
    return next((row for row in rows if row.lineage.get("taught") == key), None)


def read_feedback(
    project: Project, rules: MediumRules, style: StyleRow | None, version: str
) -> FeedbackState:
    """Slow with thousands of works; call it off the window's thread. version: the engine's."""
    feedback = feedback_of(project, rules.medium)
    space = rules.feature_space(project, feedback)
    if style is None or not feedback.is_enough(space):
        return FeedbackState(feedback, space)
    wanted = set(feedback.works())
    shown = {
        str(row.id): row.shown_digest
        for row in project.works.all(rules.medium, include_hidden=True)
        if row.id in wanted
    }
    works = (f"{one} {shown[one]}" for one in sorted(shown))
    key = feedback.key(style.digest, version, *works)
    row = row_of(project, style, key)
    return FeedbackState(feedback, space, key, LearnedStyle.of_row(row) if row else None)


@dataclass(frozen=True, slots=True)
class LearnOrder:
    """What is learned from: a style, and the feedback that it is to follow."""

    project: Project
    rules: MediumRules
    style: StyleRow
    state: FeedbackState


def request_of(order: LearnOrder, files: EngineFiles, job_id: str, folder: Path) -> LearnRequest:
    """Everything that was said, with the works as files. Slow.

    Before anything is said, a pinned taste is seen beside the references: of some media these are
    sent along, of others the style keeps them itself. So it is the same whatever was made."""
    project, style, feedback = order.project, order.style, order.state.feedback
    space = order.state.feature_space
    rows = [project.works.get(work_id) for work_id in feedback.works()]
    paths = {key: str(path) for key, path in files.works(project, rows).items()}

    def in_space(tastes: tuple[TasteOverride, ...]) -> list[TasteOverride]:
        return [one for one in tastes if one.feature_space == space]

    return LearnRequest(
        job_id=job_id,
        style=str(files.style(project, style)),
        out=str(folder / "taught.style"),
        ratings={paths[key]: stars for key, stars in feedback.stars.items()},
        likes={paths[key]: liked for key, liked in feedback.likes.items()},
        pairs=tuple((paths[better], paths[worse]) for better, worse in feedback.pairs),
        marks=tuple(
            Mark(path=paths[mark.work_id], liked=mark.liked, **asdict(mark.place))
            for mark in feedback.marks
        ),
        forget=tuple(one.code for one in in_space(feedback.forgotten)),
        pin={one.code: one.strength for one in in_space(feedback.pinned)},
        beside=() if feedback.count else _references(order, files),
        language=order.rules.language(space),
    )


def _references(order: LearnOrder, files: EngineFiles) -> tuple[str, ...]:
    """As files, where the style does not keep them itself."""
    if not order.rules.sends_references_with_ratings:
        return ()
    rows = [order.project.references.get(key) for key in order.style.reference_weights]
    return tuple(str(path) for path in files.references(order.project, rows).values())
