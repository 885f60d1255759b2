"""What ratings have taught: from what was said to the request, and from the result to a style."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from engine.messages import LearnRequest, Mark, Medium, StyleResult, Taste
from studio.media.text.reading import decode, text_of
from studio.project.project import Project, StyleRow
from studio.state import problems
from studio.state.engine_files import Laying
from studio.state.feedback import Held, Said, said_of
from studio.state.problems import Problem

StyleSource = Callable[[Project], StyleRow]


@dataclass(frozen=True, slots=True)
class Taught:
    """A style that follows what was said. It comes into the project when it makes something."""

    key: str
    path: Path | None  # None: it is in the project already
    digest: str
    used: int  # judgements
    tastes: tuple[Taste, ...]
    left_out: tuple[Problem, ...] = ()

    @staticmethod
    def of_result(key: str, result: StyleResult) -> "Taught":
        return Taught(
            key,
            Path(result.path),
            result.digest,
            result.ratings_used,
            result.tastes,
            tuple(problems.of_engine(each) for each in result.refused),
        )

    @staticmethod
    def of_row(row: StyleRow) -> "Taught":
        return Taught(
            row.lineage["taught"],
            None,
            row.lineage.get("digest", ""),
            int(row.lineage.get("ratings", 0)),
            tuple(msgspec.convert(each, Taste) for each in row.lineage.get("tastes", ())),
            tuple(map(problems.unpack, row.lineage.get("left_out", ()))),
        )

    def kept_beside(self, plain: StyleRow) -> StyleSource:
        """What puts it into a project, as a child of the style that it was taught from."""

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
            return project.add_style(data, lineage, weights, plain.medium, parent_id=plain.id)

        return keep


@dataclass(frozen=True, slots=True)
class Read:
    """What stands said, its key ("" where there is nothing to follow), and the style that was
    taught by it, where one was kept."""

    said: Said
    kind: str  # of the works: image, zh, en or audio
    key: str = ""
    taught: Taught | None = None


def row_of(project: Project, plain: StyleRow, key: str) -> StyleRow | None:
    rows = project.taught_styles(plain.id)
    return next((row for row in rows if row.lineage.get("taught") == key), None)


def read(project: Project, medium: Medium, style: StyleRow | None, version: str) -> Read:
    """Slow with thousands of works; call it off the window's thread."""
    said = said_of(project, medium)
    kind = kind_of(project, medium, said)
    if style is None or not said.teaches(kind):
        return Read(said, kind)
    wanted = set(said.works())
    shown = {
        str(row.id): row.shown_digest
        for row in project.works(medium, include_hidden=True)
        if row.id in wanted
    }
    key = said.key(style.digest, version, *(f"{one} {shown[one]}" for one in sorted(shown)))
    row = row_of(project, style, key)
    return Read(said, kind, key, Taught.of_row(row) if row else None)


def request_of(
    project: Project, style: StyleRow, found: Read, laying: Laying, job_id: str, folder: Path
) -> LearnRequest:
    """Everything that was said, with the works as files. Slow.

    Before anything is said, what is held is seen beside the references: of pictures these are sent
    along, of texts and music the style keeps them itself. So it is the same whatever was made."""
    said = found.said
    rows = [project.work(work_id) for work_id in said.works()]
    paths = {key: str(path) for key, path in laying.works(project, rows).items()}

    def here(held: tuple[Held, ...]) -> list[Held]:
        return [one for one in held if one.kind == found.kind]

    return LearnRequest(
        job_id=job_id,
        style=str(laying.style(project, style)),
        out=str(folder / "taught.style"),
        ratings={paths[key]: stars for key, stars in said.stars.items()},
        likes={paths[key]: liked for key, liked in said.likes.items()},
        pairs=tuple((paths[better], paths[worse]) for better, worse in said.pairs),
        marks=tuple(
            Mark(path=paths[mark.work_id], liked=mark.liked, **asdict(mark.place))
            for mark in said.marks
        ),
        forget=tuple(one.code for one in here(said.forgotten)),
        pin={one.code: one.strength for one in here(said.pinned)},
        beside=() if said.count else _references(project, style, laying),
        language=found.kind if style.medium is Medium.TEXT else "",
    )


def _references(project: Project, style: StyleRow, laying: Laying) -> tuple[str, ...]:
    """Of a style of pictures, as files."""
    if style.medium is not Medium.IMAGE:
        return ()
    rows = [project.reference(key) for key in style.reference_weights]
    return tuple(str(path) for path in laying.references(project, rows).values())


def kind_of(project: Project, medium: Medium, said: Said) -> str:
    """Of what works the engine's features are: the medium, or the language of the texts."""
    if medium is not Medium.TEXT:
        return medium.value
    rated = [project.work(work_id).shown_digest for work_id in said.works()[:1]]
    others = [row.digest for row in project.references(medium)[:1]]
    digests = rated or [row.shown_digest for row in project.works(medium)[:1]] or others
    words = "\n".join(decode(project.blob(digest)) for digest in digests)
    return "zh" if text_of(words).is_chinese else "en"
