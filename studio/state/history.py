"""Undo and redo of every edit and rating: small commands over the project.

A change is made first and remembered after, so an error is raised where the artist acted. An undo
or redo that fails (a full disk) is told by `failed`, forgotten, and has changed nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.protocol import Medium
from studio.i18n.errors import MaquetteError
from studio.project.judgements import Kind, Subject
from studio.project.project import Project
from studio.project.rows import NewReference, ReferenceRow
from studio.project.work_groups import Collection

MOST_STEPS = 500  # that can be undone: older ones are forgotten
_WEIGHT_ID = 1  # Qt merges neighbours with the same id
Action = Callable[[], None]


class _Change(QUndoCommand):
    """One step: what does it, what takes it back. It is pushed after it was done."""

    def __init__(self, key: str, do: Action, undo: Action, report: Callable) -> None:
        super().__init__(key)
        self._do = do
        self._undo = undo
        self._report = report
        self._is_done = True

    def redo(self) -> None:
        if self._is_done:  # pushing calls redo once
            self._is_done = False
        else:
            self._run(self._do)

    def undo(self) -> None:
        self._is_done = False
        self._run(self._undo)

    def _run(self, action: Action) -> None:
        try:
            action()
        except MaquetteError as error:
            self.setObsolete(True)
            self._report(error)


class _WeightChange(_Change):
    """Steps of one slider merge into one."""

    def __init__(self, reference_id: int, do: Action, undo: Action, report: Callable) -> None:
        super().__init__("history.weight", do, undo, report)
        self.reference_id = reference_id

    def id(self) -> int:
        return _WEIGHT_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _WeightChange) or other.reference_id != self.reference_id:
            return False
        self._do = other._do
        return True


class History(QObject):
    """Every edit goes through here. Methods raise MaquetteError and then change nothing.

    The texts of the stack's commands are catalogue keys: history.add_reference,
    history.remove_reference, history.weight, history.rate, history.keep, history.hide,
    history.tag, history.collect, history.edit, and history.brief of the briefs; of judgements,
    history.like, history.pair, history.mark, history.forget, history.pin and history.reset.
    """

    references_changed = Signal()
    work_changed = Signal(int)  # work id: its rating, kept or hidden flag, or its text
    deleted = Signal(object)  # tuple[int, ...]: works that are gone for good
    collections_changed = Signal()
    judged = Signal()  # something was said beside the stars, or taken back
    failed = Signal(object)  # MaquetteError of an undo or redo

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(MOST_STEPS)

    @property
    def stack(self) -> QUndoStack:
        """For canUndo, canRedo and their signals; undo by `History.undo`."""
        return self._stack

    def undo(self) -> None:
        self._stack.undo()

    def redo(self) -> None:
        self._stack.redo()

    def add_references(self, items: Sequence[NewReference]) -> list[ReferenceRow]:
        """Add them as one step; those that are here already are returned as is.

        Raises TooManyReferencesError when they do not all fit; then none was added.
        """
        before = {row.id for row in self._project.references.all()}
        rows: list[ReferenceRow] = []
        try:
            rows.extend(self._project.references.add(*item) for item in items)
        except MaquetteError:
            self._set_aside([row.id for row in rows if row.id not in before])
            raise
        added = list(dict.fromkeys(row.id for row in rows if row.id not in before))
        if added:
            self._push(
                _Change(
                    "history.add_reference",
                    self._on_references(lambda: self._bring_back(added)),
                    self._on_references(lambda: self._set_aside(added)),
                    self.failed.emit,
                )
            )
            self.references_changed.emit()
        return rows

    def remove_reference(self, reference_id: int) -> None:
        do = self._on_references(lambda: self._project.references.remove(reference_id))
        undo = self._on_references(lambda: self._project.references.restore(reference_id))
        do()
        self._push(_Change("history.remove_reference", do, undo, self.failed.emit))

    def set_weight(self, reference_id: int, weight: float) -> None:
        """Successive weights of one reference are one step."""
        old = self._project.references.get(reference_id).weight
        if old == weight:
            return
        do = self._on_references(lambda: self._project.references.set_weight(reference_id, weight))
        undo = self._on_references(lambda: self._project.references.set_weight(reference_id, old))
        do()
        self._push(_WeightChange(reference_id, do, undo, self.failed.emit))

    def rate(self, work_id: int, value: int) -> None:
        """0 clears. An undone rating stays in the log; the earlier value is appended again."""
        old = self._project.works.get(work_id).rating
        self._change_work("history.rate", self._project.works.rate, work_id, old, value)

    def set_kept(self, work_id: int, kept: bool) -> None:
        old = self._project.works.get(work_id).kept
        self._change_work("history.keep", self._project.works.set_kept, work_id, old, kept)

    def set_hidden(self, works: Sequence[int], hidden: bool) -> None:
        """All of them in one step; those that are so already stay as they are."""
        changed = [one for one in works if self._project.works.get(one).hidden is not hidden]
        if not changed:
            return

        def put(value: bool) -> Action:
            def act() -> None:
                for work_id in changed:
                    self._project.works.set_hidden(work_id, value)
                for work_id in changed:
                    self.work_changed.emit(work_id)

            return act

        put(hidden)()
        self._push(_Change("history.hide", put(hidden), put(not hidden), self.failed.emit))

    def set_tags(self, work_id: int, tags: tuple[str, ...]) -> None:
        old = self._project.works.get(work_id).tags
        self._change_work("history.tag", self._project.works.set_tags, work_id, old, tags)

    def set_collections(self, new: Sequence[Collection]) -> None:
        """All of them, in one step."""
        before, project = self._project.collections.all(), self._project
        after = tuple(new)
        if set(after) == set(before):
            return

        def put(value: Sequence[Collection]) -> Action:
            def act() -> None:
                project.collections.save(value)
                self.collections_changed.emit()

            return act

        put(after)()
        self._push(_Change("history.collect", put(after), put(before), self.failed.emit))

    def delete(self, work_ids: Sequence[int]) -> None:
        """For good. Steps that speak of these works could not be taken back: all are forgotten."""
        self._project.works.delete(work_ids)
        self._stack.clear()
        self.deleted.emit(tuple(work_ids))
        self.judged.emit()

    def edit(self, work_id: int, text: str) -> None:
        """A new version of a text; what the work was made as stays in the document."""
        work = self._project.works.get(work_id)
        new = self._project.put(text.encode())
        new = "" if new == work.digest else new
        self._change_work("history.edit", self._project.works.edit, work_id, work.edit, new)

    def judge(self, *entries: tuple[Subject, Any]) -> None:
        """Say these in one step. Undone entries stay in the log; the earlier ones are appended."""
        before = [(about, self._project.judgements.value_of(about)) for about, _value in entries]
        if before == list(entries):
            return

        def put(entries: Sequence[tuple[Subject, Any]]) -> Action:
            def act() -> None:
                for about, value in entries:
                    self._project.judgements.add(about, value)
                for about, _value in entries:
                    if about.work_id is not None:
                        self.work_changed.emit(about.work_id)
                self.judged.emit()

            return act

        put(entries)()
        key = f"history.{entries[0][0].kind}"
        self._push(_Change(key, put(entries), put(before), self.failed.emit))

    def reset(self, medium: Medium) -> None:
        """Nothing that was said so far teaches any more; stars and marks stay to be seen."""
        self.judge(
            (Subject(medium=medium, kind=Kind.RESET), list(self._project.judgements.last_ids()))
        )

    def _change_work(
        self, key: str, setter: Callable[[int, Any], None], work_id: int, old: Any, new: Any
    ) -> None:
        if old == new:
            return

        def put(value: Any) -> Action:
            def act() -> None:
                setter(work_id, value)
                self.work_changed.emit(work_id)

            return act

        put(new)()
        self._push(_Change(key, put(new), put(old), self.failed.emit))

    def _push(self, change: _Change) -> None:
        self._stack.push(change)

    def _on_references(self, action: Action) -> Action:
        def act() -> None:
            action()
            self.references_changed.emit()

        return act

    def _set_aside(self, reference_ids: Sequence[int]) -> None:
        for reference_id in reference_ids:
            self._project.references.remove(reference_id)

    def _bring_back(self, reference_ids: Sequence[int]) -> None:
        for reference_id in reference_ids:
            self._project.references.restore(reference_id)
