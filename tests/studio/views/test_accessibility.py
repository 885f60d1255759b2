"""Everything has a name that a screen reader can say, and the keyboard gets everywhere."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QProgressBar,
    QSlider,
    QTextEdit,
    QWidget,
)

from engine.messages import Medium
from studio import i18n
from studio.media.audio.tracks import Tracks
from studio.media.image.easel import Easel
from studio.media.text.pages import Pages
from studio.state.export import FORMATS
from studio.state.settings import SettingsStore
from studio.views.about_dialog import AboutDialog
from studio.views.export_dialog import ExportDialog
from studio.views.main_window import MainWindow
from studio.views.reference_card import ReferenceCard
from studio.views.references_panel import DropSlot
from studio.views.settings_dialog import SettingsDialog
from studio.views.shortcuts_sheet import ShortcutsSheet
from studio.widgets.stars import Stars
from tests.studio.views.test_window import drop, files, folder, make_window  # noqa: F401 - fixtures

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QListView, QSlider)
CONTROLS += (QPlainTextEdit, QTextEdit, QProgressBar, Easel, Pages, Tracks, Stars)
CONTROLS += (ReferenceCard, DropSlot)


def controls(root: QWidget) -> Iterator[QWidget]:
    """All that can be worked with, but for the inner parts of Qt's own widgets."""
    for widget in root.findChildren(QWidget):
        parent = widget.parentWidget()
        inner = widget.objectName().startswith("qt_") or isinstance(
            parent, QAbstractSpinBox | QComboBox
        )
        popup = parent is not None and "QComboBox" in parent.metaObject().className()
        if isinstance(widget, CONTROLS) and not inner and not popup:
            yield widget


@pytest.fixture
def window(qtbot, make_window, folder) -> MainWindow:  # noqa: F811
    window = make_window()
    drop(window, files(folder))
    qtbot.waitUntil(lambda: len(window.references.cards()) == 3, timeout=8000)
    return window


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_control_has_a_name(window: MainWindow, language: str) -> None:
    i18n.set_language(language)
    found = list(controls(window))
    assert len(found) > 40
    for control in found:
        name = control.accessibleName()
        assert name.strip(), (type(control).__name__, control.parentWidget())


def test_every_control_takes_the_focus_by_key(window: MainWindow) -> None:
    for control in controls(window):
        if not isinstance(control, QProgressBar):
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, type(control).__name__


def test_dialogs_have_names_too(qtbot, window: MainWindow, tmp_path) -> None:
    settings = SettingsStore(tmp_path / "other.json")
    dialogs: list[QDialog] = [
        SettingsDialog(settings, lambda: None, window),
        AboutDialog(window.session, window),
        ShortcutsSheet(window.actions_, window),
        ExportDialog({"this": [1], "kept": [1, 2]}, FORMATS[Medium.TEXT], window),
        ExportDialog({"this": [1]}, FORMATS[Medium.AUDIO], window),
    ]
    for dialog in dialogs:
        qtbot.addWidget(dialog)
        assert dialog.windowTitle()
        for control in controls(dialog):
            assert control.accessibleName().strip(), type(control).__name__


def test_every_icon_button_tells_what_it_does(window: MainWindow) -> None:
    for button in window.findChildren(QAbstractButton):
        if not button.icon().isNull() and not button.objectName().startswith("qt_"):
            assert button.toolTip(), button.accessibleName()
