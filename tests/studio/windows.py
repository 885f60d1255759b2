"""The parts of a window that belong to one medium, by their own types; drops, and controls."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QProgressBar,
    QSlider,
    QTextEdit,
    QWidget,
)

from engine.protocol import Medium
from studio.media.audio.fields import MusicFields
from studio.media.audio.tracks import Tracks
from studio.media.audio.wall import MusicWall
from studio.media.image.easel import Easel
from studio.media.image.fields import PictureFields
from studio.media.image.wall import PictureWall
from studio.media.text.fields import TextFields
from studio.media.text.pages import Pages
from studio.media.text.wall import TextWall
from studio.views.brief_panel import BriefPanel
from studio.views.main_window import MainWindow
from studio.views.reference_card import ReferenceCard
from studio.views.references_panel import DropSlot
from studio.views.stage import Stage
from studio.widgets.stars import Stars


def _wall(where: MainWindow | Stage, medium: Medium):
    return (where if isinstance(where, Stage) else where.stage).walls[medium]


def _fields(where: MainWindow | BriefPanel, medium: Medium):
    return (where if isinstance(where, BriefPanel) else where.brief).fields[medium]


def picture_wall(where: MainWindow | Stage) -> PictureWall:
    wall = _wall(where, Medium.IMAGE)
    assert isinstance(wall, PictureWall)
    return wall


def text_wall(where: MainWindow | Stage) -> TextWall:
    wall = _wall(where, Medium.TEXT)
    assert isinstance(wall, TextWall)
    return wall


def music_wall(where: MainWindow | Stage) -> MusicWall:
    wall = _wall(where, Medium.AUDIO)
    assert isinstance(wall, MusicWall)
    return wall


def picture_fields(where: MainWindow | BriefPanel) -> PictureFields:
    fields = _fields(where, Medium.IMAGE)
    assert isinstance(fields, PictureFields)
    return fields


def text_fields(where: MainWindow | BriefPanel) -> TextFields:
    fields = _fields(where, Medium.TEXT)
    assert isinstance(fields, TextFields)
    return fields


def music_fields(where: MainWindow | BriefPanel) -> MusicFields:
    fields = _fields(where, Medium.AUDIO)
    assert isinstance(fields, MusicFields)
    return fields


def drop(window: MainWindow, mime: QMimeData) -> None:
    copy, left, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    window.dragEnterEvent(QDragEnterEvent(QPoint(5, 5), copy, mime, left, plain))
    window.dropEvent(QDropEvent(QPointF(5, 5), copy, mime, left, plain))


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QListView, QSlider)
CONTROLS += (QPlainTextEdit, QTextEdit, QProgressBar, Easel, Pages, Tracks, Stars)
CONTROLS += (ReferenceCard, DropSlot)


def controls(root: QWidget) -> Iterator[QWidget]:
    """All that can be worked with, but for the inner parts of Qt's own widgets."""
    for widget in root.findChildren(QWidget):
        parent = widget.parentWidget()
        inner = widget.objectName().startswith("qt_") or isinstance(
            parent, QAbstractSpinBox | QComboBox | QLineEdit
        )
        popup = parent is not None and "QComboBox" in parent.metaObject().className()
        if isinstance(widget, CONTROLS) and not inner and not popup:
            yield widget
