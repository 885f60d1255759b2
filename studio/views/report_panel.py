"""The report card of the work that is looked at: how close, how good, how new, and why."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from engine.protocol import FeatureShown, Said, WorkReport
from studio import i18n
from studio.i18n import t
from studio.project.rows import ReferenceRow, WorkRow
from studio.state.session import Session
from studio.state.titles import short_names, title
from studio.views.medium_view import MediumViews
from studio.views.near_style import NearStyleLine
from studio.views.taste_row import named, sentence
from studio.widgets import theme
from studio.widgets.base import Elided, Panel, column, label, row
from studio.widgets.buttons import TextButton
from studio.widgets.gaps import Gap, Gaps
from studio.widgets.meter import Meter
from studio.widgets.notice import Notice
from studio.widgets.thumb import middle

MEASURES = ("match", "quality", "novelty", "copied")
_OWN = ("nearest",)  # said by the panel itself
_THUMB_PX, _MAP_PX = 44, 200


class _Picture(QWidget):
    """The middle of the reference that is nearest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setFixedSize(_THUMB_PX, _THUMB_PX)

    def show_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._image.isNull():
            painter.drawImage(QRectF(self.rect()), self._image, middle(self._image))


class Measure(Panel):
    """A number, its name, and a bar."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._text = name, ""
        self._words, self._number, self._meter = label("small"), label("head"), Meter(self)
        self.setLayout(column(self._words, self._number, self._meter, gap=2))
        self.retranslate()

    def retranslate(self) -> None:
        self._words.setText(t(f"report.{self._name}"))
        self._number.setText(self._text)
        self.setToolTip(t(f"report.{self._name}_hint"))
        self.setAccessibleName(f"{self._words.text()} {self._number.text()}")

    def show_value(self, value: float, most: int = 1) -> None:
        """Of 0 … 1, or of so many."""
        self._text = f"{value:.2f}" if most == 1 else f"{value:.1f} / {most}"
        self._meter.show_share(value / most)
        self.retranslate()

    def show_unknown(self) -> None:
        """No number can be told."""
        self._text = "–"
        self._meter.show_share(0)
        self.retranslate()


class OriginsMap(Panel):
    """What was taken from where, of works that tell it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._words = label("heading"), label("small", wrap=True)
        self._map = QLabel()
        self.setLayout(column(self._title, self._map, self._words, gap=8))
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(t("report.taken"))
        self._map.setToolTip(t("report.taken_hint"))
        self._map.setAccessibleName(t("report.taken"))

    def show_origins(self, origins: tuple[QImage, str] | None) -> None:
        self.setVisible(origins is not None)
        if origins is None:
            return
        image, words = origins
        size = QSize(_MAP_PX, _MAP_PX)
        keep, fast = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.FastTransformation
        self._map.setPixmap(QPixmap.fromImage(image.scaled(size, keep, fast)))
        self._words.setText(words)


