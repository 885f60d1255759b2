"""The open project and what is done to it by hand; nothing here needs an engine.

One medium is worked on at a time: references, brief and works are those of it.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.messages import Brief, Medium
from studio import problems, said
from studio.background import Background
from studio.briefs import BriefEdit, Briefs
from studio.errors import MaquetteError
from studio.export import Format, export_works
from studio.history import History
from studio.judgements import Kind
from studio.project import Project, ReferenceRow
from studio.settings import SettingsStore
from studio.shelves import Shelves


class Worktable(QObject):
    """Facts and verbs of references, briefs and works. `project` and `history` are set by whoever
    opens one."""

    references_changed = Signal()
    brief_changed = Signal()
    work_changed = Signal(int)
    current_changed = Signal()
    problem_raised = Signal(object)  # Problem that belongs to no panel
    exported = Signal(object)  # tuple[Path, ...]
    export_failed = Signal(object)  # Problem

    project: Project
    history: History

    def __init__(self, settings: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.background = Background(parent=self)
        self.shelves = Shelves(self.background, self)
        self.briefs = Briefs(self)
        self.briefs.changed.connect(self.brief_changed)
        self.medium = Medium.IMAGE
        self._looked_at: dict[Medium, int] = {}

    @property
    def current(self) -> int | None:
        """The work that is looked at."""
        return self._looked_at.get(self.medium)

    @property
    def brief(self) -> Any:
        """Of the medium that is worked on: a PictureBrief, a TextBrief or a MusicBrief."""
        return self.briefs.of(self.medium)

    def references(self) -> tuple[ReferenceRow, ...]:
        return self.project.references(self.medium)

    def show_medium(self, medium: Medium) -> None:
        raise NotImplementedError

    # ---- references and briefs -----------------------------------------------------------------

    def remove_reference(self, reference_id: int) -> None:
        self._try(lambda: self.history.remove_reference(reference_id))

    def set_weight(self, reference_id: int, weight: float) -> None:
        self._try(lambda: self.history.set_weight(reference_id, weight))

    def set_brief(self, brief: Brief) -> None:
        """An edit by the artist: it can be undone."""
        before = self.briefs.of(brief.medium)
        if brief != before:
            self.history.stack.push(BriefEdit(before, brief, self.show_brief))

    def show_brief(self, brief: Brief) -> None:
        self.show_medium(brief.medium)  # an undo shows what it changes
        self._try(lambda: self.briefs.show(brief))

    # ---- works ---------------------------------------------------------------------------------

    def select(self, work_id: int | None) -> None:
        if work_id == self.current:
            return
        self._looked_at.pop(self.medium, None)
        if work_id is not None:
            self._looked_at[self.medium] = work_id
        self.current_changed.emit()

    def rate(self, work_id: int, value: int) -> None:
        self._try(lambda: self.history.rate(work_id, value))

    def toggle_like(self, work_id: int, liked: bool) -> None:
        """Say it of a work; said again, it is taken back."""
        about = said.like(self.medium, work_id)
        now = None if self.project.judged(about) is liked else liked
        self._try(lambda: self.history.judge((about, now)))

    def toggle_preferred(self, better: int, worse: int) -> None:
        """This one rather than that one; said again, it is taken back."""
        about = said.pair(self.medium, better, worse)
        now = None if self.project.judged(about) == better else better
        self._try(lambda: self.history.judge((about, now)))

    def preferred(self, one: int, other: int) -> int | None:
        """The better of two works, where that was said."""
        return self.project.judged(said.pair(self.medium, one, other))

    def toggle_mark(self, work_id: int, place: said.Place, liked: bool) -> None:
        """Say it of a part of a work; said again, it is taken back."""
        about = said.mark(self.medium, work_id, place)
        now = None if self.project.judged(about) is liked else liked
        self._try(lambda: self.history.judge((about, now)))

    # ---- what is learned -----------------------------------------------------------------------

    def hold(self, kind: Kind, *tastes: said.Held, on: bool = True) -> None:
        """Forget or pin tastes, in one step; what is pinned is not forgotten, nor the reverse."""
        other = Kind.PIN if kind is Kind.FORGET else Kind.FORGET
        entries = []
        for held in tastes:
            entries.append((said.taste(self.medium, kind, held), said.kept(held) if on else None))
            opposite = said.taste(self.medium, other, held)
            if on and self.project.judged(opposite) is not None:
                entries.append((opposite, None))
        self._try(lambda: self.history.judge(*entries))

    def start_over(self) -> None:
        """Learn from nothing that was said so far."""
        self._try(lambda: self.history.reset(self.medium))

    def toggle_kept(self, work_id: int) -> None:
        kept = self.project.work(work_id).kept
        self._try(lambda: self.history.set_kept(work_id, not kept))

    def set_hidden(self, work_id: int, hidden: bool) -> None:
        self._try(lambda: self.history.set_hidden(work_id, hidden))

    def edit(self, work_id: int, text: str) -> bool:
        """A new version of a text; nothing happens when it is the one that stands."""
        return self._try(lambda: self.history.edit(work_id, text))

    def export(self, work_ids: Sequence[int], target: Path, wanted: Format, quality: int) -> None:
        looks = {"quality": quality, "vertical": self.settings.settings.vertical}
        work = partial(export_works, self.project, work_ids, target, wanted, **looks)
        failed = self.export_failed
        self.background.run(work, self.exported.emit, lambda e: failed.emit(problems.of_error(e)))

    # ---- errors --------------------------------------------------------------------------------

    def _try(self, act) -> bool:
        try:
            act()
        except MaquetteError as error:
            self._tell(error)
            return False
        return True

    def _tell(self, error: Exception) -> None:
        self.problem_raised.emit(problems.of_error(error))
