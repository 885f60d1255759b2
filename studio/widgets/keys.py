"""Keys that several widgets ask about."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent


def is_tab(event: QEvent) -> bool:
    """Whether this is the bare Tab key going down."""
    return (
        isinstance(event, QKeyEvent)
        and event.type() == QEvent.Type.KeyPress
        and event.key() == Qt.Key.Key_Tab
        and not event.modifiers()
    )
