"""What is asked for: one brief for each medium, and whether its seed is locked; kept in the
project, and edits can be undone."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from engine.protocol import Brief, Medium
from studio.project.project import Project
from studio.state.generation import new_seed
from studio.state.medium import Media

Asked = tuple[Brief, bool]  # and whether its seed is locked
_STEPS = {"content", "mask", "colours", "sound"}  # each change of these is a step of its own


class Briefs(QObject):
    """The briefs of the open project. `show` raises MaquetteError when one cannot be kept."""

    changed = Signal()

    def __init__(self, media: Media, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._media = media
        self._by_medium = {key: rules.new_brief(new_seed()) for key, rules in media.items()}
        self._locked: set[Medium] = set()
        self._project: Project | None = None

    def attach(self, project: Project) -> None:
        """Take the project's briefs; where it has none, nothing was wished for yet."""
        kept = project.working_state
        for medium, rules in self._media.items():
            self._by_medium[medium] = kept.brief(medium) or rules.new_brief(new_seed())
        self._locked = {medium for medium in self._media if kept.seed_locked(medium)}
        self._project = project
        self.changed.emit()

    def reset(self) -> None:
        """Nothing is wished for in any medium."""
        for rules in self._media.values():
            self.show(rules.new_brief(new_seed()), locked=False)

    def of(self, medium: Medium) -> Any:
        return self._by_medium[medium]

    def is_locked(self, medium: Medium) -> bool:
        """Whether the next works have the seed of the brief, and not a new one."""
        return medium in self._locked

    def change(self, medium: Medium, **wishes: object) -> None:
        """Without a step of the history: the studio knows better, not the artist."""
        if wishes:
            self.show(replace(self.of(medium), **wishes))

    def show(self, brief: Brief, locked: bool | None = None) -> None:
        """locked: of the seed from now on; None leaves that as it is."""
        medium = brief.medium
        self._by_medium[medium] = brief
        if locked is not None:
            (self._locked.add if locked else self._locked.discard)(medium)
        try:
            if self._project is not None:
                self._project.working_state.save_brief(brief, medium in self._locked)
        finally:
            self.changed.emit()


class BriefEdit(QUndoCommand):
    """One change of a brief; a further change of the same fields joins it, but for the way back to
    where they were: undoing that brings the change again."""

    _ID = 7001

    def __init__(self, before: Asked, after: Asked, show: Callable[[Brief, bool], None]) -> None:
        super().__init__("history.brief")
        self._before, self._after, self._show = before, after, show

    def redo(self) -> None:
        self._show(*self._after)

    def undo(self) -> None:
        self._show(*self._before)

    def id(self) -> int:
        return self._ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        changed = self._changed()
        if not isinstance(other, BriefEdit) or type(other._before[0]) is not type(self._before[0]):
            return False  # of another medium
        if changed != other._changed() or changed & _STEPS:
            return False
        if other._after[0] == self._before[0]:
            return False
        self._after = other._after
        return True

    def _changed(self) -> set[str]:
        """The names of the fields that differ."""
        before, after = self._before[0], self._after[0]
        names = (field.name for field in fields(before))
        return {name for name in names if getattr(before, name) != getattr(after, name)}
