"""A window that works on texts."""

import pytest
from pytestqt.qtbot import QtBot

from studio.views.main_window import MainWindow
from tests.studio.at_work import learn_from, make
from tests.studio.windows import text_wall


@pytest.fixture
def window(qtbot: QtBot, make_window, texts) -> MainWindow:
    """A window that has learned from three texts."""
    one = make_window()
    learn_from(qtbot, one, texts, form="五绝")
    return one


@pytest.fixture
def made(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """Three texts in the gallery, the newest one on the wall."""
    make(qtbot, window)
    qtbot.waitUntil(lambda: not window.session.generation.is_busy, timeout=8000)
    qtbot.waitUntil(lambda: len(text_wall(window).pages.pages()) == 1, timeout=8000)
    text_wall(window).pages.setFocus()
    return window
