"""The line over the panels: what went wrong in no panel, or a project that was just left."""

from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.problems import Problem
from studio.state.session import Session
from studio.views.actions import Actions
from studio.widgets.notice import Notice


class ProblemLine(Notice):
    """Its way out goes back to the project that was left, triggers the command that the problem
    names, or starts the engine once more."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent, wide=True)
        self._session, self._actions = session, actions
        self._command = ""  # the action that is the way out
        self._offers_way_back = False  # to the project that was open before
        self.setContentsMargins(16, 8, 8, 8)
        self.acted.connect(self._on_way_out)
        session.workspace.problem_raised.connect(self.tell)
        session.workspace.problem_over.connect(self._on_problem_over)
        session.workspace.project_changed.connect(self._on_project_changed)
        session.workspace.references_changed.connect(self._on_references_changed)
        session.project_left.connect(self._on_project_left)

    def tell(self, *told: Problem) -> None:
        """All of them, with the way out of the last that has one."""
        if not told:
            return
        self._offers_way_back = False
        self._command = next((each.way_out for each in reversed(told) if each.way_out), "")
        words = t(f"action.{self._command}") if self._command else t("problem.retry")
        has_way = self._command or any(each.retry for each in told)
        calm = all(each.calm for each in told)
        self.show_text("\n".join(each.text for each in told), words if has_way else "", calm)

    def _on_problem_over(self, problem: Problem) -> None:
        if self.text() == problem.text:
            self.show_text("")

    def _on_way_out(self) -> None:
        self.show_text("")
        if self._offers_way_back:
            self._session.go_back()
        elif self._command:
            self._actions[self._command].trigger()
        else:
            self._session.client.start()

    def _on_project_left(self, name: str) -> None:
        self._offers_way_back = True
        self.show_text(t("project.left", name=name), t("project.go_back"), calm=True)

    def _on_project_changed(self) -> None:
        if self._offers_way_back:
            self._end_way_back()

    def _on_references_changed(self) -> None:
        """Something is in the new project: undoing is about that, not about the old one."""
        if self._offers_way_back and not self._session.can_go_back:
            self._end_way_back()

    def _end_way_back(self) -> None:
        self._offers_way_back = False
        self.show_text("")
