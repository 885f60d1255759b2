"""The page of suites: a mood, one click, and what comes of it in all media together."""

from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSignalBlocker, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.protocol import Medium
from studio import i18n
from studio.i18n import listed, t
from studio.i18n.errors import MaquetteError
from studio.state.export_names import safe_name
from studio.state.mood import AXES, Mood
from studio.state.png import decode
from studio.state.problems import Problem
from studio.state.session import Session
from studio.state.suites import LEAST, Suite
from studio.views.dialogs import PlainDialog
from studio.views.fields import slider_words
from studio.views.suite_page import write_suite
from studio.views.suite_picture import draw_set, words_of, write
from studio.views.suite_video import SUFFIX, SuiteVideo, can_be_video, frame_of
from studio.widgets import theme
from studio.widgets.base import label, row
from studio.widgets.buttons import TextButton
from studio.widgets.inputs import Choice
from studio.widgets.notice import Notice
from studio.widgets.said import Said
from studio.widgets.slider import LabelledSlider

_WIDTH_PX, _PICTURE = 760, QSize(712, 400)
_FULL = 100


def signed(value: int) -> str:
    return f"{value:+d}" if value else "0"


class SuitePicture(QWidget):
    """The poem on the picture; either alone where the other is not there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._image, self._words = QImage(), ""
        self.setMinimumSize(_PICTURE)

    def show_suite(self, suite: Suite | None) -> None:
        workspace = self._session.workspace
        self._image, self._words = QImage(), ""
        for medium, work_id in suite.works.items() if suite else ():
            data = workspace.project.blob(workspace.project.works.get(work_id).shown_digest)
            kind = workspace.media[medium].shown_as
            if kind == "picture":
                self._image = decode(data)
            elif kind == "words":
                self._words = words_of(data)
        self.update()

    def paintEvent(self, event) -> None:
        painter, box = QPainter(self), QRectF(self.rect())
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        if not self._image.isNull():
            draw_set(painter, box, self._image, self._words)
        elif self._words:
            painter.fillRect(box, QColor("white"))
            write(painter, box.adjusted(24, 24, -24, -24), self._words, QColor(theme.DARK_INK))
        else:
            painter.fillRect(box, QColor(theme.colours().panel))
            painter.setPen(QColor(theme.colours().dim))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, t("suite.nothing"))


class SuiteDialog(PlainDialog):
    """Stands beside the window: works are looked at and heard there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(t("suite.title"), _WIDTH_PX, parent)
        self._session, self.suites = session, session.suites
        self._intro, self._lacking = label("dim", wrap=True), label("dim", wrap=True)
        self.notice, self.said = Notice(self), Said(self)
        self.sliders = {axis: LabelledSlider(-_FULL, _FULL, 0, signed) for axis in AXES}
        self.measure, self.make = TextButton("link"), TextButton("primary")
        self.cancel = TextButton()
        self.picture, self.past = SuitePicture(session, self), Choice()
        self.works = {medium: TextButton() for medium in session.workspace.media}
        self.export, self.video, self.close_button = TextButton(), TextButton(), TextButton()
        self._writing: SuiteVideo | None = None
        self._page: Path | None = None  # that was written last
        self._shown: Suite | None = None
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        dials = row(*self.sliders.values(), gap=20)
        for place in range(len(self.sliders)):
            dials.setStretch(place, 1)
        making = row(self.measure, None, self.cancel, self.make)
        shown = row(self.past, *self.works.values(), None, self.export, self.video)
        self.put(self._intro, dials, making, self._lacking, self.notice, self.picture, shown)
        self.put(self.said)
        self._lines.setStretchFactor(self.picture, 1)
        self.put_buttons(self.close_button)

    def _connect(self) -> None:
        self.suites.changed.connect(self._show)
        self._session.adaptation.changed.connect(self._show)
        self._session.workspace.current_changed.connect(self._show)
        for slider in self.sliders.values():
            slider.settled.connect(self._on_moved)
        self.measure.clicked.connect(self.suites.measure)
        self.make.clicked.connect(self._on_make)
        self.cancel.clicked.connect(self.suites.cancel)
        self.past.activated.connect(self._on_past)
        for medium, button in self.works.items():
            button.clicked.connect(lambda _on=False, medium=medium: self._on_work(medium))
        self.export.clicked.connect(self._on_export)
        self.video.clicked.connect(self._on_video)
        self.said.acted.connect(self._on_open)
        self.close_button.clicked.connect(self.close)

    # ---- words ---------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        self.set_title(t("suite.title"))
        self._intro.setText(t("suite.intro"))
        for axis, slider in self.sliders.items():
            slider.set_words(*slider_words(f"suite.{axis}"))
        self.measure.set_words(t("suite.measure"), t("suite.measure_hint"))
        self.make.set_words(t("suite.make"), t("suite.make_hint"))
        self.cancel.set_words(t("dialog.cancel"), t("suite.cancel_hint"))
        self.past.setAccessibleName(t("suite.past"))
        self.past.setToolTip(t("suite.past"))
        for medium, button in self.works.items():
            button.set_words(t(f"suite.{medium.value}"), t("suite.work_hint"))
        self.export.set_words(t("suite.export"), t("suite.export_hint"))
        self.video.set_words(t("suite.video"), t("suite.video_hint"))
        self.close_button.set_words(t("dialog.close"), t("dialog.close_hint"))
        self.picture.setAccessibleName(t("suite.picture"))
        self.picture.setToolTip(t("suite.picture"))
        self._show()

    # ---- what is shown -------------------------------------------------------------------------

    def _show(self) -> None:
        suites, workspace = self.suites, self._session.workspace
        for axis, slider in self.sliders.items():
            slider.show_value(round(_FULL * getattr(suites.mood, axis)))
        media = suites.media()
        few = len(media) < LEAST
        missing = [t(f"medium.{one.value}") for one in workspace.media if one not in media]
        words = t("suite.few") if few else t("suite.missing", media=listed(missing))
        self._lacking.setText(t("suite.busy") if suites.is_busy else words)
        self._lacking.setVisible(suites.is_busy or bool(missing))
        self.make.setEnabled(not few and not suites.is_busy)
        self.cancel.setVisible(suites.is_busy)
        self.measure.setEnabled(workspace.current is not None and not suites.is_measuring)
        self.notice.show_text(suites.problem.text if suites.problem else "")
        self._show_past()
        self._show_suite()

    def _show_past(self) -> None:
        found = self.suites.all()
        with QSignalBlocker(self.past):
            self.past.clear()
            for place, one in enumerate(found):
                self.past.addItem(t("suite.number", n=len(found) - place), one.id)
            if self.suites.suite is not None:
                self.past.setCurrentIndex(self.past.findData(self.suites.suite.id))
        self.past.setVisible(bool(found))

    def _show_suite(self) -> None:
        suite = self.suites.suite
        if suite != self._shown:
            self._shown = suite
            self.picture.show_suite(suite)
        for medium, button in self.works.items():
            button.setVisible(suite is not None and medium in suite.works)
        self.export.setVisible(suite is not None)
        media = self._session.workspace.media
        self.video.setVisible(suite is not None and can_be_video(media, suite))
        self.video.setEnabled(self._writing is None)

    # ---- verbs ---------------------------------------------------------------------------------

    def _on_moved(self, _value: int) -> None:
        values = {axis: slider.value() / _FULL for axis, slider in self.sliders.items()}
        self.suites.set_mood(Mood(**values))

    def _on_make(self) -> None:
        """With the mood as it is seen, be the hand still on a slider."""
        for slider in self.sliders.values():
            slider.slider.commit()
        self.said.show_text("")
        self.suites.make()

    def _on_past(self, place: int) -> None:
        wanted = self.past.itemData(place)
        self.suites.suite = next((one for one in self.suites.all() if one.id == wanted), None)
        self._show()

    def _on_work(self, medium: Medium) -> None:
        """Into the window, where music can be heard, too."""
        workspace, suite = self._session.workspace, self.suites.suite
        if suite is not None and medium in suite.works:
            workspace.show_medium(medium)
            workspace.select(suite.works[medium])

    def _on_export(self) -> None:
        suite, workspace = self.suites.suite, self._session.workspace
        settings = self._session.settings
        start = str(settings.folder("document.suite"))
        name = QFileDialog.getExistingDirectory(self, t("suite.export"), start)
        if suite is None or not name:
            return
        folder = Path(name)
        settings.remember_folder("document.suite", folder)
        target, number = folder / (safe_name(t("suite.folder")) or "suite"), 1
        while target.exists():
            number += 1
            target = folder / f"{safe_name(t('suite.folder')) or 'suite'} ({number})"
        project, media, language = workspace.project, workspace.media, i18n.language()
        workspace.background.run(
            lambda: write_suite(project, media, suite, target, language),
            self._on_written,
            self._on_not_written,
        )

    def _on_video(self) -> None:
        suite, workspace = self.suites.suite, self._session.workspace
        settings = self._session.settings
        start = settings.folder("document.suite") / f"{t('suite.folder')}{SUFFIX}"
        title, names = t("suite.video"), t("suite.videos")
        name, _ = QFileDialog.getSaveFileName(self, title, str(start), names)
        if suite is None or not name:
            return
        target = Path(name).with_suffix(SUFFIX)
        settings.remember_folder("document.suite", target.parent)
        project, media = workspace.project, workspace.media
        sound = next(work for of, work in suite.works.items() if media[of].shown_as == "sound")
        try:
            data = project.blob(project.works.get(sound).shown_digest)
            image = frame_of(project, media, suite)
            self._writing = SuiteVideo(image, data, target, self)
        except (MaquetteError, ImportError) as error:
            workspace.report(error)
            return
        self._writing.done.connect(self._on_video_written)
        self._writing.failed.connect(self._on_no_video)
        self.said.show_text(t("suite.video_busy"))
        self._show_suite()

    def _on_video_written(self, path: Path) -> None:
        self._end_video()
        self._page = path.parent
        self.said.show_text(t("suite.written", name=path.name), t("export.open_folder"), done=True)

    def _on_no_video(self, problem: Problem) -> None:
        self._end_video()
        self.said.show_text("")
        self.notice.show_text(problem.text)

    def _end_video(self) -> None:
        if self._writing is not None:
            self._writing.deleteLater()
        self._writing = None
        self._show_suite()

    def _on_written(self, paths: tuple[Path, ...]) -> None:
        self._page = paths[0]
        words = t("suite.written", name=paths[0].parent.name)
        self.said.show_text(words, t("export.open_page"), done=True)

    def _on_not_written(self, error: Exception) -> None:
        self._session.workspace.report(error)

    def _on_open(self) -> None:
        if self._page is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._page)))
