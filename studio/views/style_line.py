"""How the style stands: one line, a thin bar while it is learned, the way out when it is not."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from studio.i18n import listed, t
from studio.state.adaptation import StyleState
from studio.state.session import Session
from studio.state.titles import short_names
from studio.views.generator_line import GeneratorLine
from studio.widgets.base import Panel, column, label
from studio.widgets.buttons import TextButton
from studio.widgets.notice import Notice

TICK_MS = 500
_GIVEN = ("notes", "sounds")


class StyleLine(Panel):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._heading, self.line, self._detail = label("heading"), label(), label("dim", wrap=True)
        self._remarks = label("dim", wrap=True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.notice = Notice(self)
        self.notice.acted.connect(session.adaptation.retry)
        self.generator = GeneratorLine(session, self)
        self.learn_again = TextButton("link")
        self.learn_again.clicked.connect(session.adaptation.retry)
        self._clock = QTimer(self, interval=TICK_MS)  # the time left falls by itself
        self._clock.timeout.connect(self._on_progressed)
        parts = self._heading, self.line, self.bar, self.generator, self._detail, self._remarks
        parts += (self.learn_again, self.notice)
        self.setLayout(column(*parts, gap=6))
        session.adaptation.changed.connect(self.retranslate)
        session.adaptation.progressed.connect(self._on_progressed)
        session.workspace.references_changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        adaptation = self._session.adaptation
        state = adaptation.state
        self._heading.setText(t("style.heading"))
        self.bar.setAccessibleName(t("style.adapting"))
        self.bar.setToolTip(t("style.adapting"))
        self.bar.setVisible(adaptation.is_busy)
        problem = adaptation.problem or adaptation.caution
        action = t("problem.retry") if problem and problem.retry else ""
        self.notice.show_text(problem.text if problem else "", action)
        self.line.setVisible(state is not StyleState.FAILED)
        self.line.setProperty("role", "dim" if state is StyleState.EMPTY else "")
        self.line.style().polish(self.line)
        used = len(self._session.workspace.references()) - len(adaptation.refusals)
        shown = state is StyleState.READY and not adaptation.parents
        self._detail.setVisible(shown)
        self._detail.setText(self._brought() if adaptation.brought else self._learned(used))
        self.learn_again.set_words(t("style.learn_again"), t("what.learn_again"))
        self.learn_again.setVisible(shown and bool(adaptation.brought) and used > 0)
        remarks = adaptation.remarks if state is StyleState.READY else ()
        self._remarks.setText("\n".join(remark.text for remark in remarks))
        self._remarks.setVisible(bool(remarks))
        self._on_progressed()

    def _learned(self, used: int) -> str:
        """From how many references; of music, how many notes and sounds they gave."""
        style = self._session.adaptation.style
        counts = {name: style.lineage.get(name, 0) for name in _GIVEN} if style else {}
        given = (t(f"style.{name}", n=count) for name, count in counts.items() if count)
        return " · ".join((t("style.learned_from", n=used), *given))

    def _brought(self) -> str:
        """From which works a style of the library was learned."""
        style = self._session.adaptation.style
        names = style.lineage.get("references", ()) if style else ()
        return t("library.from", names=listed(short_names(list(names)))) if names else ""

    def _on_progressed(self) -> None:
        adaptation = self._session.adaptation
        busy, course = adaptation.is_busy, adaptation.course
        self.bar.setValue(round(1000 * course.fraction()) if busy and course else 0)
        self._clock.start() if busy else self._clock.stop()
        self.line.setText(self._words(adaptation.state))

    def _words(self, state: StyleState) -> str:
        adaptation = self._session.adaptation
        if state is StyleState.READY and (parents := adaptation.parents):
            return t("style.blended", n=parents)
        if state is StyleState.READY and adaptation.brought:
            return t("style.brought", name=adaptation.brought)
        if state is StyleState.READY:
            return t("style.ready", seconds=f"{adaptation.seconds:.1f}")
        if state is StyleState.EMPTY:
            return t("style.empty")
        left = adaptation.course.seconds_left() if adaptation.course and adaptation.job else None
        if left is None:
            return t("style.adapting")
        return t("style.adapting_left", seconds=round(left)) if left >= 1 else t("style.nearly")
