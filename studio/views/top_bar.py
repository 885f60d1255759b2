"""The line above all: what is open, the menu, and how the engine does."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from studio.client.engine_client import EngineState
from studio.i18n import t
from studio.state.project_names import name_of
from studio.state.session import Session
from studio.views.actions import Actions
from studio.widgets import theme
from studio.widgets.base import Elided, Panel, label, row
from studio.widgets.buttons import IconButton
from studio.widgets.segments import Segments

_HEIGHT_PX = 44
_MENU = (
    ("new", "open", "recent", "save_as"),
    ("add", "paste", "copy", "export"),
    ("queue", "overnight"),
    ("report", "overview", "learned", "lineage", "slideshow"),
    ("library", "suite"),
    ("settings", "models"),
    ("help",),
    ("quit",),
)
_HELP = ("tour", "whats_this", "shortcuts", "error_report", "about")


class _Dot(QWidget):
    """Filled while the engine works, a ring while it rests."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._working = False
        self.setFixedSize(QSize(10, 10))

    def set_working(self, working: bool) -> None:
        self._working = working
        self.update()

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = theme.colours()
        painter.setPen(c.accent if self._working else c.dim)
        if self._working:
            painter.setBrush(QColor(c.accent))
        painter.drawEllipse(2, 2, 6, 6)


class TopBar(Panel):
    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("TopBar")
        self.setFixedHeight(_HEIGHT_PX)
        self._session, self._workspace, self._actions = session, session.workspace, actions
        self._media = tuple(session.workspace.media)  # in the order of the window
        self.menu_button = IconButton("menu")
        self.menu = QMenu(self)
        self.recent_menu, self.help_menu = QMenu(self), QMenu(self)
        self.help_menu.addActions([actions[name] for name in _HELP])
        self._menus = {"recent": self.recent_menu, "help": self.help_menu}
        self.menu_button.setMenu(self.menu)
        self.menu_button.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self._name = Elided("strong")
        self._name.setMinimumWidth(160)
        self.media = Segments(tuple(range(len(self._media))))
        self.media.setFixedWidth(252)
        self._undo, self._redo = IconButton("undo-2"), IconButton("redo-2")
        self._insights = {
            "report": IconButton("scan-eye", toggle=True),
            "learned": IconButton("sprout", toggle=True),
        }
        self._folds = {
            "references": IconButton("panel-left", toggle=True),
            "gallery": IconButton("panel-bottom", toggle=True),
            "brief": IconButton("panel-right", toggle=True),
        }
        self._dot = _Dot(self)
        self._status = label("dim")
        buttons = [self._undo, self._redo, *self._insights.values(), *self._folds.values()]
        left = row(self.menu_button, self._name, None, gap=4)
        right = row(None, self._dot, self._status, *buttons, gap=4)
        right.insertSpacing(3, theme.GAP_PX)
        right.insertSpacing(6, theme.GAP_PX)
        right.insertSpacing(9, theme.GAP_PX)
        line = row(left, self.media, right, gap=4)
        line.setContentsMargins(8, 0, 8, 0)
        line.setStretch(0, 1)
        line.setStretch(2, 1)
        self.setLayout(line)
        self._fill_menu()
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        for button, name in (
            (self._undo, "undo"),
            (self._redo, "redo"),
            *((button, name) for name, button in (self._insights | self._folds).items()),
        ):
            action = self._actions[name]
            button.setCheckable(action.isCheckable())
            button.clicked.connect(action.trigger)
            if action.isCheckable():
                action.toggled.connect(button.setChecked)
        self.media.chosen.connect(lambda place: self._workspace.show_medium(self._media[place]))
        self._workspace.project_changed.connect(self.retranslate)
        for fact in (self._workspace.medium_changed, self._workspace.references_changed):
            fact.connect(self._show_media)
            fact.connect(self._show_name)
        self._session.engine_changed.connect(self._on_engine_changed)
        self._session.maker.changed.connect(self._on_engine_changed)
        self._session.adaptation.changed.connect(self._on_engine_changed)
        self._session.learning.changed.connect(self._on_engine_changed)

    def _fill_menu(self) -> None:
        for index, group in enumerate(_MENU):
            if index:
                self.menu.addSeparator()
            for name in group:
                if name in self._menus:
                    self.menu.addMenu(self._menus[name])
                else:
                    self.menu.addAction(self._actions[name])

    def retranslate(self) -> None:
        self._show_name()
        self.menu_button.set_words(t("top.menu"))
        for name, menu in self._menus.items():
            menu.setTitle(t(f"action.{name}"))
        self._undo.set_words(t("action.undo"), self._actions.key("undo"))
        self._redo.set_words(t("action.redo"), self._actions.key("redo"))
        for name, button in (self._insights | self._folds).items():
            button.set_words(t(f"action.{name}"), self._actions.key(name))
        media = [t(f"medium.{each.value}") for each in self._media]
        self.media.set_words(t("top.media"), media, t("what.media"))
        self._show_media()
        self._on_engine_changed()

    def _show_name(self) -> None:
        project = self._workspace.project
        self._name.set_text(name_of(project))
        self._name.setToolTip(str(project.path))

    def _show_media(self) -> None:
        """A choice only where there is one: when the project holds pictures and texts."""
        workspace = self._workspace
        self.media.setVisible(len(workspace.project.media() | {workspace.medium}) > 1)
        self.media.set_value(self._media.index(workspace.medium))

    def _on_engine_changed(self) -> None:
        state = self._session.client.state
        hello = self._session.client.hello
        device = hello.device if hello is not None else ""
        session = self._session
        parts = session.generation, session.adaptation, session.learning
        working = any(part.is_busy for part in parts)
        if state is EngineState.READY and device:
            doing = t("engine.working") if working else t("engine.idle")
            text = t("engine.status", device=device_words(device), doing=doing)
        else:
            text = t(f"engine.{state.value}")
        self._dot.set_working(working and state is EngineState.READY)
        self._status.setText(text)


def device_words(device: str) -> str:
    """ "CPU 2 cores" in the language of the window; other devices keep their name."""
    parts = device.split()
    if len(parts) == 3 and parts[0] == "CPU" and parts[1].isdigit():
        return t("engine.cpu", n=int(parts[1]))
    return device