class Sentences(Panel):
    """What the critic says, a paragraph each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = column(gap=6)
        self.setLayout(self._lines)
        self._labels: list[QLabel] = []

    def text(self) -> str:
        return "\n".join(line.text() for line in self._labels if not line.isHidden())

    def show_lines(self, lines: list[str]) -> None:
        while len(self._labels) < len(lines):
            self._labels.append(label(wrap=True))
            self._lines.addWidget(self._labels[-1])
        for place, line in enumerate(self._labels):
            line.setVisible(place < len(lines))
            line.setText(lines[place] if place < len(lines) else "")
        self.setVisible(bool(lines))


def sentence_of(remark: Said, names: Mapping[str, str]) -> str:
    """A sentence of the critic, with a capital and a stop; names: of files, as people say them."""
    chinese = i18n.language() == "zh"
    words = remark.chinese if chinese else remark.english
    for name, short in names.items():
        words = words.replace(name, f"《{short}》" if chinese else short)
    return f"{words}。" if chinese else f"{sentence(words)}."


def gap_of(feature: FeatureShown) -> Gap:
    unit = f" {feature.unit}" if feature.unit else ""
    detail = t(
        "report.values", value=f"{feature.value:.3g}{unit}", theirs=f"{feature.reference:.3g}{unit}"
    )
    return Gap(sentence(named(feature.name)), feature.gap, detail)


class ReportPanel(Panel):
    all_asked = Signal()

    def __init__(self, session: Session, views: MediumViews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._workspace, self._views = session, session.workspace, views
        self._judging = session.judging
        self.title, self.state = label("title"), label("dim", wrap=True)
        self.notice = Notice(self)
        self.measures = {name: Measure(name, self) for name in MEASURES}
        self.said, self._against = Sentences(self), label("heading")
        self.gaps, self._band = Gaps(self), label("small", wrap=True)
        self._thumb, self._near_words, self._near = _Picture(self), label("small"), Elided()
        self.style_line = NearStyleLine(self)
        self.origins = OriginsMap(self)
        self.everything = TextButton("link")
        self._body = QWidget()
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        two = [self.measures[name] for name in MEASURES]
        numbers = column(row(*two[:2], gap=20), row(*two[2:], gap=20), gap=14)
        near = row(self._thumb, column(self._near_words, self._near, None, gap=0), gap=12)
        near.setStretch(1, 1)
        plot = column(self._against, self.gaps, self._band, gap=8)
        body = column(
            numbers, self.said, near, self.style_line, self.origins, plot, gap=theme.GROUP_PX
        )
        self._body.setLayout(body)
        head = column(self.title, self.state, self.notice, gap=4)
        parts = column(head, self._body, row(self.everything, None), None, gap=theme.GROUP_PX)
        parts.setContentsMargins(16, 4, 16, 16)
        self.setLayout(parts)

    def _connect(self) -> None:
        session = self._session
        self.notice.acted.connect(lambda: self._ask(again=True))
        self.everything.clicked.connect(self.all_asked)
        self._judging.changed.connect(self.retranslate)
        workspace = session.workspace
        for fact in (workspace.current_changed, workspace.work_changed, workspace.medium_changed):
            fact.connect(lambda *_: self.look())
        session.adaptation.changed.connect(self.look)
        for controller in session.controllers.values():
            controller.preview_ready.connect(lambda _digest: self._show_thumb())

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self.look()

    def look(self) -> None:
        """Another work, or this panel, is looked at now."""
        if self.isVisible():
            self._ask()
        self.retranslate()

    def _work(self) -> WorkRow | None:
        current = self._workspace.current
        return None if current is None else self._workspace.project.works.get(current)

    def _ask(self, again: bool = False) -> None:
        if (work := self._work()) is not None:
            self._judging.ask([work], again)

    # ---- what is shown -------------------------------------------------------------------------

    def retranslate(self) -> None:
        work = self._work()
        report = self._judging.report(work) if work is not None else None
        self._against.setText(t("report.against"))
        self._band.setText(t("report.band"))
        self._near_words.setText(t("report.nearest"))
        self.everything.set_words(t("report.everything"), t("what.overview"))
        self.everything.setVisible(work is not None)
        self.gaps.setAccessibleName(t("report.against"))
        self.origins.retranslate()
        self.title.setText(t("report.of", id=work.id) if work else t("report.none"))
        problem = self._judging.problem([work]) if work and not report else None
        retry = t("problem.retry") if problem and problem.retry else ""
        self.notice.show_text(problem.text if problem else "", retry)
        self.state.setText(self._state(work))
        self.state.setVisible(report is None and problem is None)
        self._body.setVisible(report is not None)
        if report is not None:
            self._show(report)

    def _state(self, work: WorkRow | None) -> str:
        if work is None:
            return t("report.choose")
        return t("report.busy") if self._judging.can_judge else t("report.needs_references")

    def _show(self, report: WorkReport) -> None:
        for name, measure in self.measures.items():
            if name == "quality" and not report.quality_known:
                measure.show_unknown()
            else:
                measure.show_value(getattr(report, name))
        names = [row.name for row in self._workspace.references()]
        short = dict(zip(names, short_names(names), strict=True))
        remarks = [sentence_of(one, short) for one in report.said if one.code not in _OWN]
        self.said.show_lines(remarks)
        far = sorted(report.features, key=lambda feature: -abs(feature.gap))
        gaps = tuple(gap_of(feature) for feature in far)
        self.gaps.show_gaps(gaps, t("report.less"), t("report.theirs"), t("report.more"))
        self._near.set_text(short.get(report.nearest, title(report.nearest)))
        self.style_line.show_near(report.style)
        work = self._work()
        self.origins.show_origins(self._views[work.medium].origins(work) if work else None)
        self._show_thumb()

    def _nearest(self) -> ReferenceRow | None:
        work = self._work()
        report = self._judging.report(work) if work is not None else None
        if report is None:
            return None
        rows = self._workspace.references()
        return next((row for row in rows if row.name == report.nearest), None)

    def _show_thumb(self) -> None:
        """Where the medium has small pictures: others are known by their names."""
        nearest = self._nearest()
        image = self._views[nearest.medium].thumb(nearest.digest) if nearest else None
        self._thumb.setVisible(image is not None)
        if image is not None:
            self._thumb.show_image(image)
