"""Under the button: whether the next works follow what was said of earlier ones."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state.feedback import LEAST
from studio.state.session import Session
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.notice import Notice


class TasteLine(Panel):
    """One line; the link in it opens what was learned."""

    learned_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.words, self.link = label("dim", wrap=True), TextButton("link")
        self.notice = Notice(self)
        self.setLayout(column(self.words, row(self.link, None), self.notice, gap=4))
        self.link.clicked.connect(self.learned_asked)
        self.notice.acted.connect(session.learning.retry)
        session.learning.changed.connect(self.retranslate)
        session.workspace.brief_changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        learning = self._session.learning
        follows = self._session.workspace.brief.follow > 0
        learned = learning.learned if follows else None
        problem = learning.problem if follows else None
        waiting = learning.is_busy and learning.has_enough and follows
        self.link.setVisible(learned is not None and not waiting)
        used = learned.used if learned else 0
        following = t("taste.following" if used else "taste.following_held", n=used)
        self.link.set_words(following, t("what.taste"))
        self.words.setText(self._words(waiting))
        self.words.setVisible(bool(self.words.text()) and self.link.isHidden() and not problem)
        retry = t("problem.retry") if problem and problem.retry else ""
        self.notice.show_text(self._failed_words(problem.text) if problem else "", retry)

    def _failed_words(self, problem: str) -> str:
        feedback = self._session.learning.feedback
        return t("taste.failed" if feedback.count else "taste.failed_held", problem=problem)

    def _words(self, waiting: bool) -> str:
        learning, count = self._session.learning, self._session.learning.feedback.count
        if waiting:
            return t("taste.learning" if count else "taste.learning_held")
        if not count and not learning.has_enough:
            return ""
        if self._session.workspace.brief.follow <= 0:
            return t("taste.off" if count else "taste.off_held")
        return "" if learning.has_enough else t("taste.soon", n=LEAST - count)
