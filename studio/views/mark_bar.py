"""Under the work while a part of it is chosen: which one, and whether it is liked."""

from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.bar import Bar, show_liking
from studio.views.medium_view import MediumViews
from studio.views.stage import Stage
from studio.widgets import theme
from studio.widgets.base import Elided, label, row
from studio.widgets.buttons import IconButton, TextButton


class MarkBar(Bar):
    def __init__(
        self,
        session: Session,
        views: MediumViews,
        actions: Actions,
        stage: Stage,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self._workspace, self._views = session.workspace, views
        self._actions, self._marking = actions, stage.marking
        self._hint, self.chosen = Elided("dim", least=0.5), label("")
        self.like = IconButton("thumbs-up", words=True)
        self.dislike = IconButton("thumbs-down", words=True)
        self.done = TextButton()
        for button, name in ((self.like, "like"), (self.dislike, "dislike")):
            button.setCheckable(True)
            button.clicked.connect(actions[name].trigger)
        self.done.clicked.connect(stage.leave)
        tools = row(self.chosen, self.like, self.dislike, self.done)
        tools.insertSpacing(1, theme.GAP_PX)
        line = row(self._hint, tools, gap=16)
        line.setStretch(0, 1)
        line.setContentsMargins(16, 0, 12, 0)
        self.setLayout(line)
        self._marking.changed.connect(self._show)
        session.workspace.work_changed.connect(lambda _id: self._show())
        self.retranslate()

    def retranslate(self) -> None:
        self._hint.set_text(t("mark.hint"))
        self.like.set_words(t("mark.like"), self._actions.key("like"))
        self.dislike.set_words(t("mark.dislike"), self._actions.key("dislike"))
        self.done.set_words(t("mark.done"), "Esc")
        self._show()

    def _show(self) -> None:
        self.stand_under(self._views[self._workspace.medium])
        place = self._marking.place
        marks = dict(self._marking.layer.marks())
        said = marks.get(place) if place is not None else None
        show_liking(self.like, self.dislike, said)
        self.chosen.setText(self._marking.words())
