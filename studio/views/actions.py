"""Everything the keyboard can do: one table of names and keys, one QAction each."""

from collections.abc import Iterator

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from studio.i18n import t

# name → keys; a name's words are `action.<name>`. Groups are those of the shortcuts sheet.
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "project": {
        "new": ("Ctrl+N",),
        "open": ("Ctrl+O",),
        "save_as": ("Ctrl+Shift+S",),
        "export": ("Ctrl+E",),
        "undo": ("Ctrl+Z",),
        "redo": ("Ctrl+Shift+Z", "Ctrl+Y"),
        "settings": ("Ctrl+,",),
        "models": ("Ctrl+Shift+M",),
        "library": ("Ctrl+L",),
        "shortcuts": ("F1", "?"),
        "whats_this": ("Shift+F1",),
        "tour": (),
        "error_report": (),
        "about": (),
        "restart_engine": (),
        "show_references": (),
        "quit": ("Ctrl+Q",),
    },
    "make": {
        "add": ("Ctrl+I",),
        "paste": ("Ctrl+V",),
        "copy": ("Ctrl+C",),
        "make": ("Ctrl+Return", "Ctrl+Enter"),
        "suite": ("Ctrl+U",),
        "cancel": ("Esc",),
        "queue": ("Q",),
        "overnight": (),
        "vary": ("V",),
        "again": ("A",),
        "start": ("S",),
        "fill": ("F",),
        "extend": ("X",),
        "enlarge": ("L",),
        "go_on": (),
        "fill_bars": (),
        "accompany": (),
    },
    "hear": {
        "back": (",",),
        "forward": (".",),
        "swap": ("B",),
        "as_sound": (),
    },
    "judge": {
        "rate_1": ("1",),
        "rate_2": ("2",),
        "rate_3": ("3",),
        "rate_4": ("4",),
        "rate_5": ("5",),
        "rate_0": ("0",),
        "like": ("Y",),
        "dislike": ("N",),
        "mark": ("P",),
        "keep": ("K",),
        "compare": ("C",),
        "wipe": ("D",),
        "left_better": ("[",),
        "right_better": ("]",),
        "edit": ("E",),
        "tags": ("G",),
        "collect": ("O",),
        "hide": ("Shift+Del",),
        "report": ("J",),
        "overview": ("Shift+J",),
        "learned": ("W",),
        "lineage": ("I",),
    },
    "look": {
        "zoom_in": ("+", "="),
        "zoom_out": ("-",),
        "repeat": ("R",),
        "vertical": ("T",),
        "pictures": ("Ctrl+1",),
        "texts": ("Ctrl+2",),
        "music": ("Ctrl+3",),
        "media": ("Ctrl+M",),
        "references": ("Ctrl+[",),
        "brief": ("Ctrl+]",),
        "gallery": ("Ctrl+G",),
        "filter": ("Ctrl+F",),
        "search": ("/", "Ctrl+Shift+F"),
        "next_panel": ("F6",),
        "panels": ("H",),
        "fullscreen": ("F11",),
        "slideshow": ("F5",),
    },
}
# Keys that a widget under the focus may need itself; the window takes them when nobody did.
LOOSE = {"toggle_fit": "Space", "previous_work": "Left", "next_work": "Right"}
LOOSE["to_start"] = "Home"
_KEYS = {name: keys for group in GROUPS.values() for name, keys in group.items()}
CHECKABLE = ("references", "brief", "gallery", "fullscreen", "report", "overview", "learned")
CHECKABLE += (
    "queue",
    "lineage",
    "slideshow",
    "compare",
    "wipe",
    "edit",
    "vertical",
    "repeat",
    "mark",
)
CHECKABLE += ("as_sound",)


class Actions:
    """All actions by name, as children of the window they work in."""

    def __init__(self, window: QWidget) -> None:
        self._by_name: dict[str, QAction] = {}
        for group in GROUPS.values():
            for name, keys in group.items():
                self._by_name[name] = self._new(window, name, keys)
        for name in LOOSE:
            self._by_name[name] = self._new(window, name, ())
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def retranslate(self) -> None:
        for name, action in self._by_name.items():
            action.setText(t(f"action.{name}"))

    def key(self, name: str) -> str:
        """The first key of an action as people write it."""
        return key_words(name)

    @staticmethod
    def _new(window: QWidget, name: str, keys: tuple[str, ...]) -> QAction:
        action = QAction(window)
        action.setObjectName(name)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setCheckable(name in CHECKABLE)
        window.addAction(action)
        return action


def key_words(name: str) -> str:
    """The first key of an action as people write it; "" where it has none."""
    keys = LOOSE.get(name) or next(iter(_KEYS[name]), "")
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
