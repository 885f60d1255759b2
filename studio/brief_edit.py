"""A change of the brief that can be undone."""

from collections.abc import Callable
from dataclasses import fields

from PySide6.QtGui import QUndoCommand

from engine.messages import Brief


class BriefEdit(QUndoCommand):
    """One change of the brief; a further change of the same fields joins it."""

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
        if not isinstance(other, BriefEdit) or self._changed() != other._changed():
            return False
        self._after = other._after
        return True

    def _changed(self) -> set[str]:
        names = (field.name for field in fields(Brief))
        return {name for name in names if getattr(self._before, name) != getattr(self._after, name)}
