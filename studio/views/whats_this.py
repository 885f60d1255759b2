"""What does this do: a click on anything says it, in its own words."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QWhatsThis, QWidget


class WhatsThis(QObject):
    """Listens only while the artist asks; every control is explained by its tooltip."""

    def enter(self) -> None:
        QApplication.instance().installEventFilter(self)  # pyright: ignore[reportOptionalMemberAccess]
        QWhatsThis.enterWhatsThisMode()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.LeaveWhatsThisMode:
            QApplication.instance().removeEventFilter(self)  # pyright: ignore[reportOptionalMemberAccess]
        elif kind == QEvent.Type.QueryWhatsThis and isinstance(watched, QWidget):
            event.setAccepted(bool(explained(watched)))
            return event.isAccepted()
        elif kind == QEvent.Type.WhatsThis and isinstance(watched, QWidget):
            assert isinstance(event, QHelpEvent)
            if words := explained(watched):
                QWhatsThis.showText(event.globalPos(), words, watched)
                return True
        return False


def explained(widget: QWidget) -> str:
    """What is known of a control, or of the nearest thing that it is a part of: its name, and what
    it does."""
    part: QWidget | None = widget
    while part is not None and not part.toolTip():
        part = part.parentWidget()
    if part is None:
        return ""
    name, words = part.accessibleName(), part.toolTip()
    return words if not name or words.startswith(name) else f"{name}: {words}"
