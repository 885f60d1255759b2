"""What the bars under the work share: their ground, and buttons that stay pressed."""

from PySide6.QtWidgets import QWidget

from studio.views.medium_view import MediumView
from studio.widgets.base import Panel, restyle
from studio.widgets.buttons import IconButton

HEIGHT_PX = 48


class Bar(Panel):
    """A line of tools on the ground that works of a medium have."""

    def __init__(self, height_px: int = HEIGHT_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("WorkBar")
        self.setFixedHeight(height_px)

    def stand_under(self, view: MediumView) -> None:
        """Take the ground that works of this medium have."""
        ground = "neutral" if view.has_neutral_ground else "plain"
        if self.property("ground") != ground:
            restyle(self, ground=ground)


def press(button: IconButton, icon: str, on: bool) -> None:
    """A checkable button as it now is; pressed, its icon is filled."""
    button.setChecked(on)
    button.set_icon(icon, filled=on)


def show_liking(like: IconButton, dislike: IconButton, liked: bool | None) -> None:
    """Two thumbs, of which one or none is pressed."""
    press(like, "thumbs-up", liked is True)
    press(dislike, "thumbs-down", liked is False)
