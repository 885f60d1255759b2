"""The .maquette document: references, styles, works and judgements of one undertaking.

Every method of its parts is one transaction, so there is no unsaved state. Pictures, texts and
styles are kept as their original bytes, by the sha256 of their content. Nothing is deleted but
works that the artist deletes for good: references are set aside, works put into the trash, and
ratings and edits are logs in which the newest entry of a work counts. One document holds several
media side by side.
"""

from pathlib import Path

from engine.protocol import Medium
from studio.i18n.errors import MaquetteError
from studio.project.database import damaged
from studio.project.document import Document
from studio.project.judgements import Judgements
from studio.project.orders import Orders
from studio.project.references import References
from studio.project.styles import Styles
from studio.project.work_groups import Collections
from studio.project.working_state import WorkingState
from studio.project.works import Works


class Project:
    """One open document. Any thread may call it; it belongs to one process at a time.

    Every method of its parts raises a ProjectError (a MaquetteError) when the file cannot do what
    was asked: ProjectFullError, ProjectUnwritableError, ProjectDamagedError, ProjectReadOnlyError.
    What was committed before is still there. An unknown id raises KeyError.
    """

    def __init__(self, document: Document, notice: MaquetteError | None = None) -> None:
        """Use `create` or `open`; `opening` has the gentler ways.

        notice: what the window says of how it was opened."""
        self.document = document
        self.references = References(document)
        self.styles = Styles(document)
        self.works = Works(document)
        self.judgements = Judgements(document)
        self.working_state = WorkingState(document)
        self.collections = Collections(document)
        self.orders = Orders(document)
        self.notice = notice

    @classmethod
    def create(cls, path: Path) -> "Project":
        return cls(Document.create(path))

    @classmethod
    def open(cls, path: Path) -> "Project":
        """To work in. Raises as `Document.open`, ProjectDamagedError also for one damaged row."""
        return cls(Document.open(path)).checked()

    def checked(self) -> "Project":
        """Reads every row, so that a damaged one is found now. Raises ProjectDamagedError."""
        try:
            self.works.all(include_hidden=True)
            self.works.rating_log()
            self.judgements.log()
            self.working_state.drafts()
            for medium in Medium:
                self.styles.all(medium)
                self.working_state.brief(medium)
            self.references.all()
            self.working_state.medium()
            self.orders.all()
        except MaquetteError:
            self.close()
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            self.close()
            raise damaged(self.path) from error
        return self

    def save_as(self, path: Path) -> "Project":
        """A whole copy at `path`, open; see `Document.save_as`. At its own path, the project."""
        document = self.document.save_as(path)
        return self if document is self.document else Project(document)

    def close(self) -> None:
        self.document.close()

    @property
    def path(self) -> Path:
        return self.document.path

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def is_untitled(self) -> bool:
        return self.document.is_untitled

    @property
    def is_read_only(self) -> bool:
        return self.document.is_read_only

    @property
    def is_homeless(self) -> bool:
        """Whether it is kept in memory alone."""
        return self.document.is_in_memory

    def blob(self, digest: str) -> bytes:
        """Bytes by their digest. Raises ProjectDamagedError when they have changed."""
        return self.document.blob(digest)

    def put(self, data: bytes) -> str:
        """Keep bytes that something will refer to. Returns their digest."""
        return self.document.put(data)

    def media(self) -> frozenset[Medium]:
        """Those of which there are references in the tray, or works."""
        rows = self.document.read(
            "SELECT medium FROM refs WHERE NOT removed UNION"
            " SELECT medium FROM styles WHERE id IN (SELECT style_id FROM works)"
        )
        return frozenset(Medium(row[0]) for row in rows)
