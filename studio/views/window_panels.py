"""How the panels stand around the work: their sizes, what is folded away, the way among them."""

import base64
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt
from PySide6.QtWidgets import QSplitter, QWidget

from studio.views.actions import Actions
from studio.views.brief_panel import BriefPanel
from studio.views.gallery_panel import GalleryPanel
from studio.views.insight import PAGES, Insight
from studio.views.references_panel import ReferencesPanel
from studio.views.stage import Stage
from studio.views.top_bar import TopBar
from studio.widgets.base import column

_FIRST, _FIRST_SHARE = QSize(1920, 1200), 0.92  # at most so large, of the screen
_LEAST_PX = 760  # as wide as the work alone with the widest bar under it
_ROOMY_PX = 490  # of the work, beside a page
_LINE_PX = 1
PAGE = "page"


class WindowPanels(QWidget):
    """All below the top bar and the line of problems."""

    def __init__(
        self,
        actions: Actions,
        top_bar: TopBar,
        references: ReferencesPanel,
        stage: Stage,
        bars: tuple[QWidget, ...],
        insight: Insight,
        brief: BriefPanel,
        gallery: GalleryPanel,
        parent: QWidget | None = None,
    ) -> None:
        """`bars` stand under the stage. `bare_changed()` follows when all but the work is hidden,
        or comes back."""
        super().__init__(parent)
        self.bare_changed: Callable[[], None] = lambda: None
        self._actions, self._top_bar, self._stage = actions, top_bar, stage
        self._references, self._insight, self._brief = references, insight, brief
        self._gallery = gallery
        self._by_name = {"references": references, "brief": brief, "gallery": gallery}
        self._asked = ["references", "brief", PAGE]  # beside the work, what was asked for last last
        self._folded: set[str] = set()  # for want of room; they come back with it
        self._fits = False  # whether panels are being folded just now
        self._lay_out(bars)
        for name, panel in self._by_name.items():
            actions[name].setChecked(True)
            actions[name].toggled.connect(panel.setVisible)
            actions[name].toggled.connect(partial(self._on_toggled, name))
        actions["panels"].triggered.connect(self.toggle_bare)
        actions["next_panel"].triggered.connect(self._on_next_panel)
        insight.opened.connect(partial(self._on_toggled, PAGE, True))
        insight.closed.connect(lambda: stage.focus_home().setFocus())

    def _lay_out(self, bars: tuple[QWidget, ...]) -> None:
        middle = self._middle = QWidget(self)
        middle.setLayout(column(self._stage, *bars, gap=0))
        self.setMinimumWidth(_LEAST_PX)  # what has no room then is folded
        inner, self._across = QSplitter(Qt.Orientation.Horizontal), QSplitter()
        for panel in (middle, self._insight):
            inner.addWidget(panel)
        for panel in (self._references, inner, self._brief):
            self._across.addWidget(panel)
        self._down = QSplitter(Qt.Orientation.Vertical)
        self._down.addWidget(self._across)
        self._down.addWidget(self._gallery)
        for splitter in (inner, self._across, self._down):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(_LINE_PX)
        inner.setStretchFactor(0, 1)
        self._across.setStretchFactor(1, 1)
        self._down.setStretchFactor(0, 1)
        self._across.setSizes([268, 896, 276])
        self._down.setSizes([680, 176])
        self.setLayout(column(self._down, gap=0))

    # ---- all but the work ----------------------------------------------------------------------

    @property
    def is_bare(self) -> bool:
        """Whether the work is alone in the window."""
        return self._top_bar.isHidden()

    def toggle_bare(self) -> None:
        """Hide all but the work, or bring all back."""
        bare = not self.is_bare
        for name in self._by_name:
            self._actions[name].setChecked(not bare)
        if bare:
            self._insight.show_page("")
        self._top_bar.setVisible(not bare)
        self.bare_changed()
        self._stage.focus_home().setFocus()

    def show_alone(self, alone: bool) -> None:
        """The work alone, or all of the window."""
        if self.is_bare is not alone:
            self.toggle_bare()

    def _on_next_panel(self) -> None:
        """F6 walks the panels, so that the focus gets everywhere without the mouse."""
        homes = [self._references.add, self._stage.focus_home(), self._insight.close_button]
        homes += [self._brief.first(), self._gallery.first()]
        homes = [home for home in homes if home.isVisible()]
        focus = self.window().focusWidget()
        inside = [focus is not None and _room(home).isAncestorOf(focus) for home in homes]
        place = inside.index(True) + 1 if any(inside) else 0
        homes[place % len(homes)].setFocus(Qt.FocusReason.TabFocusReason)

    # ---- what has room -------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (event.Type.LayoutRequest, event.Type.Resize, event.Type.Show):
            self._fit()
        return done

    def _on_toggled(self, name: str, on: bool) -> None:
        """What the artist asks for keeps its room longest."""
        if self._fits or name not in self._asked:
            return
        self._folded.discard(name)
        if on:
            self._asked.remove(name)
            self._asked.append(name)
        self._fit()

    def _fit(self) -> None:
        """Fold panels until the rest has room, and unfold what has room again."""
        if self._fits or not self.isVisible() or self.is_bare:
            return
        self._fits = True
        least = self._middle.minimumSizeHint().width()
        room, spare = self.width() - least, max(0, _ROOMY_PX - least)
        room -= sum(self._wide(name) for name in self._asked if self._is_open(name))
        for name in self._asked:
            if room < self._wanted(name, spare) and self._is_open(name):
                room += self._wide(name)
                self._fold(name)
        for name in reversed(self._asked):
            if name in self._folded and room >= self._wide(name) + self._wanted(name, spare):
                room -= self._wide(name)
                self._folded.discard(name)
                self._actions[name].setChecked(True)
        self._fits = False

    def _wanted(self, name: str, spare: int) -> int:
        """What has to be left beside a panel: the references leave the work more than the least
        where a page is open."""
        return spare if name == "references" and self._is_open(PAGE) else 0

    def _fold(self, name: str) -> None:
        """A page is closed, any other panel comes back as soon as there is room."""
        if name == PAGE:
            self._insight.show_page("")
        else:
            self._folded.add(name)
            self._actions[name].setChecked(False)

    def _is_open(self, name: str) -> bool:
        names = PAGES if name == PAGE else (name,)
        return any(self._actions[each].isChecked() for each in names)

    def _wide(self, name: str) -> int:
        """With the line beside it."""
        panel = self._insight if name == PAGE else self._by_name[name]
        return panel.minimumWidth() + _LINE_PX

    # ---- sizes ---------------------------------------------------------------------------------

    def state(self) -> str:
        """The sizes of the panels as text."""
        return f"{text_of(self._across.saveState())} {text_of(self._down.saveState())}"

    def restore(self, state: str) -> None:
        """Sizes that `state` gave; anything else changes nothing."""
        across, _, down = state.partition(" ")
        if down:
            self._across.restoreState(bytes_of(across))
            self._down.restoreState(bytes_of(down))


def first_size(screen: QSize) -> QSize:
    """Of a window that was never opened: with a margin, so that its frame is on the screen, too."""
    room = QSize(round(screen.width() * _FIRST_SHARE), round(screen.height() * _FIRST_SHARE))
    return _FIRST.boundedTo(room)


def bytes_of(text: str) -> QByteArray:
    """Empty for what is no base64: Qt then changes nothing."""
    return QByteArray.fromBase64(text.encode("ascii", "replace"))


def text_of(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode()


def _room(home: QWidget) -> QWidget:
    """The panel that a focusable widget stands in."""
    room: QWidget | None = home
    while room is not None and room.objectName() not in ("SidePanel", "Stage", "GalleryPanel"):
        room = room.parentWidget()
    return room or home
