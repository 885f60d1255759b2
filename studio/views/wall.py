"""What the stage asks of the wall of a medium."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.protocol import Preview
from studio.project.rows import WorkRow
from studio.widgets.base import Panel
from studio.widgets.parts import Parts


class Wall(Panel):
    """Shows finished works, or works that grow: the newest state of each index of one job.

    A wall may have an editor: something is painted, or written over, in the place of the works.
    """

    grown = Signal()  # there is more to see of the works that grow
    looked = Signal()  # the way of looking changed: zoom, size, direction
    edit_asked = Signal()  # of the work that is looked at
    editor_asked = Signal()  # of what the brief starts from
    editing_changed = Signal()  # the editor was opened, used or closed
    leave_asked = Signal()  # be done with the editor
    picked = Signal(int)  # of several works that hang here, by its place

    parts: Parts  # of works, that can be liked or not
    bar: QWidget | None = None  # of the editor, in the place of the work's bar
    edits_works = False  # whether finished works can be edited

    @property
    def canvas(self) -> QWidget:
        """Where finished works are seen."""
        raise NotImplementedError

    def focus_home(self) -> QWidget:
        """What takes the keys."""
        return self.canvas

    def set_motion(self, motion_ms: int) -> None:
        """How long things may move."""

    def tell(self, words: str) -> None:
        """What is seen, in words; a wall that tells its own content has no need of them."""

    def forget(self) -> None:
        """Another project is open: what is known of works by their ids is of none of its works."""

    # ---- works that grow -----------------------------------------------------------------------

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

    # ---- finished works, and references --------------------------------------------------------

    def hang(self, works: tuple[int, ...]) -> bool:
        """Show these; False while they are being read: what hangs there stays until then."""
        raise NotImplementedError

    def are_alternatives(self, works: tuple[int, ...]) -> bool:
        """Whether one of these works, which were made together, is to be chosen."""
        return False

    def show_reference(self, reference_id: int) -> bool:
        """Show the whole of a reference; False while it is being read."""
        raise NotImplementedError

    # ---- editing -------------------------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        return False

    @property
    def covers_work(self) -> bool:
        """Whether what is edited is not the work: it cannot be seen or judged now."""
        return False

    def edit(self, work_id: int) -> None:
        """Open the editor on a work, where `edits_works`."""

    def open_editor(self) -> None:
        """After `editor_asked`."""

    def finish_editing(self) -> None:
        """Keep what was done, and close the editor; nothing happens where none is open."""

    def can_step(self, name: str) -> bool:
        """Whether the editor that covers the work has something to "undo" or "redo"."""
        return False

    def step(self, name: str) -> None:
        """Undo or redo in the editor that covers the work."""

    # ---- ways of looking -----------------------------------------------------------------------

    def zoom(self, steps: int) -> None:
        raise NotImplementedError

    def toggle_fit(self) -> None:
        raise NotImplementedError

    def scale(self) -> float | None:
        """Of what is shown: pixels of the screen for one of the work; None without a zoom."""
        return None

    def lets_works_go(self) -> bool:
        """Whether a pull with the mouse means nothing else here, and may carry the work away."""
        return False

    def is_fitted(self) -> bool:
        """Whether works are shown as large as the wall is."""
        return True

    # ---- actions of the window that mean something here ----------------------------------------

    def act(self, name: str, work_id: int | None) -> None:
        """Do what an action of this name means in this medium; nothing where it means nothing.

        work_id: of the work that can be judged now.
        """

    def is_on(self, name: str) -> bool:
        """Whether that action is checked."""
        return False

    def offers(self, name: str, work: WorkRow | None) -> bool:
        """Whether the bar under the work shows that action."""
        return False
