"""Every key on one page."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from studio.i18n import t
from studio.views.actions import GROUPS, LOOSE, Actions
from studio.views.dialogs import PlainDialog
from studio.widgets.base import column, label, row
from studio.widgets.buttons import TextButton

_SHARE = 0.8  # of the screen, at most
_HEARD = ["to_start"]  # loose keys that are about music alone
_STARS = "rate_1", "rate_2", "rate_3", "rate_4", "rate_5"


def _group(actions: Actions, title: str, names: list[str]) -> QWidget:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    for place, name in enumerate(names):
        words, key = label("dim"), label("key")
        stars = name == "rate_1"
        words.setText(t("shortcuts.rate") if stars else actions[name].text())
        key.setText("1 – 5" if stars else actions.key(name))
        grid.addLayout(row(key, None), place, 0)
        grid.addWidget(words, place, 1)
    grid.setColumnMinimumWidth(0, 104)
    grid.setColumnStretch(1, 1)
    heading, page = label("heading"), QWidget()
    heading.setText(title)
    page.setLayout(column(heading, grid, None, gap=10))
    return page


class ShortcutsSheet(PlainDialog):
    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(t("action.shortcuts"), 640, parent)
        pages: dict[str, QWidget] = {}
        for group, keys in GROUPS.items():
            names = [name for name, key in keys.items() if key and name not in _STARS[1:]]
            if group == "look":
                names += [name for name in LOOSE if name not in _HEARD]
            elif group == "hear":
                names += _HEARD
            pages[group] = _group(actions, t(f"shortcuts.{group}"), names)
        rooms = (("project", "make"), ("hear", "judge"), ("look",))  # no higher than a small screen
        columns = [column(*(pages[name] for name in names), None, gap=20) for names in rooms]
        body = QWidget()
        body.setLayout(row(*columns, gap=32))
        self.put(scrolling(body, self.screen().availableSize() * _SHARE))
        close = TextButton()
        close.set_words(t("dialog.close"))
        close.clicked.connect(self.accept)
        self.put_buttons(close)
        self.setMinimumSize(self.minimumSizeHint())  # Qt would show two thirds of a screen


def scrolling(body: QWidget, most: QSize) -> QScrollArea:
    """All of it where the screen has room for that; else it scrolls, and no line is cut off."""
    scroll = QScrollArea()
    scroll.setWidget(body)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    for part in (body, *body.findChildren(QWidget)):
        part.ensurePolished()  # or it would be measured in another face
    whole = body.sizeHint() + QSize(12, 12)  # and the bars
    scroll.setMinimumSize(whole.boundedTo(most))
    return scroll
