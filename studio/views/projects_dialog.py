"""All projects that there are, with their covers: the newest first, a double click opens one."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from studio.i18n import t
from studio.project.shelf import Glance
from studio.state.png import decode
from studio.state.project_names import day, project_name
from studio.views.dialogs import PlainDialog
from studio.views.medium_view import CELL_SIZE
from studio.widgets import theme
from studio.widgets.base import label
from studio.widgets.buttons import TextButton

_PATH = Qt.ItemDataRole.UserRole
_COLUMNS, _TALL_PX = 4, 460


class Covers(QListWidget):
    """Pictures with words under them, as many in a line as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Covers")
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setMovement(QListWidget.Movement.Static)
        self.setIconSize(CELL_SIZE)
        self.setWordWrap(True)
        self.setGridSize(QSize(CELL_SIZE.width() + 24, CELL_SIZE.height() + 96))


class ProjectsDialog(PlainDialog):
    """`choice` is the file that was chosen, or None."""

    def __init__(self, found: Sequence[Glance], parent: QWidget | None = None) -> None:
        super().__init__(t("projects.title"), _COLUMNS * (CELL_SIZE.width() + 24) + 80, parent)
        self.choice: Path | None = None
        self.list = Covers()
        self.list.setMinimumHeight(_TALL_PX)
        self.list.setAccessibleName(t("projects.list"))
        for one in found:
            self.list.addItem(item_of(one))
        self.list.itemActivated.connect(self._on_activated)
        self.list.itemDoubleClicked.connect(self._on_activated)
        nothing = label("dim")
        nothing.setText(t("projects.none"))
        nothing.setVisible(not found)
        self.list.setVisible(bool(found))
        self.open_button, close = TextButton("primary"), TextButton()
        self.open_button.set_words(t("projects.open"))
        self.open_button.setEnabled(bool(found))
        self.open_button.clicked.connect(lambda: self._on_activated(self.list.currentItem()))
        close.set_words(t("dialog.close"))
        close.clicked.connect(self.reject)
        self.put(self.list, nothing)
        self.put_buttons(close, self.open_button)
        if found:
            self.list.setCurrentRow(0)

    def _on_activated(self, item: QListWidgetItem | None) -> None:
        if item is not None and self.choice is None:
            self.choice = Path(item.data(_PATH))
            self.accept()


def item_of(one: Glance) -> QListWidgetItem:
    when = f"{day(one.changed)}, {one.changed:%H:%M}"
    name, facts = project_name(one), t("projects.facts", date=when, n=one.works)
    item = QListWidgetItem(icon_of(one.cover), f"{name}\n{facts}")
    item.setData(_PATH, str(one.path))
    item.setToolTip(str(one.path))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}, {facts}")
    return item


def icon_of(png: bytes) -> QIcon:
    """A cover that keeps its colours when it is chosen."""
    icon, cover = QIcon(), cover_of(png)
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(cover, mode)
    return icon


def cover_of(png: bytes) -> QPixmap:
    """The cover in the middle of a quiet ground; the ground alone where there is none."""
    ground, cover = QPixmap(CELL_SIZE * 2), QPixmap.fromImage(decode(png))
    ground.fill(QColor(theme.colours().raised))
    if not cover.isNull():
        smooth = Qt.TransformationMode.SmoothTransformation
        cover = cover.scaled(ground.size(), Qt.AspectRatioMode.KeepAspectRatio, smooth)
        painter = QPainter(ground)
        left, top = ground.width() - cover.width(), ground.height() - cover.height()
        painter.drawPixmap(left // 2, top // 2, cover)
        painter.end()
    return ground
