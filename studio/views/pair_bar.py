"""Under two works that are compared: this one rather than that one."""

from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.bar import Bar, press
from studio.views.medium_view import MediumViews
from studio.views.stage import Stage
from studio.widgets.base import row
from studio.widgets.buttons import IconButton

_HEIGHT_PX = 40
_SIDES = ("left_better", "right_better")


class PairBar(Bar):
    """A button under each; said again, it is taken back."""

    def __init__(
        self,
        session: Session,
        views: MediumViews,
        actions: Actions,
        stage: Stage,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_HEIGHT_PX, parent)
        self._workspace, self._edits, self._views = session.workspace, session.edits, views
        self._actions, self._stage = actions, stage
        self.sides = [IconButton("thumbs-up", 16, words=True) for _ in _SIDES]
        for button, name in zip(self.sides, _SIDES, strict=True):
            button.setCheckable(True)
            button.clicked.connect(actions[name].trigger)
        left, right = (row(None, button, None) for button in self.sides)
        line = row(left, right, gap=0)
        line.setStretch(0, 1)
        line.setStretch(1, 1)
        line.setContentsMargins(20, 0, 20, 0)
        self.setLayout(line)
        stage.shown_changed.connect(self._show)
        session.workspace.work_changed.connect(lambda _id: self._show())
        session.workspace.medium_changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        view = self._views[self._workspace.medium]
        self.stand_under(view)
        for button, name in zip(self.sides, _SIDES, strict=True):
            button.set_words(t(view.preference_key(name)), self._actions.key(name))
            button.setAccessibleName(t(f"action.{name}"))
        self._show()

    def _show(self) -> None:
        pair = self._stage.pair
        better = self._edits.preferred(*pair) if pair is not None else None
        for place, button in enumerate(self.sides):
            press(button, "thumbs-up", pair is not None and better == pair[place])
