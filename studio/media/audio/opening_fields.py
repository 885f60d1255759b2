"""What music starts from: nothing, or a score of the artist's, and what is made of it."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from engine.protocol import SCORE_SUFFIXES, Medium, MusicBrief, MusicUse
from studio.i18n import t
from studio.media.audio import music
from studio.media.audio.controller import audio_controller_of
from studio.media.audio.files import is_score
from studio.state import intake
from studio.state.session import Session
from studio.state.titles import short_names
from studio.views.fields import Fields, group, room
from studio.views.file_choice import choose_file
from studio.widgets import theme
from studio.widgets.base import column, label, restyle, row
from studio.widgets.buttons import FIELD_GAP, IconButton, TextButton
from studio.widgets.inputs import NumberField
from studio.widgets.notice import Notice
from studio.widgets.segments import Segments

USES = (MusicUse.EXTEND, MusicUse.VARY, MusicUse.FILL, MusicUse.ACCOMPANY)


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
        self.use = Segments(tuple(range(len(USES))))
        self.first_bar, self.last_bar = (NumberField(1, music.MOST_BAR) for _ in range(2))
        self._bars, self._until = label("dim"), label("dim")
        bars = row(self.first_bar, self._until, self.last_bar, gap=theme.GRID_PX)
        self._bars_room = room(self._bars, bars)
        self.setLayout(column(group(self._name, line), self.notice, self.use, self._bars_room))
        self.setAcceptDrops(True)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.clear.clicked.connect(self._sources.clear)
        self.use.chosen.connect(self._on_use)
        self.first_bar.valueChanged.connect(lambda bar: self._on_bars(first_bar=bar))
        self.last_bar.valueChanged.connect(lambda bar: self._on_bars(last_bar=bar))
        self._sources.problem_changed.connect(self._show_problem)
        self.notice.dismissed.connect(lambda: self._sources.set_problem(None))
        self.retranslate()

    def first(self) -> QWidget:
        return self.choose

    def retranslate(self) -> None:
        self._name.setText(t("opening.name"))
        self.clear.set_words(t("opening.clear"))
        self.use.set_words(
            t("opening.use"), [t(f"music_use.{use}") for use in USES], t("what.score_use")
        )
        self._bars.setText(t("opening.bars"))
        self._until.setText(t("opening.until"))
        for name, field in (("first_bar", self.first_bar), ("last_bar", self.last_bar)):
            field.setAccessibleName(t(f"opening.{name}"))
            field.setToolTip(t(f"opening.{name}"))
        self.show_brief(self.brief)
        self._show_problem()

    def show_brief(self, brief: MusicBrief) -> None:
        super().show_brief(brief)
        begun = brief.medium is Medium.AUDIO and bool(brief.content)
        name = self._sources.name_of(brief.content) if begun else t("opening.nothing")
        self.choose.setText(f"{FIELD_GAP}{name}")
        self.choose.setAccessibleName(f"{t('opening.name')} {name}")
        self.choose.setToolTip(name if begun else t("opening.hint"))
        self.clear.setVisible(begun)
        self.use.setVisible(begun and self.serves("score_use"))
        if begun:
            self.use.set_value(USES.index(brief.score_use))
            self._show_bars(brief)
        self._bars_room.setVisible(
            begun and brief.score_use is MusicUse.FILL and self.serves("score_use")
        )

    def _show_bars(self, brief: MusicBrief) -> None:
        with QSignalBlocker(self.first_bar), QSignalBlocker(self.last_bar):
            self.first_bar.setValue(brief.first_bar)
            self.last_bar.setValue(brief.last_bar)

    def _on_use(self, place: int) -> None:
        self.edited.emit(music.started(self.brief, USES[place]))

    def _on_bars(self, **bar: int) -> None:
        """The first is never after the last: what is not being changed gives way."""
        first = bar.get("first_bar", min(self.brief.first_bar, bar.get("last_bar", 1)))
        last = bar.get("last_bar", max(self.brief.last_bar, first))
        self.edited.emit({"first_bar": first, "last_bar": last})

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
