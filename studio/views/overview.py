"""The report on all works: how close and how new each is, how varied they are, which are best."""

from statistics import median

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QProgressBar, QScrollArea, QWidget

from engine.protocol import WorkReport
from studio.i18n import t
from studio.project.rows import WorkRow
from studio.state.session import Session
from studio.views.medium_view import MediumViews
from studio.views.near_style import counted
from studio.views.report_panel import MEASURES, Measure
from studio.widgets.base import Panel, column, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.notice import Notice
from studio.widgets.work_button import WorkButton
from studio.widgets.works_map import Spot, WorksMap

MOST, BEST = 48, 5  # newest works that are judged; of them, how many are named
_BEST_PX = 212


def worth(report: WorkReport) -> float:
    """By which the best are found: in the manner, well made, and not copied."""
    return report.match * report.quality * (1 - report.copied)


def numbers(work_id: int, report: WorkReport) -> str:
    return t("overview.told", id=work_id, match=f"{report.match:.2f}", new=f"{report.novelty:.2f}")


class Overview(Panel):
    """Open from `begin` to `finish`, in the place of the work."""

    changed = Signal()

    def __init__(self, session: Session, views: MediumViews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Overview")
        self._session, self._workspace, self._views = session, session.workspace, views
        self._judging = session.judging
        self.is_open = False
        self._works: tuple[WorkRow, ...] = ()
        self.title, self.state = label("title"), label("dim", wrap=True)
        self.close_button = IconButton("x", 16)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.notice = Notice(self)
        self.measures = {name: Measure(name, self) for name in MEASURES}
        self.varied = Measure("diversity", self)
        self.styles = label("dim", wrap=True)
        self.map = WorksMap(self)
        self._best_words, self._best_hint = label("heading"), label("small", wrap=True)
        self.best = [WorkButton(self) for _ in range(BEST)]
        self._body = QWidget(self)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        numbers = row(*self.measures.values(), self.varied, gap=28)
        named = QWidget()
        scroll = QScrollArea()  # in a low window
        scroll.setWidgetResizable(True)
        scroll.setWidget(named)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(_BEST_PX)
        named.setLayout(column(self._best_words, *self.best, self._best_hint, None, gap=8))
        lower = row(self.map, scroll, gap=24)
        lower.setStretch(0, 1)
        body = column(numbers, self.styles, lower, gap=24)
        body.setStretch(2, 1)
        self._body.setLayout(body)
        head = row(column(self.title, self.state, gap=2), self.close_button)
        head.setStretch(0, 1)
        parts = column(head, self.bar, self.notice, self._body, gap=16)
        parts.setStretch(3, 1)
        parts.addStretch(0)
        parts.setContentsMargins(28, 20, 24, 16)
        self.setLayout(parts)

    def _connect(self) -> None:
        session = self._session
        self.map.chosen.connect(self._on_chosen)
        for button in self.best:
            button.chosen.connect(self._on_chosen)
        self.close_button.clicked.connect(self.finish)
        self.notice.acted.connect(lambda: self._ask(again=True))
        self._judging.changed.connect(self._on_changed)
        session.maker.works_added.connect(lambda _rows: self._on_looked())
        self._workspace.work_changed.connect(lambda _id: self._on_looked())
        self._workspace.medium_changed.connect(self.finish)
        session.adaptation.changed.connect(self._on_looked)
        for controller in session.controllers.values():
            controller.preview_ready.connect(lambda _digest: self._on_changed())

    def begin(self) -> None:
        self.is_open = True
        self._on_looked()
        self.changed.emit()

    def finish(self) -> None:
        if self.is_open:
            self.is_open = False
            self.changed.emit()

    def focus_home(self) -> QWidget:
        return self.map

    # ---- what is shown -------------------------------------------------------------------------

    def _on_looked(self) -> None:
        if self.is_open:
            self._works = self._workspace.project.works.all(self._workspace.medium)[:MOST]
            self._ask()
            self.retranslate()

    def _on_changed(self) -> None:
        if self.is_open:
            self.retranslate()

    def _ask(self, again: bool = False) -> None:
        self._judging.ask(self._works, again)

    def retranslate(self) -> None:
        works = self._works if self.is_open else ()
        verdict, problem = self._judging.verdict(works), self._judging.problem(works)
        known = {work.id: self._judging.report(work) for work in works}
        reports = {key: report for key, report in known.items() if report is not None}
        self.title.setText(t("overview.title"))
        self.close_button.set_words(t("overview.close"), "Esc")
        self.bar.setAccessibleName(t("report.busy"))
        self.bar.setToolTip(t("report.busy"))
        self.bar.setVisible(self._judging.is_asked(works))
        retry = t("problem.retry") if problem and problem.retry else ""
        self.notice.show_text(problem.text if problem else "", retry)
        self.state.setText(self._state(works, reports))
        self._body.setVisible(bool(reports))
        self._best_words.setText(t("overview.best"))
        self._best_hint.setText(t("overview.best_hint"))
        self.map.setAccessibleName(t("overview.map"))
        for name, measure in self.measures.items():
            values = [getattr(report, name) for report in reports.values()]
            measure.show_value(median(values) if values else 0.0)
        if verdict is not None:
            self.varied.show_value(verdict.diversity, len(verdict.works))
        self.varied.setVisible(verdict is not None and len(verdict.works) > 1)
        self.styles.setText(counted(reports.values()))
        self.styles.setVisible(bool(self.styles.text()))
        self._show_map(works, reports)
        self._show_best(works, reports)

    def _state(self, works: tuple[WorkRow, ...], reports: dict[int, WorkReport]) -> str:
        if not works:
            return t("overview.empty")
        if not self._judging.can_judge:
            return t("report.needs_references")
        if self._judging.is_asked(works):
            return t("report.busy")
        count = len(self._workspace.references())
        return t("overview.about", n=len(reports), references=count)

    def _image(self, work: WorkRow) -> QImage:
        return self._views[work.medium].thumb(work.digest) or QImage()

    def _show_map(self, works: tuple[WorkRow, ...], reports: dict[int, WorkReport]) -> None:
        spots = tuple(
            Spot(work.id, report.match, report.novelty, numbers(work.id, report), self._image(work))
            for work in works
            if (report := reports.get(work.id)) is not None
        )
        self.map.show_spots(spots, t("overview.closer"), t("overview.newer"))

    def _show_best(self, works: tuple[WorkRow, ...], reports: dict[int, WorkReport]) -> None:
        judged = [work for work in works if work.id in reports]
        judged.sort(key=lambda work: worth(reports[work.id]), reverse=True)
        once = {self._views[work.medium].content_key(work): work for work in reversed(judged)}
        judged = [work for work in judged if work in once.values()]  # each content once
        for place, button in enumerate(self.best):
            button.setVisible(place < len(judged))
            if place < len(judged):
                work = judged[place]
                report = reports[work.id]
                numbers = t(
                    "overview.numbers", match=f"{report.match:.2f}", new=f"{report.novelty:.2f}"
                )
                button.show_work(
                    work.id, t("report.of", id=work.id), numbers, self._image(work), work.rating
                )
            else:
                button.show_work(0, t("report.none"), "", QImage(), 0)

    def _on_chosen(self, work_id: int) -> None:
        self.finish()
        self._workspace.select(work_id)
