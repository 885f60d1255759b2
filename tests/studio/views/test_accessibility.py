"""Everything has a name that a screen reader can say, and the keyboard gets everywhere."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QLineEdit,
    QProgressBar,
)

from studio import i18n
from studio.views.about_dialog import AboutDialog
from studio.views.main_window import MainWindow
from studio.views.settings_dialog import SettingsDialog
from studio.views.shortcuts_sheet import ShortcutsSheet
from tests.studio.windows import controls, drop, files

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def window(qtbot, make_window, folder) -> MainWindow:
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


def test_dialogs_have_names_too(qtbot, window: MainWindow) -> None:
    dialogs: list[QDialog] = [
        SettingsDialog(window.session, lambda: None, window),
        AboutDialog(window.session, window),
        ShortcutsSheet(window.actions_, window),
    ]
    for dialog in dialogs:
        qtbot.addWidget(dialog)
        assert dialog.windowTitle()
        for control in controls(dialog):
            assert control.accessibleName().strip(), type(control).__name__


def test_every_icon_button_tells_what_it_does(window: MainWindow) -> None:
    for button in window.findChildren(QAbstractButton):
        inner = button.objectName().startswith("qt_") or isinstance(button.parent(), QLineEdit)
        if not button.icon().isNull() and not inner:
            assert button.toolTip(), button.accessibleName()
