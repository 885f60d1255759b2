"""Parts of the work that is looked at: what was said of them, and the part that is chosen now."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from engine.protocol import Medium
from studio.i18n import t
from studio.project.judgements import Place
from studio.state.feedback import feedback_of
from studio.state.session import Session
from studio.widgets.mark_layer import MarkLayer
from studio.widgets.parts import Parts


class Marking(QObject):
    """One layer a medium; only that of the medium that is worked on is seen."""

    changed = Signal()  # begun, finished, or another part is chosen

    def __init__(self, session: Session, parts: Mapping[Medium, Parts], parent: QObject) -> None:
        super().__init__(parent)
        self._workspace, self._edits, self._parts = session.workspace, session.edits, parts
        self._work: int | None = None
        self.layers = {medium: MarkLayer(each) for medium, each in parts.items()}
        for layer in self.layers.values():
            layer.place_changed.connect(self._on_place_changed)
        session.workspace.judged.connect(self._on_judged)
        session.workspace.project_changed.connect(self._on_project_changed)
        self.retranslate()

    def retranslate(self) -> None:
        for layer in self.layers.values():
            layer.setAccessibleName(t("mark.layer"))
            layer.setAccessibleDescription(self.words())

    @property
    def layer(self) -> MarkLayer:
        return self.layers[self._workspace.medium]

    @property
    def is_open(self) -> bool:
        return any(layer.is_open for layer in self.layers.values())

    @property
    def place(self) -> Place | None:
        return self.layer.place if self.is_open else None

    def may_begin(self) -> bool:
        return self._work is not None and self._parts[self._workspace.medium].is_ready()

    def begin(self) -> None:
        if self._work is not None and self.may_begin():
            self._parts[self._workspace.medium].prepare(self._work)
            self.layer.begin()
            self.changed.emit()

    def finish(self) -> None:
        if self.is_open:
            for layer in self.layers.values():
                layer.finish()
            self.changed.emit()

    def say(self, liked: bool) -> None:
        """Like or dislike the chosen part; said again, it is taken back."""
        if self._work is not None and self.place is not None:
            self._edits.toggle_mark(self._work, self.place, liked)

    def show_work(self, work_id: int | None) -> None:
        """The one that hangs on the wall now, alone; None where there is no such work."""
        if work_id != self._work:
            self.finish()
            self._work = work_id
            self._show()

    def words(self) -> str:
        """Which part is chosen, for those who cannot see it."""
        place = self.place
        return self._parts[self._workspace.medium].words(place) if place is not None else ""

    def _show(self) -> None:
        for medium, layer in self.layers.items():
            mine = medium is self._workspace.medium and self._work is not None
            marks = feedback_of(self._workspace.project, medium).marks if mine else ()
            layer.show_marks(tuple((m.place, m.liked) for m in marks if m.work_id == self._work))

    def _on_judged(self) -> None:
        self._show()
        if self.is_open:
            self.changed.emit()

    def _on_place_changed(self) -> None:
        self.retranslate()
        self.changed.emit()

    def _on_project_changed(self) -> None:
        self._work = None
        self.finish()
        self._show()
