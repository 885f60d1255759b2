"""The window: panels around the work, and what the keyboard and the mouse may do everywhere."""

import base64
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from PySide6.QtCore import QByteArray, QPoint, QSize, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from studio.i18n import t
from studio.i18n.errors import MaquetteError
from studio.state import intake
from studio.state.problems import Problem
from studio.state.project_names import name_of
from studio.state.session import Session
from studio.views.actions import Actions
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
from studio.views.references_panel import ReferencesPanel
from studio.views.slideshow import Slideshow
from studio.views.stage import Stage
from studio.views.top_bar import TopBar
from studio.views.work_bar import WorkBar
from studio.views.work_commands import WorkCommands
from studio.views.work_menus import WorkMenus
from studio.views.work_mime import OWN
from studio.widgets import theme
from studio.widgets.base import column
from studio.widgets.notice import Notice

_PANELS = ("references", "brief", "gallery")
_FIRST, _FIRST_SHARE = QSize(1920, 1200), 0.92  # at most so large, of the screen
_ROOMY_PX = 1350  # as wide as all panels are side by side
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
        self._offers_way_back = False  # the line at the top does
        views = views_of(media, session)
        settings = session.settings.settings
        motion_ms = theme.motion_ms(settings.reduced_motion)
        self.actions_ = Actions(self)
        self.top_bar = TopBar(session, self.actions_, self)
        self.notice = Notice(self)
        self._way_out = ""  # the command that the notice offers
        self.references = ReferencesPanel(session, views, self)
        self.stage = Stage(session, views, motion_ms, self)
        self.work_bar = WorkBar(session, views, self.actions_, self.stage, self)
        self.mark_bar = MarkBar(session, views, self.actions_, self.stage, self)
        self.pair_bar = PairBar(session, views, self.actions_, self.stage, self)
        self.brief = BriefPanel(session, views, motion_ms, self)
        self.insight = Insight(session, views, self.actions_, self)
        self.gallery = GalleryPanel(session, views, self)
        self.files = FileCommands(session, self.actions_, apply, self)
        self.exports = ExportCommands(session, self.actions_, self.gallery, self)
        self.places = PlaceKeeper(session, views, self.gallery, self.references)
        self.slideshow = Slideshow(session, self.actions_, self.gallery)
        self.works = WorkCommands(session, views, self.actions_, self.gallery, self.stage)
        places = self.stage, self.gallery, self.work_bar.export
        self.carry = CarryOut(session, views, self.actions_, *places)
        panels = self.stage, self.gallery, self.references
        self.menus = WorkMenus(session, views, self.actions_, *panels)
        self._lay_out()
        self._connect()
        self._restore(settings.geometry, settings.window_state)
        self.setAcceptDrops(True)
        self._on_shown_changed()
        self.retranslate()
        self.stage.setFocus()

    # ---- building ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        middle = QWidget(self)
        editors = [wall.bar for wall in self.stage.walls.values() if wall.bar is not None]
        bars = self.pair_bar, self.work_bar, *editors, self.mark_bar
        middle.setLayout(column(self.stage, *bars, gap=0))
        inner, self._across = QSplitter(Qt.Orientation.Horizontal), QSplitter()
        for panel in (middle, self.insight):
            inner.addWidget(panel)
        for panel in (self.references, inner, self.brief):
            self._across.addWidget(panel)
        self._down = QSplitter(Qt.Orientation.Vertical)
        self._down.addWidget(self._across)
        self._down.addWidget(self.gallery)
        for splitter in (inner, self._across, self._down):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(1)
        inner.setStretchFactor(0, 1)
        self._across.setStretchFactor(1, 1)
        self._down.setStretchFactor(0, 1)
        page = QWidget(self)
        lines = column(self.top_bar, self.notice, self._down, gap=0)
        lines.setStretch(2, 1)
        page.setLayout(lines)
        self.notice.setContentsMargins(16, 8, 8, 8)
        self.setCentralWidget(page)
        self._across.setSizes([268, 896, 276])
        self._down.setSizes([680, 176])
        self._panels = {name: getattr(self, name) for name in _PANELS}

    def _connect(self) -> None:
        for name in _PANELS:
            self.actions_[name].setChecked(True)
            self.actions_[name].toggled.connect(self._panels[name].setVisible)
        self.actions_["panels"].triggered.connect(self._on_panels_toggled)
        self.actions_["slideshow"].toggled.connect(self._show_alone)
        self.works.alone_left = self._on_escape
        self.actions_["next_panel"].triggered.connect(self._on_next_panel)
        self.actions_["fullscreen"].toggled.connect(self._on_fullscreen)
        learned = partial(self.insight.show_page, "learned")
        self.brief.make_panel.taste.learned_asked.connect(learned)
        self.insight.report.all_asked.connect(self.actions_["overview"].trigger)
        self.insight.opened.connect(self._make_room)
        self.insight.closed.connect(lambda: self.stage.focus_home().setFocus())
        self.brief.make_panel.make_asked.connect(self.actions_["make"].trigger)
        self.stage.shown_changed.connect(self._on_shown_changed)
        self.references.read_asked.connect(self.stage.read)
        self.actions_["filter"].triggered.connect(lambda: self.actions_["gallery"].setChecked(True))
        self.actions_["filter"].triggered.connect(self.gallery.offer_filters)
        self.actions_["search"].triggered.connect(lambda: self.actions_["gallery"].setChecked(True))
        self.actions_["search"].triggered.connect(self.gallery.finder.begin)
        self.stage.empty.choose_asked.connect(self.actions_["add"].trigger)
        self.stage.empty.samples_asked.connect(self.files.load_samples)
        for part in (self.references.style_line.generator, self.brief.make_panel.warning):
            part.models_asked.connect(self.actions_["models"].trigger)
        self.references.add.clicked.connect(self.actions_["add"].trigger)
        self.references.slot.clicked.connect(self.actions_["add"].trigger)
        self.work_bar.stars.rated.connect(self.works.rate)
        fill_recent = partial(self.files.fill_recent, self.top_bar.recent_menu)
        for menu in (self.top_bar.menu, self.top_bar.recent_menu):
            menu.aboutToShow.connect(fill_recent)
        show_brief = partial(self.actions_["brief"].setChecked, True)
        for controller in self.session.controllers.values():
            controller.begun.connect(show_brief)  # where one sees what was begun
        self._workspace.problem_raised.connect(self.tell)
        self._workspace.problem_over.connect(self._on_problem_over)
        self.actions_["restart_engine"].triggered.connect(self.session.restart_engine)
        self._workspace.project_changed.connect(self._on_project_changed)
        self._workspace.project_moved.connect(self.retranslate)
        self._workspace.references_changed.connect(self._on_references_changed)
        self.session.project_left.connect(self._on_project_left)
        self.notice.acted.connect(self._on_way_out)
        self.actions_["show_references"].triggered.connect(self.session.opening.resume)
        self._watch_history()

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

    # ---- panels --------------------------------------------------------------------------------

    def _on_panels_toggled(self) -> None:
        """Hide all but the work, or bring all back."""
        bare = not self.top_bar.isHidden()
        for name in _PANELS:
            self.actions_[name].setChecked(not bare)
        if bare:
            self.insight.show_page("")
        self.top_bar.setVisible(not bare)
        self._on_shown_changed()
        self.stage.focus_home().setFocus()

    def _show_alone(self, alone: bool) -> None:
        """The work alone, or all of the window."""
        if self.top_bar.isHidden() is not alone:
            self._on_panels_toggled()

    def _on_escape(self) -> bool:
        """From the work alone back to all; False when all is there."""
        alone = self.top_bar.isHidden()
        self.slideshow.end()
        self._show_alone(False)
        return alone

    def _on_next_panel(self) -> None:
        """F6 walks the panels, so that the focus gets everywhere without the mouse."""
        stage = self.stage.focus_home()
        homes = [self.references.add, stage, self.insight.close_button]
        homes += [self.brief.first(), self.gallery.first()]
        homes = [home for home in homes if home.isVisible()]
        focus = self.focusWidget()
        inside = [focus is not None and _room(home).isAncestorOf(focus) for home in homes]
        place = inside.index(True) + 1 if any(inside) else 0
        homes[place % len(homes)].setFocus(Qt.FocusReason.TabFocusReason)

    def _make_room(self) -> None:
        """In a small window the references step back for what is opened beside the work."""
        if self.width() < _ROOMY_PX:
            self.actions_["references"].setChecked(False)

    def _on_fullscreen(self, full: bool) -> None:
        self.showFullScreen() if full else self.showNormal()

    def set_motion(self, motion_ms: int) -> None:
        self.stage.set_motion(motion_ms)
        self.brief.set_motion(motion_ms)

    def _restore(self, geometry: str, state: str) -> None:
        if not geometry or not self.restoreGeometry(_state(geometry)):
            self.resize(first_size(self.screen().availableSize()))
        across, _, down = state.partition(" ")
        if down:
            self._across.restoreState(_state(across))
            self._down.restoreState(_state(down))

    # ---- facts ---------------------------------------------------------------------------------

    def tell(self, *told: Problem) -> None:
        """All of them in the line over the panels, with the way out of the last that has one."""
        if not told:
            return
        self._offers_way_back = False
        self._way_out = next((each.way_out for each in reversed(told) if each.way_out), "")
        words = t(f"action.{self._way_out}") if self._way_out else t("problem.retry")
        has_way = self._way_out or any(each.retry for each in told)
        self.notice.show_text("\n".join(each.text for each in told), words if has_way else "")

    def _on_problem_over(self, problem: Problem) -> None:
        if self.notice.text() == problem.text:
            self.notice.show_text("")

    def _on_shown_changed(self) -> None:
        """Under the stage is the bar of what is shown there; alone with the work there is none."""
        bare, covered = self.top_bar.isHidden(), self.stage.covers_work
        marking = self.stage.marking.is_open
        other = covered or marking or self.stage.overview.is_open
        self.work_bar.setVisible(not bare and not other)
        self.mark_bar.setVisible(not bare and marking)
        for wall in self.stage.walls.values():
            if wall.bar is not None:
                wall.bar.setVisible(not bare and wall.covers_work)
        self.pair_bar.setVisible(not bare and not covered and self.stage.is_comparing)
        self._show_history()

    def _on_way_out(self) -> None:
        """Of the line over the panels: back to the project that was left, what its problem names,
        or the engine once more."""
        self.notice.show_text("")
        if self._offers_way_back:
            self.session.go_back()
        elif self._way_out:
            self.actions_[self._way_out].trigger()
        else:
            self.session.client.start()

    def _on_project_left(self, name: str) -> None:
        self._offers_way_back = True
        words = t("project.left", name=name)
        self.notice.show_text(words, t("project.go_back"), calm=True)
        self._show_history()

    def _on_project_changed(self) -> None:
        if self._offers_way_back:
            self._end_way_back()
        self._watch_history()
        self.retranslate()
        self.stage.setFocus()  # not some field of the brief that was shown before

    def _end_way_back(self) -> None:
        self._offers_way_back = False
        self.notice.show_text("")

    def _on_references_changed(self) -> None:
        """Something is in the project: it has a name, and undoing is about it."""
        self._show_name()
        if self._offers_way_back and not self.session.can_go_back:
            self._end_way_back()
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
        if event.mimeData().hasFormat(OWN):
            event.acceptProposedAction()  # where it may fall is seen when it moves
        elif intake.accepts(event.mimeData()):
            event.acceptProposedAction()
            self.references.slot.invite(True)
            self.stage.empty.invite(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """A work of ours falls among the references alone: a slip of the hand adds nothing."""
        if event.mimeData().hasFormat(OWN):
            inside = self._is_over_references(event.position().toPoint())
            self.references.slot.invite(inside)
            event.setAccepted(inside)

    def _is_over_references(self, point: QPoint) -> bool:
        panel = self.references
        return panel.isVisible() and panel.rect().contains(panel.mapFrom(self, point))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._calm()

    def dropEvent(self, event: QDropEvent) -> None:
        self._calm()
        own = event.mimeData().hasFormat(OWN)
        if own and not self._is_over_references(event.position().toPoint()):
            event.ignore()
            return
        event.acceptProposedAction()
        self.files.drop(event.mimeData())

    def _calm(self) -> None:
        self.references.slot.invite(False)
        self.stage.empty.invite(False)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.files.close_pages()
        across, down = self._across.saveState(), self._down.saveState()
        with suppress(MaquetteError):  # settings that cannot be kept: nobody waits for these
            self.session.settings.update(
                geometry=_text(self.saveGeometry()), window_state=f"{_text(across)} {_text(down)}"
            )
        self.session.close()
        self.places.end()
        super().closeEvent(event)


def first_size(screen: QSize) -> QSize:
    """Of a window that was never opened: with a margin, so that its frame is on the screen, too."""
    room = QSize(round(screen.width() * _FIRST_SHARE), round(screen.height() * _FIRST_SHARE))
    return _FIRST.boundedTo(room)


def _state(text: str) -> QByteArray:
    """Empty for what is no base64: Qt then changes nothing."""
    return QByteArray.fromBase64(text.encode("ascii", "replace"))


def _text(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode()


def _room(home: QWidget) -> QWidget:
    """The panel that a focusable widget stands in."""
    room: QWidget | None = home
    while room is not None and room.objectName() not in ("SidePanel", "Stage", "GalleryPanel"):
        room = room.parentWidget()
    return room or home
