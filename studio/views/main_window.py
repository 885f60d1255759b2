"""The window: its parts, what they tell each other, and the events that are the window's own."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QMainWindow, QWidget

from studio.i18n import t
from studio.i18n.errors import MaquetteError
from studio.state.problems import Problem
from studio.state.project_names import name_of
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.beginnings import Beginnings
from studio.views.brief_panel import BriefPanel
from studio.views.carry_out import CarryOut
from studio.views.export_commands import ExportCommands
from studio.views.file_commands import FileCommands
from studio.views.gallery_panel import GalleryPanel
from studio.views.insight import Insight
from studio.views.mark_bar import MarkBar
from studio.views.medium_view import WindowParts, views_of
from studio.views.pair_bar import PairBar
from studio.views.place_keeper import PlaceKeeper
from studio.views.problem_line import ProblemLine
from studio.views.queue_commands import QueueCommands
from studio.views.references_panel import ReferencesPanel
from studio.views.slideshow import Slideshow
from studio.views.stage import Stage
from studio.views.top_bar import TopBar
from studio.views.tour import Step, Tour
from studio.views.window_drops import WindowDrops
from studio.views.window_panels import WindowPanels, bytes_of, first_size, text_of
from studio.views.work_bar import WorkBar
from studio.views.work_commands import WorkCommands
from studio.views.work_menus import WorkMenus
from studio.widgets import theme
from studio.widgets.base import column

_LOOSE_KEYS = {
    Qt.Key.Key_Space: "toggle_fit",
    Qt.Key.Key_Left: "previous_work",
    Qt.Key.Key_Right: "next_work",
    Qt.Key.Key_Home: "to_start",
}
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class MainWindow(QMainWindow):
    def __init__(
        self,
        session: Session,
        media: Sequence[WindowParts],
        apply: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        """`apply()` brings language, theme and engine in line with the settings."""
        super().__init__(parent)
        self.session, self._workspace = session, session.workspace
        views = views_of(media, session)
        settings = session.settings.settings
        motion_ms = theme.motion_ms(settings.reduced_motion)
        self.actions_ = Actions(self)
        self.top_bar = TopBar(session, self.actions_, self)
        self.notice = ProblemLine(session, self.actions_, self)
        self.references = ReferencesPanel(session, views, self)
        self.stage = Stage(session, views, motion_ms, self)
        self.work_bar = WorkBar(session, views, self.actions_, self.stage, self)
        self.mark_bar = MarkBar(session, views, self.actions_, self.stage, self)
        self.pair_bar = PairBar(session, views, self.actions_, self.stage, self)
        self.brief = BriefPanel(session, views, motion_ms, self)
        self.insight = Insight(session, views, self.actions_, self)
        self.gallery = GalleryPanel(session, views, self)
        self.files = FileCommands(session, self.actions_, apply, self)
        self.beginnings = Beginnings(session, views, self.files.choose_of, self)
        self.exports = ExportCommands(session, self.actions_, self.gallery, self)
        self.queue = QueueCommands(session, self.actions_, self.gallery, self)
        self.places = PlaceKeeper(session, views, self.gallery, self.references, self.brief)
        self.slideshow = Slideshow(session, self.actions_, self.gallery)
        self.works = WorkCommands(session, views, self.actions_, self.gallery, self.stage)
        places = self.stage, self.gallery, self.work_bar.export
        self.carry = CarryOut(session, views, self.actions_, *places)
        panels = self.stage, self.gallery, self.references
        self.menus = WorkMenus(session, views, self.actions_, *panels)
        self.drops = WindowDrops(session, views, self.references, self.stage, self.files, self)
        self._lay_out()
        self.tour = Tour(session, self._tour_steps(), self)
        self._connect()
        if not self.restoreGeometry(bytes_of(settings.geometry)):
            self.resize(first_size(self.screen().availableSize()))
        self.panels.restore(settings.window_state)
        self.setAcceptDrops(True)
        self._on_shown_changed()
        self.retranslate()
        self.stage.setFocus()

    # ---- building ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        editors = [wall.bar for wall in self.stage.walls.values() if wall.bar is not None]
        bars = self.pair_bar, self.work_bar, *editors, self.mark_bar
        sides = self.insight, self.brief, self.gallery
        self.panels = WindowPanels(
            self.actions_, self.top_bar, self.references, self.stage, bars, *sides
        )
        page = QWidget(self)
        lines = column(self.top_bar, self.notice, self.panels, gap=0)
        lines.setStretch(2, 1)
        page.setLayout(lines)
        self.setCentralWidget(page)

    def _connect(self) -> None:
        self.panels.bare_changed = self._on_shown_changed
        self.actions_["slideshow"].toggled.connect(self.panels.show_alone)
        self.works.alone_left = self._on_escape
        self.actions_["fullscreen"].toggled.connect(self._on_fullscreen)
        learned = partial(self.insight.show_page, "learned")
        self.brief.make_panel.taste.learned_asked.connect(learned)
        self.brief.make_panel.queue.clicked.connect(partial(self.insight.show_page, "queue"))
        self.insight.made.connect(self._on_page_made)
        self.stage.shown_changed.connect(self._on_shown_changed)
        self.references.read_asked.connect(self.stage.read)
        show_gallery = partial(self.actions_["gallery"].setChecked, True)
        for name, then in (
            ("filter", self.gallery.offer_filters),
            ("search", self.gallery.finder.begin),
        ):
            self.actions_[name].triggered.connect(show_gallery)
            self.actions_[name].triggered.connect(then)
        self.stage.empty.choose_asked.connect(self.actions_["add"].trigger)
        self.stage.empty.cards.asked.connect(self.beginnings.begin)
        for part in (self.references.style_line.generator, self.brief.make_panel.warning):
            part.models_asked.connect(self.actions_["models"].trigger)
        self.brief.make_panel.make_asked.connect(self.actions_["make"].trigger)
        self.references.add.clicked.connect(self.actions_["add"].trigger)
        self.references.slot.clicked.connect(self.actions_["add"].trigger)
        self.work_bar.stars.rated.connect(self.works.rate)
        fill_recent = partial(self.files.fill_recent, self.top_bar.recent_menu)
        for menu in (self.top_bar.menu, self.top_bar.recent_menu):
            menu.aboutToShow.connect(fill_recent)
        show_brief = partial(self.actions_["brief"].setChecked, True)
        for controller in self.session.controllers.values():
            controller.begun.connect(show_brief)  # where one sees what was begun
        self.actions_["tour"].triggered.connect(self.tour.begin)
        self.tour.ended.connect(lambda: self.stage.focus_home().setFocus())
        self.actions_["restart_engine"].triggered.connect(self.session.restart_engine)
        self.actions_["show_references"].triggered.connect(self.session.opening.resume)
        self._workspace.project_changed.connect(self._on_project_changed)
        self._workspace.project_moved.connect(self.retranslate)
        self._workspace.references_changed.connect(self._on_references_changed)
        self.session.project_left.connect(lambda _name: self._show_history())
        self._watch_history()

    def _on_page_made(self, name: str, page) -> None:
        if name == "report":
            page.all_asked.connect(self.actions_["overview"].trigger)
        elif name == "lineage":
            page.read_asked.connect(self.stage.read)

    def _tour_steps(self) -> tuple[Step, ...]:
        samples = partial(self.beginnings.begin_with_samples, self._workspace.medium)
        return (
            Step("references", lambda: self.references, samples),
            Step("make", lambda: self.brief, self.actions_["make"].trigger),
            Step("judge", self._judging_place),
            Step("keep", lambda: self.gallery),
        )

    def _judging_place(self) -> QWidget:
        """The bar under the work, or the wall while nothing hangs there."""
        return self.work_bar if self.work_bar.isVisible() else self.stage

    def _watch_history(self) -> None:
        stack = self._workspace.history.stack
        stack.canUndoChanged.connect(self._show_history)
        stack.canRedoChanged.connect(self._show_history)
        self._show_history()

    def _show_history(self, _can: bool = False) -> None:
        """While an editor covers the work, undo and redo are about its strokes; in a project that
        was just begun, undo goes back to the one before."""
        stage, stack = self.stage, self._workspace.history.stack
        back = stack.canUndo() or self.session.can_go_back
        back = stage.wall.can_step("undo") if stage.covers_work else back
        forth = stage.wall.can_step("redo") if stage.covers_work else stack.canRedo()
        self.actions_["undo"].setEnabled(back)
        self.actions_["redo"].setEnabled(forth)

    def retranslate(self) -> None:
        self.actions_.retranslate()
        self._show_name()

    def _show_name(self) -> None:
        self.setWindowTitle(t("window.title", name=name_of(self._workspace.project)))

    def changeEvent(self, event) -> None:
        super().changeEvent(event)
        if event.type() == event.Type.LanguageChange:
            self.retranslate()

    def _on_escape(self) -> bool:
        """From the tour, or from the work alone, back to all; False when all is there."""
        if self.tour.is_on and self.tour.isAncestorOf(self.focusWidget() or self):
            self.tour.end()
            return True
        alone = self.panels.is_bare
        self.slideshow.end()
        self.panels.show_alone(False)
        return alone

    def _on_fullscreen(self, full: bool) -> None:
        self.showFullScreen() if full else self.showNormal()

    def set_motion(self, motion_ms: int) -> None:
        self.stage.set_motion(motion_ms)
        self.brief.set_motion(motion_ms)

    # ---- facts ---------------------------------------------------------------------------------

    def tell(self, *told: Problem) -> None:
        """In the line over the panels."""
        self.notice.tell(*told)

    def _on_shown_changed(self) -> None:
        """Under the stage is the bar of what is shown there; alone with the work there is none."""
        bare, covered = self.panels.is_bare, self.stage.covers_work
        marking = self.stage.marking.is_open
        other = covered or marking or self.stage.overview.is_open
        self.work_bar.setVisible(not bare and not other)
        self.mark_bar.setVisible(not bare and marking)
        for wall in self.stage.walls.values():
            if wall.bar is not None:
                wall.bar.setVisible(not bare and wall.covers_work)
        self.pair_bar.setVisible(not bare and not covered and self.stage.is_comparing)
        self._show_history()

    def _on_project_changed(self) -> None:
        self._watch_history()
        self.retranslate()
        self.stage.setFocus()  # not some field of the brief that was shown before

    def _on_references_changed(self) -> None:
        """Something is in the project: it has a name, and can be undone."""
        self._show_name()
        self._show_history()

    # ---- events --------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no focused control wanted."""
        name, step = _LOOSE_KEYS.get(Qt.Key(event.key())), _STEPS.get(Qt.Key(event.key()))
        if step and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.gallery.extend(step)
        elif name and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.actions_[name].trigger()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drops.drop(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.files.close_pages()
        stack = self._workspace.history.stack
        for fact in (stack.canUndoChanged, stack.canRedoChanged):
            fact.disconnect(self._show_history)  # a stack that ends speaks once more
        with suppress(MaquetteError):  # settings that cannot be kept: nobody waits for these
            self.session.settings.update(
                geometry=text_of(self.saveGeometry()), window_state=self.panels.state()
            )
        self.session.close()
        self.places.end()
        super().closeEvent(event)
