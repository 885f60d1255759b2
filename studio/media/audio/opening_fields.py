"""What music goes on from: nothing, or a score of the artist's; one line."""

from pathlib import Path

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from engine.protocol import SCORE_SUFFIXES, Medium, MusicBrief
from studio.i18n import t
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.files import is_score
from studio.state import intake
from studio.state.session import Session
from studio.state.titles import short_names
from studio.views.fields import Fields, group
from studio.views.file_choice import choose_file
from studio.widgets import theme
from studio.widgets.base import column, label, restyle, row
from studio.widgets.buttons import IconButton, TextButton
from studio.widgets.notice import Notice


class OpeningFields(Fields):
    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._sources = session.workspace, audio_controller_of(session).sources
        self._settings = session.settings
        self._name = label("dim")
        self.menu, self.choose = QMenu(self), TextButton("field")
        self.choose.setMenu(self.menu)
        self.choose.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clear = IconButton("x", 14)
        self.notice = Notice(self)
        line = row(self.choose, self.clear, gap=theme.GRID_PX)
        line.setStretch(0, 1)
        self.setLayout(column(group(self._name, line), self.notice))
        self.setAcceptDrops(True)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.clear.clicked.connect(self._sources.clear)
        self._sources.problem_changed.connect(self._show_problem)
        self.notice.dismissed.connect(lambda: self._sources.set_problem(None))
        self.retranslate()

    def first(self) -> QWidget:
        return self.choose

    def retranslate(self) -> None:
        self._name.setText(t("opening.name"))
        self.clear.set_words(t("opening.clear"))
        self.show_brief(self.brief)
        self._show_problem()

    def show_brief(self, brief: MusicBrief) -> None:
        super().show_brief(brief)
        begun = brief.medium is Medium.AUDIO and bool(brief.content)
        name = self._sources.name_of(brief.content) if begun else t("opening.nothing")
        self.choose.setText(f"   {name}")  # the style sheet's padding is not heard
        self.choose.setAccessibleName(f"{t('opening.name')} {name}")
        self.choose.setToolTip(name if begun else t("opening.hint"))
        self.clear.setVisible(begun)

    def _show_problem(self) -> None:
        problem = self._sources.problem
        self.notice.show_text(problem.text if problem else "")

    def fill_menu(self) -> None:
        menu = self.menu
        menu.clear()
        menu.addAction(t("opening.from_file")).triggered.connect(self._on_file)
        references = self._workspace.project.references.all(Medium.AUDIO)
        scores = [reference for reference in references if is_score(reference.name)]
        if scores:
            menu.addSeparator()
        names = short_names([score.name for score in scores])
        for score, name in zip(scores, names, strict=True):
            menu.addAction(name).triggered.connect(
                lambda _on=False, one=score.id: self._sources.use_reference(one, "content")
            )

    def _on_file(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in SCORE_SUFFIXES)
        names = f"{t('opening.files')} ({patterns})"
        path = choose_file(self, self._settings, "opening.audio", t("opening.from_file"), names)
        if path is not None:
            self._sources.take_opening(path)

    # ---- dropping ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            restyle(self.choose, lit=True)

    def dragLeaveEvent(self, event) -> None:
        restyle(self.choose, lit=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Here a score is no reference, but what the works go on from."""
        restyle(self.choose, lit=False)
        event.acceptProposedAction()
        found, problems = intake.sources(event.mimeData())
        if found and isinstance(found[0], Path):
            self._sources.take_opening(found[0])
        elif problems:
            self._sources.set_problem(problems[0])
