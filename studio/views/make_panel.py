"""The one primary button: what it will do, how long it takes, and how to stop it."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from studio.client.job_queue import JobState
from studio.i18n import t
from studio.state.session import Session
from studio.views.manner_warning import MannerWarning
from studio.views.taste_line import TasteLine
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.notice import Notice

TICK_MS = 500


class MakePanel(Panel):
    make_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.notice = Notice(self)
        self.notice.acted.connect(session.generation.retry)
        self.notice.dismissed.connect(session.generation.dismiss)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.make, self.cancel = TextButton("primary"), TextButton("cancel")
        self.make.clicked.connect(self.make_asked)
        self.cancel.clicked.connect(session.maker.cancel)
        self.hint = label("dim", wrap=True)
        self.queue = TextButton("link")  # what waits, beside the work
        self.taste = TasteLine(session, self)
        self._clock = QTimer(self, interval=TICK_MS)  # the time left falls by itself
        self._clock.timeout.connect(self._show_hint)
        self.warning = MannerWarning(session, self)
        told = self.warning, self.notice, self.bar
        lines = column(*told, self.make, self.cancel, self.hint)
        lines.addLayout(row(self.queue, None))
        lines.addWidget(self.taste)
        lines.setContentsMargins(16, 12, 16, 16)
        self.setLayout(lines)
        for fact in (
            session.maker.changed,
            session.workspace.brief_changed,
            session.adaptation.changed,
        ):
            fact.connect(self.retranslate)
        session.engine_changed.connect(self.retranslate)
        session.learning.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        generation, brief = self._session.generation, self._session.workspace.brief
        busy = generation.is_busy or self._session.maker.waits_for_style
        self.cancel.setVisible(busy)  # below: a second click on the button makes more, at once
        self.bar.setVisible(busy)
        self.bar.setAccessibleName(t("make.progress"))
        self.bar.setToolTip(t("make.progress"))
        course = generation.course
        self.bar.setValue(round(1000 * course.fraction()) if course else 0)
        self._clock.start() if busy else self._clock.stop()
        self.make.setEnabled(self._session.maker.can_make())
        self.make.set_words(t("make.button", n=brief.count), "Ctrl+↵")
        stopping = generation.job is not None and generation.job.cancelling
        self.cancel.set_words(t("make.cancelling") if stopping else t("make.cancel"), "Esc")
        self.cancel.setEnabled(not stopping)
        queue = generation.queue
        many = any(order.later for order in queue.orders())
        self.queue.setVisible(many or queue.is_paused or len(queue.orders()) > 1)
        words = "make.queue_paused" if queue.is_paused else "make.queue"
        self.queue.set_words(t(words, n=len(queue.orders())), "Q")
        self._show_hint()
        problem = generation.problem
        retry = t("problem.retry") if problem and problem.retry else ""
        self.notice.show_text(problem.text if problem else "", retry)

    def _show_hint(self) -> None:
        maker = self._session.maker
        busy = self._session.generation.is_busy or maker.waits_for_style
        self.hint.setText(self._running_words() if busy else self._estimate_words())

    def _running_words(self) -> str:
        generation = self._session.generation
        if self._session.maker.waits_for_style and not generation.is_busy:
            learns = self._session.adaptation.is_busy
            return t("make.waits_for_style") if learns else t("make.waits_for_taste")
        job = generation.job
        if job is None or job.state is JobState.WAITING or job.progress is None:
            words = t("make.starting")
        else:
            stage = t(f"stage.{job.progress.stage or 'drawing'}")
            left = generation.course.seconds_left() if generation.course else None
            known = left is not None and left >= 1
            words = t("make.left", stage=stage, seconds=round(left or 0)) if known else stage
        order = generation.queue.running
        if order is not None and order.later:
            words = t("make.of_many", words=words, made=order.made, total=order.total)
        waiting = generation.waiting + self._session.maker.waits_for_style
        return t("make.and_waiting", words=words, n=waiting) if waiting else words

    def _estimate_words(self) -> str:
        if lacking := self._session.maker.lacking():
            return t(f"make.needs_{lacking}")
        seconds = self._session.maker.estimate_s()
        if seconds is None:
            return t("make.no_estimate")
        return t("make.estimate", time=duration(seconds))


def duration(seconds: float) -> str:
    """A time as one says it: seconds below a minute and a half, then minutes,
    hours above an hour and a half."""
    if seconds < 90:
        return t("time.seconds", n=max(1, round(seconds)))
    if seconds < 90 * 60:
        return t("time.minutes", n=round(seconds / 60))
    return t("time.hours", n=f"{seconds / 3600:.1f}")
