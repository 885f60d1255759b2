"""What I have learned: the strongest tastes, each to be held or forgotten; and starting over."""

from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.i18n.errors import MaquetteError
from studio.project.judgements import Kind
from studio.state.feedback import TasteOverride, override_of
from studio.state.problems import of_error
from studio.state.session import Session
from studio.views.taste_row import TasteRow
from studio.widgets import theme
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.fold import Fold
from studio.widgets.notice import Notice

SURE_ENOUGH = 0.7  # to be carried to other projects


class LearnedPanel(Panel):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._learning = session, session.learning
        self._shown: tuple[object, ...] | None = None
        self.rows: list[TasteRow] = []
        self.title, self._intro = label("title", wrap=True), label("dim", wrap=True)
        self.notice, self._left_out = Notice(self), label("dim", wrap=True)
        self._tastes, self._gone = column(gap=14), column(gap=6)
        gone = QWidget()
        gone.setLayout(self._gone)
        self.fold = Fold(gone)
        self._carry = label("heading")
        self._carry_hint = label("dim", wrap=True)
        self.keep, self.begin, self.drop = TextButton(), TextButton(), TextButton("link")
        self.start_over, self._over_hint = TextButton("link"), label("small", wrap=True)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        carry = column(self._carry, self._carry_hint, self.keep, self.begin, row(self.drop, None))
        over = column(row(self.start_over, None), self._over_hint, gap=2)
        self._about = QWidget()
        self._about.setLayout(carry)
        self._over = QWidget()
        self._over.setLayout(over)
        top = column(self.title, self._intro, self.notice, self._left_out, gap=6)
        parts = column(top, self._tastes, self.fold, self._about, self._over, None)
        parts.setSpacing(theme.GROUP_PX)
        parts.setContentsMargins(16, 4, 16, 16)
        self.setLayout(parts)

    def _connect(self) -> None:
        session = self._session
        self.notice.acted.connect(self._learning.retry)
        self.start_over.clicked.connect(session.edits.start_over)
        self.keep.clicked.connect(self._on_keep)
        self.begin.clicked.connect(self._on_begin)
        self.drop.clicked.connect(self._on_drop)
        for fact in (self._learning.changed, session.profiles.changed):
            fact.connect(self.retranslate)
        session.workspace.medium_changed.connect(self.retranslate)

    # ---- what is shown -------------------------------------------------------------------------

    def retranslate(self) -> None:
        learning, feedback = self._learning, self._learning.feedback
        used = learning.learned.used if learning.learned else 0
        self.title.setText(t("learned.like") if self._has_tastes() else t("learned.nothing"))
        self._intro.setText(self._intro_words(used))
        problem = learning.problem
        retry = t("problem.retry") if problem and problem.retry else ""
        self.notice.show_text(problem.text if problem else "", retry)
        left_out = learning.learned.left_out if learning.learned else ()
        self._left_out.setText("\n".join(line.text for line in left_out))
        self._left_out.setVisible(bool(left_out))
        self._show_tastes()
        self.fold.set_words(t("learned.forgotten", n=len(feedback.forgotten)))
        self.fold.setVisible(bool(feedback.forgotten))
        self.start_over.set_words(t("learned.start_over"), t("what.start_over"))
        self._over_hint.setText(t("learned.start_over_hint"))
        self._over.setVisible(bool(feedback.count or feedback.forgotten or feedback.pinned))
        self._show_profile()

    def _has_tastes(self) -> bool:
        """Whether there is any taste to show, learned or pinned."""
        learned = self._learning.learned.tastes if self._learning.learned else ()
        return bool(learned or self._learning.feedback.pinned)

    def _intro_words(self, used: int) -> str:
        count = self._learning.feedback.count
        if self._learning.is_busy and self._learning.has_enough:
            return t("taste.learning" if count else "taste.learning_held")
        if used:
            return t("learned.from" if self._has_tastes() else "learned.no_taste", n=used)
        if self._learning.learned is not None:
            return t("learned.from_held")
        words = t("learned.invitation")
        return f"{words} {t('learned.so_far', n=count)}" if count else words

    def _show_tastes(self) -> None:
        """Anew only when they are others: a key press must not lose the focus."""
        feedback, space = self._learning.feedback, self._learning.feature_space
        learned = self._learning.learned
        tastes = [override_of(taste, space) for taste in learned.tastes] if learned else []
        pinned = {one.code: one for one in feedback.pinned if one.feature_space == space}
        gone = [one for one in feedback.forgotten if one.feature_space == space]
        lost = {one.code for one in gone}
        tastes = [one for one in tastes if one.code not in lost]
        tastes += [
            one for code, one in pinned.items() if code not in {each.code for each in tastes}
        ]
        shown = (tuple(tastes), tuple(pinned), tuple(gone))
        if shown == self._shown:
            return
        self._shown = shown
        for old in self.rows:
            old.hide()
            old.deleteLater()
        most = max((abs(one.strength) for one in tastes), default=1.0) or 1.0
        rows = [
            TasteRow(one, abs(one.strength) / most, "pinned" if one.code in pinned else "", self)
            for one in tastes
        ]
        back = [TasteRow(one, 0.0, "forgotten", self) for one in gone]
        for place, lines in ((self._tastes, rows), (self._gone, back)):
            for line in lines:
                place.addWidget(line)
                line.pinned.connect(
                    lambda one, on: self._session.edits.override(Kind.PIN, one, on=on)
                )
                line.forgotten.connect(
                    lambda one, on: self._session.edits.override(Kind.FORGET, one, on=on)
                )
        self.rows = [*rows, *back]

    # ---- taste that is carried along -----------------------------------------------------------

    def _sure(self) -> tuple[TasteOverride, ...]:
        learned, space = self._learning.learned, self._learning.feature_space
        tastes = learned.tastes if learned else ()
        return tuple(override_of(one, space) for one in tastes if one.certainty >= SURE_ENOUGH)

    def _brought(self) -> tuple[TasteOverride, ...]:
        return self._session.profiles.of(self._learning.feature_space)

    def _show_profile(self) -> None:
        sure, brought = self._sure(), self._brought()
        now = {(one.code, one.strength) for one in self._learning.feedback.pinned}
        begun = bool(brought) and {(one.code, one.strength) for one in brought} <= now
        self._carry.setText(t("learned.carry"))
        hint = "learned.begun" if begun else "learned.kept" if brought else "learned.carry_hint"
        self._carry_hint.setText(t(hint, n=len(brought)))
        self.keep.set_words(t("learned.keep"), t("what.keep_taste"))
        self.keep.setToolTip(t("learned.keep_hint"))
        self.keep.setVisible(bool(sure) and not begun)
        self.begin.set_words(t("learned.begin"), t("what.begin_taste"))
        self.begin.setToolTip(t("learned.begin_hint"))
        self.begin.setVisible(bool(brought) and not begun)
        self.drop.set_words(t("learned.drop"), t("what.drop_taste"))
        self.drop.setVisible(bool(brought))
        self._about.setVisible(bool(sure or brought))

    def _on_keep(self) -> None:
        self._try(lambda: self._session.profiles.keep(self._learning.feature_space, self._sure()))

    def _on_drop(self) -> None:
        self._try(lambda: self._session.profiles.forget(self._learning.feature_space))

    def _on_begin(self) -> None:
        self._session.edits.override(Kind.PIN, *self._brought())

    def _try(self, act) -> None:
        try:
            act()
        except MaquetteError as error:
            self.notice.show_text(of_error(error).text)
