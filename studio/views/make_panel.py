"""The one primary button: what it will do, how long it takes, and how to stop it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from studio.client.job_queue import JobState
from studio.i18n import t
from studio.state.session import Session
from studio.views.taste_line import TasteLine
from studio.widgets.base import Panel, column, label
from studio.widgets.buttons import TextButton
from studio.widgets.notice import Notice


class MakePanel(Panel):
    make_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.notice = Notice(self)
        self.notice.acted.connect(session.making.retry)
        self.notice.dismissed.connect(session.making.dismiss)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.make, self.cancel = TextButton("primary"), TextButton("cancel")
        self.make.clicked.connect(self.make_asked)
        self.cancel.clicked.connect(session.cancel)
        self.hint = label("dim", wrap=True)
        self.taste = TasteLine(session, self)
        lines = column(self.notice, self.bar, self.make, self.cancel, self.hint, self.taste)
        lines.setContentsMargins(16, 12, 16, 16)
        self.setLayout(lines)
        for fact in (session.making_changed, session.brief_changed, session.style_changed):
            fact.connect(self.retranslate)
        session.engine_changed.connect(self.retranslate)
        session.learning.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        making, brief = self._session.making, self._session.brief
        busy = making.is_busy or self._session.waits_for_style
        self.make.setVisible(not busy)
        self.cancel.setVisible(busy)
        self.bar.setVisible(busy)
        self.bar.setAccessibleName(t("make.progress"))
        self.bar.setValue(round(1000 * making.job.fraction) if making.job else 0)
        self.make.setEnabled(self._session.can_make())
        self.make.set_words(t("make.button", n=brief.count), "Ctrl+↵")
        stopping = making.job is not None and making.job.cancelling
        self.cancel.set_words(t("make.cancelling") if stopping else t("make.cancel"), "Esc")
        self.cancel.setEnabled(not stopping)
        self.hint.setText(self._running_words() if busy else self._estimate_words())
        problem = making.problem
        retry = t("problem.retry") if problem and problem.retry else ""
        self.notice.show_text(problem.text if problem else "", retry)

    def _running_words(self) -> str:
        making = self._session.making
        if self._session.waits_for_style and not making.is_busy:
            learns = self._session.adaptation.is_busy
            return t("make.waits_for_style") if learns else t("make.waits_for_taste")
        job = making.job
        if job is None or job.state is JobState.WAITING or job.progress is None:
            words = t("make.starting")
        elif job.progress.seconds_left is None:
            words = t(f"stage.{job.progress.stage or 'drawing'}")
        else:
            left = max(1, round(job.progress.seconds_left))
            words = t(
                "make.left", stage=t(f"stage.{job.progress.stage or 'drawing'}"), seconds=left
            )
        waiting = making.waiting + self._session.waits_for_style
        return t("make.and_waiting", words=words, n=waiting) if waiting else words

    def _estimate_words(self) -> str:
        if lacking := self._session.lacking():
            return t(f"make.needs_{lacking}")
        seconds = self._session.estimate_s()
        if seconds is None:
            return t("make.no_estimate")
        return t("make.estimate", time=duration(seconds))


def duration(seconds: float) -> str:
    """A time as one says it: seconds below a minute and a half, then minutes."""
    if seconds < 90:
        return t("time.seconds", n=max(1, round(seconds)))
    return t("time.minutes", n=round(seconds / 60))
