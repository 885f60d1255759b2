"""What the stage asks of a wall, whether pictures hang on it or texts."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.messages import Preview
from studio.widgets.base import Panel


class Wall(Panel):
    """Shows finished works, or works that grow: the newest state of each index of one job."""

    grown = Signal()  # there is more to see of the works that grow
    looked = Signal()  # the way of looking changed: zoom, size, direction

    def focus_home(self) -> QWidget:
        """What takes the keys."""
        raise NotImplementedError

    def begin(self, asked: Any) -> None:
        """Works of a new job grow from now on; without a brief it is a first look."""
        raise NotImplementedError

    def take(self, preview: Preview) -> None:
        raise NotImplementedError

    def has_growth(self) -> bool:
        raise NotImplementedError

    def show_growth(self) -> None:
        raise NotImplementedError

    def drop_growth(self) -> None:
        raise NotImplementedError

    def hang(self, works: tuple[int, ...]) -> bool:
        """Show these; False while they are being read: what hangs there stays until then."""
        raise NotImplementedError

    def zoom(self, steps: int) -> None:
        raise NotImplementedError

    def toggle_fit(self) -> None:
        raise NotImplementedError
