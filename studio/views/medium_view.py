"""What the window must know of a medium: its widgets, drawings and words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from engine.protocol import Medium
from studio.i18n import t
from studio.project.rows import ReferenceRow, WorkRow
from studio.state.intake import Source
from studio.state.session import Session
from studio.views.fields import Fields
from studio.views.reference_card import ReferenceCard
from studio.views.wall import Wall

CELL_SIZE = QSize(132, 90)  # of a work in the gallery
JUDGED, KEPT = (
    ("like", "dislike", "mark", "report"),
    ("copy", "keep", "tags", "collect", "compare", "export", "hide"),
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """One way to begin, which the empty window offers. name: its words are `begin.NAME`; wishes:
    what the brief then asks for."""

    name: str
    icon: str
    wishes: Mapping[str, Any] = field(default_factory=dict)


class MediumView:
    """One medium in one window. Subclasses say what differs from these defaults."""

    medium: Medium
    action: str  # the name of the action that shows this medium
    work_menu: tuple[tuple[str, ...], ...]  # names of actions, in groups
    has_neutral_ground = False  # whether works are seen on the grey that colours are judged on
    cell_size: QSize | None = None  # of a work in the gallery; None: its own shape
    beginnings: tuple[Beginning, ...] = ()

    def __init__(self, session: Session) -> None:
        self.session = session

    def begin(self, beginning: Beginning, parent: QWidget) -> bool:
        """Wish for what it begins with. False: the artist has thought better of it."""
        workspace = self.session.workspace
        workspace.show_brief(replace(workspace.briefs.of(self.medium), **beginning.wishes))
        return True

    def start_from(self, source: Source) -> bool:
        """Begin the next works with this, which fell onto the stage. False: that is no start."""
        return False

    def starts_from(self, source: Source) -> bool:
        """Whether `start_from` would; nothing is read for it."""
        return False

    def wall(self, parent: QWidget) -> Wall:
        raise NotImplementedError

    def fields(self) -> Fields:
        """What is asked of this medium alone."""
        raise NotImplementedError

    def card(self, reference: ReferenceRow, parent: QWidget) -> ReferenceCard:
        raise NotImplementedError

    def draw_cell(self, painter: QPainter, box: QRectF, work: WorkRow) -> None:
        """A work in the gallery; what is not read yet is a plain ground."""
        raise NotImplementedError

    def thumb(self, digest: str) -> QImage | None:
        """A small picture of a work or reference; None in media that have none."""
        return None

    def content_key(self, work: WorkRow) -> str:
        """The same for works that nobody could tell apart."""
        return work.shown_digest

    def facts(self, work: WorkRow) -> str:
        """What is known of a work without looking at it."""
        return t("work.text_facts", seed=work.seed)

    def details(self, work: WorkRow) -> str:
        """The same with what is known from its content."""
        return self.facts(work)

    def origins(self, work: WorkRow) -> tuple[QImage, str] | None:
        """A map of what was taken from where, and the same in words; None where nothing is told."""
        return None

    def add_reference_actions(self, menu: QMenu, reference: ReferenceRow) -> None:
        """What can be done with a reference besides removing it."""

    def preference_key(self, side: str) -> str:
        """The words of the button that prefers a work of two: "left_better" or "right_better"."""
        return "pair.this"


MediumViews = Mapping[Medium, MediumView]  # in the order of the window


class WindowParts(Protocol):
    """What the registry of media gives a window of each."""

    @property
    def view(self) -> Callable[[Session], MediumView]: ...


def views_of(media: Sequence[WindowParts], session: Session) -> MediumViews:
    views = [each.view(session) for each in media]
    return {view.medium: view for view in views}
