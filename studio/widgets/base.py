"""What every panel shares: words that follow the language, and rows and columns without boxes."""

from typing import TypeVar

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from studio.widgets import theme


class Panel(QWidget):
    """A part of the window. Subclasses put every word they show into `retranslate`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def retranslate(self) -> None:
        """Set every text, tooltip and accessible name anew."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


def row(*items: QWidget | QLayout | None, gap: int = theme.GRID_PX * 2) -> QHBoxLayout:
    """Side by side; None is the place that gives way."""
    return _fill(QHBoxLayout(), items, gap)


def column(*items: QWidget | QLayout | None, gap: int = theme.GRID_PX * 2) -> QVBoxLayout:
    """One under the other; None is the place that gives way."""
    return _fill(QVBoxLayout(), items, gap)


L = TypeVar("L", bound=QBoxLayout)


def _fill(layout: L, items: tuple[QWidget | QLayout | None, ...], gap: int) -> L:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)
    return layout


def header(*items: QWidget | QLayout | None) -> QHBoxLayout:
    """The line at the top of a side panel; as high in all of them."""
    line = row(*items)
    line.setContentsMargins(16, 8, 12, 4)
    line.addStrut(32)
    return line


def label(role: str = "", wrap: bool = False) -> QLabel:
    """A text of the type scale: "" plain, "dim", "small", "heading", "title" or "head"."""
    text = QLabel()
    text.setProperty("role", role)
    text.setWordWrap(wrap)
    text.setTextFormat(Qt.TextFormat.PlainText)
    return text


FACTS_PART = " · "


class Elided(QLabel):
    """One line with a … where the room ends; the whole text stands in the tooltip. Of several facts
    those that have room are shown whole. Where less than the share `least` of a text has room,
    nothing of it is shown: a hint of which one syllable is left says nothing."""

    def __init__(self, role: str = "", least: float = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole, self._least = "", least
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(24)

    @property
    def whole(self) -> str:
        return self._whole

    def set_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self._fit()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), max(24, self.width())
        facts = self._whole.split(FACTS_PART)
        while len(facts) > 1 and metrics.horizontalAdvance(FACTS_PART.join(facts)) > room:
            facts.pop()
        text = FACTS_PART.join(facts)
        enough = room >= self._least * metrics.horizontalAdvance(text)
        fitting = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        self.setText(fitting if enough else "")


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet looks at."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
