"""What is asked for: one brief for each medium, kept in the project; edits can be undone."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from engine.protocol import Brief, Medium
from studio.project.project import Project
from studio.state.generation import new_seed
from studio.state.medium import Media

_STEPS = {"content", "mask", "colours", "sound"}  # each change of these is a step of its own


class Briefs(QObject):
    """The briefs of the open project. `show` raises MaquetteError when one cannot be kept."""

    changed = Signal()

    def __init__(self, media: Media, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._media = media
        self._by_medium = {key: rules.new_brief(new_seed()) for key, rules in media.items()}
        self._project: Project | None = None

    def attach(self, project: Project) -> None:
        """Take the project's briefs; what it has none of stays as it was asked last."""
        for medium, rules in self._media.items():
            asked = self._by_medium[medium]
            asked = asked if project is self._project else rules.portable(asked)
            self._by_medium[medium] = project.working_state.brief(medium) or asked
        self._project = project
        self.changed.emit()

    def of(self, medium: Medium) -> Any:
        return self._by_medium[medium]

    def change(self, medium: Medium, **wishes: object) -> None:
        """Without a step of the history: the studio knows better, not the artist."""
        if wishes:
            self.show(replace(self.of(medium), **wishes))

    def show(self, brief: Brief) -> None:
        self._by_medium[brief.medium] = brief
        try:
            if self._project is not None:
                self._project.working_state.save_brief(brief)
        finally:
            self.changed.emit()


class BriefEdit(QUndoCommand):
    """One change of a brief; a further change of the same fields joins it, but for the way back to
    where they were: undoing that brings the change again."""

    _ID = 7001

    def __init__(self, before: Brief, after: Brief, show: Callable[[Brief], None]) -> None:
        super().__init__("history.brief")
        self._before, self._after, self._show = before, after, show

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)

    def id(self) -> int:
        return self._ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        changed = self._changed()
        if not isinstance(other, BriefEdit) or changed != other._changed() or changed & _STEPS:
            return False
        if other._after == self._before:
            return False
        self._after = other._after
        return True

    def _changed(self) -> set[str]:
        names = (field.name for field in fields(self._before))
        return {name for name in names if getattr(self._before, name) != getattr(self._after, name)}
